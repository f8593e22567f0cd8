// SPDX-License-Identifier: GPL-2.0-only
/* All that the fuzzer can do, see iommu_group_fuzz.h; here what goes for any file descriptor */

#include <errno.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "iommu_group_fuzz.h"

static bool close_any(void)
{
	struct fuzz_fd *open = fuzz_draw_any_fd();

	fuzz_note("close %d", open->fd);
	if (open->fd < 0)
		return false;
	fuzz_close(open);
	return true;
}

static bool dup_any(void)
{
	struct fuzz_fd *open = fuzz_draw_any_fd();

	fuzz_note("dup %d", open->fd);
	return open->fd >= 0 &&
	       fuzz_keep(open->kind, dup(open->fd), open->address);
}

/* Where the next number is none of theirs yet */
#define VFIO_REQUESTS		22
#define IOMMUFD_REQUESTS	16

static unsigned int draw_request(bool of_iommufd)
{
	return of_iommufd ? _IO(IOMMUFD_TYPE, IOMMUFD_CMD_BASE + fuzz_draw(IOMMUFD_REQUESTS)) :
			    _IO(VFIO_TYPE, VFIO_BASE + fuzz_draw(VFIO_REQUESTS));
}

/* Words of any value, the first of which is most often a size that can be taken */
static bool malformed(void)
{
	struct fuzz_fd *open = fuzz_draw_any_fd();
	uint32_t argument[1024] = { };
	unsigned int request, i;

	request = draw_request((open->kind == FUZZ_IOMMUFD) != fuzz_one_in(8));
	for (i = 0; i < 16; i++)
		argument[i] = fuzz_one_in(4) ? fuzz_draw_number() : 0;
	if (!fuzz_one_in(4))
		argument[0] = 8 * (1 + fuzz_draw(8));
	fuzz_note("ioctl 0x%x of %d: %#x %#x %#x %#x", request, open->fd,
		  argument[0], argument[1], argument[2], argument[3]);
	if (open->fd < 0)
		return false;
	/*
	 * It is there to be refused, but by what knows the request: of one that nobody
	 * knows VFIO and iommufd say ENOTTY, a container without an IOMMU EINVAL.
	 */
	return ioctl(open->fd, request, argument) >= 0 ||
	       (errno != ENOTTY && errno != EINVAL);
}

const struct fuzz_op fuzz_ops[] = {
	{ "driver bound", 8, fuzz_bind },
	{ "driver unbound", 2, fuzz_unbind },
	{ "driver_override written", 2, fuzz_override },
	{ "driver probed", 3, fuzz_probe },
	{ "endpoint removed", 2, fuzz_remove_endpoint },
	{ "bridge removed", 1, fuzz_remove_bridge },
	{ "bus rescanned", 4, fuzz_rescan },
	{ "device rescanned", 1, fuzz_rescan_device },
	{ "virtual functions set", 2, fuzz_virtual_functions },
	{ "type written", 4, fuzz_write_type },
	{ "group read", 4, fuzz_read_group },
	{ "group file opened", 5, fuzz_open_file },
	{ "group file read", 3, fuzz_read_file },
	{ "group file written", 4, fuzz_write_file },
	{ "group taken", 10, fuzz_take_group },
	{ "container opened", 1, fuzz_open_container },
	{ "group opened", 5, fuzz_open_group },
	{ "container set", 4, fuzz_set_container },
	{ "container unset", 2, fuzz_unset_container },
	{ "container's IOMMU set", 4, fuzz_set_iommu },
	{ "group status", 2, fuzz_group_status },
	{ "device by group", 4, fuzz_get_device },
	{ "container mapped", 8, fuzz_map },
	{ "container unmapped", 4, fuzz_unmap },
	{ "device reset", 2, fuzz_device_reset },
	{ "config space", 3, fuzz_device_config },
	{ "device mmapped", 2, fuzz_device_mmap },
	{ "DMA begun", 4, fuzz_begin_dma },
	{ "cdev taken", 8, fuzz_take_cdev },
	{ "iommufd opened", 3, fuzz_open_iommufd },
	{ "cdev opened", 4, fuzz_open_cdev },
	{ "cdev bound to iommufd", 4, fuzz_cdev_bind },
	{ "cdev attached", 4, fuzz_cdev_attach },
	{ "cdev detached", 3, fuzz_cdev_detach },
	{ "IOAS made", 4, fuzz_ioas_alloc },
	{ "IOAS mapped", 8, fuzz_ioas_map },
	{ "IOAS unmapped", 4, fuzz_ioas_unmap },
	{ "IOAS copied", 5, fuzz_ioas_copy },
	{ "page table made", 5, fuzz_hwpt_alloc },
	{ "iommufd option", 2, fuzz_iommufd_option },
	{ "iommufd object destroyed", 3, fuzz_iommufd_destroy },
	{ "anything closed", 6, close_any },
	{ "anything duplicated", 2, dup_any },
	{ "malformed ioctl", 12, malformed },
};

const int fuzz_ops_number = ARRAY_SIZE(fuzz_ops);

bool fuzz_op_is_here(const struct fuzz_op *op)
{
	return op->once != fuzz_virtual_functions || fuzz_pf()[0];
}

static unsigned int weight_of(const struct fuzz_op *op)
{
	return fuzz_op_is_here(op) ? op->weight : 0;
}

int fuzz_draw_op(void)
{
	unsigned int sum = 0, drawn;
	int i;

	for (i = 0; i < fuzz_ops_number; i++)
		sum += weight_of(&fuzz_ops[i]);
	drawn = fuzz_draw(sum);
	for (i = 0; drawn >= weight_of(&fuzz_ops[i]); i++)
		drawn -= weight_of(&fuzz_ops[i]);
	return i;
}

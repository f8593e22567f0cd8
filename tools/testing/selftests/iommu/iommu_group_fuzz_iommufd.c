// SPDX-License-Identifier: GPL-2.0-only
/* What the fuzzer does with iommufd and VFIO's character devices, see iommu_group_fuzz.h */

#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "iommu_group_cdev.h"
#include "iommu_group_fuzz.h"

/* What there was last mostly; IDs count from 1 */
static uint32_t draw_id(const struct fuzz_fd *iommufd)
{
	if (iommufd->id && !fuzz_one_in(8))
		return iommufd->id;
	return fuzz_one_in(8) ? fuzz_draw_number() : 1 + fuzz_draw(8);
}

static struct fuzz_fd *open_iommufd(void)
{
	return fuzz_keep(FUZZ_IOMMUFD, open("/dev/iommu", O_RDWR | O_CLOEXEC), "");
}

static struct fuzz_fd *open_cdev(const char *address)
{
	struct edu edu = { .fd = -1 };

	snprintf(edu.address, sizeof(edu.address), "%s", address);
	return fuzz_keep(FUZZ_DEVICE, cdev_open(&edu), address);
}

static bool alloc_ioas(struct fuzz_fd *iommufd)
{
	uint32_t id;

	if (ioas_alloc(iommufd->fd, &id))
		return false;
	iommufd->id = id;
	return true;
}

/* All the way mostly, so that the other operations have something to work on */
bool fuzz_take_cdev(void)
{
	const char *address = fuzz_draw_bound("vfio-pci");
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD), *device;

	fuzz_note("take %s by its character device", address);
	if (iommufd->fd < 0 || fuzz_one_in(6))
		iommufd = open_iommufd();
	if (!iommufd || (!iommufd->id && !alloc_ioas(iommufd)))
		return false;
	device = open_cdev(address);
	if (fuzz_one_in(4))
		return device;
	return device && !cdev_bind(device->fd, iommufd->fd) &&
	       !cdev_attach(device->fd, iommufd->id);
}

bool fuzz_open_iommufd(void)
{
	fuzz_note("open iommufd");
	return open_iommufd();
}

bool fuzz_open_cdev(void)
{
	const char *address = fuzz_draw_bound("vfio-pci");

	fuzz_note("open the character device of %s", address);
	return open_cdev(address);
}

bool fuzz_cdev_bind(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);

	fuzz_note("bind %s to iommufd %d", device->address, iommufd->fd);
	return !cdev_bind(device->fd, iommufd->fd);
}

bool fuzz_cdev_attach(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);
	uint32_t id = draw_id(fuzz_draw_fd(FUZZ_IOMMUFD));

	fuzz_note("attach %s to %u", device->address, id);
	return !cdev_attach(device->fd, id);
}

bool fuzz_cdev_detach(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);

	fuzz_note("detach %s", device->address);
	return !cdev_detach(device->fd);
}

bool fuzz_ioas_alloc(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);

	fuzz_note("make an IOAS in iommufd %d", iommufd->fd);
	return alloc_ioas(iommufd);
}

bool fuzz_ioas_map(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = fuzz_one_in(4) ? fuzz_draw(8) : IOMMU_IOAS_MAP_FIXED_IOVA |
							 IOMMU_IOAS_MAP_READABLE |
							 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = draw_id(iommufd),
		.user_va = fuzz_draw_memory(),
		.length = fuzz_draw_length(),
		.iova = fuzz_draw_iova(),
	};

	fuzz_note("map %#llx at %#llx, %#llx bytes, in IOAS %u", map.user_va, map.iova,
		  map.length, map.ioas_id);
	return !ioctl(iommufd->fd, IOMMU_IOAS_MAP, &map);
}

bool fuzz_ioas_unmap(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);
	bool all = fuzz_one_in(4);
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = draw_id(iommufd),
		.iova = all ? 0 : fuzz_draw_iova(),
		.length = all ? UINT64_MAX : fuzz_draw_length(),
	};

	fuzz_note("unmap %#llx, %#llx bytes, in IOAS %u", unmap.iova, unmap.length,
		  unmap.ioas_id);
	return !ioctl(iommufd->fd, IOMMU_IOAS_UNMAP, &unmap);
}

/* Of what is mapped for that, as often as not */
bool fuzz_ioas_copy(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = fuzz_draw(8),
		.dst_ioas_id = draw_id(iommufd),
		.src_ioas_id = draw_id(iommufd),
		.length = EDU_PAGE,
		.dst_iova = fuzz_draw_iova(),
		.src_iova = fuzz_draw_iova(),
	};

	fuzz_note("copy %#llx to %#llx, from IOAS %u to %u", copy.src_iova,
		  copy.dst_iova, copy.src_ioas_id, copy.dst_ioas_id);
	if (fuzz_one_in(2))
		ioas_map(iommufd->fd, copy.src_ioas_id, (void *)fuzz_draw_memory(),
			 copy.src_iova);
	return !ioctl(iommufd->fd, IOMMU_IOAS_COPY, &copy);
}

/* The IDs of devices are among the first */
bool fuzz_hwpt_alloc(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.flags = fuzz_one_in(4) ? fuzz_draw(8) : 0,
		.dev_id = 2 + fuzz_draw(2),
		.pt_id = draw_id(iommufd),
	};

	fuzz_note("make a page table for device %u in %u", alloc.dev_id, alloc.pt_id);
	return !ioctl(iommufd->fd, IOMMU_HWPT_ALLOC, &alloc);
}

bool fuzz_iommufd_option(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);
	bool huge = fuzz_one_in(2);
	struct iommu_option option = {
		.size = sizeof(option),
		.option_id = huge ? IOMMU_OPTION_HUGE_PAGES : IOMMU_OPTION_RLIMIT_MODE,
		.op = fuzz_draw(2),
		.object_id = huge ? draw_id(iommufd) : 0,
		.val64 = fuzz_one_in(8) ? fuzz_draw_number() : fuzz_draw(2),
	};

	fuzz_note("%s option %u of %u", option.op ? "get" : "set", option.option_id,
		  option.object_id);
	return !ioctl(iommufd->fd, IOMMU_OPTION, &option);
}

bool fuzz_iommufd_destroy(void)
{
	struct fuzz_fd *iommufd = fuzz_draw_fd(FUZZ_IOMMUFD);
	struct iommu_destroy destroy = {
		.size = sizeof(destroy),
		.id = fuzz_one_in(2) ? draw_id(iommufd) : 1 + fuzz_draw(8),
	};

	fuzz_note("destroy %u", destroy.id);
	return !ioctl(iommufd->fd, IOMMU_DESTROY, &destroy);
}

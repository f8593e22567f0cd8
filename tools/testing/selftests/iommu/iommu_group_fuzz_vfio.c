// SPDX-License-Identifier: GPL-2.0-only
/* What the fuzzer does with groups of VFIO and their containers, see iommu_group_fuzz.h */

#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

#define VFIO_DRIVER	"vfio-pci"
/* As far as an edu's address lines reach */
#define EDU_ADDRESSES	((1 << 28) - 1)

/* All the way mostly, so that the other operations have something to work on */
bool fuzz_take_group(void)
{
	const char *address = fuzz_draw_bound(VFIO_DRIVER);
	struct fuzz_fd *container = fuzz_draw_fd(FUZZ_CONTAINER), *group;

	fuzz_note("take the group of %s", address);
	if (container->fd < 0 || fuzz_one_in(2))
		container = fuzz_keep(FUZZ_CONTAINER, type1_open(), "");
	group = fuzz_keep(FUZZ_GROUP, type1_open_group(sys_group_of(address)), address);
	if (!container || !group)
		return false;
	if (fuzz_one_in(4))
		return !ioctl(group->fd, VFIO_GROUP_SET_CONTAINER, &container->fd);
	if (type1_join(group->fd, container->fd))
		return false;
	return fuzz_keep(FUZZ_DEVICE, ioctl(group->fd, VFIO_GROUP_GET_DEVICE_FD, address),
			 address);
}

bool fuzz_open_container(void)
{
	fuzz_note("open a container");
	return fuzz_keep(FUZZ_CONTAINER, type1_open(), "");
}

bool fuzz_open_group(void)
{
	const char *address = fuzz_draw_bound(VFIO_DRIVER);

	fuzz_note("open the group of %s", address);
	return fuzz_keep(FUZZ_GROUP, type1_open_group(sys_group_of(address)), address);
}

bool fuzz_set_container(void)
{
	struct fuzz_fd *group = fuzz_draw_fd(FUZZ_GROUP);
	struct fuzz_fd *container = fuzz_draw_fd(fuzz_one_in(4) ? FUZZ_IOMMUFD :
								  FUZZ_CONTAINER);

	fuzz_note("set the container of group %d to %d", group->fd, container->fd);
	return !ioctl(group->fd, VFIO_GROUP_SET_CONTAINER, &container->fd);
}

bool fuzz_unset_container(void)
{
	struct fuzz_fd *group = fuzz_draw_fd(FUZZ_GROUP);

	fuzz_note("unset the container of group %d", group->fd);
	return !ioctl(group->fd, VFIO_GROUP_UNSET_CONTAINER);
}

bool fuzz_set_iommu(void)
{
	static const unsigned long types[] = {
		VFIO_TYPE1v2_IOMMU, VFIO_TYPE1v2_IOMMU, VFIO_TYPE1_IOMMU, VFIO_NOIOMMU_IOMMU
	};
	struct fuzz_fd *container = fuzz_draw_fd(FUZZ_CONTAINER);
	unsigned long type = types[fuzz_draw(ARRAY_SIZE(types))];

	fuzz_note("set the IOMMU of container %d to %lu", container->fd, type);
	return !ioctl(container->fd, VFIO_SET_IOMMU, type);
}

bool fuzz_group_status(void)
{
	struct fuzz_fd *group = fuzz_draw_fd(FUZZ_GROUP);

	fuzz_note("is group %d viable?", group->fd);
	return type1_is_viable(group->fd);
}

bool fuzz_get_device(void)
{
	struct fuzz_fd *group = fuzz_draw_fd(FUZZ_GROUP);
	const char *address = fuzz_one_in(4) ? fuzz_draw_bound(VFIO_DRIVER) : group->address;
	int fd;

	fuzz_note("get %s by group %d", address, group->fd);
	fd = ioctl(group->fd, VFIO_GROUP_GET_DEVICE_FD, address);
	return fuzz_keep(FUZZ_DEVICE, fd, address);
}

bool fuzz_map(void)
{
	struct fuzz_fd *container = fuzz_draw_fd(FUZZ_CONTAINER);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = fuzz_one_in(8) ? fuzz_draw(8) : VFIO_DMA_MAP_FLAG_READ |
							 VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = fuzz_draw_memory(),
		.iova = fuzz_draw_iova(),
		.size = fuzz_draw_length(),
	};

	fuzz_note("map %#llx at %#llx, %#llx bytes, in container %d", map.vaddr,
		  map.iova, map.size, container->fd);
	return !ioctl(container->fd, VFIO_IOMMU_MAP_DMA, &map);
}

bool fuzz_unmap(void)
{
	struct fuzz_fd *container = fuzz_draw_fd(FUZZ_CONTAINER);
	bool all = fuzz_one_in(4);
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = all ? VFIO_DMA_UNMAP_FLAG_ALL : 0,
		.iova = all ? 0 : fuzz_draw_iova(),
		.size = all ? 0 : fuzz_draw_length(),
	};

	fuzz_note("unmap %#llx, %#llx bytes, in container %d", unmap.iova, unmap.size,
		  container->fd);
	return !ioctl(container->fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
}

bool fuzz_device_reset(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);

	fuzz_note("reset %s", device->address);
	return !ioctl(device->fd, VFIO_DEVICE_RESET);
}

static bool get_region(int fd, unsigned int index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info) { .argsz = sizeof(*info), .index = index };
	return !ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, info);
}

/* Of what can be written only the header, which VFIO keeps from the device */
bool fuzz_device_config(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);
	unsigned int offset = fuzz_draw(fuzz_one_in(2) ? 4096 : PCI_STD_HEADER_SIZEOF);
	size_t size = 1 << fuzz_draw(3);
	struct vfio_region_info info;
	uint64_t value;

	fuzz_draw_bytes(&value, sizeof(value));
	fuzz_note("%zu bytes of config space of %s at %#x", size, device->address, offset);
	if (!get_region(device->fd, VFIO_PCI_CONFIG_REGION_INDEX, &info))
		return false;
	if (offset < PCI_STD_HEADER_SIZEOF && fuzz_one_in(2))
		return pwrite(device->fd, &value, size, info.offset + offset) >= 0;
	return pread(device->fd, &value, size, info.offset + offset) >= 0;
}

bool fuzz_device_mmap(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);
	struct vfio_region_info info;
	void *bar;

	fuzz_note("mmap BAR 0 of %s", device->address);
	if (!get_region(device->fd, VFIO_PCI_BAR0_REGION_INDEX, &info) || !info.size)
		return false;
	bar = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED, device->fd,
		   info.offset);
	if (bar == MAP_FAILED)
		return false;
	/* It would hold the device as its file descriptor does */
	munmap(bar, info.size);
	return true;
}

/* Whose end is not waited for: what is next may be to close or unmap */
bool fuzz_begin_dma(void)
{
	struct fuzz_fd *device = fuzz_draw_fd(FUZZ_DEVICE);
	bool writes = fuzz_one_in(2);
	uint64_t iova = fuzz_draw_iova() & EDU_ADDRESSES;
	struct edu edu;

	fuzz_note("%s %s %#llx", device->address, writes ? "writes to" : "reads",
		  (unsigned long long)iova);
	/* Registers that are written while the engine runs may become a mixture */
	return edu_is_one(device->address) && !edu_open(&edu, device->fd) &&
	       !edu_end_dma(&edu) &&
	       !edu_begin_dma(&edu, writes ? EDU_WRITES : EDU_READS, iova);
}

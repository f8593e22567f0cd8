// SPDX-License-Identifier: GPL-2.0-only
/* Groups in a VFIO container of type 1, see iommu_group_type1.h */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "iommu_group_type1.h"

int type1_open_group(int id)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/vfio/%d", id);
	return open(path, O_RDWR);
}

int type1_open(void)
{
	return open("/dev/vfio/vfio", O_RDWR);
}

bool type1_is_viable(int group)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };

	return !ioctl(group, VFIO_GROUP_GET_STATUS, &status) &&
	       status.flags & VFIO_GROUP_FLAGS_VIABLE;
}

int type1_join(int group, int container)
{
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		return -errno;
	if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) &&
	    errno != EINVAL && errno != EBUSY)
		return -errno;
	return 0;
}

int type1_map(int container, void *buffer, uint64_t iova)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)buffer,
		.iova = iova,
		.size = EDU_PAGE,
	};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int type1_unmap(int container, uint64_t iova)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = EDU_PAGE,
	};

	return ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : 0;
}

int type1_get_device(int group, struct edu *edu)
{
	int fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, edu->address), ret;

	if (fd < 0)
		return -errno;
	ret = edu_open(edu, fd);
	if (ret)
		close(fd);
	return ret;
}

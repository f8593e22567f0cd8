// SPDX-License-Identifier: GPL-2.0-only
/* VFIO's character device and iommufd, see iommu_group_cdev.h */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "iommu_group_cdev.h"
#include "iommu_group_sys.h"

int cdev_open(const struct edu *edu)
{
	struct dirent **entry;
	char path[64] = "";
	int n;

	n = sys_list(&entry, SYS_DEVICES "/%s/vfio-dev", edu->address);
	if (n > 0)
		snprintf(path, sizeof(path), "/dev/vfio/devices/%.32s",
			 entry[0]->d_name);
	sys_free(entry, n);
	return open(path, O_RDWR | O_CLOEXEC);
}

int ioas_alloc(int iommufd, uint32_t *id)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };

	if (ioctl(iommufd, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	*id = alloc.out_ioas_id;
	return 0;
}

int ioas_map(int iommufd, uint32_t ioas, void *buffer, uint64_t iova)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)buffer,
		.length = EDU_PAGE,
		.iova = iova,
	};

	return ioctl(iommufd, IOMMU_IOAS_MAP, &map) ? -errno : 0;
}

int ioas_unmap(int iommufd, uint32_t ioas, uint64_t iova)
{
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.ioas_id = ioas,
		.iova = iova,
		.length = EDU_PAGE,
	};

	return ioctl(iommufd, IOMMU_IOAS_UNMAP, &unmap) ? -errno : 0;
}

int cdev_bind(int fd, int iommufd)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind),
		.iommufd = iommufd,
	};

	return ioctl(fd, VFIO_DEVICE_BIND_IOMMUFD, &bind) ? -errno : 0;
}

int cdev_attach(int fd, uint32_t ioas)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
		.pt_id = ioas,
	};

	return ioctl(fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

int cdev_detach(int fd)
{
	struct vfio_device_detach_iommufd_pt detach = {
		.argsz = sizeof(detach),
	};

	return ioctl(fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach) ? -errno : 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A device by VFIO's character device, and address spaces (IOAS) of an iommufd.
 * All return 0 or -errno, but for the file descriptor, which may be -1.
 */
#ifndef __IOMMU_GROUP_CDEV_H
#define __IOMMU_GROUP_CDEV_H

#include <stdint.h>

#include "iommu_group_edu.h"

int cdev_open(const struct edu *edu);
/* Before that nothing else can be done with the device */
int cdev_bind(int fd, int iommufd);
int cdev_attach(int fd, uint32_t ioas);
int cdev_detach(int fd);

int ioas_alloc(int iommufd, uint32_t *ioas);
/* EDU_PAGE bytes, for the device to read and write */
int ioas_map(int iommufd, uint32_t ioas, void *buffer, uint64_t iova);
int ioas_unmap(int iommufd, uint32_t ioas, uint64_t iova);

#endif /* __IOMMU_GROUP_CDEV_H */

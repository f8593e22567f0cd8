/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups in a VFIO container of type 1. What is opened is a file descriptor, or
 * -1 with errno; the rest returns 0 or -errno.
 */
#ifndef __IOMMU_GROUP_TYPE1_H
#define __IOMMU_GROUP_TYPE1_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu_group_edu.h"

int type1_open(void);
int type1_open_group(int id);
bool type1_is_viable(int group);
/* Which makes the container one of type 1 when it is the first group */
int type1_join(int group, int container);

/* EDU_PAGE bytes, for the device to read and write */
int type1_map(int container, void *buffer, uint64_t iova);
int type1_unmap(int container, uint64_t iova);

/* Opens @edu, whose group has to be in a container */
int type1_get_device(int group, struct edu *edu);

#endif /* __IOMMU_GROUP_TYPE1_H */

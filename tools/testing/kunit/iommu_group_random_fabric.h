/* SPDX-License-Identifier: GPL-2.0-only */
/* Random fabrics as text, see iommu_group_fabric.h */
#ifndef __IOMMU_GROUP_RANDOM_FABRIC_H
#define __IOMMU_GROUP_RANDOM_FABRIC_H

#include <linux/types.h>

#define IGT_RANDOM_FUNCTIONS	64	/* at most */
#define IGT_RANDOM_TEXT		(IGT_RANDOM_FUNCTIONS * 96)

/* @text has room for IGT_RANDOM_TEXT; the same for the same @seed */
void igt_write_random_fabric(char *text, u32 seed);

#endif /* __IOMMU_GROUP_RANDOM_FABRIC_H */

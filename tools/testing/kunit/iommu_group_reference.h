/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who can reach whom in a fabric, and the groups that follow, pair by pair: see
 * iommu_group_reference.c
 */
#ifndef __IOMMU_GROUP_REFERENCE_H
#define __IOMMU_GROUP_REFERENCE_H

#include <linux/types.h>

#include "iommu_group_fabric.h"

#define IGT_REFERENCE_FUNCTIONS	64	/* at most: a bit each */

/**
 * struct igt_reference - what is to be expected of a fabric
 * @reach: by function, those that its requests can get to unseen by an IOMMU
 * @group: by function, those of its group
 * @has_aliases: functions share requester IDs, so that @group is not by @reach alone
 */
struct igt_reference {
	u64 reach[IGT_REFERENCE_FUNCTIONS];
	u64 group[IGT_REFERENCE_FUNCTIONS];
	bool has_aliases;
};

void igt_make_reference(struct igt_reference *reference,
			struct igt_fabric *fabric);

#endif /* __IOMMU_GROUP_REFERENCE_H */

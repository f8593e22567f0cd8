/* SPDX-License-Identifier: GPL-2.0-only */
/* Each allocation of an action fails in turn */
#ifndef __IOMMU_GROUP_FAILSLAB_H
#define __IOMMU_GROUP_FAILSLAB_H

struct device;
struct iommu_group;
struct kunit;

struct igt_attempt {
	struct iommu_group *group;
	struct device *dev;
	/* Returns an error, or 0 for what undo() undoes */
	int (*act)(struct igt_attempt *attempt);
	void (*undo)(struct igt_attempt *attempt);
	void (*check_unchanged)(struct kunit *test, struct igt_attempt *attempt);
};

/* The device is added to the group, and removed */
int igt_act_add(struct igt_attempt *attempt);
void igt_undo_add(struct igt_attempt *attempt);

/* Skips the test where no allocation can be made to fail */
void igt_need_failslab(struct kunit *test);

void igt_fail_each_allocation(struct kunit *test, struct igt_attempt *attempt);

/* How many allocations the test makes between the two */
void igt_count_allocations(struct kunit *test);
unsigned int igt_counted_allocations(struct kunit *test);

#endif /* __IOMMU_GROUP_FAILSLAB_H */

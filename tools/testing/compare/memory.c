// SPDX-License-Identifier: GPL-2.0-only
/* How much memory a group takes, and a device's membership, with all that is in sysfs */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/vmstat.h>

#include "devices.h"

/* Enough for slabs that are not full not to matter */
#define N	10000

static struct device *devices[N];
static struct iommu_group *groups[N];

/* Bytes of all slabs: free memory will not do, for CPUs keep free pages aside */
static long slab_memory(void)
{
	return (global_node_page_state_pages(NR_SLAB_RECLAIMABLE_B) +
		global_node_page_state_pages(NR_SLAB_UNRECLAIMABLE_B)) * PAGE_SIZE;
}

/* What is freed is not given back at once, so that nothing is before all is counted */
static void of_members_and_groups(struct kunit *test)
{
	struct iommu_group *group = iommu_group_alloc();
	int i, failed = 0;
	long before;

	KUNIT_ASSERT_FALSE(test, IS_ERR(group));
	KUNIT_ASSERT_EQ(test, add_devices(devices, N, NULL), 0);
	before = slab_memory();
	for (i = 0; i < N; i++)
		failed += !!iommu_group_add_device(group, devices[i]);
	kunit_info(test, "cost bytes-device 1 %ld\n", (slab_memory() - before) / N);

	before = slab_memory();
	for (i = 0; i < N; i++) {
		groups[i] = iommu_group_alloc();
		failed += IS_ERR(groups[i]);
	}
	kunit_info(test, "cost bytes-group 1 %ld\n", (slab_memory() - before) / N);
	KUNIT_EXPECT_EQ(test, failed, 0);

	for (i = 0; i < N; i++) {
		if (!IS_ERR(groups[i]))
			iommu_group_put(groups[i]);
		iommu_group_remove_device(devices[i]);
	}
	remove_devices(devices, N);
	iommu_group_put(group);
}

static struct kunit_case memory_cases[] = {
	KUNIT_CASE_SLOW(of_members_and_groups),
	{}
};

static struct kunit_suite memory_suite = {
	.name = "cost_memory",
	.test_cases = memory_cases,
};

kunit_test_suite(memory_suite);

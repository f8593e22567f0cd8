// SPDX-License-Identifier: GPL-2.0-only
/* What it costs to add a device to a group that has others, and to remove one */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/timex.h>

#include "devices.h"
#include "median.h"

/* Devices that are counted, from all places of the group's list */
#define COUNTED	64

#define MAX_MEMBERS	10000
#define MAX_NAMESAKES	1000

static int members[3] = { 1, 100, MAX_MEMBERS };
static int n_members = 3;
module_param_array(members, int, &n_members, 0);
MODULE_PARM_DESC(members, "devices of the groups, the most last");

static struct device *devices[MAX_MEMBERS];
static struct device *namesakes[MAX_NAMESAKES];
static int n_devices, n_namesakes;

static void count_members(struct kunit *test, const char *what,
			  struct device **devs, int n)
{
	struct iommu_group *group = iommu_group_alloc();
	u64 add[COUNTED], remove[COUNTED], begin, removed;
	struct device *dev;
	int i;

	KUNIT_ASSERT_FALSE(test, IS_ERR(group));
	for (i = 0; i < n; i++)
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, devs[i]), 0);

	for (i = 0; i < COUNTED; i++) {
		dev = devs[i * n / COUNTED];
		begin = get_cycles();
		iommu_group_remove_device(dev);
		removed = get_cycles();
		KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
		add[i] = get_cycles() - removed;
		remove[i] = removed - begin;
	}

	for (i = 0; i < n; i++)
		iommu_group_remove_device(devs[i]);
	iommu_group_put(group);
	kunit_info(test, "cost add%s %d %llu\n", what, n, median(add, COUNTED));
	kunit_info(test, "cost remove%s %d %llu\n", what, n,
		   median(remove, COUNTED));
}

static void members_of_many_names(struct kunit *test)
{
	int i;

	for (i = 0; i < n_members; i++)
		count_members(test, "", devices, min(members[i], n_devices));
}

static void members_of_one_name(struct kunit *test)
{
	static const int sizes[] = { 2, 100, MAX_NAMESAKES };
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes) && sizes[i] <= n_namesakes; i++)
		count_members(test, "-namesakes", namesakes, sizes[i]);
}

static int suite_init(struct kunit_suite *suite)
{
	int ret;

	n_devices = clamp(members[n_members - 1], 1, MAX_MEMBERS);
	n_namesakes = min(n_devices, MAX_NAMESAKES);
	ret = add_devices(devices, n_devices, NULL);
	if (ret)
		return ret;
	ret = add_devices(namesakes, n_namesakes, devices);
	if (ret)
		remove_devices(devices, n_devices);
	return ret;
}

static void suite_exit(struct kunit_suite *suite)
{
	remove_devices(namesakes, n_namesakes);
	remove_devices(devices, n_devices);
}

static struct kunit_case members_cases[] = {
	KUNIT_CASE_SLOW(members_of_many_names),
	KUNIT_CASE_SLOW(members_of_one_name),
	{}
};

static struct kunit_suite members_suite = {
	.name = "cost_members",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.test_cases = members_cases,
};

kunit_test_suite(members_suite);

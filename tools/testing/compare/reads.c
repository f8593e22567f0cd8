// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to read why the members of a group share it and whom it reaches:
 * the files isolation and reaches, a page at a time as user space does, for each
 * member, or each function that is reached. The base kernel has no such files.
 */

#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/math64.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/timex.h>

#include "fabric_iommu.h"
#include "iommu_group_fabric.h"
#include "iommu_group_sysfs_view.h"
#include "median.h"
#include "shapes.h"

static u64 read_to_end(struct file *file, char *page)
{
	u64 begin, costs[5];
	loff_t pos;
	int i;

	for (i = 0; i < ARRAY_SIZE(costs); i++) {
		pos = 0;
		begin = get_cycles();
		while (kernel_read(file, page, PAGE_SIZE, &pos) > 0)
			;
		costs[i] = get_cycles() - begin;
	}
	return median(costs, ARRAY_SIZE(costs));
}

static void count_read(struct kunit *test, struct igt_function *member,
		       const char *name, const char *what, int size)
{
	struct iommu_group *group = iommu_group_get(&member->pdev->dev);
	char *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct file *file;
	u64 cost;

	KUNIT_ASSERT_NOT_NULL(test, group);
	KUNIT_ASSERT_NOT_NULL(test, page);
	file = igt_open_attr(group, name, O_RDONLY);
	iommu_group_put(group);
	if (PTR_ERR_OR_ZERO(file) == -ENOENT)
		return;
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	cost = read_to_end(file, page);
	fput(file);
	kunit_info(test, "cost %s-%s %d %llu\n", name, what, size,
		   div_u64(cost, size));
}

/* One group: each line of isolation, and a file reaches that is empty */
static void members(struct kunit *test)
{
	static const int sizes[] = { 100, 1000, 10000 };
	struct igt_fabric *fabric;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fabric = shaped_fabric(test, functions_of_one_group, sizes[i]);
		count_read(test, &fabric->function[0], "isolation", "members",
			   sizes[i]);
		count_read(test, &fabric->function[0], "reaches", "members",
			   sizes[i]);
		igt_remove_fabric(test, fabric);
	}
}

/* The last function of a device lacks ACS and reaches the others */
static void slot(struct kunit *test)
{
	static const int sizes[] = { 16, 256 };
	struct igt_fabric *fabric;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		fabric = shaped_fabric(test, functions_of_one_slot, sizes[i] + 1);
		count_read(test, &fabric->function[sizes[i]], "reaches", "slot",
			   sizes[i]);
		igt_remove_fabric(test, fabric);
	}
}

static int suite_init(struct kunit_suite *suite)
{
	int ret = igt_mount_sysfs(suite);

	if (ret)
		return ret;
	ret = register_fabric_iommu(pci_device_group);
	if (ret)
		igt_unmount_sysfs(suite);
	return ret;
}

static void suite_exit(struct kunit_suite *suite)
{
	unregister_fabric_iommu();
	igt_unmount_sysfs(suite);
}

static struct kunit_case reads_cases[] = {
	KUNIT_CASE_SLOW(members),
	KUNIT_CASE(slot),
	{}
};

static struct kunit_suite reads_suite = {
	.name = "cost_reads",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.test_cases = reads_cases,
};

kunit_test_suite(reads_suite);

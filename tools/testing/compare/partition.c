// SPDX-License-Identifier: GPL-2.0-only
/*
 * Into which groups the functions of many fabrics come: those of the truth table,
 * and random ones. A line for each fabric, "groups FABRIC: 0 0 2", has the number
 * of each function, or that of the first one that is in its group.
 */

#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "fabric_iommu.h"
#include "iommu_group_fabric.h"
#include "iommu_group_random_fabric.h"
#include "iommu_group_truth_table.h"

static int fabrics = 2000;
module_param(fabrics, int, 0);
MODULE_PARM_DESC(fabrics, "random fabrics to look at");

static bool in_one_group(struct igt_function *a, struct igt_function *b)
{
	struct iommu_group *group_a = iommu_group_get(&a->pdev->dev);
	struct iommu_group *group_b = iommu_group_get(&b->pdev->dev);

	iommu_group_put(group_a);
	iommu_group_put(group_b);
	return group_a == group_b;
}

static void write_groups(struct igt_fabric *fabric, char *line, size_t size)
{
	int i, j, len = 0;

	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < i; j++) {
			if (in_one_group(&fabric->function[i],
					 &fabric->function[j]))
				break;
		}
		len += scnprintf(line + len, size - len, " %d", j);
	}
}

static void print_groups(struct kunit *test, const char *name, const char *text)
{
	struct igt_fabric *fabric = igt_fabric(test, text);
	char line[IGT_RANDOM_FUNCTIONS * 4];
	int i;

	/* There are thousands to come */
	cond_resched();
	KUNIT_ASSERT_EQ(test, register_fabric_iommu(pci_device_group), 0);
	for (i = 0; i < fabric->n; i++)
		KUNIT_EXPECT_TRUE(test, device_iommu_mapped(&fabric->function[i].pdev->dev));
	write_groups(fabric, line, sizeof(line));
	kunit_info(test, "groups %s:%s\n", name, line);
	unregister_fabric_iommu();
	igt_remove_fabric(test, fabric);
}

static void truth_table(struct kunit *test)
{
	int i;

	for (i = 0; i < igt_truths; i++)
		print_groups(test, igt_truth_table[i].desc,
			     igt_truth_table[i].fabric);
}

static void random_fabrics(struct kunit *test)
{
	char *text = kunit_kzalloc(test, IGT_RANDOM_TEXT, GFP_KERNEL);
	char name[16];
	int seed;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (seed = 1; seed <= fabrics; seed++) {
		igt_write_random_fabric(text, seed);
		snprintf(name, sizeof(name), "seed %d", seed);
		print_groups(test, name, text);
	}
}

static struct kunit_case partition_cases[] = {
	KUNIT_CASE_SLOW(truth_table),
	KUNIT_CASE_SLOW(random_fabrics),
	{}
};

static struct kunit_suite partition_suite = {
	.name = "partition",
	.test_cases = partition_cases,
};

kunit_test_suite(partition_suite);

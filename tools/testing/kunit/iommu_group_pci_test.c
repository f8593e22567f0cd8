// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of which PCI functions share a group, whom it reaches, and what is
 * said of it, on fabrics made for it. The rule is told at the head of
 * iommu-group-isolation.c.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"
#include "iommu_group_sysfs_view.h"
#include "iommu_group_truth_table.h"

static const void *next_truth(struct kunit *test, const void *last, char *desc)
{
	const struct igt_truth *row = last ? last + sizeof(*row) :
					     igt_truth_table;

	if (row == &igt_truth_table[igt_truths])
		return NULL;
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
	return row;
}

static void check(struct kunit *test, struct igt_fabric *fabric,
		  const struct igt_truth *row)
{
	igt_expect_groups(test, fabric, row->groups);
	igt_expect_causes(test, fabric, row->causes);
	igt_expect_edges(test, fabric, row->edges);
}

static void truth_table(struct kunit *test)
{
	const struct igt_truth *row = test->param_value;
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, row->fabric);
	u16 *reverse = igt_order(test, fabric->n);
	int i;

	igt_discover_all(test, mock, fabric, NULL);
	check(test, fabric, row);

	/* What is below a bridge first */
	igt_forget_all(fabric);
	for (i = 0; i < fabric->n; i++)
		reverse[i] = fabric->n - 1 - i;
	igt_discover_all(test, mock, fabric, reverse);
	check(test, fabric, row);
	igt_forget_all(fabric);
}

/* A group's file is what the functions are described by, a line each */
static void isolation_is_in_sysfs(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root\n"
						     "  e 0.0 ep\n");
	const char *r = pci_name(fabric->function[0].pdev);
	const char *e = pci_name(fabric->function[1].pdev);
	char expected[128];

	igt_discover_all(test, mock, fabric, NULL);
	snprintf(expected, sizeof(expected),
		 "%s acs %s SV,RR,CR,UF\n%s acs %s SV,RR,CR,UF\n", r, r, e, r);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test,
					       igt_group_of_function(&fabric->function[0]),
					       "isolation"), expected);
	igt_forget_all(fabric);
}

/* So it is with those that the group reaches */
static void reach_is_in_sysfs(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "s 1.0 root\n"
						     "r 1.1 root acs\n"
						     "  e 0.0 ep\n");
	const char *s = pci_name(fabric->function[0].pdev);
	struct iommu_group *stub;
	char expected[128];

	igt_discover_all(test, mock, fabric, NULL);
	stub = igt_group_of_function(&fabric->function[0]);
	snprintf(expected, sizeof(expected),
		 "%d %s SV,RR,CR,UF\n%d %s SV,RR,CR,UF\n", iommu_group_id(stub) + 1,
		 s, iommu_group_id(stub) + 2, s);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, stub, "reaches"), expected);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test,
					       igt_group_of_function(&fabric->function[1]),
					       "reaches"), "");
	igt_forget_all(fabric);
}

/*
 * Who gives devices away is told of a function that the IOMMU declines. Nobody
 * gives away what is on other buses, nor the IOMMU.
 */
static void unserved_function_is_told(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "e 1.0 ep\n"
						     "i 2.0 ep\n");
	struct igt_function *endpoint = &fabric->function[0];
	struct igt_function *iommu = &fabric->function[1];
	struct kmsg_dump_iter log;

	iommu->pdev->class = PCI_CLASS_SYSTEM_IOMMU << 8;
	mock->probe_error = -ENODEV;
	log = igt_log();
	igt_client(test, mock, "unserved");
	KUNIT_EXPECT_EQ(test, igt_discover(mock, iommu), -ENODEV);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "in no IOMMU group"), 0);

	KUNIT_EXPECT_EQ(test, igt_discover(mock, endpoint), -ENODEV);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "in no IOMMU group"), 1);
}

/* Where there is no IOMMU, none of the functions has a group */
static void nothing_is_told_without_iommu(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "e 1.0 ep\n");
	struct device *dev = &fabric->function[0].pdev->dev;
	struct iommu_ops *ops = &mock->ops;
	struct kmsg_dump_iter log;

	KUNIT_ASSERT_EQ(test, igt_tie(mock, dev), 0);
	iommu_device_unregister(&mock->iommu);
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "in no IOMMU group"), 0);
	/* For the test's end, which unregisters it */
	KUNIT_EXPECT_EQ(test, iommu_device_register(&mock->iommu, ops, NULL), 0);
	iommu_release_device(dev);
}

static struct kunit_case iommu_group_pci_cases[] = {
	KUNIT_CASE_PARAM(truth_table, next_truth),
	KUNIT_CASE(isolation_is_in_sysfs),
	KUNIT_CASE(reach_is_in_sysfs),
	KUNIT_CASE(unserved_function_is_told),
	KUNIT_CASE(nothing_is_told_without_iommu),
	{}
};

static struct kunit_suite iommu_group_pci_suite = {
	.name = "iommu_group_pci",
	.suite_init = igt_mount_sysfs,
	.suite_exit = igt_unmount_sysfs,
	.test_cases = iommu_group_pci_cases,
};

kunit_test_suite(iommu_group_pci_suite);

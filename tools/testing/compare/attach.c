// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to attach a group to a domain and to detach it, beyond what the
 * IOMMU driver does: an attach_dev() for each device, there and back.
 */

#include <kunit/test.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/timex.h>

#include "fabric_iommu.h"
#include "iommu_group_fabric.h"
#include "median.h"
#include "shapes.h"

#define ROUNDS	16

/* The driver's calls alone, @n devices there and back */
static u64 bare_cost(struct iommu_domain *domain, struct device *dev, int n)
{
	u64 costs[ROUNDS], begin;
	int i, j;

	for (i = 0; i < ROUNDS; i++) {
		begin = get_cycles();
		for (j = 0; j < 2 * n; j++)
			domain->ops->attach_dev(domain, dev, NULL);
		costs[i] = get_cycles() - begin;
	}
	return median(costs, ROUNDS);
}

static void count_group(struct kunit *test, int n)
{
	struct igt_fabric *fabric = shaped_fabric(test, functions_of_one_group, n);
	struct device *dev = &fabric->function[0].pdev->dev;
	struct iommu_group *group = iommu_group_get(dev);
	struct iommu_domain *domain;
	int i, calls, failed = 0;
	u64 costs[ROUNDS], begin;

	KUNIT_ASSERT_NOT_NULL(test, group);
	domain = iommu_paging_domain_alloc(dev);
	KUNIT_ASSERT_FALSE(test, IS_ERR(domain));

	calls = fabric_iommu_attached;
	for (i = 0; i < ROUNDS; i++) {
		begin = get_cycles();
		if (iommu_attach_group(domain, group))
			failed++;
		iommu_detach_group(domain, group);
		costs[i] = get_cycles() - begin;
	}
	calls = fabric_iommu_attached - calls;
	KUNIT_EXPECT_EQ(test, failed, 0);
	/* All devices are in the group */
	KUNIT_EXPECT_EQ(test, calls, 2 * n * ROUNDS);
	kunit_info(test, "cost attach-detach %d %llu\n", n,
		   median(costs, ROUNDS) - bare_cost(domain, dev, n));
	iommu_domain_free(domain);
	iommu_group_put(group);
	igt_remove_fabric(test, fabric);
}

static void attach_and_detach(struct kunit *test)
{
	count_group(test, 1);
	count_group(test, 100);
	count_group(test, 1000);
}

static int suite_init(struct kunit_suite *suite)
{
	return register_fabric_iommu(pci_device_group);
}

static void suite_exit(struct kunit_suite *suite)
{
	unregister_fabric_iommu();
}

static struct kunit_case attach_cases[] = {
	KUNIT_CASE_SLOW(attach_and_detach),
	{}
};

static struct kunit_suite attach_suite = {
	.name = "cost_attach",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.test_cases = attach_cases,
};

kunit_test_suite(attach_suite);

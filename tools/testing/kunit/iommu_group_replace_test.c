// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of what drivers of mainline promise: who refuses a domain has not
 * moved, and a PASID goes from one domain to another with nothing between. The mock
 * IOMMU checks that it is told the domain which is left.
 */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/xarray.h>

#include "iommu-group.h"
#include "iommu-priv.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"

#define DEVICES	3
#define PASID	1

/* A group of which all devices but the last have PASIDs, and domains for it */
struct setup {
	struct igt_iommu *mock;
	struct iommu_group *group;
	struct iommu_domain *domain;
	struct iommu_domain *other;
	struct device *dev[DEVICES];
};

static void set_up(struct kunit *test, struct setup *setup)
{
	static const char * const names[DEVICES] = { "igt-a", "igt-b", "igt-c" };
	int i;

	setup->group = igt_group(test);
	setup->mock = igt_iommu(test, IGT_GENERIC);
	setup->mock->group = setup->group;
	setup->mock->ops.blocked_domain = &igt_release_domain;
	setup->domain = igt_domain(test, setup->mock);
	setup->other = igt_domain(test, setup->mock);
	for (i = 0; i < DEVICES; i++) {
		setup->dev[i] = igt_client(test, setup->mock, names[i]);
		setup->dev[i]->iommu->max_pasids = i < DEVICES - 1 ? IGT_PASIDS : 0;
	}
}

/* The n-th attach from now on fails */
static void fail_attach(struct setup *setup, int n)
{
	setup->mock->fail_attach = setup->mock->attaches + n;
}

static void device_that_refused_is_not_attached_again(struct kunit *test)
{
	struct setup setup;
	int i, k, before;

	set_up(test, &setup);
	for (k = 1; k <= DEVICES; k++) {
		fail_attach(&setup, k);
		before = setup.mock->attaches;
		KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group),
				IGT_ATTACH_ERROR);
		/* Up to the one that refuses; those before it go back */
		KUNIT_EXPECT_EQ(test, setup.mock->attaches - before, k + k - 1);
		for (i = 0; i < DEVICES; i++)
			KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[i]),
					    setup.group->default_domain);
	}
}

static void expect_pasid(struct kunit *test, struct setup *setup,
			 struct iommu_domain *domain,
			 struct iommu_attach_handle *handle)
{
	struct iommu_attach_handle *found;
	int i;

	for (i = 0; i < DEVICES; i++)
		KUNIT_EXPECT_PTR_EQ(test, igt_domain_of_pasid(setup->dev[i], PASID),
				    i < DEVICES - 1 ? domain : NULL);
	found = iommu_attach_handle_get(setup->group, PASID, 0);
	KUNIT_EXPECT_PTR_EQ(test, found, handle ?: ERR_PTR(-ENOENT));
}

static void pasid_is_replaced(struct kunit *test)
{
	struct iommu_attach_handle first, second;
	struct setup setup;

	set_up(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[0],
							PASID, &first), 0);
	expect_pasid(test, &setup, setup.domain, &first);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.other, setup.dev[0],
							 PASID, &second), 0);
	expect_pasid(test, &setup, setup.other, &second);
	KUNIT_EXPECT_PTR_EQ(test, second.domain, setup.other);
	iommu_detach_device_pasid(setup.other, setup.dev[0], PASID);
	expect_pasid(test, &setup, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
}

/* Its entry is a domain, and then a handle */
static void pasid_without_a_handle_is_replaced(struct kunit *test)
{
	struct iommu_attach_handle handle;
	struct setup setup;

	set_up(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[0],
							PASID, NULL), 0);
	expect_pasid(test, &setup, setup.domain, NULL);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.other, setup.dev[0],
							 PASID, &handle), 0);
	expect_pasid(test, &setup, setup.other, &handle);
	iommu_detach_device_pasid(setup.other, setup.dev[0], PASID);
}

static void failed_replace_leaves_a_pasid_where_it_was(struct kunit *test)
{
	struct iommu_attach_handle first, second;
	struct setup setup;
	int k;

	set_up(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[0],
							PASID, &first), 0);
	for (k = 1; k < DEVICES; k++) {
		fail_attach(&setup, k);
		KUNIT_EXPECT_EQ(test,
				iommu_replace_device_pasid(setup.other, setup.dev[0],
							   PASID, &second),
				IGT_ATTACH_ERROR);
		expect_pasid(test, &setup, setup.domain, &first);
	}
	iommu_detach_device_pasid(setup.domain, setup.dev[0], PASID);
}

/* Nothing of the driver's changes */
static void pasid_gets_another_handle(struct kunit *test)
{
	struct iommu_attach_handle first, second;
	struct setup setup;
	int before;

	set_up(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[0],
							PASID, &first), 0);
	before = setup.mock->attaches;
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.domain, setup.dev[0],
							 PASID, &second), 0);
	KUNIT_EXPECT_EQ(test, setup.mock->attaches, before);
	expect_pasid(test, &setup, setup.domain, &second);
	iommu_detach_device_pasid(setup.domain, setup.dev[0], PASID);
}

static void unfit_replace_of_a_pasid_is_refused(struct kunit *test)
{
	struct igt_iommu *stranger = igt_iommu(test, IGT_ADD_DEVICE);
	struct iommu_domain *strange = igt_domain(test, stranger);
	struct iommu_attach_handle first, second;
	struct setup setup;

	set_up(test, &setup);
	/* Nothing is attached that could be replaced */
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.domain, setup.dev[0],
							 PASID, &second), -EINVAL);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));

	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[0],
							PASID, &first), 0);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.other, setup.dev[0],
							 PASID, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.other, setup.dev[0],
							 IOMMU_NO_PASID, &second),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(strange, setup.dev[0],
							 PASID, &second), -EINVAL);
	expect_pasid(test, &setup, setup.domain, &first);
	iommu_detach_device_pasid(setup.domain, setup.dev[0], PASID);
}

static struct kunit_case iommu_group_replace_cases[] = {
	KUNIT_CASE(device_that_refused_is_not_attached_again),
	KUNIT_CASE(pasid_is_replaced),
	KUNIT_CASE(pasid_without_a_handle_is_replaced),
	KUNIT_CASE(failed_replace_leaves_a_pasid_where_it_was),
	KUNIT_CASE(pasid_gets_another_handle),
	KUNIT_CASE(unfit_replace_of_a_pasid_is_refused),
	{}
};

static struct kunit_suite iommu_group_replace_suite = {
	.name = "iommu_group_replace",
	.test_cases = iommu_group_replace_cases,
};

kunit_test_suite(iommu_group_replace_suite);

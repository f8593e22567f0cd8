// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of groups going from domain to domain: all of a group's devices
 * or none of them, whichever of them fails.
 */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/iommu.h>

#include "iommu-group.h"
#include "iommu-priv.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_sysfs_view.h"

#define MAX_DEVICES 5

/* A group of n devices that a mock IOMMU serves, and two domains for it */
struct setup {
	struct igt_iommu *mock;
	struct iommu_group *group;
	struct iommu_domain *domain;
	struct iommu_domain *other;
	struct device *dev[MAX_DEVICES];
	int n;
};

static void add_clients(struct kunit *test, struct setup *setup, int n)
{
	static const char * const names[MAX_DEVICES] = {
		"igt-a", "igt-b", "igt-c", "igt-d", "igt-e"
	};

	for (; setup->n < n; setup->n++)
		setup->dev[setup->n] = igt_client(test, setup->mock,
						  names[setup->n]);
}

static void set_up(struct kunit *test, struct setup *setup, int n)
{
	setup->n = 0;
	setup->group = igt_group(test);
	setup->mock = igt_iommu(test, IGT_GENERIC);
	setup->mock->group = setup->group;
	setup->domain = igt_domain(test, setup->mock);
	setup->other = igt_domain(test, setup->mock);
	add_clients(test, setup, n);
}

/* The n-th attach from now on fails */
static void fail_attach(struct setup *setup, int n)
{
	setup->mock->fail_attach = setup->mock->attaches + n;
}

static void expect_all_in(struct kunit *test, struct setup *setup,
			  struct iommu_domain *domain)
{
	int i;

	KUNIT_EXPECT_PTR_EQ(test, setup->group->domain, domain);
	for (i = 0; i < setup->n; i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, igt_domain_of(setup->dev[i]),
					domain, "device %d", i);
}

static void attach_moves_all_and_detach_brings_them_back(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 3);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	expect_all_in(test, &setup, setup.domain);
	KUNIT_EXPECT_PTR_EQ(test, iommu_get_domain_for_dev(setup.dev[0]),
			    setup.domain);

	iommu_detach_group(setup.domain, setup.group);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/*
 * Whichever of n devices fails, for n up to MAX_DEVICES, all stay where they
 * were, the one that failed and had left its domain included.
 */
static void failed_attach_leaves_all_where_they_were(struct kunit *test)
{
	struct setup setup;
	int n, k;

	set_up(test, &setup, MAX_DEVICES);
	for (n = MAX_DEVICES; n > 0; n--) {
		for (k = 1; k <= n; k++) {
			fail_attach(&setup, k);
			KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain,
								 setup.group),
					IGT_ATTACH_ERROR);
			expect_all_in(test, &setup,
				      setup.group->default_domain);
		}
		igt_unplug(test, setup.dev[--setup.n]);
	}
}

static void failed_replace_leaves_all_where_they_were(struct kunit *test)
{
	struct setup setup;
	int k;

	set_up(test, &setup, 3);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	for (k = 1; k <= setup.n; k++) {
		fail_attach(&setup, k);
		KUNIT_EXPECT_EQ(test, iommu_group_replace_domain(setup.group,
								 setup.other),
				IGT_ATTACH_ERROR);
		expect_all_in(test, &setup, setup.domain);
	}
	KUNIT_EXPECT_EQ(test, iommu_group_replace_domain(setup.group,
							 setup.other), 0);
	expect_all_in(test, &setup, setup.other);
	KUNIT_EXPECT_EQ(test, iommu_group_replace_domain(setup.group, NULL),
			-EINVAL);
	expect_all_in(test, &setup, setup.other);
	iommu_detach_group(setup.other, setup.group);
}

/*
 * A device whose attaching was put off is in no domain. When it is the one that
 * fails it stays so; those before it have been attached and go to the default.
 */
static void failed_attach_of_deferred_devices(struct kunit *test)
{
	struct iommu_domain *default_domain;
	struct setup setup;
	int i, k;

	set_up(test, &setup, 0);
	setup.mock->deferred = true;
	add_clients(test, &setup, 3);
	default_domain = setup.group->default_domain;

	for (k = 1; k <= 3; k++) {
		fail_attach(&setup, k);
		KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain,
							 setup.group),
				IGT_ATTACH_ERROR);
		for (i = 0; i < 3; i++)
			KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[i]),
					    i < k - 1 ? default_domain : NULL);
		KUNIT_EXPECT_PTR_EQ(test, setup.group->domain, default_domain);
	}
	KUNIT_EXPECT_EQ(test, iommu_deferred_attach(setup.dev[2],
						    default_domain), 0);
	expect_all_in(test, &setup, default_domain);
}

static void attach_over_a_foreign_domain_is_refused(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 2);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.other, setup.group),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group),
			-EBUSY);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_group(setup.domain, setup.group);
}

static void unfit_attach_is_refused(struct kunit *test)
{
	struct iommu_group *empty = igt_group(test);
	struct iommu_group *plain = igt_group(test);
	struct device *dev = igt_device(test, NULL, "unserved");
	struct igt_iommu *stranger;
	struct setup setup;

	set_up(test, &setup, 1);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, empty), -EINVAL);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(plain, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, plain), -EINVAL);

	stranger = igt_iommu(test, IGT_ADD_DEVICE);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(igt_domain(test, stranger),
						 setup.group), -EINVAL);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/* A domain of no attach_dev(), as the types of other uses are */
static void domain_that_cannot_attach_is_refused(struct kunit *test)
{
	static const struct iommu_domain_ops no_ops;
	struct setup setup;

	set_up(test, &setup, 2);
	setup.domain->ops = &no_ops;
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group),
			-ENODEV);
	expect_all_in(test, &setup, setup.group->default_domain);
}

static void owned_group_is_blocked_between_domains(struct kunit *test)
{
	struct iommu_domain *blocking;
	struct setup setup;

	set_up(test, &setup, 2);
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			0);
	blocking = setup.group->blocking_domain;
	KUNIT_EXPECT_NOT_NULL(test, blocking);
	expect_all_in(test, &setup, blocking);

	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_group(setup.domain, setup.group);
	expect_all_in(test, &setup, blocking);

	iommu_group_release_dma_owner(setup.group);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/* Detaching cannot fail. Who cannot follow is blocked, the others follow. */
static void detach_goes_on_after_a_failure(struct kunit *test)
{
	struct iommu_domain *blocking;
	struct setup setup;

	set_up(test, &setup, 3);
	/* For the group to have a blocking domain */
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			0);
	blocking = setup.group->blocking_domain;
	iommu_group_release_dma_owner(setup.group);

	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	setup.mock->attach_error = -ENOMEM;
	fail_attach(&setup, 2);
	iommu_detach_group(setup.domain, setup.group);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->domain,
			    setup.group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]),
			    setup.group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[1]), blocking);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[2]),
			    setup.group->default_domain);
}

/* Firmware's mappings would be lost, so user space cannot have such a group */
static void group_that_firmware_uses_is_not_blocked(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 3);
	setup.dev[2]->iommu->require_direct = 1;
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			-EINVAL);
	expect_all_in(test, &setup, setup.group->default_domain);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, setup.group, "dma_owner"),
			   "none\n");
}

static void device_is_attached_alone(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 1);
	KUNIT_EXPECT_EQ(test, iommu_attach_device(setup.domain, setup.dev[0]),
			0);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_device(setup.domain, setup.dev[0]);
	expect_all_in(test, &setup, setup.group->default_domain);
}

static void device_with_company_is_not_attached(struct kunit *test)
{
	struct device *dev = igt_device(test, NULL, "groupless");
	struct setup setup;

	set_up(test, &setup, 2);
	KUNIT_EXPECT_EQ(test, iommu_attach_device(setup.domain, setup.dev[0]),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, iommu_attach_device(setup.domain, dev), -ENODEV);
	iommu_detach_device(setup.domain, dev);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/* As into a group whose devices user space has */
static void newcomer_goes_where_its_group_is(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 1);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	add_clients(test, &setup, 2);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_group(setup.domain, setup.group);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/* A group whose default domain the driver wants to be another, from now on */
static void set_up_unmanaged(struct kunit *test, struct setup *setup, int n)
{
	set_up(test, setup, 0);
	setup->mock->def_domain_type = IOMMU_DOMAIN_UNMANAGED;
	add_clients(test, setup, n);
	setup->mock->def_domain_type = IOMMU_DOMAIN_IDENTITY;
}

/* All members are in another domain than @old, which is freed */
static void expect_new_default(struct kunit *test, struct setup *setup,
			       const struct iommu_domain *old)
{
	KUNIT_EXPECT_PTR_NE(test, setup->group->default_domain, old);
	expect_all_in(test, setup, setup->group->default_domain);
	KUNIT_EXPECT_EQ(test, igt_live_domains(setup->mock), 1);
}

static void type_is_written(struct kunit *test)
{
	struct iommu_domain *old;
	struct setup setup;

	set_up_unmanaged(test, &setup, 2);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, setup.group, "type"),
			   "unmanaged\n");
	old = setup.group->default_domain;
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "identity"),
			8);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, setup.group, "type"),
			   "identity\n");
	expect_new_default(test, &setup, old);

	/* What the driver needs now */
	setup.mock->def_domain_type = IOMMU_DOMAIN_UNMANAGED;
	old = setup.group->default_domain;
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "auto\n"), 5);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, setup.group, "type"),
			   "unmanaged\n");
	expect_new_default(test, &setup, old);

	/* It is so already */
	old = setup.group->default_domain;
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "auto\n"), 5);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->default_domain, old);
	expect_all_in(test, &setup, old);
}

/* The second device refuses the new domain */
static void type_that_a_device_refuses_is_not_set(struct kunit *test)
{
	struct iommu_domain *old;
	struct setup setup;

	set_up_unmanaged(test, &setup, 2);
	old = setup.group->default_domain;
	fail_attach(&setup, 2);
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "identity"),
			IGT_ATTACH_ERROR);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->default_domain, old);
	expect_all_in(test, &setup, old);
	KUNIT_EXPECT_EQ(test, igt_live_domains(setup.mock), 1);
}

static void unfit_type_is_refused(struct kunit *test)
{
	struct iommu_group *empty = igt_group(test);
	struct iommu_domain *old;
	struct setup setup;

	set_up(test, &setup, 2);
	old = setup.group->default_domain;
	/* What the driver needs is not what is asked for, or is unheard of */
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "DMA"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "DMA-FQ"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "direct"),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, igt_write_attr(empty, "type", "auto"), -EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->default_domain, old);
	expect_all_in(test, &setup, old);
}

static void type_of_a_used_group_stays(struct kunit *test)
{
	struct iommu_domain *old;
	struct setup setup;

	set_up_unmanaged(test, &setup, 1);
	old = setup.group->default_domain;
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			0);
	KUNIT_EXPECT_EQ(test, igt_write_attr(setup.group, "type", "identity"),
			-EPERM);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->default_domain, old);
	iommu_group_release_dma_owner(setup.group);
	expect_all_in(test, &setup, old);
}

static struct kunit_case iommu_group_domain_cases[] = {
	KUNIT_CASE(attach_moves_all_and_detach_brings_them_back),
	KUNIT_CASE(failed_attach_leaves_all_where_they_were),
	KUNIT_CASE(failed_replace_leaves_all_where_they_were),
	KUNIT_CASE(failed_attach_of_deferred_devices),
	KUNIT_CASE(attach_over_a_foreign_domain_is_refused),
	KUNIT_CASE(unfit_attach_is_refused),
	KUNIT_CASE(domain_that_cannot_attach_is_refused),
	KUNIT_CASE(owned_group_is_blocked_between_domains),
	KUNIT_CASE(detach_goes_on_after_a_failure),
	KUNIT_CASE(group_that_firmware_uses_is_not_blocked),
	KUNIT_CASE(device_is_attached_alone),
	KUNIT_CASE(device_with_company_is_not_attached),
	KUNIT_CASE(newcomer_goes_where_its_group_is),
	KUNIT_CASE(type_is_written),
	KUNIT_CASE(type_that_a_device_refuses_is_not_set),
	KUNIT_CASE(unfit_type_is_refused),
	KUNIT_CASE(type_of_a_used_group_stays),
	{}
};

static struct kunit_suite iommu_group_domain_suite = {
	.name = "iommu_group_domain",
	.suite_init = igt_mount_sysfs,
	.suite_exit = igt_unmount_sysfs,
	.test_cases = iommu_group_domain_cases,
};

kunit_test_suite(iommu_group_domain_suite);

MODULE_IMPORT_NS(IOMMUFD_INTERNAL);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of groups while PCI functions of theirs are reset: these are blocked,
 * the others are left alone, and nothing is attached until the resets are done.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/xarray.h>

#include "iommu-group.h"
#include "iommu-priv.h"
#include "iommu_group_fabric.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"

#define MEMBERS	3

/* Any, for a function to be one that can use ATS: others are not blocked */
#define ATS_CAP	0x100

/* A group of PCI functions, and domains for it */
struct setup {
	struct igt_iommu *mock;
	struct iommu_group *group;
	struct iommu_domain *domain;
	struct iommu_domain *other;
	struct igt_fabric *fabric;
	struct pci_dev *pdev[MEMBERS];
	struct device *dev[MEMBERS];
};

KUNIT_DEFINE_ACTION_WRAPPER(forget_all, igt_forget_all, struct igt_fabric *);

static void set_up_nothing(struct kunit *test, struct setup *setup)
{
	int i;

	setup->group = igt_group(test);
	setup->mock = igt_iommu(test, IGT_GENERIC);
	setup->mock->group = setup->group;
	setup->domain = igt_domain(test, setup->mock);
	setup->other = igt_domain(test, setup->mock);
	setup->fabric = igt_fabric(test, "a 1.0 rcep\n"
					 "b 2.0 rcep\n"
					 "c 3.0 rcep\n");
	for (i = 0; i < MEMBERS; i++) {
		setup->pdev[i] = setup->fabric->function[i].pdev;
		setup->pdev[i]->ats_cap = ATS_CAP;
		setup->dev[i] = &setup->pdev[i]->dev;
	}
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, forget_all,
							setup->fabric), 0);
}

static void set_up(struct kunit *test, struct setup *setup)
{
	set_up_nothing(test, setup);
	igt_discover_all(test, setup->mock, setup->fabric, NULL);
}

/* All but the last member can have PASIDs */
static void set_up_pasids(struct kunit *test, struct setup *setup)
{
	int i;

	set_up(test, setup);
	setup->mock->ops.blocked_domain = &igt_release_domain;
	for (i = 0; i < MEMBERS - 1; i++)
		setup->dev[i]->iommu->max_pasids = IGT_PASIDS;
}

static void begin_reset(struct kunit *test, struct setup *setup, int i)
{
	KUNIT_ASSERT_EQ(test, pci_dev_reset_iommu_prepare(setup->pdev[i]), 0);
}

static void end_reset(struct setup *setup, int i)
{
	pci_dev_reset_iommu_done(setup->pdev[i]);
}

/* Bit i of @blocked: whether member i is in the blocking domain; the rest is in @domain */
static void expect_all_in(struct kunit *test, struct setup *setup,
			  struct iommu_domain *domain, unsigned int blocked)
{
	int i;

	KUNIT_EXPECT_PTR_EQ(test, setup->group->domain, domain);
	for (i = 0; i < MEMBERS; i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, igt_domain_of(setup->dev[i]),
					blocked & BIT(i) ? setup->group->blocking_domain :
							   domain,
					"member %d", i);
}

static void expect_attachable(struct kunit *test, struct setup *setup)
{
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup->domain, setup->group), 0);
	KUNIT_EXPECT_PTR_EQ(test, setup->group->domain, setup->domain);
	iommu_detach_group(setup->domain, setup->group);
}

static void member_is_blocked_and_comes_back(struct kunit *test)
{
	struct iommu_domain *domain;
	struct setup setup;
	int before;

	set_up(test, &setup);
	domain = setup.group->default_domain;
	before = setup.mock->attaches;
	begin_reset(test, &setup, 0);
	KUNIT_EXPECT_NOT_NULL(test, setup.group->blocking_domain);
	expect_all_in(test, &setup, domain, BIT(0));
	end_reset(&setup, 0);
	expect_all_in(test, &setup, domain, 0);
	/* There and back, and nobody else */
	KUNIT_EXPECT_EQ(test, setup.mock->attaches - before, 2);
	expect_attachable(test, &setup);
}

/* Detaching cannot be refused. It leaves out who is blocked */
static void member_comes_back_to_where_its_group_has_gone(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	begin_reset(test, &setup, 1);
	expect_all_in(test, &setup, setup.domain, BIT(1));
	iommu_detach_group(setup.domain, setup.group);
	expect_all_in(test, &setup, setup.group->default_domain, BIT(1));
	end_reset(&setup, 1);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
}

/* Member 0 cannot follow when @setup's domain is detached, and is blocked */
static void strand(struct kunit *test, struct setup *setup)
{
	begin_reset(test, setup, 0);
	end_reset(setup, 0);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup->domain, setup->group), 0);
	setup->mock->attach_error = -ENOMEM;
	setup->mock->fail_attach = setup->mock->attaches + 1;
	iommu_detach_group(setup->domain, setup->group);
	expect_all_in(test, setup, setup->group->default_domain, BIT(0));
}

/* It is where a reset wants it, and the end of the reset is one more try */
static void reset_brings_back_who_could_not_follow(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup);
	strand(test, &setup);
	begin_reset(test, &setup, 0);
	expect_all_in(test, &setup, setup.group->default_domain, BIT(0));
	end_reset(&setup, 0);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
	expect_attachable(test, &setup);
}

/* Nobody resets it, so that nobody is waited for */
static void who_could_not_follow_may_leave(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup);
	strand(test, &setup);
	igt_forget(&setup.fabric->function[0]);
	begin_reset(test, &setup, 1);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group), -EBUSY);
	end_reset(&setup, 1);
	expect_attachable(test, &setup);
}

/* A walk that has found the first member, and has the second one probed */
static struct walk {
	struct setup *setup;
	struct iommu_device *(*probe)(struct device *dev);
} walk;

static struct iommu_device *probe_beside_a_reset(struct device *dev)
{
	struct pci_dev *found = walk.setup->pdev[0];

	if (dev == walk.setup->dev[1] && !pci_dev_reset_iommu_prepare(found))
		pci_dev_reset_iommu_done(found);
	return walk.probe(dev);
}

/* There is no domain yet that it could come back to */
static void member_stays_blocked_until_its_group_has_a_domain(struct kunit *test)
{
	struct setup setup;
	int i;

	set_up_nothing(test, &setup);
	for (i = 0; i < MEMBERS; i++)
		KUNIT_ASSERT_EQ(test, igt_tie(setup.mock, setup.dev[i]), 0);
	walk.setup = &setup;
	walk.probe = setup.mock->ops.probe_device;
	setup.mock->ops.probe_device = probe_beside_a_reset;
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&pci_bus_type), 0);
	/* Each to the default domain, and one to the blocking domain before */
	KUNIT_EXPECT_EQ(test, setup.mock->attaches, MEMBERS + 1);
	KUNIT_EXPECT_NOT_NULL(test, setup.group->default_domain);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
	expect_attachable(test, &setup);
}

/* The group is blocked anyway, and the member is to stay so when the owner goes */
static void member_stays_blocked_when_the_owner_goes(struct kunit *test)
{
	struct setup setup;
	int before;

	set_up(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test), 0);
	before = setup.mock->attaches;
	begin_reset(test, &setup, 0);
	KUNIT_EXPECT_EQ(test, setup.mock->attaches, before);
	iommu_group_release_dma_owner(setup.group);
	expect_all_in(test, &setup, setup.group->default_domain, BIT(0));
	end_reset(&setup, 0);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
}

static void nothing_is_attached_meanwhile(struct kunit *test)
{
	struct iommu_attach_handle handle;
	struct iommu_domain *domain;
	struct setup setup;
	int before;

	set_up(test, &setup);
	domain = setup.group->default_domain;
	begin_reset(test, &setup, 0);
	before = setup.mock->attaches;
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group), -EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_attach_group_handle(setup.domain, setup.group,
							&handle), -EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(setup.group, setup.domain,
							 &handle), -EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(setup.group, test), -EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_device_claim_dma_owner(setup.dev[1], test), -EBUSY);
	KUNIT_EXPECT_EQ(test, setup.mock->attaches, before);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
	KUNIT_EXPECT_NULL(test, setup.group->owner);
	expect_all_in(test, &setup, domain, BIT(0));
	end_reset(&setup, 0);
	expect_attachable(test, &setup);
}

/* As that of a bus, in which functions are reset */
static void resets_nest(struct kunit *test)
{
	struct iommu_domain *domain;
	struct setup setup;
	int before;

	set_up(test, &setup);
	domain = setup.group->default_domain;
	before = setup.mock->attaches;
	begin_reset(test, &setup, 0);
	begin_reset(test, &setup, 0);
	end_reset(&setup, 0);
	expect_all_in(test, &setup, domain, BIT(0));
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group), -EBUSY);
	end_reset(&setup, 0);
	expect_all_in(test, &setup, domain, 0);
	KUNIT_EXPECT_EQ(test, setup.mock->attaches - before, 2);
	expect_attachable(test, &setup);
}

static void several_members_are_reset_at_once(struct kunit *test)
{
	struct iommu_domain *domain;
	struct setup setup;

	set_up(test, &setup);
	domain = setup.group->default_domain;
	begin_reset(test, &setup, 0);
	begin_reset(test, &setup, 2);
	expect_all_in(test, &setup, domain, BIT(0) | BIT(2));
	end_reset(&setup, 0);
	expect_all_in(test, &setup, domain, BIT(2));
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup.domain, setup.group), -EBUSY);
	end_reset(&setup, 2);
	expect_all_in(test, &setup, domain, 0);
	expect_attachable(test, &setup);
}

static void member_that_cannot_be_blocked_is_not_reset(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup);
	setup.mock->ops.domain_alloc_paging = NULL;
	KUNIT_EXPECT_EQ(test, pci_dev_reset_iommu_prepare(setup.pdev[0]), -EOPNOTSUPP);
	setup.mock->ops.blocked_domain = &igt_release_domain;
	setup.mock->fail_attach = setup.mock->attaches + 1;
	KUNIT_EXPECT_EQ(test, pci_dev_reset_iommu_prepare(setup.pdev[0]),
			IGT_ATTACH_ERROR);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
	expect_attachable(test, &setup);

	/* And is counted from the start when it is tried again */
	begin_reset(test, &setup, 0);
	expect_all_in(test, &setup, setup.group->default_domain, BIT(0));
	end_reset(&setup, 0);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
}

static void function_without_ats_or_group_is_left_alone(struct kunit *test)
{
	struct setup setup;
	int before;

	set_up(test, &setup);
	before = setup.mock->attaches;
	setup.pdev[0]->ats_cap = 0;
	begin_reset(test, &setup, 0);
	expect_attachable(test, &setup);
	KUNIT_EXPECT_EQ(test, setup.mock->attaches - before, 2 * MEMBERS);
	end_reset(&setup, 0);

	igt_forget(&setup.fabric->function[1]);
	begin_reset(test, &setup, 1);
	expect_attachable(test, &setup);
	end_reset(&setup, 1);
}

/* Its reset has nobody to end, and the group is attached to what it is told */
static void member_that_leaves_is_not_waited_for(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup);
	begin_reset(test, &setup, 0);
	igt_forget(&setup.fabric->function[0]);
	KUNIT_EXPECT_PTR_EQ(test, setup.mock->released_from, &igt_release_domain);
	expect_attachable(test, &setup);
	end_reset(&setup, 0);
	expect_attachable(test, &setup);

	KUNIT_EXPECT_EQ(test, igt_discover(setup.mock, &setup.fabric->function[0]), 0);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
	begin_reset(test, &setup, 0);
	expect_all_in(test, &setup, setup.group->default_domain, BIT(0));
	end_reset(&setup, 0);
	expect_attachable(test, &setup);
}

/* Nested resets of one member are one that is waited for */
static void group_that_all_leave_is_as_new(struct kunit *test)
{
	struct setup setup;
	int i;

	set_up(test, &setup);
	for (i = 0; i < MEMBERS; i++) {
		begin_reset(test, &setup, i);
		begin_reset(test, &setup, i);
	}
	igt_forget_all(setup.fabric);
	KUNIT_EXPECT_EQ(test, igt_live_domains(setup.mock), 0);
	for (i = 0; i < MEMBERS; i++)
		end_reset(&setup, i);
	KUNIT_EXPECT_EQ(test, igt_references(setup.group), 1);

	igt_discover_all(test, setup.mock, setup.fabric, NULL);
	expect_all_in(test, &setup, setup.group->default_domain, 0);
	expect_attachable(test, &setup);
}

static void newcomer_joins_beside_a_reset(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup);
	igt_forget(&setup.fabric->function[2]);
	begin_reset(test, &setup, 0);
	KUNIT_EXPECT_EQ(test, igt_discover(setup.mock, &setup.fabric->function[2]), 0);
	expect_all_in(test, &setup, setup.group->default_domain, BIT(0));
	end_reset(&setup, 0);
	expect_attachable(test, &setup);
}

/* The first use of a device is waiting when the device is being blocked */
struct use_meanwhile {
	struct kunit *test;
	struct setup *setup;
	struct igt_first_use use;
};

static void use_meanwhile(void *data)
{
	struct use_meanwhile *meanwhile = data;
	struct setup *setup = meanwhile->setup;

	setup->mock->on_attach = NULL;
	igt_begin_first_use(meanwhile->test, &meanwhile->use, setup->dev[0],
			    setup->group->default_domain);
}

static void deferred_attach_of_a_blocked_member_is_refused(struct kunit *test)
{
	struct setup setup;
	struct use_meanwhile meanwhile = { .test = test, .setup = &setup };

	set_up_nothing(test, &setup);
	setup.mock->deferred = true;
	igt_discover_all(test, setup.mock, setup.fabric, NULL);
	setup.mock->on_attach = use_meanwhile;
	setup.mock->on_attach_data = &meanwhile;
	begin_reset(test, &setup, 0);
	KUNIT_EXPECT_EQ(test, igt_end_first_use(&meanwhile.use), -EBUSY);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]),
			    setup.group->blocking_domain);
	end_reset(&setup, 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]),
			    setup.group->default_domain);
	/* Nobody has made use of that one */
	KUNIT_EXPECT_NULL(test, igt_domain_of(setup.dev[1]));
}

/* What the driver gets to know in the midst of each attach of the first member */
struct asking {
	struct device *dev;
	struct iommu_domain *answer[8];
	int n;
};

static void ask(void *data)
{
	struct asking *asking = data;

	if (asking->n < ARRAY_SIZE(asking->answer))
		asking->answer[asking->n] = iommu_driver_get_domain_for_dev(asking->dev);
	asking->n++;
}

static void driver_knows_where_a_member_is(struct kunit *test)
{
	struct iommu_domain *domain, *blocking;
	struct asking asking = {};
	struct setup setup;

	set_up_pasids(test, &setup);
	domain = setup.group->default_domain;
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.other, setup.dev[0], 1,
							NULL), 0);
	asking.dev = setup.dev[0];
	setup.mock->on_attach = ask;
	setup.mock->on_attach_data = &asking;
	begin_reset(test, &setup, 0);
	blocking = setup.group->blocking_domain;
	scoped_guard(mutex, &setup.group->mutex) {
		KUNIT_EXPECT_PTR_EQ(test, iommu_driver_get_domain_for_dev(setup.dev[0]),
				    blocking);
		KUNIT_EXPECT_PTR_EQ(test, iommu_driver_get_domain_for_dev(setup.dev[1]),
				    domain);
	}
	end_reset(&setup, 0);
	setup.mock->on_attach = NULL;

	/* The device first and then its PASID, there and back */
	KUNIT_ASSERT_EQ(test, asking.n, 4);
	KUNIT_EXPECT_PTR_EQ(test, asking.answer[0], domain);
	KUNIT_EXPECT_PTR_EQ(test, asking.answer[1], blocking);
	KUNIT_EXPECT_PTR_EQ(test, asking.answer[2], blocking);
	KUNIT_EXPECT_PTR_EQ(test, asking.answer[3], domain);
	iommu_detach_device_pasid(setup.other, setup.dev[0], 1);
}

/* What the PASIDs 1 and 2 of a member are attached to */
static void expect_pasids(struct kunit *test, struct setup *setup, int i,
			  struct iommu_domain *one, struct iommu_domain *two)
{
	KUNIT_EXPECT_PTR_EQ_MSG(test, igt_domain_of_pasid(setup->dev[i], 1), one,
				"member %d", i);
	KUNIT_EXPECT_PTR_EQ_MSG(test, igt_domain_of_pasid(setup->dev[i], 2), two,
				"member %d", i);
}

/* One with a handle, and one without */
static void attach_pasids(struct kunit *test, struct setup *setup,
			  struct iommu_attach_handle *handle)
{
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup->domain, setup->dev[0],
							1, handle), 0);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup->other, setup->dev[0],
							2, NULL), 0);
}

static void pasids_are_blocked_and_come_back(struct kunit *test)
{
	struct iommu_attach_handle handle;
	struct setup setup;

	set_up_pasids(test, &setup);
	attach_pasids(test, &setup, &handle);
	begin_reset(test, &setup, 0);
	expect_pasids(test, &setup, 0, NULL, NULL);
	expect_pasids(test, &setup, 1, setup.domain, setup.other);
	/* The group has them as before */
	KUNIT_EXPECT_PTR_EQ(test, iommu_attach_handle_get(setup.group, 1, 0), &handle);
	end_reset(&setup, 0);
	expect_pasids(test, &setup, 0, setup.domain, setup.other);
	expect_pasids(test, &setup, 1, setup.domain, setup.other);
	iommu_detach_device_pasid(setup.other, setup.dev[0], 2);
	iommu_detach_device_pasid(setup.domain, setup.dev[0], 1);
	KUNIT_EXPECT_EQ(test, setup.mock->pasids, 0);
}

static void pasid_that_goes_meanwhile_does_not_come_back(struct kunit *test)
{
	struct iommu_attach_handle handle;
	struct setup setup;

	set_up_pasids(test, &setup);
	attach_pasids(test, &setup, &handle);
	begin_reset(test, &setup, 0);
	iommu_detach_device_pasid(setup.domain, setup.dev[0], 1);
	expect_pasids(test, &setup, 1, NULL, setup.other);
	end_reset(&setup, 0);
	expect_pasids(test, &setup, 0, NULL, setup.other);
	iommu_detach_device_pasid(setup.other, setup.dev[0], 2);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
}

static void no_pasid_is_attached_meanwhile(struct kunit *test)
{
	struct iommu_attach_handle handle, new;
	struct setup setup;

	set_up_pasids(test, &setup);
	attach_pasids(test, &setup, &handle);
	begin_reset(test, &setup, 0);
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[1], 3,
							&new), -EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.other, setup.dev[1], 1,
							 &new), -EBUSY);
	expect_pasids(test, &setup, 1, setup.domain, setup.other);
	end_reset(&setup, 0);
	KUNIT_EXPECT_EQ(test, iommu_replace_device_pasid(setup.other, setup.dev[1], 1,
							 &new), 0);
	expect_pasids(test, &setup, 0, setup.other, setup.other);
	iommu_detach_device_pasid(setup.other, setup.dev[0], 1);
	iommu_detach_device_pasid(setup.other, setup.dev[0], 2);
}

/* It was blocked by its requester ID alone */
static void pasid_of_who_could_not_follow_goes_with_the_others(struct kunit *test)
{
	struct iommu_attach_handle handle;
	struct setup setup;

	set_up_pasids(test, &setup);
	strand(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_device_pasid(setup.domain, setup.dev[0], 1,
							&handle), 0);
	KUNIT_EXPECT_EQ(test, setup.mock->pasids, MEMBERS - 1);
	iommu_detach_device_pasid(setup.domain, setup.dev[0], 1);
	KUNIT_EXPECT_EQ(test, setup.mock->pasids, 0);
}

static struct kunit_case iommu_group_reset_cases[] = {
	KUNIT_CASE(member_is_blocked_and_comes_back),
	KUNIT_CASE(member_comes_back_to_where_its_group_has_gone),
	KUNIT_CASE(reset_brings_back_who_could_not_follow),
	KUNIT_CASE(who_could_not_follow_may_leave),
	KUNIT_CASE(member_stays_blocked_until_its_group_has_a_domain),
	KUNIT_CASE(member_stays_blocked_when_the_owner_goes),
	KUNIT_CASE(nothing_is_attached_meanwhile),
	KUNIT_CASE(resets_nest),
	KUNIT_CASE(several_members_are_reset_at_once),
	KUNIT_CASE(member_that_cannot_be_blocked_is_not_reset),
	KUNIT_CASE(function_without_ats_or_group_is_left_alone),
	KUNIT_CASE(member_that_leaves_is_not_waited_for),
	KUNIT_CASE(group_that_all_leave_is_as_new),
	KUNIT_CASE(newcomer_joins_beside_a_reset),
	KUNIT_CASE(deferred_attach_of_a_blocked_member_is_refused),
	KUNIT_CASE(driver_knows_where_a_member_is),
	KUNIT_CASE(pasids_are_blocked_and_come_back),
	KUNIT_CASE(pasid_that_goes_meanwhile_does_not_come_back),
	KUNIT_CASE(no_pasid_is_attached_meanwhile),
	KUNIT_CASE(pasid_of_who_could_not_follow_goes_with_the_others),
	{}
};

static struct kunit_suite iommu_group_reset_suite = {
	.name = "iommu_group_reset",
	.test_cases = iommu_group_reset_cases,
};

kunit_test_suite(iommu_group_reset_suite);

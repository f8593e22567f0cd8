// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of groups going from domain to domain: all of a group's devices
 * or none of them, whichever of them fails.
 */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/iommu-dma.h>
#include <linux/iommu.h>
#include <linux/kmsg_dump.h>
#include <linux/rcupdate.h>

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
	struct iommu_attach_handle handle;
	struct setup setup;
	int k;

	set_up(test, &setup, 3);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	for (k = 1; k <= setup.n; k++) {
		fail_attach(&setup, k);
		KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(setup.group,
								 setup.other,
								 &handle),
				IGT_ATTACH_ERROR);
		expect_all_in(test, &setup, setup.domain);
		KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
	}
	KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(setup.group,
							 setup.other, &handle),
			0);
	expect_all_in(test, &setup, setup.other);
	KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(setup.group, NULL,
							 &handle), -EINVAL);
	expect_all_in(test, &setup, setup.other);
	iommu_detach_group_handle(setup.other, setup.group);
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

static void deferred_attach_in_two_threads_attaches_once(struct kunit *test)
{
	struct igt_first_use one, other;
	struct iommu_domain *domain;
	struct setup setup;

	set_up(test, &setup, 0);
	setup.mock->deferred = true;
	add_clients(test, &setup, 1);
	domain = setup.group->default_domain;

	mutex_lock(&setup.group->mutex);
	igt_begin_first_use(test, &one, setup.dev[0], domain);
	igt_begin_first_use(test, &other, setup.dev[0], domain);
	mutex_unlock(&setup.group->mutex);
	KUNIT_EXPECT_EQ(test, igt_end_first_use(&one), 0);
	KUNIT_EXPECT_EQ(test, igt_end_first_use(&other), 0);
	KUNIT_EXPECT_EQ(test, setup.mock->attaches, 1);
	expect_all_in(test, &setup, domain);
}

/* Its DMA would go where another one's memory is mapped */
static void deferred_attach_that_comes_too_late_is_refused(struct kunit *test)
{
	struct igt_first_use use;
	struct setup setup;

	set_up(test, &setup, 0);
	setup.mock->deferred = true;
	add_clients(test, &setup, 2);

	mutex_lock(&setup.group->mutex);
	igt_begin_first_use(test, &use, setup.dev[1],
			    setup.group->default_domain);
	KUNIT_EXPECT_EQ(test, iommu_group_set_domain(setup.group, setup.domain),
			0);
	mutex_unlock(&setup.group->mutex);
	KUNIT_EXPECT_EQ(test, igt_end_first_use(&use), -EBUSY);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_group(setup.domain, setup.group);
	expect_all_in(test, &setup, setup.group->default_domain);
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

/* They have no owner, but are who they are */
static void static_domain_fits_its_driver_alone(struct kunit *test)
{
	struct iommu_domain *blocked = &igt_release_domain;
	struct iommu_domain *identity = &igt_identity_domain;
	struct setup setup;

	set_up(test, &setup, 2);
	KUNIT_EXPECT_EQ(test, iommu_attach_group(blocked, setup.group), 0);
	expect_all_in(test, &setup, blocked);
	iommu_detach_group(blocked, setup.group);

	KUNIT_EXPECT_EQ(test, iommu_attach_group(identity, setup.group),
			-EINVAL);
	expect_all_in(test, &setup, setup.group->default_domain);

	setup.mock->ops.identity_domain = identity;
	KUNIT_EXPECT_EQ(test, iommu_attach_group(identity, setup.group), 0);
	expect_all_in(test, &setup, identity);
	iommu_detach_group(identity, setup.group);

	setup.mock->ops.release_domain = NULL;
	KUNIT_EXPECT_EQ(test, iommu_attach_group(blocked, setup.group),
			-EINVAL);
	setup.mock->ops.blocked_domain = blocked;
	KUNIT_EXPECT_EQ(test, iommu_attach_group(blocked, setup.group), 0);
	iommu_detach_group(blocked, setup.group);
	setup.mock->ops.release_domain = blocked;
	expect_all_in(test, &setup, setup.group->default_domain);
}

static void static_domain_fits_the_pasids_of_its_driver_alone(struct kunit *test)
{
	struct iommu_domain *blocked = &igt_release_domain;
	struct iommu_domain *identity = &igt_identity_domain;
	struct setup setup;

	set_up(test, &setup, 2);
	setup.mock->ops.blocked_domain = blocked;
	setup.dev[0]->iommu->max_pasids = 2;
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(blocked, setup.dev[0],
							1, NULL), 0);
	iommu_detach_device_pasid(blocked, setup.dev[0], 1);

	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(identity, setup.dev[0],
							1, NULL), -EINVAL);
	setup.mock->ops.identity_domain = identity;
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(identity, setup.dev[0],
							1, NULL), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of_pasid(setup.dev[0], 1), identity);
	iommu_detach_device_pasid(identity, setup.dev[0], 1);
	KUNIT_EXPECT_NULL(test, igt_domain_of_pasid(setup.dev[0], 1));
}

/* A driver takes what it is given for a domain of its own */
static void replacing_by_a_stranger_is_refused(struct kunit *test)
{
	struct igt_iommu *stranger = igt_iommu(test, IGT_ADD_DEVICE);
	struct iommu_domain *domain = igt_domain(test, stranger);
	struct iommu_attach_handle handle;
	struct setup setup;

	set_up(test, &setup, 2);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(setup.group, domain,
							 &handle), -EINVAL);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_group(setup.domain, setup.group);
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

/* The next @failures attaches from the n-th on find no memory */
static void fail_attaches(struct setup *setup, int n, int failures)
{
	setup->mock->attach_error = -ENOMEM;
	setup->mock->failures = failures;
	fail_attach(setup, n);
}

/* For the group to have a blocking domain */
static struct iommu_domain *make_blocking_domain(struct kunit *test, struct setup *setup)
{
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup->group, test), 0);
	iommu_group_release_dma_owner(setup->group);
	return setup->group->blocking_domain;
}

static void expect_to_move_together(struct kunit *test, struct setup *setup)
{
	KUNIT_EXPECT_EQ(test, iommu_attach_group(setup->domain, setup->group), 0);
	expect_all_in(test, setup, setup->domain);
	iommu_detach_group(setup->domain, setup->group);
	expect_all_in(test, setup, setup->group->default_domain);
}

/* Detaching cannot fail. Who cannot follow is blocked, the others follow, and it the next time. */
static void detach_goes_on_after_a_failure(struct kunit *test)
{
	struct iommu_domain *blocking;
	struct setup setup;

	set_up(test, &setup, 3);
	blocking = make_blocking_domain(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	fail_attaches(&setup, 2, 1);
	iommu_detach_group(setup.domain, setup.group);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->domain,
			    setup.group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]),
			    setup.group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[1]), blocking);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[2]),
			    setup.group->default_domain);

	expect_to_move_together(test, &setup);
}

/* It is blocked, and goes from there, and not from where its group is, to where that goes */
static void member_that_cannot_go_back_follows_later(struct kunit *test)
{
	struct iommu_attach_handle first, second;
	struct iommu_domain *blocking;
	struct setup setup;

	set_up(test, &setup, 3);
	blocking = make_blocking_domain(test, &setup);
	KUNIT_ASSERT_EQ(test, iommu_attach_group_handle(setup.domain, setup.group,
							&first), 0);

	/* The second refuses, and so does the first on its way back */
	fail_attaches(&setup, 2, 2);
	KUNIT_EXPECT_EQ(test, iommu_replace_group_handle(setup.group, setup.other,
							 &second), -ENOMEM);
	KUNIT_EXPECT_PTR_EQ(test, setup.group->domain, setup.domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]), blocking);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[1]), setup.domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[2]), setup.domain);

	/* It refuses once more, and is still blocked */
	fail_attaches(&setup, 1, 1);
	iommu_detach_group_handle(setup.domain, setup.group);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]), blocking);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[1]),
			    setup.group->default_domain);

	expect_to_move_together(test, &setup);
}

/* The driver has left it where it was, which was the blocking domain */
static void member_that_cannot_be_blocked_anew_follows_later(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 2);
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test), 0);
	fail_attaches(&setup, 1, 2);
	iommu_group_release_dma_owner(setup.group);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[1]),
			    setup.group->default_domain);
	expect_to_move_together(test, &setup);
}

/* A group that nobody has claimed gets the blocking domain that the driver has one of */
static void member_of_an_unclaimed_group_is_blocked_as_well(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 2);
	setup.mock->ops.blocked_domain = &igt_release_domain;
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	fail_attaches(&setup, 1, 1);
	iommu_detach_group(setup.domain, setup.group);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]), &igt_release_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[1]),
			    setup.group->default_domain);
	expect_to_move_together(test, &setup);
}

/* There is no IOMMU to keep its devices from the memory of others */
static void group_that_no_iommu_serves_has_no_owner(struct kunit *test)
{
	struct setup setup;
	struct device *dev;

	set_up(test, &setup, 1);
	igt_unplug(test, setup.dev[--setup.n]);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(setup.group, test), -EINVAL);

	dev = igt_device(test, NULL, "igt-unserved");
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(setup.group, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(setup.group, test), -EINVAL);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, setup.group, "dma_owner"), "none\n");
	iommu_group_remove_device(dev);
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

static void park_one(struct kunit *test, struct setup *setup,
		     const struct iommu_domain *domain)
{
	igt_unplug(test, setup->dev[--setup->n]);
	KUNIT_EXPECT_PTR_EQ(test, setup->mock->released_from, domain);
}

/* Firmware does not stop because the device has left its group */
static void device_that_firmware_uses_is_not_blocked_when_it_goes(struct kunit *test)
{
	struct setup setup;
	int i;

	set_up(test, &setup, 3);
	for (i = 0; i < 2; i++)
		setup.dev[i]->iommu->require_direct = 1;
	setup.mock->ops.identity_domain = &igt_identity_domain;
	/* The one that firmware does not use */
	park_one(test, &setup, &igt_release_domain);
	/* Who remains may have the same requester ID, or be given to a guest that reaches it */
	park_one(test, &setup, &igt_release_domain);
	park_one(test, &setup, &igt_identity_domain);
}

static void add_for_firmware(struct kunit *test, struct setup *setup)
{
	add_clients(test, setup, 1);
	setup->dev[0]->iommu->require_direct = 1;
}

/* Rather blocked than in a domain that may be freed */
static void device_that_cannot_be_let_through_is_blocked(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 0);
	setup.mock->ops.identity_domain = &igt_identity_domain;
	add_for_firmware(test, &setup);
	fail_attach(&setup, 1);
	park_one(test, &setup, &igt_release_domain);

	/* An IOMMU that translates always */
	add_for_firmware(test, &setup);
	setup.mock->def_domain_type = IOMMU_DOMAIN_DMA;
	park_one(test, &setup, &igt_release_domain);
	setup.mock->def_domain_type = IOMMU_DOMAIN_IDENTITY;

	add_for_firmware(test, &setup);
	park_one(test, &setup, &igt_identity_domain);

	setup.mock->ops.identity_domain = NULL;
	add_for_firmware(test, &setup);
	park_one(test, &setup, &igt_release_domain);

	/* A driver that parks none leaves it where it was, which is no identity */
	add_for_firmware(test, &setup);
	setup.mock->ops.identity_domain = &igt_identity_domain;
	setup.mock->ops.release_domain = NULL;
	park_one(test, &setup, setup.group->default_domain);
}

#define FIRMWARE_PAGES 2

/* At address 0, where "mapped to 0" and "not mapped" look alike */
static void firmware_regions(struct device *dev, struct list_head *regions)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(0, FIRMWARE_PAGES * PAGE_SIZE,
					 IOMMU_READ | IOMMU_WRITE,
					 IOMMU_RESV_DIRECT, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, regions);
}

/* User space maps no firmware's regions, and may detach at any time */
static void device_that_firmware_uses_does_not_join_an_owned_group(struct kunit *test)
{
	struct device *newcomer;
	struct setup setup;

	set_up(test, &setup, 1);
	setup.mock->ops.identity_domain = &igt_identity_domain;
	setup.mock->ops.get_resv_regions = firmware_regions;
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			0);
	newcomer = igt_client(test, setup.mock, "newcomer");
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(newcomer->iommu_group));
	/* What is in no group, beside a guest, must not reach all memory */
	KUNIT_EXPECT_PTR_EQ(test, setup.mock->released_from,
			    &igt_release_domain);

	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	setup.mock->released_from = NULL;
	newcomer = igt_client(test, setup.mock, "another");
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(newcomer->iommu_group));
	KUNIT_EXPECT_PTR_EQ(test, setup.mock->released_from,
			    &igt_release_domain);
	iommu_detach_group(setup.domain, setup.group);
	iommu_group_release_dma_owner(setup.group);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/* Firmware has no use of a domain that is freed either */
static void device_that_firmware_uses_is_blocked_before_its_domain_is_freed(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 1);
	setup.mock->ops.blocked_domain = &igt_release_domain;
	setup.dev[0]->iommu->require_direct = 1;
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	fail_attaches(&setup, 1, 1);
	iommu_detach_group(setup.domain, setup.group);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(setup.dev[0]), &igt_release_domain);
}

/* A default domain of which only the first pages matter */
struct direct_domain {
	struct iommu_domain domain;
	bool mapped[FIRMWARE_PAGES];
};

static phys_addr_t direct_iova_to_phys(struct iommu_domain *domain,
				       dma_addr_t iova)
{
	struct direct_domain *direct =
		container_of(domain, struct direct_domain, domain);

	return direct->mapped[iova / PAGE_SIZE] ? iova : 0;
}

static int direct_map(struct iommu_domain *domain, unsigned long iova,
		      phys_addr_t paddr, size_t pgsize, size_t pgcount,
		      int prot, gfp_t gfp, size_t *mapped)
{
	struct direct_domain *direct =
		container_of(domain, struct direct_domain, domain);

	for (; pgcount > 0; pgcount--, iova += pgsize) {
		if (direct->mapped[iova / PAGE_SIZE])
			return -EEXIST;
		direct->mapped[iova / PAGE_SIZE] = true;
		*mapped += pgsize;
	}
	return 0;
}

static void shared_region_at_zero_is_mapped_once(struct kunit *test)
{
	static const struct iommu_domain_ops ops = {
		.iova_to_phys = direct_iova_to_phys,
		.map_pages = direct_map,
	};
	struct direct_domain direct = {
		.domain = {
			.type = IOMMU_DOMAIN_DMA,
			.ops = &ops,
			.pgsize_bitmap = PAGE_SIZE,
		},
	};
	struct setup setup;
	int i;

	set_up(test, &setup, 2);
	setup.mock->ops.get_resv_regions = firmware_regions;
	/* Of another device, before: the region's first page */
	direct.mapped[0] = true;
	for (i = 0; i < setup.n; i++)
		KUNIT_EXPECT_EQ(test, iommu_create_device_direct_mappings(&direct.domain,
									  setup.dev[i]),
				0);
	for (i = 0; i < FIRMWARE_PAGES; i++)
		KUNIT_EXPECT_TRUE(test, direct.mapped[i]);
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

/* The log has why, for its driver knows nothing of the others */
static void device_with_company_is_not_attached(struct kunit *test)
{
	struct device *dev = igt_device(test, NULL, "groupless");
	struct kmsg_dump_iter log;
	struct setup setup;

	set_up(test, &setup, 2);
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_attach_device(setup.domain, setup.dev[0]),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "has 1 other device: igt-b"), 1);
	add_clients(test, &setup, 3);
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_attach_device(setup.domain, setup.dev[1]),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "has 2 other devices, the first is igt-a"), 1);
	KUNIT_EXPECT_EQ(test, iommu_attach_device(setup.domain, dev), -ENODEV);
	iommu_detach_device(setup.domain, dev);
	expect_all_in(test, &setup, setup.group->default_domain);
}

/* As if a driver of the kernel were bound to one of the devices */
static void claim_of_a_used_group_is_refused(struct kunit *test)
{
	struct kmsg_dump_iter log;
	struct setup setup;

	set_up(test, &setup, 2);
	setup.group->owner_cnt = 1;
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_device_claim_dma_owner(setup.dev[1], test),
			-EPERM);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			-EPERM);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "use the DMA of 1 of its 2 devices"),
			2);
	setup.group->owner_cnt = 0;

	KUNIT_ASSERT_EQ(test, iommu_device_claim_dma_owner(setup.dev[0], test),
			0);
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_device_claim_dma_owner(setup.dev[1], &setup),
			-EPERM);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "user space owns it already"), 1);
	iommu_device_release_dma_owner(setup.dev[0]);
}

/* It has come without asking the driver that attached the first */
static void company_does_not_keep_a_device_attached(struct kunit *test)
{
	struct setup setup;

	set_up(test, &setup, 1);
	KUNIT_ASSERT_EQ(test, iommu_attach_device(setup.domain, setup.dev[0]),
			0);
	add_clients(test, &setup, 2);
	expect_all_in(test, &setup, setup.domain);
	iommu_detach_device(setup.domain, setup.dev[0]);
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

/* Whatever its group is attached to meanwhile, it is for the time after */
static void newcomer_of_an_owned_group_gets_the_dma_api(struct kunit *test)
{
	struct setup setup;
	int i;

	if (!IS_ENABLED(CONFIG_IOMMU_DMA))
		kunit_skip(test, "IOMMUs are not for the DMA API here");

	set_up(test, &setup, 0);
	setup.mock->def_domain_type = IOMMU_DOMAIN_DMA;
	add_clients(test, &setup, 1);
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			0);
	add_clients(test, &setup, 2);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(setup.domain, setup.group), 0);
	add_clients(test, &setup, 3);
	iommu_detach_group(setup.domain, setup.group);
	iommu_group_release_dma_owner(setup.group);

	expect_all_in(test, &setup, setup.group->default_domain);
	for (i = 0; i < setup.n; i++)
		KUNIT_EXPECT_TRUE_MSG(test, use_dma_iommu(setup.dev[i]),
				      "device %d", i);
}

/* Looks for a handle while a device is being attached */
struct looking {
	struct iommu_group *group;
	ioasid_t pasid;
	int found;
	int looks;
};

static bool is_found(struct looking *looking)
{
	return !IS_ERR(iommu_attach_handle_get(looking->group, looking->pasid,
					       0));
}

static void look(void *data)
{
	struct looking *looking = data;

	looking->looks++;
	looking->found += is_found(looking);
}

static void set_up_looking(struct kunit *test, struct setup *setup,
			   struct looking *looking, ioasid_t pasid)
{
	set_up(test, setup, 2);
	/* By which PASIDs are detached */
	setup->mock->ops.blocked_domain = &igt_release_domain;
	setup->dev[0]->iommu->max_pasids = 2;
	setup->dev[1]->iommu->max_pasids = 2;
	*looking = (struct looking){ .group = setup->group, .pasid = pasid };
	setup->mock->on_attach = look;
	setup->mock->on_attach_data = looking;
}

static void handle_is_found_when_its_group_is_attached(struct kunit *test)
{
	struct iommu_attach_handle handle, other;
	struct looking looking;
	struct setup setup;

	set_up_looking(test, &setup, &looking, IOMMU_NO_PASID);
	fail_attach(&setup, 2);
	KUNIT_EXPECT_EQ(test, iommu_attach_group_handle(setup.domain,
							setup.group, &handle),
			IGT_ATTACH_ERROR);
	KUNIT_EXPECT_FALSE(test, is_found(&looking));
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));

	looking.looks = 0;
	KUNIT_EXPECT_EQ(test, iommu_attach_group_handle(setup.domain,
							setup.group, &handle),
			0);
	KUNIT_EXPECT_EQ(test, looking.looks, 2);
	KUNIT_EXPECT_EQ(test, looking.found, 0);
	KUNIT_EXPECT_PTR_EQ(test, iommu_attach_handle_get(setup.group,
							  IOMMU_NO_PASID, 0),
			    &handle);
	KUNIT_EXPECT_EQ(test, iommu_attach_group_handle(setup.other,
							setup.group, &other),
			-EBUSY);
	KUNIT_EXPECT_PTR_EQ(test, iommu_attach_handle_get(setup.group,
							  IOMMU_NO_PASID, 0),
			    &handle);
	setup.mock->on_attach = NULL;
	iommu_detach_group_handle(setup.domain, setup.group);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
	expect_all_in(test, &setup, setup.group->default_domain);
}

static void handle_is_found_when_its_pasid_is_attached(struct kunit *test)
{
	struct iommu_attach_handle handle, other;
	struct looking looking;
	struct setup setup;

	set_up_looking(test, &setup, &looking, 1);
	fail_attach(&setup, 2);
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(setup.domain,
							setup.dev[0], 1,
							&handle),
			IGT_ATTACH_ERROR);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
	KUNIT_EXPECT_EQ(test, setup.mock->pasids, 0);

	looking.looks = 0;
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(setup.domain,
							setup.dev[0], 1,
							&handle), 0);
	KUNIT_EXPECT_EQ(test, looking.looks, 2);
	KUNIT_EXPECT_EQ(test, looking.found, 0);
	KUNIT_EXPECT_PTR_EQ(test, iommu_attach_handle_get(setup.group, 1, 0),
			    &handle);
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(setup.other,
							setup.dev[0], 1,
							&other), -EBUSY);
	KUNIT_EXPECT_PTR_EQ(test, iommu_attach_handle_get(setup.group, 1, 0),
			    &handle);
	KUNIT_EXPECT_EQ(test, setup.mock->pasids, 2);
	setup.mock->on_attach = NULL;
	iommu_detach_device_pasid(setup.domain, setup.dev[0], 1);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
	KUNIT_EXPECT_EQ(test, setup.mock->pasids, 0);
}

/* What has no handle is attached all the same, and nothing else may be */
static void pasid_without_a_handle_is_taken(struct kunit *test)
{
	struct iommu_attach_handle handle;
	struct looking looking;
	struct setup setup;

	set_up_looking(test, &setup, &looking, 1);
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(setup.domain,
							setup.dev[0], 1, NULL),
			0);
	KUNIT_EXPECT_FALSE(test, is_found(&looking));
	KUNIT_EXPECT_EQ(test, iommu_attach_device_pasid(setup.domain,
							setup.dev[0], 1,
							&handle), -EBUSY);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(setup.group, test),
			-EBUSY);
	setup.mock->on_attach = NULL;
	iommu_detach_device_pasid(setup.domain, setup.dev[0], 1);
	KUNIT_EXPECT_TRUE(test, xa_empty(&setup.group->pasid_array));
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
	KUNIT_CASE(deferred_attach_in_two_threads_attaches_once),
	KUNIT_CASE(deferred_attach_that_comes_too_late_is_refused),
	KUNIT_CASE(attach_over_a_foreign_domain_is_refused),
	KUNIT_CASE(unfit_attach_is_refused),
	KUNIT_CASE(static_domain_fits_its_driver_alone),
	KUNIT_CASE(static_domain_fits_the_pasids_of_its_driver_alone),
	KUNIT_CASE(replacing_by_a_stranger_is_refused),
	KUNIT_CASE(domain_that_cannot_attach_is_refused),
	KUNIT_CASE(owned_group_is_blocked_between_domains),
	KUNIT_CASE(detach_goes_on_after_a_failure),
	KUNIT_CASE(member_that_cannot_go_back_follows_later),
	KUNIT_CASE(member_that_cannot_be_blocked_anew_follows_later),
	KUNIT_CASE(member_of_an_unclaimed_group_is_blocked_as_well),
	KUNIT_CASE(group_that_no_iommu_serves_has_no_owner),
	KUNIT_CASE(group_that_firmware_uses_is_not_blocked),
	KUNIT_CASE(device_that_firmware_uses_is_not_blocked_when_it_goes),
	KUNIT_CASE(device_that_cannot_be_let_through_is_blocked),
	KUNIT_CASE(device_that_firmware_uses_does_not_join_an_owned_group),
	KUNIT_CASE(device_that_firmware_uses_is_blocked_before_its_domain_is_freed),
	KUNIT_CASE(shared_region_at_zero_is_mapped_once),
	KUNIT_CASE(device_is_attached_alone),
	KUNIT_CASE(device_with_company_is_not_attached),
	KUNIT_CASE(claim_of_a_used_group_is_refused),
	KUNIT_CASE(company_does_not_keep_a_device_attached),
	KUNIT_CASE(newcomer_goes_where_its_group_is),
	KUNIT_CASE(newcomer_of_an_owned_group_gets_the_dma_api),
	KUNIT_CASE(handle_is_found_when_its_group_is_attached),
	KUNIT_CASE(handle_is_found_when_its_pasid_is_attached),
	KUNIT_CASE(pasid_without_a_handle_is_taken),
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

MODULE_IMPORT_NS("IOMMUFD_INTERNAL");

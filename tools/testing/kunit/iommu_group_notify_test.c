// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the events of IOMMU groups: that a listener hears of all, of
 * nothing else, and in the order that iommu_group_register_notifier() promises.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_recorder.h"

static void add_and_del_are_told_once(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_recorder *rec = igt_new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "told");

	IGT_EXPECT_NO_EVENT(test, rec);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD);
	iommu_group_remove_device(dev);
	IGT_EXPECT_EVENTS(test, rec, dev, DEL);
	iommu_group_remove_device(dev);
	IGT_EXPECT_NO_EVENT(test, rec);
}

static void members_are_replayed_in_order(struct kunit *test)
{
	static const char * const names[] = { "replay-c", "replay-a", "replay-b" };
	struct iommu_group *group = igt_group(test);
	struct device *dev[ARRAY_SIZE(names)];
	struct igt_recorder *rec;
	int i;

	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		dev[i] = igt_device(test, NULL, names[i]);
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev[i]), 0);
	}

	rec = igt_new_listener(test, group);
	KUNIT_ASSERT_EQ(test, rec->n, 3);
	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		KUNIT_EXPECT_EQ(test, rec->event[i].action, ADD);
		KUNIT_EXPECT_PTR_EQ(test, rec->event[i].dev, dev[i]);
		KUNIT_EXPECT_TRUE(test, rec->event[i].is_member);
	}
}

static void failed_add_is_not_told(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);
	struct igt_recorder *rec = igt_new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "refused");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(other, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), -EEXIST);
	IGT_EXPECT_NO_EVENT(test, rec);
}

static void groups_have_events_of_their_own(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_recorder *rec = igt_new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "elsewhere");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(igt_group(test), dev), 0);
	iommu_group_remove_device(dev);
	IGT_EXPECT_NO_EVENT(test, rec);
}

static void listener_is_registered_once(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "once");
	struct igt_recorder *rec = igt_new_recorder(test, group);

	KUNIT_EXPECT_EQ(test, iommu_group_unregister_notifier(group, &rec->nb),
			-ENOENT);
	igt_listen(test, rec);
	igt_stop(test, rec);
	KUNIT_EXPECT_EQ(test, iommu_group_unregister_notifier(group, &rec->nb),
			-ENOENT);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	IGT_EXPECT_NO_EVENT(test, rec);
}

/* Each hears all, the one of higher priority first */
struct ranked {
	struct notifier_block nb;
	int *calls;
	int place;
};

static int note_place(struct notifier_block *nb, unsigned long action,
		      void *dev)
{
	struct ranked *ranked = container_of(nb, struct ranked, nb);

	ranked->place = ++*ranked->calls;
	return NOTIFY_OK;
}

static void listeners_are_called_by_priority(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "ranked");
	int calls = 0, i, ret;
	struct ranked ranked[] = {
		{ .nb = { note_place, .priority = -1 }, .calls = &calls },
		{ .nb = { note_place, .priority = 1 }, .calls = &calls },
		{ .nb = { note_place }, .calls = &calls },
	};

	for (i = 0; i < ARRAY_SIZE(ranked); i++) {
		ret = iommu_group_register_notifier(group, &ranked[i].nb);
		KUNIT_EXPECT_EQ(test, ret, 0);
	}
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
	for (i = 0; i < ARRAY_SIZE(ranked); i++) {
		ret = iommu_group_unregister_notifier(group, &ranked[i].nb);
		KUNIT_EXPECT_EQ(test, ret, 0);
	}
	KUNIT_EXPECT_EQ(test, ranked[1].place, 1);
	KUNIT_EXPECT_EQ(test, ranked[2].place, 2);
	KUNIT_EXPECT_EQ(test, ranked[0].place, 3);
}

/*
 * What can become of a device in a group, each once and in any order. A bind that
 * fails would make seven times as many orders; bus_tells_of_a_failed_bind() has
 * it.
 */
static const struct step {
	unsigned long event;
	unsigned long bus_action;
} steps[] = {
	{ ADD },
	{ BIND, BUS_NOTIFY_BIND_DRIVER },
	{ BOUND, BUS_NOTIFY_BOUND_DRIVER },
	{ UNBIND, BUS_NOTIFY_UNBIND_DRIVER },
	{ UNBOUND, BUS_NOTIFY_UNBOUND_DRIVER },
	{ DEL },
};

#define STEPS ARRAY_SIZE(steps)
#define ORDERS (6 * 5 * 4 * 3 * 2)

static void take_step(struct kunit *test, struct iommu_group *group,
		      struct device *dev, const struct step *step)
{
	if (step->event == ADD)
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	else if (step->event == DEL)
		iommu_group_remove_device(dev);
	else
		iommu_group_notify_driver(dev, step->bus_action);
}

/* The steps in the order of the number @nth, in the factorial base */
static void put_in_order(const struct step **order, int nth)
{
	int i, j;

	for (i = 0; i < STEPS; i++)
		order[i] = &steps[i];
	for (i = STEPS; i > 1; i--) {
		j = nth % i;
		nth /= i;
		swap(order[i - 1], order[j]);
	}
}

/*
 * What a listener hears that registers before the step @from and unregisters
 * before the step @to: nothing of a device that is not in the group, of one
 * that is, ADD before all else.
 */
static int expect_of_order(const struct step **order, int from, int to,
			   unsigned long *expected)
{
	bool present = false, effect;
	int i, n = 0;

	for (i = 0; i < to; i++) {
		if (i == from && present)
			expected[n++] = ADD;
		effect = present || order[i]->event == ADD;
		if (i >= from && effect)
			expected[n++] = order[i]->event;
		if (order[i]->event == ADD || order[i]->event == DEL)
			present = order[i]->event == ADD;
	}
	if (from == to && present)
		expected[n++] = ADD;
	return n;
}

static void live(struct kunit *test, struct igt_recorder *rec,
		 struct device *dev, int nth, int from, int to)
{
	const struct step *order[STEPS];
	unsigned long expected[STEPS + 1];
	char life[40];
	int i;

	put_in_order(order, nth);
	for (i = 0; i <= STEPS; i++) {
		if (i == from)
			igt_listen(test, rec);
		if (i == to)
			igt_stop(test, rec);
		if (i < STEPS)
			take_step(test, rec->group, dev, order[i]);
	}
	iommu_group_remove_device(dev);
	cond_resched();
	i = expect_of_order(order, from, to, expected);
	snprintf(life, sizeof(life), "order %d, heard from %d to %d", nth, from,
		 to);
	igt_expect_events(test, rec, dev, expected, i, life);
}

/* Under KASAN each order and each @from, but not each of their @to */
#define TO_STEP	(IS_ENABLED(CONFIG_KASAN) ? 3 : 1)

static void each_order_of_a_life_is_told(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "alive");
	struct igt_recorder *rec = igt_new_recorder(test, group);
	int nth, from, to;

	igt_quieten_console(test);
	for (nth = 0; nth < ORDERS; nth++) {
		for (from = 0; from <= STEPS; from++) {
			for (to = from + nth % TO_STEP; to <= STEPS;
			     to += TO_STEP)
				live(test, rec, dev, nth, from, to);
		}
	}
	igt_restore_console(test);
}

/*
 * At boot a group has its devices before it has a default domain, and waits for
 * that in a list. Until it is announced its devices have no events.
 */
static void devices_without_domain_wait(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *gone = igt_device(test, NULL, "left-early");
	struct device *dev = igt_device(test, NULL, "waits");
	struct igt_recorder *rec;
	LIST_HEAD(waiting);

	list_add(&group->entry, &waiting);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, gone), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
	rec = igt_new_listener(test, group);
	iommu_group_notify_driver(dev, BUS_NOTIFY_BIND_DRIVER);
	iommu_group_remove_device(gone);
	list_del_init(&group->entry);
	IGT_EXPECT_NO_EVENT(test, rec);

	iommu_group_announce(group);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD);
	iommu_group_announce(group);
	IGT_EXPECT_NO_EVENT(test, rec);
	iommu_group_notify_driver(dev, BUS_NOTIFY_BOUND_DRIVER);
	IGT_EXPECT_EVENTS(test, rec, dev, BOUND);
}

/* A real bus: the platform bus is one that the core serves on every machine */

static int probe_fails(struct platform_device *pdev)
{
	return -EIO;
}

static struct platform_driver willing_driver = {
	.driver = {
		.name = "iommu-group-test-willing",
	},
	.driver_managed_dma = true,
};

static struct platform_driver failing_driver = {
	.driver = {
		.name = "iommu-group-test-failing",
	},
	.driver_managed_dma = true,
	.probe = probe_fails,
};

static struct device_driver dma_driver = {
	.name = "igt-dma",
	.bus = &igt_bus,
};

static struct device_driver other_dma_driver = {
	.name = "igt-dma-too",
	.bus = &igt_bus,
};

KUNIT_DEFINE_ACTION_WRAPPER(unregister_driver, platform_driver_unregister,
			    struct platform_driver *);

static void register_driver(struct kunit *test, struct platform_driver *driver)
{
	KUNIT_ASSERT_EQ(test, platform_driver_register(driver), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_driver,
							driver), 0);
}

KUNIT_DEFINE_ACTION_WRAPPER(unregister_dma_driver, driver_unregister,
			    struct device_driver *);

static void register_dma_driver(struct kunit *test, struct device_driver *driver)
{
	KUNIT_ASSERT_EQ(test, driver_register(driver), 0);
	KUNIT_ASSERT_EQ(test,
			kunit_add_action_or_reset(test, unregister_dma_driver,
						  driver), 0);
}

KUNIT_DEFINE_ACTION_WRAPPER(unregister_pdev, platform_device_unregister,
			    struct platform_device *);

static struct platform_device *new_pdev(struct kunit *test, const char *name)
{
	struct platform_device *pdev;

	pdev = platform_device_register_simple(name, PLATFORM_DEVID_NONE, NULL,
					       0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_pdev,
							pdev), 0);
	return pdev;
}

static void bus_tells_of_drivers_and_removal(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_recorder *rec = igt_new_listener(test, group);
	struct platform_device *pdev;
	struct device *dev;

	pdev = new_pdev(test, willing_driver.driver.name);
	dev = &pdev->dev;
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD);

	register_driver(test, &willing_driver);
	IGT_EXPECT_EVENTS(test, rec, dev, BIND, BOUND);
	kunit_release_action(test, unregister_driver, &willing_driver);
	IGT_EXPECT_EVENTS(test, rec, dev, UNBIND, UNBOUND);

	/* The bus removes the device from its group too */
	kunit_release_action(test, unregister_pdev, pdev);
	IGT_EXPECT_EVENTS(test, rec, dev, DEL);
}

static void bus_tells_of_a_failed_bind(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_recorder *rec = igt_new_listener(test, group);
	struct platform_device *pdev;

	pdev = new_pdev(test, failing_driver.driver.name);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, &pdev->dev), 0);
	register_driver(test, &failing_driver);
	IGT_EXPECT_EVENTS(test, rec, &pdev->dev, ADD, BIND, NOT_BOUND);
}

/* Refused before its bind begins, so that neither BIND nor NOT_BOUND comes */
static void driver_that_an_owner_keeps_out_is_told(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_ADD_DEVICE);
	struct device *dev = igt_client(test, mock, dma_driver.name);
	struct iommu_group *group = igt_group_of(test, dev);
	struct igt_recorder *rec = igt_new_listener(test, group);

	IGT_EXPECT_EVENTS(test, rec, dev, ADD);
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(group, test), 0);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_USER);
	register_dma_driver(test, &dma_driver);
	IGT_EXPECT_EVENTS(test, rec, dev, REFUSED);
	kunit_release_action(test, unregister_dma_driver, &dma_driver);
	IGT_EXPECT_NO_EVENT(test, rec);
	iommu_group_release_dma_owner(group);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_NONE);

	register_dma_driver(test, &dma_driver);
	IGT_EXPECT_EVENTS(test, rec, dev, BIND, BOUND);
}

/* A driver is in the way of a foreign domain, too, and yet nobody owns the group */
static void driver_that_a_domain_keeps_out_is_not_told(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_ADD_DEVICE);
	struct iommu_domain *domain = igt_domain(test, mock);
	struct iommu_group *group = igt_group(test);
	struct device *refused;
	struct igt_recorder *rec;

	mock->group = group;
	igt_client(test, mock, dma_driver.name);
	refused = igt_client(test, mock, other_dma_driver.name);
	register_dma_driver(test, &dma_driver);
	KUNIT_ASSERT_EQ(test, iommu_attach_group(domain, group), 0);
	rec = igt_new_listener(test, group);
	rec->n = 0;

	register_dma_driver(test, &other_dma_driver);
	KUNIT_EXPECT_NULL(test, refused->driver);
	IGT_EXPECT_NO_EVENT(test, rec);
	kunit_release_action(test, unregister_dma_driver, &other_dma_driver);
	iommu_detach_group(domain, group);
}

/* Owners: devices that an IOMMU serves, for others cannot be claimed */

#define OWNED_DEVICES	2

struct owned {
	struct igt_iommu *mock;
	struct iommu_group *group;
	struct iommu_domain *domain;
	struct device *dev[OWNED_DEVICES];
};

static void set_up_owned(struct kunit *test, struct owned *owned)
{
	static const char * const names[OWNED_DEVICES] = { "owned-a", "owned-b" };
	int i;

	owned->group = igt_group(test);
	owned->mock = igt_iommu(test, IGT_GENERIC);
	owned->mock->group = owned->group;
	owned->domain = igt_domain(test, owned->mock);
	for (i = 0; i < OWNED_DEVICES; i++)
		owned->dev[i] = igt_client(test, owned->mock, names[i]);
}

static struct igt_recorder *hear_of_owned(struct kunit *test,
					  struct owned *owned)
{
	struct igt_recorder *rec;

	set_up_owned(test, owned);
	rec = igt_new_listener(test, owned->group);
	/* ADD of each device */
	KUNIT_EXPECT_EQ(test, rec->n, OWNED_DEVICES);
	rec->n = 0;
	return rec;
}

static int claim_group(struct owned *owned, void *owner)
{
	return iommu_group_claim_dma_owner(owned->group, owner);
}

static int claim_device(struct owned *owned, int i, void *owner)
{
	return iommu_device_claim_dma_owner(owned->dev[i], owner);
}

static void owner_is_told_at_first_claim_and_last_release(struct kunit *test)
{
	struct owned owned;
	struct igt_recorder *rec = hear_of_owned(test, &owned);

	KUNIT_ASSERT_EQ(test, claim_device(&owned, 0, test), 0);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_USER);
	KUNIT_ASSERT_EQ(test, claim_device(&owned, 1, test), 0);
	iommu_device_release_dma_owner(owned.dev[0]);
	IGT_EXPECT_NO_EVENT(test, rec);
	iommu_device_release_dma_owner(owned.dev[1]);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_NONE);

	KUNIT_ASSERT_EQ(test, claim_group(&owned, test), 0);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_USER);
	iommu_group_release_dma_owner(owned.group);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_NONE);
}

static void failed_claim_is_not_told(struct kunit *test)
{
	struct owned owned;
	struct igt_recorder *rec = hear_of_owned(test, &owned);

	/* Another domain is in the way, then firmware, then the IOMMU driver */
	KUNIT_ASSERT_EQ(test, iommu_attach_group(owned.domain, owned.group), 0);
	KUNIT_EXPECT_EQ(test, claim_group(&owned, test), -EBUSY);
	KUNIT_EXPECT_EQ(test, claim_device(&owned, 0, test), -EBUSY);
	iommu_detach_group(owned.domain, owned.group);
	owned.dev[1]->iommu->require_direct = 1;
	KUNIT_EXPECT_EQ(test, claim_device(&owned, 0, test), -EINVAL);
	owned.dev[1]->iommu->require_direct = 0;
	owned.mock->fail_attach = owned.mock->attaches + 1;
	KUNIT_EXPECT_EQ(test, claim_group(&owned, test), IGT_ATTACH_ERROR);
	IGT_EXPECT_NO_EVENT(test, rec);

	/* Another owner */
	KUNIT_ASSERT_EQ(test, claim_device(&owned, 0, test), 0);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_USER);
	KUNIT_EXPECT_EQ(test, claim_device(&owned, 1, rec), -EPERM);
	KUNIT_EXPECT_EQ(test, claim_group(&owned, rec), -EPERM);
	IGT_EXPECT_NO_EVENT(test, rec);
	iommu_device_release_dma_owner(owned.dev[0]);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_NONE);
}

static struct device_driver kernel_driver = {
	.name = "owned-a",
	.bus = &igt_bus,
};

static void drivers_of_the_kernel_are_no_owners(struct kunit *test)
{
	struct owned owned;
	struct igt_recorder *rec = hear_of_owned(test, &owned);

	register_dma_driver(test, &kernel_driver);
	KUNIT_EXPECT_TRUE(test, iommu_group_dma_owner_claimed(owned.group));
	IGT_EXPECT_EVENTS(test, rec, owned.dev[0], BIND, BOUND);
	KUNIT_EXPECT_EQ(test, claim_group(&owned, test), -EPERM);
	IGT_EXPECT_NO_EVENT(test, rec);

	kunit_release_action(test, unregister_dma_driver, &kernel_driver);
	KUNIT_EXPECT_FALSE(test, iommu_group_dma_owner_claimed(owned.group));
	IGT_EXPECT_EVENTS(test, rec, owned.dev[0], UNBIND, UNBOUND);
}

/* So whoever hears of a device knows whether its group is owned */
static void owner_is_replayed_before_devices(struct kunit *test)
{
	struct igt_recorder *rec;
	struct owned owned;

	set_up_owned(test, &owned);
	rec = igt_new_recorder(test, owned.group);
	KUNIT_ASSERT_EQ(test, claim_group(&owned, test), 0);
	igt_listen(test, rec);
	KUNIT_ASSERT_EQ(test, rec->n, 3);
	KUNIT_EXPECT_EQ(test, rec->event[0].action, OWNER_USER);
	KUNIT_EXPECT_NULL(test, rec->event[0].dev);
	KUNIT_EXPECT_EQ(test, rec->event[1].action, ADD);
	KUNIT_EXPECT_PTR_EQ(test, rec->event[1].dev, owned.dev[0]);
	KUNIT_EXPECT_EQ(test, rec->event[2].action, ADD);
	KUNIT_EXPECT_PTR_EQ(test, rec->event[2].dev, owned.dev[1]);
	rec->n = 0;
	iommu_group_release_dma_owner(owned.group);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_NONE);

	/* An owner that has gone is not told of */
	igt_stop(test, rec);
	igt_listen(test, rec);
	KUNIT_ASSERT_EQ(test, rec->n, 2);
	KUNIT_EXPECT_EQ(test, rec->event[0].action, ADD);
	KUNIT_EXPECT_EQ(test, rec->event[1].action, ADD);
}

static void devices_come_and_go_while_owned(struct kunit *test)
{
	struct owned owned;
	struct igt_recorder *rec = hear_of_owned(test, &owned);
	struct device *dev;

	KUNIT_ASSERT_EQ(test, claim_group(&owned, test), 0);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_USER);
	dev = igt_client(test, owned.mock, "owned-plugged");
	KUNIT_EXPECT_TRUE(test, rec->event[0].is_owned);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD);
	igt_unplug(test, dev);
	KUNIT_ASSERT_EQ(test, rec->n, 1);
	KUNIT_EXPECT_EQ(test, rec->event[0].action, DEL);
	KUNIT_EXPECT_TRUE(test, rec->event[0].is_owned);
	rec->n = 0;
	iommu_group_release_dma_owner(owned.group);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_NONE);
}

/* A listener that does with the group what it is allowed to */
struct group_user {
	struct notifier_block nb;
	struct owned *owned;
	int uses;
	int failures;
};

static int count_device(struct device *dev, void *devices)
{
	++*(int *)devices;
	return 0;
}

static int use_group(struct notifier_block *nb, unsigned long action, void *dev)
{
	struct group_user *user = container_of(nb, struct group_user, nb);
	struct owned *owned = user->owned;
	int devices = 0;

	iommu_group_put(iommu_group_ref_get(owned->group));
	iommu_group_for_each_dev(owned->group, &devices, count_device);
	if (devices != OWNED_DEVICES)
		user->failures++;
	if (iommu_attach_group(owned->domain, owned->group))
		user->failures++;
	else
		iommu_detach_group(owned->domain, owned->group);
	user->uses++;
	return NOTIFY_OK;
}

static void listener_may_use_the_group(struct kunit *test)
{
	struct owned owned;
	struct group_user user = { .nb = { use_group }, .owned = &owned };
	int ret;

	set_up_owned(test, &owned);
	ret = iommu_group_register_notifier(owned.group, &user.nb);
	KUNIT_EXPECT_EQ(test, ret, 0);
	ret = claim_group(&owned, test);
	KUNIT_EXPECT_EQ(test, ret, 0);
	if (!ret)
		iommu_group_release_dma_owner(owned.group);
	ret = iommu_group_unregister_notifier(owned.group, &user.nb);
	KUNIT_EXPECT_EQ(test, ret, 0);
	/* Two ADD, OWNER_USER and OWNER_NONE */
	KUNIT_EXPECT_EQ(test, user.uses, 4);
	KUNIT_EXPECT_EQ(test, user.failures, 0);
}

/* A machine that is busy may let the threads of a storm run late: it waits for them */
#define STORM_SECONDS	60

/* Owners come and go in two threads, a listener in a third */

#define OWNER_ROUNDS	(IS_ENABLED(CONFIG_KASAN) ? 5000 : 50000)

struct owner_storm {
	struct owned owned;
	unsigned long claims;
};

/* A listener that holds every event against what it was told before */
struct owner_judge {
	struct igt_recorder rec;
	bool is_owned;
	unsigned long events;
	unsigned long wrong;
};

static int judge_owner(struct notifier_block *nb, unsigned long action,
		       void *dev)
{
	struct owner_judge *judge = container_of(nb, struct owner_judge, rec.nb);
	bool is_owned = action == OWNER_USER;

	if (action != OWNER_USER && action != OWNER_NONE)
		return NOTIFY_OK;

	judge->events++;
	if (dev || judge->is_owned == is_owned)
		judge->wrong++;
	/* Others are let in, who must not be able to change it */
	cond_resched();
	if (igt_is_owned(judge->rec.group) != is_owned)
		judge->wrong++;
	judge->is_owned = is_owned;
	return NOTIFY_OK;
}

static struct owner_judge *new_owner_judge(struct kunit *test,
					   struct owner_storm *storm)
{
	struct owner_judge *judge = kunit_kzalloc(test, sizeof(*judge), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, judge);
	judge->rec.nb.notifier_call = judge_owner;
	judge->rec.group = storm->owned.group;
	return judge;
}

static int claim_until_stopped(void *data)
{
	struct owner_storm *storm = data;
	struct device *dev = storm->owned.dev[0];

	while (!kthread_should_stop()) {
		if (!iommu_device_claim_dma_owner(dev, storm)) {
			WRITE_ONCE(storm->claims, storm->claims + 1);
			cond_resched();
			iommu_device_release_dma_owner(dev);
		}
		cond_resched();
	}
	return 0;
}

/* When it has registered, and until it is told otherwise, it knows what is so */
static void come_and_go(struct owner_judge *judge)
{
	struct iommu_group *group = judge->rec.group;

	judge->is_owned = false;
	if (iommu_group_register_notifier(group, &judge->rec.nb))
		judge->wrong++;
	scoped_guard(mutex, &group->event_lock) {
		if (judge->is_owned != igt_is_owned(group))
			judge->wrong++;
	}
	cond_resched();
	if (iommu_group_unregister_notifier(group, &judge->rec.nb))
		judge->wrong++;
	cond_resched();
}

/* Some claims were the first, others were not, and both listeners heard of them */
static bool is_owner_storm(struct owner_storm *storm,
			   struct owner_judge *coming,
			   struct owner_judge *staying)
{
	unsigned long events = READ_ONCE(staying->events);

	return READ_ONCE(coming->events) && events &&
	       2 * READ_ONCE(storm->claims) > events;
}

static void owner_holds_in_a_storm(struct kunit *test)
{
	struct owner_storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	unsigned long end = jiffies + STORM_SECONDS * HZ;
	struct owner_judge *coming, *staying;
	struct task_struct *task[2];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	set_up_owned(test, &storm->owned);
	coming = new_owner_judge(test, storm);
	staying = new_owner_judge(test, storm);
	igt_listen(test, &staying->rec);
	for (i = 0; i < ARRAY_SIZE(task); i++)
		task[i] = igt_begin_thread(test, claim_until_stopped, storm);
	for (i = 0; i < OWNER_ROUNDS; i++)
		come_and_go(coming);
	while (!is_owner_storm(storm, coming, staying) && time_before(jiffies, end))
		come_and_go(coming);
	for (i = 0; i < ARRAY_SIZE(task); i++)
		igt_end_thread(test, task[i]);
	igt_stop(test, &staying->rec);

	KUNIT_EXPECT_EQ(test, staying->wrong, 0);
	KUNIT_EXPECT_EQ(test, coming->wrong, 0);
	KUNIT_EXPECT_FALSE(test, staying->is_owned);
	KUNIT_EXPECT_TRUE(test, is_owner_storm(storm, coming, staying));
	kunit_info(test, "%lu claims, %lu events, %lu to the listener that came and went\n",
		   storm->claims, staying->events, coming->events);
}

/* A storm: the same devices come and go in two threads, listeners in others */

#define STORM_DEVICES	4
#define STORM_ROUNDS	(IS_ENABLED(CONFIG_KASAN) ? 10000 : 100000)

struct storm {
	struct iommu_group *group;
	struct device *dev[STORM_DEVICES];
	unsigned long added;
};

/* A listener that holds every event against the promised order */
struct judge {
	struct igt_recorder rec;
	struct storm *storm;
	bool present[STORM_DEVICES];
	unsigned long events;
	unsigned long wrong;
};

static int judge_event(struct notifier_block *nb, unsigned long action,
		       void *dev)
{
	struct judge *judge = container_of(nb, struct judge, rec.nb);
	bool add = action == ADD;
	bool *present = NULL;
	int i;

	for (i = 0; i < STORM_DEVICES; i++) {
		if (judge->storm->dev[i] == dev)
			present = &judge->present[i];
	}

	judge->events++;
	/* ADD of what is absent, all else of what is present */
	if (!present || *present == add ||
	    !igt_is_member(judge->storm->group, dev))
		judge->wrong++;
	else
		*present = action != DEL;
	return NOTIFY_OK;
}

static void drive(struct device *dev)
{
	int i;

	for (i = 0; i < STEPS; i++) {
		if (steps[i].bus_action)
			iommu_group_notify_driver(dev, steps[i].bus_action);
	}
}

static int remove_and_bind_until_stopped(void *data)
{
	struct storm *storm = data;
	int i;

	for (i = 0; !kthread_should_stop(); i = (i + 1) % STORM_DEVICES) {
		drive(storm->dev[i]);
		iommu_group_remove_device(storm->dev[i]);
		drive(storm->dev[i]);
		if (!iommu_group_add_device(storm->group, storm->dev[i]))
			WRITE_ONCE(storm->added, storm->added + 1);
		/* RCU frees what was made for each link, and needs its turn */
		schedule();
	}
	return 0;
}

static int judge_until_stopped(void *data)
{
	struct judge *judge = data;
	struct storm *storm = judge->storm;

	while (!kthread_should_stop() && !judge->wrong) {
		memset(judge->present, 0, sizeof(judge->present));
		if (iommu_group_register_notifier(storm->group, &judge->rec.nb))
			judge->wrong++;
		iommu_group_put(iommu_group_get(storm->dev[0]));
		cond_resched();
		if (iommu_group_unregister_notifier(storm->group, &judge->rec.nb))
			judge->wrong++;
	}
	return 0;
}

static struct judge *new_judge(struct kunit *test, struct storm *storm)
{
	struct judge *judge = kunit_kzalloc(test, sizeof(*judge), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, judge);
	judge->rec.nb.notifier_call = judge_event;
	judge->rec.group = storm->group;
	judge->storm = storm;
	return judge;
}

/* Not on the stack, which the test may leave while threads go on */
static struct storm *new_storm(struct kunit *test)
{
	static const char * const names[STORM_DEVICES] = {
		"storm-a", "storm-b", "storm-c", "storm-d"
	};
	struct storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->group = igt_group(test);
	for (i = 0; i < STORM_DEVICES; i++)
		storm->dev[i] = igt_device(test, NULL, names[i]);
	return storm;
}

static void add_and_remove(struct storm *storm, int i)
{
	iommu_group_add_device(storm->group, storm->dev[i % STORM_DEVICES]);
	iommu_group_remove_device(storm->dev[(i + 1) % STORM_DEVICES]);
	cond_resched();
}

static bool is_order_storm(struct storm *storm, struct judge *coming)
{
	return READ_ONCE(coming->events) && READ_ONCE(storm->added);
}

static void order_holds_in_a_storm(struct kunit *test)
{
	struct storm *storm = new_storm(test);
	struct judge *coming = new_judge(test, storm);
	struct judge *staying = new_judge(test, storm);
	unsigned long end = jiffies + STORM_SECONDS * HZ;
	struct task_struct *task[2];
	int i;

	igt_quieten_console(test);
	igt_listen(test, &staying->rec);
	task[0] = igt_begin_thread(test, remove_and_bind_until_stopped, storm);
	task[1] = igt_begin_thread(test, judge_until_stopped, coming);
	for (i = 0; i < STORM_ROUNDS; i++)
		add_and_remove(storm, i);
	while (!is_order_storm(storm, coming) && time_before(jiffies, end))
		add_and_remove(storm, i++);
	igt_end_thread(test, task[1]);
	igt_end_thread(test, task[0]);

	for (i = 0; i < STORM_DEVICES; i++)
		iommu_group_remove_device(storm->dev[i]);
	igt_stop(test, &staying->rec);
	igt_restore_console(test);

	KUNIT_EXPECT_EQ(test, staying->wrong, 0);
	KUNIT_EXPECT_EQ(test, coming->wrong, 0);
	for (i = 0; i < STORM_DEVICES; i++)
		KUNIT_EXPECT_FALSE(test, staying->present[i]);
	KUNIT_EXPECT_GT(test, staying->events, STORM_ROUNDS);
	KUNIT_EXPECT_TRUE(test, is_order_storm(storm, coming));
	kunit_info(test, "%lu events, %lu to the listener that came and went\n",
		   staying->events, coming->events);
}

static struct kunit_case iommu_group_notify_cases[] = {
	KUNIT_CASE(add_and_del_are_told_once),
	KUNIT_CASE(members_are_replayed_in_order),
	KUNIT_CASE(failed_add_is_not_told),
	KUNIT_CASE(groups_have_events_of_their_own),
	KUNIT_CASE(listener_is_registered_once),
	KUNIT_CASE(listeners_are_called_by_priority),
	KUNIT_CASE_SLOW(each_order_of_a_life_is_told),
	KUNIT_CASE(devices_without_domain_wait),
	KUNIT_CASE(bus_tells_of_drivers_and_removal),
	KUNIT_CASE(bus_tells_of_a_failed_bind),
	KUNIT_CASE(driver_that_an_owner_keeps_out_is_told),
	KUNIT_CASE(driver_that_a_domain_keeps_out_is_not_told),
	KUNIT_CASE(owner_is_told_at_first_claim_and_last_release),
	KUNIT_CASE(failed_claim_is_not_told),
	KUNIT_CASE(drivers_of_the_kernel_are_no_owners),
	KUNIT_CASE(owner_is_replayed_before_devices),
	KUNIT_CASE(devices_come_and_go_while_owned),
	KUNIT_CASE(listener_may_use_the_group),
	KUNIT_CASE_SLOW(owner_holds_in_a_storm),
	KUNIT_CASE_SLOW(order_holds_in_a_storm),
	{}
};

static struct kunit_suite iommu_group_notify_suite = {
	.name = "iommu_group_notify",
	.test_cases = iommu_group_notify_cases,
};

kunit_test_suite(iommu_group_notify_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

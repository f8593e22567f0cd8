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
#include <linux/kthread.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fixture.h"

#define ADD		IOMMU_GROUP_NOTIFY_ADD_DEVICE
#define DEL		IOMMU_GROUP_NOTIFY_DEL_DEVICE
#define BIND		IOMMU_GROUP_NOTIFY_BIND_DRIVER
#define BOUND		IOMMU_GROUP_NOTIFY_BOUND_DRIVER
#define UNBIND		IOMMU_GROUP_NOTIFY_UNBIND_DRIVER
#define UNBOUND		IOMMU_GROUP_NOTIFY_UNBOUND_DRIVER
#define NOT_BOUND	IOMMU_GROUP_NOTIFY_DRIVER_NOT_BOUND

/* A listener that writes down what it hears */
struct recorder {
	struct notifier_block nb;
	struct iommu_group *group;
	int n;
	struct {
		unsigned long action;
		struct device *dev;
		bool is_member;
	} event[16];
};

static int is_device(struct device *dev, void *data)
{
	return dev == data;
}

static bool is_member(struct iommu_group *group, struct device *dev)
{
	struct iommu_group *found = iommu_group_get(dev);

	iommu_group_put(found);
	return found == group &&
	       iommu_group_for_each_dev(group, dev, is_device);
}

static int record(struct notifier_block *nb, unsigned long action, void *dev)
{
	struct recorder *rec = container_of(nb, struct recorder, nb);

	if (rec->n < ARRAY_SIZE(rec->event)) {
		rec->event[rec->n].action = action;
		rec->event[rec->n].dev = dev;
		rec->event[rec->n].is_member = is_member(rec->group, dev);
	}
	rec->n++;
	return NOTIFY_OK;
}

static void stop_listening(void *data)
{
	struct recorder *rec = data;

	iommu_group_unregister_notifier(rec->group, &rec->nb);
}

/* To be registered by listen() */
static struct recorder *new_recorder(struct kunit *test,
				     struct iommu_group *group)
{
	struct recorder *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rec);
	rec->group = group;
	rec->nb.notifier_call = record;
	return rec;
}

static void listen(struct kunit *test, struct recorder *rec)
{
	KUNIT_ASSERT_EQ(test, iommu_group_register_notifier(rec->group,
							    &rec->nb), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_listening,
							rec), 0);
}

static void stop(struct kunit *test, struct recorder *rec)
{
	kunit_release_action(test, stop_listening, rec);
}

static struct recorder *new_listener(struct kunit *test,
				     struct iommu_group *group)
{
	struct recorder *rec = new_recorder(test, group);

	listen(test, rec);
	return rec;
}

/* The events so far are the given ones, all of @dev; then forget them */
static void expect_events(struct kunit *test, struct recorder *rec,
			  struct device *dev, const unsigned long *action,
			  int n)
{
	int i;

	KUNIT_EXPECT_EQ(test, rec->n, n);
	for (i = 0; i < min(rec->n, n); i++) {
		KUNIT_EXPECT_EQ_MSG(test, rec->event[i].action, action[i],
				    "event %d", i);
		KUNIT_EXPECT_PTR_EQ(test, rec->event[i].dev, dev);
		KUNIT_EXPECT_TRUE(test, rec->event[i].is_member);
	}
	rec->n = 0;
}

#define EXPECT_EVENTS(test, rec, dev, ...)				\
	expect_events(test, rec, dev,					\
		      (const unsigned long []){ __VA_ARGS__ },		\
		      sizeof((const unsigned long []){ __VA_ARGS__ }) /	\
		      sizeof(unsigned long))

#define EXPECT_NO_EVENT(test, rec)	KUNIT_EXPECT_EQ(test, (rec)->n, 0)

static void add_and_del_are_told_once(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct recorder *rec = new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "told");

	EXPECT_NO_EVENT(test, rec);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	EXPECT_EVENTS(test, rec, dev, ADD);
	iommu_group_remove_device(dev);
	EXPECT_EVENTS(test, rec, dev, DEL);
	iommu_group_remove_device(dev);
	EXPECT_NO_EVENT(test, rec);
}

static void members_are_replayed_in_order(struct kunit *test)
{
	static const char * const names[] = { "replay-c", "replay-a", "replay-b" };
	struct iommu_group *group = igt_group(test);
	struct device *dev[ARRAY_SIZE(names)];
	struct recorder *rec;
	int i;

	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		dev[i] = igt_device(test, NULL, names[i]);
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev[i]), 0);
	}

	rec = new_listener(test, group);
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
	struct recorder *rec = new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "refused");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(other, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), -EEXIST);
	EXPECT_NO_EVENT(test, rec);
}

static void groups_have_events_of_their_own(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct recorder *rec = new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "elsewhere");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(igt_group(test), dev), 0);
	iommu_group_remove_device(dev);
	EXPECT_NO_EVENT(test, rec);
}

static void listener_is_registered_once(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "once");
	struct recorder *rec = new_recorder(test, group);

	KUNIT_EXPECT_EQ(test, iommu_group_unregister_notifier(group, &rec->nb),
			-ENOENT);
	listen(test, rec);
	stop(test, rec);
	KUNIT_EXPECT_EQ(test, iommu_group_unregister_notifier(group, &rec->nb),
			-ENOENT);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	EXPECT_NO_EVENT(test, rec);
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

/* The life of a device in a group, step by step */
static const unsigned long life[] = { ADD, BIND, BOUND, UNBIND, UNBOUND, DEL };

static void take_step(struct kunit *test, struct iommu_group *group,
		      struct device *dev, int step)
{
	static const unsigned long bus_action[] = {
		[1] = BUS_NOTIFY_BIND_DRIVER,
		[2] = BUS_NOTIFY_BOUND_DRIVER,
		[3] = BUS_NOTIFY_UNBIND_DRIVER,
		[4] = BUS_NOTIFY_UNBOUND_DRIVER,
	};

	if (life[step] == ADD)
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	else if (life[step] == DEL)
		iommu_group_remove_device(dev);
	else
		iommu_group_notify_driver(dev, bus_action[step]);
}

/*
 * Registered before each step and unregistered before each later one, a
 * listener hears of the steps between. If the device is there already when it
 * registers, that is after the first step and before the last is done, it hears
 * ADD before all else.
 */
static void each_part_of_a_life_is_told(struct kunit *test)
{
	const int steps = ARRAY_SIZE(life);
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "alive");
	struct recorder *rec = new_recorder(test, group);
	unsigned long expected[ARRAY_SIZE(life) + 1];
	int from, to, step, n;

	for (from = 0; from <= steps; from++) {
		for (to = from; to <= steps; to++) {
			n = 0;
			if (from > 0 && from < steps)
				expected[n++] = ADD;
			for (step = from; step < to; step++)
				expected[n++] = life[step];

			for (step = 0; step <= steps; step++) {
				if (step == from)
					listen(test, rec);
				if (step == to)
					stop(test, rec);
				if (step < steps)
					take_step(test, group, dev, step);
			}
			expect_events(test, rec, dev, expected, n);
		}
	}
}

static void drivers_of_strangers_are_not_told(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct recorder *rec = new_listener(test, group);
	struct device *dev = igt_device(test, NULL, "strange");

	iommu_group_notify_driver(dev, BUS_NOTIFY_BIND_DRIVER);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	iommu_group_remove_device(dev);
	iommu_group_notify_driver(dev, BUS_NOTIFY_UNBIND_DRIVER);
	EXPECT_EVENTS(test, rec, dev, ADD, DEL);
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
	struct recorder *rec;
	LIST_HEAD(waiting);

	list_add(&group->entry, &waiting);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, gone), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
	rec = new_listener(test, group);
	iommu_group_notify_driver(dev, BUS_NOTIFY_BIND_DRIVER);
	iommu_group_remove_device(gone);
	list_del_init(&group->entry);
	EXPECT_NO_EVENT(test, rec);

	iommu_group_announce(group);
	EXPECT_EVENTS(test, rec, dev, ADD);
	iommu_group_announce(group);
	EXPECT_NO_EVENT(test, rec);
	iommu_group_notify_driver(dev, BUS_NOTIFY_BOUND_DRIVER);
	EXPECT_EVENTS(test, rec, dev, BOUND);
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

static void unregister_driver(void *driver)
{
	platform_driver_unregister(driver);
}

static void register_driver(struct kunit *test, struct platform_driver *driver)
{
	KUNIT_ASSERT_EQ(test, platform_driver_register(driver), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_driver,
							driver), 0);
}

static void unregister_pdev(void *pdev)
{
	platform_device_unregister(pdev);
}

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
	struct recorder *rec = new_listener(test, group);
	struct platform_device *pdev;
	struct device *dev;

	pdev = new_pdev(test, willing_driver.driver.name);
	dev = &pdev->dev;
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	EXPECT_EVENTS(test, rec, dev, ADD);

	register_driver(test, &willing_driver);
	EXPECT_EVENTS(test, rec, dev, BIND, BOUND);
	kunit_release_action(test, unregister_driver, &willing_driver);
	EXPECT_EVENTS(test, rec, dev, UNBIND, UNBOUND);

	/* The bus removes the device from its group too */
	kunit_release_action(test, unregister_pdev, pdev);
	EXPECT_EVENTS(test, rec, dev, DEL);
}

static void bus_tells_of_a_failed_bind(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct recorder *rec = new_listener(test, group);
	struct platform_device *pdev;

	pdev = new_pdev(test, failing_driver.driver.name);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, &pdev->dev), 0);
	register_driver(test, &failing_driver);
	EXPECT_EVENTS(test, rec, &pdev->dev, ADD, BIND, NOT_BOUND);
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
	struct notifier_block nb;
	struct storm *storm;
	bool present[STORM_DEVICES];
	unsigned long events;
	unsigned long wrong;
};

static int judge_event(struct notifier_block *nb, unsigned long action,
		       void *dev)
{
	struct judge *judge = container_of(nb, struct judge, nb);
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
	    !is_member(judge->storm->group, dev))
		judge->wrong++;
	else
		*present = action != DEL;
	return NOTIFY_OK;
}

static int remove_and_bind_until_stopped(void *data)
{
	struct storm *storm = data;
	int i;

	for (i = 0; !kthread_should_stop(); i = (i + 1) % STORM_DEVICES) {
		iommu_group_notify_driver(storm->dev[i], BUS_NOTIFY_BIND_DRIVER);
		iommu_group_remove_device(storm->dev[i]);
		iommu_group_notify_driver(storm->dev[i], BUS_NOTIFY_BIND_DRIVER);
		if (!iommu_group_add_device(storm->group, storm->dev[i]))
			WRITE_ONCE(storm->added, storm->added + 1);
		cond_resched();
	}
	return 0;
}

static int judge_until_stopped(void *data)
{
	struct judge *judge = data;
	struct storm *storm = judge->storm;

	while (!kthread_should_stop() && !judge->wrong) {
		memset(judge->present, 0, sizeof(judge->present));
		if (iommu_group_register_notifier(storm->group, &judge->nb))
			judge->wrong++;
		iommu_group_put(iommu_group_get(storm->dev[0]));
		cond_resched();
		if (iommu_group_unregister_notifier(storm->group, &judge->nb))
			judge->wrong++;
	}
	return 0;
}

static void order_holds_in_a_storm(struct kunit *test)
{
	struct storm storm = { .group = igt_group(test) };
	struct judge coming = { .nb = { judge_event }, .storm = &storm };
	struct judge staying = { .nb = { judge_event }, .storm = &storm };
	static const char * const names[STORM_DEVICES] = {
		"storm-a", "storm-b", "storm-c", "storm-d"
	};
	struct task_struct *task[2];
	int i, ret;

	igt_quieten_console(test);
	for (i = 0; i < STORM_DEVICES; i++)
		storm.dev[i] = igt_device(test, NULL, names[i]);
	KUNIT_ASSERT_EQ(test, iommu_group_register_notifier(storm.group,
							    &staying.nb), 0);

	task[0] = igt_begin_thread(test, remove_and_bind_until_stopped, &storm);
	task[1] = igt_begin_thread(test, judge_until_stopped, &coming);
	for (i = 0; i < STORM_ROUNDS; i++) {
		iommu_group_add_device(storm.group,
				       storm.dev[i % STORM_DEVICES]);
		iommu_group_remove_device(storm.dev[(i + 1) % STORM_DEVICES]);
		cond_resched();
	}
	igt_end_thread(test, task[1]);
	igt_end_thread(test, task[0]);

	for (i = 0; i < STORM_DEVICES; i++)
		iommu_group_remove_device(storm.dev[i]);
	ret = iommu_group_unregister_notifier(storm.group, &staying.nb);
	KUNIT_EXPECT_EQ(test, ret, 0);
	igt_restore_console(test);

	KUNIT_EXPECT_EQ(test, staying.wrong, 0);
	KUNIT_EXPECT_EQ(test, coming.wrong, 0);
	for (i = 0; i < STORM_DEVICES; i++)
		KUNIT_EXPECT_FALSE(test, staying.present[i]);
	/* Else it was no storm */
	KUNIT_EXPECT_GT(test, staying.events, STORM_ROUNDS);
	KUNIT_EXPECT_GT(test, coming.events, 0);
	KUNIT_EXPECT_GT(test, storm.added, 0);
	kunit_info(test, "%lu events, %lu to the listener that came and went\n",
		   staying.events, coming.events);
}

static struct kunit_case iommu_group_notify_cases[] = {
	KUNIT_CASE(add_and_del_are_told_once),
	KUNIT_CASE(members_are_replayed_in_order),
	KUNIT_CASE(failed_add_is_not_told),
	KUNIT_CASE(groups_have_events_of_their_own),
	KUNIT_CASE(listener_is_registered_once),
	KUNIT_CASE(listeners_are_called_by_priority),
	KUNIT_CASE(each_part_of_a_life_is_told),
	KUNIT_CASE(drivers_of_strangers_are_not_told),
	KUNIT_CASE(devices_without_domain_wait),
	KUNIT_CASE(bus_tells_of_drivers_and_removal),
	KUNIT_CASE(bus_tells_of_a_failed_bind),
	KUNIT_CASE_SLOW(order_holds_in_a_storm),
	{}
};

static struct kunit_suite iommu_group_notify_suite = {
	.name = "iommu_group_notify",
	.test_cases = iommu_group_notify_cases,
};

kunit_test_suite(iommu_group_notify_suite);

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);

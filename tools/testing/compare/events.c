// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an event of a group costs, by number of listeners. The base kernel has no
 * such events, so that this is compiled for the patched one alone.
 */

#include <kunit/test.h>
#include <kunit/visibility.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/timex.h>

#include "devices.h"
#include "iommu-group.h"
#include "median.h"

#define ROUNDS		64
#define MAX_LISTENERS	100

static struct notifier_block listeners[MAX_LISTENERS];

static int hear(struct notifier_block *nb, unsigned long action, void *data)
{
	return NOTIFY_DONE;
}

static void count_event(struct kunit *test, struct device *dev, int n)
{
	u64 costs[ROUNDS], begin;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		begin = get_cycles();
		iommu_group_notify_driver(dev, BUS_NOTIFY_BIND_DRIVER);
		costs[i] = get_cycles() - begin;
	}
	kunit_info(test, "cost event %d %llu\n", n,
		   median(costs, ROUNDS));
}

static void event(struct kunit *test)
{
	static const int numbers[] = { 0, 1, 10, MAX_LISTENERS };
	struct iommu_group *group = iommu_group_alloc();
	int i, n = 0;
	struct device *dev;

	KUNIT_ASSERT_FALSE(test, IS_ERR(group));
	KUNIT_ASSERT_EQ(test, add_devices(&dev, 1, NULL), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		for (; n < numbers[i]; n++) {
			listeners[n].notifier_call = hear;
			KUNIT_ASSERT_EQ(test, iommu_group_register_notifier(group, &listeners[n]), 0);
		}
		count_event(test, dev, n);
	}

	while (n--)
		iommu_group_unregister_notifier(group, &listeners[n]);
	iommu_group_remove_device(dev);
	remove_devices(&dev, 1);
	iommu_group_put(group);
}

static struct kunit_case events_cases[] = {
	KUNIT_CASE_SLOW(event),
	{}
};

static struct kunit_suite events_suite = {
	.name = "cost_events",
	.test_cases = events_cases,
};

kunit_test_suite(events_suite);

MODULE_IMPORT_NS("EXPORTED_FOR_KUNIT_TESTING");

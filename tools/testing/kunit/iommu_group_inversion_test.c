// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each case here takes locks of IOMMU groups in the wrong order, for lockdep to
 * report. None deadlocks, for the locks are of different groups.
 *
 * With its first report lockdep turns itself off until the next boot. So these
 * are run when asked for, by iommu_group_kunit.inversions=1, and a case at each
 * boot; which locks the report is of has to be looked for on the console. They
 * are not named like the other suites, and come last.
 */

#include <kunit/test.h>
#include <linux/debug_locks.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#include "iommu-group.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"

static bool inversions;
module_param(inversions, bool, 0444);
MODULE_PARM_DESC(inversions, "take locks in the wrong order, which turns lockdep off");

static void expect_report(struct kunit *test)
{
	KUNIT_EXPECT_FALSE_MSG(test, debug_locks, "lockdep finds nothing wrong");
}

/* A group's listener does to another group what it may not */
struct offender {
	struct notifier_block nb;
	struct iommu_group *other;
	struct device *dev;
};

static void hear(struct kunit *test, struct offender *offender)
{
	struct device *dev = igt_device(test, NULL, "igt-trigger");
	struct iommu_group *group = igt_group(test);
	int ret;

	ret = iommu_group_register_notifier(group, &offender->nb);
	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
	ret = iommu_group_unregister_notifier(group, &offender->nb);
	KUNIT_EXPECT_EQ(test, ret, 0);
}

static int add_to_other(struct notifier_block *nb, unsigned long action,
			void *dev)
{
	struct offender *offender = container_of(nb, struct offender, nb);

	iommu_group_add_device(offender->other, offender->dev);
	return NOTIFY_OK;
}

static void listener_adds_a_device(struct kunit *test)
{
	struct offender offender = {
		.nb = { add_to_other },
		.other = igt_group(test),
		.dev = igt_device(test, NULL, "igt-added"),
	};

	hear(test, &offender);
	iommu_group_remove_device(offender.dev);
	expect_report(test);
}

static int probe(struct notifier_block *nb, unsigned long action, void *dev)
{
	iommu_probe_device(container_of(nb, struct offender, nb)->dev);
	return NOTIFY_OK;
}

static void listener_probes_a_device(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct offender offender = {
		.nb = { probe },
		.dev = igt_early_client(test, mock, "igt-probed"),
	};

	/* To take the lock is all that it has to do */
	mock->probe_error = -ENODEV;
	hear(test, &offender);
	expect_report(test);
}

static int claim(struct notifier_block *nb, unsigned long action, void *dev)
{
	struct offender *offender = container_of(nb, struct offender, nb);

	iommu_group_claim_dma_owner(offender->other, offender);
	return NOTIFY_OK;
}

static void listener_claims_a_group(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct offender offender = {
		.nb = { claim },
		.other = igt_group_of(test, igt_client(test, mock, "igt-claimed")),
	};

	KUNIT_ASSERT_NOT_NULL(test, offender.other);
	hear(test, &offender);
	iommu_group_release_dma_owner(offender.other);
	expect_report(test);
}

/* By strict, a driver's bind that has an event sent before it is decided */
static void event_under_the_claim_lock(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);
	const char *before;

	if (!IS_ENABLED(CONFIG_IOMMU_GROUP_PCI))
		kunit_skip(test, "needs CONFIG_IOMMU_GROUP_PCI");
	before = iommu_group_isolation_name();
	KUNIT_ASSERT_EQ(test, iommu_group_set_isolation("strict"), 0);
	if (!iommu_group_begin_claim(group, NULL)) {
		iommu_group_announce(other);
		iommu_group_end_claim(group, NULL);
	}
	iommu_group_set_isolation(before);
	expect_report(test);
}

static void event_under_the_mutex(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);

	mutex_lock(&group->mutex);
	iommu_group_announce(other);
	mutex_unlock(&group->mutex);
	expect_report(test);
}

static void name_under_the_mutex(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);

	mutex_lock(&group->mutex);
	iommu_group_set_name(other, "inverted");
	mutex_unlock(&group->mutex);
	expect_report(test);
}

static int find_bus(struct device *dev, void *data)
{
	pci_find_next_bus(NULL);
	return 0;
}

static void pci_bus_sem_under_the_mutex(struct kunit *test)
{
	struct device *dev = igt_device(test, NULL, "igt-member");
	struct iommu_group *group = igt_group(test);

	if (!IS_ENABLED(CONFIG_PCI))
		kunit_skip(test, "needs CONFIG_PCI");
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
	iommu_group_for_each_dev(group, NULL, find_bus);
	expect_report(test);
}

static int need_lockdep(struct kunit *test)
{
	if (!inversions)
		kunit_skip(test, "turns lockdep off, needs iommu_group_kunit.inversions=1");
	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		kunit_skip(test, "needs CONFIG_PROVE_LOCKING");
	if (!debug_locks)
		kunit_skip(test, "lockdep has turned itself off");
	return 0;
}

static struct kunit_case inversion_cases[] = {
	KUNIT_CASE(listener_adds_a_device),
	KUNIT_CASE(listener_probes_a_device),
	KUNIT_CASE(listener_claims_a_group),
	KUNIT_CASE(event_under_the_claim_lock),
	KUNIT_CASE(event_under_the_mutex),
	KUNIT_CASE(name_under_the_mutex),
	KUNIT_CASE(pci_bus_sem_under_the_mutex),
	{}
};

static struct kunit_suite inversion_suite = {
	.name = "inversion_in_iommu_group",
	.init = need_lockdep,
	.test_cases = inversion_cases,
};

kunit_test_suite(inversion_suite);

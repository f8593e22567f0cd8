// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each case here takes locks of IOMMU groups in the wrong order, for lockdep to
 * report. None deadlocks, for the locks are of different groups. They pass
 * whatever lockdep says: who runs them looks for its report on the console,
 * where it tells of the first only. So they are run one by one, and are not
 * named like the other suites.
 */

#include <kunit/test.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/notifier.h>

#include "iommu-group.h"
#include "iommu_group_fixture.h"

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
}

static int probe(struct notifier_block *nb, unsigned long action, void *dev)
{
	iommu_probe_device(container_of(nb, struct offender, nb)->dev);
	return NOTIFY_OK;
}

static void listener_probes_a_device(struct kunit *test)
{
	struct offender offender = {
		.nb = { probe },
		.dev = igt_device(test, NULL, "igt-probed"),
	};

	hear(test, &offender);
}

static void event_under_the_mutex(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);

	mutex_lock(&group->mutex);
	iommu_group_announce(other);
	mutex_unlock(&group->mutex);
}

static void name_under_the_mutex(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);

	mutex_lock(&group->mutex);
	iommu_group_set_name(other, "inverted");
	mutex_unlock(&group->mutex);
}

static int need_lockdep(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		kunit_skip(test, "needs CONFIG_PROVE_LOCKING");
	return 0;
}

static struct kunit_case inversion_cases[] = {
	KUNIT_CASE(listener_adds_a_device),
	KUNIT_CASE(listener_probes_a_device),
	KUNIT_CASE(event_under_the_mutex),
	KUNIT_CASE(name_under_the_mutex),
	{}
};

static struct kunit_suite inversion_suite = {
	.name = "inversion_in_iommu_group",
	.init = need_lockdep,
	.test_cases = inversion_cases,
};

kunit_test_suite(inversion_suite);

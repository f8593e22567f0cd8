// SPDX-License-Identifier: GPL-2.0-only
/* A listener of a group that writes down what it hears */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/cleanup.h>
#include <linux/device.h>

#include "iommu-group.h"
#include "iommu_group_mock.h"
#include "iommu_group_recorder.h"

static int is_device(struct device *dev, void *data)
{
	return dev == data;
}

bool igt_is_member(struct iommu_group *group, struct device *dev)
{
	struct iommu_group *found = iommu_group_get(dev);

	iommu_group_put(found);
	return found == group &&
	       iommu_group_for_each_dev(group, dev, is_device);
}

bool igt_is_owned(struct iommu_group *group)
{
	guard(mutex)(&group->mutex);
	return group->owner;
}

static int record(struct notifier_block *nb, unsigned long action, void *dev)
{
	struct igt_recorder *rec = container_of(nb, struct igt_recorder, nb);

	if (rec->n < ARRAY_SIZE(rec->event)) {
		rec->event[rec->n].action = action;
		rec->event[rec->n].dev = dev;
		rec->event[rec->n].is_member =
			dev && igt_is_member(rec->group, dev);
		rec->event[rec->n].is_owned = igt_is_owned(rec->group);
		rec->event[rec->n].domain = dev ? igt_domain_of(dev) : NULL;
	}
	rec->n++;
	return NOTIFY_OK;
}

static void stop_listening(void *data)
{
	struct igt_recorder *rec = data;

	iommu_group_unregister_notifier(rec->group, &rec->nb);
}

struct igt_recorder *igt_new_recorder(struct kunit *test,
				      struct iommu_group *group)
{
	struct igt_recorder *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rec);
	rec->group = group;
	rec->nb.notifier_call = record;
	return rec;
}

void igt_listen(struct kunit *test, struct igt_recorder *rec)
{
	KUNIT_ASSERT_EQ(test, iommu_group_register_notifier(rec->group,
							    &rec->nb), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_listening,
							rec), 0);
}

void igt_stop(struct kunit *test, struct igt_recorder *rec)
{
	kunit_release_action(test, stop_listening, rec);
}

struct igt_recorder *igt_new_listener(struct kunit *test,
				      struct iommu_group *group)
{
	struct igt_recorder *rec = igt_new_recorder(test, group);

	igt_listen(test, rec);
	return rec;
}

/* What an event tells is so while it is told */
static void expect_so(struct kunit *test, const struct igt_recorder *rec, int i,
		      const char *when)
{
	switch (rec->event[i].action) {
	case OWNER_USER:
		KUNIT_EXPECT_TRUE_MSG(test, rec->event[i].is_owned,
				      "event %d, %s", i, when);
		break;
	case OWNER_NONE:
		KUNIT_EXPECT_FALSE_MSG(test, rec->event[i].is_owned,
				       "event %d, %s", i, when);
		break;
	default:
		KUNIT_EXPECT_TRUE_MSG(test, rec->event[i].is_member,
				      "event %d, %s", i, when);
	}
}

/*
 * The events so far are the given ones, all of @dev, or of none if that is NULL;
 * then forget them. @when is told of those that are not.
 */
void igt_expect_events(struct kunit *test, struct igt_recorder *rec,
		       struct device *dev, const unsigned long *action, int n,
		       const char *when)
{
	int i;

	KUNIT_EXPECT_EQ_MSG(test, rec->n, n, "%s", when);
	for (i = 0; i < min(rec->n, n); i++) {
		KUNIT_EXPECT_EQ_MSG(test, rec->event[i].action, action[i],
				    "event %d, %s", i, when);
		KUNIT_EXPECT_PTR_EQ_MSG(test, rec->event[i].dev, dev,
					"event %d, %s", i, when);
		expect_so(test, rec, i, when);
	}
	rec->n = 0;
}

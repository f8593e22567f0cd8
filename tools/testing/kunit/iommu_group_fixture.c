// SPDX-License-Identifier: GPL-2.0-only
/* What KUnit suites of IOMMU groups have in common */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/kmsg_dump.h>
#include <linux/kthread.h>
#include <linux/printk.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fixture.h"

static void free_device(struct device *dev)
{
	kfree(dev);
}

static void unregister_device(void *dev)
{
	iommu_group_remove_device(dev);
	device_unregister(dev);
}

/*
 * A device that nothing drives and that is on no bus, so that only the test
 * puts it into a group. Devices of one name need different parents.
 */
struct device *igt_device(struct kunit *test, struct device *parent,
			  const char *name)
{
	struct device *dev = kzalloc_obj(*dev);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	device_initialize(dev);
	dev->release = free_device;
	dev->parent = parent;
	ret = dev_set_name(dev, "%s", name) ?: device_add(dev);
	if (ret)
		put_device(dev);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_device,
							dev), 0);
	return dev;
}

/* A device of the same name, below the first */
struct device *igt_namesake(struct kunit *test, struct device *dev)
{
	return igt_device(test, dev, dev_name(dev));
}

KUNIT_DEFINE_ACTION_WRAPPER(put_group, iommu_group_put, struct iommu_group *);

/* A group with the test's reference, dropped unless igt_put_group() did */
struct iommu_group *igt_group(struct kunit *test)
{
	struct iommu_group *group = iommu_group_alloc();

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_group, group),
			0);
	return group;
}

void igt_put_group(struct kunit *test, struct iommu_group *group)
{
	kunit_release_action(test, put_group, group);
}

/* The group of a device, NULL if it is in none; put when the test ends */
struct iommu_group *igt_group_of(struct kunit *test, struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_group, group),
			0);
	return group;
}

unsigned int igt_references(struct iommu_group *group)
{
	return kref_read(&group->devices_kobj.kref);
}

/* An ida gives out the lowest number that is free: the next group's */
int igt_lowest_free_id(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	int id = iommu_group_id(group);

	igt_put_group(test, group);
	return id;
}

KUNIT_DEFINE_ACTION_WRAPPER(stop_thread, kthread_stop_put, struct task_struct *);

/*
 * A thread beside the test, stopped at its end unless igt_end_thread() did. It
 * may return before.
 */
struct task_struct *igt_begin_thread(struct kunit *test, int (*run)(void *),
				     void *data)
{
	struct task_struct *task = kthread_create(run, data, "iommu_group_test");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	get_task_struct(task);
	wake_up_process(task);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_thread,
							task), 0);
	return task;
}

void igt_end_thread(struct kunit *test, struct task_struct *task)
{
	kunit_release_action(test, stop_thread, task);
}

static void restore_console(void *loglevel)
{
	console_loglevel = (long)loglevel;
}

/*
 * For tests that add and remove devices by the thousand: a line for each would
 * take most of the time. Warnings are still shown.
 */
void igt_quieten_console(struct kunit *test)
{
	long loglevel = console_loglevel;

	/* Also finishes the line before, which would else be left out */
	kunit_info(test, "only warnings from here\n");
	console_loglevel = LOGLEVEL_NOTICE;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore_console,
							(void *)loglevel), 0);
	test->priv = (void *)loglevel;
}

void igt_restore_console(struct kunit *test)
{
	kunit_release_action(test, restore_console, test->priv);
}

/* What is logged from here on */
struct kmsg_dump_iter igt_log(void)
{
	struct kmsg_dump_iter log;

	kmsg_dump_rewind(&log);
	while (kmsg_dump_get_line(&log, false, NULL, 0, NULL))
		;
	return log;
}

/* Lines of @log that have @text in them */
int igt_logged(struct kmsg_dump_iter log, const char *text)
{
	char line[256];
	int lines = 0;
	size_t len;

	while (kmsg_dump_get_line(&log, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		if (strstr(line, text))
			lines++;
	}
	return lines;
}

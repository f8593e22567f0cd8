// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the IOMMU group object: its ID and references, its members,
 * its name, and what of all that is seen in sysfs.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "iommu-group.h"
#include "iommu_group_failslab.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_sysfs_view.h"

/* A group tells of its end through the release of its iommudata */

static void set_true(void *flag)
{
	*(bool *)flag = true;
}

/* Made before the group, so that it is still there when the test's end puts it */
static bool *new_flag(struct kunit *test)
{
	bool *flag = kunit_kzalloc(test, sizeof(*flag), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, flag);
	return flag;
}

static void watch_release(struct iommu_group *group, bool *gone)
{
	iommu_group_set_iommudata(group, gone, set_true);
}

/* Allocation, ID, references */

static void alloc_makes_a_directory(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	int id = iommu_group_id(group);

	KUNIT_EXPECT_GE(test, id, 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_node(IGT_GROUPS "/%d", id), (void *)group->kobj.sd);
	KUNIT_EXPECT_NOT_NULL(test, igt_sysfs_node(IGT_GROUPS "/%d/devices", id));
	igt_put_group(test, group);
	KUNIT_EXPECT_NULL(test, igt_sysfs_node(IGT_GROUPS "/%d", id));
}

/* An ida gives out the lowest number that is free */
static void ids_are_unique_and_used_again(struct kunit *test)
{
	struct iommu_group *first = igt_group(test);
	struct iommu_group *second = igt_group(test);
	int id = iommu_group_id(first);

	KUNIT_EXPECT_NE(test, id, iommu_group_id(second));
	igt_put_group(test, first);
	KUNIT_EXPECT_EQ(test, id, iommu_group_id(igt_group(test)));
}

static void last_put_releases(struct kunit *test)
{
	bool *gone = new_flag(test);
	struct iommu_group *group = igt_group(test);

	watch_release(group, gone);
	KUNIT_EXPECT_PTR_EQ(test, iommu_group_ref_get(group), group);
	iommu_group_put(group);
	KUNIT_EXPECT_FALSE(test, *gone);
	igt_put_group(test, group);
	KUNIT_EXPECT_TRUE(test, *gone);
}

static void put_of_null_does_nothing(struct kunit *test)
{
	iommu_group_put(NULL);
}

static void members_hold_the_group(struct kunit *test)
{
	bool *gone = new_flag(test);
	struct iommu_group *group = igt_group(test);
	struct device *a = igt_device(test, NULL, "member-a");
	struct device *b = igt_device(test, NULL, "member-b");

	watch_release(group, gone);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, a), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, b), 0);
	igt_put_group(test, group);
	iommu_group_remove_device(a);
	KUNIT_EXPECT_FALSE(test, *gone);
	iommu_group_remove_device(b);
	KUNIT_EXPECT_TRUE(test, *gone);
}

static void iommudata_is_kept(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	int data;

	KUNIT_EXPECT_NULL(test, iommu_group_get_iommudata(group));
	iommu_group_set_iommudata(group, &data, NULL);
	KUNIT_EXPECT_PTR_EQ(test, iommu_group_get_iommudata(group),
			    (void *)&data);
}

/* What is replaced is the driver's again: only the last data is released */
static void replaced_iommudata_is_not_released(struct kunit *test)
{
	bool *replaced = new_flag(test);
	bool *last = new_flag(test);
	struct iommu_group *group = igt_group(test);

	watch_release(group, replaced);
	watch_release(group, last);
	igt_put_group(test, group);
	KUNIT_EXPECT_FALSE(test, *replaced);
	KUNIT_EXPECT_TRUE(test, *last);
}

/* Lookup */

static void get_finds_the_group_of_a_member(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "looked-up");
	unsigned int before;

	KUNIT_EXPECT_NULL(test, iommu_group_get(dev));
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);

	before = igt_references(group);
	KUNIT_EXPECT_PTR_EQ(test, iommu_group_get(dev), group);
	KUNIT_EXPECT_EQ(test, igt_references(group), before + 1);
	iommu_group_put(group);

	iommu_group_remove_device(dev);
	KUNIT_EXPECT_NULL(test, iommu_group_get(dev));
}

struct late_lookup {
	struct iommu_group *group;
	struct device dev;
	struct iommu_group *found;
};

static void look_up_dying_group(void *data)
{
	struct late_lookup *late = data;

	rcu_assign_pointer(late->dev.iommu_group, late->group);
	late->found = iommu_group_get(&late->dev);
}

/* A lookup that read dev->iommu_group just before the last put gets nothing */
static void get_of_a_dying_group_is_null(struct kunit *test)
{
	struct late_lookup *late = kunit_kzalloc(test, sizeof(*late), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, late);
	late->found = ERR_PTR(-EINVAL);
	late->group = igt_group(test);
	iommu_group_set_iommudata(late->group, late, look_up_dying_group);
	igt_put_group(test, late->group);
	KUNIT_EXPECT_NULL(test, late->found);
}

struct slow_lookup {
	struct device *dev;
	bool reading;
	bool released;
	int references;
};

static int look_up_slowly(void *data)
{
	unsigned long end = jiffies + 10 * HZ;
	struct slow_lookup *slow = data;
	struct iommu_group *group;

	rcu_read_lock();
	group = rcu_dereference(slow->dev->iommu_group);
	WRITE_ONCE(slow->reading, true);
	while (!READ_ONCE(slow->released) && time_before(jiffies, end))
		cpu_relax();
	slow->references = kref_read(&group->devices_kobj.kref);
	rcu_read_unlock();

	while (!kthread_should_stop())
		schedule_timeout_interruptible(1);
	return 0;
}

/*
 * A lookup that is held up between reading dev->iommu_group and trying for a
 * reference finds a count of zero, not freed memory. KASAN tells the latter.
 */
static void memory_outlives_a_lookup(struct kunit *test)
{
	bool *gone = new_flag(test);
	struct slow_lookup slow = {
		.dev = igt_device(test, NULL, "slow-lookup"),
		.references = -1,
	};
	struct iommu_group *group = igt_group(test);
	struct task_struct *task;

	/* The reader spins without letting go of its CPU */
	if (num_online_cpus() < 2)
		kunit_skip(test, "needs two CPUs");

	watch_release(group, gone);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, slow.dev), 0);
	igt_put_group(test, group);
	task = igt_begin_thread(test, look_up_slowly, &slow);
	while (!READ_ONCE(slow.reading))
		cond_resched();

	iommu_group_remove_device(slow.dev);
	KUNIT_EXPECT_TRUE(test, *gone);
	WRITE_ONCE(slow.released, true);
	igt_end_thread(test, task);
	KUNIT_EXPECT_EQ(test, slow.references, 0);
}

struct reader {
	struct device *dev;
	unsigned long found;
};

static int look_up_until_stopped(void *data)
{
	struct reader *reader = data;
	struct iommu_group *group;

	while (!kthread_should_stop()) {
		group = iommu_group_get(reader->dev);
		if (group)
			reader->found++;
		iommu_group_put(group);
		cond_resched();
	}
	return 0;
}

/* Groups come and go as fast as they can under one that looks them up */
static void get_races_with_release(struct kunit *test)
{
	struct reader *reader = kunit_kzalloc(test, sizeof(*reader), GFP_KERNEL);
	struct iommu_group *group;
	struct task_struct *task;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, reader);
	reader->dev = igt_device(test, NULL, "raced-for");
	igt_quieten_console(test);
	task = igt_begin_thread(test, look_up_until_stopped, reader);
	for (i = 0; i < 2000 || (!READ_ONCE(reader->found) && i < 100000); i++) {
		group = iommu_group_alloc();
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
		KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, reader->dev),
				0);
		iommu_group_put(group);
		cond_resched();
		iommu_group_remove_device(reader->dev);
	}
	igt_end_thread(test, task);
	igt_restore_console(test);

	KUNIT_EXPECT_GT(test, reader->found, 0);
	KUNIT_EXPECT_NULL(test, iommu_group_get(reader->dev));
}

/* Members */

static void add_links_both_ways(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "linked");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "linked"),
			    (void *)dev->kobj.sd);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_group(dev), (void *)group->kobj.sd);

	iommu_group_remove_device(dev);
	KUNIT_EXPECT_NULL(test, igt_sysfs_device(group, "linked"));
	KUNIT_EXPECT_NULL(test, igt_sysfs_group(dev));
}

static void removed_device_can_be_added_again(struct kunit *test)
{
	struct iommu_group *first = igt_group(test);
	struct iommu_group *second = igt_group(test);
	struct device *dev = igt_device(test, NULL, "mover");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(first, dev), 0);
	iommu_group_remove_device(dev);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(second, dev), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_group(dev), (void *)second->kobj.sd);
}

static void add_of_a_member_fails(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct iommu_group *other = igt_group(test);
	struct device *dev = igt_device(test, NULL, "twice");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), -EEXIST);
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(other, dev), -EEXIST);

	/* The test's own reference and that of one membership */
	KUNIT_EXPECT_EQ(test, igt_references(group), 2);
	KUNIT_EXPECT_EQ(test, igt_references(other), 1);
	KUNIT_EXPECT_NULL(test, igt_sysfs_device(group, "twice.0"));
	KUNIT_EXPECT_NULL(test, igt_sysfs_device(other, "twice"));
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_group(dev), (void *)group->kobj.sd);
}

static void remove_of_a_stranger_does_nothing(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "stranger");

	iommu_group_remove_device(dev);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	iommu_group_remove_device(dev);
	iommu_group_remove_device(dev);
	KUNIT_EXPECT_EQ(test, igt_references(group), 1);
}

struct walk {
	struct device *seen[4];
	int n;
	int stop_at;
	int stop_with;
};

static int note_device(struct device *dev, void *data)
{
	struct walk *walk = data;

	if (walk->n < ARRAY_SIZE(walk->seen))
		walk->seen[walk->n] = dev;
	walk->n++;
	return walk->n == walk->stop_at ? walk->stop_with : 0;
}

/* Neither names nor the order of making are that of adding, to tell them apart */
static void walk_is_in_order_of_adding(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev[3];
	struct walk walk = {};
	int i;

	KUNIT_EXPECT_EQ(test, iommu_group_for_each_dev(group, &walk,
						       note_device), 0);
	KUNIT_EXPECT_EQ(test, walk.n, 0);

	dev[1] = igt_device(test, NULL, "walked-a");
	dev[2] = igt_device(test, NULL, "walked-b");
	dev[0] = igt_device(test, NULL, "walked-c");
	for (i = 0; i < ARRAY_SIZE(dev); i++)
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev[i]), 0);

	KUNIT_EXPECT_EQ(test, iommu_group_for_each_dev(group, &walk,
						       note_device), 0);
	KUNIT_ASSERT_EQ(test, walk.n, 3);
	for (i = 0; i < ARRAY_SIZE(dev); i++)
		KUNIT_EXPECT_PTR_EQ(test, walk.seen[i], dev[i]);
}

static void walk_stops_when_told(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct walk walk = { .stop_at = 2, .stop_with = -EDOM };
	static const char * const names[] = { "stop-a", "stop-b", "stop-c" };
	struct device *dev;
	int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		dev = igt_device(test, NULL, names[i]);
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	}

	KUNIT_EXPECT_EQ(test, iommu_group_for_each_dev(group, &walk,
						       note_device), -EDOM);
	KUNIT_EXPECT_EQ(test, walk.n, 2);
}

/* Members of one name: the first has it, the others the lowest free number */

static void namesakes_are_numbered(struct kunit *test)
{
	static const char * const links[] = { "dup", "dup.0", "dup.1", "dup.2" };
	struct iommu_group *group = igt_group(test);
	struct device *dev[ARRAY_SIZE(links)];
	int i;

	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		dev[i] = i ? igt_namesake(test, dev[i - 1]) :
			     igt_device(test, NULL, "dup");
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev[i]), 0);
	}
	for (i = 0; i < ARRAY_SIZE(dev); i++)
		KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, links[i]),
				    (void *)dev[i]->kobj.sd);

	/* The lowest number and the bare name are free again, in turn */
	iommu_group_remove_device(dev[1]);
	KUNIT_EXPECT_NULL(test, igt_sysfs_device(group, "dup.0"));
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev[1]), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "dup.0"),
			    (void *)dev[1]->kobj.sd);
	iommu_group_remove_device(dev[0]);
	iommu_group_remove_device(dev[2]);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev[2]), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "dup"),
			    (void *)dev[2]->kobj.sd);
}

static void each_name_has_numbers_of_its_own(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *a = igt_device(test, NULL, "own-a");
	struct device *b = igt_device(test, NULL, "own-b");
	struct device *a2 = igt_namesake(test, a);
	struct device *b2 = igt_namesake(test, b);

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, a), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, b), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, a2), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, b2), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "own-a.0"),
			    (void *)a2->kobj.sd);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "own-b.0"),
			    (void *)b2->kobj.sd);
}

static void numbers_step_over_real_names(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *real = igt_device(test, NULL, "step.0");
	struct device *first = igt_device(test, NULL, "step");
	struct device *second = igt_namesake(test, first);

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, real), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, first), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, second), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "step.0"),
			    (void *)real->kobj.sd);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, "step.1"),
			    (void *)second->kobj.sd);
}

/* Attributes */

static void name_comes_changes_and_goes(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);

	KUNIT_EXPECT_NULL(test, igt_read_attr(test, group, "name"));
	KUNIT_EXPECT_EQ(test, iommu_group_set_name(group, NULL), 0);
	KUNIT_EXPECT_NULL(test, igt_read_attr(test, group, "name"));

	KUNIT_EXPECT_EQ(test, iommu_group_set_name(group, "graphics"), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "name"), "graphics\n");
	KUNIT_EXPECT_EQ(test, iommu_group_set_name(group, "network"), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "name"), "network\n");

	KUNIT_EXPECT_EQ(test, iommu_group_set_name(group, NULL), 0);
	KUNIT_EXPECT_NULL(test, igt_read_attr(test, group, "name"));
	KUNIT_EXPECT_EQ(test, iommu_group_set_name(group, "storage"), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "name"), "storage\n");
}

struct renamer {
	struct iommu_group *group;
	int ret;
};

static int rename_until_stopped(void *data)
{
	struct renamer *renamer = data;

	while (!kthread_should_stop() && !renamer->ret) {
		renamer->ret = iommu_group_set_name(renamer->group, "one") ?:
			       iommu_group_set_name(renamer->group, NULL);
		/* RCU frees what was made for each name, and needs its turn */
		schedule();
	}
	return 0;
}

/* Two name a group, one of them takes the name away too, and one reads it */
static void name_is_set_by_several_at_once(struct kunit *test)
{
	static const char * const valid[] = { "one\n", "two\n" };
	struct renamer *renamer = kunit_kzalloc(test, sizeof(*renamer),
						GFP_KERNEL);
	struct task_struct *task;
	const char *name;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, renamer);
	renamer->group = igt_group(test);
	task = igt_begin_thread(test, rename_until_stopped, renamer);
	for (i = 0; i < 500; i++) {
		KUNIT_EXPECT_EQ(test, iommu_group_set_name(renamer->group,
							   "two"), 0);
		name = igt_read_attr(test, renamer->group, "name");
		if (name)
			KUNIT_EXPECT_GE_MSG(test, match_string(valid, 2, name),
					    0, "round %d: %s", i, name);
	}
	igt_end_thread(test, task);
	KUNIT_EXPECT_EQ(test, renamer->ret, 0);
}

/* Files that an IOMMU driver adds */

static int hint_stored;

static ssize_t hint_show(struct iommu_group *group, char *buf)
{
	return sysfs_emit(buf, "of %d\n", iommu_group_id(group));
}

static ssize_t hint_store(struct iommu_group *group, const char *buf,
			  size_t count)
{
	hint_stored = iommu_group_id(group);
	return count;
}

static const struct iommu_group_attribute hint_attr = __ATTR_RW(hint);

static const struct iommu_group_attribute mute_attr = {
	.attr = { .name = "mute", .mode = 0644 },
};

static void file_of_a_driver_is_its_groups(struct kunit *test)
{
	struct iommu_group *other = igt_group(test);
	struct iommu_group *group = igt_group(test);
	int id = iommu_group_id(group);
	char expected[16];

	snprintf(expected, sizeof(expected), "of %d\n", id);
	hint_stored = -1;
	KUNIT_EXPECT_EQ(test, iommu_group_create_file(group, &hint_attr), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "hint"), expected);
	KUNIT_EXPECT_EQ(test, igt_write_attr(group, "hint", "x"), 1);
	KUNIT_EXPECT_EQ(test, hint_stored, id);
	KUNIT_EXPECT_NULL(test, igt_read_attr(test, other, "hint"));
}

/* A driver may try for each device of a group that it adds */
static void file_is_created_once(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);

	KUNIT_EXPECT_EQ(test, iommu_group_create_file(group, &hint_attr), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_create_file(group, &hint_attr),
			-EEXIST);
	KUNIT_EXPECT_NOT_NULL(test, igt_read_attr(test, group, "hint"));
}

static void file_goes_with_the_group(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	int id = iommu_group_id(group);

	KUNIT_ASSERT_EQ(test, iommu_group_create_file(group, &hint_attr), 0);
	KUNIT_EXPECT_NOT_NULL(test, igt_sysfs_node(IGT_GROUPS "/%d/hint", id));
	igt_put_group(test, group);
	KUNIT_EXPECT_NULL(test, igt_sysfs_node(IGT_GROUPS "/%d/hint", id));
}

static void file_without_functions_is_an_error(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct file *file;
	loff_t pos = 0;
	char c;

	KUNIT_ASSERT_EQ(test, iommu_group_create_file(group, &mute_attr), 0);
	KUNIT_EXPECT_EQ(test, igt_write_attr(group, "mute", "x"), -EIO);
	file = igt_open_attr(group, "mute", O_RDONLY);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_EXPECT_EQ(test, kernel_read(file, &c, 1, &pos), -EIO);
	fput(file);
}

/* Without an IOMMU driver there is neither a domain nor a reserved region */
static void attributes_of_a_group_without_iommu(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "no-iommu");

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "type"), "unknown\n");
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "reserved_regions"), "");
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "dma_owner"), "none\n");
	KUNIT_EXPECT_EQ(test, igt_write_attr(group, "type", "identity"), -EINVAL);
}

/* Devices that no topology decided about */
static void isolation_of_other_devices(struct kunit *test)
{
	struct iommu_group *plain = igt_group(test), *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "igt-plain");
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);

	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, plain, "isolation"), "");
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(plain, dev), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, plain, "isolation"),
			   "igt-plain driver\n");

	mock->group = group;
	igt_client(test, mock, "igt-a");
	igt_client(test, mock, "igt-b");
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "isolation"),
			   "igt-a driver\nigt-b driver\n");
}

KUNIT_DEFINE_ACTION_WRAPPER(put_file, fput, struct file *);

/* What is read in pieces of @piece bytes, but for the last: @size at the most */
static size_t read_in_pieces(struct kunit *test, struct iommu_group *group,
			     const char *name, char *text, size_t size,
			     size_t piece)
{
	struct file *file = igt_open_attr(group, name, O_RDONLY);
	size_t done = 0;
	loff_t pos = 0;
	ssize_t len;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_file, file),
			0);
	do {
		len = kernel_read(file, text + done, min(piece, size - done),
				  &pos);
		KUNIT_ASSERT_GE(test, len, 0);
		done += len;
	} while (len == piece && done < size);
	kunit_release_action(test, put_file, file);
	return done;
}

#define ISOLATION	"igt-%04d driver\n"
#define ISOLATION_LEN	16

/* More than a page of it, by a reader whose pieces cut most of its lines in two */
static void isolation_of_many_devices(struct kunit *test)
{
	const int devices = PAGE_SIZE / ISOLATION_LEN + 1;
	const size_t size = devices * ISOLATION_LEN;
	char *expected = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	char *text = kunit_kzalloc(test, size + 1, GFP_KERNEL);
	struct iommu_group *group = igt_group(test);
	struct device *dev;
	char name[16];
	int i;

	KUNIT_ASSERT_NOT_NULL(test, expected);
	KUNIT_ASSERT_NOT_NULL(test, text);
	igt_quieten_console(test);
	for (i = 0; i < devices; i++) {
		snprintf(name, sizeof(name), "igt-%04d", i);
		dev = igt_device(test, NULL, name);
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
		sprintf(expected + i * ISOLATION_LEN, ISOLATION, i);
	}
	/* Room for a byte more than there is */
	KUNIT_EXPECT_EQ(test, read_in_pieces(test, group, "isolation", text,
					     size + 1, 7), size);
	KUNIT_EXPECT_EQ(test, memcmp(text, expected, size), 0);
	igt_restore_console(test);
}

/* Cut off where 128 bytes are full, the end of the line among them */
static void isolation_gives_long_names_a_line_each(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev;
	char name[201], expected[2 * 128 + 1];
	int i;

	for (i = 0; i < 2; i++) {
		memset(name, 'a' + i, sizeof(name) - 1);
		name[sizeof(name) - 1] = 0;
		dev = igt_device(test, NULL, name);
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
		snprintf(expected + i * 127, 128, "%.126s\n", name);
	}
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "isolation"),
			   expected);
}

/* Each PCI device behind a real or emulated IOMMU */
static void check_pci_device(struct device *dev, struct kunit *test)
{
	static const char * const types[] = { "DMA\n", "DMA-FQ\n", "identity\n" };
	struct iommu_group *group = igt_group_of(test, dev);
	bool *any = test->priv;
	struct walk walk = {};
	const char *type;

	if (!group)
		return;

	*any = true;
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(group, dev_name(dev)),
			    (void *)dev->kobj.sd);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_group(dev), (void *)group->kobj.sd);
	iommu_group_for_each_dev(group, &walk, note_device);
	KUNIT_EXPECT_GE(test, walk.n, 1);

	type = igt_read_attr(test, group, "type");
	KUNIT_ASSERT_NOT_NULL(test, type);
	KUNIT_EXPECT_GE_MSG(test, match_string(types, ARRAY_SIZE(types), type), 0,
			    "group %d has type %s", iommu_group_id(group), type);
	KUNIT_EXPECT_NOT_NULL(test, igt_read_attr(test, group, "reserved_regions"));
}

/* By hand, for without CONFIG_PCI pci_dev_put() is a macro that takes nothing */
static void put_pci_dev(void *pdev)
{
	pci_dev_put(pdev);
}

static void pci_devices_are_in_their_groups(struct kunit *test)
{
	struct pci_dev *pdev = NULL;
	bool any = false;

	test->priv = &any;
	/* The search drops the reference to where it goes on from */
	while ((pdev = pci_get_device(PCI_ANY_ID, PCI_ANY_ID, pdev))) {
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test,
								put_pci_dev,
								pdev), 0);
		check_pci_device(&pdev->dev, test);
		kunit_remove_action(test, put_pci_dev, pdev);
	}
	if (!any)
		kunit_skip(test, "no PCI device is in a group");
}

/* Failing allocations */

static int act_alloc(struct igt_attempt *attempt)
{
	attempt->group = iommu_group_alloc();
	return PTR_ERR_OR_ZERO(attempt->group);
}

static void undo_alloc(struct igt_attempt *attempt)
{
	iommu_group_put(attempt->group);
}

static void check_no_id_lost(struct kunit *test, struct igt_attempt *attempt)
{
	int id = igt_lowest_free_id(test);

	KUNIT_EXPECT_EQ(test, id, *(int *)test->priv);
	KUNIT_EXPECT_NULL(test, igt_sysfs_node(IGT_GROUPS "/%d", id));
}

static void failed_alloc_leaves_nothing(struct kunit *test)
{
	struct igt_attempt attempt = {
		.act = act_alloc,
		.undo = undo_alloc,
		.check_unchanged = check_no_id_lost,
	};
	int id = igt_lowest_free_id(test);

	test->priv = &id;
	igt_fail_each_allocation(test, &attempt);
}

static void check_not_added(struct kunit *test, struct igt_attempt *attempt)
{
	struct iommu_group *group = attempt->group;
	int members = *(int *)test->priv;
	struct walk walk = {};

	KUNIT_EXPECT_NULL(test, iommu_group_get(attempt->dev));
	KUNIT_EXPECT_NULL(test, igt_sysfs_group(attempt->dev));
	/* The test's own reference and one for each member */
	KUNIT_EXPECT_EQ(test, igt_references(group), 1 + members);
	iommu_group_for_each_dev(group, &walk, note_device);
	KUNIT_EXPECT_EQ(test, walk.n, members);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&group->shared_names));
}

static void failed_add_leaves_nothing(struct kunit *test)
{
	struct igt_attempt attempt = {
		.group = igt_group(test),
		.dev = igt_device(test, NULL, "failing"),
		.act = igt_act_add,
		.undo = igt_undo_add,
		.check_unchanged = check_not_added,
	};
	int members = 0;

	test->priv = &members;
	igt_fail_each_allocation(test, &attempt);
	KUNIT_EXPECT_NULL(test, igt_sysfs_device(attempt.group, "failing"));
}

static void failed_add_of_a_namesake_leaves_nothing(struct kunit *test)
{
	struct device *first = igt_device(test, NULL, "failing-dup");
	struct igt_attempt attempt = {
		.group = igt_group(test),
		.dev = igt_namesake(test, first),
		.act = igt_act_add,
		.undo = igt_undo_add,
		.check_unchanged = check_not_added,
	};
	int members = 1;

	test->priv = &members;
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(attempt.group, first), 0);
	igt_fail_each_allocation(test, &attempt);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_device(attempt.group, "failing-dup"),
			    (void *)first->kobj.sd);
	KUNIT_EXPECT_NULL(test, igt_sysfs_device(attempt.group, "failing-dup.0"));
}

static int act_name(struct igt_attempt *attempt)
{
	return iommu_group_set_name(attempt->group, "new");
}

static int act_file(struct igt_attempt *attempt)
{
	return iommu_group_create_file(attempt->group, &hint_attr);
}

static void undo_file(struct igt_attempt *attempt)
{
	sysfs_remove_file(&attempt->group->kobj, &hint_attr.attr);
}

static void check_no_file(struct kunit *test, struct igt_attempt *attempt)
{
	KUNIT_EXPECT_NULL(test, igt_read_attr(test, attempt->group, "hint"));
}

static void failed_file_leaves_none(struct kunit *test)
{
	struct igt_attempt attempt = {
		.group = igt_group(test),
		.act = act_file,
		.undo = undo_file,
		.check_unchanged = check_no_file,
	};

	igt_fail_each_allocation(test, &attempt);
}

static void undo_first_name(struct igt_attempt *attempt)
{
	iommu_group_set_name(attempt->group, NULL);
}

static void check_no_name(struct kunit *test, struct igt_attempt *attempt)
{
	KUNIT_EXPECT_NULL(test, igt_read_attr(test, attempt->group, "name"));
	KUNIT_EXPECT_NULL(test, attempt->group->name);
}

static void failed_first_name_leaves_none(struct kunit *test)
{
	struct igt_attempt attempt = {
		.group = igt_group(test),
		.act = act_name,
		.undo = undo_first_name,
		.check_unchanged = check_no_name,
	};

	igt_fail_each_allocation(test, &attempt);
}

static void undo_new_name(struct igt_attempt *attempt)
{
	iommu_group_set_name(attempt->group, "old");
}

static void check_old_name(struct kunit *test, struct igt_attempt *attempt)
{
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, attempt->group, "name"),
			   "old\n");
}

static void failed_new_name_leaves_the_old(struct kunit *test)
{
	struct igt_attempt attempt = {
		.group = igt_group(test),
		.act = act_name,
		.undo = undo_new_name,
		.check_unchanged = check_old_name,
	};

	KUNIT_ASSERT_EQ(test, iommu_group_set_name(attempt.group, "old"), 0);
	igt_fail_each_allocation(test, &attempt);
}

static struct kunit_case iommu_group_cases[] = {
	KUNIT_CASE(alloc_makes_a_directory),
	KUNIT_CASE(ids_are_unique_and_used_again),
	KUNIT_CASE(last_put_releases),
	KUNIT_CASE(put_of_null_does_nothing),
	KUNIT_CASE(members_hold_the_group),
	KUNIT_CASE(iommudata_is_kept),
	KUNIT_CASE(replaced_iommudata_is_not_released),
	KUNIT_CASE(get_finds_the_group_of_a_member),
	KUNIT_CASE(get_of_a_dying_group_is_null),
	KUNIT_CASE(memory_outlives_a_lookup),
	KUNIT_CASE_SLOW(get_races_with_release),
	KUNIT_CASE(add_links_both_ways),
	KUNIT_CASE(removed_device_can_be_added_again),
	KUNIT_CASE(add_of_a_member_fails),
	KUNIT_CASE(remove_of_a_stranger_does_nothing),
	KUNIT_CASE(walk_is_in_order_of_adding),
	KUNIT_CASE(walk_stops_when_told),
	KUNIT_CASE(namesakes_are_numbered),
	KUNIT_CASE(each_name_has_numbers_of_its_own),
	KUNIT_CASE(numbers_step_over_real_names),
	KUNIT_CASE(name_comes_changes_and_goes),
	KUNIT_CASE_SLOW(name_is_set_by_several_at_once),
	KUNIT_CASE(file_of_a_driver_is_its_groups),
	KUNIT_CASE(file_is_created_once),
	KUNIT_CASE(file_goes_with_the_group),
	KUNIT_CASE(file_without_functions_is_an_error),
	KUNIT_CASE(attributes_of_a_group_without_iommu),
	KUNIT_CASE(isolation_of_other_devices),
	KUNIT_CASE(isolation_gives_long_names_a_line_each),
	KUNIT_CASE(isolation_of_many_devices),
	KUNIT_CASE(pci_devices_are_in_their_groups),
	KUNIT_CASE(failed_alloc_leaves_nothing),
	KUNIT_CASE(failed_add_leaves_nothing),
	KUNIT_CASE(failed_add_of_a_namesake_leaves_nothing),
	KUNIT_CASE(failed_file_leaves_none),
	KUNIT_CASE(failed_first_name_leaves_none),
	KUNIT_CASE(failed_new_name_leaves_the_old),
	{}
};

static struct kunit_suite iommu_group_suite = {
	.name = "iommu_group",
	.suite_init = igt_mount_sysfs,
	.suite_exit = igt_unmount_sysfs,
	.test_cases = iommu_group_cases,
};

kunit_test_suite(iommu_group_suite);

MODULE_DESCRIPTION("KUnit tests of IOMMU groups");
MODULE_LICENSE("GPL");

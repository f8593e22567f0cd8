// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every kernel has to do for a device that is alone in its group: an ID, the
 * group's directory with that of its devices and the two files that all kernels
 * have, the links between device, group and IOMMU, and attaching it to a default
 * domain. And what most of the rest of discovery is: the message in the log, and
 * three files more.
 */

#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/idr.h>
#include <linux/iommu.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/timex.h>

#include "devices.h"
#include "median.h"

/* The last devices are counted: then all others are there */
#define COUNTED	64
#define DEVICES	16384

struct floor_group {
	struct kobject kobj;
	struct kobject devices_kobj;
	struct iommu_domain *domain;
	int id;
};

static DEFINE_IDA(ids);
static struct device *devices[DEVICES];
static struct floor_group *groups[DEVICES];
static struct device *iommu;
static struct kset *kset;

static ssize_t show(struct kobject *kobj, struct kobj_attribute *attr, char *buf)
{
	return 0;
}

static struct kobj_attribute reserved_regions = __ATTR(reserved_regions, 0444, show, NULL);
static struct kobj_attribute type = __ATTR(type, 0444, show, NULL);

static struct attribute *group_attrs[] = {
	&reserved_regions.attr,
	&type.attr,
	NULL
};
ATTRIBUTE_GROUPS(group);

static void no_release(struct kobject *kobj)
{
}

static const struct kobj_type group_type = {
	.release = no_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = group_groups,
};

static const struct kobj_type devices_type = {
	.release = no_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

static int make_directories(struct floor_group *group)
{
	int ret;

	group->kobj.kset = kset;
	ret = kobject_init_and_add(&group->kobj, &group_type, NULL, "%d", group->id);
	return ret ?: kobject_init_and_add(&group->devices_kobj, &devices_type,
					   &group->kobj, "devices");
}

static int link_all(struct floor_group *group, struct device *dev)
{
	const char *name = dev_name(dev);

	return sysfs_create_link(&dev->kobj, &group->kobj, "iommu_group") ?:
	       sysfs_create_link(&group->devices_kobj, &dev->kobj, name) ?:
	       sysfs_create_link(&dev->kobj, &iommu->kobj, "iommu") ?:
	       sysfs_create_link(&iommu->kobj, &dev->kobj, name);
}

static struct floor_group *make_group(struct device *dev)
{
	struct floor_group *group = kzalloc_obj(*group);

	if (!group)
		return NULL;
	group->id = ida_alloc(&ids, GFP_KERNEL);
	group->domain = kzalloc_obj(*group->domain);
	if (make_directories(group) || link_all(group, dev))
		WARN_ON_ONCE(1);
	return group;
}

static void unmake_group(struct floor_group *group, struct device *dev)
{
	sysfs_remove_link(&iommu->kobj, dev_name(dev));
	sysfs_remove_link(&dev->kobj, "iommu");
	sysfs_remove_link(&dev->kobj, "iommu_group");
	kobject_put(&group->devices_kobj);
	kobject_put(&group->kobj);
	ida_free(&ids, group->id);
	kfree(group->domain);
	kfree(group);
}

static ssize_t read(struct file *file, struct kobject *kobj,
		    const struct bin_attribute *attr, char *buf, loff_t offset, size_t count)
{
	return 0;
}

static const struct bin_attribute files[] = {
	{ .attr = { .name = "dma_owner", .mode = 0444 }, .read = read },
	{ .attr = { .name = "isolation", .mode = 0444 }, .read = read },
	{ .attr = { .name = "reaches", .mode = 0444 }, .read = read },
};

static void add_files(struct floor_group *group)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		WARN_ON_ONCE(sysfs_create_bin_file(&group->kobj, &files[i]));
}

static void lone_device(struct kunit *test)
{
	u64 floor[COUNTED], message[COUNTED], more[COUNTED], begin, made, told;
	int i, n;

	for (i = 0; i < DEVICES; i++) {
		begin = get_cycles();
		groups[i] = make_group(devices[i]);
		made = get_cycles();
		KUNIT_ASSERT_NOT_NULL(test, groups[i]);
		n = i - (DEVICES - COUNTED);
		if (n < 0)
			continue;
		dev_info(devices[i], "Adding to iommu group %d\n", groups[i]->id);
		told = get_cycles();
		add_files(groups[i]);
		more[n] = get_cycles() - told;
		message[n] = told - made;
		floor[n] = made - begin;
	}
	kunit_info(test, "cost floor-isolated %d %llu\n", DEVICES, median(floor, COUNTED));
	kunit_info(test, "cost floor-message %d %llu\n", DEVICES, median(message, COUNTED));
	kunit_info(test, "cost floor-files %d %llu\n", DEVICES, median(more, COUNTED));
	while (i--)
		unmake_group(groups[i], devices[i]);
}

static int suite_init(struct kunit_suite *suite)
{
	int ret;

	iommu = root_device_register("compared_iommu");
	if (IS_ERR(iommu))
		return PTR_ERR(iommu);
	kset = kset_create_and_add("compared_groups", NULL, kernel_kobj);
	if (!kset) {
		ret = -ENOMEM;
		goto err_iommu;
	}
	ret = add_devices(devices, DEVICES, NULL);
	if (ret)
		goto err_kset;
	return 0;

err_kset:
	kset_unregister(kset);
err_iommu:
	root_device_unregister(iommu);
	return ret;
}

static void suite_exit(struct kunit_suite *suite)
{
	remove_devices(devices, DEVICES);
	kset_unregister(kset);
	root_device_unregister(iommu);
}

static struct kunit_case floor_cases[] = {
	KUNIT_CASE_SLOW(lone_device),
	{}
};

static struct kunit_suite floor_suite = {
	.name = "cost_floor",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.test_cases = floor_cases,
};

kunit_test_suite(floor_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to discover a PCI fabric, from the bus's notification of a
 * function to its group with a default domain, and the search for the group
 * alone. For a guest that counts instructions (QEMU's -icount shift=0), where the
 * time stamp counter has their number.
 */

#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/device/bus.h>
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "fabric_iommu.h"
#include "iommu_group_fabric.h"
#include "median.h"
#include "shapes.h"

/* Functions at the end of a fabric that are counted: then all others are there */
#define COUNTED	64

static int sizes[8] = { 256, 1024, 4096, 16384 };
static int n_sizes = 4;
module_param_array(sizes, int, &n_sizes, 0);
MODULE_PARM_DESC(sizes, "functions of the fabrics");

static bool search_all = true;
module_param(search_all, bool, 0);
MODULE_PARM_DESC(search_all, "for the groups of functions that are not counted too");

static char *shape_only;
module_param(shape_only, charp, 0);
MODULE_PARM_DESC(shape_only, "of the shapes of fabrics, this alone");

static struct count {
	int size;		/* functions that the fabrics will have */
	int found;		/* of them until now */
	u64 begin;
	u64 aside;		/* instructions that are spent on counting */
	u64 discovery[COUNTED], search[COUNTED];
	int failed;
} count;

static bool is_counted(void)
{
	return count.found > count.size - COUNTED && count.found <= count.size;
}

/* Of those that are counted */
static int nth(void)
{
	return count.found - (count.size - COUNTED) - 1;
}

static int stop(struct device *dev, void *unused)
{
	return 1;
}

static bool is_empty(struct iommu_group *group)
{
	return !iommu_group_for_each_dev(group, NULL, stop);
}

/* What a group that is found costs less than one that is made */
static u64 cost_of_new_group(void)
{
	u64 begin = get_cycles(), end;
	struct iommu_group *group = iommu_group_alloc();

	end = get_cycles();
	if (!IS_ERR(group))
		iommu_group_put(group);
	return end - begin;
}

static struct iommu_group *search(struct device *dev)
{
	struct iommu_group *group;
	u64 begin, end, new;

	begin = get_cycles();
	new = cost_of_new_group();
	end = get_cycles();
	count.aside += end - begin;

	begin = get_cycles();
	group = pci_device_group(dev);
	end = get_cycles();
	if (IS_ERR(group))
		return group;

	/* A tick of the timer may have made that one dearer */
	if (is_empty(group))
		begin = min(begin + new, end);
	count.search[nth()] = end - begin;
	count.aside += get_cycles() - end;
	return group;
}

static struct iommu_group *group_of(struct device *dev)
{
	if (is_counted())
		return search(dev);
	if (search_all)
		return pci_device_group(dev);
	return iommu_group_alloc();
}

/* The first and the last to hear from the bus of a new function */

/* scripts/measure/profile looks for it */
static noinline void begin_discovery(void)
{
	count.found++;
	count.aside = 0;
	count.begin = get_cycles();
}

static int before_all(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == BUS_NOTIFY_ADD_DEVICE)
		begin_discovery();
	return NOTIFY_DONE;
}

static int after_all(struct notifier_block *nb, unsigned long action, void *data)
{
	struct device *dev = data;

	if (action != BUS_NOTIFY_ADD_DEVICE)
		return NOTIFY_DONE;
	if (is_counted())
		count.discovery[nth()] = get_cycles() - count.begin - count.aside;
	if (!device_iommu_mapped(dev))
		count.failed++;
	return NOTIFY_DONE;
}

static struct notifier_block first = {
	.notifier_call = before_all,
	.priority = INT_MAX,
};

static struct notifier_block last = {
	.notifier_call = after_all,
	.priority = INT_MIN,
};

static const struct shape {
	const char *name;
	shape_writer *write;
} shapes[] = {
	{ "isolated", isolated_functions },
	{ "switches", functions_below_switches },
	{ "one-group", functions_of_one_group },
};

static void count_fabric(struct kunit *test, const struct shape *shape, int size)
{
	struct igt_fabric *fabric;

	memset(&count, 0, sizeof(count));
	count.size = size;
	fabric = shaped_fabric(test, shape->write, size);

	KUNIT_EXPECT_EQ(test, count.found, size);
	KUNIT_EXPECT_EQ(test, count.failed, 0);
	kunit_info(test, "cost discovery-%s %d %llu\n", shape->name, size,
		   trimmed_mean(count.discovery, COUNTED));
	kunit_info(test, "cost search-%s %d %llu\n", shape->name, size,
		   trimmed_mean(count.search, COUNTED));
	igt_remove_fabric(test, fabric);
	/* Or a worker, which waits 5 s for more, frees thousands of groups within the next fabric's discovery */
	ssleep(6);
}

static void discovery(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		if (shape_only && strcmp(shape_only, shapes[i].name))
			continue;
		for (j = 0; j < n_sizes; j++)
			count_fabric(test, &shapes[i], sizes[j]);
	}
}

static int suite_init(struct kunit_suite *suite)
{
	int ret = register_fabric_iommu(group_of);

	if (ret)
		return ret;
	ret = bus_register_notifier(&pci_bus_type, &first);
	if (ret)
		goto err_unregister;
	ret = bus_register_notifier(&pci_bus_type, &last);
	if (ret)
		goto err_forget;
	return 0;

err_forget:
	bus_unregister_notifier(&pci_bus_type, &first);
err_unregister:
	unregister_fabric_iommu();
	return ret;
}

static void suite_exit(struct kunit_suite *suite)
{
	bus_unregister_notifier(&pci_bus_type, &last);
	bus_unregister_notifier(&pci_bus_type, &first);
	unregister_fabric_iommu();
}

static struct kunit_case discovery_cases[] = {
	KUNIT_CASE_SLOW(discovery),
	{}
};

static struct kunit_suite discovery_suite = {
	.name = "cost_discovery",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.test_cases = discovery_cases,
};

kunit_test_suite(discovery_suite);

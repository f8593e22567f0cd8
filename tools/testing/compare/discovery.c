// SPDX-License-Identifier: GPL-2.0-only
/*
 * What it costs to discover a PCI fabric, from the bus's notification of a
 * function to its group with a default domain, and the search for the group
 * alone. For a guest that counts instructions (QEMU's -icount shift=0), where the
 * time stamp counter has their number.
 */

#include <kunit/test.h>
#include <linux/device/bus.h>
#include <linux/iommu.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/timex.h>

#include "fabric_iommu.h"
#include "iommu_group_fabric.h"

/* Functions at the end of a fabric that are counted: then all others are there */
#define COUNTED	64

static int sizes[8] = { 256, 1024, 4096, 16384 };
static int n_sizes = 4;
module_param_array(sizes, int, &n_sizes, 0);
MODULE_PARM_DESC(sizes, "functions of the fabrics");

static bool search_all = true;
module_param(search_all, bool, 0);
MODULE_PARM_DESC(search_all, "for the groups of functions that are not counted too");

static struct count {
	int size;		/* functions that the fabrics will have */
	int found;		/* of them until now */
	u64 begin;
	u64 aside;		/* instructions that are spent on counting */
	u64 discovery, search;
	int failed;
} count;

static bool is_counted(void)
{
	return count.found > count.size - COUNTED;
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

	count.search += end - begin;
	if (is_empty(group))
		count.search -= new;
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

static int before_all(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action != BUS_NOTIFY_ADD_DEVICE)
		return NOTIFY_DONE;
	count.found++;
	count.aside = 0;
	count.begin = get_cycles();
	return NOTIFY_DONE;
}

static int after_all(struct notifier_block *nb, unsigned long action, void *data)
{
	struct device *dev = data;

	if (action != BUS_NOTIFY_ADD_DEVICE)
		return NOTIFY_DONE;
	if (is_counted())
		count.discovery += get_cycles() - count.begin - count.aside;
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

/* Shapes: fabrics' texts, of at most so many functions */

struct text {
	char *to;
	int left;		/* functions */
	int named;
};

static void line(struct text *text, int depth, int devfn, const char *what)
{
	if (!text->left)
		return;
	text->left--;
	text->to += sprintf(text->to, "%*sf%d %x.%x %s\n", 2 * depth, "",
			    text->named++, PCI_SLOT(devfn), PCI_FUNC(devfn),
			    what);
}

/* Slots of eight root ports with ACS, an endpoint below each: each for itself */
static void isolated(struct text *text)
{
	int port;

	for (port = 0; port < 128; port++) {
		line(text, 0, port, "root acs");
		line(text, 1, 0, "ep");
	}
}

/* Switches of 15 downstream ports, which have no ACS on every second switch */
static void switches(struct text *text)
{
	int root, port;

	for (root = 0; root < 8; root++) {
		line(text, 0, PCI_DEVFN(root, 0), "root acs");
		line(text, 1, 0, "up");
		for (port = 0; port < 15; port++) {
			line(text, 2, PCI_DEVFN(port, 0),
			     root % 2 ? "down" : "down acs");
			line(text, 3, 0, "ep");
		}
	}
}

/* A conventional bridge, bridges below it, functions below these: one group */
static void one_group(struct text *text)
{
	int bridge, devfn;

	line(text, 0, 0, "pci2pci");
	for (bridge = 0; bridge < 64; bridge++) {
		line(text, 1, bridge, "pci2pci");
		for (devfn = 0; devfn < 255; devfn++)
			line(text, 2, devfn, "pci");
	}
}

static const struct shape {
	const char *name;
	void (*write)(struct text *text);
} shapes[] = {
	{ "isolated", isolated },
	{ "switches", switches },
	{ "one-group", one_group },
};

#define MAX_LINE	32

static void write_text(const struct shape *shape, char *to)
{
	struct text text = { .to = to, .left = count.size };
	int domain = 0;

	while (text.left) {
		text.to += sprintf(text.to, "domain %x\n", domain++);
		shape->write(&text);
	}
}

static void count_fabric(struct kunit *test, const struct shape *shape, int size)
{
	struct igt_fabric *fabric;
	char *text;

	memset(&count, 0, sizeof(count));
	count.size = size;
	text = kvzalloc(size * MAX_LINE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	write_text(shape, text);
	fabric = igt_fabric(test, text);
	kvfree(text);

	KUNIT_EXPECT_EQ(test, count.found, size);
	KUNIT_EXPECT_EQ(test, count.failed, 0);
	kunit_info(test, "cost %s %d %llu %llu\n", shape->name, size,
		   div_u64(count.discovery, COUNTED),
		   div_u64(count.search, COUNTED));
	igt_remove_fabric(test, fabric);
}

static void discovery(struct kunit *test)
{
	int i, j;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
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
	.name = "discovery",
	.suite_init = suite_init,
	.suite_exit = suite_exit,
	.test_cases = discovery_cases,
};

kunit_test_suite(discovery_suite);

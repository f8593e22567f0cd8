// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: can these devices be given to a guest together, and if not, what
 * stands in the way and which commands change it?
 */

#include <stdlib.h>
#include <string.h>

#include "lsiommu.h"

#define PCI_CLASS_BRIDGE	0x06

/* The commands stand below the obstacle that they remove */
static void print_write(const char *text, const struct device *dev, const char *file)
{
	printf("    echo %s >/sys/bus/pci/devices/%s/%s\n", text, dev->name, file);
}

static void print_unbind(const struct device *dev)
{
	print_write(dev->name, dev, "driver/unbind");
}

static void print_take(const struct device *dev)
{
	print_write("vfio-pci", dev, "driver_override");
	if (dev->driver)
		print_unbind(dev);
	printf("    echo %s >/sys/bus/pci/drivers_probe\n", dev->name);
}

/* A driver that leaves the DMA of the group to others, as those of user space do */
static bool is_no_obstacle(const struct device *dev)
{
	static const char *const drivers[] = { "pci-stub", "pcieport" };
	size_t i;

	if (!dev->driver || strstr(dev->driver, "vfio"))
		return true;
	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (!strcmp(dev->driver, drivers[i]))
			return true;
	}
	return false;
}

static void print_device(const char *before, const struct device *dev)
{
	char *text = description(dev);

	printf("%s%s%s%s%s", before, dev->name, text ? " (" : "", text ?: "",
	       text ? ")" : "");
	free(text);
}

static void print_reason(const struct groups *groups, const struct device *dev)
{
	char *text = reason(groups, dev);

	if (text)
		printf(": %s", text);
	printf("\n");
	free(text);
}

/* Of those that are to be given away */
static bool check_given(const struct device *dev)
{
	if (dev->is_pci && dev->class >> 16 == PCI_CLASS_BRIDGE) {
		print_device("", dev);
		printf(" is a bridge, which no guest can be given\n");
		return false;
	}
	if (dev->driver && strstr(dev->driver, "vfio"))
		return true;
	print_device("", dev);
	if (dev->driver)
		printf(" is bound to the host's driver %s:\n", dev->driver);
	else
		printf(" is not bound to vfio-pci:\n");
	print_take(dev);
	return false;
}

/* Of another one that comes along */
static bool check_mate(const struct groups *groups, const struct device *dev)
{
	if (is_no_obstacle(dev))
		return true;
	print_device("", dev);
	printf(" is bound to the host's driver %s, and shares group %d", dev->driver,
	       dev->group->id);
	print_reason(groups, dev);
	printf("  give it away too, or leave it without a driver:\n");
	print_unbind(dev);
	return false;
}

static bool is_given(const struct device *dev, struct device *const *given, int n)
{
	while (n--) {
		if (given[n] == dev)
			return true;
	}
	return false;
}

static bool check_group(const struct groups *groups, const struct group *group,
			struct device *const *given, int n)
{
	bool ready = true;
	size_t i;

	if (group->owner && !strcmp(group->owner, "user")) {
		printf("group %d is in use by user space: end the guest or program that has it\n",
		       group->id);
		ready = false;
	}
	for (i = 0; i < group->n; i++)
		ready &= is_given(group->devices[i], given, n) ?
			 check_given(group->devices[i]) :
			 check_mate(groups, group->devices[i]);
	return ready;
}

/* Those that go along, in ways that do not stand in the way */
static void print_company(const struct groups *groups, const struct group *group,
			  struct device *const *given, int n)
{
	size_t i;

	for (i = 0; i < group->n; i++) {
		if (is_given(group->devices[i], given, n))
			continue;
		printf("group %d ", group->id);
		print_device("is shared by ", group->devices[i]);
		print_reason(groups, group->devices[i]);
	}
}

static bool find_all(const struct groups *groups, char **names, struct device **given, int n)
{
	bool found = true;
	char *name;
	int i;

	for (i = 0; i < n; i++) {
		given[i] = groups_find(groups, names[i]);
		if (given[i])
			continue;
		name = device_full_name(names[i]);
		if (device_exists(groups, name))
			warn("%s %s", name,
			     "is in no IOMMU group, so that no guest can be given it; the kernel's log may tell why");
		else
			warn("there is no device %s", name);
		free(name);
		found = false;
	}
	return found;
}

enum status check(const struct groups *groups, char **names, int n)
{
	struct device **given = xcalloc(n, sizeof(*given));
	const struct group *last = NULL;
	bool ready = true;
	size_t i;
	int j;

	if (!find_all(groups, names, given, n)) {
		free(given);
		return STATUS_ERROR;
	}
	for (i = 0; i < groups->n; i++) {
		for (j = 0; j < n && given[j]->group != groups->group[i]; j++)
			;
		if (j == n)
			continue;
		last = groups->group[i];
		ready &= check_group(groups, last, given, n);
		print_company(groups, last, given, n);
	}
	free(given);
	printf("%s\n", ready ? "yes: they can be given to a guest" :
	       "no: not before the above is done");
	return ready ? STATUS_OK : STATUS_NO;
}

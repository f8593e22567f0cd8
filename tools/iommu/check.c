// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: can these devices be given to a guest together, and if not, what
 * stands in the way and which commands change it?
 */

#include <stdlib.h>
#include <string.h>

#include <pci/pci.h>

#include "lsiommu.h"

#define PCI_CLASS_BRIDGE_SEMI	0x0609

/* From the best to the worst, which counts */
enum answer {
	ANSWER_YES,
	ANSWER_NOT_YET,
	ANSWER_NEVER,
};

static void worsen(enum answer *answer, enum answer found)
{
	if (found > *answer)
		*answer = found;
}

/* The commands stand below the obstacle that they remove */
static void print_write(const char *text, const struct device *dev, const char *file)
{
	if (dev->is_pci)
		printf("    echo %s >/sys/bus/pci/devices/%s/%s\n", text, dev->own_name, file);
	else
		printf("    echo %s >/sys/kernel/iommu_groups/%d/devices/%s/%s\n", text,
		       dev->group->id, dev->name, file);
}

static void print_unbind(const struct device *dev)
{
	print_write(dev->own_name, dev, "driver/unbind");
}

/* The look for a driver that drivers_probe has made loads no module */
static void print_take(const struct groups *groups, const struct device *dev)
{
	if (!pci_driver_exists(groups, "vfio-pci"))
		printf("    modprobe vfio-pci\n");
	print_write("vfio-pci", dev, "driver_override");
	if (dev->driver)
		print_unbind(dev);
	printf("    echo %s >/sys/bus/pci/drivers_probe\n", dev->own_name);
}

static bool is_vfio(const char *driver)
{
	return strstr(driver, "vfio");
}

static bool is_owned_by(const struct group *group, const char *owner)
{
	return group->owner && !strcmp(group->owner, owner);
}

/* By their names, drivers that leave the DMA of the group to others */
static bool leaves_dma_alone(const struct device *dev)
{
	static const char *const drivers[] = { "pci-stub", "pcieport" };
	size_t i;

	if (!dev->driver || is_vfio(dev->driver))
		return true;
	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (!strcmp(dev->driver, drivers[i]))
			return true;
	}
	return false;
}

/* The kernel knows whether a driver does; the name only tells which, or must do */
static bool stands_in_the_way(const struct device *dev)
{
	if (dev->group->owner && !is_owned_by(dev->group, "kernel"))
		return false;
	return !leaves_dma_alone(dev);
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

/* VFIO takes a function by its header; where that cannot be read its class tells the same */
static bool is_bridge(const struct groups *groups, const struct device *dev)
{
	int header;

	if (!dev->is_pci)
		return false;
	header = device_header_type(groups, dev);
	if (header >= 0)
		return header != PCI_HEADER_TYPE_NORMAL;
	switch (dev->class >> 8) {
	case PCI_CLASS_BRIDGE_PCI:
	case PCI_CLASS_BRIDGE_CARDBUS:
	case PCI_CLASS_BRIDGE_SEMI:
		return true;
	default:
		return false;
	}
}

/* Of those that are to be given away */
static enum answer check_given(const struct groups *groups, const struct device *dev)
{
	const char *wanted = dev->is_pci ? "vfio-pci" : "a driver of VFIO";

	if (is_bridge(groups, dev)) {
		print_device("", dev);
		printf(" is a bridge, which no guest can be given\n");
		return ANSWER_NEVER;
	}
	if (dev->driver && is_vfio(dev->driver))
		return ANSWER_YES;
	print_device("", dev);
	if (dev->driver)
		printf(" is bound to the host's driver %s:\n", dev->driver);
	else
		printf(" is not bound to %s:\n", wanted);
	if (dev->is_pci)
		print_take(groups, dev);
	else
		printf("  it is no PCI device; bind it to VFIO's driver of its bus\n");
	return ANSWER_NOT_YET;
}

/* Of another one that comes along */
static enum answer check_mate(const struct groups *groups, const struct device *dev)
{
	if (!stands_in_the_way(dev))
		return ANSWER_YES;
	print_device("", dev);
	printf(" is bound to the host's driver %s, and shares group %d", dev->driver,
	       dev->group->id);
	print_reason(groups, dev);
	printf("  give it away too, or leave it without a driver:\n");
	print_unbind(dev);
	return ANSWER_NOT_YET;
}

static bool is_given(const struct device *dev, struct device *const *given, int n)
{
	while (n--) {
		if (given[n] == dev)
			return true;
	}
	return false;
}

/* Of the group as a whole */
static enum answer check_owner(const struct group *group)
{
	size_t i;

	if (is_owned_by(group, "user")) {
		printf("group %d is in use by user space: end the guest or program that has it\n",
		       group->id);
		return ANSWER_NOT_YET;
	}
	if (!is_owned_by(group, "kernel"))
		return ANSWER_YES;
	for (i = 0; i < group->n; i++) {
		if (stands_in_the_way(group->devices[i]))
			return ANSWER_YES;	/* which is told of that device */
	}
	printf("group %d is in use by the kernel, though none of its drivers is known for that:\n"
	       "  unbind them one by one, until /sys/kernel/iommu_groups/%d/dma_owner says none\n",
	       group->id, group->id);
	return ANSWER_NOT_YET;
}

static bool has_given(const struct group *group, struct device *const *given, int n)
{
	while (n--) {
		if (given[n]->group == group)
			return true;
	}
	return false;
}

/* What a driverless device does that others depend on, as the kernel sees it; NULL for nothing */
static char *service_of(const struct groups *groups, const struct device *dev)
{
	if (!dev->is_pci || !device_is_enabled(groups, dev))
		return NULL;
	if (is_bridge(groups, dev) && device_has_bar(groups, dev))
		return xprintf("what is below %s, a bridge with registers in a BAR", dev->name);
	if (dev->group->type && !strcmp(dev->group->type, "identity") &&
	    device_is_bus_master(groups, dev))
		return xprintf("%s, a bus master without translation", dev->name);
	return NULL;
}

/* NULL for nobody */
static char *user_of(const struct groups *groups, const struct group *group)
{
	char *service = NULL;
	size_t i;

	if (is_owned_by(group, "user"))
		return xstrdup("user space");
	if (is_owned_by(group, "kernel"))
		return xstrdup("the kernel");
	for (i = 0; i < group->n && !service; i++)
		service = service_of(groups, group->devices[i]);
	return service;
}

/* By the policy strict two that an edge connects are not in use by different ones */
static enum answer check_edge(const struct groups *groups, const struct group *from,
			      const struct edge *edge, const char *user_of_from,
			      const char *user_of_to)
{
	char *name = name_of_function(groups, edge->culprit ?: "the IOMMU");

	printf("group %d%s%s%s reaches group %d%s%s\n", from->id,
	       user_of_from ? ", in use by " : "", user_of_from ?: "", user_of_from ? "," : "",
	       edge->to, user_of_to ? ", in use by " : "", user_of_to ?: "");
	printf("  past the IOMMU: %s lacks ACS%s%s\n", name, edge->lacks ? ": " : "",
	       edge->lacks ?: "");
	printf("  iommu.isolation=strict %s\n", groups->is_strict ?
	       "refuses that, until one of them is in use no more" : "would refuse that");
	free(name);
	return groups->is_strict ? ANSWER_NOT_YET : ANSWER_YES;
}

/* Of those that the group reaches */
static enum answer check_reached(const struct groups *groups, const struct group *group,
				 struct device *const *given, int n)
{
	enum answer answer = ANSWER_YES;
	const struct group *to;
	char *user;
	size_t i;

	for (i = 0; i < group->n_edges; i++) {
		to = groups_by_id(groups, group->edges[i].to);
		if (!to || has_given(to, given, n))
			continue;
		user = user_of(groups, to);
		if (user)
			worsen(&answer, check_edge(groups, group, &group->edges[i], NULL, user));
		free(user);
	}
	return answer;
}

/* Of those that reach the group: the kernel may reach whom it likes */
static enum answer check_reaching(const struct groups *groups, const struct group *group,
				  struct device *const *given, int n)
{
	enum answer answer = ANSWER_YES;
	const struct group *from;
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		from = groups->group[i];
		if (!is_owned_by(from, "user") || has_given(from, given, n))
			continue;
		for (j = 0; j < from->n_edges; j++) {
			if (from->edges[j].to == group->id)
				worsen(&answer, check_edge(groups, from, &from->edges[j],
							   "user space", NULL));
		}
	}
	return answer;
}

static enum answer check_group(const struct groups *groups, const struct group *group,
			       struct device *const *given, int n)
{
	enum answer answer;
	size_t i;

	if (group->has_direct_regions) {
		printf("group %d has memory that firmware needs mapped, and cannot be given away:\n"
		       "  ask the platform's vendor about what is direct in /sys/kernel/iommu_groups/%d/reserved_regions\n",
		       group->id, group->id);
		return ANSWER_NEVER;
	}
	answer = check_owner(group);
	for (i = 0; i < group->n; i++)
		worsen(&answer, is_given(group->devices[i], given, n) ?
				check_given(groups, group->devices[i]) :
				check_mate(groups, group->devices[i]));
	worsen(&answer, check_reached(groups, group, given, n));
	worsen(&answer, check_reaching(groups, group, given, n));
	return answer;
}

/* Those that go along and do not stand in the way; of the others it has been told */
static void print_company(const struct groups *groups, const struct group *group,
			  struct device *const *given, int n)
{
	size_t i;

	for (i = 0; i < group->n; i++) {
		if (is_given(group->devices[i], given, n) ||
		    stands_in_the_way(group->devices[i]))
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

static enum status print_answer(enum answer answer)
{
	switch (answer) {
	case ANSWER_YES:
		printf("yes: they can be given to a guest\n");
		return STATUS_OK;
	case ANSWER_NOT_YET:
		printf("no: not before the above is done\n");
		return STATUS_NO;
	default:
		printf("no: they cannot be given to a guest\n");
		return STATUS_NO;
	}
}

enum status check(const struct groups *groups, char **names, int n)
{
	struct device **given = xcalloc(n, sizeof(*given));
	const struct group *last = NULL;
	enum answer answer = ANSWER_YES;
	size_t i;

	if (!find_all(groups, names, given, n)) {
		free(given);
		return STATUS_ERROR;
	}
	for (i = 0; i < groups->n; i++) {
		if (!has_given(groups->group[i], given, n))
			continue;
		last = groups->group[i];
		worsen(&answer, check_group(groups, last, given, n));
		print_company(groups, last, given, n);
	}
	free(given);
	return print_answer(answer);
}

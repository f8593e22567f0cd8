// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: can these devices be given to a guest together, and if not, what
 * stands in the way and which commands change it?
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pci/pci.h>

#include "check.h"

#define PCI_CLASS_BRIDGE_SEMI	0x0609

/* The look for a driver that drivers_probe has made loads no module */
static void add_take(struct finding *finding, const struct groups *groups,
		     const struct device *dev)
{
	if (!pci_driver_exists(groups, "vfio-pci"))
		command_add(finding, xstrdup("modprobe vfio-pci"));
	command_add_write(finding, "vfio-pci", dev, "driver_override");
	if (dev->driver)
		command_add_write(finding, dev->own_name, dev, "driver/unbind");
	command_add(finding, xprintf("echo %s >/sys/bus/pci/drivers_probe", dev->own_name));
}

bool is_vfio(const char *driver)
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
bool stands_in_the_way(const struct device *dev)
{
	if (dev->group->owner && !is_owned_by(dev->group, "kernel"))
		return false;
	return !leaves_dma_alone(dev);
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

/* vfio-pci takes no physical function while there are virtual ones */
static void check_sriov(struct check *check, const struct device *dev, bool needed)
{
	char *text = device_read(check->groups, dev->own_name, "sriov_numvfs");
	struct finding *finding;
	unsigned long count;

	if (text && number_parse(text, 10, UINT16_MAX, &count) && count) {
		finding = finding_of_device(&check->obstacles, "sriov", dev,
					    "%s has virtual functions (%lu), with which vfio-pci does not take it",
					    dev->name, count);
		finding->is_held = needed;
		command_add_write(finding, "0", dev, "sriov_numvfs");
	}
	free(text);
}

/* Of those that are to be given away */
static void check_given(struct check *check, const struct device *dev)
{
	const char *wanted = dev->is_pci ? "vfio-pci" : "a driver of VFIO";
	char *name = device_text(dev);
	struct finding *finding;
	bool needed;

	if (is_bridge(check->groups, dev)) {
		finding = finding_of_device(&check->obstacles, "bridge", dev,
					    "%s is a bridge, which no guest can be given", name);
		finding->is_never = true;
		free(name);
		return;
	}
	check_traits(check, dev);
	if (dev->driver && is_vfio(dev->driver)) {
		free(name);
		return;
	}
	needed = check_host(check, dev);
	check_sriov(check, dev, needed);
	finding = finding_of_device(&check->obstacles, "driver", dev, "%s is %s %s", name,
				    dev->driver ? "bound to the host's driver" : "not bound to",
				    dev->driver ?: wanted);
	finding->is_held = needed;
	if (dev->is_pci)
		add_take(finding, check->groups, dev);
	else
		advise(finding, "it is no PCI device; bind it to VFIO's driver of its bus");
	free(name);
}

/* Of another one that must let go of the group */
static void check_mate(struct check *check, const struct device *dev)
{
	char *name = device_text(dev), *why = reason(check->groups, dev);
	bool needed = check_host(check, dev);
	struct finding *finding;

	finding = finding_of_device(&check->obstacles, "mate", dev,
				    "%s is bound to the host's driver %s, and shares group %d%s%s",
				    name, dev->driver, dev->group->id, why ? ": " : "", why ?: "");
	advise(finding, "give it away too, or leave it without a driver");
	finding->is_held = needed;
	command_add_write(finding, dev->own_name, dev, "driver/unbind");
	free(why);
	free(name);
}

bool is_given(const struct check *check, const struct device *dev)
{
	int i;

	for (i = 0; i < check->n; i++) {
		if (check->given[i] == dev)
			return true;
	}
	return false;
}

static void check_user(struct check *check, const struct group *group)
{
	char *programs = programs_with(check->groups, group);

	finding_of_group(&check->obstacles, "user", group,
			 "group %d is in use by user space%s%s: end the guest or program that has it",
			 group->id, programs ? ", by " : "", programs ?: "");
	free(programs);
}

/* Of the group as a whole */
static void check_owner(struct check *check, const struct group *group)
{
	struct finding *finding;
	size_t i;

	if (is_in_user_space(check->groups, group)) {
		check_user(check, group);
		return;
	}
	if (!is_owned_by(group, "kernel"))
		return;
	for (i = 0; i < group->n; i++) {
		if (stands_in_the_way(group->devices[i]))
			return;		/* which is told of that device */
	}
	finding = finding_of_group(&check->obstacles, "kernel", group,
				   "group %d is in use by the kernel, though none of its drivers is known for that",
				   group->id);
	advise(finding,
	       "unbind them one by one, until /sys/kernel/iommu_groups/%d/dma_owner says none",
	       group->id);
}

bool has_given(const struct check *check, const struct group *group)
{
	int i;

	for (i = 0; i < check->n; i++) {
		if (check->given[i]->group == group)
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

	if (is_in_user_space(groups, group))
		return xstrdup("user space");
	if (is_owned_by(group, "kernel"))
		return xstrdup("the kernel");
	for (i = 0; i < group->n && !service; i++)
		service = service_of(groups, group->devices[i]);
	return service;
}

/*
 * By the policy strict two that an edge connects are not in use by different ones. By any
 * other it changes no answer, and is no more than good to know.
 */
static void add_edge(struct check *check, const struct group *group, const char *way,
		     const struct edge *edge)
{
	bool is_refused = check->groups->is_strict;
	struct findings *findings = is_refused ? &check->obstacles : &check->notes;
	char *name = name_of_function(check->groups, edge->culprit ?: "the IOMMU");
	struct finding *finding;

	finding = finding_of_group(findings, "reach", group,
				   "%s past the IOMMU: %s lacks ACS%s%s%s", way, name,
				   edge->lacks ? ": " : "", edge->lacks ?: "",
				   is_refused ? "" : "; iommu.isolation=strict would refuse that");
	free(name);
	if (is_refused)
		advise(finding,
		       "iommu.isolation=strict refuses that, until one of them is in use no more");
}

/* Of those that the group reaches */
static void check_reached(struct check *check, const struct group *group)
{
	const struct group *to;
	char *user, *way;
	size_t i;

	for (i = 0; i < group->n_edges; i++) {
		to = groups_by_id(check->groups, group->edges[i].to);
		user = to && !has_given(check, to) ? user_of(check->groups, to) : NULL;
		if (!user)
			continue;
		way = xprintf("group %d reaches group %d, in use by %s,", group->id, to->id, user);
		add_edge(check, group, way, &group->edges[i]);
		free(way);
		free(user);
	}
}

/* Of those that reach the group: the kernel may reach whom it likes */
static void check_reaching(struct check *check, const struct group *group)
{
	const struct group *from;
	size_t i, j;
	char *way;

	for (i = 0; i < check->groups->n; i++) {
		from = check->groups->group[i];
		if (!from->n_edges || has_given(check, from) ||
		    !is_in_user_space(check->groups, from))
			continue;
		for (j = 0; j < from->n_edges; j++) {
			if (from->edges[j].to != group->id)
				continue;
			way = xprintf("group %d, in use by user space, reaches group %d", from->id,
				      group->id);
			add_edge(check, group, way, &from->edges[j]);
			free(way);
		}
	}
}

/* Is there no IOMMU behind the group? Mediated devices have such a group too, rightly */
static bool is_noiommu(const struct group *group)
{
	return group->name && !strcmp(group->name, "vfio-noiommu") && group->n &&
	       group->devices[0]->is_pci;
}

static void add_direct_region(struct check *check, const struct group *group)
{
	struct finding *finding;

	finding = finding_of_group(&check->obstacles, "direct-region", group,
				   "group %d has memory that firmware needs mapped, and cannot be given away",
				   group->id);
	finding->is_never = true;
	advise(finding,
	       "ask the platform's vendor about what is direct in /sys/kernel/iommu_groups/%d/reserved_regions",
	       group->id);
}

static void add_noiommu(struct check *check, const struct group *group)
{
	struct finding *finding;

	finding = finding_of_group(&check->obstacles, "noiommu", group,
				   "group %d is of vfio-noiommu: no IOMMU keeps its devices from any memory of the host",
				   group->id);
	finding->is_never = true;
	advise(finding,
	       "a guest needs an IOMMU; switch it on in the firmware's setup. Programs such as DPDK can go without, at the host's risk");
}

/* What could not be read, of which a message has told, may be what stands in the way */
static void add_unreadable(struct check *check, const struct group *group)
{
	struct finding *finding;

	finding = finding_of_group(&check->obstacles, "unreadable", group,
				   "group %d could not be read whole", group->id);
	advise(finding, "run lsiommu as root, or copy the files again");
}

static void check_group(struct check *check, const struct group *group)
{
	const struct device *dev;
	size_t i;

	if (group->has_direct_regions) {
		add_direct_region(check, group);
		return;
	}
	if (is_noiommu(group)) {
		add_noiommu(check, group);
		return;
	}
	if (group->is_partial)
		add_unreadable(check, group);
	check_owner(check, group);
	for (i = 0; i < group->n; i++) {
		dev = group->devices[i];
		if (is_given(check, dev))
			check_given(check, dev);
		else if (stands_in_the_way(dev))
			check_mate(check, dev);
	}
	check_reached(check, group);
	check_reaching(check, group);
}

/*
 * Those that go along and do not stand in the way. Where the answer is yes, bridges are left
 * out: they stay with the host, and it works on with them.
 */
static void add_company(struct check *check, const struct group *group)
{
	bool is_yes = check->answer == ANSWER_YES;
	const struct device *dev;
	char *name, *why;
	size_t i;

	for (i = 0; i < group->n; i++) {
		dev = group->devices[i];
		if (is_given(check, dev) || stands_in_the_way(dev) ||
		    (is_yes && is_bridge(check->groups, dev)))
			continue;
		name = device_text(dev);
		why = is_yes ? NULL : reason(check->groups, dev);
		finding_of_device(&check->company, "company", dev, "group %d %s %s%s%s", group->id,
				  is_yes ? "goes as a whole, with" : "is shared by", name,
				  why ? ": " : "", why ?: "");
		free(why);
		free(name);
	}
}

static enum answer answer_of(const struct check *check)
{
	const struct finding *finding = check->obstacles.first;
	enum answer answer = finding ? ANSWER_NOT_YET : ANSWER_YES;

	for (; finding; finding = finding->next) {
		if (finding->is_never)
			answer = ANSWER_NEVER;
	}
	return answer;
}

static void find_all(struct check *check)
{
	const struct groups *groups = check->groups;
	size_t i;

	check_machine(check);
	for (i = 0; i < groups->n; i++) {
		if (has_given(check, groups->group[i]))
			check_group(check, groups->group[i]);
	}
	check->answer = answer_of(check);
	if (check->answer == ANSWER_NOT_YET)
		check_knowledge(check);
	for (i = 0; i < groups->n; i++) {
		if (has_given(check, groups->group[i]))
			add_company(check, groups->group[i]);
	}
	/* What the host needs must not be lost after each boot either */
	if (check->answer != ANSWER_NEVER && !check->host.first)
		say_what_lasts(check);
}

static void free_check(struct check *check)
{
	findings_free(&check->host);
	findings_free(&check->obstacles);
	findings_free(&check->company);
	findings_free(&check->notes);
	findings_free(&check->lasting);
	findings_free(&check->back);
	free(check->given);
}

enum status check(const struct groups *groups, char **names, int n, bool json)
{
	struct check check = { .groups = groups, .n = n };

	check.given = select_devices(groups, names, n);
	if (!check.given)
		return STATUS_ERROR;
	find_all(&check);
	if (json)
		check_print_json(&check);
	else
		check_print_text(&check);
	free_check(&check);
	return check.answer == ANSWER_YES ? STATUS_OK : STATUS_NO;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: which devices are shown. Of criteria of a kind one must hold, as of two groups;
 * of each kind that there is one must hold.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pci/pci.h>

#include "lsiommu.h"

struct criterion {
	const struct kind *kind;
	char *text;
	union {
		int group;
		struct address address;
		struct pci_filter ids;
	};
};

static bool parse_group(struct criterion *criterion)
{
	char *end;
	long id = strtol(criterion->text, &end, 10);

	criterion->group = id;
	return !*end && end != criterion->text && id >= 0 && id <= INT_MAX;
}

static bool has_group(const struct criterion *criterion, const struct device *dev)
{
	return criterion->group == dev->group->id;
}

static bool parse_slot(struct criterion *criterion)
{
	return address_parse(&criterion->address, criterion->text);
}

static bool has_slot(const struct criterion *criterion, const struct device *dev)
{
	return address_matches(&criterion->address, dev->name);
}

/* As lspci takes them */
static bool parse_ids(struct criterion *criterion)
{
	char *copy = xstrdup(criterion->text);
	bool good;

	pci_filter_init(NULL, &criterion->ids);
	good = !pci_filter_parse_id(&criterion->ids, copy);
	free(copy);
	return good;
}

/* One that is in no group is told from one that is not there */
static struct device *find_device(const struct groups *groups, const char *name)
{
	struct device *dev = groups_find(groups, name);
	char *full;

	if (dev)
		return dev;
	full = device_full_name(name);
	if (!device_exists(groups, full))
		warn("there is no device %s", full);
	else if (groups->is_partial)
		warn("%s is in no IOMMU group that can be read", full);
	else
		warn("%s is in no IOMMU group, so that no guest can be given it: %s", full,
		     "no IOMMU serves it; the kernel's log may tell why");
	free(full);
	return NULL;
}

struct device **select_devices(const struct groups *groups, char **names, int n)
{
	struct device **devices = xcalloc(n + 1, sizeof(*devices));
	bool found = true;
	int i;

	for (i = 0; i < n; i++) {
		devices[i] = find_device(groups, names[i]);
		found &= !!devices[i];
	}
	if (found)
		return devices;
	free(devices);
	return NULL;
}

/* A device stands for all of its group */
static bool is_asked_for(const struct selection *selection, const struct group *group)
{
	int i;

	for (i = 0; i < selection->n_devices; i++) {
		if (selection->devices[i]->group == group)
			return true;
	}
	return !selection->n_devices;
}

static bool is_any_or(int wanted, unsigned int number)
{
	return wanted < 0 || (unsigned int)wanted == number;
}

static bool has_ids(const struct criterion *criterion, const struct device *dev)
{
	const struct pci_filter *ids = &criterion->ids;

	return dev->is_pci && is_any_or(ids->vendor, dev->vendor) &&
	       is_any_or(ids->device, dev->device) &&
	       (ids->device_class < 0 ||
		!((dev->class >> 8 ^ ids->device_class) & ids->device_class_mask)) &&
	       is_any_or(ids->prog_if, dev->class & 0xff);
}

static bool parse_text(struct criterion *criterion)
{
	return *criterion->text;
}

static bool has_in_name(const struct device *dev, const char *wanted)
{
	char *name = name_of_class(dev);
	bool has = strcasestr(name, wanted);

	free(name);
	return has;
}

/* No class has a subclass ff with a name of its own, so that the class's name is told */
static bool has_base_class(const struct device *dev, const char *wanted)
{
	struct device base = *dev;

	base.class |= 0xff00;
	return has_in_name(&base, wanted);
}

/* The first digits of a number, as in 0x0200 or 02, or a part of a name */
static bool has_class(const struct criterion *criterion, const struct device *dev)
{
	const char *wanted = criterion->text;
	char digits[16];

	if (!dev->is_pci)
		return false;
	if (!strncasecmp(wanted, "0x", 2))
		wanted += 2;
	snprintf(digits, sizeof(digits), "%06x", dev->class);
	if (strspn(wanted, "0123456789abcdefABCDEF") == strlen(wanted))
		return !strncasecmp(digits, wanted, strlen(wanted));
	return has_in_name(dev, wanted) || has_base_class(dev, wanted);
}

/* "none" is that of a device without one */
static bool has_driver(const struct criterion *criterion, const struct device *dev)
{
	return !strcmp(criterion->text, dev->driver ?: "none");
}

static const struct kind {
	int option;
	bool (*parse)(struct criterion *criterion);
	bool (*has)(const struct criterion *criterion, const struct device *dev);
	const char *is_not;
} kinds[] = {
	{ 'g', parse_group, has_group, "no number of a group" },
	{ 's', parse_slot, has_slot,
	  "no address of a device, as in 0000:03:00.0, 03:00.0 or 03:" },
	{ 'd', parse_ids, has_ids, "no IDs of a device, as in 8086:10d3 or 8086:" },
	{ 'c', parse_text, has_class, "no class of devices, as in 0200 or ethernet" },
	{ 'k', parse_text, has_driver, "no driver's name" },
};

static const struct kind *kind_of(int option)
{
	const struct kind *kind = kinds;

	while (kind->option != option)
		kind++;
	return kind;
}

static bool add_criterion(struct selection *selection, const struct kind *kind,
			  const char *text)
{
	struct criterion *criterion;

	selection->criteria = xrealloc(selection->criteria, selection->n + 1,
				       sizeof(*criterion));
	criterion = &selection->criteria[selection->n++];
	criterion->kind = kind;
	criterion->text = xstrdup(text);
	if (kind->parse(criterion))
		return true;
	warn("'%s' is %s", text, kind->is_not);
	return false;
}

bool select_by(struct selection *selection, int option, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *text;
	bool good = true;

	while (good && (text = strsep(&rest, ",")))
		good = add_criterion(selection, kind_of(option), text);
	free(copy);
	return good;
}

static bool has_one_of(const struct selection *selection, const struct kind *kind,
		       const struct device *dev)
{
	const struct criterion *criterion;
	bool wanted = false;
	size_t i;

	for (i = 0; i < selection->n; i++) {
		criterion = &selection->criteria[i];
		if (criterion->kind != kind)
			continue;
		if (kind->has(criterion, dev))
			return true;
		wanted = true;
	}
	return !wanted;
}

bool selected(const struct selection *selection, const struct device *dev)
{
	size_t i;

	if (!is_asked_for(selection, dev->group))
		return false;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!has_one_of(selection, &kinds[i], dev))
			return false;
	}
	return true;
}

void selection_free(struct selection *selection)
{
	size_t i;

	for (i = 0; i < selection->n; i++)
		free(selection->criteria[i].text);
	free(selection->criteria);
}

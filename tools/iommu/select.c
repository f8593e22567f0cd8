// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: which devices are shown */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pci/pci.h>

#include "lsiommu.h"

bool select_slot(struct selection *selection, const char *slot)
{
	struct pci_filter filter;
	char *copy = xstrdup(slot);
	bool good;

	pci_filter_init(NULL, &filter);
	good = !pci_filter_parse_slot(&filter, copy);
	free(copy);
	selection->domain = filter.domain;
	selection->bus = filter.bus;
	selection->slot = filter.slot;
	selection->function = filter.func;
	return good;
}

static bool is_any_or(int wanted, unsigned int number)
{
	return wanted < 0 || (unsigned int)wanted == number;
}

static bool has_slot(const struct selection *selection, const struct device *dev)
{
	unsigned int domain, bus, slot, function;

	if (selection->domain < 0 && selection->bus < 0 && selection->slot < 0 &&
	    selection->function < 0)
		return true;
	return sscanf(dev->name, "%x:%x:%x.%x", &domain, &bus, &slot, &function) == 4 &&
	       is_any_or(selection->domain, domain) && is_any_or(selection->bus, bus) &&
	       is_any_or(selection->slot, slot) && is_any_or(selection->function, function);
}

/* The first digits of a number, as in 0x0200 or 02, or a part of a name */
static bool has_class(const struct selection *selection, const struct device *dev)
{
	const char *wanted = selection->class;
	char digits[16], *name;
	bool has;

	if (!wanted)
		return true;
	if (!dev->is_pci)
		return false;
	if (!strncasecmp(wanted, "0x", 2))
		wanted += 2;
	snprintf(digits, sizeof(digits), "%06x", dev->class);
	if (strspn(wanted, "0123456789abcdefABCDEF") == strlen(wanted))
		return !strncasecmp(digits, wanted, strlen(wanted));
	name = name_of_class(dev);
	has = strcasestr(name, wanted);
	free(name);
	return has;
}

/* "none" is that of a device without one */
static bool has_driver(const struct selection *selection, const struct device *dev)
{
	return !selection->driver ||
	       !strcmp(selection->driver, dev->driver ?: "none");
}

bool selected(const struct selection *selection, const struct device *dev)
{
	return is_any_or(selection->group, dev->group->id) && has_slot(selection, dev) &&
	       has_class(selection, dev) && has_driver(selection, dev);
}

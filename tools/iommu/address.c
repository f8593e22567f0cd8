// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: addresses of PCI functions, in the forms that people and programs write:
 * 0000:01:00.0, 01:00.0, 01:00, 1F.0, 10000:e1:00.0, and libvirt's pci_0000_01_00_0.
 */

#include <stdlib.h>
#include <string.h>

#include <pci/pci.h>

#include "lsiommu.h"

/* All four numbers, which is how sysfs names a function, or without a domain as in a fabric */
static bool parse_full(struct address *address, const char *name)
{
	unsigned int domain, bus, slot, function;
	char more;

	/* Many names are numbers of groups, and scanning takes long */
	if (!strchr(name, ':'))
		return false;
	if (sscanf(name, "%x:%x:%x.%x%c", &domain, &bus, &slot, &function, &more) != 4) {
		domain = 0;
		if (sscanf(name, "%x:%x.%x%c", &bus, &slot, &function, &more) != 3)
			return false;
	}
	*address = (struct address) { domain, bus, slot, function };
	return true;
}

/* libpci knows no underscores */
static char *with_colons(const char *text)
{
	unsigned int domain, bus, slot, function;
	char more;

	if (sscanf(text, "pci_%x_%x_%x_%x%c", &domain, &bus, &slot, &function, &more) != 4)
		return xstrdup(text);
	return xprintf("%x:%x:%x.%x", domain, bus, slot, function);
}

bool address_parse(struct address *address, const char *text)
{
	struct pci_filter filter;
	char *copy = with_colons(text);
	bool good;

	pci_filter_init(NULL, &filter);
	good = *copy && !pci_filter_parse_slot(&filter, copy);
	free(copy);
	*address = (struct address) { filter.domain, filter.bus, filter.slot, filter.func };
	return good;
}

static bool is_any_or(int wanted, int number)
{
	return wanted < 0 || wanted == number;
}

bool address_matches(const struct address *wanted, const char *name)
{
	struct address address;

	return parse_full(&address, name) && is_any_or(wanted->domain, address.domain) &&
	       is_any_or(wanted->bus, address.bus) && is_any_or(wanted->slot, address.slot) &&
	       is_any_or(wanted->function, address.function);
}

static int compare(int one, int other)
{
	return (one > other) - (one < other);
}

/* By value, for 10000:00:00.0 is above 0000:ff:00.0. What is no address comes last */
int names_compare(const char *one, const char *other)
{
	struct address a, b;
	bool is_a = parse_full(&a, one), is_b = parse_full(&b, other);

	if (!is_a || !is_b)
		return is_a || is_b ? is_b - is_a : strverscmp(one, other);
	return compare(a.domain, b.domain) ?: compare(a.bus, b.bus) ?:
	       compare(a.slot, b.slot) ?: compare(a.function, b.function);
}

/* Where one device is meant, domain and bus are 0 if they are left out */
static void complete(struct address *address)
{
	if (address->domain < 0)
		address->domain = 0;
	if (address->bus < 0)
		address->bus = 0;
}

char *device_full_name(const char *name)
{
	struct address address;

	if (!address_parse(&address, name) || address.slot < 0 || address.function < 0)
		return xstrdup(name);
	complete(&address);
	return xprintf("%04x:%02x:%02x.%x", address.domain, address.bus, address.slot,
		       address.function);
}

static bool is_slot(struct address *address, const char *name)
{
	if (!address_parse(address, name) || address->slot < 0 || address->function >= 0)
		return false;
	complete(address);
	return true;
}

static int add_functions(const struct groups *groups, const struct address *slot, char **names)
{
	const struct group *group;
	size_t i, j;
	int n = 0;

	for (i = 0; i < groups->n; i++) {
		group = groups->group[i];
		for (j = 0; j < group->n; j++) {
			if (address_matches(slot, group->devices[j]->name))
				names[n++] = group->devices[j]->name;
		}
	}
	return n;
}

char **devices_named(const struct groups *groups, char **names, int *n)
{
	struct address slot;
	char **all;
	int i, found, n_all = 0;

	/* No slot has more functions; a bus that is one slot has them as slots */
	all = xcalloc(*n * 8, sizeof(*all));
	for (i = 0; i < *n; i++) {
		found = is_slot(&slot, names[i]) ? add_functions(groups, &slot, all + n_all) : 0;
		n_all += found;
		if (!found)
			all[n_all++] = names[i];
	}
	*n = n_all;
	return all;
}

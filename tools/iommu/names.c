// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: names of devices, from the PCI ID database, and sentences with them */

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "lsiommu.h"

/* As long as names get */
#define NAME_MAX_LEN	256

/* From the list alone: udev's database has what is in that, and asking it leaks memory */
#define FLAGS	PCI_LOOKUP_NO_HWDB

static struct pci_access *database;

static void ignore(char *format, ...)
{
	(void)format;
}

static noreturn void fail(char *format, ...)
{
	va_list args;
	char text[NAME_MAX_LEN];

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	warn("libpci: %s", text);
	exit(STATUS_ERROR);
}

struct pci_access *new_pci_access(void)
{
	struct pci_access *access = pci_alloc();

	access->error = fail;
	access->warning = ignore;
	access->debug = ignore;
	return access;
}

/*
 * Without pci_init(), which wants this machine's devices. To libpci a missing file is no
 * error, and neither is it here if it is the system's.
 */
bool names_open(const char *ids)
{
	if (ids && access(ids, R_OK)) {
		warn("%s: %s; leave --pci-ids out to have the system's list", ids,
		     strerror(errno));
		return false;
	}
	database = new_pci_access();
	if (ids)
		pci_set_name_list_path(database, xstrdup(ids), 1);
	return true;
}

void names_close(void)
{
	pci_cleanup(database);
}

char *name_of_class(const struct device *dev)
{
	char name[NAME_MAX_LEN];

	if (!dev->is_pci)
		return NULL;
	if (dev->class_name)
		return xstrdup(dev->class_name);
	return xstrdup(pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_CLASS | FLAGS,
				       dev->class >> 8));
}

char *name_of_vendor(const struct device *dev)
{
	char name[NAME_MAX_LEN];

	if (!dev->is_pci || !dev->vendor)
		return NULL;
	return xstrdup(pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_VENDOR | FLAGS,
				       dev->vendor));
}

char *name_of_device(const struct device *dev)
{
	char name[NAME_MAX_LEN];

	if (!dev->is_pci || !dev->vendor)
		return NULL;
	return xstrdup(pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_DEVICE | FLAGS,
				       dev->vendor, dev->device));
}

static char *vendor_and_device(const struct device *dev)
{
	char name[NAME_MAX_LEN];

	if (dev->title)
		return xstrdup(dev->title);
	if (!dev->vendor)
		return NULL;
	return xstrdup(pci_lookup_name(database, name, sizeof(name),
				       PCI_LOOKUP_VENDOR | PCI_LOOKUP_DEVICE | FLAGS,
				       dev->vendor, dev->device));
}

char *description(const struct device *dev)
{
	char *class = name_of_class(dev), *name, *text;

	if (!class)
		return NULL;
	name = vendor_and_device(dev);
	text = name ? xprintf("%s: %s", class, name) : xstrdup(class);
	free(class);
	free(name);
	return text;
}

/* "Device 1234" is the model that has no name */
bool name_is_of(const char *title, unsigned int vendor, unsigned int device)
{
	struct device dev = { .vendor = vendor, .device = device };
	char *name;
	bool is;

	if (!title || !name_is_of_vendor(title, vendor))
		return false;
	name = vendor_and_device(&dev);
	is = name && !strcmp(title, name);
	free(name);
	return is;
}

bool names_are_known(void)
{
	return name_is_of_vendor("Intel Corporation ", 0x8086);
}

bool name_is_of_vendor(const char *title, unsigned int vendor)
{
	char name[NAME_MAX_LEN];
	const char *known;
	size_t len;

	if (!title)
		return false;
	known = pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_VENDOR | FLAGS, vendor);
	len = strlen(known);
	return !strncmp(title, known, len) && title[len] == ' ';
}

static bool read_id(const struct groups *groups, const char *address, const char *file,
		    unsigned int *id)
{
	char *text = device_read(groups, address, file);
	unsigned long number;
	bool good = text && number_parse(text, 16, UINT_MAX, &number);

	if (good)
		*id = number;
	free(text);
	return good;
}

char *name_of_function(const struct groups *groups, const char *address)
{
	const struct device *dev = groups_find(groups, address);
	struct device function = {};
	char *name, *text;

	if (!dev) {
		if (!read_id(groups, address, "vendor", &function.vendor) ||
		    !read_id(groups, address, "device", &function.device))
			return xstrdup(address);
		dev = &function;
	}
	name = vendor_and_device(dev);
	text = name ? xprintf("%s (%s)", address, name) : xstrdup(address);
	free(name);
	return text;
}

static char *lacking(const char *what, const char *name, const char *lacks)
{
	return xprintf("%s %s lacks ACS%s%s", what, name, lacks ? ": " : "",
		       lacks ?: "");
}

static const char *kind_of_port(const struct groups *groups, const struct device *dev)
{
	if (dev->culprit_kind)
		return dev->culprit_kind;
	return device_is_on_root_bus(groups, dev->culprit) ? "root port" : "switch port";
}

static char *cause_as_text(const struct groups *groups, const struct device *dev)
{
	char *name, *text = NULL;

	if (!strcmp(dev->cause, "driver"))
		return xstrdup("the IOMMU driver has decided");
	if (!strcmp(dev->cause, "kernel"))
		return xstrdup("this kernel keeps them together, though PCI would have it alone");
	if (!dev->culprit)
		return xstrdup(dev->cause);

	name = name_of_function(groups, dev->culprit);
	if (!strcmp(dev->cause, "acs"))
		text = lacking(kind_of_port(groups, dev), name, dev->lacks);
	else if (!strcmp(dev->cause, "multifunction"))
		text = lacking("function", name, dev->lacks);
	else if (!strcmp(dev->cause, "bridge"))
		text = xprintf("on a conventional bus, of bridge %s", name);
	else if (!strcmp(dev->cause, "alias"))
		text = xprintf("one requester ID with %s", name);
	else
		text = xprintf("%s: %s", dev->cause, name);
	free(name);
	return text;
}

/* "text; more", or either; consumes the text */
static char *with(char *text, const char *before, const char *more)
{
	char *both;

	if (!more)
		return text;
	both = xprintf("%s%s%s%s", text ?: "", text ? "; " : "", before, more);
	free(text);
	return both;
}

char *reason(const struct groups *groups, const struct device *dev)
{
	char *text = NULL;

	if (dev->cause && strcmp(dev->cause, "isolated") && strcmp(dev->cause, "unknown"))
		text = cause_as_text(groups, dev);
	text = with(text, "", dev->note);
	text = with(text, dev->note ? "all is redirected by " : "it is off, on by ", dev->remedy);
	return with(text, "", dev->doubt);
}

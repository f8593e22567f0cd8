// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: names of devices, from the PCI ID database, and sentences with them */

#include <errno.h>
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
	database = pci_alloc();
	database->error = fail;
	database->warning = ignore;
	database->debug = ignore;
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
	return xstrdup(pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_CLASS | FLAGS,
				       dev->class >> 8));
}

char *name_of_vendor(const struct device *dev)
{
	char name[NAME_MAX_LEN];

	if (!dev->is_pci)
		return NULL;
	return xstrdup(pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_VENDOR | FLAGS,
				       dev->vendor));
}

char *name_of_device(const struct device *dev)
{
	char name[NAME_MAX_LEN];

	if (!dev->is_pci)
		return NULL;
	return xstrdup(pci_lookup_name(database, name, sizeof(name), PCI_LOOKUP_DEVICE | FLAGS,
				       dev->vendor, dev->device));
}

static char *vendor_and_device(const struct device *dev)
{
	char name[NAME_MAX_LEN];

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
	text = xprintf("%s: %s", class, name);
	free(class);
	free(name);
	return text;
}

static bool read_id(const struct groups *groups, const char *address, const char *file,
		    unsigned int *id)
{
	char *text = device_read(groups, address, file);

	if (!text)
		return false;
	*id = strtoul(text, NULL, 16);
	free(text);
	return true;
}

char *name_of_function(const struct groups *groups, const char *address)
{
	struct device function = {};
	char *name, *text;

	if (!read_id(groups, address, "vendor", &function.vendor) ||
	    !read_id(groups, address, "device", &function.device))
		return xstrdup(address);
	name = vendor_and_device(&function);
	text = xprintf("%s (%s)", address, name);
	free(name);
	return text;
}

static char *lacking(const char *what, const char *name, const char *lacks)
{
	return xprintf("%s %s lacks ACS%s%s", what, name, lacks ? ": " : "",
		       lacks ?: "");
}

char *reason(const struct groups *groups, const struct device *dev)
{
	char *name, *text = NULL;

	if (!dev->cause || !strcmp(dev->cause, "isolated"))
		return NULL;
	if (!strcmp(dev->cause, "driver"))
		return xstrdup("the IOMMU driver has decided");
	if (!dev->culprit)
		return xstrdup(dev->cause);

	name = name_of_function(groups, dev->culprit);
	if (!strcmp(dev->cause, "acs"))
		text = lacking(device_is_on_root_bus(groups, dev->culprit) ?
			       "root port" : "switch port", name, dev->lacks);
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

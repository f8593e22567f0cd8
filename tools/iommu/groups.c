// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: the groups as sysfs has them. Devices may vanish while they are read, and
 * kernels differ in what they tell: what is not there is NULL.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "lsiommu.h"

#define GROUPS	"kernel/iommu_groups"

/* What is there and cannot be read is not the same as what is not there */
static void warn_of_unreadable(struct group *group, const char *dir, const char *file)
{
	warn("%s/%s: %s; %s", dir, file, strerror(errno), errno == EACCES || errno == EPERM ?
	     "run lsiommu as root" : "what is in it is left out");
	group->is_partial = true;
}

/* Older kernels have fewer files, which is no reason to warn */
static char *read_of_group(struct group *group, const char *dir, const char *file)
{
	char *text = file_read_in(dir, file);

	if (!text && (errno == EACCES || errno == EPERM))
		warn_of_unreadable(group, dir, file);
	return text;
}

/* False if it is not there, as of a device that is not PCI or has gone */
static bool read_id(struct group *group, const char *dir, const char *file, unsigned int *id)
{
	char *text = read_of_group(group, dir, file);
	unsigned long number;
	bool good;

	if (!text)
		return false;
	good = number_parse(text, 16, UINT_MAX, &number);
	if (good) {
		*id = number;
	} else {
		warn("%s/%s: it has no number in it; copy it again", dir, file);
		group->is_partial = true;
	}
	free(text);
	return good;
}

/* As the kernel names PCI devices, and no other: commands are made of it */
static bool is_address(const char *name)
{
	unsigned int domain, bus, slot, function;
	char *again = NULL;
	bool is = false;

	if (sscanf(name, "%8x:%2x:%2x.%1x", &domain, &bus, &slot, &function) == 4) {
		again = xprintf("%04x:%02x:%02x.%x", domain, bus, slot, function);
		is = !strcmp(name, again);
	}
	free(again);
	return is;
}

struct device *device_read_from(struct group *group, const char *devices, const char *name)
{
	struct device *dev = xcalloc(1, sizeof(*dev));
	char *dir = xprintf("%s/%s", devices, name);

	dev->group = group;
	dev->name = xstrdup(name);
	dev->own_name = link_read_name(devices, name) ?: xstrdup(name);
	dev->is_pci = is_address(dev->own_name) &&
		      read_id(group, dir, "vendor", &dev->vendor) &&
		      read_id(group, dir, "device", &dev->device) &&
		      read_id(group, dir, "class", &dev->class);
	dev->driver = link_read_name(dir, "driver");
	free(dir);
	return dev;
}

static struct device *find_in_group(const struct group *group, const char *name)
{
	size_t i;

	for (i = 0; i < group->n; i++) {
		if (!strcmp(group->devices[i]->name, name))
			return group->devices[i];
	}
	return NULL;
}

static char *next_word(char **line)
{
	char *word = strsep(line, " ");

	return word && *word ? xstrdup(word) : NULL;
}

/* "<device> <cause> [<culprit> [<lack>]]"; of a device that came since nothing is known */
static void explain(const struct group *group, char *line)
{
	char *name = strsep(&line, " ");
	struct device *dev = find_in_group(group, name);

	if (!dev || dev->cause)
		return;
	dev->cause = next_word(&line);
	dev->culprit = next_word(&line);
	dev->lacks = next_word(&line);
}

static void read_isolation(struct group *group, const char *dir)
{
	char *text = read_of_group(group, dir, "isolation"), *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		explain(group, line);
	free(text);
}

/* "<id> <culprit> [<lack>]" in each line */
static void read_edges(struct group *group, const char *dir)
{
	char *text = read_of_group(group, dir, "reaches"), *rest = text, *line, *to;
	struct edge *edge;
	unsigned long id;

	/* No more than there are line ends, and one */
	for (line = text; line; line = strchr(line + 1, '\n'))
		group->n_edges++;
	group->edges = xcalloc(group->n_edges + 1, sizeof(*group->edges));
	group->n_edges = 0;
	while ((line = strsep(&rest, "\n"))) {
		edge = &group->edges[group->n_edges];
		to = strsep(&line, " ");
		if (!line || !number_parse(to, 10, INT_MAX, &id))
			continue;
		edge->to = id;
		edge->culprit = next_word(&line);
		edge->lacks = next_word(&line);
		group->n_edges++;
	}
	free(text);
}

/*
 * "<start> <end> <type>" in each line. Of type direct, and not direct-relaxable, is what
 * must stay mapped, so that nobody can claim the group.
 */
static bool read_direct_regions(struct group *group, const char *dir)
{
	char *text = read_of_group(group, dir, "reserved_regions"), *rest = text, *line, *type;
	bool found = false;

	while ((line = strsep(&rest, "\n"))) {
		type = strrchr(line, ' ');
		found |= type && !strcmp(type + 1, "direct");
	}
	free(text);
	return found;
}

static void read_devices(struct group *group, const char *dir)
{
	char *devices = xprintf("%s/devices", dir), **names;
	int i, n = dir_read(devices, &names);

	/* Without it the group has just gone */
	if (n < 0 && errno != ENOENT)
		warn_of_unreadable(group, dir, "devices");
	if (n > 0)
		group->devices = xcalloc(n, sizeof(*group->devices));
	for (i = 0; i < n; i++)
		group->devices[group->n++] = device_read_from(group, devices, names[i]);
	dir_free(names);
	free(devices);
}

static struct group *read_group(const char *dir, int id)
{
	struct group *group = xcalloc(1, sizeof(*group));

	group->id = id;
	group->certain = true;
	group->type = read_of_group(group, dir, "type");
	group->name = read_of_group(group, dir, "name");
	group->owner = read_of_group(group, dir, "dma_owner");
	read_devices(group, dir);
	group->has_direct_regions = read_direct_regions(group, dir);
	read_isolation(group, dir);
	read_edges(group, dir);
	return group;
}

static void read_groups(struct groups *groups, const char *dir, char **names, int n)
{
	struct group *group;
	unsigned long id;
	char *path;
	int i;

	groups->group = xcalloc(n + 1, sizeof(*groups->group));
	for (i = 0; i < n; i++) {
		if (!number_parse(names[i], 10, INT_MAX, &id))
			continue;
		path = xprintf("%s/%s", dir, names[i]);
		group = read_group(path, id);
		groups->group[groups->n++] = group;
		groups->is_partial |= group->is_partial;
		free(path);
	}
}

/* It may be named itself, or what it is in */
char *sysfs_of(const char *sysroot)
{
	char *sysfs = xprintf("%s/sys", sysroot);

	if (!access(sysfs, F_OK))
		return sysfs;
	free(sysfs);
	return xstrdup(sysroot);
}

/* The last one that the kernel knows counts */
static bool read_strict(const char *sysroot)
{
	char *text = file_read_in(sysroot, "proc/cmdline"), *rest = text, *word;
	bool strict = false;

	while ((word = strsep(&rest, " "))) {
		if (!strcmp(word, "iommu.isolation=strict"))
			strict = true;
		else if (!strcmp(word, "iommu.isolation=standard") ||
			 !strcmp(word, "iommu.isolation=legacy"))
			strict = false;
	}
	free(text);
	return strict;
}

struct groups *groups_read(const char *sysroot)
{
	struct groups *groups = xcalloc(1, sizeof(*groups));
	char *dir, **names;
	int n;

	groups->root = xstrdup(sysroot);
	groups->sysfs = sysfs_of(sysroot);
	groups->is_strict = read_strict(sysroot);
	dir = xprintf("%s/" GROUPS, groups->sysfs);
	n = dir_read(dir, &names);
	if (n < 0)
		warn("%s: %s: %s", dir, strerror(errno), errno == ENOENT ?
		     "is /sys mounted, and was the kernel built with CONFIG_IOMMU_API?" :
		     "the groups cannot be read; run lsiommu as root");
	else
		read_groups(groups, dir, names, n);
	dir_free(names);
	free(dir);
	if (n >= 0 && groups->n)
		return groups;

	if (n >= 0)
		warn_of_no_groups(groups);
	groups_free(groups);
	return NULL;
}

static void free_device(struct device *dev)
{
	free(dev->name);
	free(dev->own_name);
	free(dev->driver);
	free(dev->cause);
	free(dev->culprit);
	free(dev->lacks);
	free(dev->note);
	free(dev->remedy);
	free(dev->doubt);
	free(dev->class_name);
	free(dev->title);
	free(dev);
}

void group_free(struct group *group)
{
	size_t i;

	for (i = 0; i < group->n; i++)
		free_device(group->devices[i]);
	free(group->devices);
	for (i = 0; i < group->n_edges; i++) {
		free(group->edges[i].culprit);
		free(group->edges[i].lacks);
	}
	free(group->edges);
	free(group->type);
	free(group->name);
	free(group->owner);
	free(group);
}

void groups_free(struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->n; i++)
		group_free(groups->group[i]);
	free(groups->group);
	free(groups->root);
	free(groups->sysfs);
	free(groups);
}

struct group *groups_by_id(const struct groups *groups, int id)
{
	size_t i;

	for (i = 0; i < groups->n; i++) {
		if (groups->group[i]->id == id)
			return groups->group[i];
	}
	return NULL;
}

static struct device *find_in_groups(const struct groups *groups, const char *name)
{
	struct device *dev = NULL;
	size_t i;

	for (i = 0; i < groups->n && !dev; i++)
		dev = find_in_group(groups->group[i], name);
	return dev;
}

/* A fabric has names of its own */
struct device *groups_find(const struct groups *groups, const char *name)
{
	char *full = device_full_name(name);
	struct device *dev = find_in_groups(groups, full) ?: find_in_groups(groups, name);

	free(full);
	return dev;
}

char *device_dir(const struct groups *groups, const char *name)
{
	return xprintf("%s/bus/pci/devices/%s", groups->sysfs, name);
}

char *device_read(const struct groups *groups, const char *name, const char *file)
{
	char *dir = device_dir(groups, name), *text = file_read_in(dir, file);

	free(dir);
	return text;
}

/* What it is in is a bridge, with an address, or a host bridge, as in pci0000:00 */
bool device_is_on_root_bus(const struct groups *groups, const char *name)
{
	char *dir = xprintf("%s/bus/pci/devices", groups->sysfs);
	char *target = link_read(dir, name), *last;
	bool is = false;

	free(dir);
	if (!target)
		return false;
	last = strrchr(target, '/');
	if (last) {
		*last = '\0';
		last = strrchr(target, '/');
		is = last && !strncmp(last, "/pci", 4);
	}
	free(target);
	return is;
}

/* A device without a group may be on any bus */
bool device_exists(const struct groups *groups, const char *name)
{
	char *buses = xprintf("%s/bus", groups->sysfs), **bus, *devices;
	bool found = false;
	int i, n = dir_read(buses, &bus);

	for (i = 0; i < n && !found; i++) {
		devices = xprintf("%s/%s/devices", buses, bus[i]);
		found = file_exists(devices, name);
		free(devices);
	}
	dir_free(bus);
	free(buses);
	return found;
}

bool pci_driver_exists(const struct groups *groups, const char *driver)
{
	char *drivers = xprintf("%s/bus/pci/drivers", groups->sysfs);
	bool there = file_exists(drivers, driver);

	free(drivers);
	return there;
}

/* One byte, for other registers may do something when read. No device answers all ones */
static int read_config(const struct groups *groups, const struct device *dev, int offset)
{
	char *dir = device_dir(groups, dev->own_name), *path = xprintf("%s/config", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC), value = -1;
	unsigned char byte;

	if (fd >= 0) {
		if (pread(fd, &byte, 1, offset) == 1 && byte != 0xff)
			value = byte;
		close(fd);
	}
	free(path);
	free(dir);
	return value;
}

int device_header_type(const struct groups *groups, const struct device *dev)
{
	int type = read_config(groups, dev, PCI_HEADER_TYPE);

	return type < 0 ? -1 : type & 0x7f;
}

bool device_is_bus_master(const struct groups *groups, const struct device *dev)
{
	int command = read_config(groups, dev, PCI_COMMAND);

	return command >= 0 && command & PCI_COMMAND_MASTER;
}

bool device_is_enabled(const struct groups *groups, const struct device *dev)
{
	char *text = device_read(groups, dev->own_name, "enable");
	unsigned long count;
	bool enabled = text && number_parse(text, 10, INT_MAX, &count) && count;

	free(text);
	return enabled;
}

/* "<start> <end> <flags>" in each line of resource, of which six are BARs */
bool device_has_bar(const struct groups *groups, const struct device *dev)
{
	char *text = device_read(groups, dev->own_name, "resource"), *rest = text, *line, *flags;
	unsigned long value;
	bool found = false;
	int i;

	for (i = 0; i < 6 && (line = strsep(&rest, "\n")); i++) {
		flags = strrchr(line, ' ');
		found |= flags && number_parse(flags + 1, 16, ULONG_MAX, &value) && value;
	}
	free(text);
	return found;
}

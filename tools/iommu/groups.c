// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: the groups as sysfs has them. Devices may vanish while they are read, and
 * kernels differ in what they tell: what is not there is NULL.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "lsiommu.h"

#define GROUPS	"kernel/iommu_groups"

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The whole of a file, without the end of its last line */
static char *read_file(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *in = fopen(path, "re");
	ssize_t len;

	if (!in)
		return NULL;
	len = getdelim(&text, &size, '\0', in);
	fclose(in);
	if (len < 0) {
		free(text);
		return NULL;
	}
	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	return text;
}

static char *read_in(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	char *text = read_file(path);

	free(path);
	return text;
}

/* What a link leads to, with the way there; consumes the path */
static char *read_link(char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	free(path);
	if (len < 0)
		return NULL;
	target[len] = '\0';
	return xstrdup(target);
}

/* Without the way there */
static char *read_link_in(const char *dir, const char *name)
{
	char *target = read_link(xprintf("%s/%s", dir, name)), *last;

	if (!target)
		return NULL;
	last = strrchr(target, '/');
	if (last)
		memmove(target, last + 1, strlen(last));
	return target;
}

static bool read_number_in(const char *dir, const char *name, unsigned int *number)
{
	char *text = read_in(dir, name);

	if (!text)
		return false;
	*number = strtoul(text, NULL, 16);
	free(text);
	return true;
}

static struct device *read_device(const char *devices, const char *name)
{
	struct device *dev = xcalloc(1, sizeof(*dev));
	char *dir = xprintf("%s/%s", devices, name);

	dev->name = xstrdup(name);
	dev->own_name = read_link_in(devices, name) ?: xstrdup(name);
	dev->is_pci = read_number_in(dir, "vendor", &dev->vendor) &&
		      read_number_in(dir, "device", &dev->device) &&
		      read_number_in(dir, "class", &dev->class);
	dev->driver = read_link_in(dir, "driver");
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

static void read_isolation(const struct group *group, const char *dir)
{
	char *text = read_in(dir, "isolation"), *rest = text, *line;

	while ((line = strsep(&rest, "\n")))
		explain(group, line);
	free(text);
}

/* "<id> <culprit> [<lack>]" in each line */
static void read_edges(struct group *group, const char *dir)
{
	char *text = read_in(dir, "reaches"), *rest = text, *line;
	struct edge *edge;

	/* No more than there are line ends, and one */
	for (line = text; line; line = strchr(line + 1, '\n'))
		group->n_edges++;
	group->edges = xcalloc(group->n_edges + 1, sizeof(*group->edges));
	group->n_edges = 0;
	while ((line = strsep(&rest, "\n"))) {
		edge = &group->edges[group->n_edges];
		edge->to = strtol(line, &line, 10);
		if (*line++ != ' ')
			continue;
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
static bool read_direct_regions(const char *dir)
{
	char *text = read_in(dir, "reserved_regions"), *rest = text, *line, *type;
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
	char *devices = xprintf("%s/devices", dir);
	struct dirent **entry;
	int i, n;

	n = scandir(devices, &entry, not_hidden, versionsort);
	if (n > 0)
		group->devices = xcalloc(n, sizeof(*group->devices));
	for (i = 0; i < n; i++) {
		group->devices[i] = read_device(devices, entry[i]->d_name);
		group->devices[i]->group = group;
		free(entry[i]);
	}
	if (n >= 0) {
		group->n = n;
		free(entry);
	}
	free(devices);
}

static struct group *read_group(const char *dir, int id)
{
	struct group *group = xcalloc(1, sizeof(*group));

	group->id = id;
	group->type = read_in(dir, "type");
	group->name = read_in(dir, "name");
	group->owner = read_in(dir, "dma_owner");
	read_devices(group, dir);
	group->has_direct_regions = read_direct_regions(dir);
	read_isolation(group, dir);
	read_edges(group, dir);
	return group;
}

static void read_groups(struct groups *groups, const char *dir, struct dirent **entry, int n)
{
	char *group, *end;
	long id;
	int i;

	groups->group = xcalloc(n + 1, sizeof(*groups->group));
	for (i = 0; i < n; i++) {
		id = strtol(entry[i]->d_name, &end, 10);
		if (!*end) {
			group = xprintf("%s/%ld", dir, id);
			groups->group[groups->n++] = read_group(group, id);
			free(group);
		}
		free(entry[i]);
	}
	free(entry);
}

/* It may be named itself, or what it is in */
static char *find_sysfs(const char *sysroot)
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
	char *text = read_in(sysroot, "proc/cmdline"), *rest = text, *word;
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
	struct dirent **entry;
	char *dir;
	int n;

	groups->sysfs = find_sysfs(sysroot);
	groups->is_strict = read_strict(sysroot);
	dir = xprintf("%s/" GROUPS, groups->sysfs);
	n = scandir(dir, &entry, not_hidden, versionsort);
	if (n < 0)
		warn("%s: %s: %s", dir, strerror(errno), errno == ENOENT ?
		     "is /sys mounted, and was the kernel built with CONFIG_IOMMU_API?" :
		     "the groups cannot be read");
	else
		read_groups(groups, dir, entry, n);
	free(dir);
	if (n >= 0 && groups->n)
		return groups;

	if (n >= 0)
		warn("there are no IOMMU groups: %s",
		     "switch VT-d or AMD-Vi on in the firmware's setup, and see that the kernel's command line does not have intel_iommu=off, amd_iommu=off or iommu=off; many kernels use VT-d only if it has intel_iommu=on");
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
	free(dev);
}

static void free_group(struct group *group)
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
		free_group(groups->group[i]);
	free(groups->group);
	free(groups->sysfs);
	free(groups);
}

char *device_full_name(const char *name)
{
	unsigned int bus, slot, function;
	char more;

	if (sscanf(name, "%2x:%2x.%1x%c", &bus, &slot, &function, &more) == 3)
		return xprintf("0000:%02x:%02x.%x", bus, slot, function);
	return xstrdup(name);
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

struct device *groups_find(const struct groups *groups, const char *name)
{
	char *full = device_full_name(name);
	struct device *dev = NULL;
	size_t i;

	for (i = 0; i < groups->n && !dev; i++)
		dev = find_in_group(groups->group[i], full);
	free(full);
	return dev;
}

static char *device_dir(const struct groups *groups, const char *name)
{
	return xprintf("%s/bus/pci/devices/%s", groups->sysfs, name);
}

char *device_read(const struct groups *groups, const char *name, const char *file)
{
	char *dir = device_dir(groups, name), *text = read_in(dir, file);

	free(dir);
	return text;
}

/* What it is in is a bridge, with an address, or a host bridge, as in pci0000:00 */
bool device_is_on_root_bus(const struct groups *groups, const char *name)
{
	char *target = read_link(device_dir(groups, name)), *last;
	bool is = false;

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

static bool exists(char *path)
{
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

/* A device without a group may be on any bus */
bool device_exists(const struct groups *groups, const char *name)
{
	char *buses = xprintf("%s/bus", groups->sysfs);
	struct dirent **entry;
	bool found = false;
	int i, n;

	n = scandir(buses, &entry, not_hidden, NULL);
	for (i = 0; i < n; i++) {
		found |= exists(xprintf("%s/%s/devices/%s", buses, entry[i]->d_name, name));
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	free(buses);
	return found;
}

bool pci_driver_exists(const struct groups *groups, const char *driver)
{
	return exists(xprintf("%s/bus/pci/drivers/%s", groups->sysfs, driver));
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
	bool enabled = text && strtol(text, NULL, 10) > 0;

	free(text);
	return enabled;
}

/* "<start> <end> <flags>" in each line of resource, of which six are BARs */
bool device_has_bar(const struct groups *groups, const struct device *dev)
{
	char *text = device_read(groups, dev->own_name, "resource"), *rest = text, *line, *flags;
	bool found = false;
	int i;

	for (i = 0; i < 6 && (line = strsep(&rest, "\n")); i++) {
		flags = strrchr(line, ' ');
		found |= flags && strtoull(flags, NULL, 16);
	}
	free(text);
	return found;
}

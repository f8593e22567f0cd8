// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: what has the devices given to VFIO after each boot, and the way back. The
 * commands that remove obstacles last no longer than the machine runs.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define VFIO_CONF	"/etc/modprobe.d/vfio.conf"
#define VFIO_MODULES	"/etc/modules-load.d/vfio.conf"
#define VFIO_RULES	"/etc/udev/rules.d/10-vfio.rules"

/* A device, and the driver that it is to have; pci-stub does nothing with it */
struct change {
	const struct device *dev;
	const char *driver;
};

struct changes {
	struct change *change;
	size_t n;
};

static void add_changes(struct check *check, const struct group *group, struct changes *changes)
{
	const struct device *dev;
	bool given;
	size_t i;

	changes->change = xrealloc(changes->change, changes->n + group->n,
				   sizeof(*changes->change));
	for (i = 0; i < group->n; i++) {
		dev = group->devices[i];
		given = is_given(check, dev);
		if (dev->is_pci && (given || stands_in_the_way(dev)))
			changes->change[changes->n++] = (struct change) {
				dev, given ? "vfio-pci" : "pci-stub",
			};
	}
}

static bool has_id(const char *dir, const char *file, unsigned int id)
{
	char *text = file_read_in(dir, file);
	unsigned long number;
	bool has = text && number_parse(text, 16, UINT_MAX, &number) && number == id;

	free(text);
	return has;
}

static bool is_twin(const struct check *check, const struct device *dev, const char *address)
{
	char *dir = device_dir(check->groups, address);
	const struct device *other = groups_find(check->groups, address);
	bool is = !(other && is_given(check, other)) &&
		  has_id(dir, "vendor", dev->vendor) && has_id(dir, "device", dev->device);

	free(dir);
	return is;
}

/* Another one with its IDs, that is not given away; NULL if there is none */
static char *find_twin(const struct check *check, const struct device *dev)
{
	char *devices = xprintf("%s/bus/pci/devices", check->groups->sysfs), **names, *twin = NULL;
	int i, n = dir_read(devices, &names);

	for (i = 0; i < n && !twin; i++) {
		if (is_twin(check, dev, names[i]))
			twin = xstrdup(names[i]);
	}
	dir_free(names);
	free(devices);
	return twin;
}

/* True, and told, if vfio-pci would take others too when it goes by IDs */
static bool say_twins(struct check *check)
{
	bool found = false;
	char *twin;
	int i;

	for (i = 0; i < check->n; i++) {
		twin = check->given[i]->is_pci ? find_twin(check, check->given[i]) : NULL;
		if (!twin)
			continue;
		finding_of_device(&check->lasting, "same-id", check->given[i],
				  "%s has the same ID as %s (%04x:%04x): vfio-pci.ids would take both, so go by the address",
				  twin, check->given[i]->name, check->given[i]->vendor,
				  check->given[i]->device);
		free(twin);
		found = true;
	}
	return found;
}

static bool has_driverctl(const struct groups *groups)
{
	return file_exists(groups->root, "usr/sbin/driverctl") ||
	       file_exists(groups->root, "sbin/driverctl");
}

static void say_driverctl(struct check *check, const struct changes *changes)
{
	struct finding *finding;
	size_t i;

	finding = finding_add(&check->lasting, "driverctl",
			      "by driverctl, which is installed, and does it at once");
	for (i = 0; i < changes->n; i++)
		command_add(finding, xprintf("driverctl set-override %s %s",
					     changes->change[i].dev->own_name,
					     changes->change[i].driver));
}

static void add_line(struct finding *finding, char *line, const char *file)
{
	char *text = quoted(line);

	command_add(finding, xprintf("echo %s >>%s", text, file));
	free(text);
	free(line);
}

/* Nothing else loads VFIO's driver for a device that has it by its address */
static void add_load(struct finding *finding)
{
	command_add(finding, xstrdup("echo vfio-pci >" VFIO_MODULES));
}

static void say_rules(struct check *check, const struct changes *changes)
{
	struct finding *finding;
	size_t i;

	finding = finding_add(&check->lasting, "udev",
			      "by a rule for udev (driverctl, if you install it, does the same); then build the initramfs anew (update-initramfs -u, or dracut -f)");
	for (i = 0; i < changes->n; i++)
		add_line(finding,
			 xprintf("%s, KERNEL==\"%s\", ATTR{driver_override}=\"%s\"",
				 "ACTION==\"add\", SUBSYSTEM==\"pci\"",
				 changes->change[i].dev->own_name, changes->change[i].driver),
			 VFIO_RULES);
	add_load(finding);
}

/* The drivers of the host must wait, else they are faster */
static void add_softdeps(struct finding *finding, const struct changes *changes)
{
	const char *driver;
	size_t i;

	for (i = 0; i < changes->n; i++) {
		driver = changes->change[i].dev->driver;
		if (driver && !is_vfio(driver))
			add_line(finding, xprintf("softdep %s pre: vfio-pci", driver), VFIO_CONF);
	}
}

static void say_ids(struct check *check, const struct changes *changes)
{
	char *ids = NULL, *before;
	struct finding *finding;
	size_t i;

	for (i = 0; i < changes->n; i++) {
		before = ids;
		ids = xprintf("%s%s%04x:%04x", before ?: "", before ? "," : "",
			      changes->change[i].dev->vendor, changes->change[i].dev->device);
		free(before);
	}
	finding = finding_add(&check->lasting, "modprobe",
			      "by IDs, which no other device has; then build the initramfs anew (update-initramfs -u, or dracut -f)");
	add_line(finding, xprintf("options vfio-pci ids=%s", ids), VFIO_CONF);
	add_softdeps(finding, changes);
	add_load(finding);
	free(ids);
}

static bool has_mates(const struct check *check, const struct changes *changes)
{
	size_t i;

	for (i = 0; i < changes->n; i++) {
		if (!is_given(check, changes->change[i].dev))
			return true;
	}
	return false;
}

/* Neither a driver that the host has unloaded nor one that it never had is loaded by itself */
static void say_way_back(struct check *check, const struct device *dev)
{
	bool keeps_driver = dev->driver && !is_vfio(dev->driver);
	struct finding *finding;

	finding = finding_of_device(&check->back, "back", dev, "%s, when no guest has it",
				    dev->name);
	if (is_given(check, dev)) {
		command_add_write(finding, "", dev, "driver_override");
		command_add_write(finding, dev->own_name, dev, "driver/unbind");
	}
	if (!keeps_driver)
		command_add(finding, xprintf("modprobe $(cat /sys/bus/pci/devices/%s/modalias)",
					     dev->own_name));
	command_add(finding, xprintf("echo %s >/sys/bus/pci/drivers_probe", dev->own_name));
}

static void say_way_back_after_boot(struct check *check)
{
	if (has_driverctl(check->groups))
		finding_add(&check->back, "back-lasting",
			    "after a boot: driverctl unset-override with the address of each");
	else
		finding_add(&check->back, "back-lasting",
			    "after a boot: take what was added out of %s, %s and %s, and build the initramfs anew",
			    VFIO_CONF, VFIO_RULES, VFIO_MODULES);
}

static void say_all(struct check *check, const struct changes *changes)
{
	bool has_twins = say_twins(check);
	size_t i;

	if (has_driverctl(check->groups))
		say_driverctl(check, changes);
	else if (has_twins || has_mates(check, changes))
		say_rules(check, changes);
	else
		say_ids(check, changes);
	for (i = 0; i < changes->n; i++)
		say_way_back(check, changes->change[i].dev);
	say_way_back_after_boot(check);
}

void say_what_lasts(struct check *check)
{
	struct changes changes = {};
	size_t i;

	for (i = 0; i < check->groups->n; i++) {
		if (has_given(check, check->groups->group[i]))
			add_changes(check, check->groups->group[i], &changes);
	}
	if (changes.n)
		say_all(check, &changes);
	free(changes.change);
}

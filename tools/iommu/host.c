// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: what the host needs of a device that would be taken from its driver, by
 * what is below the device in sysfs. It changes no answer, but is told before any command.
 */

#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

#define PCI_CLASS_PCI_BRIDGE	0x0604

static char *read_virtual(const struct groups *groups, const char *file)
{
	char *dir = xprintf("%s/devices/virtual", groups->sysfs), *text = file_read_in(dir, file);

	free(dir);
	return text;
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *at = text;

	while (at && (at = strstr(at, word))) {
		if ((at == text || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static bool check_console(struct check *check, const struct device *dev, const char *tty)
{
	char *active = read_virtual(check->groups, "tty/console/active");
	bool is = has_word(active, tty);

	free(active);
	if (is)
		finding_of_device(&check->host, "console", dev, "%s has the console %s", dev->name,
				  tty);
	return is;
}

static bool has_console_on_screen(const struct groups *groups)
{
	char *dir = xprintf("%s/devices/virtual/vtconsole", groups->sysfs), **names;
	char *name, *bind, *console;
	int i, n = dir_read(dir, &names);
	bool has = false;

	for (i = 0; i < n && !has; i++) {
		console = xprintf("%s/%s", dir, names[i]);
		name = file_read_in(console, "name");
		bind = file_read_in(console, "bind");
		has = name && strstr(name, "frame buffer") && bind && !strcmp(bind, "1");
		free(bind);
		free(name);
		free(console);
	}
	dir_free(names);
	free(dir);
	return has;
}

static bool check_screen(struct check *check, const struct device *dev, const char *frame_buffer)
{
	if (strncmp(frame_buffer, "fb", 2) || !has_console_on_screen(check->groups))
		return false;
	finding_of_device(&check->host, "console", dev, "%s has the console on the screen (%s)",
			  dev->name, frame_buffer);
	return true;
}

/* It has all of the first 32 keys but 0, which is none; the last digits tell of them */
static bool is_keyboard(const char *input)
{
	char *keys = file_read_in(input, "capabilities/key");
	size_t len = keys ? strlen(keys) : 0;
	bool is = len >= 8 && !strcmp(keys + len - 8, "fffffffe");

	free(keys);
	return is;
}

static bool check_keyboard(struct check *check, const struct device *dev, const char *input)
{
	char *name;

	if (!is_keyboard(input))
		return false;
	name = file_read_in(input, "name");
	finding_of_device(&check->host, "keyboard", dev, "%s has the keyboard %s", dev->name,
			  name ?: "");
	free(name);
	return true;
}

/* A function behind VMD; the ports in between are of no interest */
static bool check_child(struct check *check, const struct device *dev, const char *dir,
			const char *address)
{
	char *text = file_read_in(dir, "class");
	unsigned long class = 0;

	if (text && !number_parse(text, 16, 0xffffff, &class))
		class = 0;
	free(text);
	if (class >> 8 == PCI_CLASS_PCI_BRIDGE)
		return false;
	finding_of_device(&check->host, "child", dev,
			  "%s has %s behind it, which goes away with the driver %s", dev->name,
			  address, dev->driver ?: "");
	return true;
}

/* A connector, as card0-HDMI-A-1 */
static bool check_connector(struct check *check, const struct device *dev, const char *dir,
			    const char *name)
{
	char *enabled = file_read_in(dir, "enabled"), *connector = strchr(name, '-');
	bool is = connector && enabled && !strcmp(enabled, "enabled");

	free(enabled);
	if (is)
		finding_of_device(&check->host, "screen", dev,
				  "%s has a picture on the screen at %s", dev->name, connector + 1);
	return is;
}

static bool check_below(struct check *check, const struct device *dev, const char *dir,
			const char *name)
{
	char *subsystem = link_read_name(dir, "subsystem");
	bool needed = false;

	if (!subsystem)
		return false;
	if (!strcmp(subsystem, "block"))
		needed = check_disk(check, dev, dir);
	else if (!strcmp(subsystem, "nvme"))
		needed = check_shared_disks(check, dev, name);
	else if (!strcmp(subsystem, "net"))
		needed = check_interface(check, dev, dir);
	else if (!strcmp(subsystem, "tty"))
		needed = check_console(check, dev, name);
	else if (!strcmp(subsystem, "graphics"))
		needed = check_screen(check, dev, name);
	else if (!strcmp(subsystem, "drm"))
		needed = check_connector(check, dev, dir, name);
	else if (!strcmp(subsystem, "input"))
		needed = check_keyboard(check, dev, dir);
	else if (!strcmp(subsystem, "pci"))
		needed = check_child(check, dev, dir, name);
	free(subsystem);
	return needed;
}

/* Links are not followed, so that it ends; @top itself is no child */
static bool check_tree(struct check *check, const struct device *dev, const char *top)
{
	/* The slash has the link itself followed */
	char *dir = xprintf("%s/", top), *paths[] = { dir, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	bool needed = false;
	FTSENT *entry;

	while (fts && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_D && entry->fts_level > 0)
			needed |= check_below(check, dev, entry->fts_path, entry->fts_name);
	}
	if (fts)
		fts_close(fts);
	free(dir);
	return needed;
}

static bool is_one(const char *dir, const char *file)
{
	char *text = file_read_in(dir, file);
	bool is = text && !strcmp(text, "1");

	free(text);
	return is;
}

/* Firmware's frame buffer is this one's, whatever driver there is */
static bool check_display(struct check *check, const struct device *dev, const char *dir)
{
	/* The latter since Linux 6.17, of displays that are no VGA too */
	bool is = is_one(dir, "boot_vga") || is_one(dir, "boot_display");

	if (is)
		finding_of_device(&check->host, "display", dev,
				  "%s is the display that the machine booted with%s", dev->name,
				  has_console_on_screen(check->groups) ?
				  ", and the console may be on it" : "");
	return is;
}

/* NULL for nobody: it may wait for a guest with VFIO's driver */
static char *user_of_function(const struct groups *groups, const char *dir, const char *address)
{
	const struct device *vf = groups_find(groups, address);
	char *driver;

	if (vf && is_in_user_space(groups, vf->group))
		return programs_with(groups, vf->group) ?: xstrdup("user space");
	driver = link_read_name(dir, "driver");
	if (!driver || !is_vfio(driver))
		return driver;
	free(driver);
	return NULL;
}

static bool check_function(struct check *check, const struct device *dev, const char *address)
{
	char *dir = device_dir(check->groups, address);
	char *user = user_of_function(check->groups, dir, address);
	bool needed = user;

	if (user)
		finding_of_device(&check->host, "vf", dev,
				  "%s has the virtual function %s, which %s uses", dev->name,
				  address, user);
	needed |= check_tree(check, dev, dir);
	free(user);
	free(dir);
	return needed;
}

/* They go away with the driver of the physical function */
static bool check_functions(struct check *check, const struct device *dev, const char *dir)
{
	char **names, *address;
	int i, n = dir_read(dir, &names);
	bool needed = false;

	for (i = 0; i < n; i++) {
		if (strncmp(names[i], "virtfn", strlen("virtfn")))
			continue;
		address = link_read_name(dir, names[i]);
		needed |= address && check_function(check, dev, address);
		free(address);
	}
	dir_free(names);
	return needed;
}

bool check_host(struct check *check, const struct device *dev)
{
	char *dir = dev->is_pci ? device_dir(check->groups, dev->own_name) :
				  xprintf("%s/kernel/iommu_groups/%d/devices/%s",
					  check->groups->sysfs, dev->group->id, dev->name);
	bool needed = check_display(check, dev, dir);

	needed |= check_tree(check, dev, dir);
	needed |= check_functions(check, dev, dir);
	free(dir);
	return needed;
}

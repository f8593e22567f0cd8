// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: what the host has on a disk: file systems, swap, and what it is a part of,
 * as LVM, encryption, RAID, btrfs and ZFS. What is made of a disk is looked at in turn.
 */

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* More layers than anybody has; a copy may be made so that they never end */
#define MAX_DEPTH	16

/* As many mount points are told */
#define MAX_MOUNTS	4

/**
 * struct disk - a disk, a partition, or what is made of them
 * @check: to which what is found is added
 * @dev: the device that it is on
 * @dir: its directory
 * @name: as the kernel calls it
 * @number: major:minor
 * @mapper: as device-mapper calls it, NULL if it does not
 * @btrfs: the directory of the devices of its btrfs, NULL if it has none
 * @is_zfs: is it a member of a pool of ZFS?
 * @pool: the name of that, NULL if nobody tells
 * @place: its name, and what it is on
 * @depth: layers below it
 */
struct disk {
	struct check *check;
	const struct device *dev;
	const char *dir;
	const char *name;
	char *number;
	char *mapper;
	char *btrfs;
	bool is_zfs;
	char *pool;
	char *place;
	int depth;
};

static bool is_path_of(const struct disk *disk, const char *path)
{
	static const char mapper[] = "/dev/mapper/";

	if (disk->mapper && !strncmp(path, mapper, strlen(mapper)))
		return !strcmp(path + strlen(mapper), disk->mapper);
	return !strncmp(path, "/dev/", 5) && !strcmp(path + 5, disk->name);
}

/* Its numbers are nobody's, and it is mounted from one of several */
static bool is_btrfs_of(const struct disk *disk, const char *type, const char *source)
{
	const char *name = strrchr(source, '/');

	return disk->btrfs && !strcmp(type, "btrfs") && name && file_exists(disk->btrfs, name + 1);
}

/* Of what is in a pool, as "<pool>/<name>"; where nobody tells which one it is, of any */
static bool is_zfs_of(const struct disk *disk, const char *type, const char *source)
{
	size_t len = disk->pool ? strlen(disk->pool) : 0;

	if (!disk->is_zfs || strcmp(type, "zfs"))
		return false;
	return !disk->pool || (!strncmp(source, disk->pool, len) &&
			       (!source[len] || source[len] == '/'));
}

/* "<id> <parent> <major:minor> <root> <point> <options> [<field>...] - <type> <source> ..." */
static char *mount_point(const struct disk *disk, char *line)
{
	char *rest = strstr(line, " - "), *field[5] = {}, *type, *source;
	size_t i;

	if (!rest)
		return NULL;
	*rest = '\0';
	rest += strlen(" - ");
	type = strsep(&rest, " ");
	source = strsep(&rest, " ") ?: "";
	for (i = 0; i < ARRAY_SIZE(field); i++)
		field[i] = strsep(&line, " ");
	if (!field[4])
		return NULL;
	if ((disk->number && !strcmp(field[2], disk->number)) || is_path_of(disk, source) ||
	    is_btrfs_of(disk, type, source) || is_zfs_of(disk, type, source))
		return field[4];
	return NULL;
}

/* Those of the first process, that one's own may not be, if one may read them */
static char *read_mounts(const struct groups *groups)
{
	char *proc = xprintf("%s/proc", groups->root);
	char *text = file_read_in(proc, "1/mountinfo") ?: file_read_in(proc, "self/mountinfo");

	free(proc);
	return text;
}

/* A copy of /sys alone does not tell */
void check_knowledge(struct check *check)
{
	char *mounts = read_mounts(check->groups);

	if (!mounts)
		finding_add(&check->notes, "mounts-unknown",
			    "nothing tells what is mounted (no /proc/self/mountinfo), so that a disk that the host needs is not warned of");
	free(mounts);
}

static char *add_mount(char *list, const char *point, int n)
{
	char *text;

	if (n > MAX_MOUNTS)
		return list;
	text = xprintf("%s%s%s", list ?: "", list ? ", " : "",
		       n < MAX_MOUNTS ? point : "and more");
	free(list);
	return text;
}

static bool check_mounts(const struct disk *disk)
{
	char *text = read_mounts(disk->check->groups), *rest = text, *line, *point, *list = NULL;
	int n = 0;

	while ((line = strsep(&rest, "\n"))) {
		point = mount_point(disk, line);
		if (point)
			list = add_mount(list, point, n++);
	}
	if (n)
		finding_of_device(&disk->check->host, "mount", disk->dev,
				  "%s has what is mounted on %s (%s)", disk->dev->name, list,
				  disk->place);
	free(list);
	free(text);
	return n;
}

/* "<path> <type> ..." in each line below the first */
static bool check_swap(const struct disk *disk)
{
	char *proc = xprintf("%s/proc", disk->check->groups->root);
	char *text = file_read_in(proc, "swaps"), *rest = text, *line, *path;
	bool found = false;

	while (!found && (line = strsep(&rest, "\n"))) {
		path = strsep(&line, " \t");
		found = is_path_of(disk, path);
	}
	if (found)
		finding_of_device(&disk->check->host, "swap", disk->dev, "%s has swap space (%s)",
				  disk->dev->name, disk->place);
	free(text);
	free(proc);
	return found;
}

static char *value_of(const char *text, const char *key)
{
	const char *at = text ? strstr(text, key) : NULL;

	return at ? xprintf("%.*s", (int)strcspn(at + strlen(key), "\n"), at + strlen(key)) : NULL;
}

/* The kernel does not tell, but udev has looked, and the partition is often called so */
static void read_zfs(struct disk *disk)
{
	char *file = xprintf("%s/run/udev/data/b%s", disk->check->groups->root,
			     disk->number ?: "");
	char *seen = file_read(file), *uevent = file_read_in(disk->dir, "uevent");

	if (seen)
		disk->is_zfs = strstr(seen, "E:ID_FS_TYPE=zfs_member");
	else
		disk->is_zfs = uevent && strstr(uevent, "PARTNAME=zfs");
	if (disk->is_zfs)
		disk->pool = value_of(seen, "E:ID_FS_LABEL=");
	free(uevent);
	free(seen);
	free(file);
}

/* In use, though nothing of it is mounted */
static bool check_pool(const struct disk *disk)
{
	char *pools = xprintf("%s/proc/spl/kstat/zfs", disk->check->groups->root);
	bool is_used = disk->pool && file_exists(pools, disk->pool);

	free(pools);
	if (is_used)
		finding_of_device(&disk->check->host, "member", disk->dev,
				  "%s has a part of the ZFS pool %s (%s)", disk->dev->name,
				  disk->pool, disk->place);
	return is_used;
}

static char *find_btrfs(const struct groups *groups, const char *name)
{
	char *all = xprintf("%s/fs/btrfs", groups->sysfs), **names, *devices = NULL;
	int i, n = dir_read(all, &names);

	for (i = 0; i < n && !devices; i++) {
		devices = xprintf("%s/%s/devices", all, names[i]);
		if (file_exists(devices, name))
			break;
		free(devices);
		devices = NULL;
	}
	dir_free(names);
	free(all);
	return devices;
}

static bool check_layers(struct disk *disk);

/* What is made of it needs it even if nobody uses that */
static bool check_holder(const struct disk *disk, const char *name)
{
	char *dir = xprintf("%s/holders/%s", disk->dir, name);
	struct disk holder = {
		.check = disk->check,
		.dev = disk->dev,
		.dir = dir,
		.name = name,
		.depth = disk->depth + 1,
	};

	holder.place = xprintf(" on %s", disk->place);
	if (!check_layers(&holder))
		finding_of_device(&disk->check->host, "member", disk->dev, "%s has a part of %s",
				  disk->dev->name, holder.place);
	free(holder.place);
	free(dir);
	return true;
}

static bool check_holders(const struct disk *disk)
{
	char *dir = xprintf("%s/holders", disk->dir), **names;
	int i, n = dir_read(dir, &names);
	bool needed = false;

	for (i = 0; i < n && disk->depth < MAX_DEPTH; i++)
		needed |= check_holder(disk, names[i]);
	dir_free(names);
	free(dir);
	return needed;
}

static bool check_layers(struct disk *disk)
{
	char *below = disk->place;
	bool needed;

	disk->number = file_read_in(disk->dir, "dev");
	disk->mapper = file_read_in(disk->dir, "dm/name");
	disk->btrfs = find_btrfs(disk->check->groups, disk->name);
	disk->place = xprintf("%s%s", disk->mapper ?: disk->name, below ?: "");
	free(below);
	read_zfs(disk);
	needed = check_mounts(disk) || check_pool(disk);
	needed |= check_swap(disk);
	needed |= check_holders(disk);
	free(disk->pool);
	free(disk->btrfs);
	free(disk->mapper);
	free(disk->number);
	return needed;
}

bool check_disk(struct check *check, const struct device *dev, const char *dir)
{
	struct disk disk = {
		.check = check,
		.dev = dev,
		.dir = dir,
		.name = strrchr(dir, '/') + 1,
	};
	bool needed = check_layers(&disk);

	free(disk.place);
	return needed;
}

/* The disks of a subsystem of NVMe that this controller is one of */
static bool check_subsystem(struct check *check, const struct device *dev, const char *dir)
{
	char **names, *disk, *subsystem;
	int i, n = dir_read(dir, &names);
	bool needed = false;

	for (i = 0; i < n; i++) {
		disk = xprintf("%s/%s", dir, names[i]);
		subsystem = link_read_name(disk, "subsystem");
		if (subsystem && !strcmp(subsystem, "block"))
			needed |= check_disk(check, dev, disk);
		free(subsystem);
		free(disk);
	}
	dir_free(names);
	return needed;
}

/* Where several controllers may lead to a disk, it is below none of them */
bool check_shared_disks(struct check *check, const struct device *dev, const char *controller)
{
	char *all = xprintf("%s/devices/virtual/nvme-subsystem", check->groups->sysfs);
	char **names, *dir;
	int i, n = dir_read(all, &names);
	bool needed = false;

	for (i = 0; i < n; i++) {
		dir = xprintf("%s/%s", all, names[i]);
		if (file_exists(dir, controller))
			needed |= check_subsystem(check, dev, dir);
		free(dir);
	}
	dir_free(names);
	free(all);
	return needed;
}

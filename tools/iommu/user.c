// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: which programs have a group, by the files of /dev/vfio that /proc says they
 * have open. Who is not root sees no more than their own.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Of a group that is open in several ways each program is told once */
static char *add_program(char *programs, const char *process, const char *pid)
{
	char *name = file_read_in(process, "comm");
	char *text = xprintf("%s%s%s (process %s)", programs ?: "", programs ? ", " : "",
			     name ?: "a program", pid);

	free(name);
	free(programs);
	return text;
}

/* The device's own file, which programs that use iommufd open */
static bool is_file_of_device(const struct groups *groups, const struct device *dev,
			      const char *file)
{
	char *dir = device_dir(groups, dev->own_name), *files = xprintf("%s/vfio-dev", dir);
	bool is = file_exists(files, file);

	free(files);
	free(dir);
	return is;
}

static bool is_file_of(const struct groups *groups, const struct group *group, const char *path)
{
	static const char vfio[] = "/dev/vfio/", devices[] = "/dev/vfio/devices/";
	unsigned long id;
	size_t i;

	if (strncmp(path, vfio, strlen(vfio)))
		return false;
	if (strncmp(path, devices, strlen(devices))) {
		path += strlen(vfio);
		if (!strncmp(path, "noiommu-", strlen("noiommu-")))
			path += strlen("noiommu-");
		return number_parse(path, 10, INT_MAX, &id) && id == (unsigned long)group->id;
	}
	path += strlen(devices);
	for (i = 0; i < group->n; i++) {
		if (group->devices[i]->is_pci && !strchr(path, '/') &&
		    is_file_of_device(groups, group->devices[i], path))
			return true;
	}
	return false;
}

static bool has_open(const struct groups *groups, const struct group *group, const char *process)
{
	char *fds = xprintf("%s/fd", process), **fd, *path;
	int i, n = dir_read(fds, &fd);
	bool has = false;

	for (i = 0; i < n && !has; i++) {
		path = link_read(fds, fd[i]);
		has = path && is_file_of(groups, group, path);
		free(path);
	}
	dir_free(fd);
	free(fds);
	return has;
}

char *programs_with(const struct groups *groups, const struct group *group)
{
	char *proc = xprintf("%s/proc", groups->root), *programs = NULL, *process, **entry;
	int i, n = dir_read(proc, &entry);
	unsigned long pid;

	for (i = 0; i < n; i++) {
		if (!number_parse(entry[i], 10, INT_MAX, &pid))
			continue;
		process = xprintf("%s/%s", proc, entry[i]);
		if (has_open(groups, group, process))
			programs = add_program(programs, process, entry[i]);
		free(process);
	}
	dir_free(entry);
	free(proc);
	return programs;
}

bool is_in_user_space(const struct groups *groups, const struct group *group)
{
	char *programs;

	if (group->owner)
		return !strcmp(group->owner, "user");
	programs = programs_with(groups, group);
	free(programs);
	return programs;
}

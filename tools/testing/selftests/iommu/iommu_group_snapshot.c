// SPDX-License-Identifier: GPL-2.0-only
/* All there is of groups, see iommu_group_snapshot.h */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_snapshot.h"
#include "iommu_group_sys.h"

static void copy_file(FILE *out, const char *group, const char *name)
{
	char prefix[64];

	snprintf(prefix, sizeof(prefix), "group %.16s: %.16s: ", group, name);
	sys_copy_lines(out, prefix, SYS_GROUPS "/%s/%s", group, name);
}

static bool copy_members(FILE *out, const char *group)
{
	struct dirent **member;
	bool agree = true;
	char back[16];
	int i, n;

	n = sys_list(&member, SYS_GROUPS "/%s/devices", group);
	for (i = 0; i < n; i++) {
		fprintf(out, "group %s: member %s\n", group, member[i]->d_name);
		/* By the group's own link, for it need not be a PCI device */
		sys_link(back, sizeof(back), SYS_GROUPS "/%s/devices/%s/iommu_group",
			 group, member[i]->d_name);
		if (!strcmp(back, group))
			continue;
		printf("group %s has a link to %s, which has none to it\n",
		       group, member[i]->d_name);
		agree = false;
	}
	if (!n) {
		printf("group %s has no member\n", group);
		agree = false;
	}
	sys_free(member, n);
	return agree && n > 0;
}

static bool copy_groups(FILE *out)
{
	struct dirent **group;
	bool agree = true;
	int i, n;

	n = sys_list(&group, SYS_GROUPS);
	for (i = 0; i < n; i++) {
		copy_file(out, group[i]->d_name, "type");
		copy_file(out, group[i]->d_name, "dma_owner");
		copy_file(out, group[i]->d_name, "isolation");
		agree &= copy_members(out, group[i]->d_name);
	}
	sys_free(group, n);
	return agree && n >= 0;
}

static bool copy_devices(FILE *out)
{
	struct dirent **device;
	bool agree = true;
	char link[256];
	int group, i, n;

	n = sys_list(&device, SYS_DEVICES);
	for (i = 0; i < n; i++) {
		group = sys_group_of(device[i]->d_name);
		fprintf(out, "device %s: group %d\n", device[i]->d_name, group);
		snprintf(link, sizeof(link), SYS_GROUPS "/%d/devices/%.32s",
			 group, device[i]->d_name);
		if (group < 0 || !access(link, F_OK))
			continue;
		printf("%s has a link to group %d, which has none to it\n",
		       device[i]->d_name, group);
		agree = false;
	}
	sys_free(device, n);
	return agree && n > 0;
}

char *groups_snapshot(void)
{
	char *text = NULL;
	size_t size;
	bool right;
	FILE *out;

	out = open_memstream(&text, &size);
	if (!out)
		return NULL;
	right = copy_groups(out) & copy_devices(out);
	fclose(out);
	if (right)
		return text;
	free(text);
	return NULL;
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (; *text; text += strcspn(text, "\n") + 1) {
		if (strcspn(text, "\n") == len && !strncmp(text, line, len))
			return true;
	}
	return false;
}

static bool print_missing(const char *from, const char *in, char mark)
{
	bool missing = false;
	size_t len;

	for (; *from; from += len + 1) {
		len = strcspn(from, "\n");
		if (has_line(in, from, len))
			continue;
		printf("%c %.*s\n", mark, (int)len, from);
		missing = true;
	}
	return missing;
}

bool groups_are_equal(const char *before, const char *after)
{
	bool missing = print_missing(before, after, '-');

	return !print_missing(after, before, '+') && !missing;
}

// SPDX-License-Identifier: GPL-2.0-only
/* What a round of the fuzzer has open, see iommu_group_fuzz.h */

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_fuzz.h"
#include "iommu_group_sys.h"

#define MAX_OPEN	24

/* Those with an empty path are free */
static struct fuzz_fd table[MAX_OPEN];

static struct fuzz_fd *draw_fd_of(enum fuzz_kind kind, bool of_any_kind)
{
	static struct fuzz_fd none = { .fd = -1 };
	struct fuzz_fd *fits[MAX_OPEN];
	int i, n = 0;

	for (i = 0; i < MAX_OPEN; i++) {
		if (table[i].path[0] && (of_any_kind || table[i].kind == kind))
			fits[n++] = &table[i];
	}
	return n ? fits[fuzz_draw(n)] : &none;
}

struct fuzz_fd *fuzz_draw_fd(enum fuzz_kind kind)
{
	return draw_fd_of(kind, fuzz_one_in(32));
}

struct fuzz_fd *fuzz_draw_any_fd(void)
{
	return draw_fd_of(0, true);
}

static struct fuzz_fd *make_room(void)
{
	struct fuzz_fd *open;
	int i;

	for (i = 0; i < MAX_OPEN; i++) {
		if (!table[i].path[0])
			return &table[i];
	}
	open = &table[fuzz_draw(MAX_OPEN)];
	fuzz_close(open);
	return open;
}

static void append_path(char *path, size_t size, const char *address,
			const char *link)
{
	char name[PATH_MAX], target[PATH_MAX];

	snprintf(name, sizeof(name), SYS_DEVICES "/%s/%s", address, link);
	if (realpath(name, target))
		snprintf(path + strlen(path), size - strlen(path), "%s/", target);
}

struct fuzz_fd *fuzz_keep(enum fuzz_kind kind, int fd, const char *address)
{
	struct fuzz_fd *open;

	if (fd < 0)
		return NULL;
	open = make_room();
	open->fd = fd;
	open->kind = kind;
	open->id = 0;
	snprintf(open->address, sizeof(open->address), "%s", address);
	snprintf(open->path, sizeof(open->path), "/");
	if (address[0]) {
		append_path(open->path, sizeof(open->path), address, "");
		append_path(open->path, sizeof(open->path), address, "physfn");
	}
	return open;
}

void fuzz_close(struct fuzz_fd *open)
{
	close(open->fd);
	open->fd = -1;
	open->path[0] = '\0';
}

void fuzz_close_devices_of(const char *address)
{
	char part[24];
	int i;

	snprintf(part, sizeof(part), "/%s/", address);
	for (i = 0; i < MAX_OPEN; i++) {
		if (table[i].kind == FUZZ_DEVICE && strstr(table[i].path, part))
			fuzz_close(&table[i]);
	}
}

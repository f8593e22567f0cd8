// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: files of /sys and /proc, or of a copy of them. In a copy that tar made a file of
 * sysfs is filled up with NULs, so that a text ends at the first of them.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lsiommu.h"

/* All that can be read, with a NUL behind it; false, and errno */
static bool read_all(int fd, char **text, size_t *len)
{
	size_t room = 0;
	ssize_t n;

	do {
		if (room - *len < 2) {
			room = 2 * room + 256;
			*text = xrealloc(*text, room, 1);
		}
		n = read(fd, *text + *len, room - *len - 1);
		if (n > 0)
			*len += n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (!n)
		(*text)[*len] = '\0';
	return !n;
}

/* The whole of a file, without the end of its last line */
char *file_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	size_t len = 0;
	bool good;

	if (fd < 0)
		return NULL;
	good = read_all(fd, &text, &len);
	close(fd);
	if (!good || !len) {
		free(text);
		return NULL;
	}
	len = strlen(text);
	while (len && text[len - 1] == '\n')
		text[--len] = '\0';
	return text;
}

char *file_read_in(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	char *text = file_read(path);

	free(path);
	return text;
}

char *link_read(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name), target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	free(path);
	if (len < 0)
		return NULL;
	target[len] = '\0';
	return xstrdup(target);
}

char *link_read_name(const char *dir, const char *name)
{
	char *target = link_read(dir, name), *last;

	if (!target)
		return NULL;
	last = strrchr(target, '/');
	if (last)
		memmove(target, last + 1, strlen(last));
	return target;
}

bool file_exists(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	bool there = !access(path, F_OK);

	free(path);
	return there;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static int by_name(const struct dirent **one, const struct dirent **other)
{
	return names_compare((*one)->d_name, (*other)->d_name);
}

int dir_read(const char *dir, char ***names)
{
	struct dirent **entry;
	int i, n = scandir(dir, &entry, not_hidden, by_name);

	*names = NULL;
	if (n < 0)
		return -1;
	*names = xcalloc(n + 1, sizeof(**names));
	for (i = 0; i < n; i++) {
		(*names)[i] = xstrdup(entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	return n;
}

void dir_free(char **names)
{
	size_t i;

	for (i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

bool number_parse(const char *text, int base, unsigned long max, unsigned long *number)
{
	char *end;

	/* strtoul() takes a sign, and blanks before it */
	if (*text < '0' || (base == 10 && *text > '9'))
		return false;
	errno = 0;
	*number = strtoul(text, &end, base);
	return !errno && !*end && *number <= max;
}

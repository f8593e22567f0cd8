// SPDX-License-Identifier: GPL-2.0-only
/* PCI devices and groups as sysfs has them, see iommu_group_sys.h */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_sys.h"

#define CLASS_HOST_BRIDGE	0x0600
#define CLASS_ISA_BRIDGE	0x0601
#define CLASS_PCI_BRIDGE	0x0604
#define CLASS_IOMMU		0x0806
#define VIRTIO_IOMMU		0x1057

static int open_formatted(const char *path, va_list args, int flags)
{
	char name[PATH_MAX];
	int fd;

	vsnprintf(name, sizeof(name), path, args);
	fd = open(name, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int sys_read(char *text, size_t size, const char *path, ...)
{
	va_list args;
	ssize_t len;
	int fd, ret;

	text[0] = '\0';
	va_start(args, path);
	fd = open_formatted(path, args, O_RDONLY);
	va_end(args);
	if (fd < 0)
		return fd;
	len = read(fd, text, size - 1);
	ret = len < 0 ? -errno : 0;
	close(fd);
	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return ret;
}

int sys_write(const char *text, const char *path, ...)
{
	va_list args;
	int fd, ret = 0;

	va_start(args, path);
	fd = open_formatted(path, args, O_WRONLY);
	va_end(args);
	if (fd < 0)
		return fd;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static int is_not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int sys_list(struct dirent ***entries, const char *path, ...)
{
	char name[PATH_MAX];
	va_list args;
	int n;

	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	*entries = NULL;
	n = scandir(name, entries, is_not_hidden, versionsort);
	return n < 0 ? -errno : n;
}

void sys_free(struct dirent **entries, int n)
{
	while (n-- > 0)
		free(entries[n]);
	free(entries);
}

int sys_link(char *name, size_t size, const char *path, ...)
{
	char link[PATH_MAX], target[PATH_MAX];
	va_list args;
	ssize_t len;

	name[0] = '\0';
	va_start(args, path);
	vsnprintf(link, sizeof(link), path, args);
	va_end(args);
	len = readlink(link, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = '\0';
	snprintf(name, size, "%s", strrchr(target, '/') + 1);
	return 0;
}

int sys_link_target(char *name, size_t size, const char *address, const char *link)
{
	return sys_link(name, size, SYS_DEVICES "/%s/%s", address, link);
}

int sys_group_of(const char *address)
{
	char id[16];

	return sys_link_target(id, sizeof(id), address, "iommu_group") ? -1 : atoi(id);
}

int sys_number(const char *address, const char *file)
{
	char text[16];

	return sys_read(text, sizeof(text), SYS_DEVICES "/%s/%s", address,
			file) ? -1 : (int)strtol(text, NULL, 0);
}

static int class_of(const char *address)
{
	return sys_number(address, "class") >> 8;
}

bool sys_is_bridge(const char *address)
{
	return class_of(address) == CLASS_PCI_BRIDGE;
}

bool sys_is_needed(const char *address)
{
	char first[16];
	int class;

	snprintf(first, sizeof(first), "%.11s0", address);
	class = class_of(first);
	return class == CLASS_HOST_BRIDGE || class == CLASS_ISA_BRIDGE ||
	       class == CLASS_IOMMU ||
	       sys_number(address, "device") == VIRTIO_IOMMU;
}

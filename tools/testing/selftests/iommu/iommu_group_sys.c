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

static ssize_t read_and_close(int fd, void *bytes, size_t size)
{
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read(fd, bytes, size);
	if (len < 0)
		len = -errno;
	close(fd);
	return len;
}

ssize_t sys_read_bytes(void *bytes, size_t size, const char *path, ...)
{
	va_list args;
	int fd;

	va_start(args, path);
	fd = open_formatted(path, args, O_RDONLY);
	va_end(args);
	return read_and_close(fd, bytes, size);
}

int sys_read(char *text, size_t size, const char *path, ...)
{
	va_list args;
	ssize_t len;
	int fd;

	va_start(args, path);
	fd = open_formatted(path, args, O_RDONLY);
	va_end(args);
	len = read_and_close(fd, text, size - 1);
	text[len < 0 ? 0 : len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return len < 0 ? len : 0;
}

static int write_and_close(int fd, const void *bytes, size_t size)
{
	int ret;

	if (fd < 0)
		return fd;
	ret = write(fd, bytes, size) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int sys_write_bytes(const void *bytes, size_t size, const char *path, ...)
{
	va_list args;
	int fd;

	va_start(args, path);
	fd = open_formatted(path, args, O_WRONLY);
	va_end(args);
	return write_and_close(fd, bytes, size);
}

int sys_write(const char *text, const char *path, ...)
{
	va_list args;
	int fd;

	va_start(args, path);
	fd = open_formatted(path, args, O_WRONLY);
	va_end(args);
	return write_and_close(fd, text, strlen(text));
}

void sys_copy_lines(FILE *out, const char *prefix, const char *path, ...)
{
	char name[PATH_MAX], line[256];
	va_list args;
	FILE *in;

	va_start(args, path);
	vsnprintf(name, sizeof(name), path, args);
	va_end(args);
	in = fopen(name, "r");
	if (!in)
		return;
	while (fgets(line, sizeof(line), in))
		fprintf(out, "%s%s", prefix, line);
	fclose(in);
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

int sys_read_group(const char *group)
{
	struct dirent **file;
	char text[4096];
	int i, n;

	n = sys_list(&file, SYS_GROUPS "/%s", group);
	for (i = 0; i < n; i++)
		sys_read(text, sizeof(text), SYS_GROUPS "/%s/%s", group, file[i]->d_name);
	sys_free(file, n);
	return n;
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

int pci_unbind(const char *address)
{
	int ret;

	/* VFIO would take virtual functions away without the lock for which mainline looks */
	if (sys_number(address, "sriov_numvfs") > 0)
		sys_write("0", SYS_DEVICES "/%s/sriov_numvfs", address);
	ret = sys_write(address, SYS_DEVICES "/%s/driver/unbind", address);
	return ret == -ENOENT ? 0 : ret;
}

int pci_bind(const char *address, const char *driver)
{
	char path[PATH_MAX];
	int ret;

	ret = pci_unbind(address);
	if (ret)
		return ret;
	ret = sys_write(driver ?: "\n", SYS_DEVICES "/%s/driver_override", address);
	if (ret)
		return ret;
	ret = sys_write(address, "/sys/bus/pci/drivers_probe");
	if (ret)
		return ret;
	/* A probe that fails is not reported there */
	snprintf(path, sizeof(path), SYS_DEVICES "/%s/driver", address);
	return access(path, F_OK) ? -ENODEV : 0;
}

bool pci_has_dma_driver(void)
{
	return !access("/sys/bus/pci/drivers/" PCI_DMA_DRIVER, F_OK);
}

int pci_bind_dma_driver(const char *address)
{
	int ret;

	ret = pci_unbind(address);
	if (ret)
		return ret;
	ret = sys_write(PCI_DMA_DRIVER, SYS_DEVICES "/%s/driver_override", address);
	if (ret)
		return ret;
	return sys_write(address, "/sys/bus/pci/drivers/" PCI_DMA_DRIVER "/bind");
}

int pci_remove(const char *address)
{
	return sys_write("1", SYS_DEVICES "/%s/remove", address);
}

int pci_rescan(void)
{
	return sys_write("1", "/sys/bus/pci/rescan");
}

// SPDX-License-Identifier: GPL-2.0-only
/* QEMU's edu, see iommu_group_edu.h */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "iommu_group_edu.h"

#define DEVICES		"/sys/bus/pci/devices"
#define GROUPS		"/sys/kernel/iommu_groups"
#define EDU_IDS		"0x1234:0x11e8"

#define REG_SRC		0x80
#define REG_DST		0x88
#define REG_COUNT	0x90
#define REG_COMMAND	0x98
#define COMMAND_START	1
#define COMMAND_WRITE	2
#define BUFFER_OFFSET	0x40000	/* of the engine's buffer, in its own addresses */

static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	close(fd);
	if (len < 0)
		return -errno;
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

static bool is_edu(const char *address)
{
	char path[PATH_MAX], vendor[16], device[16], ids[40];

	snprintf(path, sizeof(path), DEVICES "/%s/vendor", address);
	if (read_text(path, vendor, sizeof(vendor)))
		return false;
	snprintf(path, sizeof(path), DEVICES "/%s/device", address);
	if (read_text(path, device, sizeof(device)))
		return false;
	snprintf(ids, sizeof(ids), "%s:%s", vendor, device);
	return !strcmp(ids, EDU_IDS);
}

static int group_of(const char *address)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", address);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -1;
	target[len] = '\0';
	return atoi(strrchr(target, '/') + 1);
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int edu_find_all(struct edu *edu, int max)
{
	struct dirent **entry;
	int i, n, found = 0;

	n = scandir(DEVICES, &entry, not_hidden, alphasort);
	for (i = 0; i < n; i++) {
		if (found < max && is_edu(entry[i]->d_name)) {
			snprintf(edu[found].address, sizeof(edu->address),
				 "%.15s", entry[i]->d_name);
			edu[found].group = group_of(entry[i]->d_name);
			edu[found].fd = -1;
			found++;
		}
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return found;
}

static int list_group(const struct edu *edu, char *mate, size_t size)
{
	struct dirent **entry;
	char path[PATH_MAX];
	int i, n;

	snprintf(path, sizeof(path), GROUPS "/%d/devices", edu->group);
	n = scandir(path, &entry, not_hidden, alphasort);
	for (i = 0; i < n; i++) {
		if (mate && strcmp(entry[i]->d_name, edu->address))
			snprintf(mate, size, "%s", entry[i]->d_name);
		free(entry[i]);
	}
	if (n >= 0)
		free(entry);
	return n;
}

int edu_group_size(const struct edu *edu)
{
	return list_group(edu, NULL, 0);
}

bool edu_find_mate(const struct edu *edu, char *address, size_t size)
{
	return list_group(edu, address, size) > 1;
}

bool read_group_file(int group, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];

	text[0] = '\0';
	snprintf(path, sizeof(path), GROUPS "/%d/%s", group, name);
	return !read_text(path, text, size);
}

int write_group_file(int group, const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), GROUPS "/%d/%s", group, name);
	return write_text(path, text);
}

int pci_unbind(const char *address)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), DEVICES "/%s/driver/unbind", address);
	ret = write_text(path, address);
	return ret == -ENOENT ? 0 : ret;
}

int pci_bind(const char *address, const char *driver)
{
	char path[PATH_MAX];
	int ret;

	ret = pci_unbind(address);
	if (ret)
		return ret;
	snprintf(path, sizeof(path), DEVICES "/%s/driver_override", address);
	ret = write_text(path, driver ?: "\n");
	if (ret)
		return ret;
	ret = write_text("/sys/bus/pci/drivers_probe", address);
	if (ret)
		return ret;
	/* A probe that fails is not reported there */
	snprintf(path, sizeof(path), DEVICES "/%s/driver", address);
	return access(path, F_OK) ? -ENODEV : 0;
}

static int enable_bus_master(int fd)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -errno;
	if (pwrite(fd, &command, sizeof(command), info.offset + PCI_COMMAND) !=
	    sizeof(command))
		return -EIO;
	return 0;
}

int edu_open(struct edu *edu, int fd)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_BAR0_REGION_INDEX,
	};
	int ret;

	edu->fd = fd;
	ret = enable_bus_master(fd);
	if (ret)
		return ret;
	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -errno;
	edu->regs = info.offset;
	return 0;
}

void edu_close(struct edu *edu)
{
	if (edu->fd >= 0)
		close(edu->fd);
	edu->fd = -1;
}

static int write_reg(struct edu *edu, unsigned int reg, uint64_t value)
{
	return pwrite(edu->fd, &value, sizeof(value), edu->regs + reg) ==
	       sizeof(value) ? 0 : -EIO;
}

int edu_begin_dma(struct edu *edu, enum edu_direction direction, uint64_t iova)
{
	bool writes = direction == EDU_WRITES;

	if (write_reg(edu, REG_SRC, writes ? BUFFER_OFFSET : iova) ||
	    write_reg(edu, REG_DST, writes ? iova : BUFFER_OFFSET) ||
	    write_reg(edu, REG_COUNT, EDU_BUFFER))
		return -EIO;
	return write_reg(edu, REG_COMMAND,
			 COMMAND_START | (writes ? COMMAND_WRITE : 0));
}

int edu_end_dma(struct edu *edu)
{
	uint64_t command;
	int tries;

	for (tries = 0; tries < 500; tries++) {
		if (pread(edu->fd, &command, sizeof(command),
			  edu->regs + REG_COMMAND) != sizeof(command))
			return -EIO;
		if (!(command & COMMAND_START))
			return 0;
		usleep(10 * 1000);
	}
	return -ETIMEDOUT;
}

int edu_dma(struct edu *edu, enum edu_direction direction, uint64_t iova)
{
	return edu_begin_dma(edu, direction, iova) ?: edu_end_dma(edu);
}

bool is_amd_iommu(void)
{
	return !access("/sys/class/iommu/ivhd0", F_OK);
}

int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* They are "fault addr 0x...", "IO_PAGE_FAULT ... address=0x..." and "page fault ... at 0x..." */
bool log_has_fault(int log, uint64_t iova)
{
	char line[1024], address[32];
	ssize_t len;
	int tries;

	snprintf(address, sizeof(address), "0x%llx", (unsigned long long)iova);
	for (tries = 0; tries < 10; tries++) {
		while ((len = read(log, line, sizeof(line) - 1)) > 0) {
			line[len] = '\0';
			if (strcasestr(line, "fault") && strstr(line, address))
				return true;
		}
		usleep(100 * 1000);
	}
	return false;
}

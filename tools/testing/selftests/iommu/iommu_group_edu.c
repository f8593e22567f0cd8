// SPDX-License-Identifier: GPL-2.0-only
/* QEMU's edu, see iommu_group_edu.h */

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "iommu_group_edu.h"
#include "iommu_group_sys.h"

#define EDU_VENDOR	"0x1234"
#define EDU_DEVICE	"0x11e8"

#define REG_SRC		0x80
#define REG_DST		0x88
#define REG_COUNT	0x90
#define REG_COMMAND	0x98
#define COMMAND_START	1
#define COMMAND_WRITE	2
#define BUFFER_OFFSET	0x40000	/* of the engine's buffer, in its own addresses */

bool edu_is_one(const char *address)
{
	char vendor[16], device[16];

	return !sys_read(vendor, sizeof(vendor), SYS_DEVICES "/%s/vendor", address) &&
	       !sys_read(device, sizeof(device), SYS_DEVICES "/%s/device", address) &&
	       !strcmp(vendor, EDU_VENDOR) && !strcmp(device, EDU_DEVICE);
}

int edu_find_all(struct edu *edu, int max)
{
	struct dirent **entry;
	int i, n, found = 0;

	n = sys_list(&entry, SYS_DEVICES);
	for (i = 0; i < n && found < max; i++) {
		if (!edu_is_one(entry[i]->d_name))
			continue;
		snprintf(edu[found].address, sizeof(edu->address), "%.15s",
			 entry[i]->d_name);
		edu[found].group = sys_group_of(entry[i]->d_name);
		edu[found].fd = -1;
		edu[found].mapped = NULL;
		found++;
	}
	sys_free(entry, n);
	return found;
}

int edu_group_size(const struct edu *edu)
{
	struct dirent **entry;
	int n;

	n = sys_list(&entry, SYS_GROUPS "/%d/devices", edu->group);
	sys_free(entry, n);
	return n;
}

bool edu_find_mate(const struct edu *edu, char *address, size_t size)
{
	struct dirent **entry;
	bool found = false;
	int i, n;

	n = sys_list(&entry, SYS_GROUPS "/%d/devices", edu->group);
	for (i = 0; i < n; i++) {
		if (!strcmp(entry[i]->d_name, edu->address))
			continue;
		snprintf(address, size, "%s", entry[i]->d_name);
		found = true;
	}
	sys_free(entry, n);
	return found;
}

bool edu_can_be_given_away(void)
{
	struct dirent **iommu;
	int n = sys_list(&iommu, "/sys/class/iommu");

	sys_free(iommu, n);
	return n > 0 && !access("/sys/bus/pci/drivers/vfio-pci", F_OK);
}

int edu_bind_all(struct edu *edu, int max)
{
	int i, ret, n = edu_find_all(edu, max);

	for (i = 0; i < n; i++) {
		ret = pci_bind(edu[i].address, "vfio-pci");
		if (ret) {
			edu_unbind_all(edu, i + 1);
			return ret;
		}
	}
	/* On some IOMMUs devices have a group when a driver takes them */
	return edu_find_all(edu, max);
}

void edu_unbind_all(const struct edu *edu, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		pci_unbind(edu[i].address);
		sys_write("\n", SYS_DEVICES "/%s/driver_override", edu[i].address);
	}
}

struct edu *edu_find_alone(struct edu *edu, int n, int nth)
{
	int i;

	for (i = 0; i < n; i++) {
		if (edu_group_size(&edu[i]) == 1 && !nth--)
			return &edu[i];
	}
	return NULL;
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

	edu->fd = -1;
	edu->mapped = NULL;
	ret = enable_bus_master(fd);
	if (ret)
		return ret;
	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -errno;
	edu->fd = fd;
	edu->regs = info.offset;
	return 0;
}

static int enable_unbound(const struct edu *edu)
{
	uint16_t command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	char path[128];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), SYS_DEVICES "/%s/config", edu->address);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	len = pwrite(fd, &command, sizeof(command), PCI_COMMAND);
	close(fd);
	return len == sizeof(command) ? 0 : -EIO;
}

int edu_open_unbound(struct edu *edu)
{
	char line[64];
	void *mapped;
	int fd, ret;

	edu_close(edu);
	ret = sys_read(line, sizeof(line), SYS_DEVICES "/%s/resource", edu->address) ?:
	      enable_unbound(edu);
	if (ret)
		return ret;
	fd = open("/dev/mem", O_RDWR | O_SYNC);
	if (fd < 0)
		return -errno;
	mapped = mmap(NULL, EDU_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      strtoull(line, NULL, 0));
	close(fd);
	if (mapped == MAP_FAILED)
		return -errno;
	edu->mapped = mapped;
	return 0;
}

void edu_close(struct edu *edu)
{
	if (edu->fd >= 0)
		close(edu->fd);
	edu->fd = -1;
	if (edu->mapped)
		munmap(edu->mapped, EDU_PAGE);
	edu->mapped = NULL;
}

static int write_reg(struct edu *edu, unsigned int reg, uint64_t value)
{
	if (edu->mapped) {
		__atomic_store_n((uint64_t *)(edu->mapped + reg), value,
				 __ATOMIC_RELAXED);
		return 0;
	}
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

static int read_reg(struct edu *edu, unsigned int reg, uint64_t *value)
{
	if (edu->mapped) {
		*value = __atomic_load_n((uint64_t *)(edu->mapped + reg),
					 __ATOMIC_RELAXED);
		return 0;
	}
	return pread(edu->fd, value, sizeof(*value), edu->regs + reg) ==
	       sizeof(*value) ? 0 : -EIO;
}

int edu_end_dma(struct edu *edu)
{
	uint64_t command;
	int tries;

	for (tries = 0; tries < 500; tries++) {
		if (read_reg(edu, REG_COMMAND, &command))
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

bool is_smmuv3(void)
{
	struct dirent **entry;
	int i, n = sys_list(&entry, "/sys/class/iommu");
	bool found = false;

	for (i = 0; i < n; i++)
		found |= !strncmp(entry[i]->d_name, "smmu3.", 6);
	sys_free(entry, n);
	return found;
}

int open_log(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

int log_count_lines(int log, const char *pattern)
{
	char line[1024];
	ssize_t len;
	int n = 0;

	/* What was overwritten before it was read is an error of its own */
	while ((len = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (len < 0)
			continue;
		line[len] = '\0';
		n += !fnmatch(pattern, line, FNM_NOESCAPE);
	}
	return n;
}

/* "fault addr 0x...", "IO_PAGE_FAULT ... address=0x..." or "page fault ... at 0x..." */
static bool is_fault(const char *line, uint64_t iova)
{
	char address[32];

	snprintf(address, sizeof(address), "0x%llx", (unsigned long long)iova);
	return strcasestr(line, "fault") && strstr(line, address);
}

/* Those of an SMMUv3 are records, of which each word has a line */
static bool is_smmuv3_fault(const char *line, uint64_t iova)
{
	char word[32];

	snprintf(word, sizeof(word), "0x%016llx", (unsigned long long)iova);
	return strstr(line, "arm-smmu-v3") && strstr(line, word);
}

bool log_has_fault(int log, uint64_t iova)
{
	char line[1024];
	ssize_t len;
	int tries;

	for (tries = 0; tries < 10; tries++) {
		while ((len = read(log, line, sizeof(line) - 1)) > 0) {
			line[len] = '\0';
			if (is_fault(line, iova) || is_smmuv3_fault(line, iova))
				return true;
		}
		usleep(100 * 1000);
	}
	return false;
}

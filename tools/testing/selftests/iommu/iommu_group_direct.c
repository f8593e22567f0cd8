// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that firmware goes on using by a device: it has to be mapped 1:1 for the
 * device whatever becomes of that, and user space cannot own the device.
 *
 * Needs QEMU's edu with such a region of two pages (an RMRR of Intel VT-d) and /dev/mem.
 * The kernel must not use these, nor the page behind them. What is missing is skipped.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "iommu_group_dma.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

/* Two that firmware uses, and one behind them that it does not */
#define PAGES	3

/* Where the first region of a group is that is "direct", or 0 */
static uint64_t direct_region(int group)
{
	char text[4096], *line, *rest = text;
	ssize_t len;

	len = sys_read_bytes(text, sizeof(text) - 1, SYS_GROUPS "/%d/reserved_regions", group);
	if (len < 0)
		return 0;
	text[len] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (strstr(line, " direct"))
			return strtoull(line, NULL, 16);
	}
	return 0;
}

static uint8_t *map_memory(uint64_t start)
{
	int fd = open("/dev/mem", O_RDWR | O_SYNC);
	void *memory;

	if (fd < 0)
		return NULL;
	memory = mmap(NULL, PAGES * EDU_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, start);
	close(fd);
	return memory == MAP_FAILED ? NULL : memory;
}

/* What firmware uses, by which device */
struct region {
	struct edu edu;
	uint64_t start;
	uint8_t *memory;
};

FIXTURE(firmware)
{
	struct region region;
	int log;
};

FIXTURE_SETUP(firmware)
{
	struct region *region = &self->region;
	struct edu all[EDU_MAX];
	int i, n;

	n = edu_find_all(all, EDU_MAX);
	for (i = 0; i < n && !region->start; i++) {
		region->edu = all[i];
		region->start = direct_region(all[i].group);
	}
	if (!region->start)
		SKIP(return, "firmware uses no memory by an edu");
	region->memory = map_memory(region->start);
	if (!region->memory)
		SKIP(return, "the memory cannot be mapped by /dev/mem");
	ASSERT_EQ(0, edu_open_unbound(&region->edu));
	self->log = open_log();
	ASSERT_LE(0, self->log);
}

FIXTURE_TEARDOWN(firmware)
{
	close(self->log);
	edu_close(&self->region.edu);
	munmap(self->region.memory, PAGES * EDU_PAGE);
}

/* From the first page of the region to the second, as firmware would have it */
static void expect_firmware_can_go_on(struct __test_metadata *_metadata,
				      struct region *region, unsigned int seed)
{
	uint8_t *memory = region->memory;

	fill(memory, seed);
	memset(memory + EDU_PAGE, 0, EDU_BUFFER);
	ASSERT_EQ(0, edu_dma(&region->edu, EDU_READS, region->start));
	ASSERT_EQ(0, edu_dma(&region->edu, EDU_WRITES, region->start + EDU_PAGE));
	EXPECT_EQ(0, memcmp(memory, memory + EDU_PAGE, EDU_BUFFER));
}

/* What the device writes behind the region does not arrive */
static void expect_other_memory_is_safe(struct __test_metadata *_metadata,
					struct region *region)
{
	uint8_t *memory = region->memory + 2 * EDU_PAGE;
	uint8_t untouched[EDU_BUFFER];

	fill(memory, 5);
	memcpy(untouched, memory, EDU_BUFFER);
	ASSERT_EQ(0, edu_dma(&region->edu, EDU_WRITES, region->start + 2 * EDU_PAGE));
	EXPECT_EQ(0, memcmp(untouched, memory, EDU_BUFFER));
}

TEST_F(firmware, region_is_mapped_for_a_device_without_driver)
{
	expect_firmware_can_go_on(_metadata, &self->region, 1);
	expect_other_memory_is_safe(_metadata, &self->region);
}

/* It is not blocked when the kernel lets go of it, for firmware does not */
TEST_F(firmware, region_is_mapped_when_the_device_was_removed)
{
	ASSERT_EQ(0, pci_remove(self->region.edu.address));
	expect_firmware_can_go_on(_metadata, &self->region, 2);

	/* Its registers may be elsewhere now */
	ASSERT_EQ(0, pci_rescan());
	ASSERT_EQ(0, edu_open_unbound(&self->region.edu));
	expect_firmware_can_go_on(_metadata, &self->region, 3);
	expect_other_memory_is_safe(_metadata, &self->region);
}

static bool log_says(int log, const char *what)
{
	char line[1024];
	ssize_t len;

	while ((len = read(log, line, sizeof(line) - 1)) > 0) {
		line[len] = '\0';
		if (strstr(line, what))
			return true;
	}
	return false;
}

TEST_F(firmware, user_space_cannot_own_the_device)
{
	int group, container = type1_open();

	if (container < 0)
		SKIP(return, "VFIO has no containers");
	ASSERT_EQ(0, pci_bind(self->region.edu.address, "vfio-pci"));
	group = type1_open_group(self->region.edu.group);
	ASSERT_LE(0, group);
	EXPECT_EQ(-EINVAL, type1_join(group, container));
	EXPECT_TRUE(log_says(self->log, "firmware needs memory regions of this device mapped 1:1"));
	close(group);
	close(container);

	/* vfio-pci takes the bus from a device that it lets go of */
	ASSERT_EQ(0, pci_unbind(self->region.edu.address));
	sys_write("\n", SYS_DEVICES "/%s/driver_override", self->region.edu.address);
	ASSERT_EQ(0, edu_open_unbound(&self->region.edu));
	expect_firmware_can_go_on(_metadata, &self->region, 4);
}

TEST_HARNESS_MAIN

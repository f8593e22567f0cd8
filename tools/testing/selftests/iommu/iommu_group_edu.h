/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * QEMU's edu, a PCI device with a DMA engine (docs/specs/edu in its source), as
 * VFIO gives it to user space or /dev/mem has it, and what sysfs says of it and its
 * group.
 */
#ifndef __IOMMU_GROUP_EDU_H
#define __IOMMU_GROUP_EDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDU_MAX		8	/* that there can be */
#define EDU_PAGE	4096	/* what its DMA engine holds, and what is mapped */
#define EDU_BUFFER	2048	/* what is moved: QEMU stops if it is all of it */

/* Below 256 MiB, which is as far as its address lines reach */
#define IOVA_FROM	0x100000
#define IOVA_TO		0x200000

/**
 * struct edu - a device
 * @address: as in 0000:00:06.0
 * @group: its ID
 * @fd: VFIO's of the device, -1 if it is not open
 * @regs: where its BAR 0 is in @fd
 * @mapped: its registers by /dev/mem, NULL if it is not open by that
 */
struct edu {
	char address[16];
	int group;
	int fd;
	uint64_t regs;
	uint8_t *mapped;
};

bool edu_is_one(const char *address);

/* All there are, by address; returns their number */
int edu_find_all(struct edu *edu, int max);

/* Devices of its group, itself included */
int edu_group_size(const struct edu *edu);
/* A member of its group that is another one, whose address is written */
bool edu_find_mate(const struct edu *edu, char *address, size_t size);

/* Has the machine what it takes to give a device to user space? */
bool edu_can_be_given_away(void);
/* All there are to vfio-pci. Their number, or -errno and none is bound */
int edu_bind_all(struct edu *edu, int max);
void edu_unbind_all(const struct edu *edu, int n);
/* The @nth from 0 of those that are alone in their group, or NULL */
struct edu *edu_find_alone(struct edu *edu, int n, int nth);

/* With @fd from VFIO, which belongs to it then. 0, or -errno and @fd is the caller's */
int edu_open(struct edu *edu, int fd);
/* One without a driver, by /dev/mem, which stays open when it is removed. 0 or -errno */
int edu_open_unbound(struct edu *edu);
void edu_close(struct edu *edu);

enum edu_direction {
	EDU_READS,	/* memory into its buffer */
	EDU_WRITES,	/* its buffer into memory */
};

/* Begins to move EDU_BUFFER bytes; the engine takes 100 ms to start. 0 or -EIO */
int edu_begin_dma(struct edu *edu, enum edu_direction direction, uint64_t iova);
/* 0, or -EIO, or -ETIMEDOUT */
int edu_end_dma(struct edu *edu);
int edu_dma(struct edu *edu, enum edu_direction direction, uint64_t iova);

/*
 * QEMU's, where there is an edu. It reports no faults, and takes what is below a
 * bridge for something else (7.2), so that neither can be looked at.
 */
bool is_amd_iommu(void);
bool is_smmuv3(void);

/* The kernel's log from now on */
int open_log(void);
/* Lines since the last look that match a pattern of fnmatch() */
int log_count_lines(int log, const char *pattern);
/* Is there a line about a fault at @iova? Waits a second for it */
bool log_has_fault(int log, uint64_t iova);

#endif /* __IOMMU_GROUP_EDU_H */

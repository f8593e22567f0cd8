/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an edu's DMA must and must not do, whichever way user space has it.
 */
#ifndef __IOMMU_GROUP_DMA_H
#define __IOMMU_GROUP_DMA_H

#include <stdlib.h>
#include <string.h>

#include "../kselftest_harness.h"
#include "iommu_group_edu.h"

static inline void *new_buffer(void)
{
	void *buffer = aligned_alloc(EDU_PAGE, EDU_PAGE);

	if (buffer)
		memset(buffer, 0, EDU_PAGE);
	return buffer;
}

static inline void fill(uint8_t *buffer, unsigned int seed)
{
	int i;

	for (i = 0; i < EDU_BUFFER; i++)
		buffer[i] = rand_r(&seed);
}

/* Through the device from @from, mapped at IOVA_FROM, to @to, at IOVA_TO */
static inline void expect_dma_moves(struct __test_metadata *_metadata,
				    struct edu *edu, uint8_t *from, uint8_t *to)
{
	fill(from, 1);
	memset(to, 0, EDU_BUFFER);
	ASSERT_EQ(0, edu_dma(edu, EDU_READS, IOVA_FROM));
	ASSERT_EQ(0, edu_dma(edu, EDU_WRITES, IOVA_TO));
	EXPECT_EQ(0, memcmp(from, to, EDU_BUFFER));
}

/* The kernel tells of ten faults in five seconds, not of more */
#define FAULT_TRIES	10

/* What it writes does not arrive */
static inline void expect_dma_is_lost(struct __test_metadata *_metadata,
				      struct edu *edu, uint8_t *to)
{
	uint8_t untouched[EDU_PAGE];

	fill(to, 2);
	memcpy(untouched, to, EDU_PAGE);
	ASSERT_EQ(0, edu_dma(edu, EDU_WRITES, IOVA_TO));
	EXPECT_EQ(0, memcmp(to, untouched, EDU_PAGE));
}

/* And the IOMMU tells of it */
static inline void expect_fault(struct __test_metadata *_metadata,
				struct edu *edu, uint8_t *to)
{
	int tries, log = open_log();
	bool told = false;

	ASSERT_LE(0, log);
	for (tries = 0; tries < FAULT_TRIES && !told; tries++) {
		expect_dma_is_lost(_metadata, edu, to);
		told = log_has_fault(log, IOVA_TO);
	}
	EXPECT_TRUE(told);
	close(log);
}

/*
 * And the IOMMU tells nothing: it stops the device before it looks for a mapping, and
 * would tell of one that is missing
 */
static inline void expect_no_fault(struct __test_metadata *_metadata,
				   struct edu *edu, uint8_t *to)
{
	int log = open_log();

	ASSERT_LE(0, log);
	expect_dma_is_lost(_metadata, edu, to);
	EXPECT_FALSE(log_has_fault(log, IOVA_TO));
	close(log);
}

/* Where nothing is mapped. Of QEMU's AMD IOMMU all that can be seen is the memory */
static inline void expect_dma_is_refused(struct __test_metadata *_metadata,
					 struct edu *edu, uint8_t *to)
{
	if (is_amd_iommu()) {
		TH_LOG("the IOMMU tells of no faults: the memory alone is looked at");
		expect_dma_is_lost(_metadata, edu, to);
	} else {
		expect_fault(_metadata, edu, to);
	}
}

/*
 * Where the device has no address space. In an SMMUv3 its entry in the stream table
 * says abort, of which no event is recorded
 */
static inline void expect_dma_is_blocked(struct __test_metadata *_metadata,
					 struct edu *edu, uint8_t *to)
{
	if (is_smmuv3())
		expect_no_fault(_metadata, edu, to);
	else
		expect_dma_is_refused(_metadata, edu, to);
}

#endif /* __IOMMU_GROUP_DMA_H */

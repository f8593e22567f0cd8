// SPDX-License-Identifier: GPL-2.0-only
/* What it costs to map a page by the DMA API, and to unmap it, for a device that an IOMMU serves */

#include <kunit/test.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/timex.h>

#include "median.h"

/* QEMU's edu */
#define VENDOR	0x1234
#define DEVICE	0x11e8

#define WARM_UP	1000
#define ROUNDS	64

static int map_and_unmap(struct device *dev, struct page *page)
{
	dma_addr_t addr = dma_map_page(dev, page, 0, PAGE_SIZE, DMA_FROM_DEVICE);

	if (dma_mapping_error(dev, addr))
		return -EIO;
	dma_unmap_page(dev, addr, PAGE_SIZE, DMA_FROM_DEVICE);
	return 0;
}

static void map_a_page(struct kunit *test)
{
	struct pci_dev *pdev = pci_get_device(VENDOR, DEVICE, NULL);
	struct page *page;
	u64 costs[ROUNDS], begin;
	int i, failed = 0;

	if (!pdev)
		kunit_skip(test, "no device to map for");

	page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_TRUE(test, device_iommu_mapped(&pdev->dev));
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(32)), 0);
	/* Page tables and magazines are there afterwards */
	for (i = 0; i < WARM_UP; i++)
		failed += !!map_and_unmap(&pdev->dev, page);
	for (i = 0; i < ROUNDS; i++) {
		begin = get_cycles();
		failed += !!map_and_unmap(&pdev->dev, page);
		costs[i] = get_cycles() - begin;
	}

	KUNIT_EXPECT_EQ(test, failed, 0);
	kunit_info(test, "cost map-unmap 1 %llu\n", median(costs, ROUNDS));
	__free_page(page);
	pci_dev_put(pdev);
}

static struct kunit_case dma_cases[] = {
	KUNIT_CASE_SLOW(map_a_page),
	{}
};

static struct kunit_suite dma_suite = {
	.name = "cost_dma",
	.test_cases = dma_cases,
};

kunit_test_suite(dma_suite);

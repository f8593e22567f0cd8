// SPDX-License-Identifier: GPL-2.0-only
/*
 * Show that a group works: give the first edu that is alone in its group to user
 * space, and print what became of its DMA, as in "dma ok, unmapped dma blocked".
 * The exit status is that of a test that was skipped if there is no such edu, or on
 * RISC-V if VFIO does not take it.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

/* RISC-V's IOMMU driver does not say that caches are coherent: VFIO takes no device then */
#ifdef __riscv
#define IF_REFUSED KSFT_SKIP
#else
#define IF_REFUSED KSFT_FAIL
#endif

/* In a container, with both buffers mapped; returns it, or -1 */
static int give_away(struct edu *edu, void *from, void *to)
{
	int container = type1_open(), group;

	group = type1_open_group(edu->group);
	if (type1_join(group, container) || type1_get_device(group, edu) ||
	    type1_map(container, from, IOVA_FROM) ||
	    type1_map(container, to, IOVA_TO))
		return -1;
	return container;
}

static bool moves(struct edu *edu, const char *from, char *to)
{
	return !edu_dma(edu, EDU_READS, IOVA_FROM) &&
	       !edu_dma(edu, EDU_WRITES, IOVA_TO) &&
	       !memcmp(from, to, EDU_BUFFER);
}

static bool is_blocked(struct edu *edu, int container, char *to)
{
	char untouched[EDU_PAGE];

	memset(to, 0x55, EDU_PAGE);
	memcpy(untouched, to, EDU_PAGE);
	return !type1_unmap(container, IOVA_TO) &&
	       !edu_dma(edu, EDU_WRITES, IOVA_TO) &&
	       !memcmp(untouched, to, EDU_PAGE);
}

int main(void)
{
	char *from = aligned_alloc(EDU_PAGE, EDU_PAGE);
	char *to = aligned_alloc(EDU_PAGE, EDU_PAGE);
	bool ok = false, blocked = false;
	struct edu all[EDU_MAX], *edu;
	int container;

	if (!from || !to) {
		printf("dma not tried: there is no memory for it\n");
		return KSFT_FAIL;
	}
	edu = edu_find_alone(all, edu_find_all(all, EDU_MAX), 0);
	if (!edu) {
		printf("dma not tried: no edu is alone in its group\n");
		return KSFT_SKIP;
	}

	if (pci_bind(edu->address, "vfio-pci")) {
		printf("dma not tried: VFIO does not take %s\n", edu->address);
		return IF_REFUSED;
	}
	memset(from, 0xaa, EDU_PAGE);
	memset(to, 0, EDU_PAGE);
	container = give_away(edu, from, to);
	if (container >= 0) {
		ok = moves(edu, from, to);
		blocked = is_blocked(edu, container, to);
	}
	edu_close(edu);
	pci_unbind(edu->address);
	printf("dma %s, unmapped dma %s\n", ok ? "ok" : "FAILED",
	       blocked ? "blocked" : "NOT BLOCKED");
	return ok && blocked ? KSFT_PASS : KSFT_FAIL;
}

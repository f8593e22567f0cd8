/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a text is made into a fabric with: it adds host bridges and functions, says
 * of what kind these are, enters them, and has them scanned.
 */
#ifndef __IOMMU_GROUP_FABRIC_BUILD_H
#define __IOMMU_GROUP_FABRIC_BUILD_H

#include <linux/pci.h>
#include <linux/types.h>

#include "iommu_group_fabric.h"

#define IGT_VENDOR	0x0eee	/* Nobody's, so that no quirk is for it */
#define IGT_ALL_ACS	(PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/* With room for a function in each line; until igt_free_fabric() or the test's end */
struct igt_fabric *igt_new_fabric(struct kunit *test, const char *text);
void igt_free_fabric(struct kunit *test, struct igt_fabric *fabric);
struct igt_host *igt_add_host(struct kunit *test, struct igt_fabric *fabric,
			      int domain);

bool igt_is_bridge(struct igt_function *function);
bool igt_set_kind(struct igt_function *function, const char *name);
void igt_set_id(struct igt_function *function, u16 vendor, u16 device);
void igt_set_acs(struct igt_function *function, int reg, u16 flags);
void igt_add_acs(struct igt_function *function, int reg, u16 flags);

/* When its host, bridge and devfn are known, and when all are entered */
void igt_enter(struct kunit *test, struct igt_function *function);
void igt_finish_devices(struct igt_fabric *fabric);
unsigned long igt_place_of(struct igt_host *host, struct igt_function *bridge,
			   int devfn);

struct igt_fabric *igt_scan(struct kunit *test, struct igt_fabric *fabric);

#endif /* __IOMMU_GROUP_FABRIC_BUILD_H */

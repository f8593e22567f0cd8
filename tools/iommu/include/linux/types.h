/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel's own sources expect of <linux/types.h> and user space does not have there,
 * so that lsiommu and its tests can compile drivers/iommu/iommu-group-isolation.c.
 */
#ifndef TOOLS_IOMMU_LINUX_TYPES_H
#define TOOLS_IOMMU_LINUX_TYPES_H

#include <stdbool.h>
#include_next <linux/types.h>

typedef __u8 u8;

#endif /* TOOLS_IOMMU_LINUX_TYPES_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* What the fabrics of ../kunit call and the base kernel does not have */
#ifndef __COMPARE_BASE_H
#define __COMPARE_BASE_H

#include <linux/types.h>

/* Of the capability and the control register of ACS */
#define PCI_ACS_ENHANCED	0x0080
#define PCI_ACS_DSP_MT_RR	0x0200
#define PCI_ACS_USP_MT_RR	0x0800

struct pci_dev;

/* It looks for aliases when it looks for a group */
static inline void iommu_group_add_alias(struct pci_dev *pdev, u8 devfn,
					 unsigned int n)
{
}

#endif /* __COMPARE_BASE_H */

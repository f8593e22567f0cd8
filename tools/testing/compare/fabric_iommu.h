/* SPDX-License-Identifier: GPL-2.0-only */
/* An IOMMU that serves all functions of fabrics, and does nothing */
#ifndef __FABRIC_IOMMU_H
#define __FABRIC_IOMMU_H

struct device;
struct iommu_group;

/* How many devices were attached to a domain */
extern int fabric_iommu_attached;

/* Puts what is there, and what comes, where @device_group says */
int register_fabric_iommu(struct iommu_group *(*device_group)(struct device *));
/* Takes all out of their groups */
void unregister_fabric_iommu(void);

#endif /* __FABRIC_IOMMU_H */

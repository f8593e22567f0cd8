/* SPDX-License-Identifier: GPL-2.0-only */
/* Many devices without a bus, a driver, or an IOMMU */
#ifndef __DEVICES_H
#define __DEVICES_H

struct device;

/* Each has a name of its own; with @parents each is the child of one, and all have one name */
int add_devices(struct device **devices, int n, struct device **parents);
void remove_devices(struct device **devices, int n);

#endif /* __DEVICES_H */

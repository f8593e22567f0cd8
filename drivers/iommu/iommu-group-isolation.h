/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IOMMU groups: where a request of a PCI function can turn around.
 *
 * The kernel and lsiommu compile this rule, over a description of functions
 * that either can fill: see iommu-group-isolation.c.
 */
#ifndef __IOMMU_GROUP_ISOLATION_H
#define __IOMMU_GROUP_ISOLATION_H

#include <linux/types.h>

/* In place of a PCI_EXP_TYPE_*, for a function without PCI Express capability */
#define IOMMU_PCI_CONVENTIONAL	0xff

/**
 * enum iommu_pci_bus - what a function is on
 * @IOMMU_PCI_ROOT_BUS: the bus of a host bridge
 * @IOMMU_PCI_LINK: the one device at the end of a PCI Express link
 * @IOMMU_PCI_SWITCH: the internal bus of a switch, below its upstream port
 * @IOMMU_PCI_SHARED_BUS: a conventional one, PCI or PCI-X
 */
enum iommu_pci_bus {
	IOMMU_PCI_ROOT_BUS,
	IOMMU_PCI_LINK,
	IOMMU_PCI_SWITCH,
	IOMMU_PCI_SHARED_BUS,
};

/**
 * struct iommu_pci_function - what the rule has to know of a function
 * @type: PCI_EXP_TYPE_*, or IOMMU_PCI_CONVENTIONAL
 * @bus: what it is on; of a virtual function, what its physical function is on
 * @is_bridge: leads to a bus
 * @is_virtfn: virtual function (SR-IOV)
 * @is_inert: of class host bridge, with a header of type 0 and without BARs
 * @multifunction: bit 7 of the header type of function 0 of its device; under
 *	ARI each function but 0 has it, a virtual function never
 * @translates: the IOMMU is at this bridge
 */
struct iommu_pci_function {
	u8 type;
	u8 bus;
	bool is_bridge : 1;
	bool is_virtfn : 1;
	bool is_inert : 1;
	bool multifunction : 1;
	bool translates : 1;
};

/**
 * struct iommu_pci_ops - how the rule looks at functions
 * @describe: fill in what it has to know of one
 * @upstream: the bridge that leads to the bus of one, NULL on a root bus
 * @has_acs: whether ACS restrains all that one sends, or lets through; asked
 *	only where that decides
 */
struct iommu_pci_ops {
	void (*describe)(const void *function, struct iommu_pci_function *desc);
	const void *(*upstream)(const void *function);
	bool (*has_acs)(const void *function);
};

/**
 * struct iommu_pci_member - a function as a member of a junction
 * @function: the function, NULL for none
 * @below: the junction is the bus that it leads to, not where it stands
 * @desc: of @function
 */
struct iommu_pci_member {
	const void *function;
	bool below;
	struct iommu_pci_function desc;
};

typedef void iommu_pci_visit(const struct iommu_pci_member *member, void *data);

struct iommu_pci_member
iommu_pci_turning_point(const struct iommu_pci_ops *ops, const void *function,
			iommu_pci_visit *visit, void *data);
enum iommu_pci_bus iommu_pci_bus_below(u8 type);
bool iommu_pci_is_port(const struct iommu_pci_function *desc);

#endif /* __IOMMU_GROUP_ISOLATION_H */

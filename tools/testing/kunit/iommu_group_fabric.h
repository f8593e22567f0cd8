/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A PCI fabric made of text: a host bridge whose configuration space is in
 * memory, scanned by the PCI core. No driver is bound to its functions.
 *
 * A line is a function, two spaces deeper than the bridge that it is below:
 *
 *	NAME DEVICE.FUNCTION KIND [WORD...]
 *
 * KIND is one of
 *	host		host bridge, inert
 *	rcep		root complex integrated endpoint
 *	rcec		root complex event collector
 *	root up down	ports: root port, a switch's upstream and downstream port
 *	ep		PCI Express endpoint
 *	pci		conventional function
 *	pcie2pci	PCI Express to PCI bridge
 *	pci2pcie	PCI to PCI Express bridge
 *	pci2pci		conventional bridge
 * and a WORD one of
 *	acs		has ACS, all of it is enabled
 *	acs=LIST	of ACS, what is in LIST is enabled and can be: s for source
 *			validation, r for request redirect, c for completion redirect,
 *			u for upstream forwarding; the rest can be, and is not
 *	hard=LIST	of ACS, what is in LIST cannot be disabled, and is not in
 *			the capability's register then; all else is enabled
 *	enhanced=LIST	of ACS, has the Enhanced Capability; what is in LIST is enabled:
 *			d to redirect requests to memory of downstream ports, u to that
 *			of the upstream port
 *	egress=VV	of ACS, Egress Control is enabled, with this vector of 8 bits
 *	id=VVVV:DDDD	has these IDs, for the kernel's quirks to know it
 *	bar		has a memory BAR
 *	alias=DD.F	uses the requester ID of that function of its bus as well
 *	vf		is a virtual function
 *	xlate		the IOMMU is at this bridge, not at the root
 *	ari		this port leads to a device with ARI: DEVICE.FUNCTION of what is
 *			there are the bits of one number, so that 1.3 is function 11
 *
 * A function 0 is a multifunction one when there are others in its device. A line
 * that begins with # is a comment, and a line
 *
 *	domain NUMBER
 *
 * begins another host bridge, in a PCI domain of its own, or with buses of other
 * numbers where there are no domains.
 *
 * "lsiommu --dump FILE --fabric" makes such a text of what lspci printed.
 */
#ifndef __IOMMU_GROUP_FABRIC_H
#define __IOMMU_GROUP_FABRIC_H

#include <linux/types.h>
#include <linux/xarray.h>

struct kunit;
struct pci_bus;
struct pci_dev;

#define IGT_NAME_LEN	16
#define IGT_MAX_HOSTS	64

struct igt_fabric;

struct igt_host {
	struct igt_fabric *fabric;
	int domain;
	void *sysdata;			/* the architecture's, or NULL */
	struct pci_bus *bus;
};

struct igt_function {
	char name[IGT_NAME_LEN];
	struct igt_host *host;
	struct igt_function *bridge;	/* that it is below, NULL on a root bus */
	u8 devfn;
	int alias;			/* another devfn, or -1 */
	bool is_virtfn;
	bool is_xlate_root;
	bool leads_to_ari;
	u8 bars;			/* that there are, a bit each */
	struct pci_dev *pdev;
	u8 config[0x118];
};

struct igt_fabric {
	struct xarray places;		/* functions by bridge and devfn */
	bool renumbered;		/* a bridge lost the buses it had */
	int n_hosts;
	struct igt_host host[IGT_MAX_HOSTS];
	int n;
	struct igt_function function[];
};

/* Until the test's end, or igt_remove_fabric() */
struct igt_fabric *igt_fabric(struct kunit *test, const char *text);
void igt_remove_fabric(struct kunit *test, struct igt_fabric *fabric);

/* As pci_add_dma_alias(), which is not for modules; the PCI core undoes it */
void igt_add_alias(struct igt_function *function, u8 alias);

/* Takes a function off its bus with all that is below it, which have no pdev then */
void igt_unplug_function(struct igt_fabric *fabric, struct igt_function *gone);
/* Finds all that is not there */
void igt_rescan_fabric(struct igt_fabric *fabric);
/* Is @function below @bridge, or @bridge itself? */
bool igt_is_below(struct igt_function *function, struct igt_function *bridge);

/* Are they functions of one device, which by ARI is all on a bus? */
bool igt_is_one_device(const struct igt_function *a, const struct igt_function *b);
/* Is it one of any fabric? */
bool igt_is_in_fabric(struct pci_dev *pdev);

struct igt_function *igt_function(struct kunit *test,
				  struct igt_fabric *fabric, const char *name);

#endif /* __IOMMU_GROUP_FABRIC_H */

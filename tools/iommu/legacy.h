/* SPDX-License-Identifier: GPL-2.0-only */
/* The groups that Linux 6.12 forms of PCI functions: see legacy.c */
#ifndef LEGACY_H
#define LEGACY_H

#include <stdbool.h>
#include <stddef.h>

/* In place of a PCI_EXP_TYPE_*, as IOMMU_PCI_CONVENTIONAL of the kernel's rule */
#define LEGACY_CONVENTIONAL	0xff

/* No group yet */
#define LEGACY_NO_GROUP		-1

/**
 * struct legacy_function - what 6.12 looks at
 * @domain: of its address
 * @bus: of its address; virtual functions may have a bus of their own
 * @devfn: of its address
 * @bridge: leads to its bus, for a virtual function to that of its physical function; NULL on a
 *	root bus
 * @dma: does its DMA, as VMD for those behind it; NULL if it does that itself
 * @type: PCI_EXP_TYPE_*, or LEGACY_CONVENTIONAL
 * @multifunction: as for the kernel's rule
 * @has_acs: what pci_acs_enabled() says of SV, RR, CR and UF together
 * @translates: the IOMMU is at this bridge
 * @aliases: devfns on its bus whose requester IDs it uses besides its own
 * @n_aliases: their number
 * @group: number of its group, set by legacy_form_groups()
 */
struct legacy_function {
	unsigned int domain;
	unsigned char bus;
	unsigned char devfn;
	const struct legacy_function *bridge;
	const struct legacy_function *dma;
	unsigned char type;
	bool multifunction;
	bool has_acs;
	bool translates;
	const unsigned char *aliases;
	size_t n_aliases;
	int group;
};

/*
 * @functions: in the order in which they are found, at boot by address; those of a bus next to each
 * other. @bridge and @dma lead to others of them. Groups are numbered from 0 on, as they come into
 * being.
 */
void legacy_form_groups(struct legacy_function *functions, size_t n);

#endif /* LEGACY_H */

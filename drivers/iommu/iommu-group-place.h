/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * IOMMU groups: why a PCI function is in its group, as it was decided when it
 * joined. iommu-group-pci.c makes places, iommu-group-place.c finds groups by them,
 * iommu-group-reach.c and iommu-group-claim.c read them.
 */
#ifndef __IOMMU_GROUP_PLACE_H
#define __IOMMU_GROUP_PLACE_H

#include <linux/cleanup.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/types.h>

#include "iommu-group-isolation.h"

struct iommu_group;
struct pci_bus;
struct pci_dev;
struct xarray;

/* What a key names, in its lowest bits; zero is no key */
enum iommu_group_key_kind {
	KEY_FUNCTION = 1,
	KEY_SLOT,
	KEY_BUS,
};

/* Room for the longest name, with its end */
#define IOMMU_GROUP_KEY_NAME	sizeof("ffffffff:ff:1f.7")

/* Room for what iommu_group_print_culprit() makes of one that lacks all */
#define IOMMU_GROUP_CULPRIT	(IOMMU_GROUP_KEY_NAME + sizeof(" SV,RR,CR,UF,DSPMT,USPMT"))

/* An order that iommu-group-reach.c has names in */
enum iommu_group_cause {
	CAUSE_ISOLATED,
	CAUSE_ACS,
	CAUSE_MULTIFUNCTION,
	CAUSE_BRIDGE,
	CAUSE_ALIAS,
	CAUSE_DRIVER,
};

/**
 * struct iommu_group_place - why a PCI function is in its group
 * @list: place in iommu_group_places, while it is a member
 * @group: the group, then
 * @function: key of the function, or of the one that does DMA for it
 * @culprit: key of its turning point, or of an alias; 0 without either
 * @cause: enum iommu_group_cause
 * @is_bridge: the function is one
 * @lacks: flags of ACS that @culprit lacks, if it lacks any
 * @junction: key of that of its turning point, 0 without one
 * @class: @junction, or the function's key without one; 0 if another group has it
 * @n_keys: number of @keys
 * @keys: by which its group is found: @class if it has a turning point; or, if DMA
 *	aliases tie it to others, an array of its own with theirs and @class
 * @n_way: number of @way
 * @way: keys of the junctions on its way
 */
struct iommu_group_place {
	struct list_head list;
	struct iommu_group *group;
	unsigned long function;
	unsigned long culprit;
	enum iommu_group_cause cause;
	bool is_bridge;
	u16 lacks;
	unsigned long junction;
	unsigned long class;
	unsigned int n_keys;
	unsigned int n_way;
	unsigned long *keys;
	unsigned long way[];
};

/**
 * struct iommu_group_ties - what DMA aliases tie a function to
 * @n_keys: number of @keys
 * @keys: of the classes that are tied, an array to be freed by kfree(), or NULL
 * @group: of a function that is tied and has one already, or NULL
 * @other: of one that has another one, or NULL
 */
struct iommu_group_ties {
	unsigned int n_keys;
	unsigned long *keys;
	struct iommu_group *group;
	struct iommu_group *other;
};

DEFINE_FREE(iommu_group_ties, struct iommu_group_ties, kfree(_T.keys))

/**
 * struct iommu_group_edge - one group reaches another one way
 * @to: the other
 * @culprit: key of the function at which requests of the one turn around to it;
 *	of several the lowest
 * @lacks: flags of ACS that it lacks, if it lacks any
 */
struct iommu_group_edge {
	struct iommu_group *to;
	unsigned long culprit;
	u16 lacks;
};

/* iommu-group-pci.c */
bool iommu_group_isolation_is_strict(void);
unsigned long iommu_group_key(enum iommu_group_key_kind kind,
			      struct pci_bus *bus, unsigned int devfn);
unsigned long iommu_group_class_of(struct pci_dev *pdev);

/* iommu-group-place.c */
extern struct mutex iommu_group_place_lock;
extern struct list_head iommu_group_places;
struct iommu_group *iommu_group_of_key(unsigned long key);
void iommu_group_key_name(unsigned long key, char name[IOMMU_GROUP_KEY_NAME]);

/* iommu-group-reach.c */
int iommu_group_find_edges(struct iommu_group *group, struct xarray *edges);
void iommu_group_free_edges(struct xarray *edges);
int iommu_group_print_culprit(unsigned long culprit, u16 lacks, char *buf,
			      size_t size);

/* iommu-group-alias.c */
int iommu_group_find_ties(struct pci_bus *bus, unsigned long class,
			  struct iommu_group_ties *ties);

#endif /* __IOMMU_GROUP_PLACE_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* Machines of a few PCI functions, and what is expected of their groups: see small-machines.c */
#ifndef SMALL_MACHINES_H
#define SMALL_MACHINES_H

#include <linux/types.h>
#include <stdio.h>

#define MOST_FUNCTIONS	8	/* a u8 is a set of functions, a bit each */

/* In the words of tools/testing/kunit/iommu_group_fabric.h */
enum kind {
	INERT_HOST,	/* host */
	HOST,		/* host bar */
	RCEP,
	RCEC,
	ROOT,
	UP,
	DOWN,
	EP,
	VF,		/* ep vf */
	PCI,
	PCIE2PCI,
	PCI2PCIE,
	PCI2PCI,
	KINDS,
};

/**
 * struct function - a function of a machine
 * @bridge: that it is below, NULL on the root bus
 * @kind: what it is
 * @slot: where it is on its bus
 * @number: where it is in its slot
 * @depth: how many bridges it is below
 * @translates: the IOMMU is at this bridge
 * @leads_to_ari: what is below it is one device with ARI
 * @is_one_of_several: there are others in its device
 * @has_acs: in full
 */
struct function {
	const struct function *bridge;
	enum kind kind;
	unsigned int slot;
	unsigned int number;
	unsigned int depth;
	bool translates;
	bool leads_to_ari;
	bool is_one_of_several;
	bool has_acs;
};

/**
 * struct machine - a root bus and all below it
 * @n: number of functions
 * @function: each after its bridge, all below a bridge next to it
 * @uses_id_of: by function, others on its bus whose requester ID it uses as well
 */
struct machine {
	unsigned int n;
	struct function function[MOST_FUNCTIONS];
	u8 uses_id_of[MOST_FUNCTIONS];
};

enum kinds {
	ANY_KINDS,	/* at any place */
	USUAL_KINDS,	/* that are found at their place */
};

/*
 * small-machines-make.c: machines of up to @most functions, and again those of up to
 * @most_with_aliases with functions that use requester IDs of others
 */
typedef void visit_machine(const struct machine *machine, bool has_aliases);
void make_machines(enum kinds kinds, unsigned int most, unsigned int most_with_aliases,
		   visit_machine *visit);
u8 type_of(const struct function *function);
void print_machine(FILE *out, const struct machine *machine);

/* Of what all machines have */
static inline unsigned int index_of(const struct machine *machine, const struct function *function)
{
	return function - machine->function;
}

static inline u8 bit_of(const struct machine *machine, const struct function *function)
{
	return 1 << index_of(machine, function);
}

static inline bool is_port(const struct function *function)
{
	return function->kind == ROOT || function->kind == DOWN;
}

static inline bool is_bridge(const struct function *function)
{
	return is_port(function) || function->kind == UP || function->kind >= PCIE2PCI;
}

static inline bool is_one_device(const struct function *a, const struct function *b)
{
	return a->bridge == b->bridge &&
	       (a->slot == b->slot || (a->bridge && a->bridge->leads_to_ari));
}

/*
 * small-machines-reach.c: by function, whom its requests can get to unseen by an IOMMU; itself is
 * among them if any of them can come down again
 */
void find_reach(const struct machine *machine, u8 reach[]);

/* small-machines-legacy.c: does legacy.c form the groups of Linux 6.12? */
bool legacy_is_right(const struct machine *machine);

#endif /* SMALL_MACHINES_H */

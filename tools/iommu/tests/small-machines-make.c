// SPDX-License-Identifier: GPL-2.0-only
/*
 * All machines up to a size, each once.
 *
 * A machine grows by one function at a time: below the last one if that is a bridge, or on the bus
 * of the last one or of a bridge above it, as the next function of the slot there or in the next
 * slot. So each tree of buses, slots and functions is made exactly once. It is then looked at with
 * all that ACS can be.
 *
 * Slots of a bus can be renamed, which neither the rule nor 6.12 looks at: of machines that differ
 * in that alone, the one is looked at whose slots are in order. Not so with ARI, where slots are
 * numbers of functions of one device. Functions of a slot have no such order, as function 0 is
 * special.
 */

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "small-machines.h"

#define BIT(n)		(1U << (n))

struct maker {
	struct machine machine;
	unsigned int most;
	unsigned int most_with_aliases;
	bool is_usual;
	visit_machine *visit;
};

/*
 * What is usually found on a bus. A switch may begin on a root bus, and have root ports, as
 * Loongson's has.
 */
static unsigned int usual_kinds(const struct function *bridge, unsigned int slot,
				unsigned int number)
{
	if (!bridge)
		return BIT(INERT_HOST) | BIT(RCEP) | BIT(ROOT) | BIT(UP) | BIT(PCI2PCI);
	switch (bridge->kind) {
	case UP:
		return BIT(ROOT) | BIT(DOWN) | BIT(EP);
	case PCIE2PCI:
	case PCI2PCI:
		return BIT(PCI) | BIT(PCI2PCI) | BIT(PCI2PCIE);
	case PCI2PCIE:
		return BIT(EP);
	default:
		return slot || number ? BIT(EP) | BIT(VF) : BIT(EP) | BIT(UP) | BIT(PCIE2PCI);
	}
}

/* A virtual function is not the first of its device, which is its physical function */
static unsigned int possible_kinds(const struct function *bridge, unsigned int slot,
				   unsigned int number)
{
	bool is_first = !number && (!slot || !bridge || !bridge->leads_to_ari);

	return (BIT(KINDS) - 1) & ~(is_first ? BIT(VF) : 0);
}

/* At the end of a link is one device: slots are there only as numbers of functions under ARI */
static bool has_slots(const struct function *bridge)
{
	if (!bridge || bridge->kind == UP || bridge->kind == PCIE2PCI || bridge->kind == PCI2PCI)
		return true;
	return bridge->leads_to_ari;
}

static const struct function *end_of(const struct machine *machine)
{
	return machine->function + machine->n;
}

/* In their order */
static int compare_functions(const struct function *a, const struct function *b)
{
	if (a->depth != b->depth)
		return a->depth - b->depth;
	if (a->number != b->number)
		return a->number - b->number;
	if (a->kind != b->kind)
		return a->kind - b->kind;
	if (a->translates != b->translates)
		return a->translates - b->translates;
	return a->leads_to_ari - b->leads_to_ari;
}

static bool is_in_slot(const struct function *function, const struct function *first)
{
	return function->depth > first->depth ||
	       (function->bridge == first->bridge && function->slot == first->slot);
}

/* Is a slot, with all below it, before the one that comes next to it on the bus? */
static bool comes_before_next(const struct machine *machine, const struct function *slot,
			      const struct function *next)
{
	const struct function *a, *b, *end = end_of(machine);
	int order;

	for (a = slot, b = next; a < next && b < end && is_in_slot(b, next); a++, b++) {
		order = compare_functions(a, b);
		if (order)
			return order < 0;
	}
	return a == next;
}

static const struct function *slot_before(const struct function *slot)
{
	const struct function *other = slot - 1;

	while (other->bridge != slot->bridge || other->number)
		other--;
	return other;
}

static bool slots_are_in_order(const struct machine *machine)
{
	const struct function *function;

	for (function = machine->function; function < end_of(machine); function++) {
		if (function->number || !function->slot ||
		    (function->bridge && function->bridge->leads_to_ari))
			continue;
		if (!comes_before_next(machine, slot_before(function), function))
			return false;
	}
	return true;
}

static bool is_one_of_several(const struct machine *machine, const struct function *function)
{
	const struct function *other;

	for (other = machine->function; other < end_of(machine); other++) {
		if (other != function && is_one_device(function, other))
			return function->kind != VF;
	}
	return false;
}

/* PCI Express 6.12.1: not event collectors, and what is conventional on either side */
static bool can_have_acs(const struct function *function)
{
	switch (function->kind) {
	case RCEP:
	case ROOT:
	case UP:
	case DOWN:
	case EP:
	case VF:
		return true;
	default:
		return false;
	}
}

/*
 * Where it is open. pci_acs_enabled() takes a PCI Express function on its own for isolated,
 * unless it is a port. What cannot have ACS may be known to a quirk; that counts if it is a bridge
 * or one of several.
 */
static bool acs_is_open(const struct function *function)
{
	return is_port(function) || function->is_one_of_several ||
	       (is_bridge(function) && !can_have_acs(function));
}

/* Each uses the requester ID of one more function on its bus, or of none */
static void visit_with_aliases(struct maker *maker, unsigned int i)
{
	struct machine *machine = &maker->machine;
	unsigned int j;

	if (i == machine->n) {
		maker->visit(machine, true);
		return;
	}
	machine->uses_id_of[i] = 0;
	visit_with_aliases(maker, i + 1);
	for (j = 0; j < machine->n; j++) {
		if (j == i || machine->function[j].bridge != machine->function[i].bridge)
			continue;
		machine->uses_id_of[i] = BIT(j);
		visit_with_aliases(maker, i + 1);
	}
	machine->uses_id_of[i] = 0;
}

static void visit_with_acs(struct maker *maker, unsigned int i)
{
	struct machine *machine = &maker->machine;
	struct function *function = &machine->function[i];

	if (i == machine->n) {
		maker->visit(machine, false);
		if (machine->n <= maker->most_with_aliases)
			visit_with_aliases(maker, 0);
		return;
	}
	function->has_acs = can_have_acs(function);
	visit_with_acs(maker, i + 1);
	if (acs_is_open(function)) {
		function->has_acs = !function->has_acs;
		visit_with_acs(maker, i + 1);
	}
}

static void visit_all(struct maker *maker)
{
	struct machine *machine = &maker->machine;
	unsigned int i;

	/* It is there without ARI too */
	if (machine->function[machine->n - 1].leads_to_ari || !slots_are_in_order(machine))
		return;
	for (i = 0; i < machine->n; i++)
		machine->function[i].is_one_of_several =
			is_one_of_several(machine, &machine->function[i]);
	visit_with_acs(maker, 0);
}

static void grow(struct maker *maker);

static void add(struct maker *maker, const struct function *bridge, unsigned int slot,
		unsigned int number)
{
	struct function *function = &maker->machine.function[maker->machine.n];
	unsigned int kinds = maker->is_usual ? usual_kinds(bridge, slot, number) :
					       possible_kinds(bridge, slot, number);
	unsigned int kind, extras;

	maker->machine.n++;
	for (kind = 0; kind < KINDS; kind++) {
		if (!(kinds & BIT(kind)))
			continue;
		*function = (struct function){
			.bridge = bridge,
			.kind = kind,
			.slot = slot,
			.number = number,
			.depth = bridge ? bridge->depth + 1 : 0,
		};
		/* Without and with an IOMMU and ARI */
		for (extras = 0; extras < 4; extras++) {
			function->translates = extras & 1;
			function->leads_to_ari = extras & 2;
			if (function->translates && (maker->is_usual || !is_bridge(function)))
				continue;
			if (function->leads_to_ari && (maker->is_usual || !is_port(function)))
				continue;
			grow(maker);
		}
	}
	maker->machine.n--;
}

static void grow(struct maker *maker)
{
	const struct machine *machine = &maker->machine;
	const struct function *last = &machine->function[machine->n - 1], *at;

	visit_all(maker);
	if (machine->n == maker->most)
		return;
	if (is_bridge(last))
		add(maker, last, 0, 0);
	if (last->leads_to_ari)
		return;
	for (at = last; at; at = at->bridge) {
		add(maker, at->bridge, at->slot, at->number + 1);
		if (has_slots(at->bridge))
			add(maker, at->bridge, at->slot + 1, 0);
	}
}

void make_machines(enum kinds kinds, unsigned int most, unsigned int most_with_aliases,
		   visit_machine *visit)
{
	struct maker maker = {
		.is_usual = kinds == USUAL_KINDS,
		.most = most,
		.most_with_aliases = most_with_aliases,
		.visit = visit,
	};

	if (most)
		add(&maker, NULL, 0, 0);
}

static const unsigned char types[KINDS] = {
	[INERT_HOST] = IOMMU_PCI_CONVENTIONAL,
	[HOST] = IOMMU_PCI_CONVENTIONAL,
	[RCEP] = PCI_EXP_TYPE_RC_END,
	[RCEC] = PCI_EXP_TYPE_RC_EC,
	[ROOT] = PCI_EXP_TYPE_ROOT_PORT,
	[UP] = PCI_EXP_TYPE_UPSTREAM,
	[DOWN] = PCI_EXP_TYPE_DOWNSTREAM,
	[EP] = PCI_EXP_TYPE_ENDPOINT,
	[VF] = PCI_EXP_TYPE_ENDPOINT,
	[PCI] = IOMMU_PCI_CONVENTIONAL,
	[PCIE2PCI] = PCI_EXP_TYPE_PCI_BRIDGE,
	[PCI2PCIE] = PCI_EXP_TYPE_PCIE_BRIDGE,
	[PCI2PCI] = IOMMU_PCI_CONVENTIONAL,
};

/* PCI_EXP_TYPE_*, or IOMMU_PCI_CONVENTIONAL */
u8 type_of(const struct function *function)
{
	return types[function->kind];
}

static const char *const kind_names[] = {
	[INERT_HOST] = "host",
	[HOST] = "host bar",
	[RCEP] = "rcep",
	[RCEC] = "rcec",
	[ROOT] = "root",
	[UP] = "up",
	[DOWN] = "down",
	[EP] = "ep",
	[VF] = "ep vf",
	[PCI] = "pci",
	[PCIE2PCI] = "pcie2pci",
	[PCI2PCIE] = "pci2pcie",
	[PCI2PCI] = "pci2pci",
};

/* Quirks say of this ID that it isolates, whatever has it */
#define ISOLATED_BY_QUIRK	" id=8086:15b8"

static void print_function(FILE *out, const struct machine *machine, unsigned int i)
{
	const struct function *function = &machine->function[i], *other;

	fprintf(out, "# %*sf%u %x.%x %s", 2 * function->depth, "", i, function->slot,
		function->number, kind_names[function->kind]);
	/* Nobody asks the others */
	if (function->has_acs && acs_is_open(function))
		fputs(can_have_acs(function) ? " acs" : ISOLATED_BY_QUIRK, out);
	for (other = machine->function; other < end_of(machine); other++) {
		if (machine->uses_id_of[i] & BIT(other - machine->function))
			fprintf(out, " alias=%x.%x", other->slot, other->number);
	}
	if (function->translates)
		fputs(" xlate", out);
	if (function->leads_to_ari)
		fputs(" ari", out);
	fputc('\n', out);
}

void print_machine(FILE *out, const struct machine *machine)
{
	unsigned int i;

	for (i = 0; i < machine->n; i++)
		print_function(out, machine, i);
}

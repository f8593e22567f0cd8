// SPDX-License-Identifier: GPL-2.0-only
/*
 * The groups of Linux 6.12 by what ties two functions, beside those that legacy.c forms. Functions
 * come by address: a bridge before all below it. Then no function has to look for a group; what is
 * tied is a group, in whatever order the ties are looked at. These are tied:
 *
 * - what is below bridges that take over requester IDs, to the nearest of these; an IOMMU at a
 *   bridge ends the way to it;
 * - else what has a bridge without ACS anywhere above, to the bridge that it is on;
 * - else two functions of a slot that both lack ACS and are functions of several, and two of a bus
 *   of which one uses the other's requester ID.
 */

#include "legacy.h"
#include "small-machines.h"

static const struct function *nearest_with_ids(const struct function *function)
{
	const struct function *bridge = function->bridge;

	while (bridge && !bridge->translates && bridge->kind < PCIE2PCI)
		bridge = bridge->bridge;
	return bridge && !bridge->translates ? bridge : NULL;
}

static bool is_below_one_without_acs(const struct function *function)
{
	const struct function *bridge = function->bridge;

	return bridge && (!bridge->has_acs || is_below_one_without_acs(bridge));
}

static const struct function *tied_upwards(const struct function *function)
{
	const struct function *bridge = nearest_with_ids(function);

	if (!bridge && is_below_one_without_acs(function))
		bridge = function->bridge;
	return bridge;
}

/* Both on one bus, so that both are tied upwards, or neither is */
static bool tied_aside(const struct machine *machine, const struct function *a,
		       const struct function *b)
{
	if (a->bridge != b->bridge)
		return false;
	if ((machine->uses_id_of[index_of(machine, a)] & bit_of(machine, b)) ||
	    (machine->uses_id_of[index_of(machine, b)] & bit_of(machine, a)))
		return true;
	return a->slot == b->slot && a->is_one_of_several && b->is_one_of_several &&
	       !a->has_acs && !b->has_acs;
}

static void unite(u8 group[], unsigned int n, unsigned int i, unsigned int j)
{
	u8 both = group[i] | group[j];
	unsigned int k;

	for (k = 0; k < n; k++) {
		if (both & 1 << k)
			group[k] = both;
	}
}

static void find_groups(const struct machine *machine, u8 group[])
{
	const struct function *function, *up;
	unsigned int i, j;

	for (i = 0; i < machine->n; i++)
		group[i] = 1 << i;
	for (i = 0; i < machine->n; i++) {
		function = &machine->function[i];
		up = tied_upwards(function);
		if (up) {
			unite(group, machine->n, i, index_of(machine, up));
			continue;
		}
		for (j = 0; j < i; j++) {
			if (tied_aside(machine, function, &machine->function[j]))
				unite(group, machine->n, i, j);
		}
	}
}

/* The machine as legacy.c looks at it, by address */
struct legacy {
	struct legacy_function function[MOST_FUNCTIONS];
	unsigned int place[MOST_FUNCTIONS];	/* by index in the machine */
	unsigned char aliases[MOST_FUNCTIONS][MOST_FUNCTIONS];
	unsigned int n;
};

static unsigned char devfn_of(const struct function *function)
{
	return function->slot << 3 | function->number;
}

static void add_aliases(const struct machine *machine, struct legacy *legacy,
			struct legacy_function *to, unsigned int i)
{
	unsigned char *aliases = legacy->aliases[i];
	unsigned int j;

	to->aliases = aliases;
	for (j = 0; j < machine->n; j++) {
		if (machine->uses_id_of[i] & 1 << j)
			aliases[to->n_aliases++] = devfn_of(&machine->function[j]);
	}
}

/* All that is on the bus below @bridge; @number is the bus's */
static void add_bus(const struct machine *machine, struct legacy *legacy,
		    const struct function *bridge, unsigned int number)
{
	const struct function *function, *end = machine->function + machine->n;

	for (function = machine->function; function < end; function++) {
		struct legacy_function *to = &legacy->function[legacy->n];
		unsigned int i = index_of(machine, function);

		if (function->bridge != bridge)
			continue;
		*to = (struct legacy_function){
			.bus = number,
			.devfn = devfn_of(function),
			.type = type_of(function),
			.multifunction = function->is_one_of_several,
			.has_acs = function->has_acs,
			.translates = function->translates,
		};
		if (bridge)
			to->bridge =
				&legacy->function[legacy->place[index_of(machine, bridge)]];
		add_aliases(machine, legacy, to, i);
		legacy->place[i] = legacy->n++;
	}
}

/* Buses are numbered as they are found: below a bridge before what is below the next one */
bool legacy_is_right(const struct machine *machine)
{
	struct legacy legacy = { .n = 0 };
	u8 group[MOST_FUNCTIONS];
	unsigned int i, j;
	bool right = true;

	add_bus(machine, &legacy, NULL, 0);
	for (i = 0; i < machine->n; i++)
		add_bus(machine, &legacy, &machine->function[i], i + 1);
	legacy_form_groups(legacy.function, legacy.n);

	find_groups(machine, group);
	for (i = 0; i < machine->n; i++) {
		for (j = 0; j < i; j++)
			right &= (legacy.function[legacy.place[i]].group ==
				  legacy.function[legacy.place[j]].group) ==
				 !!(group[i] & 1 << j);
	}
	return right;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rule that decides which PCI functions share an IOMMU group,
 * drivers/iommu/iommu-group-isolation.c, on all machines up to a size, against whom each single
 * request can get to; and the groups of Linux 6.12 in two statements.
 *
 *	small-machines [ANY [USUAL [ALIASES]]]
 *
 * Each is a number of functions that machines have at most: ANY where any kind of function is at
 * any place, USUAL where kinds are at places where they are found, and ALIASES where functions use
 * requester IDs of others besides. It prints TAP. Of the machines that are wrong it prints the
 * first, in the form of the tests in tools/testing/kunit.
 */

#include <stdlib.h>
#include <string.h>

#include "iommu-group-isolation.h"
#include "small-machines.h"

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* Machines that are printed of each test that fails */
#define PRINTED		3
/* More functions than that have too many orders */
#define MOST_PERMUTED	3

enum test {
	ALL,
	GROUPS,
	EDGES,
	TURNING,
	CULPRIT,
	OWN_WAY,
	ORDER,
	LEGACY,
	LEGACY_ALIASES,
};

static struct {
	const char *name;
	unsigned long long machines;
	unsigned long long failed;
} tests[] = {
	[ALL] = { .name = "no machine is left out" },
	[GROUPS] = { .name = "functions share a group if each reaches the other" },
	[EDGES] = { .name = "a group reaches those who have its junction on their way" },
	[TURNING] = { .name = "there is a turning point if requests can come down again" },
	[CULPRIT] = { .name = "the turning point is on the function's own way" },
	[OWN_WAY] = { .name = "nobody beside a function's way is asked" },
	[ORDER] = { .name = "the order of discovery does not matter" },
	[LEGACY] = { .name = "legacy groups are what 6.12's rule ties" },
	[LEGACY_ALIASES] = { .name = "legacy groups with aliases are what 6.12's rule ties" },
};

/* The functions of the machine at hand that the rule looked at */
static const struct machine *the_machine;
static u8 asked;

static void describe(const void *data, struct iommu_pci_function *desc)
{
	const struct function *function = data, *bridge = function->bridge;

	asked |= bit_of(the_machine, function);
	desc->type = type_of(function);
	desc->bus = bridge ? iommu_pci_bus_below(type_of(bridge)) : IOMMU_PCI_ROOT_BUS;
	desc->is_bridge = is_bridge(function);
	desc->is_virtfn = function->kind == VF;
	desc->is_inert = function->kind == INERT_HOST;
	desc->multifunction = function->is_one_of_several;
	desc->translates = function->translates;
}

static const void *upstream(const void *data)
{
	const struct function *function = data;

	asked |= bit_of(the_machine, function);
	return function->bridge;
}

static bool has_acs(const void *data)
{
	const struct function *function = data;

	asked |= bit_of(the_machine, function);
	return function->has_acs;
}

static const struct iommu_pci_ops ops = {
	.describe = describe,
	.upstream = upstream,
	.has_acs = has_acs,
};

/*
 * What the rule says of a function: @junction is that of its turning point, or 0; @way has those on
 * its way. A junction is a bit, that of the bridge which leads to it or of function 0 of a slot.
 */
struct place {
	unsigned int junction;
	unsigned int way;
	const struct function *turn;
	u8 asked;
};

static unsigned int junction_of_bus(const struct function *bridge)
{
	return 1U << (MOST_FUNCTIONS + index_of(the_machine, bridge));
}

/* As the kernel finds groups by keys */
static unsigned int junction_of(const struct iommu_pci_member *member)
{
	const struct function *function = member->function, *bridge = function->bridge;

	if (member->below)
		return junction_of_bus(function);
	if (member->desc.bus == IOMMU_PCI_SWITCH || member->desc.bus == IOMMU_PCI_SHARED_BUS ||
	    (bridge && bridge->leads_to_ari))
		return junction_of_bus(bridge);
	while (function->bridge != bridge || function->number)
		function--;
	return 1U << index_of(the_machine, function);
}

static void note_junction(const struct iommu_pci_member *member, void *data)
{
	struct place *place = data;

	place->way |= junction_of(member);
}

static struct place place_of(const struct function *function)
{
	struct iommu_pci_member turn;
	struct place place = {};

	asked = 0;
	turn = iommu_pci_turning_point(&ops, function, note_junction, &place);
	place.asked = asked;
	place.turn = turn.function;
	place.junction = turn.function ? junction_of(&turn) : 0;
	return place;
}

/*
 * How many machines of any kinds there are of up to so many functions. Counted by another program,
 * which makes sets of buses of slots of functions. Of one function they are: six that are no
 * bridges; an upstream port; with and without ACS two ports and three other bridges; each bridge
 * with and without an IOMMU as well.
 */
static const unsigned long long counted[] = { 0, 28, 2616, 262460, 29669566 };

static void look_at(enum test test, bool good)
{
	tests[test].machines++;
	if (good)
		return;
	if (tests[test].failed++ >= PRINTED)
		return;
	printf("# not so: %s\n", tests[test].name);
	print_machine(stdout, the_machine);
}

static u8 own_way(const struct function *function)
{
	return bit_of(the_machine, function) | (function->bridge ? own_way(function->bridge) : 0);
}

/* Those that come to one group by the same junction */
static u8 group_by_rule(const struct place place[], unsigned int i)
{
	u8 group = 1 << i;
	unsigned int j;

	for (j = 0; j < the_machine->n; j++) {
		if (place[i].junction && place[j].junction == place[i].junction)
			group |= 1 << j;
	}
	return group;
}

static u8 reach_by_rule(const struct place place[], unsigned int i)
{
	u8 reach = group_by_rule(place, i);
	unsigned int j;

	for (j = 0; j < the_machine->n; j++) {
		if (place[j].way & place[i].junction)
			reach |= 1 << j;
	}
	return reach;
}

static u8 group_by_reach(const u8 reach[], unsigned int i)
{
	u8 group = 0;
	unsigned int j;

	for (j = 0; j < the_machine->n; j++) {
		if (reach[i] & 1 << j && reach[j] & 1 << i)
			group |= 1 << j;
	}
	return group;
}

/* A function's junction leads to the group of whoever came to it first */
static void discover(const unsigned int order[], u8 group[])
{
	unsigned int i, j, n = the_machine->n;
	struct place place[MOST_PERMUTED];

	for (i = 0; i < n; i++) {
		place[order[i]] = place_of(&the_machine->function[order[i]]);
		group[order[i]] = 1 << order[i];
		for (j = 0; j < i; j++) {
			if (!place[order[i]].junction ||
			    place[order[j]].junction != place[order[i]].junction)
				continue;
			group[order[j]] |= 1 << order[i];
			group[order[i]] |= group[order[j]];
		}
	}
}

static bool is_same_in_any_order(const u8 expected[])
{
	static const unsigned int orders[][MOST_PERMUTED] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	u8 group[MOST_FUNCTIONS];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (the_machine->n < 3 && orders[i][2] != 2)
			continue;
		if (the_machine->n < 2 && orders[i][1] != 1)
			continue;
		discover(orders[i], group);
		if (memcmp(group, expected, the_machine->n * sizeof(u8)))
			return false;
	}
	return true;
}

static void look_at_rule(void)
{
	bool groups = true, edges = true, turning = true, culprit = true, way = true;
	u8 reach[MOST_FUNCTIONS], group[MOST_FUNCTIONS];
	struct place place[MOST_FUNCTIONS];
	unsigned int i;

	find_reach(the_machine, reach);
	for (i = 0; i < the_machine->n; i++) {
		place[i] = place_of(&the_machine->function[i]);
		turning &= !place[i].turn == !reach[i];
		reach[i] |= 1 << i;
	}
	for (i = 0; i < the_machine->n; i++) {
		const struct function *function = &the_machine->function[i];

		group[i] = group_by_reach(reach, i);
		groups &= group_by_rule(place, i) == group[i];
		edges &= reach_by_rule(place, i) == reach[i];
		way &= !(place[i].asked & ~own_way(function));
		if (place[i].turn)
			culprit &= !!(bit_of(the_machine, place[i].turn) & own_way(function));
	}
	look_at(GROUPS, groups);
	look_at(EDGES, edges);
	look_at(TURNING, turning);
	look_at(CULPRIT, culprit);
	look_at(OWN_WAY, way);
	if (the_machine->n <= MOST_PERMUTED)
		look_at(ORDER, is_same_in_any_order(group));
}

static void look_at_machine(const struct machine *machine, bool has_aliases)
{
	the_machine = machine;
	if (has_aliases) {
		look_at(LEGACY_ALIASES, legacy_is_right(machine));
		return;
	}
	look_at_rule();
	look_at(LEGACY, legacy_is_right(machine));
}

static unsigned int size_of(const char *word)
{
	char *end;
	unsigned long size = strtoul(word, &end, 10);

	if (end == word || *end || size > MOST_FUNCTIONS) {
		fprintf(stderr, "small-machines: %s is no number from 0 to %d\n", word,
			MOST_FUNCTIONS);
		exit(2);
	}
	return size;
}

/* Beyond those that were counted nobody knows */
static void look_whether_all_are_there(unsigned int most)
{
	unsigned long long machines = tests[GROUPS].machines;

	tests[ALL].machines = machines;
	if (most >= ARRAY_SIZE(counted) || machines == counted[most])
		return;
	tests[ALL].failed = 1;
	printf("# %llu machines, not %llu\n", machines, counted[most]);
}

/* One that has looked at nothing has failed */
static bool report(void)
{
	bool all_good = true, good;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		good = tests[i].machines && !tests[i].failed;
		all_good &= good;
		printf("%sok %u %s\n", good ? "" : "not ", i + 1, tests[i].name);
		printf("# %llu machines, %llu wrong\n", tests[i].machines,
		       tests[i].failed);
	}
	printf("1..%zu\n", ARRAY_SIZE(tests));
	return all_good;
}

int main(int argc, char **argv)
{
	unsigned int any = argc > 1 ? size_of(argv[1]) : 4;
	unsigned int usual = argc > 2 ? size_of(argv[2]) : 6;
	unsigned int aliases = argc > 3 ? size_of(argv[3]) : 3;

	make_machines(ANY_KINDS, any, aliases, look_at_machine);
	look_whether_all_are_there(any);
	make_machines(USUAL_KINDS, usual, 0, look_at_machine);
	return report() ? EXIT_SUCCESS : EXIT_FAILURE;
}

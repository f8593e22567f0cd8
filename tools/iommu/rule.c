// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: the kernel's rule of PCI groups, applied to a machine.
 *
 * drivers/iommu/iommu-group-isolation.c is the rule; here are the functions that it looks
 * at, and what follows from it. Where registers are unknown it is asked twice: once as if
 * each unknown function isolated, once as if none did. The groups of the first answer are
 * those that are sure: their members share a group in any case. One of them that has more
 * members by the second answer is in doubt, and says what is not known.
 */

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "legacy.h"
#include "lsiommu.h"
#include "machine.h"

#define CLASS_HOST_BRIDGE	0x0600
#define CLASS_PCI_BRIDGE	0x0604
#define CLASS_EVENT_COLLECTOR	0x0807

/**
 * struct answer - what the rule says of a function
 * @turn: its turning point, without a function if there is none
 * @junction: key of that one's junction, or its own
 * @group: number of the group, in the order of first functions
 */
struct answer {
	struct iommu_pci_member turn;
	uint64_t junction;
	size_t group;
};

/* Does what is unknown let everything through? The rule passes nothing on to its callbacks */
static bool assume_worst;

/* What a bridge may be of which only its place is known */
static int likely_type(const struct function *function);

/*
 * Of those that were left out anything may be true: at worst that all below it shares an ID,
 * at best that the last of them is a port
 */
static int type_of(const struct function *function)
{
	if (function->left_out && assume_worst)
		return PCI_EXP_TYPE_PCI_BRIDGE;
	if (function->left_out && function->type == TYPE_UNKNOWN)
		return PCI_EXP_TYPE_DOWNSTREAM;
	return function->type == TYPE_UNKNOWN ? likely_type(function) : function->type;
}

static int likely_type(const struct function *function)
{
	if (!function->is_bridge)
		return function->has_class && function->class >> 8 == CLASS_EVENT_COLLECTOR ?
		       PCI_EXP_TYPE_RC_EC : PCI_EXP_TYPE_ENDPOINT;
	if (!function->bridge)
		return PCI_EXP_TYPE_ROOT_PORT;
	switch (type_of(function->bridge)) {
	case PCI_EXP_TYPE_UPSTREAM:
		return PCI_EXP_TYPE_DOWNSTREAM;
	case PCI_EXP_TYPE_ROOT_PORT:
	case PCI_EXP_TYPE_DOWNSTREAM:
		return assume_worst ? PCI_EXP_TYPE_PCI_BRIDGE : PCI_EXP_TYPE_UPSTREAM;
	default:
		return IOMMU_PCI_CONVENTIONAL;
	}
}

static bool is_inert(const struct function *function)
{
	return function->has_class && function->class >> 8 == CLASS_HOST_BRIDGE &&
	       !function->is_bridge && !function->has_bar;
}

static void describe(const void *data, struct iommu_pci_function *desc)
{
	const struct function *function = data;

	desc->type = type_of(function);
	desc->bus = function->bridge ? iommu_pci_bus_below(type_of(function->bridge)) :
				       IOMMU_PCI_ROOT_BUS;
	desc->is_bridge = function->is_bridge;
	desc->is_virtfn = function->is_virtfn;
	desc->is_inert = !function->bridge && is_inert(function);
	desc->multifunction = function->multifunction;
	desc->translates = function->translates;
}

static const void *upstream(const void *data)
{
	const struct function *function = data;

	return function->bridge;
}

static bool has_acs(const void *data)
{
	const struct function *function = data;

	return function->lacks.unknown ? !assume_worst : !function->lacks.missing;
}

static const struct iommu_pci_ops ops = {
	.describe = describe,
	.upstream = upstream,
	.has_acs = has_acs,
};

enum key {
	KEY_FUNCTION,
	KEY_SLOT,
	KEY_BUS,
};

static uint64_t function_key(const struct function *function)
{
	return (uint64_t)function->index << 2 | KEY_FUNCTION;
}

static uint64_t bus_key(const struct function *bridge)
{
	return (uint64_t)bridge->index << 2 | KEY_BUS;
}

static uint64_t slot_key(const struct function *function)
{
	return (uint64_t)function->domain << 32 | function->bus << 16 |
	       (function->devfn & ~7u) << 2 | KEY_SLOT;
}

static uint64_t junction_key(const struct iommu_pci_member *member)
{
	const struct function *function = member->function;

	if (member->below)
		return bus_key(function);
	if (member->desc.bus == IOMMU_PCI_SWITCH || member->desc.bus == IOMMU_PCI_SHARED_BUS ||
	    (function->bridge && function->bridge->leads_to_ari))
		return bus_key(function->bridge);
	return slot_key(function);
}

static bool has_alias(const struct function *function, unsigned int devfn)
{
	return function->aliases[devfn / 64] >> devfn % 64 & 1;
}

static bool has_aliases(const struct function *function)
{
	return function->aliases[0] | function->aliases[1] | function->aliases[2] |
	       function->aliases[3];
}

/* Who uses the requester ID of another, or the same one as another, cannot be told from it */
static void join_aliases(const struct machine *machine, size_t *root)
{
	const struct function *function, *other;
	size_t i, j;

	for (i = 0; i < machine->n; i++) {
		function = machine->function[i];
		if (!has_aliases(function))
			continue;
		for (j = 0; j < machine->n; j++) {
			other = machine->function[j];
			if (other->domain != function->domain || other->bus != function->bus)
				continue;
			if (has_alias(function, other->devfn) ||
			    function->aliases[0] & other->aliases[0] ||
			    function->aliases[1] & other->aliases[1] ||
			    function->aliases[2] & other->aliases[2] ||
			    function->aliases[3] & other->aliases[3])
				parts_join(root, i, j);
		}
	}
}

/* The first function with each junction, by junction */
struct first {
	uint64_t junction;
	size_t index;
};

static int compare_firsts(const void *a, const void *b)
{
	const struct first *one = a, *other = b;

	if (one->junction != other->junction)
		return one->junction < other->junction ? -1 : 1;
	return one->index < other->index ? -1 : one->index > other->index;
}

static void join_junctions(const struct machine *machine, const struct answer *answers,
			   size_t *root)
{
	struct first *firsts = xcalloc(machine->n + 1, sizeof(*firsts));
	size_t i;

	for (i = 0; i < machine->n; i++)
		firsts[i] = (struct first){ answers[i].junction, i };
	qsort(firsts, machine->n, sizeof(*firsts), compare_firsts);
	for (i = 1; i < machine->n; i++) {
		if (firsts[i].junction == firsts[i - 1].junction)
			parts_join(root, firsts[i].index, firsts[i - 1].index);
	}
	free(firsts);
}

/* Each group is known by its first function: give them numbers in that order */
static void number(const struct machine *machine, size_t *root, struct answer *answers)
{
	size_t i, first, n = 0;

	for (i = 0; i < machine->n; i++) {
		first = parts_find(root, i);
		answers[i].group = first == i ? n++ : answers[first].group;
	}
}

static bool has_basic_acs(const struct function *function)
{
	return function->lacks.unknown ? !assume_worst : !function->lacks.basic;
}

static unsigned char *list_aliases(const struct function *function, size_t *n)
{
	unsigned char *aliases = xcalloc(256, 1);
	unsigned int devfn;

	for (devfn = 0; devfn < 256; devfn++) {
		if (has_alias(function, devfn))
			aliases[(*n)++] = devfn;
	}
	return aliases;
}

/* Those that were left out follow the others, and only lead to them */
static const struct legacy_function *legacy_of(const struct legacy_function *functions,
					       const struct function *function)
{
	return function ? &functions[function->index] : NULL;
}

static void fill_legacy(struct legacy_function *functions, const struct function *function)
{
	struct legacy_function *legacy = &functions[function->index];

	legacy->domain = function->domain;
	legacy->bus = function->bus;
	legacy->devfn = function->devfn;
	legacy->bridge = legacy_of(functions, function->bridge);
	legacy->dma = legacy_of(functions, function->vmd);
	legacy->group = LEGACY_NO_GROUP;
	legacy->type = type_of(function);
	legacy->multifunction = function->multifunction;
	legacy->has_acs = has_basic_acs(function);
	legacy->translates = function->translates;
	if (has_aliases(function))
		legacy->aliases = list_aliases(function, &legacy->n_aliases);
}

static void join_as_legacy(const struct machine *machine, size_t *root)
{
	size_t n = machine->n + machine->n_left_out, i, *first;
	struct legacy_function *functions = xcalloc(n + 1, sizeof(*functions));

	for (i = 0; i < machine->n; i++)
		fill_legacy(functions, machine->function[i]);
	for (i = 0; i < machine->n_left_out; i++)
		fill_legacy(functions, machine->left_out[i]);
	legacy_form_groups(functions, machine->n);

	first = parts_new(n);
	for (i = machine->n; i--;)
		first[functions[i].group] = i;
	for (i = 0; i < machine->n; i++)
		parts_join(root, i, first[functions[i].group]);
	free(first);
	for (i = 0; i < n; i++)
		free((void *)functions[i].aliases);
	free(functions);
}

/* What is behind VMD has its requester ID, and no way of its own */
static const struct function *dma_of(const struct function *function)
{
	return function->vmd ?: function;
}

static struct answer *ask(const struct machine *machine, enum policy policy, bool worst)
{
	struct answer *answers = xcalloc(machine->n + 1, sizeof(*answers));
	size_t *root = parts_new(machine->n), i;
	const struct function *function;

	assume_worst = worst;
	for (i = 0; i < machine->n; i++) {
		function = dma_of(machine->function[i]);
		answers[i].turn = iommu_pci_turning_point(&ops, function, NULL, NULL);
		answers[i].junction = answers[i].turn.function ?
				      junction_key(&answers[i].turn) : function_key(function);
	}
	if (policy == POLICY_LEGACY) {
		join_as_legacy(machine, root);
	} else {
		join_junctions(machine, answers, root);
		join_aliases(machine, root);
	}
	number(machine, root, answers);
	free(root);
	return answers;
}

/* How many members each group has */
static size_t *count(const struct answer *answers, size_t n)
{
	size_t *members = xcalloc(n + 1, sizeof(*members)), i;

	for (i = 0; i < n; i++)
		members[answers[i].group]++;
	return members;
}

static bool turns_at_left_out(const struct answer *answer)
{
	const struct function *turn = answer->turn.function;

	return turn && turn->left_out;
}

/* NULL for one that was left out */
static const char *name_of(const struct function *function)
{
	return function->left_out ? NULL : function->name;
}

static const char *cause_of(const struct iommu_pci_member *turn)
{
	if (!turn->function)
		return "isolated";
	if (turn->below || turn->desc.bus == IOMMU_PCI_SHARED_BUS)
		return "bridge";
	if (turn->desc.bus == IOMMU_PCI_SWITCH || iommu_pci_is_port(&turn->desc))
		return "acs";
	return "multifunction";
}

/* What is said besides the flags that are missing */
static void add_note(struct device *dev, const struct function *culprit)
{
	dev->remedy = acs_remedy(culprit);
	if (culprit->lacks.why)
		dev->note = xstrdup(culprit->lacks.why);
}

static const struct function *alias_of(const struct function *function)
{
	const struct machine *machine = function->machine;
	const struct function *other;
	size_t i;

	for (i = 0; i < machine->n; i++) {
		other = machine->function[i];
		if (other != function && other->domain == function->domain &&
		    other->bus == function->bus &&
		    (has_alias(function, other->devfn) || has_alias(other, function->devfn)))
			return other;
	}
	return NULL;
}

static void set_cause(struct device *dev, const char *cause)
{
	free(dev->cause);
	dev->cause = xstrdup(cause);
}

/* As the kernel has it in the file isolation */
static void explain(struct device *dev, const struct function *function,
		    const struct answer *answer)
{
	const struct function *culprit = answer->turn.function, *alias;

	dev->cause = xstrdup(cause_of(&answer->turn));
	if (!culprit) {
		alias = function->vmd ?: has_aliases(function) ? alias_of(function) : NULL;
		if (alias) {
			set_cause(dev, "alias");
			dev->culprit = xstrdup(alias->name);
		}
		return;
	}
	dev->culprit = xstrdup(name_of(culprit) ?: "?");
	dev->culprit_kind = function_kind(culprit);
	if (strcmp(dev->cause, "bridge")) {
		dev->lacks = acs_names(culprit->lacks.missing);
		add_note(dev, culprit);
	}
}

/*
 * In place of a reason, or beside it: what else might be in the group is not known. The
 * culprit of the worst answer is the one that would be it, if it is another one.
 */
static void doubt(struct device *dev, const struct answer *best, const struct answer *worst)
{
	const struct function *unknown = worst->turn.function;

	if (!unknown || unknown == best->turn.function) {
		dev->doubt = xstrdup("not known: whether others are in this group too");
		return;
	}
	dev->doubt = xprintf("not known: %s %s: %s", function_kind(unknown),
			     name_of(unknown) ?: "above it",
			     unknown->lacks.why ?: "what it is");
	if (strcmp(dev->cause, "isolated"))
		return;
	set_cause(dev, "unknown");
	dev->culprit = xstrdup(name_of(unknown) ?: "?");
}

static struct device *new_device(const struct function *function)
{
	struct device *dev = xcalloc(1, sizeof(*dev));

	dev->name = xstrdup(function->name);
	dev->own_name = xstrdup(function->name);
	dev->is_pci = true;
	dev->vendor = function->vendor;
	dev->device = function->device;
	dev->class = function->class;
	if (!function->has_ids || !function->has_class) {
		dev->title = function->title ? xstrdup(function->title) : NULL;
		dev->class_name = function->class_name ? xstrdup(function->class_name) : NULL;
	}
	if (function->driver)
		dev->driver = xstrdup(function->driver);
	return dev;
}

static struct group *group_at(struct groups *groups, size_t at, size_t members)
{
	struct group *group = groups->group[at];

	if (group)
		return group;
	group = xcalloc(1, sizeof(*group));
	group->id = at;
	group->certain = true;
	group->devices = xcalloc(members, sizeof(*group->devices));
	groups->group[at] = group;
	groups->n++;
	return group;
}

static struct device *add_device(struct group *group, const struct function *function)
{
	struct device *dev = new_device(function);

	dev->group = group;
	return group->devices[group->n++] = dev;
}

/* A group whose members turn around at a junction, and at which function */
struct turn {
	uint64_t junction;
	const struct function *culprit;
	struct group *group;
};

/* Those with a junction stand side by side, the lowest culprit first */
static int compare_turns(const void *a, const void *b)
{
	const struct turn *one = a, *other = b;

	if (one->junction != other->junction)
		return one->junction < other->junction ? -1 : 1;
	return one->culprit->index < other->culprit->index ? -1 :
	       one->culprit->index > other->culprit->index;
}

static int compare_junction(const void *key, const void *b)
{
	const uint64_t *junction = key;
	const struct turn *turn = b;

	return *junction < turn->junction ? -1 : *junction > turn->junction;
}

/* All that turn around, and where one that is on its way up can meet them */
struct way {
	struct turn *turns;
	size_t n;
	const struct group *group;
};

static void add_edge(struct group *group, int to, const struct function *culprit)
{
	struct edge *edge;
	size_t i;

	for (i = 0; i < group->n_edges; i++) {
		if (group->edges[i].to == to)
			return;
	}
	group->edges = xrealloc(group->edges, group->n_edges + 1, sizeof(*group->edges));
	edge = &group->edges[group->n_edges++];
	edge->to = to;
	edge->culprit = xstrdup(name_of(culprit) ?: "?");
	edge->lacks = acs_names(culprit->lacks.missing);
}

/* What turns around at a junction on the way of a function reaches it */
static void meet(const struct iommu_pci_member *member, void *data)
{
	struct way *way = data;
	uint64_t junction = junction_key(member);
	struct turn *turn = bsearch(&junction, way->turns, way->n, sizeof(*turn),
				    compare_junction);

	if (!turn)
		return;
	while (turn > way->turns && turn[-1].junction == junction)
		turn--;
	for (; turn < way->turns + way->n && turn->junction == junction; turn++) {
		if (turn->group != way->group)
			add_edge(turn->group, way->group->id, turn->culprit);
	}
}

static int compare_edges(const void *a, const void *b)
{
	const struct edge *one = a, *other = b;

	return one->to - other->to;
}

static void add_edges(const struct machine *machine, const struct answer *answers,
		      struct groups *groups)
{
	struct way way = { .turns = xcalloc(machine->n + 1, sizeof(*way.turns)) };
	size_t i;

	for (i = 0; i < machine->n; i++) {
		if (!answers[i].turn.function)
			continue;
		way.turns[way.n++] = (struct turn){
			.junction = answers[i].junction,
			.culprit = answers[i].turn.function,
			.group = groups->group[answers[i].group],
		};
	}
	qsort(way.turns, way.n, sizeof(*way.turns), compare_turns);
	for (i = 0; i < machine->n; i++) {
		way.group = groups->group[answers[i].group];
		iommu_pci_turning_point(&ops, dma_of(machine->function[i]), meet, &way);
	}
	free(way.turns);
	for (i = 0; i < groups->n; i++) {
		if (groups->group[i]->n_edges)
			qsort(groups->group[i]->edges, groups->group[i]->n_edges,
			      sizeof(struct edge), compare_edges);
	}
}

static bool turns_around_itself(const struct device *dev)
{
	return dev->cause && dev->culprit && !strcmp(dev->culprit, dev->own_name) &&
	       (!strcmp(dev->cause, "multifunction") || !strcmp(dev->cause, "bridge")) &&
	       dev->class >> 8 != CLASS_PCI_BRIDGE;
}

/* A function that is no bridge and lets through only what is its own, with nobody beside it */
static void clear_lone(struct groups *groups)
{
	struct device *dev;
	size_t i;

	for (i = 0; i < groups->n; i++) {
		dev = groups->group[i]->devices[0];
		if (groups->group[i]->n > 1 || !turns_around_itself(dev))
			continue;
		set_cause(dev, "isolated");
		free(dev->culprit);
		free(dev->lacks);
		free(dev->note);
		free(dev->remedy);
		dev->culprit = NULL;
		dev->lacks = NULL;
		dev->note = NULL;
		dev->remedy = NULL;
	}
}

struct groups *rule_groups(const struct machine *machine, enum policy policy)
{
	struct answer *worst = ask(machine, policy, true);
	struct answer *best = ask(machine, policy, false);
	size_t *in_best = count(best, machine->n), *in_worst = count(worst, machine->n), i;
	struct groups *groups = xcalloc(1, sizeof(*groups));
	struct group *group;
	struct device *dev;

	groups->group = xcalloc(machine->n + 1, sizeof(*groups->group));
	groups->root = xstrdup("");
	groups->sysfs = xstrdup("");
	for (i = 0; i < machine->n; i++) {
		group = group_at(groups, best[i].group, in_best[best[i].group]);
		dev = add_device(group, machine->function[i]);
		explain(dev, machine->function[i], &best[i]);
		if (in_best[best[i].group] != in_worst[worst[i].group] ||
		    turns_at_left_out(&worst[i]))
			doubt(dev, &best[i], &worst[i]);
		else if (machine->function[i]->is_bridge && !machine->function[i]->has_buses)
			dev->doubt = xstrdup("not known: the bus that it leads to");
		else if (quirk_is_behind_vmd(machine->function[i]) && !machine->function[i]->vmd)
			dev->doubt = xstrdup("not known: the VMD that it is behind");
		group->certain &= !dev->doubt;
	}
	clear_lone(groups);
	if (policy != POLICY_LEGACY)
		add_edges(machine, best, groups);
	groups->acs_assumed = machine->acs_as_set;
	groups->is_strict = policy == POLICY_STRICT;
	free(in_best);
	free(in_worst);
	free(best);
	free(worst);
	return groups;
}

static int compare_told(const void *a, const void *b)
{
	const struct function *one = *(const struct function **)a;
	const struct function *other = *(const struct function **)b;

	if (one->told_group != other->told_group)
		return one->told_group < other->told_group ? -1 : 1;
	return one->index < other->index ? -1 : one->index > other->index;
}

static const struct function **by_told_group(const struct machine *machine)
{
	const struct function **function = xcalloc(machine->n + 1, sizeof(*function));

	memcpy(function, machine->function, machine->n * sizeof(*function));
	qsort(function, machine->n, sizeof(*function), compare_told);
	return function;
}

static size_t end_of_told(const struct machine *machine, const struct function **function,
			  size_t i)
{
	int group = function[i]->told_group;

	while (i < machine->n && function[i]->told_group == group)
		i++;
	return i;
}

struct groups *rule_told(const struct machine *machine)
{
	struct groups *groups = xcalloc(1, sizeof(*groups));
	const struct function **function;
	struct group *group;
	size_t i, end;

	groups->group = xcalloc(machine->n + 1, sizeof(*groups->group));
	groups->root = xstrdup("");
	groups->sysfs = xstrdup("");
	function = by_told_group(machine);
	for (i = 0; i < machine->n; i = end) {
		end = end_of_told(machine, function, i);
		if (function[i]->told_group == NO_GROUP)
			continue;
		group = group_at(groups, groups->n, end - i);
		group->id = function[i]->told_group;
		for (; i < end; i++)
			add_device(group, function[i]);
	}
	free(function);
	if (groups->n)
		return groups;
	groups_free(groups);
	return NULL;
}

/* Of a device that the kernel has put into a group without saying why */
static void explain_told(struct device *dev, const struct function *function,
			 const struct answer *best, const struct answer *worst)
{
	explain(dev, function, best);
	if (best->junction != worst->junction || turns_at_left_out(worst))
		doubt(dev, best, worst);
	else if (!strcmp(dev->cause, "isolated") && dev->group->n > 1)
		set_cause(dev, "kernel");
}

void rule_explain(const struct machine *machine, struct groups *groups)
{
	struct answer *best = ask(machine, POLICY_STANDARD, false);
	struct answer *worst = ask(machine, POLICY_STANDARD, true);
	const struct function *function;
	struct device *dev;
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		for (j = 0; j < groups->group[i]->n; j++) {
			dev = groups->group[i]->devices[j];
			function = machine_find_name(machine, dev->own_name);
			if (function && !dev->cause)
				explain_told(dev, function, &best[function->index],
					     &worst[function->index]);
		}
	}
	clear_lone(groups);
	free(best);
	free(worst);
}

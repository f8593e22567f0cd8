// SPDX-License-Identifier: GPL-2.0-only
/*
 * The groups that Linux 6.12 forms of PCI functions, and this series by
 * iommu.isolation=legacy.
 *
 * Functions come one after another, and each looks for a group that is there:
 *
 * - on its way up, at bridges whose requester ID its requests take;
 * - from the last of these on, at each bridge that has a bridge without ACS above it, or has none
 *   itself;
 * - of what it came to by this: at those that share a requester ID with it, and at those of its
 *   slot if neither has ACS. It asks these in turn for whom they share an ID or a slot with.
 *
 * The first group that it meets is its own. If it meets none, it makes one.
 */

#include <linux/pci_regs.h>
#include <string.h>

#include "legacy.h"

#define DEVFNS		256
#define SLOT_OF(devfn)	((devfn) >> 3)

/* Functions of one bus, and which of them were asked */
struct search {
	const struct legacy_function *first;
	const struct legacy_function *end;
	bool asked[DEVFNS];
};

static bool takes_over_ids(const struct legacy_function *bridge)
{
	return bridge->type == LEGACY_CONVENTIONAL || bridge->type == PCI_EXP_TYPE_PCI_BRIDGE ||
	       bridge->type == PCI_EXP_TYPE_PCIE_BRIDGE;
}

/* Stops where there is a group, else at the last whose requester ID a function's requests take */
static const struct legacy_function *climb_by_ids(const struct legacy_function *function)
{
	const struct legacy_function *at = function->dma ? function->dma : function;
	const struct legacy_function *bridge;

	for (bridge = at->bridge; bridge && !bridge->translates; bridge = bridge->bridge) {
		if (at->group != LEGACY_NO_GROUP)
			break;
		if (takes_over_ids(bridge))
			at = bridge;
	}
	return at;
}

static bool way_has_acs(const struct legacy_function *bridge)
{
	for (; bridge; bridge = bridge->bridge) {
		if (!bridge->has_acs)
			return false;
	}
	return true;
}

static const struct legacy_function *climb_by_acs(const struct legacy_function *at)
{
	while (at->group == LEGACY_NO_GROUP && !way_has_acs(at->bridge))
		at = at->bridge;
	return at;
}

static bool is_on_bus(const struct legacy_function *a, const struct legacy_function *b)
{
	return a->domain == b->domain && a->bus == b->bus;
}

static bool uses_id_of(const struct legacy_function *a, const struct legacy_function *b)
{
	return (a->n_aliases && memchr(a->aliases, b->devfn, a->n_aliases)) || a->dma == b;
}

static bool share_an_id(const struct legacy_function *a, const struct legacy_function *b)
{
	return a != b && (uses_id_of(a, b) || uses_id_of(b, a));
}

static bool share_a_slot(const struct legacy_function *a, const struct legacy_function *b)
{
	return a != b && SLOT_OF(a->devfn) == SLOT_OF(b->devfn) && a->multifunction &&
	       !a->has_acs && !b->has_acs;
}

static int ask(struct search *search, const struct legacy_function *function);

static int ask_its_slot(struct search *search, const struct legacy_function *function)
{
	const struct legacy_function *other;
	int group = LEGACY_NO_GROUP;

	for (other = search->first; other < search->end && group == LEGACY_NO_GROUP; other++) {
		if (share_a_slot(function, other))
			group = ask(search, other);
	}
	return group;
}

static int ask(struct search *search, const struct legacy_function *function)
{
	const struct legacy_function *other;
	int group = function->group;

	if (search->asked[function->devfn])
		return LEGACY_NO_GROUP;
	search->asked[function->devfn] = true;

	for (other = search->first; other < search->end && group == LEGACY_NO_GROUP; other++) {
		if (!share_an_id(function, other))
			continue;
		group = ask(search, other);
		if (group == LEGACY_NO_GROUP)
			group = ask_its_slot(search, other);
	}
	return group;
}

static int find_group(const struct legacy_function *functions, size_t n,
		      const struct legacy_function *function)
{
	const struct legacy_function *at = climb_by_acs(climb_by_ids(function));
	struct search search = { .first = at, .end = at + 1 };
	int group;

	if (at->group != LEGACY_NO_GROUP)
		return at->group;

	while (search.first > functions && is_on_bus(search.first - 1, at))
		search.first--;
	while (search.end < functions + n && is_on_bus(search.end, at))
		search.end++;
	group = ask(&search, at);
	return group == LEGACY_NO_GROUP ? ask_its_slot(&search, at) : group;
}

void legacy_form_groups(struct legacy_function *functions, size_t n)
{
	int groups = 0;
	size_t i;

	for (i = 0; i < n; i++)
		functions[i].group = LEGACY_NO_GROUP;
	for (i = 0; i < n; i++) {
		functions[i].group = find_group(functions, n, &functions[i]);
		if (functions[i].group == LEGACY_NO_GROUP)
			functions[i].group = groups++;
	}
}

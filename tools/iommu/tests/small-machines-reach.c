// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whom the requests of a function can get to, told as what becomes of one request. It knows
 * nothing of groups, turning points or keys.
 *
 * A request leaves a function upwards, and passes a junction where that function stands, then one
 * where its bridge stands, and so on. At each it may be sent down to any member, if that through
 * which it comes lets it; also to that one, be it a port or another bridge. What is sent down to a
 * bridge may go to all below it.
 *
 *   place                 who meets there                        who sends all up
 *   root bus, below a     functions of one device: a slot, with  has ACS; or is no port, and its
 *   link                  ARI the bus. On a root bus no inert    device has no other function
 *                         host bridges, no event collectors
 *   below an upstream     all on the bus                         a port that has ACS
 *   port
 *   conventional bus      all on the bus, and its bridge         nobody
 *
 * Virtual functions meet nobody; their requests just go up. A bridge to a conventional bus, or to
 * PCI Express from one, puts its own requester ID on what comes from below. So what may be sent to
 * one of these may be sent to all of them, and what one sends counts as the bridge's.
 *
 * An IOMMU at a bridge sees what comes from below, unless the bridge sends it down again where it
 * stands. That bridge's own requester ID is not on it.
 */

#include "small-machines.h"

static bool is_conventional_below(const struct function *bridge)
{
	return bridge && (bridge->kind == PCI2PCI || bridge->kind == PCIE2PCI);
}

static bool is_switch_below(const struct function *bridge)
{
	return bridge && bridge->kind == UP;
}

/* For those below, so that it is one with them */
static bool sends_for_others(const struct function *function)
{
	return !function->translates &&
	       (is_conventional_below(function) || function->kind == PCI2PCIE);
}

static bool meets_nobody(const struct function *function)
{
	if (function->kind == VF)
		return true;
	return !function->bridge && (function->kind == INERT_HOST || function->kind == RCEC);
}

static bool sends_all_up(const struct function *function)
{
	if (meets_nobody(function))
		return true;
	if (is_conventional_below(function->bridge))
		return false;
	if (is_switch_below(function->bridge))
		return is_port(function) && function->has_acs;
	return function->has_acs || (!is_port(function) && !function->is_one_of_several);
}

static bool meet(const struct function *a, const struct function *b)
{
	if (a->bridge != b->bridge || meets_nobody(a) || meets_nobody(b))
		return false;
	return is_conventional_below(a->bridge) || is_switch_below(a->bridge) ||
	       is_one_device(a, b);
}

/* What is sent down to a function, and from it */
static u8 sent_down(const struct machine *machine, const struct function *function)
{
	const struct function *below = function + 1, *end = machine->function + machine->n;
	u8 reached = bit_of(machine, function);

	for (; below < end && below->depth > function->depth; below++)
		reached |= bit_of(machine, below);
	return reached;
}

static u8 sent_aside(const struct machine *machine, const struct function *function)
{
	const struct function *other, *end = machine->function + machine->n;
	u8 reached = 0;

	for (other = machine->function; other < end; other++) {
		if (meet(function, other))
			reached |= sent_down(machine, other);
	}
	return reached;
}

static u8 sent_by(const struct machine *machine, const struct function *function)
{
	const struct function *bridge = function->bridge;
	u8 reached = 0;

	if (sends_for_others(function))
		reached |= sent_down(machine, function);
	if (!sends_all_up(function))
		reached |= sent_aside(machine, function);
	if (!bridge || (bridge->translates && sends_all_up(bridge)))
		return reached;
	return reached | sent_by(machine, bridge);
}

void find_reach(const struct machine *machine, u8 reach[])
{
	unsigned int i;

	for (i = 0; i < machine->n; i++)
		reach[i] = sent_by(machine, &machine->function[i]);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: where a request of a PCI function can turn around.
 *
 * A request goes up from a function towards the root complex, where the IOMMU
 * is. At each junction on its way it can turn around and go down again, so that
 * the IOMMU never sees it, unless the member of the junction through which it
 * arrives stops that. ACS (PCI Express Base Specification 7.0, section 6.12) is
 * egress control: it restrains what comes from a member, or through it, and
 * protects that member from nobody.
 *
 *   junction          its members                      a member isolates if
 *   slot              functions of one device, or of   it has ACS; or it is no
 *                     the bus with ARI; on a root bus  root or downstream port
 *                     those of one slot                and bit 7 of the header
 *                                                      type of function 0 is
 *                                                      clear
 *   switch            ports on the internal bus, and   it is a port and has ACS
 *                     what else is found there
 *   conventional bus  its bridge and all that is on    never
 *                     it
 *
 * A bridge is a member of the junction that it stands in and, if it takes over
 * requester IDs, of the bus that it leads to; of the two the upper counts. What
 * turns around at a root or downstream port that does not isolate reaches the
 * port itself too, and all below it.
 *
 * An inert host bridge and a Root Complex Event Collector are neutral: on a root
 * bus they are no members of a slot. A virtual function is a member of nothing,
 * for by convention it is isolated from its physical function and from others,
 * as separate slots of a root bus are from each other.
 *
 * The turning point of a function is the topmost member on its way, itself
 * included, that does not isolate. All whose turning points are members of one
 * junction can reach each other: they are one group. A function without one is
 * alone. Whoever else has that junction on his way can be reached by this group,
 * and does not reach it: that is an edge from group to group.
 *
 * So a group follows from a function's own way. No other function is asked, and
 * the order in which functions are found does not matter.
 */

#ifdef __KERNEL__
#include <uapi/linux/pci_regs.h>
#else
#include <linux/pci_regs.h>
#endif

#include "iommu-group-isolation.h"

/* Which of a junction's members stop what comes through them */
enum isolates {
	ALWAYS,
	WITH_ACS,
	NEVER,
};

/**
 * iommu_pci_is_port() - Does a link, or a root port's slot, begin here?
 * @desc: of a function
 *
 * Context: Any.
 * Return: Whether it is a root port or a switch's downstream port.
 */
bool iommu_pci_is_port(const struct iommu_pci_function *desc)
{
	return desc->type == PCI_EXP_TYPE_ROOT_PORT ||
	       desc->type == PCI_EXP_TYPE_DOWNSTREAM;
}

/**
 * iommu_pci_bus_below() - What a bridge leads to
 * @type: PCI_EXP_TYPE_* of the bridge, or IOMMU_PCI_CONVENTIONAL
 *
 * Context: Any.
 * Return: The kind of its secondary bus.
 */
enum iommu_pci_bus iommu_pci_bus_below(u8 type)
{
	switch (type) {
	case IOMMU_PCI_CONVENTIONAL:
	case PCI_EXP_TYPE_PCI_BRIDGE:
		return IOMMU_PCI_SHARED_BUS;
	case PCI_EXP_TYPE_UPSTREAM:
		return IOMMU_PCI_SWITCH;
	default:
		return IOMMU_PCI_LINK;
	}
}

/*
 * Whether the requester ID of a bridge stands in requests that come from below it:
 * PCI Express to PCI/PCI-X Bridge Specification 1.0, section 2.3. An IOMMU at the
 * bridge still sees the IDs that it takes over.
 */
static bool takes_over_ids(const struct iommu_pci_function *bridge)
{
	return bridge->is_bridge && !bridge->translates &&
	       (iommu_pci_bus_below(bridge->type) == IOMMU_PCI_SHARED_BUS ||
		bridge->type == PCI_EXP_TYPE_PCIE_BRIDGE);
}

/* Where it stands, it neither reaches anybody nor is reached */
static bool is_neutral(const struct iommu_pci_function *desc)
{
	return desc->is_virtfn ||
	       (desc->bus == IOMMU_PCI_ROOT_BUS &&
		(desc->is_inert || desc->type == PCI_EXP_TYPE_RC_EC));
}

static enum isolates isolates_where_it_stands(const struct iommu_pci_function *desc)
{
	if (is_neutral(desc))
		return ALWAYS;

	switch (desc->bus) {
	case IOMMU_PCI_SHARED_BUS:
		return NEVER;
	case IOMMU_PCI_SWITCH:
		return iommu_pci_is_port(desc) ? WITH_ACS : NEVER;
	default:
		return iommu_pci_is_port(desc) || desc->multifunction ? WITH_ACS : ALWAYS;
	}
}

static void describe(const struct iommu_pci_ops *ops, const void *function,
		     struct iommu_pci_member *member)
{
	member->function = function;
	member->desc = (struct iommu_pci_function){};
	ops->describe(function, &member->desc);
}

static bool lets_through(const struct iommu_pci_ops *ops,
			 const struct iommu_pci_member *member)
{
	switch (isolates_where_it_stands(&member->desc)) {
	case NEVER:
		return true;
	case WITH_ACS:
		return !ops->has_acs(member->function);
	default:
		return false;
	}
}

/*
 * Above an IOMMU that ends the way, what a bridge sends for others it can send down
 * to them as well. Below it, they turn around there themselves, or higher.
 */
static void visit_bus_below(struct iommu_pci_member bridge,
			    iommu_pci_visit *visit, void *data)
{
	if (!takes_over_ids(&bridge.desc))
		return;
	bridge.below = true;
	visit(&bridge, data);
}

/**
 * iommu_pci_turning_point() - Where a function's requests turn around
 * @ops: how to look at functions
 * @function: the function
 * @visit: NULL, or called with what is a member of a junction on the way, itself
 *	included, from the lowest up. A group whose junction is among them can reach
 *	@function. Those that a bridge leads to are among them above an IOMMU that
 *	ends the way. Below it they are left out: who has such a junction on his way
 *	turns around there, or higher. So there are at most two for each bridge.
 * @data: passed to @visit
 *
 * The way ends at a bridge where the IOMMU is. If what comes from below turns
 * around at that bridge, it goes where the bridge's own requests go.
 *
 * Context: That of @ops and @visit. Costs what depends on the depth of @function
 * alone.
 * Return: The topmost member on its way that does not isolate; without a
 * function if each of them does, so that it is alone.
 */
struct iommu_pci_member
iommu_pci_turning_point(const struct iommu_pci_ops *ops, const void *function,
			iommu_pci_visit *visit, void *data)
{
	struct iommu_pci_member at = {}, turn = {};
	bool ended = false;
	const void *up;

	for (up = function; up; up = ops->upstream(up)) {
		describe(ops, up, &at);
		if (visit && ended)
			visit_bus_below(at, visit, data);
		if (visit && !is_neutral(&at.desc))
			visit(&at, data);
		if (ended)
			continue;
		if (lets_through(ops, &at)) {
			turn = at;
		} else if (takes_over_ids(&at.desc)) {
			turn = at;
			turn.below = true;
		}
		ended = at.desc.translates && up != function && turn.function != up;
	}
	return turn;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups by brute force. It shares no code and no notion with the kernel's rule,
 * which looks at one function's way alone: here no turning point is sought and
 * nothing is keyed, but all pairs are looked at.
 *
 * What a function sends climbs from bridge to bridge, until it comes to a root bus
 * or to a bridge that has an IOMMU. Where it passes others it may get to them:
 *
 * - From one function to the others of its device, and on a root bus of its slot,
 *   unless ACS has it go up. A function on its own sends up in any case, if it is
 *   no port: a port sends back down what ACS does not hold.
 * - On a switch's internal bus from one to all others there. Ports keep to ACS, and
 *   what else stands there has none that counts.
 * - On a conventional bus from each to all. All on it have the bridge's requester
 *   ID, so that what comes from one counts as what comes from the bridge too. So
 *   it is below a PCI to PCI Express bridge. With the IOMMU at the bridge itself,
 *   the bridge is not part of that.
 *
 * Getting to a function is getting to all below it. Left out, as sender and as
 * target, are virtual functions among those that they stand beside, and on a root
 * bus host bridges without memory and event collectors.
 *
 * What comes up to an IOMMU at a bridge ends there, but where the bridge itself
 * would turn it round: it is not better than the bridge's own.
 *
 * Functions that send by one requester ID count as one. Two that get to each other,
 * by others or directly, are in one group.
 */

#include <linux/bits.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "iommu_group_reference.h"

static bool is_type(struct igt_function *function, int type)
{
	return pci_is_pcie(function->pdev) &&
	       pci_pcie_type(function->pdev) == type;
}

static bool is_port(struct igt_function *function)
{
	return is_type(function, PCI_EXP_TYPE_ROOT_PORT) ||
	       is_type(function, PCI_EXP_TYPE_DOWNSTREAM);
}

static bool leads_to_conventional(struct igt_function *bridge)
{
	return !pci_is_pcie(bridge->pdev) ||
	       is_type(bridge, PCI_EXP_TYPE_PCI_BRIDGE);
}

static bool speaks_for_those_below(struct igt_function *bridge)
{
	return !bridge->is_xlate_root &&
	       (leads_to_conventional(bridge) ||
		is_type(bridge, PCI_EXP_TYPE_PCIE_BRIDGE));
}

/* By the header of function 0, of which the others know nothing; it has to be there */
static bool has_others(struct igt_function *function)
{
	if (function->is_virtfn)
		return false;
	if (function->bridge && function->bridge->leads_to_ari ?
	    function->devfn : PCI_FUNC(function->devfn))
		return true;
	return function->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MFD;
}

static bool has_memory(struct igt_function *function)
{
	return function->bars;
}

/* Memory in ports of this bus */
static bool port_has_memory(struct igt_fabric *fabric, struct igt_function *beside)
{
	int i;

	for (i = 0; i < fabric->n; i++) {
		struct igt_function *port = &fabric->function[i];

		if (port->bridge == beside->bridge && port->host == beside->host &&
		    is_port(port) && has_memory(port))
			return true;
	}
	return false;
}

/* What a capability does not offer is hard-wired to be on */
static bool all_acs_is_on(struct igt_fabric *fabric, struct igt_function *function)
{
	struct pci_dev *pdev = function->pdev;
	int acs = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ACS);
	u16 can, is;
	u32 vector;

	if (!acs)
		return false;
	pci_read_config_word(pdev, acs + PCI_ACS_CAP, &can);
	pci_read_config_word(pdev, acs + PCI_ACS_CTRL, &is);
	pci_read_config_dword(pdev, acs + PCI_ACS_EGRESS_CTL_V, &vector);
	if (can & ~is & (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF))
		return false;
	/* All vectors of fabrics have 8 bits */
	if (is & PCI_ACS_EC && (vector & 0xff) != 0xff)
		return false;
	if (!(can & PCI_ACS_ENHANCED))
		return true;
	if (port_has_memory(fabric, function) && !(is & PCI_ACS_DSP_MT))
		return false;
	return !function->bridge || !has_memory(function->bridge) ||
	       is & PCI_ACS_USP_MT;
}

/* Only PCI Express functions, and of those no bridges to others and no collectors */
static bool redirects(struct igt_fabric *fabric, struct igt_function *function)
{
	if (!pci_is_pcie(function->pdev) ||
	    is_type(function, PCI_EXP_TYPE_PCI_BRIDGE) ||
	    is_type(function, PCI_EXP_TYPE_PCIE_BRIDGE) ||
	    is_type(function, PCI_EXP_TYPE_RC_EC))
		return false;
	return all_acs_is_on(fabric, function);
}

static bool is_left_out(struct igt_function *function)
{
	if (function->is_virtfn)
		return true;
	if (function->bridge)
		return false;
	return is_type(function, PCI_EXP_TYPE_RC_EC) ||
	       (function->pdev->class >> 8 == PCI_CLASS_BRIDGE_HOST &&
		!function->bars);
}

static bool sends_sideways(struct igt_fabric *fabric, struct igt_function *function)
{
	struct igt_function *bridge = function->bridge;

	if (is_left_out(function))
		return false;
	if (bridge && leads_to_conventional(bridge))
		return true;
	if (bridge && is_type(bridge, PCI_EXP_TYPE_UPSTREAM))
		return !is_port(function) || !redirects(fabric, function);
	return (is_port(function) || has_others(function)) &&
	       !redirects(fabric, function);
}

static bool is_beside(struct igt_function *a, struct igt_function *b)
{
	if (a->host != b->host || a->bridge != b->bridge || is_left_out(b))
		return false;
	if (a->bridge && (leads_to_conventional(a->bridge) ||
			  is_type(a->bridge, PCI_EXP_TYPE_UPSTREAM)))
		return true;
	return igt_is_one_device(a, b);
}

static u64 all_below(struct igt_fabric *fabric, struct igt_function *top)
{
	u64 below = 0;
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (igt_is_below(&fabric->function[i], top))
			below |= BIT_ULL(i);
	}
	return below;
}

static u64 all_beside(struct igt_fabric *fabric, struct igt_function *function)
{
	u64 beside = 0;
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (is_beside(function, &fabric->function[i]))
			beside |= all_below(fabric, &fabric->function[i]);
	}
	return beside;
}

static u64 reach_of(struct igt_fabric *fabric, struct igt_function *function)
{
	u64 reach = BIT_ULL(function - fabric->function);
	struct igt_function *at = function, *bridge;

	for (; at; at = bridge) {
		if (sends_sideways(fabric, at))
			reach |= all_beside(fabric, at);
		bridge = at->bridge;
		/* A bridge that speaks for others speaks by what it sends itself, too */
		if (speaks_for_those_below(at) && at->pdev->subordinate)
			reach |= all_below(fabric, at);
		if (bridge && bridge->is_xlate_root &&
		    !sends_sideways(fabric, bridge))
			break;
	}
	return reach;
}

static bool has_id(struct igt_function *function, int devfn)
{
	return function->devfn == devfn || function->alias == devfn;
}

static bool share_an_id(struct igt_function *a, struct igt_function *b)
{
	if (a->host != b->host || a->bridge != b->bridge || a == b)
		return false;
	return has_id(a, b->devfn) || (b->alias >= 0 && has_id(a, b->alias));
}

/* Whom a function counts as one with, or reaches by that; not yet by others */
static u64 ties_of(struct igt_reference *reference, struct igt_fabric *fabric, int i)
{
	u64 ties = reference->reach[i];
	int j;

	for (j = 0; j < fabric->n; j++) {
		if (!share_an_id(&fabric->function[i], &fabric->function[j]))
			continue;
		ties |= BIT_ULL(j);
		reference->has_aliases = true;
	}
	return ties;
}

void igt_make_reference(struct igt_reference *reference,
			struct igt_fabric *fabric)
{
	u64 closed[IGT_REFERENCE_FUNCTIONS];
	int i, j;

	memset(reference, 0, sizeof(*reference));
	for (i = 0; i < fabric->n; i++) {
		reference->reach[i] = reach_of(fabric, &fabric->function[i]);
		closed[i] = ties_of(reference, fabric, i);
	}
	for (j = 0; j < fabric->n; j++) {
		for (i = 0; i < fabric->n; i++) {
			if (closed[i] & BIT_ULL(j))
				closed[i] |= closed[j];
		}
	}
	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < fabric->n; j++) {
			if (closed[i] & BIT_ULL(j) && closed[j] & BIT_ULL(i))
				reference->group[i] |= BIT_ULL(j);
		}
	}
}

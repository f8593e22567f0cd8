// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: what the kernel knows of functions by their IDs.
 *
 * The IDs are those of drivers/pci/quirks.c, from which quirks.awk makes quirks.inc when
 * lsiommu is built. What the kernel does about them is here, by the names of its functions.
 * A dump may have names in place of IDs. Then those of the tables are looked up, and a
 * function of such a name is taken for one of them.
 */

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "lsiommu.h"
#include "machine.h"

#define ANY_ID		0xffff

enum what {
	pci_disable_broken_acs_cap,
	pci_quirk_al_acs,
	pci_quirk_amd_sb_acs,
	pci_quirk_brcm_acs,
	pci_quirk_cavium_acs,
	pci_quirk_intel_pch_acs,
	pci_quirk_intel_spt_pch_acs,
	pci_quirk_loongson_acs,
	pci_quirk_mf_endpoint_acs,
	pci_quirk_nxp_rp_acs,
	pci_quirk_qcom_rp_acs,
	pci_quirk_rciep_acs,
	pci_quirk_wangxun_nic_acs,
	pci_quirk_xgene_acs,
	pci_quirk_zhaoxin_pcie_ports_acs,
	quirk_aspeed_pci_bridge_no_alias,
	quirk_bridge_cavm_thrx2_pcie_root,
	quirk_dma_func0_alias,
	quirk_dma_func1_alias,
	quirk_fixed_dma_alias,
	quirk_mic_x200_dma_alias,
	quirk_pex_vca_alias,
	quirk_plx_ntb_dma_alias,
	quirk_use_pcie_bridge_dma_alias,
};

struct quirk {
	unsigned int vendor;
	unsigned int device;
	enum what what;
};

/* From the first to the last; all zeros at the end of a list */
struct ids {
	unsigned int first;
	unsigned int last;
};

#include "quirks.inc"

static bool has_device(const struct function *function, unsigned int vendor,
		       unsigned int first, unsigned int last)
{
	unsigned int device;

	if (function->has_ids)
		return function->device >= first && function->device <= last;
	for (device = first; device <= last; device++) {
		if (name_is_of(function->title, vendor, device))
			return true;
	}
	return false;
}

static bool is_of(const struct function *function, const struct quirk *quirk)
{
	if (function->has_ids && function->vendor != quirk->vendor)
		return false;
	if (!function->has_ids && !name_is_of_vendor(function->title, quirk->vendor))
		return false;
	return quirk->device == ANY_ID ||
	       has_device(function, quirk->vendor, quirk->device, quirk->device);
}

static bool is_among(const struct function *function, const struct quirk *quirk,
		     const struct ids *ids)
{
	for (; ids->last; ids++) {
		if (has_device(function, quirk->vendor, ids->first, ids->last))
			return true;
	}
	return false;
}

static bool is_root_port(const struct function *function)
{
	return function->type == PCI_EXP_TYPE_ROOT_PORT;
}

static bool isolates(struct acs *acs)
{
	acs->missing = 0;
	return true;
}

static bool isolates_as_set(struct acs *acs, const char *why)
{
	acs->assumed = true;
	acs->why = why;
	return isolates(acs);
}

/*
 * Its control register stands two bytes behind its place, where lspci -vvv does not look,
 * and all kernels with an IOMMU set it.
 */
static bool answer_of_dwords(const struct function *function, struct acs *acs)
{
	if (function->acs == ACS_ABSENT)
		return false;
	if (function->acs != ACS_READ || function->acs_printed)
		return isolates_as_set(acs, "lspci -vvv does not show its ACS control register");
	acs->missing = function->acs_cap & ~function->acs_ctl &
		       (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF);
	return true;
}

/* False if it leaves the question to the next one */
static bool answer(const struct function *function, const struct quirk *quirk, struct acs *acs)
{
	switch (quirk->what) {
	case pci_quirk_amd_sb_acs:
		return function->multifunction && !function->bridge &&
		       isolates_as_set(acs, "the kernel asks the IVRS table");
	case pci_quirk_cavium_acs:
		return is_root_port(function) &&
		       is_among(function, quirk, pci_quirk_cavium_acs_match_ids) &&
		       isolates(acs);
	case pci_quirk_zhaoxin_pcie_ports_acs:
		if (!function_is_port(function))
			return false;
		return !is_among(function, quirk, pci_quirk_zhaoxin_pcie_ports_acs_ids) ||
		       isolates(acs);
	case pci_quirk_wangxun_nic_acs:
		return !is_among(function, quirk, pci_quirk_wangxun_nic_acs_ids) ||
		       isolates(acs);
	case pci_quirk_intel_pch_acs:
		return is_root_port(function) &&
		       is_among(function, quirk, pci_quirk_intel_pch_acs_ids) &&
		       isolates_as_set(acs, "the chipset's registers are out of reach");
	case pci_quirk_intel_spt_pch_acs:
		return quirk_has_dwords(function) && answer_of_dwords(function, acs);
	case pci_quirk_al_acs:
		return is_root_port(function) && isolates(acs);
	case pci_quirk_rciep_acs:
		return function->type == PCI_EXP_TYPE_RC_END && isolates(acs);
	default:
		return isolates(acs);
	}
}

bool quirk_has_dwords(const struct function *function)
{
	static const struct quirk any = { .vendor = 0x8086, .device = ANY_ID };

	return is_root_port(function) && is_of(function, &any) &&
	       is_among(function, &any, pci_quirk_intel_spt_pch_acs_match_ids);
}

bool quirk_of_acs(const struct function *function, struct acs *acs)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(acs_quirks); i++) {
		if (!is_of(function, &acs_quirks[i]))
			continue;
		if (answer(function, &acs_quirks[i], acs)) {
			acs->quirk = true;
			return true;
		}
	}
	return false;
}

static void add_alias(struct function *function, unsigned int devfn)
{
	if (devfn != function->devfn)
		function->aliases[devfn / 64] |= 1ull << devfn % 64;
}

static void add_aliases(struct function *function, unsigned int first, unsigned int n)
{
	for (; n; first++, n--)
		add_alias(function, first);
}

static void apply(struct function *function, enum what what)
{
	unsigned int slot = function->devfn & ~7u;

	switch (what) {
	case pci_disable_broken_acs_cap:	/* what it cannot control counts as always on */
		function->acs_cap &= ~PCI_ACS_SV;
		break;
	case quirk_bridge_cavm_thrx2_pcie_root:
		function->translates = true;
		break;
	case quirk_dma_func0_alias:
		add_alias(function, slot);
		break;
	case quirk_dma_func1_alias:
		add_alias(function, slot | 1);
		break;
	case quirk_fixed_dma_alias:	/* for two boards of this ID, which have it as one */
		add_alias(function, 1 << 3);
		break;
	case quirk_mic_x200_dma_alias:
		add_alias(function, 0x10 << 3);
		add_alias(function, 0x11 << 3);
		add_alias(function, 0x12 << 3 | 3);
		break;
	case quirk_pex_vca_alias:
		for (slot = 0; slot < 32; slot++)
			add_aliases(function, slot << 3, 5);
		break;
	case quirk_plx_ntb_dma_alias:
		add_aliases(function, 0, 256);
		break;
	default:	/* of bridges that share the group of what is below them anyway */
		break;
	}
}

/* Linux numbers the domains behind VMDs from here on, and no others */
#define VMD_DOMAINS	0x10000

/* As drivers/pci/controller/vmd.c has them */
static bool is_vmd(const struct function *function)
{
	static const struct quirk vmd = { .vendor = 0x8086 };
	static const struct ids ids[] = {
		{ 0x201d, 0x201d }, { 0x28c0, 0x28c1 }, { 0x467f, 0x467f }, { 0x4c3d, 0x4c3d },
		{ 0x7d0b, 0x7d0b }, { 0x9a0b, 0x9a0b }, { 0xa77f, 0xa77f }, { 0xad0b, 0xad0b },
		{ 0xb06f, 0xb06f }, { 0xb07f, 0xb07f }, { 0xb60b, 0xb60b }, { 0xd70b, 0xd70b },
		{ 0xd73b, 0xd73b }, { }
	};

	if (function->driver)
		return !strcmp(function->driver, "vmd");
	if (function->has_ids)
		return function->vendor == vmd.vendor && is_among(function, &vmd, ids);
	return function->title && strstr(function->title, "Volume Management Device");
}

bool quirk_is_behind_vmd(const struct function *function)
{
	return function->domain >= VMD_DOMAINS;
}

static bool starts_domain(const struct machine *machine, size_t i)
{
	return !i || machine->function[i]->domain != machine->function[i - 1]->domain;
}

/* The first VMD by address makes the first domain. If there are more of one, none is sure */
static void place_behind_vmd(struct machine *machine)
{
	const struct function **vmds = xcalloc(machine->n + 1, sizeof(*vmds)), **vmd = vmds;
	size_t i, first, n_vmds = 0, n_domains = 0;

	for (i = 0; i < machine->n && !quirk_is_behind_vmd(machine->function[i]); i++) {
		if (is_vmd(machine->function[i]))
			vmds[n_vmds++] = machine->function[i];
	}
	first = i;
	for (; i < machine->n; i++)
		n_domains += starts_domain(machine, i);
	for (i = first; i < machine->n && n_vmds == n_domains; i++) {
		vmd += i > first && starts_domain(machine, i);
		machine->function[i]->vmd = *vmd;
	}
	free(vmds);
}

void quirks_apply(struct machine *machine)
{
	size_t i, j;

	for (i = 0; i < machine->n; i++) {
		for (j = 0; j < ARRAY_SIZE(fixups); j++) {
			if (is_of(machine->function[i], &fixups[j]))
				apply(machine->function[i], fixups[j].what);
		}
	}
	place_behind_vmd(machine);
}

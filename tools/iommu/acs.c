// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: what the ACS of a function lacks, as the kernel would find it (PCI Express Base
 * Specification 7.0, sections 6.12 and 7.7.11).
 */

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "lsiommu.h"
#include "machine.h"

/* What the headers of older systems do not have */
#define ACS_ENHANCED	0x0080
#define ACS_DSP_MT	0x0300
#define ACS_DSP_MT_RR	0x0200
#define ACS_USP_MT	0x0c00
#define ACS_USP_MT_RR	0x0800

static const char may_be_vf[] =
	"whether it is a virtual function is not in the dump (run lspci -vvv as root)";

#define ISOLATING	(PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/* To others the specification gives none */
static bool applies_to(const struct function *function)
{
	switch (function->type) {
	case IOMMU_PCI_CONVENTIONAL:
	case PCI_EXP_TYPE_PCIE_BRIDGE:
	case PCI_EXP_TYPE_PCI_BRIDGE:
	case PCI_EXP_TYPE_RC_EC:
		return false;
	default:
		return true;
	}
}

static bool ports_have_memory(const struct function *port)
{
	const struct function *other;
	unsigned int devfn;

	for (devfn = 0; devfn < 256; devfn++) {
		other = machine_find(port->machine, port->domain, port->bus, devfn);
		if (other && function_is_port(other) && other->has_memory_bar)
			return true;
	}
	return false;
}

static unsigned int open_memory(const struct function *port, unsigned int ctl)
{
	unsigned int open = 0;

	if (!(ctl & ACS_DSP_MT) && ports_have_memory(port))
		open |= ACS_DSP_MT;
	if (!(ctl & ACS_USP_MT) && port->bridge && port->bridge->has_memory_bar)
		open |= ACS_USP_MT;
	return open;
}

static struct acs unknown(const char *why)
{
	return (struct acs){ .missing = ISOLATING, .unknown = true, .why = why };
}

/* The control register, or what Linux would set it to */
static unsigned int control_of(const struct function *function)
{
	unsigned int ctl = function->acs_ctl;

	if (!function->machine->acs_as_set)
		return ctl;
	if (function->acs_cap & ACS_ENHANCED)
		ctl |= ACS_DSP_MT_RR | ACS_USP_MT_RR;
	return (ctl | (function->acs_cap & ISOLATING)) & ~PCI_ACS_EC;
}

/* Who has a capability cannot control all of it: the rest is always on */
static struct acs acs_by_registers(const struct function *function)
{
	unsigned int ctl = control_of(function);
	struct acs acs = { .assumed = function->machine->acs_as_set };

	/* Only part of its registers was read before it went */
	if (function->acs_ctl == 0xffff)
		return unknown("its ACS control register reads as ones");
	acs.missing = function->acs_cap & ~ctl & ISOLATING;
	if (function_is_port(function) && function->acs_cap & ACS_ENHANCED)
		acs.missing |= open_memory(function, ctl);
	if (acs.missing & PCI_ACS_RR || !(ctl & PCI_ACS_EC) || function->egress_redirects)
		return acs;
	if (function->acs_printed && !acs.missing)
		return unknown("lspci -vvv does not show the vector of its Egress Control");
	acs.missing |= PCI_ACS_RR;
	acs.why = "its Egress Control lets some pass";
	return acs;
}

/* By its name, where the registers of its physical function are not there to tell */
static bool may_be_virtfn(const struct function *function)
{
	return function->title && strcasestr(function->title, "Virtual Function");
}

static struct acs find_acs(const struct function *function)
{
	struct acs acs = { .missing = ISOLATING };

	if (function->left_out)
		return unknown(function->unread);
	if (quirk_of_acs(function, &acs))
		return acs;
	if (function->type == TYPE_UNKNOWN)
		return unknown(function->unread ?: "its capabilities are not known");
	if (!applies_to(function))
		return acs;
	if (!function_is_port(function) && !function->multifunction) {
		acs.missing = 0;
		return acs;
	}
	switch (function->acs) {
	case ACS_NOT_READ:
		return unknown(function->unread ?: "its ACS capability is not known");
	case ACS_ABSENT:
		if (may_be_virtfn(function))
			return unknown(may_be_vf);
		acs.why = "it has no ACS capability";
		return acs;
	case ACS_HALF_READ:
		return unknown("the registers of its ACS capability are not known");
	default:
		return acs_by_registers(function);
	}
}

struct acs acs_of(const struct function *function)
{
	struct acs acs = find_acs(function);

	acs.basic = acs.missing & ISOLATING;
	if (acs.basic && function->acs == ACS_READ && !acs.quirk && applies_to(function))
		acs.basic = function->acs_cap & ~function->acs_ctl & ISOLATING;
	return acs;
}

bool acs_is_off(const struct machine *machine)
{
	bool known = false;
	size_t i;

	for (i = 0; i < machine->n; i++) {
		/* There was an IOMMU, and what it found is what counts */
		if (machine->function[i]->told_group != NO_GROUP)
			return false;
		if (machine->function[i]->acs != ACS_READ)
			continue;
		if (machine->function[i]->acs_ctl & ISOLATING)
			return false;
		known |= machine->function[i]->acs_cap & ISOLATING;
	}
	return known;
}

char *acs_names(unsigned int flags)
{
	static const struct {
		unsigned int flag;
		const char *name;
	} names[] = {
		{ PCI_ACS_SV, "SV" },
		{ PCI_ACS_RR, "RR" },
		{ PCI_ACS_CR, "CR" },
		{ PCI_ACS_UF, "UF" },
		{ ACS_DSP_MT, "DSPMT" },
		{ ACS_USP_MT, "USPMT" },
	};
	char *text = NULL, *before;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(flags & names[i].flag))
			continue;
		before = text;
		text = xprintf("%s%s%s", before ?: "", before ? "," : "", names[i].name);
		free(before);
	}
	return text;
}

/*
 * A digit for each of seven flags, the lowest one last. What has an x gets the value that
 * firmware has left, also where the kernel would have set it otherwise. So each flag that
 * isolates is named. The kernel does not apply this where the registers have 32 bits.
 */
char *acs_remedy(const struct function *function)
{
	unsigned int wanted = function->acs_cap & ISOLATING, flag;
	bool egress = function->acs_ctl & PCI_ACS_EC;
	char digits[] = "xxxxxxx";

	if (function->acs != ACS_READ || quirk_has_dwords(function))
		return NULL;
	if (!(wanted & function->lacks.missing))
		return NULL;
	for (flag = 0; flag < 7; flag++) {
		if (wanted & 1u << flag)
			digits[6 - flag] = '1';
		else if (egress && PCI_ACS_EC == 1u << flag)
			digits[6 - flag] = '0';
	}
	return xprintf("pci=config_acs=%s@%s", digits, function->name);
}

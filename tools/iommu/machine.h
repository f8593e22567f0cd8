/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lsiommu: the PCI functions of a machine, whatever they were read from: this machine's
 * registers, a copy of /sys, what lspci printed, or a fabric of the kernel's tests.
 *
 * What could not be read is unknown, and is not taken for absent.
 */
#ifndef LSIOMMU_MACHINE_H
#define LSIOMMU_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lsiommu.h"

struct machine;

/* In place of a PCI_EXP_TYPE_* or IOMMU_PCI_CONVENTIONAL */
#define TYPE_UNKNOWN	(-1)

#define NO_GROUP	(-1)

/* Why nothing is known of a function that does not answer */
#define ASLEEP	"it was asleep (D3cold), and its registers read as ones"

/**
 * enum acs_registers - what is known of a function's ACS capability
 * @ACS_NOT_READ: nothing, see @unread of struct function
 * @ACS_ABSENT: the function has none
 * @ACS_HALF_READ: it has one, of which the registers are not known
 * @ACS_READ: its registers are known
 */
enum acs_registers {
	ACS_NOT_READ,
	ACS_ABSENT,
	ACS_HALF_READ,
	ACS_READ,
};

/**
 * struct acs - what a function's ACS lacks of isolating, and how that is known
 * @missing: flags, 0 if it isolates
 * @basic: those of SV, RR, CR and UF alone, at which Linux 6.12 looks
 * @unknown: that was not read; @missing is what may be missing
 * @why: why not, or what @missing rests on, NULL if on its registers alone
 * @quirk: a quirk of the kernel has answered
 * @assumed: it counts as a kernel with an IOMMU sets it
 */
struct acs {
	unsigned int missing;
	unsigned int basic;
	bool unknown;
	const char *why;
	bool quirk;
	bool assumed;
};

/**
 * struct function - a PCI function
 * @machine: that it is of
 * @name: its address with domain
 * @domain: of the address
 * @bus: of the address
 * @devfn: of the address, as PCI_DEVFN()
 * @index: in its machine
 * @left_out: no function, but a place for bridges above others, of which nothing was told
 * @bridge: that leads to its bus, NULL on a root bus
 * @vmd: does its DMA and so gives it its requester ID, NULL for a function that is behind no VMD
 * @below: the first function of those whose bridge it is
 * @beside: the next one with the same bridge
 * @has_ids: are @vendor and @device known?
 * @vendor: ID
 * @device: ID
 * @has_class: is @class known?
 * @class: with the programming interface, 24 bits
 * @class_name: as lspci printed it, NULL if it did not
 * @title: vendor and device, as lspci printed them, NULL if it did not
 * @driver: that is bound to it, NULL if none is told
 * @told_group: its group as a kernel told it, or NO_GROUP
 * @type: PCI_EXP_TYPE_*, IOMMU_PCI_CONVENTIONAL or TYPE_UNKNOWN
 * @has_details: a dump has its capabilities, or that it has none
 * @has_gaps: lines of its registers are missing in a dump
 * @unread: why capabilities are not known, NULL if they are
 * @is_bridge: leads to a bus
 * @has_buses: are @secondary and @subordinate known?
 * @secondary: that bus, 0 if it is not set up
 * @subordinate: the last bus below it
 * @has_header: is @header_bit known?
 * @header_bit: bit 7 of its header type
 * @multifunction: as struct iommu_pci_function has it
 * @is_virtfn: virtual function (SR-IOV)
 * @has_bar: has a BAR
 * @has_memory_bar: has one for memory
 * @leads_to_ari: forwards to a device with ARI
 * @translates: the IOMMU is at this bridge
 * @acs: what is known of its ACS capability
 * @acs_cap: the capability register
 * @acs_ctl: the control register
 * @acs_printed: the registers are what lspci -vvv printed
 * @egress_redirects: each bit of its egress control vector is set
 * @n_vfs: virtual functions that it has enabled
 * @vf_offset: from its requester ID to that of the first of them
 * @vf_stride: from each of them to the next
 * @lacks: what its ACS lacks, once machine_connect() has been called
 * @aliases: a bit for each devfn of its bus whose requester ID it may use as well
 */
struct function {
	const struct machine *machine;
	char *name;
	unsigned int domain;
	unsigned int bus;
	unsigned int devfn;
	size_t index;
	bool left_out;
	struct function *bridge;
	const struct function *vmd;
	struct function *below;
	struct function *beside;

	bool has_ids;
	unsigned int vendor;
	unsigned int device;
	bool has_class;
	unsigned int class;
	char *class_name;
	char *title;
	char *driver;
	int told_group;

	int type;
	bool has_details;
	bool has_gaps;
	const char *unread;
	bool is_bridge;
	bool has_buses;
	unsigned int secondary;
	unsigned int subordinate;
	bool has_header;
	bool header_bit;
	bool multifunction;
	bool is_virtfn;
	bool has_bar;
	bool has_memory_bar;
	bool leads_to_ari;
	bool translates;

	enum acs_registers acs;
	unsigned int acs_cap;
	unsigned int acs_ctl;
	bool acs_printed;
	bool egress_redirects;

	unsigned int n_vfs;
	unsigned int vf_offset;
	unsigned int vf_stride;
	uint64_t aliases[4];

	struct acs lacks;
};

/**
 * struct machine - all functions
 * @function: by address, once machine_connect() has been called
 * @n: their number
 * @room: for so many
 * @acs_as_set: ACS was nowhere on, so that it counts as a kernel with an IOMMU sets it
 * @left_out: places for bridges of which nothing was told
 * @n_left_out: their number
 */
struct machine {
	struct function **function;
	size_t n;
	size_t room;
	bool acs_as_set;
	struct function **left_out;
	size_t n_left_out;
};

/* machine.c */
struct machine *machine_new(void);
void machine_free(struct machine *machine);
/* The function at an address; it is made if there is none */
struct function *machine_at(struct machine *machine, unsigned int domain, unsigned int bus,
			    unsigned int devfn);
/* NULL if there is none; only after machine_connect() */
struct function *machine_find(const struct machine *machine, unsigned int domain,
			      unsigned int bus, unsigned int devfn);
struct function *machine_find_name(const struct machine *machine, const char *name);
/* When all functions are there: who is below whom, and what follows from that */
void machine_connect(struct machine *machine);
/* All but its address, for there is another one at it */
void function_forget(struct function *function);
/* Are the IDs of all that have names known? */
bool machine_has_ids(const struct machine *machine);
/* For errors and reasons, as "root port" */
const char *function_kind(const struct function *function);
/* A root port, or a switch's downstream port? */
bool function_is_port(const struct function *function);

/* config.c: of this machine or a copy of its /sys; NULL, and a message, if it cannot be read */
struct machine *config_read_sysfs(const char *sysfs);
/* Registers as lspci -x prints them, in an open file, for functions that are there already */
void config_read_hex(struct machine *machine, FILE *hex);

/* dump.c: what lspci printed, or a fabric; "-" is standard input. NULL, and a message, if not */
struct machine *dump_read(const char *path);
/* In two steps, for what may be something else. The caller frees the text */
char *dump_text(const char *path);
struct machine *dump_of_text(const char *text, const char *path);
/* plain.c: makes it a string, for which there is room behind it */
void make_plain(char *text, size_t len);
/* lspci.c */
struct machine *lspci_read(const char *text);
/* fabric.c */
bool fabric_is(const char *text);
struct machine *fabric_read(const char *text, const char *path);
void fabric_write(const struct machine *machine, FILE *out);

/* acs.c */
struct acs acs_of(const struct function *function);
/* Whether the rule of ACS is off everywhere, as on machines that use no IOMMU */
bool acs_is_off(const struct machine *machine);
/* "SV,RR", NULL for none. The caller frees it */
char *acs_names(unsigned int flags);
/* What would switch on what is missing: pci=config_acs=xx111x1@0000:00:1c.0; NULL for nothing */
char *acs_remedy(const struct function *function);

/* quirks.c: what the kernel knows by IDs */
/* Does a quirk answer for the ACS of a function, and what? */
bool quirk_of_acs(const struct function *function, struct acs *acs);
/* Is its ACS control register where the dword after that of the capability is? */
bool quirk_has_dwords(const struct function *function);
/* Is its domain one that only VMD makes? */
bool quirk_is_behind_vmd(const struct function *function);
/* DMA aliases, bridges at which the IOMMU is, and what is behind VMD */
void quirks_apply(struct machine *machine);

/* rule.c */
enum policy {
	POLICY_STANDARD,
	POLICY_STRICT,		/* whose groups are those of standard */
	POLICY_LEGACY,
};

/* The groups that there would be; numbers are given in the order of their first functions */
struct groups *rule_groups(const struct machine *machine, enum policy policy);
/* Why devices of the groups that there are share them, where the kernel does not tell */
void rule_explain(const struct machine *machine, struct groups *groups);

/* audit.c: groups that were told beside those that the registers ask for */
enum status audit(const struct machine *machine, const struct groups *told);
/* The groups that a dump tells of its kernel, NULL if it tells none */
struct groups *rule_told(const struct machine *machine);

/* diff.c: @path is of what lsiommu -J printed, a dump or a copy of /sys */
enum status diff(const struct groups *now, const char *path, enum policy policy);

#endif /* LSIOMMU_MACHINE_H */

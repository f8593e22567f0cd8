// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: functions from their registers, by libpci: those of this machine or of a copy of
 * its /sys, and those that lspci -x printed.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "lsiommu.h"
#include "machine.h"

#define CONFIG_SIZE	4096
#define CONVENTIONAL	0xff	/* as IOMMU_PCI_CONVENTIONAL, whose header has types of its own */

static struct pci_access *open_access(int method, char *param, char *value)
{
	struct pci_access *access = new_pci_access();

	access->method = method;
	pci_set_param(access, param, value);
	pci_init(access);
	return access;
}

/* As much as can be read: to those who are not root the kernel shows 64 bytes */
static int read_all(struct pci_dev *pdev, u8 *config)
{
	static const int sizes[] = { CONFIG_SIZE, 256, 64 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (pci_read_block(pdev, 0, config, sizes[i]))
			return sizes[i];
	}
	return 0;
}

static void read_header(struct function *function, struct pci_dev *pdev)
{
	unsigned int type = pci_read_byte(pdev, PCI_HEADER_TYPE), bars, bar, value;
	unsigned int vendor = pci_read_word(pdev, PCI_VENDOR_ID);

	function->has_header = true;
	function->header_bit = type & 0x80;
	if (vendor != 0xffff && vendor) {
		function->has_ids = true;
		function->vendor = vendor;
		function->device = pci_read_word(pdev, PCI_DEVICE_ID);
	} else if (vendor == 0xffff) {
		/* A virtual function has its IDs from its physical one, and ones in their place */
		function->is_virtfn = true;
	}
	function->has_class = true;
	function->class = pci_read_long(pdev, PCI_CLASS_REVISION) >> 8;
	type &= 0x7f;
	function->is_bridge = type == PCI_HEADER_TYPE_BRIDGE || type == PCI_HEADER_TYPE_CARDBUS;
	if (function->is_bridge) {
		function->has_buses = true;
		function->secondary = pci_read_byte(pdev, PCI_SECONDARY_BUS);
		function->subordinate = pci_read_byte(pdev, PCI_SUBORDINATE_BUS);
	}
	bars = type == PCI_HEADER_TYPE_NORMAL ? 6 : type == PCI_HEADER_TYPE_BRIDGE ? 2 : 0;
	for (bar = 0; bar < bars; bar++) {
		value = pci_read_long(pdev, PCI_BASE_ADDRESS_0 + 4 * bar);
		if (!value)
			continue;
		function->has_bar = true;
		if (!(value & PCI_BASE_ADDRESS_SPACE_IO))
			function->has_memory_bar = true;
	}
}

static bool egress_redirects(struct pci_dev *pdev, int at, unsigned int cap)
{
	int bits = (cap >> 8 & 0xff) ?: 256;
	u32 wanted;

	for (at += PCI_ACS_EGRESS_CTRL; bits > 0; bits -= 32, at += 4) {
		wanted = bits < 32 ? (1u << bits) - 1 : ~0u;
		if ((pci_read_long(pdev, at) & wanted) != wanted)
			return false;
	}
	return true;
}

static bool acs_may_be_missing(const struct function *function, struct pci_dev *pdev, int at)
{
	unsigned int ctl = pci_read_word(pdev, at + PCI_ACS_CTRL);

	return !pci_read_word(pdev, at + PCI_ACS_CAP) || !ctl || ctl & PCI_ACS_CTRL_EGRESS ||
	       quirk_has_dwords(function);
}

static void read_acs(struct function *function, struct pci_dev *pdev, int size)
{
	struct pci_cap *acs = pci_find_cap(pdev, PCI_EXT_CAP_ID_ACS, PCI_CAP_EXTENDED);
	int control = PCI_ACS_CTRL;

	if (!acs) {
		if (function->type == CONVENTIONAL || (size == CONFIG_SIZE && !function->has_gaps))
			function->acs = ACS_ABSENT;
		return;
	}
	/* A line that is missing in a dump reads as zeros */
	if (function->has_gaps && acs_may_be_missing(function, pdev, acs->addr)) {
		if (function->acs != ACS_READ)
			function->acs = ACS_HALF_READ;
		return;
	}
	/* Where the kernel reads it, by a quirk of theirs */
	if (quirk_has_dwords(function))
		control = PCI_ACS_CAP + 4;
	function->acs = ACS_READ;
	function->acs_printed = false;
	function->acs_cap = pci_read_word(pdev, acs->addr + PCI_ACS_CAP);
	function->acs_ctl = pci_read_word(pdev, acs->addr + control);
	if (function->acs_cap == 0xffff) {
		function->acs = ACS_NOT_READ;
		function->unread = "its ACS capability reads as ones";
		return;
	}
	function->egress_redirects = egress_redirects(pdev, acs->addr, function->acs_cap);
}

static void read_virtual_functions(struct function *function, struct pci_dev *pdev)
{
	struct pci_cap *iov = pci_find_cap(pdev, PCI_EXT_CAP_ID_SRIOV, PCI_CAP_EXTENDED);

	if (!iov || !(pci_read_word(pdev, iov->addr + PCI_IOV_CTRL) & PCI_IOV_CTRL_VFE))
		return;
	function->n_vfs = pci_read_word(pdev, iov->addr + PCI_IOV_NUMVF);
	function->vf_offset = pci_read_word(pdev, iov->addr + PCI_IOV_OFFSET);
	function->vf_stride = pci_read_word(pdev, iov->addr + PCI_IOV_STRIDE);
}

static void read_express(struct function *function, struct pci_dev *pdev)
{
	struct pci_cap *express = pci_find_cap(pdev, PCI_CAP_ID_EXP, PCI_CAP_NORMAL);

	if (!express) {
		if (function->type == TYPE_UNKNOWN && !function->has_gaps)
			function->type = CONVENTIONAL;
		return;
	}
	function->type = (pci_read_word(pdev, express->addr + PCI_EXP_FLAGS) &
			  PCI_EXP_FLAGS_TYPE) >> 4;
	function->leads_to_ari = pci_read_word(pdev, express->addr + PCI_EXP_DEVCTL2) &
				 PCI_EXP_DEVCTL2_ARI;
}

/* @beyond: why there is no more than the first 64 or 256 bytes */
static void read_function(struct function *function, struct pci_dev *pdev, const char *beyond)
{
	u8 config[CONFIG_SIZE];
	int size = read_all(pdev, config);

	if (!size) {
		if (function->type == TYPE_UNKNOWN)
			function->unread = "its registers cannot be read";
		return;
	}
	pci_setup_cache(pdev, config, size);
	/* What is known from before it fell asleep, or is written beside it, stays */
	if (config[PCI_HEADER_TYPE] == 0xff) {
		if (function->type == TYPE_UNKNOWN)
			function->unread = ASLEEP;
		return;
	}
	read_header(function, pdev);
	if (size == 64) {
		if (function->type == TYPE_UNKNOWN)
			function->unread = beyond;
		return;
	}
	pci_fill_info(pdev, PCI_FILL_CAPS | (size == CONFIG_SIZE ? PCI_FILL_EXT_CAPS : 0));
	read_express(function, pdev);
	if (size < CONFIG_SIZE && function->type != CONVENTIONAL && function->acs == ACS_NOT_READ)
		function->unread = beyond;
	else
		function->unread = NULL;
	read_acs(function, pdev, size);
	read_virtual_functions(function, pdev);
}

/* libpci keeps what pci_setup_cache() was given, which is gone by now */
static void forget(struct pci_dev *pdev)
{
	pci_setup_cache(pdev, NULL, 0);
}

void config_read_hex(struct machine *machine, FILE *hex)
{
	char *path = xprintf("/proc/self/fd/%d", fileno(hex));
	struct pci_access *access = open_access(PCI_ACCESS_DUMP, "dump.name", path);
	struct pci_dev *pdev;

	pci_scan_bus(access);
	for (pdev = access->devices; pdev; pdev = pdev->next) {
		read_function(machine_at(machine, pdev->domain, pdev->bus,
					 pdev->dev << 3 | pdev->func), pdev,
			      "its extended capabilities are not in the dump (run lspci -xxxx or -vvv as root)");
		forget(pdev);
	}
	pci_cleanup(access);
	free(path);
}

/* What leads to the bus of a function has the directory that the function's is in */
static struct function *bridge_above(struct machine *machine, const char *devices,
				     const struct function *function)
{
	unsigned int domain, bus, slot, func;
	char *way = link_read(devices, function->name), *last;
	struct function *bridge = NULL;

	last = way ? strrchr(way, '/') : NULL;
	if (last)
		*last = '\0';
	last = last ? strrchr(way, '/') : NULL;
	if (last && sscanf(last, "/%x:%x:%x.%x", &domain, &bus, &slot, &func) == 4)
		bridge = machine_at(machine, domain, bus, slot << 3 | func);
	free(way);
	return bridge;
}

/* Where registers cannot be read /sys tells at least who is below whom, and what is a bridge */
static void place(struct machine *machine, const char *devices, struct function *function,
		  struct pci_dev *pdev)
{
	struct function *bridge = bridge_above(machine, devices, function);

	pci_fill_info(pdev, PCI_FILL_CLASS | PCI_FILL_IDENT);
	function->has_class = true;
	function->class = pdev->device_class << 8;
	function->has_ids = true;
	function->vendor = pdev->vendor_id;
	function->device = pdev->device_id;
	if (!bridge || bridge->has_buses)
		return;
	bridge->is_bridge = true;
	bridge->secondary = pdev->bus;
	bridge->subordinate = pdev->bus;
}

static bool is_virtfn(const char *devices, const struct function *function)
{
	char *dir = xprintf("%s/%s", devices, function->name);
	bool is = file_exists(dir, "physfn");

	free(dir);
	return is;
}

struct machine *config_read_sysfs(const char *sysfs)
{
	const char *beyond = geteuid() ?
			     "its capabilities can be read by root alone (run lsiommu as root)" :
			     "its extended capabilities are out of reach";
	char *path = xprintf("%s/bus/pci", sysfs), *devices = xprintf("%s/devices", path);
	struct machine *machine = machine_new();
	struct pci_access *access;
	struct function *function;
	struct pci_dev *pdev;

	access = open_access(PCI_ACCESS_SYS_BUS_PCI, "sysfs.path", path);
	pci_scan_bus(access);
	for (pdev = access->devices; pdev; pdev = pdev->next) {
		function = machine_at(machine, pdev->domain, pdev->bus,
				      pdev->dev << 3 | pdev->func);
		read_function(function, pdev, beyond);
		function->is_virtfn = is_virtfn(devices, function);
		if (!function->has_header)
			place(machine, devices, function, pdev);
		forget(pdev);
	}
	pci_cleanup(access);
	free(devices);
	free(path);
	machine_connect(machine);
	return machine;
}

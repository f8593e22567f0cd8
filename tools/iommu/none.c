// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: why there are no groups, from what firmware and the kernel's command line say, and
 * which PCI devices are in none
 */

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include <fts.h>

#include "lsiommu.h"

/* A place in a table of ACPI, a driver and a parameter, each for what an IOMMU is called */
struct iommu_kind {
	const char *table;	/* by which firmware tells of it */
	const char *name;
	const char *off;	/* the kernel's parameter that switches it off */
	const char *on;		/* and the one that many kernels need, NULL for none */
	const char *config;
	const char *log;	/* what to look for in the kernel's log */
};

static const struct iommu_kind x86_iommus[] = {
	{ "DMAR", "VT-d", "intel_iommu=off", "intel_iommu=on", "CONFIG_INTEL_IOMMU", "DMAR" },
	{ "IVRS", "AMD-Vi", "amd_iommu=off", NULL, "CONFIG_AMD_IOMMU", "AMD-Vi" },
	{ "VIOT", "virtio-iommu", NULL, NULL, "CONFIG_VIRTIO_IOMMU", "viommu" },
};

static const struct iommu_kind arm_iommus[] = {
	{ "IORT", "SMMU", NULL, NULL, "CONFIG_ARM_SMMU and CONFIG_ARM_SMMU_V3", "smmu" },
	{ "VIOT", "virtio-iommu", NULL, NULL, "CONFIG_VIRTIO_IOMMU", "viommu" },
};

static char *read_proc(const struct groups *groups, const char *file)
{
	char *proc = xprintf("%s/proc", groups->root), *text = file_read_in(proc, file);

	free(proc);
	return text;
}

static bool has_in(const struct groups *groups, const char *dir, const char *file)
{
	char *path = xprintf("%s/%s", groups->sysfs, dir);
	bool has = file_exists(path, file);

	free(path);
	return has;
}

/* Kernels before 6.1 do not tell, but their processors do */
static enum arch arch_of_cpuinfo(const struct groups *groups)
{
	char *text = read_proc(groups, "cpuinfo");
	enum arch arch = ARCH_OTHER;

	if (text && (strstr(text, "GenuineIntel") || strstr(text, "AuthenticAMD") ||
		     strstr(text, "HygonGenuine") || strstr(text, "CentaurHauls")))
		arch = ARCH_X86;
	else if (text && strstr(text, "CPU implementer"))
		arch = ARCH_ARM;
	free(text);
	return arch;
}

static enum arch arch_of_name(const char *name)
{
	if (!strcmp(name, "x86_64") || (name[0] == 'i' && !strcmp(name + 2, "86")))
		return ARCH_X86;
	if (!strcmp(name, "aarch64") || !strncmp(name, "arm", 3))
		return ARCH_ARM;
	return ARCH_OTHER;
}

enum arch arch_of(const struct groups *groups)
{
	char *name = read_proc(groups, "sys/kernel/arch");
	enum arch arch = name && *name ? arch_of_name(name) : arch_of_cpuinfo(groups);
	struct utsname here;

	free(name);
	if (arch == ARCH_OTHER && !strcmp(groups->root, "/") && !uname(&here))
		return arch_of_name(here.machine);
	return arch;
}

bool cmdline_has(const struct groups *groups, const char *word)
{
	char *text = read_proc(groups, "cmdline"), *rest = text, *next;
	size_t len = strlen(word);
	bool has = false;

	/* A value may be one of several, as in intel_iommu=on,sm_on */
	while ((next = strsep(&rest, " ")))
		has |= !strncmp(next, word, len) && (!next[len] || next[len] == ',');
	free(text);
	return has;
}

static bool is_virtual_machine(const struct groups *groups)
{
	char *text = read_proc(groups, "cpuinfo");
	bool is = text && strstr(text, " hypervisor");

	free(text);
	return is;
}

static bool is_xen(const struct groups *groups)
{
	char *dir = xprintf("%s/hypervisor", groups->sysfs), *type = file_read_in(dir, "type");
	bool is = type && !strcmp(type, "xen");

	free(type);
	free(dir);
	return is;
}

static bool has_table(const struct groups *groups, const char *table)
{
	return has_in(groups, "firmware/acpi/tables", table);
}

/* NULL for neither: what is said of an IOMMU that firmware tells of */
static char *why_off(const struct groups *groups, const struct iommu_kind *kind)
{
	const char *off = NULL;

	if (kind->off && cmdline_has(groups, kind->off))
		off = kind->off;
	else if (kind->off && cmdline_has(groups, "iommu=off"))
		off = "iommu=off";
	if (off)
		return xprintf("%s on the kernel's command line switches %s off; %s", off,
			       kind->name, "take it away and boot again");
	if (kind->on && !cmdline_has(groups, kind->on))
		return xprintf("the machine has %s (its firmware has a table %s), %s %s; %s",
			       kind->name, kind->table,
			       "but many kernels use it only if their command line has", kind->on,
			       "add that and boot again");
	return NULL;
}

static char *why_not(const struct groups *groups, const struct iommu_kind *kind)
{
	char *text = why_off(groups, kind);

	return text ?:
	       xprintf("firmware has a table %s, but no driver of %s serves a device; %s %s %s %s'",
		       kind->table, kind->name, "see that the kernel was built with", kind->config,
		       "and look at 'dmesg | grep -i", kind->log);
}

/* NULL if firmware has none of these tables */
static char *why_by_tables(const struct groups *groups, const struct iommu_kind *kinds, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (has_table(groups, kinds[i].table))
			return why_not(groups, &kinds[i]);
	}
	return NULL;
}

static char *why_on_x86(const struct groups *groups)
{
	char *text = why_by_tables(groups, x86_iommus, ARRAY_SIZE(x86_iommus));

	if (text)
		return text;
	if (is_xen(groups))
		return xprintf("%s",
			       "Xen keeps the IOMMU for itself; give devices to guests by Xen's tools, as 'xl pci-assignable-add'");
	if (!has_in(groups, "firmware/acpi", "tables"))
		return NULL;
	if (is_virtual_machine(groups))
		return xprintf("%s",
			       "this is a virtual machine without an IOMMU (no table DMAR, IVRS or VIOT); have its host give it one, as QEMU does with -device intel-iommu");
	return xprintf("%s",
		       "firmware tells of no IOMMU (no table DMAR, IVRS or VIOT); switch VT-d or AMD-Vi on in the firmware's setup, where it may be called IOMMU or SVM and be hidden under CPU or chipset");
}

/* What the device tree says of IOMMUs */
struct tree {
	bool has_host_bridge;
	bool has_map;		/* from a PCI host bridge to an IOMMU */
	bool has_iommu;
};

static bool is_text(const char *path, const char *wanted)
{
	char *text = file_read(path);
	bool is = text && !strcmp(text, wanted);

	free(text);
	return is;
}

static void take_property(struct tree *tree, const FTSENT *entry)
{
	if (!strcmp(entry->fts_name, "device_type"))
		tree->has_host_bridge |= is_text(entry->fts_accpath, "pci");
	else if (!strcmp(entry->fts_name, "iommu-map"))
		tree->has_map = true;
	else if (!strcmp(entry->fts_name, "#iommu-cells"))
		tree->has_iommu = true;
}

static struct tree read_tree(const struct groups *groups)
{
	char *base = xprintf("%s/firmware/devicetree", groups->sysfs), *paths[] = { base, NULL };
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct tree tree = {};
	FTSENT *entry;

	while (fts && (entry = fts_read(fts))) {
		if (entry->fts_info == FTS_F)
			take_property(&tree, entry);
	}
	if (fts)
		fts_close(fts);
	free(base);
	return tree;
}

/* NULL if there is no device tree with PCI in it */
static char *why_by_tree(const struct groups *groups)
{
	struct tree tree = read_tree(groups);

	if (!tree.has_host_bridge)
		return NULL;
	if (!tree.has_iommu)
		return xprintf("%s",
			       "the device tree has no IOMMU: this board cannot give PCI devices to guests");
	if (!tree.has_map)
		return xprintf("%s",
			       "the device tree has an IOMMU, but none for PCI (no iommu-map at a host bridge): this board cannot give PCI devices to guests");
	return xprintf("%s",
		       "the device tree has an IOMMU for PCI, but no driver serves it: see that its node is not disabled, that the kernel was built with its driver, and what 'dmesg | grep -i iommu' says");
}

static char *why_on_arm(const struct groups *groups)
{
	char *text = why_by_tables(groups, arm_iommus, ARRAY_SIZE(arm_iommus));

	if (text)
		return text;
	if (has_in(groups, "firmware/acpi", "tables"))
		return xprintf("%s",
			       "firmware tells of no SMMU (no table IORT or VIOT); switch it on in the firmware's setup, or look for newer firmware");
	return why_by_tree(groups);
}

/* Where nothing is told, for everybody */
static char *why(const struct groups *groups)
{
	enum arch arch = arch_of(groups);
	char *text;

	if (arch == ARCH_X86)
		text = why_on_x86(groups);
	else if (arch == ARCH_ARM)
		text = why_on_arm(groups);
	else
		text = why_by_tree(groups);
	return text ?:
	       xprintf("%s",
		       "switch the IOMMU (VT-d, AMD-Vi, SMMU) on in the firmware's setup, and see that the kernel's command line does not have intel_iommu=off, amd_iommu=off or iommu=off; many kernels use VT-d only if it has intel_iommu=on");
}

void warn_of_no_groups(const struct groups *groups)
{
	char *text = why(groups);

	warn("there are no IOMMU groups: %s", text);
	free(text);
}

static bool is_in_group(const struct groups *groups, const char *devices, const char *name)
{
	char *dir = xprintf("%s/%s", devices, name);
	char *link = link_read(dir, "iommu_group");
	bool is = link || groups_find(groups, name);

	free(link);
	free(dir);
	return is;
}

/* As a group, whose ID is none */
static struct group *read_ungrouped(const struct groups *groups)
{
	char *devices = xprintf("%s/bus/pci/devices", groups->sysfs), **names;
	struct group *none = xcalloc(1, sizeof(*none));
	int i, n = dir_read(devices, &names);

	none->id = -1;
	none->devices = xcalloc(n > 0 ? n : 1, sizeof(*none->devices));
	for (i = 0; i < n; i++) {
		if (!is_in_group(groups, devices, names[i]))
			none->devices[none->n++] = device_read_from(none, devices, names[i]);
	}
	dir_free(names);
	free(devices);
	return none;
}

static void print_ungrouped_device(const struct device *dev)
{
	char *text = description(dev);

	printf("  ");
	print_clean(stdout, dev->name);
	printf("%s%s\n", text ? " " : "", text ?: "");
	free(text);
}

bool print_ungrouped(const struct groups *groups, const struct selection *selection)
{
	struct group *none = read_ungrouped(groups);
	bool printed = false;
	size_t i;

	for (i = 0; i < none->n; i++) {
		if (!selected(selection, none->devices[i]))
			continue;
		if (!printed)
			puts("In no group (no IOMMU serves them), so that no guest can have them:");
		print_ungrouped_device(none->devices[i]);
		printed = true;
	}
	group_free(none);
	return printed;
}

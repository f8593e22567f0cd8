// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: what a device and its machine are like, as far as it matters for a guest:
 * virtual functions, VMD, resets, and interrupts that nothing remaps
 */

#include <stdlib.h>
#include <string.h>

#include "check.h"

static char *driver_of(const struct groups *groups, const char *address)
{
	char *dir = device_dir(groups, address), *driver = link_read_name(dir, "driver");

	free(dir);
	return driver;
}

static bool is_given_address(const struct check *check, const char *address)
{
	int i;

	for (i = 0; i < check->n; i++) {
		if (!strcmp(check->given[i]->own_name, address))
			return true;
	}
	return false;
}

static void check_virtual_function(struct check *check, const struct device *dev)
{
	char *dir = device_dir(check->groups, dev->own_name);
	char *pf = link_read_name(dir, "physfn"), *driver;

	free(dir);
	if (!pf)
		return;
	driver = driver_of(check->groups, pf);
	if (is_given_address(check, pf))
		finding_of_device(&check->obstacles, "vf-and-pf", dev,
				  "%s is a virtual function of %s, and goes away when that is given to a guest; leave out one of them",
				  dev->name, pf)->is_never = true;
	else if (driver && is_vfio(driver))
		finding_of_device(&check->notes, "vf", dev,
				  "%s is a virtual function of %s, which %s has: programs need the token that was set there, as QEMU's vf-token",
				  dev->name, pf, driver);
	else
		finding_of_device(&check->notes, "vf", dev,
				  "%s is a virtual function of %s: it goes away when that loses its driver%s%s, and each boot has to make it anew by sriov_numvfs",
				  dev->name, pf, driver ? " " : "", driver ?: "");
	free(driver);
	free(pf);
}

/* "../../../devices/pci0000:00/0000:00:0e.0/pci10000:e0/10000:e1:00.0": the one before last pci */
static char *vmd_above(const struct groups *groups, const struct device *dev)
{
	char *devices = xprintf("%s/bus/pci/devices", groups->sysfs);
	char *path = link_read(devices, dev->own_name), *rest = path, *part, *before = NULL;
	char *vmd = NULL;

	while ((part = strsep(&rest, "/"))) {
		/* A domain of its own below a function */
		if (!strncmp(part, "pci", 3) && before && strchr(before, '.') && *before != '.') {
			free(vmd);
			vmd = xstrdup(before);
		}
		before = part;
	}
	free(path);
	free(devices);
	return vmd;
}

static void check_vmd(struct check *check, const struct device *dev)
{
	char *vmd = vmd_above(check->groups, dev);
	struct finding *finding;

	if (!vmd)
		return;
	finding = finding_of_device(&check->obstacles, "vmd-child", dev,
				    "%s is behind %s (VMD), whose driver vmd makes it, and takes it away when it is unbound",
				    dev->name, vmd);
	finding->is_never = true;
	advise(finding,
	       "give %s with all that is behind it, or switch VMD off in the firmware's setup",
	       vmd);
	free(vmd);
}

/* Does the kernel list them? That of a device without any is not there */
static bool lists_resets(const struct groups *groups)
{
	char *devices = xprintf("%s/bus/pci/devices", groups->sysfs), **names, *dir;
	int i, n = dir_read(devices, &names);
	bool lists = false;

	for (i = 0; i < n && !lists; i++) {
		dir = device_dir(groups, names[i]);
		lists = file_exists(dir, "reset_method");
		free(dir);
	}
	dir_free(names);
	free(devices);
	return lists;
}

/*
 * Linux lists them since 5.15. Before, a file that one can only write tells that there are
 * any; if a copy has such files, it has "remove", which all functions of PCI have.
 */
static bool lacks_reset(const struct groups *groups, const char *dir)
{
	char *methods = file_read_in(dir, "reset_method");
	bool is_listed = file_exists(dir, "reset_method");
	bool has_any = methods && *methods;

	free(methods);
	if (is_listed)
		return !has_any;
	return !file_exists(dir, "reset") && (file_exists(dir, "remove") || lists_resets(groups));
}

static void check_reset(struct check *check, const struct device *dev)
{
	char *dir = device_dir(check->groups, dev->own_name);

	if (lacks_reset(check->groups, dir))
		finding_of_device(&check->notes, "no-reset", dev,
				  "%s has no way to be reset alone: what one guest leaves in it the next one finds, and it may not work again before the host has booted",
				  dev->name);
	free(dir);
}

void check_traits(struct check *check, const struct device *dev)
{
	if (!dev->is_pci)
		return;
	check_virtual_function(check, dev);
	check_vmd(check, dev);
	check_reset(check, dev);
}

/* As the module has it, or will when it is loaded */
static bool may_go_without(const struct groups *groups, const char *module)
{
	char *dir = xprintf("%s/module/%s/parameters", groups->sysfs, module);
	char *text = file_read_in(dir, "allow_unsafe_interrupts");
	char *word = xprintf("%s.allow_unsafe_interrupts=1", module);
	bool may = text ? *text == 'Y' : cmdline_has(groups, word);

	free(word);
	free(text);
	free(dir);
	return may;
}

/*
 * Of x86, where the names of the chips of remapped interrupts begin with IR-. Other
 * architectures have interrupt controllers that keep devices apart.
 */
static bool lacks_remapping(const struct groups *groups)
{
	char *proc, *text;
	bool lacks;

	if (arch_of(groups) != ARCH_X86)
		return false;
	proc = xprintf("%s/proc", groups->root);
	text = file_read_in(proc, "interrupts");
	lacks = text && (strstr(text, "PCI-MSI") || strstr(text, "IO-APIC")) &&
		!strstr(text, " IR-");
	free(text);
	free(proc);
	return lacks;
}

void check_machine(struct check *check)
{
	const struct groups *groups = check->groups;
	struct finding *finding;
	bool was_switched_off;

	if (!lacks_remapping(groups))
		return;
	if (may_go_without(groups, "vfio_iommu_type1") || may_go_without(groups, "iommufd")) {
		finding_add(&check->notes, "interrupts",
			    "interrupts are not remapped, and allow_unsafe_interrupts has VFIO go without that: a guest can send the host any interrupt");
		return;
	}
	finding = finding_add(&check->obstacles, "interrupts",
			      "interrupts are not remapped (no chip in /proc/interrupts is named IR-...), so that VFIO refuses all devices");
	was_switched_off = cmdline_has(groups, "intremap=off") || cmdline_has(groups, "nointremap");
	advise(finding, "%s; %s", was_switched_off ?
	       "take intremap=off or nointremap from the kernel's command line and boot again" :
	       "switch interrupt remapping on in the firmware's setup (VT-d, x2APIC), or in QEMU by intremap=on",
	       "only where you trust the guest, allow_unsafe_interrupts=1 of the module vfio_iommu_type1, or of iommufd, has it go without");
}

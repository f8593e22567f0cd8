// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: what is told of a device besides its group. It is read when a column is shown that
 * needs it, and is NULL where it is not there or must not be read.
 */

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pci/pci.h>

#include "lsiommu.h"

/* Where the extended capabilities begin */
#define EXTENDED	0x100

static const char block[] = "class/block", net[] = "class/net", usb[] = "bus/usb/devices";

/* What the host uses, and the PCI function that is nearest above it */
struct child {
	const char *class;
	char *name;
	char *parent;
};

static char *dir_of(const struct facts *facts, const struct device *dev)
{
	return xprintf("%s/kernel/iommu_groups/%d/devices/%s", facts->groups->sysfs,
		       dev->group->id, dev->name);
}

static char *text_in(const struct facts *facts, const struct device *dev, const char *file)
{
	char *dir = dir_of(facts, dev), *text = file_read_in(dir, file);

	free(dir);
	return text;
}

static char *target_of(const struct facts *facts, const struct device *dev, const char *link)
{
	char *dir = dir_of(facts, dev), *target = link_read_name(dir, link);

	free(dir);
	return target;
}

char *fact_reset(struct facts *facts, const struct device *dev)
{
	return text_in(facts, dev, "reset_method");
}

/* What is no number is none to tell, as a node of -1 */
static char *digits_in(const struct facts *facts, const struct device *dev, const char *file)
{
	char *text = text_in(facts, dev, file);

	if (!text || (*text && strspn(text, "0123456789") == strlen(text)))
		return text;
	free(text);
	return NULL;
}

char *fact_numa(struct facts *facts, const struct device *dev)
{
	return digits_in(facts, dev, "numa_node");
}

char *fact_iommu(struct facts *facts, const struct device *dev)
{
	return target_of(facts, dev, "iommu");
}

char *fact_pf(struct facts *facts, const struct device *dev)
{
	return target_of(facts, dev, "physfn");
}

char *fact_vfs(struct facts *facts, const struct device *dev)
{
	return digits_in(facts, dev, "sriov_numvfs");
}

static bool number_in(const struct facts *facts, const struct device *dev, const char *file,
		      unsigned int *number)
{
	char *text = text_in(facts, dev, file);
	char more;
	bool good = text && sscanf(text, "%x%c", number, &more) == 1;

	free(text);
	return good;
}

char *fact_subsystem(struct facts *facts, const struct device *dev)
{
	unsigned int vendor, device;

	if (!number_in(facts, dev, "subsystem_vendor", &vendor) ||
	    !number_in(facts, dev, "subsystem_device", &device) || (!vendor && !device))
		return NULL;
	return xprintf("%04x:%04x", vendor, device);
}

static void add_word(char **text, const char *word)
{
	char *before = *text;

	*text = xprintf("%s%s%s", before ?: "", before ? " " : "", word);
	free(before);
}

char *fact_vfio(struct facts *facts, const struct device *dev)
{
	char *dir = dir_of(facts, dev), *path = xprintf("%s/vfio-dev", dir), *text = NULL, **names;
	int i, n = dir_read(path, &names);

	for (i = 0; i < n; i++)
		add_word(&text, names[i]);
	dir_free(names);
	free(path);
	free(dir);
	return text;
}

/* The last PCI function on the way to what a link leads to */
static char *function_above(const char *dir, const char *link)
{
	static const struct address any = { -1, -1, -1, -1 };
	char *target = link_read(dir, link), *rest = target, *part, *found = NULL;

	while ((part = strsep(&rest, "/"))) {
		if (address_matches(&any, part))
			found = part;
	}
	found = found ? xstrdup(found) : NULL;
	free(target);
	return found;
}

static bool is_partition(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	bool is = file_exists(path, "partition");

	free(path);
	return is;
}

/* Of USB not the root hub, which the controller has itself, nor the interfaces of a device */
static bool is_child(const char *class, const char *dir, const char *name)
{
	if (class == usb)
		return strncmp(name, "usb", 3) && !strchr(name, ':');
	return !is_partition(dir, name);
}

static void add_child(struct facts *facts, const char *class, const char *dir, const char *name)
{
	struct child *child;
	char *parent;

	if (!is_child(class, dir, name))
		return;
	parent = function_above(dir, name);
	if (!parent)
		return;
	facts->children = xrealloc(facts->children, facts->n_children + 1, sizeof(*child));
	child = &facts->children[facts->n_children++];
	*child = (struct child) { class, xstrdup(name), parent };
}

static void read_class(struct facts *facts, const char *class)
{
	char *dir = xprintf("%s/%s", facts->groups->sysfs, class);
	char **names;
	int i, n = dir_read(dir, &names);

	for (i = 0; i < n; i++)
		add_child(facts, class, dir, names[i]);
	dir_free(names);
	free(dir);
}

static char *children_of(struct facts *facts, const struct device *dev, const char *class)
{
	const struct child *child;
	char *text = NULL;
	size_t i;

	if (!facts->has_children) {
		read_class(facts, block);
		read_class(facts, net);
		read_class(facts, usb);
		facts->has_children = true;
	}
	for (i = 0; i < facts->n_children; i++) {
		child = &facts->children[i];
		if (child->class == class && !strcmp(child->parent, dev->own_name))
			add_word(&text, child->name);
	}
	return text;
}

char *fact_block(struct facts *facts, const struct device *dev)
{
	return children_of(facts, dev, block);
}

char *fact_net(struct facts *facts, const struct device *dev)
{
	return children_of(facts, dev, net);
}

char *fact_usb(struct facts *facts, const struct device *dev)
{
	return children_of(facts, dev, usb);
}

static struct pci_access *open_config(const struct facts *facts)
{
	struct pci_access *access = new_pci_access();
	char *path = xprintf("%s/bus/pci", facts->groups->sysfs);

	access->method = PCI_ACCESS_SYS_BUS_PCI;
	pci_set_param(access, "sysfs.path", path);
	free(path);
	pci_init(access);
	return access;
}

/* Without the extended space, which root alone can read, nothing is known */
static char *state_of(struct pci_dev *function, int capability, int control, int enabled)
{
	static const char *const states[] = { "off", "on" };
	u8 header[4];
	struct pci_cap *found;

	if (!pci_read_block(function, EXTENDED, header, sizeof(header)) ||
	    !memcmp(header, "\xff\xff\xff\xff", sizeof(header)))
		return NULL;
	found = pci_find_cap(function, capability, PCI_CAP_EXTENDED);
	if (!found)
		return xstrdup("no");
	return xstrdup(states[!!(pci_read_word(function, found->addr + control) & enabled)]);
}

static char *capability_of(struct facts *facts, const struct device *dev, int capability,
			   int control, int enabled)
{
	struct address address;
	struct pci_dev *function;
	char *text;

	if (!dev->is_pci || !address_parse(&address, dev->own_name))
		return NULL;
	if (!facts->config)
		facts->config = open_config(facts);
	function = pci_get_dev(facts->config, address.domain, address.bus, address.slot,
			       address.function);
	text = state_of(function, capability, control, enabled);
	pci_free_dev(function);
	return text;
}

char *fact_ats(struct facts *facts, const struct device *dev)
{
	return capability_of(facts, dev, PCI_EXT_CAP_ID_ATS, PCI_ATS_CTRL, PCI_ATS_CTRL_ENABLE);
}

char *fact_pri(struct facts *facts, const struct device *dev)
{
	return capability_of(facts, dev, PCI_EXT_CAP_ID_PRI, PCI_PRI_CTRL, PCI_PRI_CTRL_ENABLE);
}

char *fact_pasid(struct facts *facts, const struct device *dev)
{
	return capability_of(facts, dev, PCI_EXT_CAP_ID_PASID, PCI_PASID_CTRL,
			     PCI_PASID_CTRL_ENABLE);
}

const char *fact_common_reason(struct facts *facts, const struct group *group)
{
	if (facts->last != group) {
		free(facts->common);
		facts->common = common_reason(facts->groups, group);
		facts->last = group;
	}
	return facts->common;
}

void facts_free(struct facts *facts)
{
	size_t i;

	for (i = 0; i < facts->n_children; i++) {
		free(facts->children[i].name);
		free(facts->children[i].parent);
	}
	free(facts->children);
	free(facts->common);
	if (facts->config)
		pci_cleanup(facts->config);
}

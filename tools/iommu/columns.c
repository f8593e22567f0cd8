// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: the columns that there are, what they have in them, and which are shown */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <pci/pci.h>

#include "columns.h"

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static char *edges_of(const struct group *group)
{
	const struct edge *edge;
	char *text = NULL;
	size_t i, size;
	FILE *out;

	if (!group->n_edges)
		return NULL;
	out = xmemstream(&text, &size);
	for (i = 0; i < group->n_edges; i++) {
		edge = &group->edges[i];
		fprintf(out, "%s%d%s%s%s%s", i ? "\n" : "", edge->to, edge->culprit ? " " : "",
			edge->culprit ?: "", edge->lacks ? " " : "", edge->lacks ?: "");
	}
	fclose(out);
	return text;
}

static char *reason_of_group(struct facts *facts, const struct group *group)
{
	return facts->is_tree ? copy_of(fact_common_reason(facts, group)) : NULL;
}

/* Its group may have told it already */
static char *reason_of_device(struct facts *facts, const struct device *dev)
{
	if (facts->is_tree && fact_common_reason(facts, dev->group))
		return NULL;
	return reason(facts->groups, dev);
}

/* Consumes both, of which either may be NULL */
static char *details(char *what, char *why)
{
	char *text;

	if (!why)
		return what;
	text = xprintf("%s%sreason: %s", what ?: "", what ? "\n" : "", why);
	free(what);
	free(why);
	return text;
}

static char *flags_of(struct facts *facts, const struct device *dev)
{
	char *pf = fact_pf(facts, dev);

	if (pf) {
		free(pf);
		return xstrdup("vf");
	}
	return dev->is_pci && dev->class >> 8 == PCI_CLASS_BRIDGE_PCI ? xstrdup("bridge") : NULL;
}

char *cell_of_group(struct facts *facts, const struct group *group, enum column_id id)
{
	switch (id) {
	case COL_NAME:
	case COL_GROUP:
		return xprintf("%d", group->id);
	case COL_TYPE:
		return copy_of(group->type);
	case COL_LABEL:
		return copy_of(group->name);
	case COL_OWNER:
		return copy_of(group->owner);
	case COL_FLAGS:
		return group->has_direct_regions ? xstrdup("direct") : NULL;
	case COL_REACHES:
		return edges_of(group);
	case COL_REASON:
		return reason_of_group(facts, group);
	case COL_DETAILS:
		return details(NULL, reason_of_group(facts, group));
	default:
		return NULL;
	}
}

static char *name_of(const struct device *dev, enum column_id id)
{
	switch (id) {
	case COL_IDS:
		return dev->vendor ? xprintf("%04x:%04x", dev->vendor, dev->device) : NULL;
	case COL_CLASS:
		return name_of_class(dev);
	case COL_VENDOR:
		return name_of_vendor(dev);
	case COL_MODEL:
		return name_of_device(dev);
	case COL_DESCRIPTION:
		return description(dev);
	default:
		return xstrdup(dev->name);
	}
}

char *cell_of_device(struct facts *facts, const struct device *dev, enum column_id id)
{
	switch (id) {
	case COL_NAME:
	case COL_ADDRESS:
	case COL_IDS:
	case COL_CLASS:
	case COL_VENDOR:
	case COL_MODEL:
	case COL_DESCRIPTION:
		return name_of(dev, id);
	case COL_DRIVER:
		return copy_of(dev->driver);
	case COL_CAUSE:
		return copy_of(dev->cause);
	case COL_CULPRIT:
		return copy_of(dev->culprit);
	case COL_LACKS:
		return copy_of(dev->lacks);
	case COL_REASON:
		return reason_of_device(facts, dev);
	case COL_DETAILS:
		return details(description(dev), reason_of_device(facts, dev));
	case COL_FLAGS:
		return flags_of(facts, dev);
	default:
		return columns[id].read ? columns[id].read(facts, dev) : NULL;
	}
}

const struct column columns[COLUMNS] = {
	[COL_NAME] = { "NAME", CELL_TEXT, OF_GROUP | OF_DEVICE, NULL,
		"number of a group, name of a device" },
	[COL_GROUP] = { "GROUP", CELL_NUMBER, OF_GROUP, NULL,
		"number of the group" },
	[COL_TYPE] = { "TYPE", CELL_TEXT, OF_GROUP, NULL,
		"type of the group's default domain" },
	[COL_LABEL] = { "LABEL", CELL_TEXT, OF_GROUP, NULL,
		"name that the IOMMU driver gave the group" },
	[COL_OWNER] = { "OWNER", CELL_TEXT, OF_GROUP, NULL,
		"who uses the DMA of the group: none, kernel or user" },
	[COL_ADDRESS] = { "ADDRESS", CELL_TEXT, OF_DEVICE, NULL,
		"name of the device" },
	[COL_IDS] = { "IDS", CELL_TEXT, OF_DEVICE, NULL,
		"IDs of vendor and device" },
	[COL_SUBSYSTEM] = { "SUBSYSTEM", CELL_TEXT, OF_DEVICE, fact_subsystem,
		"IDs of the card and its vendor" },
	[COL_CLASS] = { "CLASS", CELL_TEXT, OF_DEVICE | MAY_FOLD, NULL,
		"name of the device's class" },
	[COL_VENDOR] = { "VENDOR", CELL_TEXT, OF_DEVICE | MAY_FOLD, NULL,
		"name of the device's vendor" },
	[COL_MODEL] = { "MODEL", CELL_TEXT, OF_DEVICE | MAY_FOLD, NULL,
		"name of the device's model" },
	[COL_DESCRIPTION] = { "DESCRIPTION", CELL_TEXT, OF_DEVICE | MAY_FOLD, NULL,
		"class, vendor and model" },
	[COL_DRIVER] = { "DRIVER", CELL_TEXT, OF_DEVICE, NULL,
		"driver that is bound to the device" },
	[COL_CAUSE] = { "CAUSE", CELL_TEXT, OF_DEVICE, NULL,
		"why the device shares its group, in a word" },
	[COL_CULPRIT] = { "CULPRIT", CELL_TEXT, OF_DEVICE, NULL,
		"function that is the cause" },
	[COL_LACKS] = { "LACKS", CELL_WORDS, OF_DEVICE, NULL,
		"ACS flags that the culprit has not enabled" },
	[COL_REASON] = { "REASON", CELL_TEXT, OF_DEVICE | MAY_FOLD, NULL,
		"why the device shares its group, as a sentence" },
	[COL_DETAILS] = { "DETAILS", CELL_LINES, OF_DEVICE | MAY_FOLD, NULL,
		"DESCRIPTION, and REASON where there is one" },
	[COL_FLAGS] = { "FLAGS", CELL_WORDS, OF_GROUP | OF_DEVICE, NULL,
		"of a group: direct; of a device: bridge or vf" },
	[COL_REACHES] = { "REACHES", CELL_LINES, OF_GROUP | MAY_FOLD, NULL,
		"groups that this one reaches, with culprit and ACS flags" },
	[COL_RESET] = { "RESET", CELL_WORDS, OF_DEVICE | MAY_FOLD, fact_reset,
		"ways to reset the device" },
	[COL_NUMA] = { "NUMA", CELL_NUMBER, OF_DEVICE, fact_numa,
		"NUMA node of the device" },
	[COL_IOMMU] = { "IOMMU", CELL_TEXT, OF_DEVICE, fact_iommu,
		"IOMMU that the device is behind" },
	[COL_VFIO] = { "VFIO", CELL_WORDS, OF_DEVICE, fact_vfio,
		"name of the device in /dev/vfio/devices" },
	[COL_BLOCK] = { "BLOCK", CELL_WORDS, OF_DEVICE | MAY_FOLD, fact_block,
		"disks of the device" },
	[COL_NET] = { "NET", CELL_WORDS, OF_DEVICE | MAY_FOLD, fact_net,
		"network interfaces of the device" },
	[COL_USB] = { "USB", CELL_WORDS, OF_DEVICE | MAY_FOLD, fact_usb,
		"USB devices that are plugged into the device" },
	[COL_PF] = { "PF", CELL_TEXT, OF_DEVICE, fact_pf,
		"physical function of a virtual one" },
	[COL_VFS] = { "VFS", CELL_NUMBER, OF_DEVICE, fact_vfs,
		"how many virtual functions the device has now" },
	[COL_ATS] = { "ATS", CELL_TEXT, OF_DEVICE, fact_ats,
		"address translation services: on, off or no; only root sees it" },
	[COL_PRI] = { "PRI", CELL_TEXT, OF_DEVICE, fact_pri,
		"page request interface, as ATS" },
	[COL_PASID] = { "PASID", CELL_TEXT, OF_DEVICE, fact_pasid,
		"process address space IDs, as ATS" },
};

void columns_help(FILE *out)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		fprintf(out, "  %-12s %s\n", columns[i].name, columns[i].help);
}

static void add_column(struct chosen *chosen, enum column_id id)
{
	size_t i;

	for (i = 0; i < chosen->n; i++) {
		if (chosen->column[i] == id)
			return;
	}
	chosen->column[chosen->n++] = id;
}

static bool ask_for(struct chosen *chosen, const char *name)
{
	enum column_id id;

	for (id = 0; id < COLUMNS; id++) {
		if (strcasecmp(columns[id].name, name))
			continue;
		chosen->is_asked[id] = true;
		add_column(chosen, id);
		return true;
	}
	warn("there is no column '%s'; lsiommu --help lists them", name);
	return false;
}

bool columns_add(struct chosen *chosen, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *name;
	bool known = true;

	while (known && (name = strsep(&rest, ",")))
		known = ask_for(chosen, name);
	free(copy);
	return known;
}

static void add_all(struct chosen *chosen)
{
	enum column_id id;

	for (id = 0; id < COLUMNS; id++) {
		chosen->is_asked[id] = true;
		add_column(chosen, id);
	}
}

bool columns_choose(struct chosen *chosen, const struct options *options, const char *defaults)
{
	const char *output = options->columns;

	if (options->all_columns) {
		add_all(chosen);
		return true;
	}
	if (output && *output != '+')
		return columns_add(chosen, output);
	columns_add(chosen, defaults);
	memset(chosen->is_asked, 0, sizeof(chosen->is_asked));
	return !output || columns_add(chosen, output + 1);
}

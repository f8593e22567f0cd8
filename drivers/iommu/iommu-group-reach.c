// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: what is told of why PCI functions share one, and whom it reaches.
 *
 * A request that turns around at a junction can go down to each of the junction's
 * members and to all below them. Those that have the same turning point are in
 * the group; to the others an edge leads: this group reaches theirs. Edges are
 * found when somebody asks, by the places that functions had when they joined.
 */

#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/xarray.h>

#include "iommu-group.h"
#include "iommu-group-place.h"

static const char * const cause_names[] = {
	[CAUSE_ISOLATED] = "isolated",
	[CAUSE_ACS] = "acs",
	[CAUSE_MULTIFUNCTION] = "multifunction",
	[CAUSE_BRIDGE] = "bridge",
	[CAUSE_ALIAS] = "alias",
	[CAUSE_DRIVER] = "driver",
};

static const struct {
	u16 flag;
	const char *name;
} acs_flags[] = {
	{ PCI_ACS_SV, "SV" },
	{ PCI_ACS_RR, "RR" },
	{ PCI_ACS_CR, "CR" },
	{ PCI_ACS_UF, "UF" },
	{ PCI_ACS_DSP_MT, "DSPMT" },
	{ PCI_ACS_USP_MT, "USPMT" },
};

/**
 * iommu_group_print_culprit() - Name a turning point and what it lacks of ACS
 * @culprit: its key, or 0 for none
 * @lacks: flags of ACS
 * @buf: where to write a space before each of the two, IOMMU_GROUP_CULPRIT is
 *	enough for that
 * @size: of @buf, in bytes
 *
 * Context: Any.
 * Return: The number of bytes written, without the terminating zero.
 */
int iommu_group_print_culprit(unsigned long culprit, u16 lacks, char *buf,
			      size_t size)
{
	char name[IOMMU_GROUP_KEY_NAME];
	const char *separator = " ";
	int i, len;

	if (!culprit)
		return 0;
	iommu_group_key_name(culprit, name);
	len = scnprintf(buf, size, " %s", name);
	for (i = 0; i < ARRAY_SIZE(acs_flags); i++) {
		if (!(lacks & acs_flags[i].flag))
			continue;
		len += scnprintf(buf + len, size - len, "%s%s", separator,
				 acs_flags[i].name);
		separator = ",";
	}
	return len;
}

/**
 * iommu_group_describe_place() - Say why a PCI function is in its group
 * @place: in &struct dev_iommu of a member
 * @alone: it is the only member
 * @buf: where to write it: the cause, the culprit, what that lacks
 * @size: of @buf, in bytes
 *
 * Context: Any in which the member stays.
 * Return: The number of bytes written, without the terminating zero.
 */
int iommu_group_describe_place(const struct iommu_group_place *place,
			       bool alone, char *buf, size_t size)
{
	int len;

	/* With nobody else there nothing turns around, but at a bridge */
	if (alone && !place->is_bridge && place->culprit == place->function)
		return scnprintf(buf, size, "%s", cause_names[CAUSE_ISOLATED]);

	len = scnprintf(buf, size, "%s", cause_names[place->cause]);
	if (place->cause == CAUSE_DRIVER)
		return len;
	return len + iommu_group_print_culprit(place->culprit, place->lacks,
						   buf + len, size - len);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_describe_place);

/* By the keys of the junctions in which requests of the group turn around */
static int find_turns(struct iommu_group *group, struct xarray *turns)
{
	struct iommu_group_place *place, *known;
	struct group_device *gdev;
	int ret;

	for_each_group_device(group, gdev) {
		place = gdev->dev->iommu ? gdev->dev->iommu->place : NULL;
		if (!place || !place->junction)
			continue;
		known = xa_load(turns, place->junction);
		if (known && known->culprit <= place->culprit)
			continue;
		ret = xa_err(xa_store(turns, place->junction, place, GFP_KERNEL));
		if (ret)
			return ret;
	}
	return 0;
}

static int add_edge(struct xarray *edges, struct iommu_group *to,
		    const struct iommu_group_place *turn)
{
	struct iommu_group_edge *edge = xa_load(edges, to->id);
	int ret;

	if (edge && edge->culprit <= turn->culprit)
		return 0;
	if (edge) {
		edge->culprit = turn->culprit;
		edge->lacks = turn->lacks;
		return 0;
	}

	edge = kmalloc_obj(*edge);
	if (!edge)
		return -ENOMEM;
	*edge = (struct iommu_group_edge){ to, turn->culprit, turn->lacks };
	ret = xa_err(xa_store(edges, to->id, edge, GFP_KERNEL));
	if (ret)
		kfree(edge);
	return ret;
}

static int follow_ways(struct iommu_group *group, struct xarray *turns,
		       struct xarray *edges)
{
	struct iommu_group_place *place, *turn;
	unsigned int i;
	int ret;

	list_for_each_entry(place, &iommu_group_places, list) {
		if (place->group == group)
			continue;
		for (i = 0; i < place->n_way; i++) {
			turn = xa_load(turns, place->way[i]);
			ret = turn ? add_edge(edges, place->group, turn) : 0;
			if (ret)
				return ret;
		}
	}
	return 0;
}

/**
 * iommu_group_find_edges() - Find which groups a group can reach one way
 * @group: the group
 * @edges: initialised by xa_init(); struct iommu_group_edge by the ID of the
 *	group that is reached are added
 *
 * Costs a walk of all PCI functions if requests of a member turn around anywhere,
 * else one of the members.
 *
 * Context: Process context, sleeps. group->mutex and iommu_group_place_lock are
 * held, the latter as long as the groups in @edges are needed.
 * Return: 0 or -ENOMEM; after both iommu_group_free_edges() is due.
 */
int iommu_group_find_edges(struct iommu_group *group, struct xarray *edges)
{
	struct xarray turns;
	int ret;

	lockdep_assert_held(&group->mutex);
	lockdep_assert_held(&iommu_group_place_lock);

	xa_init(&turns);
	ret = find_turns(group, &turns);
	if (!ret && !xa_empty(&turns))
		ret = follow_ways(group, &turns, edges);
	xa_destroy(&turns);
	return ret;
}

/**
 * iommu_group_free_edges() - Undo iommu_group_find_edges()
 * @edges: what that has filled
 *
 * Context: Any.
 */
void iommu_group_free_edges(struct xarray *edges)
{
	struct iommu_group_edge *edge;
	unsigned long id;

	xa_for_each(edges, id, edge)
		kfree(edge);
	xa_destroy(edges);
}

/* An ID of ten digits, the culprit, the end of the line */
#define REACHES_LINE	(10 + IOMMU_GROUP_CULPRIT + 1)

static char *print_edges(struct xarray *edges, size_t *len)
{
	const struct iommu_group_edge *edge;
	unsigned long id, n_edges = 0;
	char *text, *end;
	int n;

	xa_for_each(edges, id, edge)
		n_edges++;
	/* One byte for no edges */
	text = kvmalloc(n_edges * REACHES_LINE + 1, GFP_KERNEL_ACCOUNT);
	if (!text)
		return NULL;

	end = text;
	xa_for_each(edges, id, edge) {
		n = sprintf(end, "%lu", id);
		n += iommu_group_print_culprit(edge->culprit, edge->lacks,
					       end + n, REACHES_LINE - 1 - n);
		end += n;
		*end++ = '\n';
	}
	*len = end - text;
	return text;
}

/**
 * iommu_group_reaches_text() - Say which groups a group can reach one way
 * @group: the group
 * @len: set to the length of the text, in bytes
 *
 * A line for each: its ID, the lowest function of this one at which requests turn
 * around to it, and what that lacks of ACS.
 *
 * Context: Process context, sleeps. group->mutex is held. Takes
 * iommu_group_place_lock.
 * Return: The text, without a terminating zero, to be freed by kvfree(); or NULL
 * without memory.
 */
char *iommu_group_reaches_text(struct iommu_group *group, size_t *len)
{
	struct xarray edges;
	char *text = NULL;

	xa_init(&edges);
	scoped_guard(mutex, &iommu_group_place_lock) {
		if (!iommu_group_find_edges(group, &edges))
			text = print_edges(&edges, len);
	}
	iommu_group_free_edges(&edges);
	return text;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_reaches_text);

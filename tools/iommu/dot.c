// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --dot: a picture for GraphViz. Bridges and devices are a tree, groups are boxes around
 * them, and an arrow goes from a group to each that it reaches past the IOMMU.
 */

#include <stdlib.h>
#include <string.h>

#include "lsiommu.h"

static void put_quoted(const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			fputs("&amp;", stdout);
		else if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else
			putchar(*text);
	}
}

static void put_name(const char *name)
{
	putchar('"');
	put_quoted(name);
	putchar('"');
}

static void put_line(const char *text)
{
	if (!text)
		return;
	fputs("\\n", stdout);
	put_quoted(text);
}

static void put_node(const struct device *dev)
{
	char *text = description(dev);

	fputs("\t\t", stdout);
	put_name(dev->own_name);
	fputs(" [label=\"", stdout);
	put_quoted(dev->name);
	put_line(text);
	put_line(dev->driver);
	fputs("\"]\n", stdout);
	free(text);
}

static void put_group(const struct group *group, const struct selection *selection)
{
	size_t i;

	printf("\tsubgraph cluster_%d {\n\t\tlabel=\"group %d", group->id, group->id);
	if (group->name)
		put_line(group->name);
	fputs("\"\n", stdout);
	for (i = 0; i < group->n; i++) {
		if (selected(selection, group->devices[i]))
			put_node(group->devices[i]);
	}
	fputs("\t}\n", stdout);
}

/* From the host bridge on; what is not selected stands with its address alone */
static void put_way(const struct groups *groups, const struct device *dev)
{
	char *dir = xprintf("%s/bus/pci/devices", groups->sysfs);
	char *way = link_read(dir, dev->own_name);
	char *rest = way ? strstr(way, "/pci") : NULL, *part;
	const char *before = "\t";

	if (rest)
		rest++;
	while ((part = strsep(&rest, "/"))) {
		fputs(before, stdout);
		put_name(part);
		before = " -> ";
	}
	if (*before == ' ')
		putchar('\n');
	free(way);
	free(dir);
}

static const struct device *first_selected(const struct group *group,
					   const struct selection *selection)
{
	size_t i;

	for (i = 0; i < group->n; i++) {
		if (selected(selection, group->devices[i]))
			return group->devices[i];
	}
	return NULL;
}

/* An arrow is between devices; ltail and lhead have it end at the boxes around these */
static void put_edge(const struct group *from, const struct edge *edge, const struct device *tail,
		     const struct device *head)
{
	fputs("\t", stdout);
	put_name(tail->own_name);
	fputs(" -> ", stdout);
	put_name(head->own_name);
	printf(" [ltail=cluster_%d, lhead=cluster_%d, ", from->id, edge->to);
	fputs("arrowhead=normal, style=dashed, color=red, fontcolor=red, constraint=false", stdout);
	fputs(", label=\"", stdout);
	put_quoted(edge->lacks ?: "");
	fputs("\"]\n", stdout);
}

static void put_edges(const struct groups *groups, const struct group *group,
		      const struct selection *selection)
{
	const struct device *tail = first_selected(group, selection), *head;
	const struct group *to;
	size_t i;

	for (i = 0; i < group->n_edges; i++) {
		to = groups_by_id(groups, group->edges[i].to);
		head = to ? first_selected(to, selection) : NULL;
		if (head)
			put_edge(group, &group->edges[i], tail, head);
	}
}

enum status list_dot(const struct groups *groups, const struct selection *selection)
{
	enum status status = STATUS_NO;
	const struct group *group;
	size_t i, j;

	/* Strict: two ways over one bridge have its line in common */
	fputs("strict digraph iommu_groups {\n"
	      "\tcompound=true\n\trankdir=LR\n"
	      "\tnode [shape=box]\n\tedge [arrowhead=none]\n", stdout);
	for (i = 0; i < groups->n; i++) {
		group = groups->group[i];
		if (!first_selected(group, selection))
			continue;
		status = STATUS_OK;
		put_group(group, selection);
		for (j = 0; j < group->n; j++) {
			if (selected(selection, group->devices[j]))
				put_way(groups, group->devices[j]);
		}
		put_edges(groups, group, selection);
	}
	fputs("}\n", stdout);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: groups and devices as a tree, a list, JSON, or for scripts; by libsmartcols */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libsmartcols.h>

#include "lsiommu.h"

enum column_id {
	COL_NAME,
	COL_GROUP,
	COL_TYPE,
	COL_LABEL,
	COL_OWNER,
	COL_ADDRESS,
	COL_IDS,
	COL_CLASS,
	COL_VENDOR,
	COL_MODEL,
	COL_DESCRIPTION,
	COL_DRIVER,
	COL_CAUSE,
	COL_CULPRIT,
	COL_LACKS,
	COL_REASON,
	COL_REACHES,
};

/* In the order of enum column_id. @whint: width, of all if it is less than 1 */
static const struct column {
	const char *name;
	double whint;
	int flags;
	int json_type;
	const char *help;
} columns[] = {
	[COL_NAME] = { "NAME", 12, SCOLS_FL_TREE | SCOLS_FL_NOEXTREMES, SCOLS_JSON_STRING,
		       "number of a group, name of a device" },
	[COL_GROUP] = { "GROUP", 3, SCOLS_FL_RIGHT, SCOLS_JSON_NUMBER,
			"number of the group" },
	[COL_TYPE] = { "TYPE", 6, 0, SCOLS_JSON_STRING,
		       "type of the group's default domain" },
	[COL_LABEL] = { "LABEL", 8, 0, SCOLS_JSON_STRING,
			"name that the IOMMU driver gave the group" },
	[COL_OWNER] = { "OWNER", 6, 0, SCOLS_JSON_STRING,
			"who uses the DMA of the group: none, kernel or user" },
	[COL_ADDRESS] = { "ADDRESS", 12, 0, SCOLS_JSON_STRING, "name of the device" },
	[COL_IDS] = { "IDS", 9, 0, SCOLS_JSON_STRING, "IDs of vendor and device" },
	[COL_CLASS] = { "CLASS", 0.1, SCOLS_FL_TRUNC, SCOLS_JSON_STRING,
			"name of the device's class" },
	[COL_VENDOR] = { "VENDOR", 0.1, SCOLS_FL_TRUNC, SCOLS_JSON_STRING,
			 "name of the device's vendor" },
	[COL_MODEL] = { "MODEL", 0.1, SCOLS_FL_TRUNC, SCOLS_JSON_STRING,
			"name of the device's model" },
	[COL_DESCRIPTION] = { "DESCRIPTION", 0.3, SCOLS_FL_TRUNC, SCOLS_JSON_STRING,
			      "class, vendor and model" },
	[COL_DRIVER] = { "DRIVER", 8, 0, SCOLS_JSON_STRING,
			 "driver that is bound to the device" },
	[COL_CAUSE] = { "CAUSE", 8, 0, SCOLS_JSON_STRING,
			"why the device shares its group, in a word" },
	[COL_CULPRIT] = { "CULPRIT", 12, 0, SCOLS_JSON_STRING,
			  "function that is the cause" },
	[COL_LACKS] = { "LACKS", 11, 0, SCOLS_JSON_STRING,
			"ACS flags that the culprit has not enabled" },
	[COL_REASON] = { "REASON", 0.3, SCOLS_FL_WRAP, SCOLS_JSON_STRING,
			 "why the device shares its group, as a sentence" },
	/* A line, or an element of JSON's array, for each */
	[COL_REACHES] = { "REACHES", 0.1, SCOLS_FL_WRAP, SCOLS_JSON_ARRAY_STRING,
			  "groups that this one reaches, with culprit and ACS flags" },
};

#define COLUMNS	ARRAY_SIZE(columns)

/* Where the terminal has less room the reason is more than the rest */
#define NARROW	80

/* What is printed, and from what */
struct table {
	const struct groups *groups;
	const struct options *options;
	struct libscols_table *scols;
	enum column_id column[COLUMNS];
	size_t n;
};

void table_help(FILE *out)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		fprintf(out, "  %-12s %s\n", columns[i].name, columns[i].help);
}

static bool is_tree(const struct options *options)
{
	return options->format == FORMAT_TREE || options->format == FORMAT_JSON;
}

static bool add_column(struct table *table, const char *name)
{
	size_t i;

	for (i = 0; i < COLUMNS; i++) {
		if (!strcasecmp(columns[i].name, name))
			break;
	}
	if (i == COLUMNS) {
		warn("there is no column %s; lsiommu --help lists them", name);
		return false;
	}
	if (table->n == COLUMNS) {
		warn("there are more columns than exist");
		return false;
	}
	table->column[table->n++] = i;
	return true;
}

static bool has_labels(const struct groups *groups)
{
	size_t i;

	for (i = 0; i < groups->n; i++) {
		if (groups->group[i]->name)
			return true;
	}
	return false;
}

static const char *default_columns(const struct table *table)
{
	bool json = table->options->format == FORMAT_JSON;

	if (!is_tree(table->options))
		return "GROUP,ADDRESS,TYPE,OWNER,DRIVER,DESCRIPTION,REASON";
	if (!json && scols_table_get_termwidth(table->scols) < NARROW)
		return "NAME,OWNER,REASON";
	/* Programs want the same each time */
	if (json || has_labels(table->groups))
		return "NAME,TYPE,LABEL,OWNER,DRIVER,DESCRIPTION,REASON";
	return "NAME,TYPE,OWNER,DRIVER,DESCRIPTION,REASON";
}

static bool choose_columns(struct table *table)
{
	char *copy = xstrdup(table->options->columns ?: default_columns(table));
	char *rest = copy, *name;
	bool known = true;

	while (known && (name = strsep(&rest, ",")))
		known = add_column(table, name);
	free(copy);
	return known;
}

static char *copy_of(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

static char *edges_of(const struct group *group)
{
	const struct edge *edge;
	char *text = NULL, *before;
	size_t i;

	for (i = 0; i < group->n_edges; i++) {
		edge = &group->edges[i];
		before = text;
		text = xprintf("%s%s%d%s%s%s%s", before ?: "", before ? "\n" : "", edge->to,
			       edge->culprit ? " " : "", edge->culprit ?: "",
			       edge->lacks ? " " : "", edge->lacks ?: "");
		free(before);
	}
	return text;
}

static char *of_group(const struct group *group, enum column_id id)
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
	case COL_REACHES:
		return edges_of(group);
	default:
		return NULL;
	}
}

static char *of_device(const struct groups *groups, const struct device *dev,
		       enum column_id id)
{
	switch (id) {
	case COL_NAME:
	case COL_ADDRESS:
		return xstrdup(dev->name);
	case COL_IDS:
		return dev->is_pci ? xprintf("%04x:%04x", dev->vendor, dev->device) : NULL;
	case COL_CLASS:
		return name_of_class(dev);
	case COL_VENDOR:
		return name_of_vendor(dev);
	case COL_MODEL:
		return name_of_device(dev);
	case COL_DESCRIPTION:
		return description(dev);
	case COL_DRIVER:
		return copy_of(dev->driver);
	case COL_CAUSE:
		return copy_of(dev->cause);
	case COL_CULPRIT:
		return copy_of(dev->culprit);
	case COL_LACKS:
		return copy_of(dev->lacks);
	case COL_REASON:
		return reason(groups, dev);
	default:
		return NULL;
	}
}

/* Of libsmartcols, whose functions return NULL when memory ends */
static void *made(void *object)
{
	if (object)
		return object;
	warn("out of memory");
	exit(STATUS_ERROR);
}

static struct libscols_table *new_table(void)
{
	return made(scols_new_table());
}

static struct libscols_line *new_line(struct table *table, struct libscols_line *parent)
{
	return made(scols_table_new_line(table->scols, parent));
}

static void add_group(struct table *table, const struct group *group,
		      struct libscols_line **line)
{
	size_t i;

	*line = new_line(table, NULL);
	for (i = 0; i < table->n; i++)
		scols_line_refer_data(*line, i, of_group(group, table->column[i]));
}

static void add_device(struct table *table, const struct device *dev,
		       struct libscols_line *parent)
{
	struct libscols_line *line = new_line(table, parent);
	char *text;
	size_t i;

	for (i = 0; i < table->n; i++) {
		text = of_device(table->groups, dev, table->column[i]);
		if (!text && !parent)
			text = of_group(dev->group, table->column[i]);
		scols_line_refer_data(line, i, text);
	}
}

static void add_groups(struct table *table)
{
	const struct group *group;
	struct libscols_line *line;
	size_t i, j;

	for (i = 0; i < table->groups->n; i++) {
		group = table->groups->group[i];
		line = NULL;
		for (j = 0; j < group->n; j++) {
			if (!selected(&table->options->selection, group->devices[j]))
				continue;
			if (!line && is_tree(table->options))
				add_group(table, group, &line);
			add_device(table, group->devices[j], line);
		}
	}
}

/* Cells of several lines */
static void set_lines(struct libscols_column *column)
{
	scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
				  NULL);
	scols_column_set_safechars(column, "\n");
}

static void make_columns(struct table *table)
{
	const struct column *column;
	struct libscols_column *scols;
	int flags;
	size_t i;

	for (i = 0; i < table->n; i++) {
		column = &columns[table->column[i]];
		flags = column->flags;
		if (!is_tree(table->options))
			flags &= ~SCOLS_FL_TREE;
		scols = made(scols_table_new_column(table->scols, column->name,
						    column->whint, flags));
		scols_column_set_json_type(scols, column->json_type);
		if (column->json_type == SCOLS_JSON_ARRAY_STRING)
			set_lines(scols);
	}
}

static void set_format(struct table *table)
{
	const struct options *options = table->options;

	scols_table_set_name(table->scols, "groups");
	scols_table_enable_noheadings(table->scols, !options->headings);
	scols_table_enable_ascii(table->scols, options->ascii);
	scols_table_enable_json(table->scols, options->format == FORMAT_JSON);
	scols_table_enable_export(table->scols, options->format == FORMAT_PAIRS);
	scols_table_enable_raw(table->scols, options->format == FORMAT_RAW);
}

enum status table_print(const struct groups *groups, const struct options *options)
{
	struct table table = { .groups = groups, .options = options };
	enum status status = STATUS_OK;

	table.scols = new_table();
	if (!choose_columns(&table)) {
		scols_unref_table(table.scols);
		return STATUS_ERROR;
	}
	set_format(&table);
	make_columns(&table);
	add_groups(&table);
	if (scols_table_is_empty(table.scols))
		status = STATUS_NO;
	scols_print_table(table.scols);
	scols_unref_table(table.scols);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: groups and devices as a tree, a list, or for scripts; by libsmartcols */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "columns.h"
#include "fit.h"

/* In DETAILS devices have their descriptions, and groups the reasons that these share */
#define DEFAULT_TREE	"NAME,TYPE,LABEL,OWNER,DRIVER,DETAILS"
#define DEFAULT_LIST	"GROUP,ADDRESS,TYPE,OWNER,DRIVER,DESCRIPTION,REASON"

/* What is printed, and from what */
struct table {
	const struct options *options;
	struct facts facts;
	struct chosen chosen;
	struct libscols_table *scols;
};

/* Of libsmartcols, whose functions return NULL when memory ends */
static void *made(void *object)
{
	if (object)
		return object;
	warn("out of memory");
	exit(STATUS_ERROR);
}

static struct libscols_line *new_line(struct table *table, struct libscols_line *parent)
{
	return made(scols_table_new_line(table->scols, parent));
}

static struct libscols_line *add_group(struct table *table, const struct group *group)
{
	struct libscols_line *line = new_line(table, NULL);
	size_t i;

	for (i = 0; i < table->chosen.n; i++)
		scols_line_refer_data(line, i, cell_of_group(&table->facts, group,
							     table->chosen.column[i]));
	return line;
}

static void add_device(struct table *table, const struct device *dev,
		       struct libscols_line *parent)
{
	struct libscols_line *line = new_line(table, parent);
	enum column_id id;
	size_t i;

	for (i = 0; i < table->chosen.n; i++) {
		id = table->chosen.column[i];
		scols_line_refer_data(line, i, parent || columns[id].flags & OF_DEVICE ?
					       cell_of_device(&table->facts, dev, id) :
					       cell_of_group(&table->facts, dev->group, id));
	}
}

static void add_groups(struct table *table)
{
	const struct groups *groups = table->facts.groups;
	const struct group *group;
	struct libscols_line *line;
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		group = groups->group[i];
		line = NULL;
		for (j = 0; j < group->n; j++) {
			if (!selected(&table->options->selection, group->devices[j]))
				continue;
			if (!line && table->facts.is_tree)
				line = add_group(table, group);
			add_device(table, group->devices[j], line);
		}
	}
}

static int flags_of(const struct table *table, enum column_id id)
{
	if (id == COL_NAME && table->facts.is_tree)
		return SCOLS_FL_TREE;
	if (columns[id].type == CELL_NUMBER)
		return SCOLS_FL_RIGHT;
	return columns[id].flags & MAY_FOLD ? SCOLS_FL_WRAP : 0;
}

static void make_columns(struct table *table)
{
	enum column_id id;
	size_t i;

	for (i = 0; i < table->chosen.n; i++) {
		id = table->chosen.column[i];
		made(scols_table_new_column(table->scols, columns[id].name, 0,
					    flags_of(table, id)));
	}
}

static void set_format(struct table *table)
{
	const struct options *options = table->options;

	scols_table_enable_noheadings(table->scols, !options->headings);
	scols_table_enable_ascii(table->scols, options->ascii);
	scols_table_enable_export(table->scols, options->format == FORMAT_PAIRS);
	scols_table_enable_raw(table->scols, options->format == FORMAT_RAW);
}

/* Scripts find cells by their places, people do not look for what is not there */
static void fit_terminal(struct table *table)
{
	const struct chosen *chosen = &table->chosen;
	size_t i;

	if (table->options->format != FORMAT_TREE && table->options->format != FORMAT_LIST)
		return;
	for (i = 0; i < chosen->n; i++) {
		if (!chosen->is_asked[chosen->column[i]])
			fit_hide_empty(table->scols, i);
	}
	fit_width(table->scols, table->options->width);
}

static enum status print(struct table *table)
{
	int error;

	make_columns(table);
	add_groups(table);
	if (scols_table_is_empty(table->scols))
		return STATUS_NO;
	fit_terminal(table);
	error = scols_print_table(table->scols);
	if (!error)
		return STATUS_OK;
	warn("the table could not be printed: %s", strerror(error < 0 ? -error : errno));
	return STATUS_ERROR;
}

enum status table_print(const struct groups *groups, const struct options *options)
{
	struct table table = {
		.options = options,
		.facts.groups = groups,
		.facts.is_tree = options->format == FORMAT_TREE,
		.scols = made(scols_new_table()),
	};
	enum status status = STATUS_ERROR;

	set_format(&table);
	if (columns_choose(&table.chosen, options, table.facts.is_tree ? DEFAULT_TREE :
								      DEFAULT_LIST))
		status = print(&table);
	scols_unref_table(table.scols);
	facts_free(&table.facts);
	return status;
}

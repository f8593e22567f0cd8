// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --json: groups and devices. What identifies and explains them is there whatever the
 * columns are, so that programs need not ask for it.
 */

#include <stdlib.h>

#include "columns.h"
#include "json.h"

#define ALWAYS	"NAME,ADDRESS,IDS,CAUSE,CULPRIT,LACKS,FLAGS"
#define DEFAULT	"TYPE,LABEL,OWNER,DRIVER,DESCRIPTION,REASON"

struct writer {
	struct facts facts;
	struct chosen chosen;
	const struct selection *selection;
};

/* Consumes the text */
static void add_cell(json_object *object, const struct column *column, char *text)
{
	json_object *value = NULL;

	switch (column->type) {
	case CELL_TEXT:
		value = json_text(text);
		break;
	case CELL_NUMBER:
		value = json_number(text);
		break;
	case CELL_WORDS:
		value = json_words(text, " ,");
		break;
	case CELL_LINES:
		value = json_words(text, "\n");
		break;
	}
	json_add(object, column->name, value);
	free(text);
}

static json_object *device_as_json(struct writer *writer, const struct device *dev)
{
	const struct chosen *chosen = &writer->chosen;
	json_object *object = json_object_new_object();
	size_t i;

	for (i = 0; i < chosen->n; i++) {
		if (columns[chosen->column[i]].flags & OF_DEVICE)
			add_cell(object, &columns[chosen->column[i]],
				 cell_of_device(&writer->facts, dev, chosen->column[i]));
	}
	json_add(object, "note", json_text(dev->note));
	json_add(object, "remedy", json_text(dev->remedy));
	json_add(object, "unknown", json_text(dev->doubt));
	return object;
}

static json_object *edges_as_json(const struct group *group)
{
	json_object *array = json_object_new_array(), *object;
	size_t i;

	for (i = 0; i < group->n_edges; i++) {
		object = json_object_new_object();
		json_add(object, "id", json_object_new_int(group->edges[i].to));
		json_add(object, "culprit", json_text(group->edges[i].culprit));
		json_add(object, "lacks", json_words(group->edges[i].lacks, ","));
		json_object_array_add(array, object);
	}
	return array;
}

static json_object *children_as_json(struct writer *writer, const struct group *group)
{
	json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < group->n; i++) {
		if (selected(writer->selection, group->devices[i]))
			json_object_array_add(array, device_as_json(writer, group->devices[i]));
	}
	return array;
}

static json_object *group_as_json(struct writer *writer, const struct group *group)
{
	const struct chosen *chosen = &writer->chosen;
	json_object *object = json_object_new_object();
	size_t i;

	json_add(object, "id", json_object_new_int(group->id));
	json_add(object, "certain", json_object_new_boolean(group->certain));
	for (i = 0; i < chosen->n; i++) {
		if (columns[chosen->column[i]].flags & OF_GROUP)
			add_cell(object, &columns[chosen->column[i]],
				 cell_of_group(&writer->facts, group, chosen->column[i]));
	}
	json_add(object, "edges", edges_as_json(group));
	return object;
}

/* Those of which a device is selected */
static json_object *groups_as_json(struct writer *writer, const struct groups *groups)
{
	json_object *array = json_object_new_array(), *children, *object;
	size_t i;

	for (i = 0; i < groups->n; i++) {
		children = children_as_json(writer, groups->group[i]);
		if (!json_object_array_length(children)) {
			json_object_put(children);
			continue;
		}
		object = group_as_json(writer, groups->group[i]);
		json_add(object, "children", children);
		json_object_array_add(array, object);
	}
	return array;
}

enum status list_json(const struct groups *groups, const struct options *options)
{
	struct writer writer = {
		.facts.groups = groups,
		.selection = &options->selection,
	};
	json_object *root, *array;
	enum status status;

	columns_add(&writer.chosen, ALWAYS);
	if (!columns_choose(&writer.chosen, options, DEFAULT))
		return STATUS_ERROR;
	array = groups_as_json(&writer, groups);
	status = json_object_array_length(array) ? STATUS_OK : STATUS_NO;
	root = json_object_new_object();
	json_add(root, "acs_assumed", json_object_new_boolean(groups->acs_assumed));
	json_add(root, "groups", array);
	json_print(root, false);
	facts_free(&writer.facts);
	return status;
}

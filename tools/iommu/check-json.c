// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu --check: the answer as JSON, for programs. The man page has the schema. */

#include <stdlib.h>

#include "check.h"
#include "json.h"

static json_object *group_as_json(const struct group *group)
{
	return group ? json_object_new_int(group->id) : NULL;
}

static json_object *commands_as_json(const struct finding *finding)
{
	json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; i < finding->n; i++)
		json_object_array_add(array, json_text(finding->commands[i]));
	return array;
}

static json_object *finding_as_json(const struct finding *finding)
{
	json_object *object = json_object_new_object();

	json_add(object, "kind", json_text(finding->kind));
	json_add(object, "device", json_text(finding->dev ? finding->dev->name : NULL));
	json_add(object, "group", group_as_json(finding->group));
	json_add(object, "text", json_text(finding->text));
	json_add(object, "advice", json_text(finding->advice));
	json_add(object, "never", json_object_new_boolean(finding->is_never));
	json_add(object, "held", json_object_new_boolean(finding->is_held));
	json_add(object, "commands", commands_as_json(finding));
	return object;
}

static json_object *findings_as_json(const struct findings *findings)
{
	json_object *array = json_object_new_array();
	const struct finding *finding;

	for (finding = findings->first; finding; finding = finding->next)
		json_object_array_add(array, finding_as_json(finding));
	return array;
}

static json_object *devices_as_json(const struct check *check)
{
	json_object *array = json_object_new_array(), *object;
	char *text;
	int i;

	for (i = 0; i < check->n; i++) {
		text = description(check->given[i]);
		object = json_object_new_object();
		json_add(object, "device", json_text(check->given[i]->name));
		json_add(object, "group", group_as_json(check->given[i]->group));
		json_add(object, "driver", json_text(check->given[i]->driver));
		json_add(object, "description", json_text(text));
		json_object_array_add(array, object);
		free(text);
	}
	return array;
}

void check_print_json(const struct check *check)
{
	static const char *const answers[] = {
		[ANSWER_YES] = "yes",
		[ANSWER_NOT_YET] = "no",
		[ANSWER_NEVER] = "never",
	};
	json_object *object = json_object_new_object();

	json_add(object, "answer", json_text(answers[check->answer]));
	json_add(object, "devices", devices_as_json(check));
	json_add(object, "host", findings_as_json(&check->host));
	json_add(object, "obstacles", findings_as_json(&check->obstacles));
	json_add(object, "company", findings_as_json(&check->company));
	json_add(object, "notes", findings_as_json(&check->notes));
	json_add(object, "lasting", findings_as_json(&check->lasting));
	json_add(object, "back", findings_as_json(&check->back));
	json_print(object, false);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --diff: what has changed since groups were written down, by who is with whom,
 * for the numbers of groups say nothing.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "lsiommu.h"
#include "machine.h"

/**
 * struct entry - a device
 * @name: address
 * @group: before and now, or -1 where it was not or is not
 * @first: the first device of each of these groups
 * @in_doubt: registers do not tell all of one of them
 */
struct entry {
	char *name;
	int group[2];
	size_t first[2];
	bool in_doubt;
};

enum { BEFORE, NOW };

struct entries {
	struct entry *entry;
	size_t n;
	size_t room;
};

static struct entry *add_entry(struct entries *entries, const char *name, int when, int group)
{
	struct entry *entry;

	if (entries->n == entries->room) {
		entries->room = 2 * entries->room + 64;
		entries->entry = xrealloc(entries->entry, entries->room, sizeof(*entries->entry));
	}
	entry = &entries->entry[entries->n++];
	*entry = (struct entry){ .name = xstrdup(name), .group = { -1, -1 } };
	entry->group[when] = group;
	return entry;
}

static void free_entries(struct entries *entries)
{
	size_t i;

	for (i = 0; i < entries->n; i++)
		free(entries->entry[i].name);
	free(entries->entry);
}

static int compare_names(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return names_compare(one->name, other->name);
}

/* What is there before and now becomes one entry */
static void merge(struct entries *entries)
{
	struct entry *entry = entries->entry;
	size_t i, n = 0;

	qsort(entry, entries->n, sizeof(*entry), compare_names);
	for (i = 0; i < entries->n; i++) {
		if (n && !strcmp(entry[n - 1].name, entry[i].name)) {
			if (entry[i].group[BEFORE] >= 0)
				entry[n - 1].group[BEFORE] = entry[i].group[BEFORE];
			if (entry[i].group[NOW] >= 0)
				entry[n - 1].group[NOW] = entry[i].group[NOW];
			entry[n - 1].in_doubt |= entry[i].in_doubt;
			free(entry[i].name);
			continue;
		}
		entry[n++] = entry[i];
	}
	entries->n = n;
}

/* Those that were formed by lsiommu, or told in a dump, are of no /sys */
static bool is_of_sysfs(const struct groups *groups)
{
	return *groups->sysfs;
}

/* What a kernel has formed is sure, though its reasons may not be */
static void add_groups(struct entries *entries, const struct groups *groups, int when)
{
	const struct group *group;
	size_t i, j;

	for (i = 0; i < groups->n; i++) {
		group = groups->group[i];
		for (j = 0; j < group->n; j++)
			add_entry(entries, group->devices[j]->name, when, i)->in_doubt =
				!is_of_sysfs(groups) && group->devices[j]->doubt;
	}
}

static const char *address_in(json_object *member)
{
	json_object *address;

	if (!json_object_object_get_ex(member, "address", &address) &&
	    !json_object_object_get_ex(member, "name", &address))
		return NULL;
	return json_object_get_string(address);
}

static void add_members(struct entries *entries, json_object *group, int number)
{
	json_object *members, *certain;
	const char *address;
	bool in_doubt = json_object_object_get_ex(group, "certain", &certain) &&
			!json_object_get_boolean(certain);
	size_t i;

	if (!json_object_object_get_ex(group, "children", &members) ||
	    !json_object_is_type(members, json_type_array))
		return;
	for (i = 0; i < json_object_array_length(members); i++) {
		address = address_in(json_object_array_get_idx(members, i));
		if (address)
			add_entry(entries, address, BEFORE, number)->in_doubt = in_doubt;
	}
}

/* False, and a message, if it is not what lsiommu -J has printed */
static bool add_json(struct entries *entries, const char *text, const char *path)
{
	json_object *root = json_tokener_parse(text), *groups;
	bool is = json_object_object_get_ex(root, "groups", &groups) &&
		  json_object_is_type(groups, json_type_array);
	size_t i;

	for (i = 0; is && i < json_object_array_length(groups); i++)
		add_members(entries, json_object_array_get_idx(groups, i), i);
	json_object_put(root);
	if (!is)
		warn("%s: this is not what lsiommu -J prints", path);
	return is;
}

static bool add_sysroot(struct entries *entries, const char *path)
{
	struct groups *groups = groups_read(path);

	if (!groups)
		return false;
	add_groups(entries, groups, BEFORE);
	groups_free(groups);
	return true;
}

/* Groups that a kernel has formed are compared with such, if the dump tells them */
static struct groups *groups_of_dump(const struct machine *machine, const char *path,
				     bool of_kernel, enum policy policy)
{
	struct groups *told = of_kernel ? rule_told(machine) : NULL;

	if (told)
		return told;
	if (of_kernel)
		warn("%s does not tell the groups of its kernel: %s", path,
		     "they are as the series forms them; by --policy those of both are");
	return rule_groups(machine, policy);
}

static bool add_dump(struct entries *entries, const char *text, const char *path,
		     bool of_kernel, enum policy policy)
{
	struct machine *machine = dump_of_text(text, path);
	struct groups *groups;

	if (!machine)
		return false;
	groups = groups_of_dump(machine, path, of_kernel, policy);
	if (groups->acs_assumed)
		warn("%s: ACS is off everywhere in it; %s", path,
		     "the groups are as Linux sets it where there is an IOMMU");
	add_groups(entries, groups, BEFORE);
	groups_free(groups);
	machine_free(machine);
	return true;
}

/* @of_kernel: are those of now groups that a kernel has formed? */
static bool add_before(struct entries *entries, const char *path, bool of_kernel,
		       enum policy policy)
{
	struct stat stat_of;
	char *text;
	bool is;

	if (!stat(path, &stat_of) && S_ISDIR(stat_of.st_mode))
		return add_sysroot(entries, path);
	text = dump_text(path);
	if (!text)
		return false;
	if (text[strspn(text, " \t\n")] == '{')
		is = add_json(entries, text, path);
	else
		is = add_dump(entries, text, path, of_kernel, policy);
	free(text);
	return is;
}

static bool is_there(const struct entry *entry)
{
	return entry->group[BEFORE] >= 0 && entry->group[NOW] >= 0;
}

static int number_of_groups(const struct entries *entries, int when)
{
	int n = 0;
	size_t i;

	for (i = 0; i < entries->n; i++) {
		if (entries->entry[i].group[when] >= n)
			n = entries->entry[i].group[when] + 1;
	}
	return n;
}

/* Of those that are there before and now */
static void find_firsts(struct entries *entries, int when)
{
	int n = number_of_groups(entries, when);
	size_t *first = xcalloc(n + 1, sizeof(*first)), i;
	struct entry *entry;

	for (i = entries->n; i--;) {
		if (is_there(&entries->entry[i]))
			first[entries->entry[i].group[when]] = i;
	}
	for (i = 0; i < entries->n; i++) {
		entry = &entries->entry[i];
		if (is_there(entry))
			entry->first[when] = first[entry->group[when]];
	}
	free(first);
}

/* Those who are together before or now, or with whom those are, and so on: where they stand */
struct place {
	size_t part;
	size_t first;
	size_t entry;
};

static int compare_sizes(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_places(const void *a, const void *b)
{
	const struct place *one = a, *other = b;

	return compare_sizes(one->part, other->part) ?:
	       compare_sizes(one->first, other->first) ?:
	       compare_sizes(one->entry, other->entry);
}

static size_t *find_parts(const struct entries *entries)
{
	size_t *part = parts_new(entries->n), i;

	for (i = 0; i < entries->n; i++) {
		if (!is_there(&entries->entry[i]))
			continue;
		parts_join(part, i, entries->entry[i].first[BEFORE]);
		parts_join(part, i, entries->entry[i].first[NOW]);
	}
	return part;
}

/* Part by part, and in each by group */
static struct place *sorted(const struct entries *entries, size_t *part, int when, size_t *n)
{
	struct place *places = xcalloc(entries->n + 1, sizeof(*places));
	size_t i;

	*n = 0;
	for (i = 0; i < entries->n; i++) {
		if (is_there(&entries->entry[i]))
			places[(*n)++] = (struct place){
				parts_find(part, i), entries->entry[i].first[when], i,
			};
	}
	qsort(places, *n, sizeof(*places), compare_places);
	return places;
}

/* "before: A B | C" */
static void print_part(const char *when, const struct entries *entries,
		       const struct place *places, size_t n)
{
	size_t i;

	printf("%s", when);
	for (i = 0; i < n; i++)
		printf("%s %s", i && places[i].first != places[i - 1].first ? " |" : "",
		       entries->entry[places[i].entry].name);
	printf("\n");
}

static bool has_one_group(const struct place *places, size_t n)
{
	return places[0].first == places[n - 1].first;
}

static size_t size_of_part(const struct place *places, size_t n)
{
	size_t i = 1;

	while (i < n && places[i].part == places[0].part)
		i++;
	return i;
}

static size_t print_changes(struct entries *entries)
{
	size_t *part, n, changes = 0, i, size;
	struct place *before, *now;

	find_firsts(entries, BEFORE);
	find_firsts(entries, NOW);
	part = find_parts(entries);
	before = sorted(entries, part, BEFORE, &n);
	now = sorted(entries, part, NOW, &n);
	for (i = 0; i < n; i += size) {
		size = size_of_part(&before[i], n - i);
		if (has_one_group(&before[i], size) && has_one_group(&now[i], size))
			continue;
		print_part("before:", entries, &before[i], size);
		print_part("now:   ", entries, &now[i], size);
		changes++;
	}
	free(before);
	free(now);
	free(part);
	return changes;
}

static size_t print_comers(const struct entries *entries)
{
	const struct entry *entry;
	size_t i, n = 0;

	for (i = 0; i < entries->n; i++) {
		entry = &entries->entry[i];
		if (is_there(entry))
			continue;
		printf("%s: %s\n", entry->group[BEFORE] < 0 ? "new" : "gone", entry->name);
		n++;
	}
	return n;
}

/* What is said of these may be wrong, and what is not said of them too */
static void print_doubts(const struct entries *entries)
{
	size_t i, n = 0;

	for (i = 0; i < entries->n; i++) {
		if (!entries->entry[i].in_doubt)
			continue;
		printf("%s %s", n++ ? "" : "not known for sure:", entries->entry[i].name);
	}
	if (n)
		printf("\n");
}

enum status diff(const struct groups *now, const char *path, enum policy policy)
{
	struct entries entries = {};
	enum status status = STATUS_ERROR;
	size_t changes;

	add_groups(&entries, now, NOW);
	if (add_before(&entries, path, is_of_sysfs(now), policy)) {
		merge(&entries);
		changes = print_changes(&entries);
		changes += print_comers(&entries);
		print_doubts(&entries);
		status = changes ? STATUS_NO : STATUS_OK;
	}
	free_entries(&entries);
	return status;
}

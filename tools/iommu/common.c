// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: the reason that all devices of a group have, to be told once. Two ports of a switch
 * that lack the same are one reason, with two culprits.
 */

#include <stdlib.h>
#include <string.h>

#include "lsiommu.h"

/* Without the culprit's name, to be compared; consumes the text */
static char *without_culprit(const struct groups *groups, const struct device *dev, char *text)
{
	char *name, *at;

	if (!text || !dev->culprit)
		return text;
	name = name_of_function(groups, dev->culprit);
	at = strstr(text, name);
	if (at)
		memmove(at, at + strlen(name), strlen(at + strlen(name)) + 1);
	free(name);
	return text;
}

static bool is_alike(const struct groups *groups, const struct device *dev, const char *text)
{
	char *other = without_culprit(groups, dev, reason(groups, dev));
	bool is = other && !strcmp(other, text);

	free(other);
	return is;
}

static bool are_alike(const struct groups *groups, const struct group *group)
{
	const struct device *first = group->devices[0];
	char *text = without_culprit(groups, first, reason(groups, first));
	bool are = text;
	size_t i;

	for (i = 1; i < group->n && are; i++)
		are = is_alike(groups, group->devices[i], text);
	free(text);
	return are;
}

static bool is_before(const struct group *group, const char *culprit, size_t end)
{
	while (end--) {
		if (!strcmp(group->devices[end]->culprit, culprit))
			return true;
	}
	return false;
}

/* Of the first device it has been told */
static void add_culprits(FILE *out, const struct group *group)
{
	const char *before = "; likewise ", *culprit;
	size_t i;

	for (i = 1; i < group->n; i++) {
		culprit = group->devices[i]->culprit;
		if (!culprit || is_before(group, culprit, i))
			continue;
		fprintf(out, "%s%s", before, culprit);
		before = ", ";
	}
}

char *common_reason(const struct groups *groups, const struct group *group)
{
	char *first, *text = NULL;
	size_t size;
	FILE *out;

	if (!group->n || !are_alike(groups, group))
		return NULL;
	out = xmemstream(&text, &size);
	first = reason(groups, group->devices[0]);
	fputs(first, out);
	free(first);
	add_culprits(out, group);
	fclose(out);
	return text;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of groups on machines that exist: each has the groups and the edges
 * that the rule gives it and, with iommu.isolation=legacy, those that its own
 * kernel told.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_machines.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"

static const void *next_machine(struct kunit *test, const void *last, char *desc)
{
	const struct igt_machine *machine = last ? last + sizeof(*machine) :
						   igt_machines;

	if (machine == &igt_machines[igt_n_machines])
		return NULL;
	strscpy(desc, machine->name, KUNIT_PARAM_DESC_SIZE);
	return machine;
}

static const struct igt_machine *machine_of(struct kunit *test)
{
	const struct igt_machine *machine = test->param_value;

	KUNIT_ASSERT_NOT_NULL(test, machine->fabric);
	KUNIT_ASSERT_NOT_NULL(test, machine->groups);
	KUNIT_ASSERT_NOT_NULL(test, machine->edges);
	return machine;
}

/* A line of the file of groups */
struct entry {
	struct igt_function *function;
	const char *legacy;
	const char *directed;
};

/* The next line that has words, which is cut up */
static bool next_words(char **rest, char **word, int n)
{
	char *line;
	int i;

	while ((line = strsep(rest, "\n"))) {
		if (!*line || *line == '#')
			continue;
		for (i = 0; i < n; i++)
			word[i] = strsep(&line, " ");
		return true;
	}
	return false;
}

/* As many as the fabric has functions */
static struct entry *entries_of(struct kunit *test, struct igt_fabric *fabric,
				const char *groups)
{
	struct entry *entry = kunit_kcalloc(test, fabric->n, sizeof(*entry),
					    GFP_KERNEL);
	char *rest = kunit_kstrdup(test, groups, GFP_KERNEL), *word[3];
	int n = 0;

	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_ASSERT_NOT_NULL(test, rest);
	while (next_words(&rest, word, ARRAY_SIZE(word))) {
		KUNIT_ASSERT_LT(test, n, fabric->n);
		KUNIT_ASSERT_NOT_NULL_MSG(test, word[2], "%s", word[0]);
		entry[n].function = igt_function(test, fabric, word[0]);
		entry[n].legacy = word[1];
		entry[n++].directed = word[2];
	}
	KUNIT_ASSERT_EQ(test, n, fabric->n);
	return entry;
}

static bool in_one_group(const struct entry *a, const struct entry *b)
{
	return igt_group_of_function(a->function) ==
	       igt_group_of_function(b->function);
}

/* What one kernel told, and what was worked out, are not numbered alike */
static bool can_be_compared(const char *a, const char *b)
{
	return *a != '-' && *b != '-' && !strchr(a, ':') == !strchr(b, ':');
}

static void machine_has_legacy_the_groups_of_its_kernel(struct kunit *test)
{
	const struct igt_machine *machine = machine_of(test);
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, machine->fabric);
	struct entry *entry = entries_of(test, fabric, machine->groups);
	int i, j;

	igt_use_isolation(test, "legacy");
	igt_discover_all(test, mock, fabric, NULL);
	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < i; j++) {
			if (!can_be_compared(entry[i].legacy, entry[j].legacy) ||
			    in_one_group(&entry[i], &entry[j]) ==
			    !strcmp(entry[i].legacy, entry[j].legacy))
				continue;
			KUNIT_FAIL(test, "%s and %s", entry[j].function->name,
				   entry[i].function->name);
		}
	}
	igt_forget_all(fabric);
}

struct known_edges {
	struct igt_fabric *fabric;
	const char *text;
	int seen;
};

static bool is_in_group_of(struct kunit *test, struct igt_fabric *fabric,
			   const char *name, struct igt_function *other)
{
	return igt_group_of_function(igt_function(test, fabric, name)) ==
	       igt_group_of_function(other);
}

static bool is_edge(struct kunit *test, struct known_edges *known,
		    struct igt_function *from, struct igt_function *to)
{
	char *copy = kunit_kstrdup(test, known->text, GFP_KERNEL);
	char *rest = copy, *word[2];
	bool found = false;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while (!found && next_words(&rest, word, ARRAY_SIZE(word)))
		found = is_in_group_of(test, known->fabric, word[0], from) &&
			is_in_group_of(test, known->fabric, word[1] ?: "", to);
	kunit_kfree(test, copy);
	return found;
}

static void check_edge(struct kunit *test, struct igt_function *from,
		       struct igt_function *to, const char *why, void *data)
{
	struct known_edges *known = data;

	KUNIT_EXPECT_TRUE_MSG(test, is_edge(test, known, from, to),
			      "%s reaches %s by %s", from->name, to->name, why);
	known->seen++;
}

static int count_edges(struct kunit *test, const char *text)
{
	char *rest = kunit_kstrdup(test, text, GFP_KERNEL), *word[2];
	int edges = 0;

	KUNIT_ASSERT_NOT_NULL(test, rest);
	while (next_words(&rest, word, ARRAY_SIZE(word)))
		edges++;
	return edges;
}

static void check_edges(struct kunit *test, struct igt_fabric *fabric,
			const char *edges)
{
	struct known_edges known = { fabric, edges };

	igt_visit_edges(test, fabric, check_edge, &known);
	KUNIT_EXPECT_EQ_MSG(test, known.seen, count_edges(test, edges),
			    "should be\n%s", edges);
}

static void check_groups(struct kunit *test, struct igt_fabric *fabric,
			 const struct entry *entry)
{
	int i, j;

	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < i; j++) {
			if (in_one_group(&entry[i], &entry[j]) ==
			    !strcmp(entry[i].directed, entry[j].directed))
				continue;
			KUNIT_FAIL(test, "%s and %s", entry[j].function->name,
				   entry[i].function->name);
		}
	}
}

static void machine_has_the_groups_of_the_rule(struct kunit *test)
{
	const struct igt_machine *machine = machine_of(test);
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, machine->fabric);

	igt_discover_all(test, mock, fabric, NULL);
	check_groups(test, fabric, entries_of(test, fabric, machine->groups));
	check_edges(test, fabric, machine->edges);
	igt_forget_all(fabric);
}

static struct kunit_case iommu_group_machines_cases[] = {
	KUNIT_CASE_PARAM(machine_has_the_groups_of_the_rule, next_machine),
	KUNIT_CASE_PARAM(machine_has_legacy_the_groups_of_its_kernel, next_machine),
	{}
};

static struct kunit_suite iommu_group_machines_suite = {
	.name = "iommu_group_machines",
	.test_cases = iommu_group_machines_cases,
};

kunit_test_suite(iommu_group_machines_suite);

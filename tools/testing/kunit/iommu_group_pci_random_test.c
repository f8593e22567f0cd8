// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit test of random fabrics, whose functions are discovered in random order, go
 * and come back, against a reference that is written another way: see
 * iommu_group_reference.c.
 */

#include <kunit/test.h>
#include <linux/build_bug.h>
#include <linux/prandom.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu_group_fabric.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"
#include "iommu_group_random_fabric.h"
#include "iommu_group_reference.h"

static_assert(IGT_RANDOM_FUNCTIONS <= IGT_REFERENCE_FUNCTIONS);

struct check {
	char text[IGT_RANDOM_TEXT];
	u16 order[IGT_RANDOM_FUNCTIONS];
	struct igt_fabric *fabric;
	struct igt_reference reference;
	u64 edges[IGT_RANDOM_FUNCTIONS];	/* by the first function of a group */
	int wrong;
	int with_edges;
};

static void is_wrong(struct kunit *test, struct check *check,
		     struct igt_function *a, const char *what,
		     struct igt_function *b)
{
	if (!check->wrong++)
		kunit_err(test, "%s %s %s\n", a->name, what, b->name);
}

/* Those of the order from @first on, in that order */
static void discover_rest(struct kunit *test, struct igt_iommu *mock,
			  struct check *check, int first)
{
	struct igt_function *function;
	int i;

	for (i = first; i < check->fabric->n; i++) {
		function = &check->fabric->function[check->order[i]];
		if (igt_discover(mock, function))
			is_wrong(test, check, function, "is in no group with",
				 function);
	}
}

/* Some go, and come back in another order */
static void let_some_return(struct kunit *test, struct igt_iommu *mock,
			    struct check *check, struct rnd_state *rnd)
{
	int i, n = check->fabric->n, stay = prandom_u32_state(rnd) % n;

	igt_shuffle(rnd, check->order, n);
	for (i = stay; i < n; i++)
		igt_forget(&check->fabric->function[check->order[i]]);
	igt_shuffle(rnd, check->order + stay, n - stay);
	discover_rest(test, mock, check, stay);
}

static void check_groups(struct kunit *test, struct check *check)
{
	struct igt_function *a, *b;
	int i, j;

	for (i = 0; i < check->fabric->n; i++) {
		for (j = 0; j < i; j++) {
			a = &check->fabric->function[i];
			b = &check->fabric->function[j];
			if ((igt_group_of_function(a) == igt_group_of_function(b)) !=
			    !!(check->reference.group[i] & BIT_ULL(j)))
				is_wrong(test, check, b, "and", a);
		}
	}
}

static void note_edge(struct kunit *test, struct igt_function *from,
		      struct igt_function *to, const char *why, void *data)
{
	struct check *check = data;
	struct igt_function *first = check->fabric->function;

	check->edges[from - first] |= BIT_ULL(to - first);
}

/* Does any function of a group reach the first one of another, which stands for all? */
static bool should_reach(struct check *check, int from, int to)
{
	u64 reach = 0;
	int i;

	for (i = 0; i < check->fabric->n; i++) {
		if (check->reference.group[from] & BIT_ULL(i))
			reach |= check->reference.reach[i];
	}
	return reach & check->reference.group[to];
}

/* Called when the groups are known to be right */
static void check_edges(struct kunit *test, struct check *check)
{
	struct igt_function *function = check->fabric->function;
	int i, j;

	memset(check->edges, 0, sizeof(check->edges));
	igt_visit_edges(test, check->fabric, note_edge, check);
	for (i = 0; i < check->fabric->n; i++) {
		if (igt_first_of_group(check->fabric, &function[i]) != &function[i])
			continue;
		for (j = 0; j < check->fabric->n; j++) {
			if (i == j || igt_first_of_group(check->fabric,
							 &function[j]) != &function[j])
				continue;
			if (should_reach(check, i, j) !=
			    !!(check->edges[i] & BIT_ULL(j)))
				is_wrong(test, check, &function[i], "reaches, or not,",
					 &function[j]);
		}
	}
}

static void check_all(struct kunit *test, struct check *check)
{
	check_groups(test, check);
	/* What shares an ID is told apart by nobody, so edges do not follow from reach */
	if (!check->wrong && !check->reference.has_aliases)
		check_edges(test, check);
}

static void check_random(struct kunit *test, struct igt_iommu *mock,
			 struct check *check, u32 seed)
{
	struct rnd_state rnd;
	int i;

	igt_write_random_fabric(check->text, seed);
	check->fabric = igt_fabric(test, check->text);
	check->wrong = 0;
	igt_make_reference(&check->reference, check->fabric);
	for (i = 0; i < check->fabric->n; i++)
		check->order[i] = i;
	prandom_seed_state(&rnd, seed);
	igt_shuffle(&rnd, check->order, check->fabric->n);

	discover_rest(test, mock, check, 0);
	check_all(test, check);
	let_some_return(test, mock, check, &rnd);
	check_all(test, check);
	check->with_edges += !check->reference.has_aliases;
	KUNIT_EXPECT_EQ_MSG(test, check->wrong, 0, "seed %u:\n%s", seed,
			    check->text);
	igt_forget_all(check->fabric);
	igt_remove_fabric(test, check->fabric);
}

static void random_fabrics_are_as_the_reference_has_them(struct kunit *test)
{
	/* Each sanitizer and proof of locks takes its time */
	u32 seed, fabrics = IS_ENABLED(CONFIG_KASAN) ? 10 :
			    IS_ENABLED(CONFIG_PROVE_LOCKING) ? 200 : 2000;
	struct check *check = kunit_kzalloc(test, sizeof(*check), GFP_KERNEL);
	struct igt_iommu *mock = igt_pci_iommu(test);

	KUNIT_ASSERT_NOT_NULL(test, check);
	igt_quieten_console(test);
	for (seed = 1; seed <= fabrics; seed++)
		check_random(test, mock, check, seed);
	igt_restore_console(test);
	kunit_info(test, "seeds 1 to %u, the edges of %d\n", fabrics, check->with_edges);
}

static struct kunit_case iommu_group_pci_random_cases[] = {
	KUNIT_CASE_SLOW(random_fabrics_are_as_the_reference_has_them),
	{}
};

static struct kunit_suite iommu_group_pci_random_suite = {
	.name = "iommu_group_pci_random",
	.test_cases = iommu_group_pci_random_cases,
};

kunit_test_suite(iommu_group_pci_random_suite);

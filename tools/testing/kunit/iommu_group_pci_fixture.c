// SPDX-License-Identifier: GPL-2.0-only
/* Groups of PCI functions beside what is expected, see iommu_group_pci_fixture.h */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"

static void restore_isolation(void *name)
{
	iommu_group_set_isolation(name);
}

void igt_use_isolation(struct kunit *test, const char *name)
{
	void *before = (void *)iommu_group_isolation_name();

	KUNIT_ASSERT_EQ(test, iommu_group_set_isolation(name), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore_isolation,
							before), 0);
}

struct igt_iommu *igt_pci_iommu(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);

	igt_use_isolation(test, "standard");
	mock->ops.device_group = pci_device_group;
	return mock;
}

int igt_discover(struct igt_iommu *mock, struct igt_function *function)
{
	struct device *dev = &function->pdev->dev;

	/* There are tests that do this a hundred thousand times */
	cond_resched();
	return igt_tie(mock, dev) ?: iommu_probe_device(dev);
}

void igt_forget(struct igt_function *function)
{
	iommu_release_device(&function->pdev->dev);
}

void igt_discover_all(struct kunit *test, struct igt_iommu *mock,
		      struct igt_fabric *fabric, const u16 *order)
{
	struct igt_function *function;
	int i;

	for (i = 0; i < fabric->n; i++) {
		function = &fabric->function[order ? order[i] : i];
		KUNIT_ASSERT_EQ_MSG(test, igt_discover(mock, function), 0, "%s",
				    function->name);
	}
}

void igt_forget_all(struct igt_fabric *fabric)
{
	int i;

	for (i = 0; i < fabric->n; i++)
		igt_forget(&fabric->function[i]);
}

u16 *igt_order(struct kunit *test, int n)
{
	u16 *order = kunit_kcalloc(test, n, sizeof(*order), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, order);
	for (i = 0; i < n; i++)
		order[i] = i;
	return order;
}

void igt_shuffle(struct rnd_state *rnd, u16 *order, int n)
{
	int i, j;

	for (i = n; i > 1; i--) {
		j = prandom_u32_state(rnd) % i;
		swap(order[i - 1], order[j]);
	}
}

struct iommu_group *igt_group_of_function(struct igt_function *function)
{
	return rcu_access_pointer(function->pdev->dev.iommu_group);
}

struct igt_function *igt_first_of_group(struct igt_fabric *fabric,
					struct igt_function *function)
{
	struct iommu_group *group = igt_group_of_function(function);
	struct igt_function *first = fabric->function;

	while (igt_group_of_function(first) != group)
		first++;
	return first;
}

/* Which one of the groups of a text a name is in, or -1 */
static int class_of(const char *groups, const char *name)
{
	size_t len;
	int class = 0;

	for (; *groups; groups += len) {
		len = strcspn(groups, " |\n");
		if (len && len == strlen(name) && !strncmp(groups, name, len))
			return class;
		if (*groups == '|' || *groups == '\n')
			class++;
		len = len ?: 1;
	}
	return -1;
}

static struct igt_function *first_of_class(struct igt_fabric *fabric,
					   const char *groups, int class)
{
	struct igt_function *first = fabric->function;

	while (class_of(groups, first->name) != class)
		first++;
	return first;
}

void igt_expect_groups(struct kunit *test, struct igt_fabric *fabric,
		       const char *groups)
{
	struct igt_function *function, *end = fabric->function + fabric->n;
	int class;

	for (function = fabric->function; function < end; function++) {
		class = class_of(groups, function->name);
		KUNIT_ASSERT_GE_MSG(test, class, 0, "nothing is expected of %s",
				    function->name);
		KUNIT_EXPECT_NOT_NULL_MSG(test, igt_group_of_function(function),
					  "%s", function->name);
		KUNIT_EXPECT_STREQ_MSG(test,
				       igt_first_of_group(fabric, function)->name,
				       first_of_class(fabric, groups, class)->name,
				       "who %s is with", function->name);
	}
}

static const char *name_of(struct igt_fabric *fabric, const char *word)
{
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (!strcmp(pci_name(fabric->function[i].pdev), word))
			return fabric->function[i].name;
	}
	return word;
}

/* Names of the fabric for those of PCI; cuts @words up */
static void put_names(struct igt_fabric *fabric, char *words, char *line, size_t size)
{
	int len = 0;
	char *word;

	*line = '\0';
	while ((word = strsep(&words, " ")))
		len += scnprintf(line + len, size - len, "%s%s", len ? " " : "",
				 name_of(fabric, word));
}

static bool is_alone(struct igt_fabric *fabric, struct igt_function *function)
{
	int i, members = 0;

	for (i = 0; i < fabric->n; i++)
		members += igt_group_of_function(&fabric->function[i]) ==
			   igt_group_of_function(function);
	return members == 1;
}

static void describe(struct igt_fabric *fabric, struct igt_function *function,
		     char *line, size_t size)
{
	struct device *dev = &function->pdev->dev;
	char buf[128];
	int len;

	iommu_group_describe_place(dev->iommu->place,
				   is_alone(fabric, function), buf, sizeof(buf));
	len = scnprintf(line, size, "%s ", function->name);
	put_names(fabric, buf, line + len, size - len);
}

void igt_expect_causes(struct kunit *test, struct igt_fabric *fabric,
		       const char *causes)
{
	char line[128];
	size_t len;
	int i;

	for (i = 0; i < fabric->n; i++) {
		describe(fabric, &fabric->function[i], line, sizeof(line));
		len = strcspn(causes, "\n");
		KUNIT_EXPECT_TRUE_MSG(test, strlen(line) == len &&
				      !strncmp(line, causes, len),
				      "is \"%s\", should be \"%.*s\"", line,
				      (int)len, causes);
		causes += len;
		causes += *causes == '\n';
	}
	KUNIT_EXPECT_STREQ(test, causes, "");
}

static struct igt_function *first_of_id(struct igt_fabric *fabric, int id)
{
	struct igt_function *first, *end = fabric->function + fabric->n;

	for (first = fabric->function; first < end; first++) {
		if (iommu_group_id(igt_group_of_function(first)) == id)
			return first;
	}
	return NULL;
}

/* As a string, for the caller to free */
static char *reaches(struct kunit *test, struct iommu_group *group)
{
	char *text, *copy = NULL;
	size_t len;

	scoped_guard(mutex, &group->mutex)
		text = iommu_group_reaches_text(group, &len);
	if (text)
		copy = kstrndup(text, len, GFP_KERNEL);
	kvfree(text);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	return copy;
}

static void visit_edges_from(struct kunit *test, struct igt_fabric *fabric,
			     struct igt_function *from, igt_edge_fn *visit,
			     void *data)
{
	char *text = reaches(test, igt_group_of_function(from));
	char *rest = text, *line, why[128];
	struct igt_function *to;
	int id, culprit;

	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		culprit = 0;
		to = NULL;
		if (sscanf(line, "%d %n", &id, &culprit) == 1 && culprit)
			to = first_of_id(fabric, id);
		if (!to) {
			KUNIT_FAIL(test, "whom does %s reach: %s", from->name, line);
			continue;
		}
		put_names(fabric, line + culprit, why, sizeof(why));
		visit(test, from, to, why, data);
	}
	kfree(text);
}

void igt_visit_edges(struct kunit *test, struct igt_fabric *fabric,
		     igt_edge_fn *visit, void *data)
{
	struct igt_function *from, *end = fabric->function + fabric->n;

	for (from = fabric->function; from < end; from++) {
		if (igt_first_of_group(fabric, from) == from)
			visit_edges_from(test, fabric, from, visit, data);
	}
}

static bool has_line(const char *text, const char *line)
{
	size_t len;

	for (; *text; text += len, text += *text == '\n') {
		len = strcspn(text, "\n");
		if (len == strlen(line) && !strncmp(text, line, len))
			return true;
	}
	return false;
}

static int lines_of(const char *text)
{
	int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

struct expected_edges {
	const char *text;
	int seen;
};

static void expect_edge(struct kunit *test, struct igt_function *from,
			struct igt_function *to, const char *why, void *data)
{
	struct expected_edges *expected = data;
	char line[192];

	snprintf(line, sizeof(line), "%s %s %s", from->name, to->name, why);
	KUNIT_EXPECT_TRUE_MSG(test, has_line(expected->text, line),
			      "there is \"%s\"", line);
	expected->seen++;
}

void igt_expect_edges(struct kunit *test, struct igt_fabric *fabric,
		      const char *edges)
{
	struct expected_edges expected = { .text = edges };

	igt_visit_edges(test, fabric, expect_edge, &expected);
	KUNIT_EXPECT_EQ_MSG(test, expected.seen, lines_of(edges),
			    "should be\n%s", edges);
}

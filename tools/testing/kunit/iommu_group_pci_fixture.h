/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What tests of groups of PCI functions have in common: functions of a fabric are
 * discovered by a mock IOMMU, and the groups that they come to are compared with
 * what is expected.
 */
#ifndef __IOMMU_GROUP_PCI_FIXTURE_H
#define __IOMMU_GROUP_PCI_FIXTURE_H

#include <linux/types.h>

struct igt_fabric;
struct igt_function;
struct igt_iommu;
struct iommu_group;
struct kunit;
struct rnd_state;

/* Sets iommu.isolation= until the test's end */
void igt_use_isolation(struct kunit *test, const char *name);
/* A mock IOMMU that asks pci_device_group(), by "standard" whatever the machine has */
struct igt_iommu *igt_pci_iommu(struct kunit *test);

/* A function comes to its group, and leaves it */
int igt_discover(struct igt_iommu *mock, struct igt_function *function);
void igt_forget(struct igt_function *function);
/* In the order of the fabric, or in that of @order */
void igt_discover_all(struct kunit *test, struct igt_iommu *mock,
		      struct igt_fabric *fabric, const u16 *order);
void igt_forget_all(struct igt_fabric *fabric);
/* 0 to @n - 1, and these in some other order */
u16 *igt_order(struct kunit *test, int n);
void igt_shuffle(struct rnd_state *rnd, u16 *order, int n);

struct iommu_group *igt_group_of_function(struct igt_function *function);
/* The first of the fabric that is in the same group */
struct igt_function *igt_first_of_group(struct igt_fabric *fabric,
					struct igt_function *function);

/* @groups: names of functions, groups apart by "|" or ends of lines */
void igt_expect_groups(struct kunit *test, struct igt_fabric *fabric,
		       const char *groups);
/* @causes: "NAME CAUSE [CULPRIT [LACKS]]", lines in the order of the functions */
void igt_expect_causes(struct kunit *test, struct igt_fabric *fabric,
		       const char *causes);
/*
 * @edges: "NAME NAME CULPRIT [LACKS]", lines in any order: the first function of
 * a group, that of one which it reaches, by whom
 */
void igt_expect_edges(struct kunit *test, struct igt_fabric *fabric,
		      const char *edges);

/* @why: CULPRIT [LACKS], by the name of the fabric */
typedef void igt_edge_fn(struct kunit *test, struct igt_function *from,
			 struct igt_function *to, const char *why, void *data);
/* Calls @visit for each edge, by the first functions of both groups */
void igt_visit_edges(struct kunit *test, struct igt_fabric *fabric,
		     igt_edge_fn *visit, void *data);

#endif /* __IOMMU_GROUP_PCI_FIXTURE_H */

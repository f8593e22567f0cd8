/* SPDX-License-Identifier: GPL-2.0-only */
/* Fabrics, with the groups and edges that they have to have */
#ifndef __IOMMU_GROUP_TRUTH_TABLE_H
#define __IOMMU_GROUP_TRUTH_TABLE_H

/**
 * struct igt_truth - a row of the table
 * @desc: what it is about
 * @fabric: text for igt_fabric()
 * @groups: for igt_expect_groups()
 * @causes: for igt_expect_causes()
 * @edges: for igt_expect_edges()
 */
struct igt_truth {
	const char *desc;
	const char *fabric;
	const char *groups;
	const char *causes;
	const char *edges;
};

extern const struct igt_truth igt_truth_table[];
extern const int igt_truths;

#endif /* __IOMMU_GROUP_TRUTH_TABLE_H */

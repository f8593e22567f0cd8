/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machines that exist: text of the files in iommu_group_machines/, of which
 * iommu_group_machines.awk makes a table when the tests are built.
 */
#ifndef __IOMMU_GROUP_MACHINES_H
#define __IOMMU_GROUP_MACHINES_H

/**
 * struct igt_machine - a machine, by the name of its files
 * @name: that name
 * @fabric: its functions, for igt_fabric(); comments tell where it comes from
 * @groups: a line for each function: its name, its group as the machine's own
 *	kernel told it (a number; "-" for none) or as it was worked out for that
 *	kernel's rule (a name), and its group by the rule of
 *	iommu-group-isolation.c (the name of the group's first function)
 * @edges: a line for each group that reaches another, by the names of their first
 *	functions
 */
struct igt_machine {
	const char *name;
	const char *fabric;
	const char *groups;
	const char *edges;
};

extern const struct igt_machine igt_machines[];
extern const int igt_n_machines;

#endif /* __IOMMU_GROUP_MACHINES_H */

/* SPDX-License-Identifier: GPL-2.0-only */
/* sysfs as user space sees it. Nodes are to be compared only, with kobject.sd. */
#ifndef __IOMMU_GROUP_SYSFS_VIEW_H
#define __IOMMU_GROUP_SYSFS_VIEW_H

#include <linux/compiler_attributes.h>
#include <linux/types.h>

struct device;
struct file;
struct iommu_group;
struct kunit;
struct kunit_suite;

#define IGT_GROUPS "kernel/iommu_groups"

int igt_mount_sysfs(struct kunit_suite *suite);
void igt_unmount_sysfs(struct kunit_suite *suite);

__printf(1, 2) void *igt_sysfs_node(const char *fmt, ...);
void *igt_sysfs_device(struct iommu_group *group, const char *link);
void *igt_sysfs_group(struct device *dev);

struct file *igt_open_attr(struct iommu_group *group, const char *name,
			   int flags);
const char *igt_read_attr(struct kunit *test, struct iommu_group *group,
			  const char *name);
ssize_t igt_write_attr(struct iommu_group *group, const char *name,
		       const char *text);

#endif /* __IOMMU_GROUP_SYSFS_VIEW_H */

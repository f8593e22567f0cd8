/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What KUnit suites of IOMMU groups have in common. All of it is undone when
 * the test ends, the last first.
 */
#ifndef __IOMMU_GROUP_FIXTURE_H
#define __IOMMU_GROUP_FIXTURE_H

#include <linux/kmsg_dump.h>

struct device;
struct iommu_group;
struct kunit;
struct task_struct;

struct device *igt_device(struct kunit *test, struct device *parent,
			  const char *name);
struct device *igt_namesake(struct kunit *test, struct device *dev);

struct iommu_group *igt_group(struct kunit *test);
void igt_put_group(struct kunit *test, struct iommu_group *group);
struct iommu_group *igt_group_of(struct kunit *test, struct device *dev);
unsigned int igt_references(struct iommu_group *group);
int igt_lowest_free_id(struct kunit *test);

struct task_struct *igt_begin_thread(struct kunit *test, int (*run)(void *),
				     void *data);
void igt_end_thread(struct kunit *test, struct task_struct *task);

/* Between the two, test->priv is theirs */
void igt_quieten_console(struct kunit *test);
void igt_restore_console(struct kunit *test);

struct kmsg_dump_iter igt_log(void);
int igt_logged(struct kmsg_dump_iter log, const char *text);

#endif /* __IOMMU_GROUP_FIXTURE_H */

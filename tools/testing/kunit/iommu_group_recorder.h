/* SPDX-License-Identifier: GPL-2.0-only */
/* A listener of a group that writes down what it hears */
#ifndef __IOMMU_GROUP_RECORDER_H
#define __IOMMU_GROUP_RECORDER_H

#include <linux/iommu.h>
#include <linux/notifier.h>

struct kunit;

#define ADD		IOMMU_GROUP_NOTIFY_ADD_DEVICE
#define DEL		IOMMU_GROUP_NOTIFY_DEL_DEVICE
#define BIND		IOMMU_GROUP_NOTIFY_BIND_DRIVER
#define BOUND		IOMMU_GROUP_NOTIFY_BOUND_DRIVER
#define UNBIND		IOMMU_GROUP_NOTIFY_UNBIND_DRIVER
#define UNBOUND		IOMMU_GROUP_NOTIFY_UNBOUND_DRIVER
#define NOT_BOUND	IOMMU_GROUP_NOTIFY_DRIVER_NOT_BOUND
#define REFUSED		IOMMU_GROUP_NOTIFY_DRIVER_REFUSED
#define OWNER_USER	IOMMU_GROUP_NOTIFY_OWNER_USER
#define OWNER_NONE	IOMMU_GROUP_NOTIFY_OWNER_NONE

struct igt_recorder {
	struct notifier_block nb;
	struct iommu_group *group;
	int n;
	struct {
		unsigned long action;
		struct device *dev;	/* NULL for OWNER_* */
		bool is_member;
		bool is_owned;
		/* What a mock IOMMU has the device attached to, else NULL */
		struct iommu_domain *domain;
	} event[64];
};

bool igt_is_member(struct iommu_group *group, struct device *dev);
/* By user space */
bool igt_is_owned(struct iommu_group *group);

/* To be registered by igt_listen() */
struct igt_recorder *igt_new_recorder(struct kunit *test,
				      struct iommu_group *group);
/* Until igt_stop(), or the test's end */
void igt_listen(struct kunit *test, struct igt_recorder *rec);
void igt_stop(struct kunit *test, struct igt_recorder *rec);
struct igt_recorder *igt_new_listener(struct kunit *test,
				      struct iommu_group *group);

void igt_expect_events(struct kunit *test, struct igt_recorder *rec,
		       struct device *dev, const unsigned long *action, int n,
		       const char *when);

#define IGT_EXPECT_EVENTS(test, rec, dev, ...)				\
	igt_expect_events(test, rec, dev,				\
			  (const unsigned long []){ __VA_ARGS__ },	\
			  sizeof((const unsigned long []){ __VA_ARGS__ }) / \
			  sizeof(unsigned long), #__VA_ARGS__)

#define IGT_EXPECT_NO_EVENT(test, rec)	KUNIT_EXPECT_EQ(test, (rec)->n, 0)

#endif /* __IOMMU_GROUP_RECORDER_H */

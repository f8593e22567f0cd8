// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the uevents of IOMMU groups, received as udev receives them.
 */

#include <kunit/resource.h>
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/kobject.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "iommu-group.h"
#include "iommu_group_failslab.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_recorder.h"

#define MAX_UEVENT 2048

KUNIT_DEFINE_ACTION_WRAPPER(release_socket, sock_release, struct socket *);

/* Listen as udev does */
static struct socket *listen_to_uevents(struct kunit *test)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct socket *sock;
	int ret;

	ret = sock_create_kern(&init_net, PF_NETLINK, SOCK_RAW,
			       NETLINK_KOBJECT_UEVENT, &sock);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, release_socket,
							sock), 0);
	ret = kernel_bind(sock, (struct sockaddr_unsized *)&addr, sizeof(addr));
	KUNIT_ASSERT_EQ(test, ret, 0);
	return sock;
}

struct uevent {
	int len;
	char buf[MAX_UEVENT];
};

/*
 * The length of the next event of group @id, -EAGAIN if there is none, or another
 * error, as when some were lost; those of others are passed over
 */
static int next_uevent(struct socket *sock, int id, struct uevent *uevent)
{
	const char *path;
	char ours[64];

	snprintf(ours, sizeof(ours), "@/kernel/iommu_groups/%d", id);
	do {
		struct kvec vec = { uevent->buf, sizeof(uevent->buf) - 1 };
		struct msghdr msg = {};

		uevent->len = kernel_recvmsg(sock, &msg, &vec, 1, vec.iov_len,
					     MSG_DONTWAIT);
		if (uevent->len < 0)
			return uevent->len;
		uevent->buf[uevent->len] = '\0';
		path = strchr(uevent->buf, '@');
	} while (!path || strcmp(path, ours));
	return uevent->len;
}

static const char *value_of(const struct uevent *uevent, const char *key)
{
	const char *end = uevent->buf + uevent->len;
	size_t len = strlen(key);
	const char *var;

	for (var = uevent->buf; var < end; var += strlen(var) + 1) {
		if (!strncmp(var, key, len) && var[len] == '=')
			return var + len + 1;
	}
	return NULL;
}

static void expect_value(struct kunit *test, const struct uevent *uevent,
			 const char *key, const char *value)
{
	if (value)
		KUNIT_EXPECT_STREQ(test, value_of(uevent, key), value);
	else
		KUNIT_EXPECT_NULL(test, value_of(uevent, key));
}

static void expect_action(struct kunit *test, struct socket *sock, int id,
			  const char *action, const char *event,
			  const char *device)
{
	struct uevent *uevent = kunit_kzalloc(test, sizeof(*uevent), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, uevent);
	KUNIT_ASSERT_GT_MSG(test, next_uevent(sock, id, uevent), 0, "no %s %s",
			    action, event ?: "");
	expect_value(test, uevent, "ACTION", action);
	expect_value(test, uevent, "SUBSYSTEM", "iommu_groups");
	expect_value(test, uevent, "IOMMU_GROUP_EVENT", event);
	expect_value(test, uevent, "IOMMU_GROUP_DEVICE", device);
}

static void expect_uevent(struct kunit *test, struct socket *sock,
			  struct iommu_group *group, const char *event,
			  const char *device)
{
	expect_action(test, sock, iommu_group_id(group), "change", event,
		      device);
}

static void expect_nothing_of(struct kunit *test, struct socket *sock, int id)
{
	struct uevent *uevent = kunit_kzalloc(test, sizeof(*uevent), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, uevent);
	KUNIT_EXPECT_EQ(test, next_uevent(sock, id, uevent), -EAGAIN);
}

static void expect_no_uevent(struct kunit *test, struct socket *sock,
			     struct iommu_group *group)
{
	expect_nothing_of(test, sock, iommu_group_id(group));
}

/* What is about to be is over when a program reads it, so that is no uevent */
static void each_event_that_has_happened_is_a_uevent(struct kunit *test)
{
	static const struct {
		unsigned long action;
		const char *name;
	} driver[] = {
		{ BUS_NOTIFY_BIND_DRIVER },
		{ BUS_NOTIFY_BOUND_DRIVER, "bound-driver" },
		{ BUS_NOTIFY_UNBIND_DRIVER },
		{ BUS_NOTIFY_UNBOUND_DRIVER, "unbound-driver" },
		{ BUS_NOTIFY_DRIVER_NOT_BOUND, "driver-not-bound" },
		/* Not about drivers */
		{ BUS_NOTIFY_DEL_DEVICE },
	};
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "igt-uevent");
	struct socket *sock = listen_to_uevents(test);
	int i;

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	expect_uevent(test, sock, group, "add-device", "igt-uevent");
	for (i = 0; i < ARRAY_SIZE(driver); i++) {
		iommu_group_notify_driver(dev, driver[i].action);
		if (driver[i].name)
			expect_uevent(test, sock, group, driver[i].name,
				      "igt-uevent");
		expect_no_uevent(test, sock, group);
	}
	iommu_group_notify_refusal(dev);
	expect_uevent(test, sock, group, "driver-refused", "igt-uevent");
	expect_no_uevent(test, sock, group);
	iommu_group_remove_device(dev);
	expect_uevent(test, sock, group, "del-device", "igt-uevent");
	expect_no_uevent(test, sock, group);
}

static void owners_are_uevents_without_a_device(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct iommu_group *group;
	struct socket *sock;

	group = igt_group_of(test, igt_client(test, mock, "igt-owned"));
	KUNIT_ASSERT_NOT_NULL(test, group);
	sock = listen_to_uevents(test);
	KUNIT_ASSERT_EQ(test, iommu_group_claim_dma_owner(group, test), 0);
	expect_uevent(test, sock, group, "owner-user", NULL);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(group, test), -EPERM);
	expect_no_uevent(test, sock, group);
	iommu_group_release_dma_owner(group);
	expect_uevent(test, sock, group, "owner-none", NULL);
	expect_no_uevent(test, sock, group);
}

/* Around all events of its devices, each once */
static void groups_come_and_go(struct kunit *test)
{
	struct device *dev = igt_device(test, NULL, "igt-last");
	struct socket *sock = listen_to_uevents(test);
	struct iommu_group *group = igt_group(test);
	int id = iommu_group_id(group);

	KUNIT_EXPECT_EQ(test, iommu_group_add_device(group, dev), 0);
	igt_put_group(test, group);
	iommu_group_remove_device(dev);
	expect_action(test, sock, id, "add", NULL, NULL);
	expect_action(test, sock, id, "change", "add-device", "igt-last");
	expect_action(test, sock, id, "change", "del-device", "igt-last");
	expect_action(test, sock, id, "remove", NULL, NULL);
	expect_nothing_of(test, sock, id);
}

/* As groups of the boot have, whose uevents nobody listened to */
static void group_goes_that_came_unheard(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct socket *sock = listen_to_uevents(test);
	int id = iommu_group_id(group);

	igt_put_group(test, group);
	expect_action(test, sock, id, "remove", NULL, NULL);
	expect_nothing_of(test, sock, id);
}

/* What is heard of the group that is made again and again */
struct heard {
	struct socket *sock;
	int id;
	struct uevent uevent;
};

static int act_alloc(struct igt_attempt *attempt)
{
	attempt->group = iommu_group_alloc();
	return PTR_ERR_OR_ZERO(attempt->group);
}

/* Leaves none of its uevents for the next */
static void undo_alloc(struct igt_attempt *attempt)
{
	struct heard *heard = kunit_get_current_test()->priv;

	iommu_group_put(attempt->group);
	while (next_uevent(heard->sock, heard->id, &heard->uevent) > 0)
		;
}

static void check_not_told(struct kunit *test, struct igt_attempt *attempt)
{
	struct heard *heard = test->priv;

	expect_nothing_of(test, heard->sock, heard->id);
}

static void group_that_cannot_come_does_not_go(struct kunit *test)
{
	struct igt_attempt attempt = {
		.act = act_alloc,
		.undo = undo_alloc,
		.check_unchanged = check_not_told,
	};
	struct heard *heard = kunit_kzalloc(test, sizeof(*heard), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, heard);
	igt_need_failslab(test);
	heard->id = igt_lowest_free_id(test);
	heard->sock = listen_to_uevents(test);
	test->priv = heard;
	igt_fail_each_allocation(test, &attempt);
}

/* IOMMU_GROUP_DEVICE is the name of the link, which is one of a kind */
static void namesakes_are_told_apart(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *first = igt_device(test, NULL, "igt-same");
	struct device *second = igt_namesake(test, first);
	struct socket *sock = listen_to_uevents(test);

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, first), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, second), 0);
	expect_uevent(test, sock, group, "add-device", "igt-same");
	expect_uevent(test, sock, group, "add-device", "igt-same.0");
}

/* Allocations for an event of a device's driver */
static unsigned int cost_of(struct kunit *test, struct device *dev,
			    unsigned long action)
{
	igt_count_allocations(test);
	iommu_group_notify_driver(dev, action);
	return igt_counted_allocations(test);
}

/* And for the end of a group, which needs none by itself */
static unsigned int cost_of_an_end(struct kunit *test)
{
	struct iommu_group *group = iommu_group_alloc();

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, group);
	igt_count_allocations(test);
	iommu_group_put(group);
	return igt_counted_allocations(test);
}

static void nobody_listens_nothing_is_made(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "igt-unheard");
	unsigned int allocations;

	if (kobject_uevent_wanted())
		kunit_skip(test, "somebody listens to uevents");
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);

	allocations = cost_of(test, dev, BUS_NOTIFY_BOUND_DRIVER);
	KUNIT_EXPECT_EQ(test, allocations, 0);
	allocations = cost_of_an_end(test);
	KUNIT_EXPECT_EQ(test, allocations, 0);
	KUNIT_EXPECT_FALSE(test, group->kobj.state_add_uevent_sent);

	/* The same with a listener in the kernel, who needs no uevent */
	igt_new_listener(test, group);
	allocations = cost_of(test, dev, BUS_NOTIFY_BOUND_DRIVER);
	KUNIT_EXPECT_EQ(test, allocations, 0);

	/* That the count counts */
	listen_to_uevents(test);
	allocations = cost_of(test, dev, BUS_NOTIFY_BOUND_DRIVER);
	KUNIT_EXPECT_GT(test, allocations, 0);
	allocations = cost_of(test, dev, BUS_NOTIFY_BIND_DRIVER);
	KUNIT_EXPECT_EQ(test, allocations, 0);
	allocations = cost_of_an_end(test);
	KUNIT_EXPECT_GT(test, allocations, 0);
	KUNIT_EXPECT_TRUE(test, igt_group(test)->kobj.state_add_uevent_sent);
}

static void check_not_added(struct kunit *test, struct igt_attempt *attempt)
{
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(attempt->dev->iommu_group));
}

/* Each device that was added was heard of in the kernel, and went again */
static void lost_uevent_loses_nothing_else(struct kunit *test)
{
	struct igt_attempt attempt = {
		.group = igt_group(test),
		.dev = igt_device(test, NULL, "igt-lost"),
		.act = igt_act_add,
		.undo = igt_undo_add,
		.check_unchanged = check_not_added,
	};
	struct igt_recorder *rec = igt_new_listener(test, attempt.group);
	int i;

	listen_to_uevents(test);
	igt_fail_each_allocation(test, &attempt);
	/* ADD and DEL when none failed, and when each of those for it did */
	KUNIT_EXPECT_GT(test, rec->n, 2);
	KUNIT_EXPECT_EQ(test, rec->n % 2, 0);
	KUNIT_ASSERT_LE(test, rec->n, ARRAY_SIZE(rec->event));
	for (i = 0; i < rec->n; i++)
		KUNIT_EXPECT_EQ_MSG(test, rec->event[i].action,
				    i % 2 ? DEL : ADD, "event %d", i);
}

static struct kunit_case iommu_group_uevent_cases[] = {
	KUNIT_CASE(each_event_that_has_happened_is_a_uevent),
	KUNIT_CASE(owners_are_uevents_without_a_device),
	KUNIT_CASE(groups_come_and_go),
	KUNIT_CASE(group_goes_that_came_unheard),
	KUNIT_CASE(group_that_cannot_come_does_not_go),
	KUNIT_CASE(namesakes_are_told_apart),
	KUNIT_CASE(nobody_listens_nothing_is_made),
	KUNIT_CASE(lost_uevent_loses_nothing_else),
	{}
};

static struct kunit_suite iommu_group_uevent_suite = {
	.name = "iommu_group_uevent",
	.test_cases = iommu_group_uevent_cases,
};

kunit_test_suite(iommu_group_uevent_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups that reach others one way, past the IOMMU: by iommu.isolation=strict a user
 * and whoever else is within reach must not be there at the same time, by standard the
 * log tells of it.
 *
 * Needs QEMU's edu behind root ports without ACS, each beside a function that has it: a
 * device, or a port with a BAR. What is missing is skipped.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "iommu_group_cdev.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

/* A group that reaches another: a device of each, and what is to blame */
struct edge {
	struct edu from;
	struct edu to;		/* of any kind */
	char culprit[64];	/* with what it lacks */
};

/* By the last such parameter, as the kernel takes it */
static bool is_policy(const char *name)
{
	char text[4096], *word, *rest = text;
	const char *policy = "standard";

	sys_read(text, sizeof(text), "/proc/cmdline");
	while ((word = strsep(&rest, " "))) {
		if (!strncmp(word, "iommu.isolation=", 16))
			policy = word + 16;
	}
	return !strcmp(policy, name);
}

static bool is_port_with_bar(const char *address)
{
	char line[64];

	return sys_is_bridge(address) &&
	       !sys_read(line, sizeof(line), SYS_DEVICES "/%s/resource", address) &&
	       strtoull(line, NULL, 0);
}

static bool is_no_bridge(const char *address)
{
	return !sys_is_bridge(address);
}

static bool find_in_group(int group, bool (*is_wanted)(const char *), struct edu *dev)
{
	struct dirent **entry;
	bool found = false;
	int i, n;

	n = sys_list(&entry, SYS_GROUPS "/%d/devices", group);
	for (i = 0; i < n && !found; i++) {
		found = is_wanted(entry[i]->d_name);
		*dev = (struct edu){ .group = group, .fd = -1 };
		snprintf(dev->address, sizeof(dev->address), "%.15s", entry[i]->d_name);
	}
	sys_free(entry, n);
	return found;
}

/* In a line each: the ID, the culprit, what it lacks */
static bool find_reached(const struct edu *from, bool (*is_wanted)(const char *),
			 struct edge *edge)
{
	char text[4096], *line, *rest = text;
	ssize_t len;
	int to;

	len = sys_read_bytes(text, sizeof(text) - 1, SYS_GROUPS "/%d/reaches",
			     from->group);
	text[len < 0 ? 0 : len] = '\0';
	while ((line = strsep(&rest, "\n"))) {
		if (sscanf(line, "%d %63[^\n]", &to, edge->culprit) != 2 ||
		    !find_in_group(to, is_wanted, &edge->to))
			continue;
		edge->from = *from;
		return true;
	}
	return false;
}

/* Two users, and what they have of an edge to a device that is no bridge */
FIXTURE(reach)
{
	struct edu all[EDU_MAX];
	int n;
	struct edge edge;
	int owner, other;
	int from, to;
	int log;
};

/* How user space gets a group: @file is opened by each user */
struct interface {
	const char *file;
	int (*open)(const struct edu *edu);
	int (*claim)(int fd, int owner);
};

FIXTURE_VARIANT(reach)
{
	struct interface by;
};

static int open_group(const struct edu *edu)
{
	return type1_open_group(edu->group);
}

FIXTURE_VARIANT_ADD(reach, container)
{
	.by = { "/dev/vfio/vfio", open_group, type1_join },
};

FIXTURE_VARIANT_ADD(reach, iommufd)
{
	.by = { "/dev/iommu", cdev_open, cdev_bind },
};

/* The first edge to such a device */
static bool find_edge(const struct edu *edu, int n, bool (*is_wanted)(const char *),
		      struct edge *edge)
{
	int i;

	for (i = 0; i < n; i++) {
		if (find_reached(&edu[i], is_wanted, edge))
			return true;
	}
	return false;
}

FIXTURE_SETUP(reach)
{
	self->from = -1;
	self->to = -1;
	if (!edu_can_be_given_away())
		SKIP(return, "there is no IOMMU, or no vfio-pci");
	self->owner = open(variant->by.file, O_RDWR);
	if (self->owner < 0)
		SKIP(return, "there is no %s", variant->by.file);
	self->other = open(variant->by.file, O_RDWR);
	ASSERT_LE(0, self->other);
	self->log = open_log();
	ASSERT_LE(0, self->log);
	self->n = edu_bind_all(self->all, EDU_MAX);
	ASSERT_LE(0, self->n);
	if (!find_edge(self->all, self->n, is_no_bridge, &self->edge))
		SKIP(return, "no edu reaches a device that is no bridge");
	ASSERT_EQ(0, pci_bind(self->edge.to.address, "vfio-pci"));
}

static void release(int *claim)
{
	if (*claim >= 0)
		close(*claim);
	*claim = -1;
}

/* 0, and @claim is for release(), which is also done before; or -errno */
static int claim(int *claim, const struct interface *by, const struct edu *edu, int owner)
{
	int ret;

	release(claim);
	*claim = by->open(edu);
	if (*claim < 0)
		return -errno;
	ret = by->claim(*claim, owner);
	if (ret)
		release(claim);
	return ret;
}

/* VFIO gives no device back before */
FIXTURE_TEARDOWN(reach)
{
	release(&self->from);
	release(&self->to);
	edu_unbind_all(&self->edge.to, 1);
	edu_unbind_all(self->all, self->n);
	close(self->owner);
	close(self->other);
	close(self->log);
}

/* Since the last look there is a line that tells of it, with both groups and the culprit */
static void expect_refusal_is_told(struct __test_metadata *_metadata, int log,
				   const struct edge *edge, int refused)
{
	int used = refused == edge->from.group ? edge->to.group : edge->from.group;
	char pattern[256];

	snprintf(pattern, sizeof(pattern),
		 "*refuses group %d to *: group %d reaches group %d at %s, and group %d is in use*",
		 refused, edge->from.group, edge->to.group, edge->culprit, used);
	EXPECT_EQ(1, log_count_lines(log, pattern)) {
		TH_LOG("in the log should be: %s", pattern);
	}
}

#define NEEDS_STRICT	"iommu.isolation=strict is not on the kernel's command line"
#define NEEDS_STANDARD	"the policy is not iommu.isolation=standard"

TEST_F(reach, one_owner_may_have_both_ends)
{
	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	ASSERT_EQ(0, claim(&self->from, &variant->by, &self->edge.from, self->owner));
	ASSERT_EQ(0, claim(&self->to, &variant->by, &self->edge.to, self->owner));
	release(&self->from);

	/* In the other order too */
	EXPECT_EQ(0, claim(&self->from, &variant->by, &self->edge.from, self->owner));
}

TEST_F(reach, what_a_user_reaches_is_refused_to_another)
{
	struct edge *edge = &self->edge;

	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	ASSERT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
	EXPECT_EQ(-EBUSY, claim(&self->to, &variant->by, &edge->to, self->other));
	expect_refusal_is_told(_metadata, self->log, edge, edge->to.group);
	release(&self->from);

	EXPECT_EQ(0, claim(&self->to, &variant->by, &edge->to, self->other));
}

TEST_F(reach, what_reaches_another_user_is_refused)
{
	struct edge *edge = &self->edge;

	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	ASSERT_EQ(0, claim(&self->to, &variant->by, &edge->to, self->other));
	EXPECT_EQ(-EBUSY, claim(&self->from, &variant->by, &edge->from, self->owner));
	expect_refusal_is_told(_metadata, self->log, edge, edge->from.group);
	release(&self->to);

	EXPECT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
}

TEST_F(reach, what_reaches_a_driver_of_the_kernel_is_refused)
{
	struct edge *edge = &self->edge;

	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	if (!pci_has_dma_driver())
		SKIP(return, PCI_NEEDS_DMA_DRIVER);
	ASSERT_EQ(0, pci_bind_dma_driver(edge->to.address));
	EXPECT_EQ(-EBUSY, claim(&self->from, &variant->by, &edge->from, self->owner));
	expect_refusal_is_told(_metadata, self->log, edge, edge->from.group);

	ASSERT_EQ(0, pci_unbind(edge->to.address));
	EXPECT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
}

TEST_F(reach, driver_of_the_kernel_is_refused_what_a_user_reaches)
{
	struct edge *edge = &self->edge;

	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	if (!pci_has_dma_driver())
		SKIP(return, PCI_NEEDS_DMA_DRIVER);
	ASSERT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
	EXPECT_EQ(-EBUSY, pci_bind_dma_driver(edge->to.address));
	expect_refusal_is_told(_metadata, self->log, edge, edge->to.group);
	EXPECT_NE(0, pci_bind(edge->to.address, PCI_DMA_DRIVER));
	release(&self->from);

	EXPECT_EQ(0, pci_bind_dma_driver(edge->to.address));
}

TEST_F(reach, what_is_plugged_into_reach_has_a_group_and_no_driver)
{
	struct edge *edge = &self->edge;

	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	if (!pci_has_dma_driver())
		SKIP(return, PCI_NEEDS_DMA_DRIVER);
	ASSERT_EQ(0, pci_remove(edge->to.address));
	ASSERT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
	EXPECT_EQ(0, pci_rescan());
	EXPECT_EQ(-EBUSY, pci_bind_dma_driver(edge->to.address));
	/* On some IOMMUs since a driver wanted it */
	edge->to.group = sys_group_of(edge->to.address);
	EXPECT_LE(0, edge->to.group);
	expect_refusal_is_told(_metadata, self->log, edge, edge->to.group);
	release(&self->from);

	EXPECT_EQ(0, pci_bind_dma_driver(edge->to.address));
}

/* Through its registers a guest would have a hand in all that is below */
TEST_F(reach, what_reaches_the_registers_of_a_bridge_is_refused)
{
	struct edge edge;

	if (!is_policy("strict"))
		SKIP(return, NEEDS_STRICT);
	if (!find_edge(self->all, self->n, is_port_with_bar, &edge))
		SKIP(return, "no edu reaches a bridge with a BAR");
	EXPECT_EQ(-EBUSY, claim(&self->from, &variant->by, &edge.from, self->owner));
	expect_refusal_is_told(_metadata, self->log, &edge, edge.from.group);
}

/* Since the machine was started, so that it may have been told before */
TEST_F(reach, by_standard_the_log_tells_once)
{
	struct edge *edge = &self->edge;
	char pattern[256];
	int i;

	if (!is_policy("standard"))
		SKIP(return, NEEDS_STANDARD);
	if (!pci_has_dma_driver())
		SKIP(return, PCI_NEEDS_DMA_DRIVER);
	ASSERT_EQ(0, pci_bind_dma_driver(edge->to.address));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
		release(&self->from);
	}
	snprintf(pattern, sizeof(pattern),
		 "*group %d is given to user space and reaches group %d*at %s;*",
		 edge->from.group, edge->to.group, edge->culprit);
	lseek(self->log, 0, SEEK_SET);
	EXPECT_EQ(1, log_count_lines(self->log, pattern));
}

TEST_F(reach, by_standard_each_end_may_have_a_user)
{
	struct edge *edge = &self->edge;

	if (!is_policy("standard"))
		SKIP(return, NEEDS_STANDARD);
	EXPECT_EQ(0, claim(&self->from, &variant->by, &edge->from, self->owner));
	EXPECT_EQ(0, claim(&self->to, &variant->by, &edge->to, self->other));
}

TEST_HARNESS_MAIN

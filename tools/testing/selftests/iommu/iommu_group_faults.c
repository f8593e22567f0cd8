// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups on a machine that runs out of memory, and with functions of the group core
 * that fail, while devices come and go, drivers bind, and VFIO attaches a group: each
 * allocation on the way fails once. Either all is done or nothing is, and the next
 * time all goes well.
 *
 * Needs QEMU's edu, alone in its group, and a kernel with CONFIG_FAILSLAB,
 * CONFIG_FAIL_FUNCTION and CONFIG_FAULT_INJECTION_STACKTRACE_FILTER.
 */

#include <errno.h>
#include <unistd.h>

#include "iommu_group_dma.h"
#include "iommu_group_inject.h"
#include "iommu_group_snapshot.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"
#include "iommu_group_uevents.h"

/* More allocations than anything here makes */
#define ENOUGH		2000
/* Each of them takes long with all checks of a debug kernel */
#define TIMEOUT		600

FIXTURE(faults)
{
	struct edu edu;
	char *before;
	int uevents;
};

FIXTURE_SETUP(faults)
{
	struct edu all[EDU_MAX], *edu;
	int n = edu_find_all(all, EDU_MAX);

	edu = edu_find_alone(all, n, 0);
	if (!edu)
		SKIP(return, "no edu is alone in its group");
	if (!inject_prepare())
		SKIP(return, "the kernel cannot be told to have faults");
	self->edu = *edu;
	ASSERT_EQ(0, pci_unbind(edu->address));
	/* IDs are given again from the lowest: have the last be this one's */
	ASSERT_EQ(0, pci_remove(edu->address));
	ASSERT_EQ(0, pci_rescan());
	self->edu.group = sys_group_of(edu->address);
	/* Where nobody listens there are no allocations to tell of events */
	self->uevents = uevents_open();
	ASSERT_LE(0, self->uevents);
	self->before = groups_snapshot();
	ASSERT_NE(NULL, self->before);
	ASSERT_EQ(0, inject_below_groups());
}

FIXTURE_TEARDOWN(faults)
{
	inject_nth(0);
	inject_into_end();
	inject_restore();
	close(self->uevents);
	free(self->before);
}

/* Each group has its members, and they have it */
static void expect_whole(struct __test_metadata *_metadata)
{
	char *groups = groups_snapshot();

	EXPECT_NE(NULL, groups);
	free(groups);
}

static void expect_as_before(struct __test_metadata *_metadata, const char *before)
{
	char *groups = groups_snapshot();

	ASSERT_NE(NULL, groups);
	EXPECT_TRUE(groups_are_equal(before, groups));
	free(groups);
}

TEST_F_TIMEOUT(faults, device_is_added_whole_or_not_at_all, TIMEOUT)
{
	unsigned int nth, missed = 0;
	bool failed = true;

	for (nth = 1; failed && nth < ENOUGH; nth++) {
		ASSERT_EQ(0, pci_remove(self->edu.address));
		ASSERT_EQ(0, inject_nth(nth));
		pci_rescan();
		failed = inject_end();
		missed += sys_group_of(self->edu.address) < 0;
		/* With a group or without one: neither knows of the other alone */
		expect_whole(_metadata);
	}
	EXPECT_FALSE(failed);
	/* There are some that it cannot do without */
	EXPECT_LT(0, missed);
	TH_LOG("%u allocations, %u of them needed", nth - 2, missed);
	expect_as_before(_metadata, self->before);
}

TEST_F_TIMEOUT(faults, device_is_removed_whatever_fails, TIMEOUT)
{
	unsigned int nth;
	bool failed = true;

	for (nth = 1; failed && nth < ENOUGH; nth++) {
		ASSERT_EQ(0, inject_nth(nth));
		EXPECT_EQ(0, pci_remove(self->edu.address));
		failed = inject_end();
		EXPECT_GT(0, sys_number(self->edu.address, "class"));
		expect_whole(_metadata);
		ASSERT_EQ(0, pci_rescan());
		expect_as_before(_metadata, self->before);
	}
	EXPECT_FALSE(failed);
	/* To tell of it takes some */
	EXPECT_LT(2, nth);
	TH_LOG("%u allocations", nth - 2);
}

static void expect_owner(struct __test_metadata *_metadata, int group,
			 const char *wanted)
{
	char owner[16];

	EXPECT_EQ(0, sys_read(owner, sizeof(owner), SYS_GROUPS "/%d/dma_owner",
			      group));
	EXPECT_STREQ(wanted, owner);
}

/* Of those below the group core alone, for no driver is refused on its account */
TEST_F_TIMEOUT(faults, driver_is_bound_whatever_fails_in_groups, TIMEOUT)
{
	unsigned int nth;
	bool failed = true;

	for (nth = 1; failed && nth < ENOUGH; nth++) {
		ASSERT_EQ(0, inject_nth(nth));
		EXPECT_EQ(0, pci_bind(self->edu.address, "pci-stub"));
		EXPECT_EQ(0, pci_unbind(self->edu.address));
		failed = inject_end();
	}
	EXPECT_FALSE(failed);
	EXPECT_LT(2, nth);
	TH_LOG("%u allocations", nth - 2);
	expect_as_before(_metadata, self->before);
}

TEST_F_TIMEOUT(faults, driver_that_is_not_bound_owns_nothing, TIMEOUT)
{
	unsigned int nth, missed = 0;
	bool failed = true;
	char driver[16];
	int ret;

	/* So that it is the driver that is asked for next */
	ASSERT_EQ(0, pci_bind(self->edu.address, "vfio-pci"));
	ASSERT_EQ(0, pci_unbind(self->edu.address));
	ASSERT_EQ(0, inject_everywhere());
	for (nth = 1; failed && nth < ENOUGH; nth++) {
		ASSERT_EQ(0, inject_nth(nth));
		ret = sys_write(self->edu.address, "/sys/bus/pci/drivers_probe");
		failed = inject_end();
		sys_link_target(driver, sizeof(driver), self->edu.address, "driver");
		/*
		 * That the driver's probe failed is not told there, as it is when the
		 * file could not be opened, or nothing was probed
		 */
		missed += !ret && !driver[0];
		pci_unbind(self->edu.address);
		expect_owner(_metadata, self->edu.group, "none");
	}
	EXPECT_FALSE(failed);
	/* VFIO's device takes memory, at least */
	EXPECT_LT(0, missed);
	TH_LOG("%u allocations, %u of them needed", nth - 2, missed);
	expect_as_before(_metadata, self->before);
}

/* All that is done with a group until its device is opened. 0 or an error */
static int attach_and_map(struct edu *edu, int *group, int *container, void *from,
			  void *to)
{
	int ret;

	*group = type1_open_group(edu->group);
	*container = type1_open();
	if (*group < 0 || *container < 0)
		return -ENOMEM;
	ret = type1_join(*group, *container);
	if (ret)
		return ret;
	return type1_map(*container, from, IOVA_FROM) ?:
	       type1_map(*container, to, IOVA_TO);
}

static void end_use(struct edu *edu, int group, int container)
{
	edu_close(edu);
	close(group);
	close(container);
}

static void expect_usable(struct __test_metadata *_metadata, struct edu *edu)
{
	void *from = new_buffer(), *to = new_buffer();
	int group, container;

	ASSERT_NE(NULL, from);
	ASSERT_NE(NULL, to);
	ASSERT_EQ(0, attach_and_map(edu, &group, &container, from, to));
	ASSERT_EQ(0, type1_get_device(group, edu));
	expect_owner(_metadata, edu->group, "user");
	expect_dma_moves(_metadata, edu, from, to);
	end_use(edu, group, container);
	expect_owner(_metadata, edu->group, "none");
	free(from);
	free(to);
}

TEST_F_TIMEOUT(faults, group_is_attached_or_free, TIMEOUT)
{
	void *from = new_buffer(), *to = new_buffer();
	unsigned int nth, missed = 0;
	int group, container, ret;
	bool failed = true;

	ASSERT_EQ(0, pci_bind(self->edu.address, "vfio-pci"));
	ASSERT_EQ(0, inject_everywhere());
	for (nth = 1; failed && nth < ENOUGH; nth++) {
		ASSERT_EQ(0, inject_nth(nth));
		ret = attach_and_map(&self->edu, &group, &container, from, to);
		/* What is not open was not attached either */
		missed += group >= 0 && container >= 0 && ret;
		/* Detaching goes on with what is there */
		end_use(&self->edu, group, container);
		failed = inject_end();
		expect_owner(_metadata, self->edu.group, "none");
	}
	EXPECT_FALSE(failed);
	/* The container's domain takes memory, at least */
	EXPECT_LT(0, missed);
	TH_LOG("%u allocations, %u of them needed", nth - 2, missed);
	expect_usable(_metadata, &self->edu);
	EXPECT_EQ(0, pci_unbind(self->edu.address));
	expect_as_before(_metadata, self->before);
	free(from);
	free(to);
}

TEST_F_TIMEOUT(faults, type_is_changed_or_stays, TIMEOUT)
{
	char was[16], type[16];
	unsigned int nth, missed = 0;
	bool failed = true;
	int ret;

	ASSERT_EQ(0, sys_read(was, sizeof(was), SYS_GROUPS "/%d/type", self->edu.group));
	if (!strcmp(was, "identity"))
		SKIP(return, "the type is identity by default (iommu.passthrough)");
	for (nth = 1; failed && nth < ENOUGH; nth++) {
		/* Of this type there is one domain for all, which needs no memory */
		ASSERT_EQ(0, sys_write("identity", SYS_GROUPS "/%d/type",
				       self->edu.group));
		ASSERT_EQ(0, inject_nth(nth));
		ret = sys_write("auto", SYS_GROUPS "/%d/type", self->edu.group);
		failed = inject_end();
		ASSERT_EQ(0, sys_read(type, sizeof(type), SYS_GROUPS "/%d/type",
				      self->edu.group));
		EXPECT_STREQ(ret ? "identity" : was, type);
		missed += ret != 0;
	}
	EXPECT_FALSE(failed);
	EXPECT_LT(0, missed);
	TH_LOG("%u allocations, %u of them needed", nth - 2, missed);
	expect_as_before(_metadata, self->before);
}

TEST_F(faults, failing_function_leaves_the_device_without_a_group)
{
	static const char *const functions[] = {
		"iommu_group_alloc", "iommu_device_add_client", "iommu_group_sysfs_link",
		"iommu_group_attach_member",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(functions); i++) {
		ASSERT_EQ(0, pci_remove(self->edu.address));
		ASSERT_EQ(0, inject_into(functions[i], -EIO));
		pci_rescan();
		EXPECT_TRUE(inject_into_end()) {
			TH_LOG("%s was not called", functions[i]);
		}
		EXPECT_EQ(-1, sys_group_of(self->edu.address)) {
			TH_LOG("with a failing %s", functions[i]);
		}
		expect_whole(_metadata);
		ASSERT_EQ(0, pci_remove(self->edu.address));
		ASSERT_EQ(0, pci_rescan());
		expect_as_before(_metadata, self->before);
	}
}

TEST_F(faults, failing_attach_leaves_the_group_free)
{
	void *from = new_buffer(), *to = new_buffer();
	int group, container;

	ASSERT_EQ(0, pci_bind(self->edu.address, "vfio-pci"));
	ASSERT_EQ(0, inject_into("iommu_attach_group", -EIO));
	EXPECT_EQ(-EIO, attach_and_map(&self->edu, &group, &container, from, to));
	EXPECT_TRUE(inject_into_end());
	end_use(&self->edu, group, container);
	expect_owner(_metadata, self->edu.group, "none");
	expect_usable(_metadata, &self->edu);
	EXPECT_EQ(0, pci_unbind(self->edu.address));
	expect_as_before(_metadata, self->before);
	free(from);
	free(to);
}

TEST_HARNESS_MAIN

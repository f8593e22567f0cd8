// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that are reset while user space has their group by VFIO. A kernel may block a
 * device meanwhile that has ATS: its DMA is to work afterwards, that of the others all
 * along, and whoever leaves the group meanwhile leaves nothing behind.
 *
 * Needs QEMU's edu in one group with two devices that can be reset both by their
 * function and by their bus, and have ATS for there to be something to see. What is
 * missing is skipped.
 */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "iommu_group_dma.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

#define ROUNDS	20

/* A group in a container: an edu, and two others of which the first is open as well */
struct user {
	struct edu *edu;
	char other[2][16];
	int container, group, other_fd;
	uint8_t *from, *to;
};

FIXTURE(group)
{
	struct edu all[EDU_MAX];
	int n;
	struct user user;
};

FIXTURE_VARIANT(group)
{
	const char *method;
};

FIXTURE_VARIANT_ADD(group, function)
{
	.method = "flr",
};

FIXTURE_VARIANT_ADD(group, bus)
{
	.method = "bus",
};

static bool can_be_reset(const char *address)
{
	char methods[64];

	return !sys_read(methods, sizeof(methods), SYS_DEVICES "/%s/reset_method", address) &&
	       strstr(methods, "flr") && strstr(methods, "bus");
}

static bool find_others(const struct edu *edu, char other[2][16])
{
	struct dirent **entry;
	int i, n, found = 0;

	n = sys_list(&entry, SYS_GROUPS "/%d/devices", edu->group);
	for (i = 0; i < n && found < 2; i++) {
		if (!sys_is_bridge(entry[i]->d_name) && can_be_reset(entry[i]->d_name))
			snprintf(other[found++], sizeof(other[0]), "%.15s", entry[i]->d_name);
	}
	sys_free(entry, n);
	return found == 2;
}

static struct edu *find_with_others(struct edu *edu, int n, char other[2][16])
{
	int i;

	for (i = 0; i < n; i++) {
		if (find_others(&edu[i], other))
			return &edu[i];
	}
	return NULL;
}

static void begin_use(struct __test_metadata *_metadata, struct user *user)
{
	user->container = type1_open();
	ASSERT_LE(0, user->container);
	user->group = type1_open_group(user->edu->group);
	ASSERT_LE(0, user->group);
	ASSERT_EQ(0, type1_join(user->group, user->container));
	ASSERT_EQ(0, type1_map(user->container, user->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(user->container, user->to, IOVA_TO));
	ASSERT_EQ(0, type1_get_device(user->group, user->edu));
	user->other_fd = ioctl(user->group, VFIO_GROUP_GET_DEVICE_FD, user->other[0]);
	ASSERT_LE(0, user->other_fd);
}

static void end_use(struct user *user)
{
	close(user->other_fd);
	edu_close(user->edu);
	close(user->group);
	close(user->container);
}

static void expect_dma(struct __test_metadata *_metadata, struct user *user)
{
	expect_dma_moves(_metadata, user->edu, user->from, user->to);
}

/* A member that is counted as being reset for ever would be in the way */
static void expect_next_use(struct __test_metadata *_metadata, struct user *user)
{
	end_use(user);
	begin_use(_metadata, user);
	expect_dma(_metadata, user);
}

FIXTURE_SETUP(group)
{
	struct user *user = &self->user;
	int i;

	user->from = new_buffer();
	user->to = new_buffer();
	ASSERT_NE(NULL, user->from);
	ASSERT_NE(NULL, user->to);
	if (!edu_can_be_given_away())
		SKIP(return, "there is no IOMMU, or no vfio-pci");
	if (access("/dev/vfio/vfio", F_OK))
		SKIP(return, "VFIO has no containers");
	if (is_amd_iommu())
		SKIP(return, "QEMU's AMD IOMMU takes what is below a bridge for something else");
	self->n = edu_bind_all(self->all, EDU_MAX);
	ASSERT_LE(0, self->n);
	user->edu = find_with_others(self->all, self->n, user->other);
	if (!user->edu)
		SKIP(return, "no edu shares its group with two devices that can be reset");
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, sys_write(variant->method, SYS_DEVICES "/%s/reset_method",
				       user->other[i]));
		ASSERT_EQ(0, pci_bind(user->other[i], "vfio-pci"));
	}
	begin_use(_metadata, user);
}

FIXTURE_TEARDOWN(group)
{
	struct user *user = &self->user;
	int i;

	end_use(user);
	pci_rescan();
	for (i = 0; i < 2; i++) {
		pci_bind(user->other[i], NULL);
		sys_write("default", SYS_DEVICES "/%s/reset_method", user->other[i]);
	}
	edu_unbind_all(self->all, self->n);
	free(user->from);
	free(user->to);
}

/* That of its bus may find a neighbour's lock taken */
static int reset_by_vfio(int fd)
{
	return ioctl(fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

static pid_t begin_resets_by_vfio(int fd)
{
	pid_t pid = fork();

	while (!pid)
		reset_by_vfio(fd);
	return pid;
}

static pid_t begin_resets_by_sysfs(const char *address)
{
	pid_t pid = fork();

	while (!pid)
		sys_write("1", SYS_DEVICES "/%s/reset", address);
	return pid;
}

static void end_resets(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST_F(group, dma_of_another_member_goes_on)
{
	struct user *user = &self->user;
	pid_t pid;
	int i;

	ASSERT_EQ(0, reset_by_vfio(user->other_fd));
	pid = begin_resets_by_vfio(user->other_fd);
	ASSERT_LT(0, pid);
	for (i = 0; i < ROUNDS / 4; i++)
		expect_dma(_metadata, user);
	end_resets(pid);
	expect_dma(_metadata, user);
}

TEST_F(group, other_member_is_unplugged_meanwhile)
{
	struct user *user = &self->user;
	pid_t pid;
	int i;

	pid = begin_resets_by_vfio(user->other_fd);
	ASSERT_LT(0, pid);
	for (i = 0; i < ROUNDS; i++) {
		EXPECT_EQ(0, pci_remove(user->other[1]));
		EXPECT_EQ(0, pci_rescan());
	}
	end_resets(pid);
	EXPECT_EQ(user->edu->group, sys_group_of(user->other[1]));
	expect_dma(_metadata, user);
	expect_next_use(_metadata, user);
}

TEST_F(group, member_that_is_reset_is_unplugged)
{
	struct user *user = &self->user;
	pid_t pid;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		pid = begin_resets_by_sysfs(user->other[1]);
		ASSERT_LT(0, pid);
		usleep(10000 * (i % 5));
		EXPECT_EQ(0, pci_remove(user->other[1]));
		end_resets(pid);
		EXPECT_EQ(0, pci_rescan());
	}
	expect_dma(_metadata, user);
	expect_next_use(_metadata, user);
}

TEST_HARNESS_MAIN

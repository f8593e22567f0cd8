// SPDX-License-Identifier: GPL-2.0-only
/*
 * Groups of devices in the hands of user space, by a VFIO container of type 1.
 *
 * Needs QEMU's edu: one that is alone in its group; one that shares it with a
 * device which a driver of the kernel takes; and two that are in one group, as
 * they are below a switch whose ports have no ACS. What is missing is skipped.
 */

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "iommu_group_dma.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

/* All of a group: its container, and one of its devices */
struct user {
	struct edu edu;
	int container;
	int group;
};

static void begin_use(struct __test_metadata *_metadata, struct user *user,
		      int container)
{
	user->container = container;
	user->group = type1_open_group(user->edu.group);
	ASSERT_LE(0, user->group);
	ASSERT_EQ(0, type1_join(user->group, container));
	ASSERT_EQ(0, type1_get_device(user->group, &user->edu));
}

/* A group leaves its container with its last device */
static void end_use(struct user *user)
{
	edu_close(&user->edu);
	close(user->group);
}

FIXTURE(edu)
{
	struct edu all[EDU_MAX];
	int n;
	uint8_t *from, *to;
};

FIXTURE_SETUP(edu)
{
	self->from = new_buffer();
	self->to = new_buffer();
	ASSERT_NE(NULL, self->from);
	ASSERT_NE(NULL, self->to);
	if (!edu_can_be_given_away())
		SKIP(return, "there is no IOMMU, or no vfio-pci");
	if (access("/dev/vfio/vfio", F_OK))
		SKIP(return, "VFIO has no containers");
	self->n = edu_bind_all(self->all, EDU_MAX);
	ASSERT_LE(0, self->n);
	if (!self->n)
		SKIP(return, "there is no edu");
}

FIXTURE_TEARDOWN(edu)
{
	edu_unbind_all(self->all, self->n);
	free(self->from);
	free(self->to);
}

TEST_F(edu, dma_goes_where_it_is_mapped)
{
	struct edu *edu = edu_find_alone(self->all, self->n, 0);
	struct user user;

	if (!edu)
		SKIP(return, "no edu is alone in its group");
	user.edu = *edu;
	begin_use(_metadata, &user, type1_open());
	ASSERT_EQ(0, type1_map(user.container, self->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(user.container, self->to, IOVA_TO));
	expect_dma_moves(_metadata, &user.edu, self->from, self->to);

	ASSERT_EQ(0, type1_unmap(user.container, IOVA_TO));
	expect_dma_is_refused(_metadata, &user.edu, self->to);
	end_use(&user);
	close(user.container);
}

TEST_F(edu, group_moves_to_another_container)
{
	struct edu *edu = edu_find_alone(self->all, self->n, 0);
	int first = type1_open(), second = type1_open();
	struct user user;

	if (!edu)
		SKIP(return, "no edu is alone in its group");
	user.edu = *edu;
	begin_use(_metadata, &user, first);
	ASSERT_EQ(0, type1_map(first, self->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(first, self->to, IOVA_TO));
	expect_dma_moves(_metadata, &user.edu, self->from, self->to);
	end_use(&user);

	/* What the first has mapped is not the second's */
	begin_use(_metadata, &user, second);
	expect_dma_is_refused(_metadata, &user.edu, self->to);
	ASSERT_EQ(0, type1_map(second, self->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(second, self->to, IOVA_TO));
	expect_dma_moves(_metadata, &user.edu, self->from, self->to);
	end_use(&user);
	close(first);
	close(second);
}

TEST_F(edu, two_groups_share_a_container)
{
	struct edu *one = edu_find_alone(self->all, self->n, 0);
	struct edu *other = edu_find_alone(self->all, self->n, 1);
	int container = type1_open();
	struct user user[2];

	if (!other)
		SKIP(return, "no two edu are alone in their groups");
	user[0].edu = *one;
	user[1].edu = *other;
	begin_use(_metadata, &user[0], container);
	begin_use(_metadata, &user[1], container);
	ASSERT_EQ(0, type1_map(container, self->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(container, self->to, IOVA_TO));
	expect_dma_moves(_metadata, &user[0].edu, self->from, self->to);
	expect_dma_moves(_metadata, &user[1].edu, self->from, self->to);

	/* The container lives on with one of them */
	end_use(&user[0]);
	expect_dma_moves(_metadata, &user[1].edu, self->from, self->to);
	end_use(&user[1]);
	close(container);
}

static long ms_between(const struct timespec *begin, const struct timespec *end)
{
	return (end->tv_sec - begin->tv_sec) * 1000 +
	       (end->tv_nsec - begin->tv_nsec) / 1000000;
}

/* Less than the 100 ms after which the engine starts */
#define BEFORE_START_MS	90

/* Unmaps what a write goes to between its beginning and its start: was there time? */
static bool unmap_in_flight(struct __test_metadata *_metadata, struct user *user)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	ASSERT_EQ(0, edu_begin_dma(&user->edu, EDU_WRITES, IOVA_TO));
	ASSERT_EQ(0, type1_unmap(user->container, IOVA_TO));
	clock_gettime(CLOCK_MONOTONIC, &end);
	ASSERT_EQ(0, edu_end_dma(&user->edu));
	return ms_between(&begin, &end) < BEFORE_START_MS;
}

/* A guest may get no time for so long, but not again and again */
#define IN_TIME_TRIES	20

/*
 * The device stays open meanwhile, and master of the bus: it is the IOMMU alone that
 * keeps it from the memory
 */
TEST_F(edu, dma_in_flight_is_lost_when_it_is_unmapped)
{
	struct edu *edu = edu_find_alone(self->all, self->n, 0);
	uint8_t untouched[EDU_BUFFER];
	bool in_time = false;
	struct user user;
	int tries;

	if (!edu)
		SKIP(return, "no edu is alone in its group");
	user.edu = *edu;
	begin_use(_metadata, &user, type1_open());
	ASSERT_EQ(0, type1_map(user.container, self->from, IOVA_FROM));
	for (tries = 0; tries < IN_TIME_TRIES && !in_time; tries++) {
		ASSERT_EQ(0, type1_map(user.container, self->to, IOVA_TO));
		/* So that the engine has something else to write than is there */
		expect_dma_moves(_metadata, &user.edu, self->from, self->to);
		fill(self->to, 3);
		memcpy(untouched, self->to, EDU_BUFFER);
		in_time = unmap_in_flight(_metadata, &user);
	}
	end_use(&user);
	close(user.container);
	if (!in_time)
		SKIP(return, "the machine is too slow to unmap in time");
	EXPECT_EQ(0, memcmp(self->to, untouched, EDU_BUFFER));
}

/* How far a process gets before it is killed */
enum progress {
	HAS_GROUP,
	HAS_CONTAINER,
	HAS_DEVICE,
	HAS_MAPPED,
	DOES_DMA,
	STEPS,
};

static void use_until(enum progress end, struct edu *edu, uint8_t *buffer)
{
	int group = type1_open_group(edu->group), container = type1_open();

	if (end >= HAS_CONTAINER)
		type1_join(group, container);
	if (end >= HAS_DEVICE)
		type1_get_device(group, edu);
	if (end >= HAS_MAPPED)
		type1_map(container, buffer, IOVA_TO);
	if (end >= DOES_DMA)
		edu_begin_dma(edu, EDU_WRITES, IOVA_TO);
	raise(SIGKILL);
}

TEST_F(edu, group_is_whole_after_its_user_was_killed)
{
	struct edu *edu = edu_find_alone(self->all, self->n, 0);
	enum progress step;
	struct user user;
	char owner[16];
	int status;
	pid_t pid;

	if (!edu)
		SKIP(return, "no edu is alone in its group");
	for (step = 0; step < STEPS; step++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			use_until(step, edu, self->to);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));

		if (!sys_read(owner, sizeof(owner), SYS_GROUPS "/%d/dma_owner",
			      edu->group))
			EXPECT_STREQ("none", owner);
		user.edu = *edu;
		begin_use(_metadata, &user, type1_open());
		if (!sys_read(owner, sizeof(owner), SYS_GROUPS "/%d/dma_owner",
			      edu->group))
			EXPECT_STREQ("user", owner);
		ASSERT_EQ(0, type1_map(user.container, self->from, IOVA_FROM));
		ASSERT_EQ(0, type1_map(user.container, self->to, IOVA_TO));
		expect_dma_moves(_metadata, &user.edu, self->from, self->to);
		end_use(&user);
		close(user.container);
	}
}

/* One that shares its group with one device of another kind, which is no bridge */
static struct edu *find_with_mate(struct edu *edu, int n, char *mate,
				  size_t size)
{
	int i, j;

	for (i = 0; i < n; i++) {
		if (!edu_find_mate(&edu[i], mate, size) || sys_is_bridge(mate))
			continue;
		for (j = 0; j < n; j++) {
			if (!strcmp(edu[j].address, mate))
				break;
		}
		if (j == n && edu_group_size(&edu[i]) == 2)
			return &edu[i];
	}
	return NULL;
}

TEST_F(edu, group_with_a_driver_of_the_kernel_is_refused)
{
	char mate[16], text[256];
	struct edu *edu;
	int group;

	edu = find_with_mate(self->all, self->n, mate, sizeof(mate));
	if (!edu)
		SKIP(return, "no edu shares its group with another device");

	if (pci_bind(mate, NULL))
		SKIP(return, "no driver of the kernel takes %s", mate);
	if (!sys_read(text, sizeof(text), SYS_GROUPS "/%d/dma_owner",
		      edu->group))
		EXPECT_STREQ("kernel", text);
	if (!sys_read(text, sizeof(text), SYS_GROUPS "/%d/isolation",
		      edu->group))
		EXPECT_NE(NULL, strstr(text, " multifunction "));
	group = type1_open_group(edu->group);
	ASSERT_LE(0, group);
	EXPECT_FALSE(type1_is_viable(group));
	EXPECT_EQ(-EPERM, type1_join(group, type1_open()));
	close(group);

	/* Without a driver it is no obstacle */
	ASSERT_EQ(0, pci_unbind(mate));
	group = type1_open_group(edu->group);
	ASSERT_LE(0, group);
	EXPECT_TRUE(type1_is_viable(group));
	close(group);
}

TEST_F(edu, driver_of_the_kernel_is_refused_while_user_space_owns_the_group)
{
	struct user user;
	struct edu *edu;
	char mate[16];

	edu = find_with_mate(self->all, self->n, mate, sizeof(mate));
	if (!edu)
		SKIP(return, "no edu shares its group with another device");

	/* Else it is no wonder that none takes it later */
	if (pci_bind(mate, NULL))
		SKIP(return, "no driver of the kernel takes %s", mate);
	ASSERT_EQ(0, pci_unbind(mate));
	user.edu = *edu;
	begin_use(_metadata, &user, type1_open());
	EXPECT_NE(0, pci_bind(mate, NULL));
	end_use(&user);
	close(user.container);
	EXPECT_EQ(0, pci_bind(mate, NULL));
	EXPECT_EQ(0, pci_unbind(mate));
}

/* Else the kernel's mappings would be under its hands */
TEST_F(edu, type_stays_while_user_space_owns_the_group)
{
	struct edu *edu = edu_find_alone(self->all, self->n, 0);
	char before[16], after[16];
	struct user user;

	if (!edu)
		SKIP(return, "no edu is alone in its group");
	user.edu = *edu;
	ASSERT_EQ(0, sys_read(before, sizeof(before), SYS_GROUPS "/%d/type",
			      edu->group));
	begin_use(_metadata, &user, type1_open());
	EXPECT_EQ(-EPERM, sys_write("identity", SYS_GROUPS "/%d/type",
				    edu->group));
	EXPECT_EQ(-EPERM, sys_write("auto", SYS_GROUPS "/%d/type",
				    edu->group));
	ASSERT_EQ(0, sys_read(after, sizeof(after), SYS_GROUPS "/%d/type",
			      edu->group));
	EXPECT_STREQ(before, after);

	ASSERT_EQ(0, type1_map(user.container, self->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(user.container, self->to, IOVA_TO));
	expect_dma_moves(_metadata, &user.edu, self->from, self->to);
	end_use(&user);
	close(user.container);
}

/*
 * The second of two that are in one group, behind the first in @edu: below a switch
 * without ACS, so that they reach each other past the IOMMU
 */
static struct edu *find_second_of_group(struct edu *edu, int n)
{
	int i;

	for (i = 1; i < n; i++) {
		if (edu[i].group == edu[i - 1].group)
			return &edu[i];
	}
	return NULL;
}

TEST_F(edu, group_has_one_user)
{
	struct edu *second = find_second_of_group(self->all, self->n);
	int container = type1_open(), other = type1_open(), group;

	if (!second)
		SKIP(return, "no two edu are in one group");
	group = type1_open_group(second[-1].group);
	ASSERT_LE(0, group);
	ASSERT_EQ(0, type1_join(group, container));
	/* There is one file for the group, whichever device it is opened for */
	EXPECT_EQ(-1, type1_open_group(second->group));
	EXPECT_EQ(EBUSY, errno);
	/* And one container: another one cannot be set */
	EXPECT_EQ(-EINVAL, type1_join(group, other));
	close(group);
	close(container);
	close(other);
}

TEST_F(edu, devices_of_a_group_are_in_one_container)
{
	struct edu *second = find_second_of_group(self->all, self->n), one, other;
	int container = type1_open(), group;

	if (!second)
		SKIP(return, "no two edu are in one group");
	if (is_amd_iommu())
		SKIP(return, "QEMU's AMD IOMMU does not know what is below a bridge");
	one = second[-1];
	other = *second;

	group = type1_open_group(one.group);
	ASSERT_LE(0, group);
	ASSERT_EQ(0, type1_join(group, container));
	ASSERT_EQ(0, type1_get_device(group, &one));
	ASSERT_EQ(0, type1_get_device(group, &other));
	ASSERT_EQ(0, type1_map(container, self->from, IOVA_FROM));
	ASSERT_EQ(0, type1_map(container, self->to, IOVA_TO));
	expect_dma_moves(_metadata, &one, self->from, self->to);
	expect_dma_moves(_metadata, &other, self->from, self->to);
	edu_close(&one);
	edu_close(&other);
	close(group);
	close(container);
}

TEST_HARNESS_MAIN

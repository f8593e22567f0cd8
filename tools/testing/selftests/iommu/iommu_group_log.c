// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the log tells of a group while user space has it by VFIO: which devices join
 * it, and which drivers are refused, with who has it.
 *
 * Needs QEMU's edu: one that shares its group with a device that is neither a bridge
 * nor an edu; and two that are in one group with a port. What is missing is skipped.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "iommu_group_cdev.h"
#include "iommu_group_sys.h"
#include "iommu_group_type1.h"

#define ANY_LINE	"*: vfio: *"

/* The driver that is refused a device stands in front of it too */
static int count_refused(int log, const char *address, int group, pid_t pid)
{
	char pattern[256], comm[16];

	prctl(PR_GET_NAME, comm);
	snprintf(pattern, sizeof(pattern),
		 "*;%s %s: vfio: driver %s is refused, as %s (pid %d) has IOMMU group %d: *write %s to /sys/bus/pci/drivers_probe*",
		 PCI_DMA_DRIVER, address, PCI_DMA_DRIVER, comm, pid, group, address);
	return log_count_lines(log, pattern);
}

static int count_joined(int log, const char *address, int group)
{
	char pattern[256], comm[16];

	prctl(PR_GET_NAME, comm);
	snprintf(pattern, sizeof(pattern),
		 "*%s: vfio: joined IOMMU group %d while %s (pid %d) has it: *",
		 address, group, comm, getpid());
	return log_count_lines(log, pattern);
}

/* How user space gets a group: @file is opened, then @use makes @claim, which is closed */
struct interface {
	const char *file;
	int (*use)(struct edu *edu, int owner, int *claim);
};

static int use_container(struct edu *edu, int owner, int *claim)
{
	*claim = type1_open_group(edu->group);
	return *claim < 0 ? -errno : type1_join(*claim, owner);
}

/* An iommufd in place of a container owns the group with its first device */
static int use_group(struct edu *edu, int owner, int *claim)
{
	return use_container(edu, owner, claim) ?: type1_get_device(*claim, edu);
}

static int use_cdev(struct edu *edu, int owner, int *claim)
{
	*claim = cdev_open(edu);
	return *claim < 0 ? -errno : cdev_bind(*claim, owner);
}

FIXTURE(held)
{
	struct edu all[EDU_MAX];
	int n;
	struct edu edu;
	char mate[16];
	int owner;
	int claim;
	int log;
};

FIXTURE_VARIANT(held)
{
	struct interface by;
};

FIXTURE_VARIANT_ADD(held, container)
{
	.by = { "/dev/vfio/vfio", use_container },
};

FIXTURE_VARIANT_ADD(held, group_with_iommufd)
{
	.by = { "/dev/iommu", use_group },
};

FIXTURE_VARIANT_ADD(held, cdev)
{
	.by = { "/dev/iommu", use_cdev },
};

static struct edu *find_with_mate(struct edu *edu, int n, char *mate, size_t size)
{
	int i;

	for (i = 0; i < n; i++) {
		if (edu_find_mate(&edu[i], mate, size) && !sys_is_bridge(mate) &&
		    !edu_is_one(mate))
			return &edu[i];
	}
	return NULL;
}

static void give_back(struct edu *edu, int *claim)
{
	edu_close(edu);
	if (*claim >= 0)
		close(*claim);
	*claim = -1;
}

FIXTURE_SETUP(held)
{
	struct edu *edu;
	int ret;

	self->claim = -1;
	if (!edu_can_be_given_away())
		SKIP(return, "there is no IOMMU, or no vfio-pci");
	if (!pci_has_dma_driver())
		SKIP(return, PCI_NEEDS_DMA_DRIVER);
	self->owner = open(variant->by.file, O_RDWR);
	if (self->owner < 0)
		SKIP(return, "there is no %s", variant->by.file);
	self->log = open_log();
	ASSERT_LE(0, self->log);
	self->n = edu_bind_all(self->all, EDU_MAX);
	ASSERT_LE(0, self->n);
	edu = find_with_mate(self->all, self->n, self->mate, sizeof(self->mate));
	if (!edu)
		SKIP(return, "no edu shares its group with another device");
	self->edu = *edu;
	ASSERT_EQ(0, pci_unbind(self->mate));
	ret = variant->by.use(&self->edu, self->owner, &self->claim);
	give_back(&self->edu, &self->claim);
	if (ret == -ENOENT)
		SKIP(return, "VFIO has not got this interface");
	ASSERT_EQ(0, ret);
}

FIXTURE_TEARDOWN(held)
{
	give_back(&self->edu, &self->claim);
	pci_rescan();
	pci_unbind(self->mate);
	sys_write("\n", SYS_DEVICES "/%s/driver_override", self->mate);
	edu_unbind_all(self->all, self->n);
	close(self->owner);
	close(self->log);
}

/* They have not joined */
TEST_F(held, members_that_are_there_are_not_told)
{
	ASSERT_EQ(0, variant->by.use(&self->edu, self->owner, &self->claim));
	EXPECT_EQ(0, log_count_lines(self->log, ANY_LINE));
}

TEST_F(held, driver_that_is_refused_is_told)
{
	ASSERT_EQ(0, variant->by.use(&self->edu, self->owner, &self->claim));
	EXPECT_EQ(-EBUSY, pci_bind_dma_driver(self->mate));
	EXPECT_EQ(1, count_refused(self->log, self->mate, self->edu.group, getpid()));
	EXPECT_EQ(-EINVAL, sys_write(self->mate, "/sys/bus/pci/drivers_probe"));
	EXPECT_EQ(1, count_refused(self->log, self->mate, self->edu.group, getpid()));

	/* What the log says to do */
	give_back(&self->edu, &self->claim);
	EXPECT_EQ(0, sys_write(self->mate, "/sys/bus/pci/drivers_probe"));
	EXPECT_EQ(0, log_count_lines(self->log, ANY_LINE));
}

TEST_F(held, driver_that_leaves_dma_to_others_is_not_told)
{
	ASSERT_EQ(0, variant->by.use(&self->edu, self->owner, &self->claim));
	EXPECT_EQ(0, pci_bind(self->mate, "vfio-pci"));
	EXPECT_EQ(0, log_count_lines(self->log, ANY_LINE));
}

/* On some IOMMUs a device joins its group when a driver wants it */
static void plug_in(struct __test_metadata *_metadata, const char *address, int ret)
{
	ASSERT_EQ(0, pci_rescan());
	ASSERT_EQ(ret, pci_bind_dma_driver(address));
}

TEST_F(held, device_that_joins_is_told)
{
	ASSERT_EQ(0, pci_remove(self->mate));
	ASSERT_EQ(0, variant->by.use(&self->edu, self->owner, &self->claim));
	plug_in(_metadata, self->mate, -EBUSY);
	ASSERT_EQ(self->edu.group, sys_group_of(self->mate));
	EXPECT_EQ(1, count_joined(self->log, self->mate, self->edu.group));

	/* Again, for it is another device */
	ASSERT_EQ(0, pci_remove(self->mate));
	plug_in(_metadata, self->mate, -EBUSY);
	EXPECT_EQ(1, count_joined(self->log, self->mate, self->edu.group));
}

TEST_F(held, nothing_is_told_before_and_afterwards)
{
	ASSERT_EQ(0, pci_remove(self->mate));
	plug_in(_metadata, self->mate, 0);
	ASSERT_EQ(0, pci_unbind(self->mate));
	ASSERT_EQ(0, variant->by.use(&self->edu, self->owner, &self->claim));
	give_back(&self->edu, &self->claim);
	ASSERT_EQ(0, pci_remove(self->mate));
	plug_in(_metadata, self->mate, 0);
	EXPECT_EQ(0, log_count_lines(self->log, ANY_LINE));
}

/* Whose claim is refused has nothing, and is told of nothing */
TEST_F(held, nothing_is_told_of_a_failed_claim)
{
	ASSERT_EQ(0, pci_bind_dma_driver(self->mate));
	EXPECT_NE(0, variant->by.use(&self->edu, self->owner, &self->claim));
	ASSERT_EQ(0, pci_remove(self->mate));
	plug_in(_metadata, self->mate, 0);
	EXPECT_EQ(0, log_count_lines(self->log, ANY_LINE));
}

#define ROUNDS		200
#define BURST		50	/* lines in INTERVAL seconds */
#define INTERVAL	5

TEST_F(held, lines_are_limited)
{
	struct timespec begin, end;
	int i, intervals;

	/* That of one interface is enough */
	if (variant->by.use != use_cdev)
		return;
	ASSERT_EQ(0, variant->by.use(&self->edu, self->owner, &self->claim));
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (i = 0; i < ROUNDS; i++)
		EXPECT_EQ(-EBUSY, pci_bind_dma_driver(self->mate));
	clock_gettime(CLOCK_MONOTONIC, &end);
	/* Those that have begun */
	intervals = (end.tv_sec - begin.tv_sec + 1) / INTERVAL + 1;
	EXPECT_GE(intervals * BURST, log_count_lines(self->log, ANY_LINE));
	/* For other tests */
	sleep(INTERVAL + 1);
}

/* The second of two that are in one group with a port, behind the first in @edu */
static struct edu *find_second_below_ports(struct edu *edu, int n)
{
	int i;

	for (i = 1; i < n; i++) {
		if (edu[i].group == edu[i - 1].group)
			return &edu[i];
	}
	return NULL;
}

static bool find_port(int group, char *port, size_t size)
{
	struct dirent **entry;
	bool found = false;
	int i, n;

	n = sys_list(&entry, SYS_GROUPS "/%d/devices", group);
	for (i = 0; i < n && !found; i++) {
		found = sys_is_bridge(entry[i]->d_name);
		snprintf(port, size, "%.15s", entry[i]->d_name);
	}
	sys_free(entry, n);
	return found;
}

/* A process that has a device until it is killed; or -errno of opening it */
static pid_t begin_user(struct edu *edu, int iommufd)
{
	int claim, pipes[2], ret;
	pid_t pid;

	if (pipe(pipes))
		return -errno;
	pid = fork();
	if (!pid) {
		ret = use_cdev(edu, iommufd, &claim);
		if (write(pipes[1], &ret, sizeof(ret)) == sizeof(ret))
			pause();
		_exit(1);
	}
	if (pid < 0 || read(pipes[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -EIO;
	close(pipes[0]);
	close(pipes[1]);
	return ret ?: pid;
}

static void end_user(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* By several users of one iommufd, of whom the first that is still there is named */
TEST(event_of_a_group_is_told_once)
{
	struct edu all[EDU_MAX], *second;
	int n, claim, iommufd, log, others;
	char port[16];
	pid_t pid;

	if (!edu_can_be_given_away())
		SKIP(return, "there is no IOMMU, or no vfio-pci");
	if (!pci_has_dma_driver())
		SKIP(return, PCI_NEEDS_DMA_DRIVER);
	iommufd = open("/dev/iommu", O_RDWR);
	if (iommufd < 0)
		SKIP(return, "there is no /dev/iommu");
	log = open_log();
	others = open_log();
	ASSERT_LE(0, log);
	ASSERT_LE(0, others);
	n = edu_bind_all(all, EDU_MAX);
	ASSERT_LE(0, n);
	second = find_second_below_ports(all, n);
	if (!second || !find_port(second->group, port, sizeof(port))) {
		edu_unbind_all(all, n);
		SKIP(return, "no two edu are in one group with a port");
	}
	ASSERT_EQ(0, pci_unbind(port));

	pid = begin_user(&second[-1], iommufd);
	EXPECT_LT(0, pid);
	EXPECT_EQ(0, use_cdev(second, iommufd, &claim));
	EXPECT_EQ(-EBUSY, pci_bind_dma_driver(port));
	EXPECT_EQ(1, count_refused(log, port, second->group, pid));
	EXPECT_EQ(1, log_count_lines(others, ANY_LINE));
	end_user(pid);
	EXPECT_EQ(-EBUSY, pci_bind_dma_driver(port));
	EXPECT_EQ(1, count_refused(log, port, second->group, getpid()));

	close(claim);
	EXPECT_EQ(0, pci_bind_dma_driver(port));
	EXPECT_EQ(0, log_count_lines(log, ANY_LINE));
	/* Its own driver again */
	EXPECT_EQ(0, pci_bind(port, NULL));
	edu_unbind_all(all, n);
	close(iommufd);
	close(log);
	close(others);
}

TEST_HARNESS_MAIN

// SPDX-License-Identifier: GPL-2.0-only
/* How iommu_group_stress understands QEMU's monitor, played here by a process */

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"
#include "iommu_group_stress.h"

/* A guest with much to do gets an event in parts, here with the time to ask again between */
static void send_slowly(int fd)
{
	sleep(STRESS_ASK_AGAIN_SECONDS - 2);
	dprintf(fd, "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 0}, \"event\": \"DEVICE_");
	sleep(3);
	dprintf(fd, "DELETED\", \"data\": {\"device\": \"plugged\"}}\n");
}

/* All succeeds. Of the question its end is sent back, from the ID on */
static void answer(int fd, const char *question)
{
	const char *id = strstr(question, "\"id-");

	if (id)
		dprintf(fd, "{\"return\": {}, \"id\": %s", id);
	if (strstr(question, "device_del"))
		send_slowly(fd);
}

static void play_monitor(int fd)
{
	char question[256];
	FILE *in = fdopen(fd, "r");

	while (in && fgets(question, sizeof(question), in))
		answer(fd, question);
	_exit(EXIT_SUCCESS);
}

FIXTURE(monitor)
{
	int fd;
	pid_t pid;
};

FIXTURE_SETUP(monitor)
{
	static char *slot = "slot";

	self->fd = posix_openpt(O_RDWR | O_NOCTTY);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, grantpt(self->fd));
	ASSERT_EQ(0, unlockpt(self->fd));
	self->pid = fork();
	ASSERT_LE(0, self->pid);
	if (!self->pid)
		play_monitor(self->fd);
	ASSERT_TRUE(stress_open_qmp(ptsname(self->fd), &slot, 1));
}

FIXTURE_TEARDOWN(monitor)
{
	kill(self->pid, SIGKILL);
	waitpid(self->pid, NULL, 0);
	close(self->fd);
}

TEST_F(monitor, event_in_parts)
{
	unsigned int seed = 1;

	EXPECT_TRUE(stress_plug(&seed));
}

TEST_HARNESS_MAIN

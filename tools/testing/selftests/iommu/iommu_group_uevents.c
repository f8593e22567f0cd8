// SPDX-License-Identifier: GPL-2.0-only
/* What the kernel tells of groups, see iommu_group_uevents.h */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "iommu_group_uevents.h"

#define ROOM	(64 << 20)	/* for what comes faster than it is read */

struct uevents {
	int fd;
	pthread_t thread;
	bool stop;
	bool lost;
	unsigned long all;
	unsigned long added;
	unsigned long removed;
	unsigned long claimed;
	unsigned long released;
};

/* A message is the event and its variables, each ended by a zero */
static const char *variable(const char *message, size_t len, const char *name)
{
	const char *end = message + len;

	for (; message < end; message += strlen(message) + 1) {
		if (!strncmp(message, name, strlen(name)))
			return message + strlen(name);
	}
	return NULL;
}

static void count(struct uevents *uevents, const char *message, size_t len)
{
	const char *event = variable(message, len, "IOMMU_GROUP_EVENT=");

	if (!event)
		return;
	uevents->all++;
	uevents->added += !strcmp(event, "add-device");
	uevents->removed += !strcmp(event, "del-device");
	uevents->claimed += !strcmp(event, "owner-user");
	uevents->released += !strcmp(event, "owner-none");
}

/* Until it is told to stop and there is nothing more */
static void *listen_to_all(void *arg)
{
	struct uevents *uevents = arg;
	char message[8192];
	ssize_t len;

	for (;;) {
		len = recv(uevents->fd, message, sizeof(message) - 1, 0);
		if (len >= 0) {
			message[len] = '\0';
			count(uevents, message, len);
		} else if (errno == ENOBUFS) {
			uevents->lost = true;
		} else if (__atomic_load_n(&uevents->stop, __ATOMIC_RELAXED)) {
			return NULL;
		}
	}
}

int uevents_open(void)
{
	struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	struct timeval second = { .tv_sec = 1 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			NETLINK_KOBJECT_UEVENT);
	int room = ROOM;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	if (!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof(second)) &&
	    !bind(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

struct uevents *uevents_listen(void)
{
	struct uevents *uevents = calloc(1, sizeof(*uevents));

	if (!uevents)
		return NULL;
	uevents->fd = uevents_open();
	if (uevents->fd < 0) {
		perror("netlink");
		free(uevents);
		return NULL;
	}
	if (pthread_create(&uevents->thread, NULL, listen_to_all, uevents)) {
		close(uevents->fd);
		free(uevents);
		return NULL;
	}
	return uevents;
}

bool uevents_end(struct uevents *uevents)
{
	bool equal;

	__atomic_store_n(&uevents->stop, true, __ATOMIC_RELAXED);
	pthread_join(uevents->thread, NULL);
	close(uevents->fd);
	printf("%-36s %7lu, %lu of a device added, %lu of one removed\n", "uevents",
	       uevents->all, uevents->added, uevents->removed);
	printf("%-36s %7lu, and %lu of their end\n", "uevents of owners",
	       uevents->claimed, uevents->released);
	if (uevents->lost)
		printf("error: there were more than there was room for\n");
	equal = uevents->added == uevents->removed && uevents->added;
	if (!equal)
		printf("error: as many devices should have been added as removed\n");
	if (uevents->claimed != uevents->released)
		printf("error: each owner should have let go of its group\n");
	equal &= uevents->claimed == uevents->released;
	equal &= !uevents->lost;
	free(uevents);
	return equal;
}

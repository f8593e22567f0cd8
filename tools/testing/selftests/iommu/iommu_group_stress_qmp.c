// SPDX-License-Identifier: GPL-2.0-only
/* Devices plugged in and out by QEMU's monitor, see iommu_group_stress.h */

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "iommu_group_stress.h"

#define ANSWER_SECONDS	30
#define UNPLUG_SECONDS	120

static int qmp = -1;
static char **slot;
static int slots;
static char line[1024];	/* QEMU's last */
static char answer[1024];	/* to what was asked last */
static bool gone;	/* the device that was plugged in, as an event has told */

static bool read_char(char *c, time_t until)
{
	struct pollfd pollfd = { .fd = qmp, .events = POLLIN };
	time_t left = until - time(NULL);

	return left > 0 && poll(&pollfd, 1, left * 1000) == 1 &&
	       read(qmp, c, 1) == 1;
}

/* A line that has begun is read to its end, for an event comes once only */
static bool read_line(time_t until)
{
	size_t len = 0;

	while (read_char(&line[len], until)) {
		if (line[len] != '\n' && len < sizeof(line) - 2) {
			len++;
			until = time(NULL) + ANSWER_SECONDS;
			continue;
		}
		line[len] = '\0';
		if (strstr(line, "DEVICE_DELETED") && strstr(line, "\"plugged\""))
			gone = true;
		return true;
	}
	return false;
}

/* Events, and answers to what was asked before, may come first: an answer has the ID */
static bool ask(const char *command, const char *arguments)
{
	time_t until = time(NULL) + ANSWER_SECONDS;
	static unsigned int id;
	char text[256];

	snprintf(text, sizeof(text),
		 "{\"execute\": \"%s\", \"arguments\": {%s}, \"id\": \"id-%u\"}\n",
		 command, arguments, ++id);
	snprintf(answer, sizeof(answer), "no answer");
	if (write(qmp, text, strlen(text)) != (ssize_t)strlen(text))
		return false;
	snprintf(text, sizeof(text), "\"id-%u\"", id);
	while (read_line(until)) {
		if (!strstr(line, text))
			continue;
		snprintf(answer, sizeof(answer), "%s", line);
		return !strstr(answer, "\"error\"");
	}
	return false;
}

/*
 * A terminal echoes until it is told not to, so that QEMU may have got a part of its
 * own greeting back, and takes what follows for the rest. The byte 0xff, which is in
 * no JSON, has it begin anew.
 */
static bool begin_anew(void)
{
	return write(qmp, "\xff\n", 2) == 2 && ask("qmp_capabilities", "");
}

bool stress_open_qmp(const char *tty, char **names, int n)
{
	struct termios termios;

	slot = names;
	slots = n;
	qmp = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (qmp < 0 || tcgetattr(qmp, &termios)) {
		perror(tty);
		return false;
	}
	cfmakeraw(&termios);
	tcsetattr(qmp, TCSANOW, &termios);
	if (begin_anew())
		return true;
	printf("error: QEMU's monitor is not at %s; QEMU: %s\n", tty, answer);
	return false;
}

static bool plug(const char *device, const char *bus)
{
	char arguments[128];

	snprintf(arguments, sizeof(arguments),
		 "\"driver\": \"%s\", \"bus\": \"%s\", \"id\": \"plugged\"", device, bus);
	gone = false;
	return ask("device_add", arguments);
}

/* QEMU refuses while the guest still brings the slot up, and asks once only */
static bool unplug(void)
{
	time_t until = time(NULL) + UNPLUG_SECONDS, again;

	do {
		ask("device_del", "\"id\": \"plugged\"");
		again = time(NULL) + STRESS_ASK_AGAIN_SECONDS;
		while (!gone && read_line(again))
			;
		if (gone)
			return true;
		sleep(1);
	} while (time(NULL) < until);
	printf("error: the device stays in its slot; QEMU: %s\n", answer);
	return false;
}

bool stress_plug(unsigned int *seed)
{
	static const char *const devices[] = { "edu", "e1000e", "virtio-rng-pci" };

	if (!plug(devices[rand_r(seed) % 3], slot[rand_r(seed) % slots])) {
		printf("error: no device was plugged in; QEMU: %s\n", answer);
		return false;
	}
	usleep(rand_r(seed) % 1000 * 1000);
	return unplug();
}

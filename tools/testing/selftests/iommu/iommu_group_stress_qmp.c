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
#define ASK_AGAIN_SECONDS	10

static int qmp = -1;
static char **slot;
static int slots;
static char line[1024];	/* QEMU's last */

static bool send(const char *text)
{
	return write(qmp, text, strlen(text)) == (ssize_t)strlen(text);
}

static bool read_char(char *c, time_t until)
{
	struct pollfd pollfd = { .fd = qmp, .events = POLLIN };
	time_t left = until - time(NULL);

	return left > 0 && poll(&pollfd, 1, left * 1000) == 1 &&
	       read(qmp, c, 1) == 1;
}

/* Read lines until one has @wanted, or says that there was an error */
static bool wait_for(const char *wanted, unsigned int seconds)
{
	time_t until = time(NULL) + seconds;
	size_t len = 0;

	while (read_char(&line[len], until)) {
		if (line[len] != '\n' && len < sizeof(line) - 2) {
			len++;
			continue;
		}
		line[len] = '\0';
		len = 0;
		if (strstr(line, wanted))
			return true;
		if (strstr(line, "\"error\""))
			return false;
	}
	snprintf(line, sizeof(line), "no answer with %s", wanted);
	return false;
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
	return send("{\"execute\": \"qmp_capabilities\"}\n") &&
	       wait_for("\"return\"", ANSWER_SECONDS);
}

static bool plug(const char *device, const char *bus)
{
	char command[256];

	snprintf(command, sizeof(command),
		 "{\"execute\": \"device_add\", \"arguments\": {\"driver\": \"%s\", \"bus\": \"%s\", \"id\": \"plugged\"}}\n",
		 device, bus);
	return send(command) && wait_for("\"return\"", ANSWER_SECONDS);
}

/* QEMU refuses while the guest still brings the slot up, and asks once only */
static bool unplug(void)
{
	time_t until = time(NULL) + UNPLUG_SECONDS;

	do {
		if (send("{\"execute\": \"device_del\", \"arguments\": {\"id\": \"plugged\"}}\n") &&
		    wait_for("DEVICE_DELETED", ASK_AGAIN_SECONDS))
			return true;
		sleep(1);
	} while (time(NULL) < until);
	printf("error: the device stays in its slot; QEMU: %s\n", line);
	return false;
}

bool stress_plug(unsigned int *seed)
{
	static const char *const devices[] = { "edu", "e1000e", "virtio-rng-pci" };

	if (!plug(devices[rand_r(seed) % 3], slot[rand_r(seed) % slots])) {
		printf("error: no device was plugged in; QEMU: %s\n", line);
		return false;
	}
	usleep(rand_r(seed) % 1000 * 1000);
	return unplug();
}

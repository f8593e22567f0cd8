// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu --watch: what becomes of groups, from the kernel's uevents, by libudev */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include <libudev.h>

#include "lsiommu.h"

#define SUBSYSTEM	"iommu_groups"

/* Room for what thousands of devices send while they are probed; costs nothing until then */
#define BUFFER_SIZE	(16 << 20)

static void print_time(void)
{
	char text[16];
	time_t now = time(NULL);
	struct tm tm;

	if (localtime_r(&now, &tm) && strftime(text, sizeof(text), "%T", &tm))
		printf("%s ", text);
}

/* A group comes and goes by "add" and "remove", all else is a "change" with an event */
static const char *event_of(struct udev_device *uevent)
{
	const char *action = udev_device_get_action(uevent);

	if (action && (!strcmp(action, "add") || !strcmp(action, "remove")))
		return action;
	return udev_device_get_property_value(uevent, "IOMMU_GROUP_EVENT");
}

/* The kernel sends nothing else of a group; what another one may send is none of these */
static void print_event(struct udev_device *uevent)
{
	const char *name = udev_device_get_property_value(uevent, "IOMMU_GROUP_DEVICE");
	const char *event = event_of(uevent);

	if (!event)
		return;
	print_time();
	printf("group %s: ", udev_device_get_sysname(uevent));
	if (name)
		printf("%s ", name);
	printf("%s\n", event);
	fflush(stdout);
}

static enum status print_events(struct udev_monitor *monitor)
{
	struct pollfd pollfd = { .fd = udev_monitor_get_fd(monitor), .events = POLLIN };
	struct udev_device *uevent;

	/* Also when whoever reads them has gone */
	while (!ferror(stdout)) {
		if (poll(&pollfd, 1, -1) < 0 && errno != EINTR) {
			warn("no more events: %s", strerror(errno));
			return STATUS_ERROR;
		}
		uevent = udev_monitor_receive_device(monitor);
		if (!uevent) {
			if (errno == ENOBUFS)
				warn("events were lost, for there were too many at once");
			continue;
		}
		print_event(uevent);
		udev_device_unref(uevent);
	}
	return STATUS_ERROR;
}

enum status watch(void)
{
	struct udev *udev = udev_new();
	struct udev_monitor *monitor = udev ?
				       udev_monitor_new_from_netlink(udev, "kernel") : NULL;
	enum status status = STATUS_ERROR;

	/* Without the right to have so much, what the system allows must do */
	if (monitor)
		udev_monitor_set_receive_buffer_size(monitor, BUFFER_SIZE);
	if (!monitor ||
	    udev_monitor_filter_add_match_subsystem_devtype(monitor, SUBSYSTEM, NULL) < 0 ||
	    udev_monitor_enable_receiving(monitor) < 0)
		warn("the kernel's events cannot be had: %s", strerror(errno));
	else
		status = print_events(monitor);
	udev_monitor_unref(monitor);
	udev_unref(udev);
	return status;
}

// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu --watch: what becomes of groups, from the kernel's uevents, by libudev */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include <libudev.h>

#include "json.h"
#include "lsiommu.h"

#define SUBSYSTEM	"iommu_groups"

/* Room for what thousands of devices send while they are probed; costs nothing until then */
#define BUFFER_SIZE	(16 << 20)

static const char *now(const char *format)
{
	static char text[32];
	time_t seconds = time(NULL);
	struct tm tm;

	if (localtime_r(&seconds, &tm) && strftime(text, sizeof(text), format, &tm))
		return text;
	return "";
}

/* A group comes and goes by "add" and "remove", all else is a "change" with an event */
static const char *event_of(struct udev_device *uevent)
{
	const char *action = udev_device_get_action(uevent);

	if (action && (!strcmp(action, "add") || !strcmp(action, "remove")))
		return action;
	return udev_device_get_property_value(uevent, "IOMMU_GROUP_EVENT");
}

static void print_line(const char *group, const char *device, const char *event)
{
	printf("%s group %s: %s%s%s\n", now("%T"), group, device ?: "", device ? " " : "", event);
}

/* An object a line, so that a program need not wait for the end of all */
static void print_json(const char *group, const char *device, const char *event)
{
	json_object *object = json_object_new_object();

	json_add(object, "time", json_text(now("%FT%T%z")));
	json_add(object, "group", json_number(group));
	json_add(object, "event", json_text(event));
	json_add(object, "device", json_text(device));
	json_print(object, true);
}

/* The kernel sends nothing else of a group; what another one may send is none of these */
static void print_event(struct udev_device *uevent, bool as_json)
{
	const char *device = udev_device_get_property_value(uevent, "IOMMU_GROUP_DEVICE");
	const char *group = udev_device_get_sysname(uevent), *event = event_of(uevent);

	if (!event)
		return;
	if (as_json)
		print_json(group, device, event);
	else
		print_line(group, device, event);
	fflush(stdout);
}

static enum status print_events(struct udev_monitor *monitor, bool as_json)
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
		print_event(uevent, as_json);
		udev_device_unref(uevent);
	}
	return STATUS_ERROR;
}

enum status watch(bool as_json)
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
		status = print_events(monitor, as_json);
	udev_monitor_unref(monitor);
	udev_unref(udev);
	return status;
}

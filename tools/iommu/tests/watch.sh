#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --watch, with events in place of those of the kernel.
. "$(dirname "$0")/lib.sh"

"$here/make-sysroot.sh" "$tmp/root" <"$here/switch"
# watch_with LIBRARY: whose functions take the place of those of libudev
watch_with() {
	# The sanitizers would be the first library
	ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$1 \
		timeout 60 "${wrapper[@]}" "$program" --watch
}

# Events that the kernel drops
"${CC:-cc}" -shared -fPIC -x c -o "$tmp/lost.so" - <<'EOS'
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <unistd.h>

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return 1;
}

void *udev_monitor_receive_device(void *monitor)
{
	static int calls;

	if (calls++)
		_exit(0);
	errno = ENOBUFS;
	return NULL;
}
EOS
status=0
errors=$(watch_with "$tmp/lost.so" 2>&1 >/dev/null) || status=$?
report "$([[ $status = 0 && $errors == *'events were lost'* ]] && echo true || echo false)" \
	"lost events are told, and --watch goes on"

# What becomes of a group
"${CC:-cc}" -shared -fPIC -x c -o "$tmp/told.so" - <<'EOS'
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const events[][3] = {
	{ "add" },
	{ "change", "add-device", "0000:03:00.0" },
	{ "change", "owner-user" },
	{ "change", "owner-none" },
	{ "change" },
	{ "remove" },
};

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	return 1;
}

void *udev_monitor_receive_device(void *monitor)
{
	static unsigned int calls;

	if (calls == sizeof(events) / sizeof(events[0]))
		_exit(0);
	return (void *)events[calls++];
}

const char *udev_device_get_action(const char *const *event)
{
	return event[0];
}

const char *udev_device_get_property_value(const char *const *event, const char *name)
{
	return event[strcmp(name, "IOMMU_GROUP_EVENT") ? 2 : 1];
}

const char *udev_device_get_sysname(void *event)
{
	return "5";
}

void *udev_device_unref(void *event)
{
	return NULL;
}
EOS
status=0
output=$(watch_with "$tmp/told.so" | cut -d ' ' -f 2-) || status=$?
expected='group 5: add
group 5: 0000:03:00.0 add-device
group 5: owner-user
group 5: owner-none
group 5: remove'
report "$([[ $status = 0 && $output == "$expected" ]] && echo true || echo false)" \
	"--watch tells of a group, its devices and its owners"

conclude

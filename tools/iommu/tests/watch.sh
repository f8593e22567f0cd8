#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --watch, with events in place of those of the kernel.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
# watch_with LIBRARY [OPTION]...: whose functions take the place of those of libudev
watch_with() {
	# The sanitizers would be the first library
	ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$1 \
		timeout 60 "${wrapper[@]}" "$program" --watch "${@:2}"
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
keep watch_with "$tmp/lost.so"
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
keep watch_with "$tmp/told.so"
output=$(cut -d ' ' -f 2- <<<"$output")
expected='group 5: add
group 5: 0000:03:00.0 add-device
group 5: owner-user
group 5: owner-none
group 5: remove'
check "--watch tells of a group, its devices and its owners" [ "$status $output" = "0 $expected" ]
keep watch_with "$tmp/told.so" -J
# shellcheck disable=SC2001 # more than one of them
output=$(sed 's/"time": "[0-9-]*T[0-9:]*[+-][0-9]*"/TIME/' <<<"$output")
expect "--watch --json tells the same in objects, a line each" 0 \
	'{ TIME, "group": 5, "event": "add", "device": null }' \
	'{ TIME, "group": 5, "event": "add-device", "device": "0000:03:00.0" }' \
	'{ TIME, "group": 5, "event": "owner-user", "device": null }'
lines=$(wc -l <<<"$output")
check "and no more" [ "$lines" = 5 ]
keep "$program" --watch -n -J
expect_error "--watch takes no other option of a list" '--watch and --noheadings do not go together'

conclude

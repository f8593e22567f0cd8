#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh LSIOMMU [COMMAND...]: test the program on a /sys that is made of tests/switch. COMMAND is
# put before it, as valgrind. Prints a line for each test, and exits with 1 if one fails.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
shift
wrapper=("$@")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8
failed=0 tests=0

# A list of IDs of the test's own, so that the names are not those of the day
printf '%s\n' '8086  Intel' $'\t10d3  82574L' '104c  TI' $'\t8233  XIO3130' \
	'C 02  Network controller' $'\t00  Ethernet controller' 'C 06  Bridge' $'\t04  PCI bridge' \
	>"$tmp/pci.ids"

# lsiommu ARGUMENT...: on the tree that was made; status and output are kept
lsiommu() {
	status=0
	output=$(timeout 60 "${wrapper[@]}" "$program" --sysroot "$tmp/root" \
		-i "$tmp/pci.ids" "$@" 2>"$tmp/errors") || status=$?
	errors=$(cat "$tmp/errors")
}

report() {
	tests=$((tests + 1))
	if [ "$1" = true ]; then
		echo "ok $tests $2"
		return
	fi
	failed=1
	printf 'not ok %d %s\n' "$tests" "$2"
	printf 'status %s\n%s\n%s\n' "$status" "$output" "$errors" | sed 's/^/# /'
}

# expect NAME STATUS [LINE...]: the last call's status, and lines that are in what it printed
expect() {
	local name=$1 good=true line
	[ "$status" -eq "$2" ] || good=false
	shift 2
	for line; do
		grep -qxF -- "$line" <<<"$output" || good=false
	done
	report $good "$name"
}

# expect_not NAME LINE...: lines that the last call must not have printed
expect_not() {
	local name=$1 good=true line
	shift
	for line; do
		! grep -qxF -- "$line" <<<"$output" || good=false
	done
	report $good "$name"
}

expect_error() {
	local good=true
	{ [ "$status" -eq 2 ] && grep -qF -- "$2" <<<"$errors"; } || good=false
	report $good "$1"
}

"$here/make-sysroot.sh" "$tmp/root" <"$here/switch"

# What the head of tests/switch says, as a person would say it
switch_port='switch port 0000:02:00.0 (TI XIO3130) lacks ACS: SV,RR,CR,UF'
lsiommu -g 3 -o NAME,TYPE,OWNER,DRIVER,REASON -r
expect "a switch's devices have the port that lacks ACS for a reason" 0 \
	"0000:03:00.0 DMA-FQ kernel e1000e ${switch_port// /\\x20}"
lsiommu -g 3 -o NAME
expect "the tree is drawn" 0 3 '├─0000:02:00.0' '└─0000:04:00.0'
lsiommu -g 3 -o NAME -a
expect "the tree is drawn in ASCII" 0 3 '|-0000:02:00.0' '`-0000:04:00.0'
LC_ALL=C lsiommu -g 3 -o NAME
expect "the tree is drawn in ASCII where the locale has no more" 0 '`-0000:04:00.0'
lsiommu -l -n -o ADDRESS,REASON -g 6
expect "a root port is called one" 0 \
	'0000:05:00.0 root port 0000:00:1c.0 (Intel Device 3420) lacks ACS: CR'
lsiommu -l -n -o ADDRESS,REASON -g 7
expect "a bridge is called one" 0 \
	'0000:06:01.0 on a conventional bus, of bridge 0000:00:1e.0 (Device 1b36:000e)'
lsiommu -l -n -o REASON -g 8
expect "a culprit that is not there has its address" 0 'one requester ID with 0000:00:08.1'
lsiommu -J -g 4
expect "JSON is valid" 0
report "$(python3 -c '
import json, sys
group = json.loads(sys.argv[1])["groups"][0]
child = group["children"][0]
good = (group["name"], group["label"], group["owner"]) == ("4", "gpu", "user")
good &= (child["name"], child["driver"], child["reason"]) == ("0000:00:06.0", "vfio-pci", None)
print(str(good).lower())' "$output")" "JSON has the group and its device"
lsiommu -P -s 03:00.0 -o GROUP,ADDRESS,CLASS,VENDOR,MODEL,IDS
expect "pairs have all there is of a device" 0 \
	'GROUP="3" ADDRESS="0000:03:00.0" CLASS="Ethernet controller" VENDOR="Intel" '\
'MODEL="82574L" IDS="8086:10d3"'
lsiommu -P -s 03:00.0 -o CAUSE,CULPRIT,LACKS
expect "and of its cause" 0 'CAUSE="acs" CULPRIT="0000:02:00.0" LACKS="SV,RR,CR,UF"'
lsiommu -a -n -g 12 -o NAME,REACHES
expect "a group that reaches others has a line for each" 0 \
	'12             13 0000:00:1b.0 SV,RR' '|              14 0000:00:1b.0 SV,RR' \
	'|              17 0000:00:1b.0 SV,RR'
lsiommu -J -s 00:1b. -o NAME,REACHES
report "$(python3 -c '
import json, sys
group, other = json.loads(sys.argv[1])["groups"][:2]
good = group["reaches"] == [f"{id} 0000:00:1b.0 SV,RR" for id in (13, 14, 17)]
print(str(good and not any(other["reaches"])).lower())' "$output")" "JSON has them in an array"

# Three cards are Ethernet controllers in a group; 00:09.0 is one too, but in none
lsiommu -r -n -o ADDRESS -c 0200
expect "a class is selected by its number" 0 0000:03:00.0 0000:04:00.0 0000:05:00.0 0000:06:01.0
numbered=$output
lsiommu -r -n -o ADDRESS -c ethernet
report "$([ "$numbered" = "$output" ] && echo true || echo false)" \
	"a class is selected by a part of its name"
lsiommu -r -n -o ADDRESS -k none -c 02
expect "devices without a driver are selected" 0 0000:05:00.0 0000:06:01.0
lsiommu -r -n -o ADDRESS -s 02:
expect "a bus is selected" 0 0000:02:00.0 0000:02:01.0
lsiommu -g 99
expect "nothing that matches is status 1" 1

network_card='0000:03:00.0 (Ethernet controller: Intel 82574L)'
lsiommu --check 00:07.0
expect "a device alone, with vfio-pci, can be given away" 0 'yes: they can be given to a guest'
lsiommu --check 03:00.0 04:00.0
expect "a device with a host's driver cannot, and the commands are told" 1 \
	"$network_card is bound to the host's driver e1000e:" \
	'    echo vfio-pci >/sys/bus/pci/devices/0000:03:00.0/driver_override' \
	'    echo 0000:03:00.0 >/sys/bus/pci/devices/0000:03:00.0/driver/unbind' \
	'    echo 0000:03:00.0 >/sys/bus/pci/drivers_probe' \
	'no: not before the above is done'
lsiommu --check 04:00.0
expect "nor one whose neighbour has a host's driver" 1 \
	"$network_card is bound to the host's driver e1000e, and shares group 3: $switch_port" \
	'    echo 0000:03:00.0 >/sys/bus/pci/devices/0000:03:00.0/driver/unbind'
lsiommu --check 05:00.0
expect "one without a driver is to be given vfio-pci, and the port above is no obstacle" 1 \
	'0000:05:00.0 (Ethernet controller: Intel 82574L) is not bound to vfio-pci:' \
	'    echo vfio-pci >/sys/bus/pci/devices/0000:05:00.0/driver_override' \
	'    echo 0000:05:00.0 >/sys/bus/pci/drivers_probe'
lsiommu --check 00:06.0
expect "nor one that user space has" 1 \
	'group 4 is in use by user space: end the guest or program that has it'
lsiommu --check 00:1e.0
expect "nor a bridge" 1 \
	'0000:00:1e.0 (PCI bridge: Device 1b36:000e) is a bridge, which no guest can be given'
expect "nor with what else stands before it" 1 'no: they cannot be given to a guest'
lsiommu --check 00:00.0
expect "what is of class 06 and has no bridge's header is none" 1 \
	'    echo 0000:00:00.0 >/sys/bus/pci/drivers_probe' 'no: not before the above is done'
nulls='\0\0\0\0\0\0\0\0\0\0\0\0\0\0'
printf '%b\x81' "$nulls" >"$tmp/root/sys/bus/pci/devices/0000:00:07.0/config"
lsiommu --check 00:07.0
expect "and what has one is a bridge, of whatever class" 1 \
	'0000:00:07.0 (Class 00ff: Device 1234:11e8) is a bridge, which no guest can be given'
printf '%b\x80' "$nulls" >"$tmp/root/sys/bus/pci/devices/0000:00:07.0/config"
lsiommu --check 00:07.0
expect "a function beside others is none for that" 0 'yes: they can be given to a guest'
mv "$tmp"/root/sys/bus/pci/drivers/{vfio-pci,away}
lsiommu --check 05:00.0
expect "a module that is not there is loaded first" 1 '    modprobe vfio-pci'
mv "$tmp"/root/sys/bus/pci/drivers/{away,vfio-pci}
lsiommu --check 05:00.0
expect_not "and one that is there is not" '    modprobe vfio-pci'
lsiommu --check 00:0a.0
expect "a driver whose name says nothing is seen by the group's owner" 1 \
	'group 9 is in use by the kernel, though none of its drivers is known for that:' \
	'no: not before the above is done'
lsiommu --check 00:0b.0
expect "and a neighbour's that does no DMA is no obstacle" 0 'yes: they can be given to a guest'
lsiommu --check 04:00.0
expect_not "a neighbour in the way is told once" \
	"group 3 is shared by $network_card: $switch_port"

# Of the groups that reach others
way='group 12 reaches group 13, in use by the kernel'
lsiommu --check 07:00.0
expect "a group that reaches one in use is warned of, and can be given away" 0 "$way" \
	'  past the IOMMU: 0000:00:1b.0 (Intel Device 3420) lacks ACS: SV,RR' \
	'  iommu.isolation=strict would refuse that' 'yes: they can be given to a guest'
report "$([[ $output != *'reaches group 14'* ]] && echo true || echo false)" \
	"one that is not in use is none to warn of"
mkdir "$tmp/root/proc"
echo 'iommu.isolation=legacy iommu.isolation=strict iommu.isolation=bogus' >"$tmp/root/proc/cmdline"
lsiommu --check 07:00.0
expect "and not by a kernel that refuses it" 1 "$way" \
	'  iommu.isolation=strict refuses that, until one of them is in use no more' \
	'no: not before the above is done'
lsiommu --check 07:00.0 00:1b.1
expect_not "to one guest both ends can be given" "$way"
lsiommu --check 00:1b.1
expect_not "what is reached is in nobody's way while nobody has the other end" "$way"
way='group 15, in use by user space, reaches group 16'
lsiommu --check 00:1d.1
expect "what is within reach of another user is refused" 1 "$way" \
	'  past the IOMMU: 0000:00:1d.0 (Intel Device 3420) lacks ACS: CR' \
	'no: not before the above is done'
lsiommu --check 00:1d.1 08:00.0
expect_not "unless what reaches it is given away too" "$way"
owner=$tmp/root/sys/kernel/iommu_groups/15/dma_owner
echo kernel >"$owner"
lsiommu --check 00:1d.1
expect "what the kernel has may reach others" 0 'yes: they can be given to a guest'
echo user >"$owner"

bridge=$tmp/root/sys/bus/pci/devices/0000:00:1b.3
way='group 12 reaches group 17, in use by '
way+='what is below 0000:00:1b.3, a bridge with registers in a BAR'
printf '%s\n' '0xfe000000 0xfe000fff 0x40200' '0x0 0x0 0x0' >"$bridge/resource"
echo 0 >"$bridge/enable"
lsiommu --check 07:00.0 00:1b.1
expect_not "a bridge that is off serves nobody" "$way"
echo 2 >"$bridge/enable"
lsiommu --check 07:00.0
expect "a bridge with a BAR is in use by what is below" 1 "$way"
printf '%s\n' '0x0 0x0 0x0' '0x0 0x0 0x0' >"$bridge/resource"
printf '\0\0\0\0\7\0\0\0\0\0\0\0\0\0\1' >"$bridge/config"
lsiommu --check 07:00.0
expect_not "and one without is not" "$way"
echo identity >"$tmp/root/sys/kernel/iommu_groups/17/type"
lsiommu --check 07:00.0
expect "unless it is a bus master that nothing is translated for" 1 \
	'group 12 reaches group 17, in use by 0000:00:1b.3, a bus master without translation'

echo 'iommu.isolation=strict iommu.isolation=standard' >"$tmp/root/proc/cmdline"
lsiommu --check 00:1d.1
expect "the last policy counts" 0 '  iommu.isolation=strict would refuse that'
rm -r "$tmp/root/proc"

file=/sys/kernel/iommu_groups/5/reserved_regions
regions=$tmp/root$file
echo '0x00000000000a0000 0x00000000000bffff direct-relaxable' >"$regions"
lsiommu --check 00:07.0
expect "memory that firmware uses at boot alone is no obstacle" 0 \
	'yes: they can be given to a guest'
echo '0x00000000fee00000 0x00000000feefffff msi' >>"$regions"
sed -i '1i 0x000000007f000000 0x000000007fffffff direct' "$regions"
lsiommu --check 00:07.0
expect "memory that firmware always uses is one that stays" 1 \
	"  ask the platform's vendor about what is direct in $file" \
	'no: they cannot be given to a guest'
rm "$regions"
lsiommu --check dma
expect "a device that is not PCI needs VFIO's driver of its bus" 1 \
	"dma is bound to the host's driver dw_dmac:" \
	"  it is no PCI device; bind it to VFIO's driver of its bus" \
	"    echo gpu >/sys/kernel/iommu_groups/11/devices/gpu.0/driver/unbind"
expect_not "and has no commands that are for PCI" '    echo dma >/sys/bus/pci/drivers_probe'
lsiommu --check uart
expect_error "one without a group is told too" 'uart is in no IOMMU group'
lsiommu --check 00:09.0
expect_error "a device without a group is told" '0000:00:09.0 is in no IOMMU group'
lsiommu --check 00:0f.0
expect_error "and one that is not there" 'there is no device 0000:00:0f.0'

lsiommu -o NAME,BOGUS
expect_error "an unknown column is refused" 'there is no column BOGUS'
lsiommu -s bogus
expect_error "what is no address is refused" 'bogus is no address of a device'
lsiommu -g bogus
expect_error "what is no number is refused" 'bogus is no number of a group'
lsiommu --check 03:00.0 -J
expect_error "--check and an option of a list are refused" '--check and --json do not go together'
lsiommu --group 3 --check 03:00.0
expect_error "in any order" '--check and --group do not go together'
lsiommu --check --watch 03:00.0
expect_error "--check and --watch are refused" '--check and --watch do not go together'
lsiommu --watch
expect_error "--watch and a copy of /sys are refused" '--watch and --sysroot do not go together'
lsiommu -J -P
expect_error "two ways of printing are refused" '--json and --pairs do not go together'
lsiommu -i "$tmp/missing"
expect_error "a list of names that is not there is an error" "$tmp/missing: No such file"
lsiommu --help
expect "help tells a slot as the man page does" 0 \
	'  -s, --slot SLOT          address as for lspci: [[[[DOMAIN]:]BUS]:][SLOT][.[FUNCTION]]'
lsiommu 03:00.0
expect_error "a device without --check is asked about" 'lsiommu --check 03:00.0'
lsiommu --check
expect_error "--check without a device is refused" '--check needs DEVICEs'
status=0
"${wrapper[@]}" "$program" --sysroot "$tmp/root" >/dev/full 2>"$tmp/errors" || status=$?
errors=$(cat "$tmp/errors")
expect_error "output that cannot be written is an error" 'could not be written'

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

# completes NAME WORD... EXPECTED: after these words as bash has split them, the last one is begun
completes() {
	local name=$1 expected=${*: -1}
	output=$(PATH=$tmp/bin:$PATH bash -c '. "$1"; shift
		compopt() { :; }
		COMP_WORDBREAKS=" :=" COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_lsiommu
		printf "%s\n" "${COMPREPLY[@]}"' \
		- "$here/../lsiommu.bash-completion" "${@:2:$#-2}" 2>"$tmp/errors")
	status=$? errors=$(cat "$tmp/errors")
	expect "$name" 0 "$expected"
}

mkdir "$tmp/bin"
printf '#!/bin/sh\nexec "%s" --sysroot "%s" -i "%s" "$@"\n' "$program" "$tmp/root" "$tmp/pci.ids" \
	>"$tmp/bin/lsiommu"
chmod +x "$tmp/bin/lsiommu"
completes "options are completed" lsiommu --js --json
completes "the second of columns is" lsiommu -o NAME,REA NAME,REASON
completes "an address is" lsiommu --check 0000 0000:00:06.0
completes "an address with colons is, from the last of them on" lsiommu --check 0000 : 00 : 06 06.0
completes "and at a colon" lsiommu --check 0000 : 05 : 00.0
completes "and without its domain" lsiommu --check 0000 : 03 : 00.0 04 : 0 00.0
completes "a slot is" lsiommu -s 0000 : 03 : 0 00.0
completes "a word of a class's name is" lsiommu -c Eth Ethernet
completes "a driver is" lsiommu -k ah ahci

# Devices vanish while they are read, and names may be missing
rm "$tmp/root/sys/devices/pci0000:00/0000:00:07.0/vendor"
lsiommu -l -n -o ADDRESS,DRIVER -g 5
expect "a device whose files are gone is shown by its name" 0 '0000:00:07.0 vfio-pci'
rm -r "$tmp/root/sys/devices/pci0000:00/0000:00:07.0"
lsiommu -l -n -o ADDRESS -g 5
expect "and one that is gone" 0 0000:00:07.0
: >"$tmp/pci.ids"
lsiommu -l -n -o DESCRIPTION -s 03:00.0
expect "without a list of names there are IDs" 0 'Class 0200: Device 8086:10d3'

# A kernel that tells less
rm "$tmp"/root/sys/kernel/iommu_groups/*/{isolation,dma_owner}
rm "$tmp"/root/sys/kernel/iommu_groups/*/reaches
lsiommu -r -o GROUP,OWNER,REASON -s 03:00.0
expect "without isolation and dma_owner there are no reasons" 0 'GROUP OWNER REASON' '3  '
lsiommu --check 04:00.0
expect "and still a neighbour with a host's driver is found" 1 'no: not before the above is done'
rm -r "$tmp"/root/sys/kernel/iommu_groups/*
lsiommu
expect_error "no groups are told with what to do" 'VT-d or AMD-Vi'
expect_error "also where the kernel must be told to use VT-d" 'intel_iommu=on'
rmdir "$tmp/root/sys/kernel/iommu_groups"
lsiommu
expect_error "and no directory of groups" 'CONFIG_IOMMU_API'

echo "1..$tests"
exit $failed

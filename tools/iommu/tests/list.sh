#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What is shown, and of which devices.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"

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
holds "JSON has the group and its device" '
	[groups[4][key] for key in ("name", "label", "owner")] == ["4", "gpu", "user"] and
	[groups[4]["children"][0][key] for key in ("name", "driver", "reason")] ==
		["0000:00:06.0", "vfio-pci", None]'
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
holds "JSON has them in an array" '
	groups[12]["reaches"] == [f"{id} 0000:00:1b.0 SV,RR" for id in (13, 14, 17)] and
	not any(groups[13]["reaches"])'

# Three cards are Ethernet controllers in a group; 00:09.0 is one too, but in none
lsiommu -r -n -o ADDRESS -c 0200
expect "a class is selected by its number" 0 0000:03:00.0 0000:04:00.0 0000:05:00.0 0000:06:01.0
numbered=$output
lsiommu -r -n -o ADDRESS -c ethernet
check "a class is selected by a part of its name" [ "$numbered" = "$output" ]
lsiommu -r -n -o ADDRESS -k none -c 02
expect "devices without a driver are selected" 0 0000:05:00.0 0000:06:01.0
lsiommu -r -n -o ADDRESS -s 02:
expect "a bus is selected" 0 0000:02:00.0 0000:02:01.0
lsiommu -g 99
expect "nothing that matches is status 1" 1

lsiommu -r -n -o ADDRESS 05:00.0
expect "a device has its whole group shown" 0 0000:00:1c.0 0000:05:00.0
check "and no other one" [ "$(wc -l <<<"$output")" -eq 2 ]
lsiommu -r -n -o ADDRESS 05:00.0 0000:00:1e.0
expect "and two have both" 0 0000:00:1c.0 0000:05:00.0 0000:00:1e.0 0000:06:01.0
lsiommu 00:0f.0
expect_error "a device that is not there is told" 'there is no device 0000:00:0f.0'

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

conclude

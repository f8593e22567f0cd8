#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --check -J: the answer for programs.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
lsiommu --check -J 00:07.0
expect "yes has status 0" 0
holds "and is yes" 'a["answer"] == "yes" and a["obstacles"] == a["host"] == []'
holds "its device has a group and a driver" '(a["devices"][0]["device"], a["devices"][0]["group"],
	a["devices"][0]["driver"]) == ("0000:00:07.0", 5, "vfio-pci")'
lsiommu --json --check 04:00.0
expect "no has status 1" 1
holds "and an obstacle with its command" 'a["answer"] == "no" and
	[(o["kind"], o["device"], o["group"], o["never"], o["held"]) for o in a["obstacles"]] ==
	[("mate", "0000:03:00.0", 3, False, False)] and a["obstacles"][0]["commands"] ==
	["echo 0000:03:00.0 >/sys/bus/pci/devices/0000:03:00.0/driver/unbind"]'
holds "the company is told" '[c["device"] for c in a["company"]] ==
	["0000:02:00.0", "0000:02:01.0"]'
holds "and the way back" '[b["device"] for b in a["back"]] ==
	["0000:03:00.0", "0000:04:00.0", None]'
lsiommu --check -J 00:1e.0
holds "never is never" 'a["answer"] == "never" and a["obstacles"][0]["never"] and
	a["lasting"] == []'
lsiommu --check -J 07:00.0
holds "an edge is a note" '[n["kind"] for n in a["notes"]] == ["reach"]'

echo 1 >"$tmp/root/sys/bus/pci/devices/0000:03:00.0/boot_vga"
lsiommu --check -J 03:00.0
holds "what the host needs holds the commands back" '
	[h["kind"] for h in a["host"]] == ["display"] and
	a["obstacles"][0]["held"] and a["obstacles"][0]["commands"]'

# A name with a quote, a line end and a byte that is no character
printf 'C 02  Net"work\\\n\t00  E\001th\377\303\251\n' >"$tmp/pci.ids"
lsiommu --check -J 03:00.0
holds "any name is JSON" \
	'a["devices"][0]["description"].startswith("E\x01th\ufffd\u00e9: ")'

conclude

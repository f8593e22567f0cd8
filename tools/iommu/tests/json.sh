#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What programs read.
. "$(dirname "$0")/lib.sh"

group=$sys/kernel/iommu_groups/5
make_root <"$here/switch"

lsiommu -J
holds "each group has its number, also as a name, and its devices" \
	'all(str(id) == group["name"] and group["children"] for id, group in groups.items())'
holds "a device has its address and IDs" \
	'[(dev["address"], dev["name"], dev["ids"]) for dev in groups[5]["children"]] ==
		[("0000:00:07.0", "0000:00:07.0", "1234:11e8")]'
holds "a device has its cause, with culprit and flags" \
	'[(dev["cause"], dev["culprit"], dev["lacks"]) for dev in groups[3]["children"]] ==
		4 * [("acs", "0000:02:00.0", ["SV", "RR", "CR", "UF"])]'
holds "a bridge has a flag" 'groups[1]["children"][0]["flags"] == ["bridge"]'
holds "an endpoint has none" 'groups[5]["children"][0]["flags"] == []'
holds "what is not PCI has no IDs" 'groups[11]["children"][0]["ids"] is None'
holds "a group has its edges, with culprit and flags" 'groups[15]["edges"] ==
	[{"id": 16, "culprit": "0000:00:1d.0", "lacks": ["CR"]}]'
holds "or none" 'groups[16]["edges"] == []'
echo '0x000000007f000000 0x000000007fffffff direct' >"$group/reserved_regions"
lsiommu -J -o driver
holds "whatever the columns, addresses, causes and edges are there" \
	'groups[5]["children"] == [{"name": "0000:00:07.0", "address": "0000:00:07.0",
		"ids": "1234:11e8", "cause": "isolated", "culprit": None, "lacks": [],
		"flags": [], "driver": "vfio-pci", "note": None, "remedy": None,
		"unknown": None}] and
	groups[5].keys() == {"id", "certain", "name", "flags", "edges", "children"}'
holds "memory that firmware needs is a flag of its group" 'groups[5]["flags"] == ["direct"]'
lsiommu -J -o GROUP,VFS,RESET -s 00:07.0
holds "numbers and words that are not there are null and nothing" \
	'groups[5]["group"] == 5 and groups[5]["children"][0]["vfs"] is None and
	groups[5]["children"][0]["reset"] == []'
lsiommu -J -O -s 00:07.0
holds "all columns are fields" '{"ats", "usb", "numa"} < groups[5]["children"][0].keys()'
lsiommu -J -g 99
expect "nothing that is selected is status 1" 1
holds "and no group" 'not groups'

# Bytes that are no UTF-8 or that JSON does not take: a quotation mark, a tab, half of a character
printf 'a "\\\t\xc3' >"$group/name"
lsiommu -J -g 5
holds "what a name has in it is quoted" 'groups[5]["label"] == "a \"\\\t\ufffd"'

conclude

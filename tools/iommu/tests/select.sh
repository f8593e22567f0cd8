#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Which devices are shown, and addresses in all usual forms.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
# shows NAME OPTION... -- ADDRESS...: these devices, in this order, and no others
shows() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	lsiommu -r -n -o ADDRESS "${options[@]}"
	check "$name" [ "$output" = "$(printf '%s\n' "$@")" ]
}

# Groups 4 and 5 are a device each
shows "groups are selected by a repeated option" -g 4 -g 5 -- 0000:00:06.0 0000:00:07.0
shows "and by a list" -g 4,5 -- 0000:00:06.0 0000:00:07.0
shows "several drivers are selected" -k e1000e,none -g 3 -g 6 -- 0000:03:00.0 0000:05:00.0
shows "criteria of two kinds must both hold" -g 3,6 -k none -- 0000:05:00.0
shows "IDs are selected as by lspci" -d 8086:10d3 -- 0000:03:00.0 0000:04:00.0 0000:05:00.0
shows "IDs of a vendor are" -d 104c: -- 0000:01:00.0 0000:02:00.0 0000:02:01.0
shows "IDs of a class are" -d ::0106 -- 0000:00:08.0 0000:00:0b.1
shows "a class is selected by the name of all such classes" -c network \
	-- 0000:03:00.0 0000:04:00.0 0000:05:00.0 0000:06:01.0
shows "a slot is selected in upper case, on any bus" -s 1E.0 -- 0000:00:1e.0
shows "a slot is with its bus, and all its functions" -s 00:0b -- 0000:00:0b.0 0000:00:0b.1
shows "a device is by libvirt's name" -s pci_0000_03_00_0 -- 0000:03:00.0
for option in -g1 -s1 -d1: -c1 -k1; do
	lsiommu "${option:0:2}" ''
	expect_error "${option:0:2} needs something" 'needs something that is not empty'
	lsiommu "$option,"
	expect_error "and so does each of its list" "'' is no"
done
lsiommu -d 8086
expect_error "what are no IDs is refused" "'8086' is no IDs"
lsiommu --check pci_0000_00_07_0
expect "a device is checked by libvirt's name" 0 "$yes"
lsiommu --check 7.0
expect "and without its bus, which is 0 then" 0 "$yes"
lsiommu --check 00:0b
expect "a slot is checked with all its functions" 1 \
	"0000:00:0b.1 (Class 0106: Device 1b4b:9230) is bound to the host's driver ahci:" \
	'no: not before the above is done'
lsiommu --check 00:0b.0
expect_not "and a function is checked alone" \
	"0000:00:0b.1 (Class 0106: Device 1b4b:9230) is bound to the host's driver ahci:"

# By their digits 6a: would come before 9:, and 10000: before 2:
make_root <<'EOS'
group 1 DMA none
device pci10000:e0/10000:e1:00.0 144d a80a 010802 nvme 1 driver
device pci0002:00/0002:01:00.0 144d a80a 010802 nvme 1 driver
device pci0000:00/0000:6a:00.0 144d a80a 010802 nvme 1 driver
device pci0000:00/0000:67:00.0 144d a80a 010802 nvme 1 driver
device pci0000:00/0000:09:00.0 144d a80a 010802 nvme 1 driver
device platform/00.gpu - - - - 1 driver
EOS
shows "addresses are sorted by value" -- 0000:09:00.0 0000:67:00.0 0000:6a:00.0 0002:01:00.0 \
	10000:e1:00.0 00.gpu
shows "a domain of five digits is selected" -s 10000:e1:00.0 -- 10000:e1:00.0
shows "and by libvirt's name" -s pci_10000_e1_00_0 -- 10000:e1:00.0
shows "a bus is of any domain" -s e1: -- 10000:e1:00.0
lsiommu --check 10000:E1:00.0
expect "and is checked, in upper case" 1 \
	'    echo vfio-pci >/sys/bus/pci/devices/10000:e1:00.0/driver_override'

conclude

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What is read of a device if it is asked for.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
card=$sys/devices/pci0000:00/0000:00:03.0/0000:01:00.0/0000:02:00.0/0000:03:00.0
alone=$sys/devices/pci0000:00/0000:00:07.0
# shows NAME COLUMNS ADDRESS LINE: a line of pairs
shows() {
	lsiommu -P -o "$2" -s "$3"
	expect "$1" 0 "$4"
}

echo 'flr bus' >"$card/reset_method"
echo 1 >"$card/numa_node"
echo -1 >"$alone/numa_node"
echo 0x1028 >"$card/subsystem_vendor"
echo 0x0a2b >"$card/subsystem_device"
mkdir -p "$sys/devices/virtual/iommu/dmar1" "$card/vfio-dev/vfio7"
ln -rs "$sys/devices/virtual/iommu/dmar1" "$card/iommu"
shows "ways to reset" RESET 03:00.0 'RESET="flr bus"'
shows "the NUMA node, IOMMU and VFIO's device" NUMA,IOMMU,VFIO 03:00.0 \
	'NUMA="1" IOMMU="dmar1" VFIO="vfio7"'
shows "no node is none" NUMA 00:07.0 'NUMA=""'
shows "the subsystem's IDs" SUBSYSTEM 03:00.0 'SUBSYSTEM="1028:0a2b"'
shows "what is not there is empty" RESET,NUMA,IOMMU,VFIO,SUBSYSTEM,PF,VFS,BLOCK,NET,USB 04:00.0 \
	'RESET="" NUMA="" IOMMU="" VFIO="" SUBSYSTEM="" PF="" VFS="" BLOCK="" NET="" USB=""'

ln -rs "$card" "$alone/physfn"
echo 4 >"$card/sriov_numvfs"
shows "a physical function has the number of its virtual ones" PF,VFS,FLAGS 03:00.0 \
	'PF="" VFS="4" FLAGS=""'
shows "and a virtual one its physical one" PF,VFS,FLAGS 00:07.0 \
	'PF="0000:03:00.0" VFS="" FLAGS="vf"'
shows "a bridge is flagged" FLAGS 02:00.0 'FLAGS="bridge"'

# child DIRECTORY CLASS...: a directory of a device, and its link in a class
child() {
	mkdir -p "$1" "$sys/$2"
	ln -rs "$1" "$sys/$2/${1##*/}"
}
child "$card/net/eth0" class/net
child "$card/usb0/net/usb0" class/net
child "$alone/ata1/block/sda" class/block
child "$alone/ata1/block/sda/sda1" class/block
touch "$alone/ata1/block/sda/sda1/partition"
child "$sys/devices/virtual/block/loop0" class/block
child "$alone/usb1" bus/usb/devices
child "$alone/usb1/1-2" bus/usb/devices
child "$alone/usb1/1-2/1-2:1.0" bus/usb/devices
child "$alone/usb1/1-2/1-2.3" bus/usb/devices
shows "network interfaces are of the nearest function above" NET 03:00.0 'NET="eth0 usb0"'
shows "and not of a bridge" NET 02:00.0 'NET=""'
shows "disks are shown, their parts are not" BLOCK 00:07.0 'BLOCK="sda"'
shows "USB devices are, their interfaces and the root hub are not" USB 00:07.0 'USB="1-2 1-2.3"'

# A PCIe capability at 0x40 in the list of 0x34 that bit 4 of the status tells of; extended ones
# from 0x100 on: ATS (15), enabled by bit 15, then PASID (27), whose control has bit 1 set and not
# bit 0 that enables it, and no PRI
config() {
	dd of="$1/config" bs=1 conv=notrunc status=none seek="$2"
}
truncate -s 4096 "$card/config"
printf '\x10' | config "$card" 6
printf '\x40' | config "$card" 52
printf '\x10\x00\x02\x00' | config "$card" 64
printf '\x0f\x00\x01\x11\x00\x00\x00\x80' | config "$card" 256
printf '\x1b\x00\x01\x00\x00\x00\x02\x00' | config "$card" 272
shows "ATS is on, PASID off, and there is no PRI" ATS,PRI,PASID 03:00.0 \
	'ATS="on" PRI="no" PASID="off"'
truncate -s 64 "$card/config"
shows "who is not root sees none of them" ATS,PRI,PASID 03:00.0 'ATS="" PRI="" PASID=""'
head -c 4096 /dev/zero | tr '\0' '\377' >"$card/config"
shows "and neither does anybody of a device that sleeps" ATS,PRI,PASID 03:00.0 \
	'ATS="" PRI="" PASID=""'

lsiommu -g 5 -o +NUMA,BLOCK
expect "columns are added to the usual ones" 0 \
	'└─0000:00:07.0              vfio-pci Class 00ff: Device 1234:11e8      sda'
lsiommu -P -O -s 00:07.0
output=$(grep -oE '[A-Z]+=' <<<"$output" | wc -l)
columns=$("$program" --help | sed -n '/^Columns:/,/^$/p' | grep -c '^  ')
check "all columns are shown" [ "$output" = "$columns" ]
lsiommu -P -o NAME,NAME -s 00:07.0
expect "a column that is asked for twice is there once" 0 'NAME="0000:00:07.0"'
lsiommu -o +BOGUS
expect_error "an unknown column is not added" "there is no column 'BOGUS'"

conclude

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --check: what the host needs is told before any command, and no command takes it away.
. "$(dirname "$0")/lib.sh"

warning='WARNING: the host needs what would be taken from it:'
disk=0000:01:00.0 card=0000:02:00.0 display=0000:00:02.0

make_machine() {
	make_root <<-'EOF'
		group 0 DMA kernel
		device pci0000:00/0000:00:02.0 8086 1912 030000 i915 0
		group 1 DMA kernel
		device pci0000:00/0000:01:00.0 144d a808 010802 nvme 1
		group 2 DMA kernel
		device pci0000:00/0000:02:00.0 8086 1533 020000 igb 2
		group 3 DMA none
		device pci0000:00/0000:03:00.0 8086 1520 020000 - 3
	EOF
	mkdir -p "$proc/1" "$proc/net"
}

# make_below DEVICE PATH SUBSYSTEM: a directory below a device, of a subsystem; $dir is its path
make_below() {
	dir=$sys/bus/pci/devices/$1/$2
	mkdir -p "$dir"
	dir=$(realpath "$dir")
	ln -s "../../../class/$3" "$dir/subsystem"
}

# make_block DIR MAJOR:MINOR: what is made of disks has no PCI device above it
make_block() {
	mkdir -p "$1/holders"
	ln -sfn "../../../class/block" "$1/subsystem"
	echo "$2" >"$1/dev"
}

# make_disk: one with two partitions
make_disk() {
	make_below $disk nvme/nvme0/nvme0n1 block
	make_block "$dir" 259:0
	make_block "$dir/nvme0n1p1" 259:1
	make_block "$dir/nvme0n1p2" 259:2
}

# expect_needed NAME LINE...: lines of what the host needs, and no command that can be run
expect_needed() {
	local name=$1
	shift
	expect "$name" 1 "$warning" "${@/#/  }" 'no: not before the above is done'
	report "$(! grep -q '^    [^#]' <<<"$output" && echo true || echo false)" \
		"$name: no command can be run"
}

make_machine
make_disk
lsiommu --check $disk
expect_not "a disk that nobody uses is not needed" "$warning"
expect "and its commands can be run" 1 "    echo $disk >/sys/bus/pci/devices/$disk/driver/unbind"

unknown='nothing tells what is mounted (no /proc/self/mountinfo), so that a disk that the host '
unknown+='needs is not warned of'
expect "where nobody tells what is mounted that is said" 1 "  $unknown"
echo '23 22 259:2 / /home rw shared:1 - ext4 /dev/nvme0n1p2 rw' >"$proc/1/mountinfo"
lsiommu --check $disk
expect_not "and is not where somebody does" "  $unknown"
expect_needed "a disk with a file system" "$disk has what is mounted on /home (nvme0n1p2)"
expect "the commands are told for when it is needed no more" 1 \
	"    # echo $disk >/sys/bus/pci/devices/$disk/driver/unbind"
report "$([[ $output == WARNING* ]] && echo true || echo false)" "the warning stands before all"
expect_no_text "and nothing tells how to lose it at each boot" 'each boot'
lsiommu --check $card
expect_not "another device has nothing of it" "$warning"
echo '22 1 259:2 / / rw - ext4 /dev/root rw' >"$proc/1/mountinfo"
lsiommu --check $disk
expect_needed "a file system by the disk's number" "$disk has what is mounted on / (nvme0n1p2)"
mkdir "$proc/self"
mv "$proc/1/mountinfo" "$proc/self/mountinfo"
lsiommu --check $disk
expect_needed "one whose mounts its own process alone tells" \
	"$disk has what is mounted on / (nvme0n1p2)"
for point in /a /b /c /d /e; do
	echo "23 22 259:2 / $point rw - ext4 /dev/nvme0n1p2 rw"
done >"$proc/self/mountinfo"
lsiommu --check $disk
expect "of many mounts some are told" 1 \
	"  $disk has what is mounted on /a, /b, /c, /d, and more (nvme0n1p2)"
rm "$proc/self/mountinfo"

printf '%s\n' 'Filename  Type  Size Used Priority' '/dev/nvme0n1p1  partition 999 0 -2' \
	>"$proc/swaps"
lsiommu --check $disk
expect_needed "a disk with swap" "$disk has swap space (nvme0n1p1)"

make_machine
make_disk
mapper=$sys/devices/virtual/block/dm-0
make_block "$mapper" 254:0
mkdir "$mapper/dm"
echo vg-root >"$mapper/dm/name"
ln -rs "$mapper" "$dir/nvme0n1p2/holders/dm-0"
lsiommu --check $disk
expect_needed "a disk with a part of what nobody uses yet" \
	"$disk has a part of vg-root on nvme0n1p2"
echo '22 1 254:0 / / rw - ext4 /dev/mapper/vg-root rw' >"$proc/1/mountinfo"
lsiommu --check $disk
expect_needed "a disk with a volume of LVM" "$disk has what is mounted on / (vg-root on nvme0n1p2)"
expect_not "of which it is not told twice" "  $disk has a part of vg-root on nvme0n1p2"
make_block "$sys/devices/virtual/block/md0" 9:0
rm "$dir/nvme0n1p2/holders/dm-0"
ln -rs "$sys/devices/virtual/block/md0" "$dir/nvme0n1p2/holders/md0"
ln -rs "$mapper" "$sys/devices/virtual/block/md0/holders/dm-0"
lsiommu --check $disk
expect_needed "a volume on a RAID" "$disk has what is mounted on / (vg-root on md0 on nvme0n1p2)"
echo 'File Type' >"$proc/swaps"
echo '/dev/mapper/vg-root  partition 999 0 -2' >>"$proc/swaps"
lsiommu --check $disk
expect "swap on a volume" 1 "  $disk has swap space (vg-root on md0 on nvme0n1p2)"
ln -rs "$mapper" "$mapper/holders/dm-0"
lsiommu --check $disk
expect "layers that never end are no harm" 1 'no: not before the above is done'
check "and are not told for ever" [ "$(wc -l <<<"$output")" -lt 60 ]

make_machine
make_disk
mkdir -p "$sys/fs/btrfs/1234/devices"
ln -rs "$dir/nvme0n1p2" "$sys/fs/btrfs/1234/devices/nvme0n1p2"
ln -rs "$dir" "$sys/fs/btrfs/1234/devices/sda1"
echo '22 1 0:33 /root / rw - btrfs /dev/sda1 rw' >"$proc/1/mountinfo"
lsiommu --check $disk
expect_needed "a member of a btrfs that is mounted from another" \
	"$disk has what is mounted on / (nvme0n1p2)"

make_machine
make_disk
printf '%s\n' DEVTYPE=partition PARTNAME=zfs-1234 >"$dir/nvme0n1p1/uevent"
lsiommu --check $disk
expect_not "a member of a pool of ZFS that is not imported is not needed" "$warning"
echo '22 1 0:33 / /srv rw - zfs tank/srv rw' >"$proc/1/mountinfo"
lsiommu --check $disk
expect_needed "a member of a pool of ZFS by its name" \
	"$disk has what is mounted on /srv (nvme0n1p1)"
mkdir -p "$tmp/root/run/udev/data" "$proc/spl/kstat/zfs/tank"
printf 'E:%s\n' ID_FS_TYPE=zfs_member ID_FS_LABEL=tank >"$tmp/root/run/udev/data/b259:2"
rm "$dir/nvme0n1p1/uevent"
lsiommu --check $disk
expect_needed "one by what udev knows" "$disk has what is mounted on /srv (nvme0n1p2)"
rm "$proc/1/mountinfo"
lsiommu --check $disk
expect_needed "one of a pool without mounts" "$disk has a part of the ZFS pool tank (nvme0n1p2)"
echo 'E:ID_FS_TYPE=ext4' >"$tmp/root/run/udev/data/b259:2"
lsiommu --check $disk
expect_not "a file system of another kind is none" "$warning"

make_machine
make_below $disk nvme/nvme0 nvme
subsystem=$sys/devices/virtual/nvme-subsystem/nvme-subsys0
make_block "$subsystem/nvme0n1" 259:0
ln -rs "$dir" "$subsystem/nvme0"
echo '22 1 259:0 / /data rw - xfs /dev/nvme0n1 rw' >"$proc/1/mountinfo"
lsiommu --check $disk
expect_needed "a disk that several controllers lead to" \
	"$disk has what is mounted on /data (nvme0n1)"

# 10.0.0.0/24 by eth0, 192.168.1.0/24 and the rest by eth1; numbers as a little-endian machine has
# them
make_machine
make_below $card net/eth0 net
lsiommu --check $card
expect_not "an interface without a route is not needed" "$warning"
route4=$'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT'
printf '%s\n' "$route4" $'eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0' \
	>"$proc/net/route"
lsiommu --check $card
expect_needed "an interface with the default route" "$card has the default route (eth0)"
printf '%s\n' "$route4" $'eth1\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0' \
	$'eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0' >"$proc/net/route"
lsiommu --check $card
expect_not "one with another route is not needed" "  $card has the default route (eth0)"
printf '%s\n' '  sl  local_address rem_address   st' \
	'   0: 0100000A:0016 0200000A:C350 01 00000000:00000000' >"$proc/net/tcp"
lsiommu --check $card
expect_needed "an interface with a session of ssh" "$card has a session of ssh (eth0)"
printf '%s\n' "$route4" $'eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0' \
	$'eth1\t00000000\t0101A8C0\t0003\t0\t0\t50\t00000000\t0\t0\t0' \
	$'eth1\t0000000A\t00000000\t0001\t0\t0\t200\t00FFFFFF\t0\t0\t0' >"$proc/net/route"
lsiommu --check $card
expect "the longest prefix counts, then the least metric, in any order" 1 \
	"  $card has a session of ssh (eth0)"
sed -i 's/0200000A:C350/02FFFF0B:C350/' "$proc/net/tcp"
lsiommu --check $card
expect_not "one of another interface is none" "  $card has a session of ssh (eth0)"
sed -i 's/02FFFF0B:C350 01/0200000A:C350 06/' "$proc/net/tcp"
lsiommu --check $card
expect_not "nor one that has ended" "  $card has a session of ssh (eth0)"
sed -i 's/0016 0200000A:C350 06/0050 0200000A:C350 01/' "$proc/net/tcp"
lsiommu --check $card
expect_not "nor a connection of another kind" "  $card has a session of ssh (eth0)"
rm "$proc/net/tcp"

# 10.0.0.2 as an address of IPv6, and 2001:db8::2 by 2001:db8::/33
line='0: 00000000000000000000000000000000:0016'
echo "$line 0000000000000000FFFF00000200000A:C350 01 0:0" >"$proc/net/tcp6"
lsiommu --check $card
expect_needed "a session of IPv4 by a socket of IPv6" "$card has a session of ssh (eth0)"
rm "$proc/net/route"
zero=00000000000000000000000000000000
rest="00 $zero 00000400 00000001 00000000 00000003"
printf '%s\n' "20010db8000000000000000000000000 21 $zero $rest     eth0" >"$proc/net/ipv6_route"
echo "$line B80D0120000000000000000002000000:C350 01 0:0" >"$proc/net/tcp6"
lsiommu --check $card
expect_needed "a session of IPv6" "$card has a session of ssh (eth0)"
echo "$line B80D0120000000800000000002000000:C350 01 0:0" >"$proc/net/tcp6"
lsiommu --check $card
expect_not "a peer beyond the prefix goes by another way" "  $card has a session of ssh (eth0)"
link=fe800000000000000000000000000000
for interface in eth1 eth0 eth2; do
	echo "$link 40 $zero ${rest/00000003/00000001}     $interface"
done >"$proc/net/ipv6_route"
echo "$line 000080FE000000000000000002000000:C350 01 0:0" >"$proc/net/tcp6"
lsiommu --check $card
expect_needed "a peer that may be at several interfaces counts for each" \
	"$card has a session of ssh (eth0)"
printf '%s\n' "$zero 00 $zero ${rest/00000003/00200200}     eth0" >"$proc/net/ipv6_route"
lsiommu --check $card
expect_not "a route that rejects is none" "  $card has the default route (eth0)"
printf '%s\n' "$zero 00 $zero $rest     eth0" >"$proc/net/ipv6_route"
lsiommu --check $card
expect_needed "a default route of IPv6" "$card has the default route (eth0)"
rm "$proc/net/"*

make_machine
make_below $card net/eth0 net
mkdir -p "$sys/devices/virtual/net/"{bond0,br0}
ln -rs "$sys/devices/virtual/net/bond0" "$dir/upper_bond0"
lsiommu --check $card
expect_needed "an interface of a bond" "$card has a part of bond0 on eth0"
ln -rs "$sys/devices/virtual/net/br0" "$sys/devices/virtual/net/bond0/upper_br0"
printf '%s\n' "$route4" $'br0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0' \
	>"$proc/net/route"
lsiommu --check $card
expect_needed "one of a bridge with the default route" \
	"$card has the default route (br0 on bond0 on eth0)"
ln -s . "$sys/devices/virtual/net/br0/upper_br0"
lsiommu --check $card
check "bridges that never end are no harm" [ "$(wc -l <<<"$output")" -lt 40 ]

make_machine
lsiommu --check $display
expect_not "a display that the machine did not boot with is not needed" "$warning"
echo 1 >"$sys/bus/pci/devices/$display/boot_vga"
lsiommu --check $display
expect_needed "the display of the boot" "$display is the display that the machine booted with"
console=$sys/devices/virtual/vtconsole/vtcon1
mkdir -p "$console"
echo '(M) frame buffer device' >"$console/name"
echo 1 >"$console/bind"
lsiommu --check $display
expect_needed "the display with the console" \
	"$display is the display that the machine booted with, and the console may be on it"
echo 0 >"$sys/bus/pci/devices/$display/boot_vga"
make_below $display graphics/fb0 graphics
lsiommu --check $display
expect_needed "a frame buffer with the console" "$display has the console on the screen (fb0)"
echo 0 >"$console/bind"
lsiommu --check $display
expect_not "and without it" "$warning"
ln -sfn ../../bus/pci/drivers/vfio-pci "$sys/bus/pci/devices/$display/driver"
echo none >"$sys/kernel/iommu_groups/0/dma_owner"
echo 1 >"$sys/bus/pci/devices/$display/boot_vga"
lsiommu --check $display
expect "what vfio-pci has already the host does without" 0 "$yes"

make_machine
echo 1 >"$sys/bus/pci/devices/$display/boot_display"
lsiommu --check $display
expect_needed "a display of the boot that is no VGA" \
	"$display is the display that the machine booted with"
rm "$sys/bus/pci/devices/$display/boot_display"
make_below $display drm/card0/card0-HDMI-A-1 drm
echo disabled >"$dir/enabled"
lsiommu --check $display
expect_not "a dark screen is not needed" "$warning"
echo enabled >"$dir/enabled"
lsiommu --check $display
expect_needed "a screen with a picture" "$display has a picture on the screen at HDMI-A-1"

make_machine
make_below $card tty/ttyS4 tty
mkdir -p "$sys/devices/virtual/tty/console"
echo 'tty0 ttyS40' >"$sys/devices/virtual/tty/console/active"
lsiommu --check $card
expect_not "a serial port that is no console is not needed" "  $card has the console ttyS4"
echo 'tty0 ttyS4' >"$sys/devices/virtual/tty/console/active"
lsiommu --check $card
expect_needed "a serial console" "$card has the console ttyS4"

make_machine
make_below $card usb1/1-1/input/input3 input
mkdir "$dir/capabilities"
echo Typewriter >"$dir/name"
echo '70000 0 0 0' >"$dir/capabilities/key"
lsiommu --check $card
expect_not "a mouse is not needed" "  $card has the keyboard Typewriter"
echo '3 e080ffdf01cfffff fffffffffffffffe' >"$dir/capabilities/key"
lsiommu --check $card
expect_needed "a keyboard" "$card has the keyboard Typewriter"

# A physical function, whose virtual one is used by the kernel, by nobody, by a guest
make_machine
echo 1 >"$sys/bus/pci/devices/$card/sriov_numvfs"
ln -s ../0000:03:00.0 "$sys/bus/pci/devices/$card/virtfn0"
lsiommu --check $card
expect "virtual functions must go first" 1 \
	"$card has virtual functions (1), with which vfio-pci does not take it:" \
	"    echo 0 >/sys/bus/pci/devices/$card/sriov_numvfs"
mkdir -p "$sys/bus/pci/drivers/igbvf"
ln -s ../../bus/pci/drivers/igbvf "$sys/bus/pci/devices/0000:03:00.0/driver"
lsiommu --check $card
expect_needed "a virtual function with a driver" \
	"$card has the virtual function 0000:03:00.0, which igbvf uses"
make_below 0000:03:00.0 net/eth7 net
printf '%s\n' "$route4" $'eth7\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0' \
	>"$proc/net/route"
lsiommu --check $card
expect_needed "and with the default route" "$card has the default route (eth7)"
ln -sfn ../../bus/pci/drivers/vfio-pci "$sys/bus/pci/devices/0000:03:00.0/driver"
rm -r "$dir"
lsiommu --check $card
expect_not "one that waits for a guest is not needed" "$warning"
echo user >"$sys/kernel/iommu_groups/3/dma_owner"
mkdir -p "$proc/77/fd"
echo kvm >"$proc/77/comm"
ln -s /dev/vfio/3 "$proc/77/fd/9"
lsiommu --check $card
expect_needed "one that a guest has" \
	"$card has the virtual function 0000:03:00.0, which kvm (process 77) uses"

# VMD makes a domain of its own for what is behind it
make_root <<'EOS'
group 0 DMA kernel
device pci0000:00/0000:00:0e.0 8086 467f 010400 vmd 0
device pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0 8086 a74d 060400 pcieport 0
device pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0/10000:e1:00.0 144d a808 010802 nvme 0
EOS
disk=10000:e1:00.0 vmd=0000:00:0e.0
mkdir -p "$proc/1"
for port in "$sys"/bus/pci/devices/1*; do
	ln -s ../../../../bus/pci "$port/subsystem"
done
make_disk
echo '23 22 259:2 / / rw shared:1 - ext4 /dev/nvme0n1p2 rw' >"$proc/1/mountinfo"
lsiommu --check $vmd
expect_needed "VMD with a disk behind it" \
	"$vmd has 10000:e1:00.0 behind it, which goes away with the driver vmd" \
	"$vmd has what is mounted on / (nvme0n1p2)"
expect_not "a port behind it is of no interest" \
	"  $vmd has 10000:e0:06.0 behind it, which goes away with the driver vmd"
lsiommu --check $disk
expect "what is behind VMD cannot be given without it" 1 \
	"  give $vmd with all that is behind it, or switch VMD off in the firmware's setup" \
	'no: they cannot be given to a guest'
expect_no_text "and where nothing helps there is no command" 'echo '

conclude

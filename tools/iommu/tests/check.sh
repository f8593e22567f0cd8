#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --check: what can be given to a guest, and what stands in the way.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
switch_port='switch port 0000:02:00.0 (TI XIO3130) lacks ACS: SV,RR,CR,UF'
network_card='0000:03:00.0 (Ethernet controller: Intel 82574L)'
lsiommu --check 00:07.0
expect "a device alone, with vfio-pci, can be given away" 0 "$yes"
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
	'  give it away too, or leave it without a driver:' \
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
expect "a function beside others is none for that" 0 "$yes"
mv "$tmp"/root/sys/bus/pci/drivers/{vfio-pci,away}
lsiommu --check 05:00.0
expect "a module that is not there is loaded first" 1 '    modprobe vfio-pci'
mv "$tmp"/root/sys/bus/pci/drivers/{away,vfio-pci}
lsiommu --check 05:00.0
expect_not "and one that is there is not" '    modprobe vfio-pci'
lsiommu --check 00:0a.0
expect "a driver whose name says nothing is seen by the group's owner" 1 \
	'group 9 is in use by the kernel, though none of its drivers is known for that' \
	'no: not before the above is done'
lsiommu --check 00:0b.0
expect "and a neighbour's that does no DMA is no obstacle" 0 "$yes" \
	'group 10 goes as a whole, with 0000:00:0b.1 (Class 0106: Device 1b4b:9230)'
lsiommu --check 04:00.0
expect_not "a neighbour in the way is told once" \
	"group 3 is shared by $network_card: $switch_port"

# Of the groups that reach others
edge='group 15, in use by user space, reaches group 16 past the IOMMU: '
edge+='0000:00:1d.0 (Intel Device 3420) lacks ACS: CR'
lack='past the IOMMU: 0000:00:1b.0 (Intel Device 3420) lacks ACS: SV,RR'
refuses='  iommu.isolation=strict refuses that, until one of them is in use no more'
way="group 12 reaches group 13, in use by the kernel, $lack"
lsiommu --check 07:00.0
expect "a group that reaches one in use can be given away, and that is good to know" 0 \
	"$yes" 'Good to know:' \
	"  $way; iommu.isolation=strict would refuse that"
report "$([[ $output == yes:* ]] && echo true || echo false)" \
	"and nothing stands before the yes"
expect_no_text "one that is not in use is none to warn of" 'reaches group 14'
mkdir "$tmp/root/proc"
echo 'iommu.isolation=legacy iommu.isolation=strict iommu.isolation=bogus' >"$tmp/root/proc/cmdline"
lsiommu --check 07:00.0
expect "and not by a kernel that refuses it" 1 "$way" "$refuses" \
	'no: not before the above is done'
lsiommu --check 07:00.0 00:1b.1
expect_not "to one guest both ends can be given" "$way"
lsiommu --check 00:1b.1
expect_not "what is reached is in nobody's way while nobody has the other end" "$way"
lsiommu --check 00:1d.1
expect "what is within reach of another user is refused" 1 "$edge" "$refuses" \
	'no: not before the above is done'
lsiommu --check 00:1d.1 08:00.0
expect_not "unless what reaches it is given away too" "$edge"
owner=$tmp/root/sys/kernel/iommu_groups/15/dma_owner
echo kernel >"$owner"
lsiommu --check 00:1d.1
expect "what the kernel has may reach others" 0 "$yes"
echo user >"$owner"

bridge=$tmp/root/sys/bus/pci/devices/0000:00:1b.3
way='group 12 reaches group 17, in use by '
way+="what is below 0000:00:1b.3, a bridge with registers in a BAR, $lack"
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
	"group 12 reaches group 17, in use by 0000:00:1b.3, a bus master without translation, $lack"

echo 'iommu.isolation=strict iommu.isolation=standard' >"$tmp/root/proc/cmdline"
lsiommu --check 00:1d.1
expect "the last policy counts" 0 "  $edge; iommu.isolation=strict would refuse that"
rm -r "$tmp/root/proc"

file=/sys/kernel/iommu_groups/5/reserved_regions
regions=$tmp/root$file
echo '0x00000000000a0000 0x00000000000bffff direct-relaxable' >"$regions"
lsiommu --check 00:07.0
expect "memory that firmware uses at boot alone is no obstacle" 0 \
	"$yes"
echo '0x00000000fee00000 0x00000000feefffff msi' >>"$regions"
sed -i '1i 0x000000007f000000 0x000000007fffffff direct' "$regions"
lsiommu --check 00:07.0
expect "memory that firmware always uses is one that stays" 1 \
	"  ask the platform's vendor about what is direct in $file" \
	'no: they cannot be given to a guest'
rm "$regions"
lsiommu --check dma
expect "a device that is not PCI needs VFIO's driver of its bus" 1 \
	"dma is bound to the host's driver dw_dmac" \
	"  it is no PCI device; bind it to VFIO's driver of its bus" \
	"    echo gpu >/sys/kernel/iommu_groups/11/devices/gpu.0/driver/unbind"
expect_not "and has no commands that are for PCI" '    echo dma >/sys/bus/pci/drivers_probe'
lsiommu --check uart
expect_error "one without a group is told too" 'uart is in no IOMMU group'
lsiommu --check 00:09.0
expect_error "a device without a group is told" '0000:00:09.0 is in no IOMMU group'
lsiommu --check 00:0f.0
expect_error "and one that is not there" 'there is no device 0000:00:0f.0'

conclude

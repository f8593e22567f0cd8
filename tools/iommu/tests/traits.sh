#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --check: virtual functions, resets, interrupts, groups without an IOMMU, and programs that have
# one.
. "$(dirname "$0")/lib.sh"

vf=0000:01:10.0 pf=0000:01:00.0 card=0000:02:00.0

make_machine() {
	make_root <<-'EOF'
		group 0 DMA kernel
		device pci0000:00/0000:01:00.0 8086 1521 020000 igb 0
		group 1 DMA none
		device pci0000:00/0000:01:10.0 8086 1520 020000 vfio-pci 1
		group 2 DMA none
		device pci0000:00/0000:02:00.0 8086 1533 020000 vfio-pci 2
	EOF
	mkdir -p "$proc"
}

# expect_note NAME LINE: the answer is yes, and this is good to know
expect_note() {
	expect "$1" 0 "$yes" 'Good to know:' "  $2"
}

make_machine
ln -s ../$pf "$sys/bus/pci/devices/$vf/physfn"
lsiommu --check $vf
expect_note "a virtual function needs its physical one" \
	"$vf is a virtual function of $pf: it goes away when that loses its driver igb, and "\
'each boot has to make it anew by sriov_numvfs'
lsiommu --check $vf $pf
expect "both cannot be given away" 1 \
	"$vf is a virtual function of $pf, and goes away when that is given to a guest; "\
'leave out one of them' \
	'no: they cannot be given to a guest'
ln -sfn ../../bus/pci/drivers/vfio-pci "$sys/bus/pci/devices/$pf/driver"
lsiommu --check $vf
expect_note "one whose physical function VFIO has needs a token" \
	"$vf is a virtual function of $pf, which vfio-pci has: programs need the token that was \
set there, as QEMU's vf-token"

make_machine
note="$card has no way to be reset alone: what one guest leaves in it the next one finds, and it "
note+='may not work again before the host has booted'
lsiommu --check $card
expect_not "a copy that is not whole tells nothing of resets" "  $note"
touch "$sys/bus/pci/devices/$card/remove"
lsiommu --check $card
expect_note "a device that nothing resets" "$note"
touch "$sys/bus/pci/devices/$card/reset"
lsiommu --check $card
expect_not "one that older kernels can reset" "  $note"
: >"$sys/bus/pci/devices/$card/reset_method"
lsiommu --check $card
expect_note "one whose methods were taken away" "$note"
echo 'flr bus' >"$sys/bus/pci/devices/$card/reset_method"
lsiommu --check $card
expect_not "one that has some" "  $note"
rm "$sys/bus/pci/devices/$card/"{reset_method,reset,remove}
echo bus >"$sys/bus/pci/devices/$vf/reset_method"
lsiommu --check $card
expect_note "one of a copy, beside another that has some" "$note"

make_machine
off='interrupts are not remapped (no chip in /proc/interrupts is named IR-...), so that VFIO '
off+='refuses all devices'
mkdir -p "$proc/sys/kernel"
echo x86_64 >"$proc/sys/kernel/arch"
lsiommu --check $card
expect "without a list of interrupts nothing is told of them" 0 "$yes"
echo ' 24:  0  IR-PCI-MSI-0000:02:00.0  0-edge  eth0' >"$proc/interrupts"
lsiommu --check $card
expect "remapped interrupts are fine" 0 "$yes"
echo ' 24:  0  PCI-MSI 1048576-edge  eth0' >"$proc/interrupts"
lsiommu --check $card
expect "others are refused" 1 "$off" 'no: not before the above is done'
expect_text "where it may be switched on is told" "in the firmware's setup"
echo 'quiet intremap=off' >"$proc/cmdline"
lsiommu --check $card
expect_text "and where it was switched off" '  take intremap=off or nointremap from'
mkdir -p "$sys/module/vfio_iommu_type1/parameters"
echo Y >"$sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
lsiommu --check $card
expect_note "unless VFIO was told to go without" \
	'interrupts are not remapped, and allow_unsafe_interrupts has VFIO go without that: '\
'a guest can send the host any interrupt'
echo N >"$sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
lsiommu --check $card
expect "which N does not" 1 "$off"
rm -r "$sys/module"
echo 'quiet iommufd.allow_unsafe_interrupts=1' >"$proc/cmdline"
lsiommu --check $card
expect "or will be, when its module is loaded" 0 "$yes"
rm "$proc/cmdline"
echo aarch64 >"$proc/sys/kernel/arch"
lsiommu --check $card
expect "other architectures do not need it" 0 "$yes"
rm "$proc/sys/kernel/arch"
printf 'processor\t: 0\nvendor_id\t: AuthenticAMD\n' >"$proc/cpuinfo"
lsiommu --check $card
expect "a processor tells which one it is" 1 "$off"

make_machine
echo vfio-noiommu >"$sys/kernel/iommu_groups/2/name"
lsiommu --check $card
expect "a group without an IOMMU is for no guest" 1 \
	'group 2 is of vfio-noiommu: no IOMMU keeps its devices from any memory of the host' \
	'no: they cannot be given to a guest'

# As on kernels that do not tell who owns a group
end='end the guest or program that has it'
make_machine
rm "$sys"/kernel/iommu_groups/*/dma_owner
mkdir -p "$proc/"{12,345}/fd
echo vm >"$proc/12/comm"
echo dpdk >"$proc/345/comm"
ln -s /dev/vfio/22 "$proc/12/fd/5"
ln -s /dev/vfio/vfio "$proc/12/fd/6"
lsiommu --check $card
expect "programs that have other groups are nobody" 0 "$yes"
ln -s /dev/vfio/2 "$proc/12/fd/7"
lsiommu --check $card
expect "a program that has the group is named" 1 \
	"group 2 is in use by user space, by vm (process 12): $end" \
	'no: not before the above is done'
mkdir -p "$sys/bus/pci/devices/$card/vfio-dev/vfio3"
ln -s /dev/vfio/devices/vfio3 "$proc/345/fd/7"
lsiommu --check $card
expect "and one that has the device by iommufd" 1 \
	"group 2 is in use by user space, by vm (process 12), dpdk (process 345): $end"
echo none >"$sys/kernel/iommu_groups/2/dma_owner"
lsiommu --check $card
expect "the kernel knows better" 0 "$yes"

conclude

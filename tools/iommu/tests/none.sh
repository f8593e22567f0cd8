#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Why there are no groups, by architecture, and devices that are in none.
. "$(dirname "$0")/lib.sh"

tables=$sys/firmware/acpi/tables base=$sys/firmware/devicetree/base

# make_none ARCH [CMDLINE]: a machine without groups
make_none() {
	rm -rf "$tmp/root"
	mkdir -p "$sys/kernel/iommu_groups" "$proc/sys/kernel"
	echo "$1" >"$proc/sys/kernel/arch"
	echo "${2-quiet}" >"$proc/cmdline"
}

# expect_why NAME TEXT: it is said why
expect_why() {
	lsiommu
	expect_error "$1" "there are no IOMMU groups: $2"
}

make_none x86_64
mkdir -p "$tables"
touch "$tables/FACP"
expect_why "a PC whose firmware tells of no IOMMU" \
	'firmware tells of no IOMMU (no table DMAR, IVRS or VIOT); switch VT-d or AMD-Vi on'
printf 'vendor_id\t: GenuineIntel\nflags\t\t: fpu hypervisor lahf_lm\n' >"$proc/cpuinfo"
expect_why "a virtual machine" 'this is a virtual machine without an IOMMU'
mkdir "$sys/hypervisor"
echo xen >"$sys/hypervisor/type"
expect_why "Xen" 'Xen keeps the IOMMU for itself'
rm -r "$sys/hypervisor"

touch "$tables/DMAR"
expect_why "Intel's, which waits to be switched on" \
	'the machine has VT-d (its firmware has a table DMAR)'
expect_error "by a parameter" 'add that and boot again'
make_none x86_64 'quiet intel_iommu=off'
mkdir -p "$tables"
touch "$tables/DMAR"
expect_why "Intel's, switched off" "intel_iommu=off on the kernel's command line switches VT-d off"
echo 'quiet iommu=off' >"$proc/cmdline"
expect_why "and by the parameter for all" "iommu=off on the kernel's command line switches VT-d off"
echo 'quiet intel_iommu=on,sm_on' >"$proc/cmdline"
expect_why "Intel's, on, but without a driver" \
	'firmware has a table DMAR, but no driver of VT-d serves a device; '\
'see that the kernel was built with CONFIG_INTEL_IOMMU'
echo 'quiet amd_iommu=off' >"$proc/cmdline"
mv "$tables/DMAR" "$tables/IVRS"
expect_why "AMD's, switched off" "amd_iommu=off on the kernel's command line switches AMD-Vi off"
echo quiet >"$proc/cmdline"
expect_why "AMD's, which needs no parameter" 'firmware has a table IVRS, but no driver of AMD-Vi'
mv "$tables/IVRS" "$tables/VIOT"
expect_why "QEMU's" 'firmware has a table VIOT, but no driver of virtio-iommu'

make_none aarch64
mkdir -p "$tables"
expect_why "a server of Arm without an SMMU" 'firmware tells of no SMMU (no table IORT or VIOT)'
touch "$tables/IORT"
expect_why "one without a driver" 'firmware has a table IORT, but no driver of SMMU'
make_none aarch64
mkdir -p "$base/pcie@0"
printf 'pci\0' >"$base/pcie@0/device_type"
expect_why "a board without an IOMMU" 'the device tree has no IOMMU'
mkdir "$base/iommu@1"
printf '\0\0\0\1' >"$base/iommu@1/#iommu-cells"
expect_why "a board with one, but not for PCI" 'the device tree has an IOMMU, but none for PCI'
printf '\0\0\0\1' >"$base/pcie@0/iommu-map"
expect_why "a board with one for PCI" \
	'the device tree has an IOMMU for PCI, but no driver serves it'
echo riscv64 >"$proc/sys/kernel/arch"
expect_why "other boards have device trees too" 'the device tree has an IOMMU for PCI'
rm -r "$base" "$proc/sys"
printf 'CPU implementer\t: 0x41\n' >"$proc/cpuinfo"
mkdir -p "$tables"
expect_why "a processor tells which one it is" 'firmware tells of no SMMU'

make_root <"$here/switch"
head='In no group (no IOMMU serves them), so that no guest can have them:'
line='  0000:00:09.0 Ethernet controller: Intel Device 10c9'
lsiommu
expect "devices in no group are told" 0 "$head" "$line"
check "and no others" [ "$(sed -n "/^$head/,\$p" <<<"$output" | wc -l)" -eq 2 ]
rm "$sys/bus/pci/devices/0000:00:07.0/iommu_group"
lsiommu
expect_no_text "nor one whose group alone tells that it is in it" $'\n  0000:00:07.0'
lsiommu -s 00:09.0
expect "one is found by its address" 0 "$line"
lsiommu -s 00:07.0
expect_not "where another one was asked for it is not told" "$head"
lsiommu -J
expect_not "nor to programs" "$head"

conclude

# shellcheck shell=bash disable=SC2154
# Sourced, with checks.sh: what checks of guests share, on whichever ARCH and IOMMU.

# Virtual functions first: their driver cannot be bound where claim-devices has bound pci-stub
prepare='make-vfs 2>/dev/null; claim-devices'
# GUEST_CMD with a line a group: what is in its files isolation and reaches
isolation="$prepare; show-isolation"

# print_of_guests OUT...: of all that guests with the kernels of these builds are made of, but for lsiommu and
# the selftests
print_of_guests() {
	{
		cat "${@/%//arch/$arch/boot/$kernel_image}" "$("$top/scripts/guest/busybox")" "$0" \
			"$top"/scripts/lib/{checks,common,guests}.sh
		find "$top"/scripts/{guest,topology} -type f -print0 | sort -z | xargs -0 cat
		"$top/scripts/guest/accel"
		"$qemu" --version
	} | sha256sum
}

# unserved NAME: how the devices begin that the IOMMU refuses, so that they have no group, on the base
# kernel as well. Of a conventional bus QEMU's virtio-iommu knows the requester ID that the bridge takes
# over alone, not the devices' own. Linux's SMMUv3 driver has a requester ID belong to a single device,
# and the first one on the bus gets the bridge's besides its own.
unserved() {
	case $1,${IOMMU:-$default_iommu} in
	demo,virtio) echo 0000:06: ;;
	conventional,virtio) echo 0000:01: ;;
	demo,smmuv3) echo 0000:06:02 ;;
	hotplug-switch,amd) echo '0000:0[34]:' ;;
	*) echo none ;;
	esac
}

# expected_isolation NAME: with the groups in scripts/topology/NAME.groups, or in EXPECTED there. The
# machines of arm64 and RISC-V have no device of their own but the host bridge, which is where that of x86 has one.
expected_isolation() {
	sed "/^#/d; /^$(unserved "$1")/d; $([ "$arch" = x86 ] || echo '/^0000:00:1f/d')" \
		"$top/scripts/topology/${EXPECTED:-$1.groups}" | awk -v RS= '{ gsub(/\n/, " "); print }' | sort
}

# in_topology OUT NAME COMMAND: what the command prints in a guest with those devices, sorted
in_topology() {
	TOPOLOGY=$(topology "$2") GUEST_CMD=$3 "$top/scripts/guest/boot" "$1" | tee -a /dev/stderr | sort
}

groups_are_right() {
	in_topology "$1" "$2" "$isolation" | diff <(expected_isolation "$2") -
}

# groups_after_change_are_right OUT NAME: when what is in scripts/topology/NAME.change has become of the machine,
# the groups are those of NAME.changed, or the same as before
groups_after_change_are_right() {
	local file=$top/scripts/topology/$2.change
	local -x EXPECTED=$2.groups QMP=1 GUEST_FILES=$file
	[ ! -f "${file}d" ] || EXPECTED=$2.changed
	in_topology "$1" "$2" "change /$2.change && $isolation" | diff <(expected_isolation "$2") -
}

# demonstration_ends_with_the_sum OUT [DMA]: and what became of DMA
demonstration_ends_with_the_sum() {
	local groups devices
	groups=$(expected_isolation demo | wc -l)
	devices=$(expected_isolation demo | xargs -n 1 | grep -cE '^[a-z]+$')
	"$top/scripts/guest/boot" "$1" | tee -a /dev/stderr | tail -n 1 |
		grep -qx "run: $groups groups, $devices devices, ${2:-dma ok, unmapped dma blocked}"
}

# all_groups_are_right OUT: of each topology on $arch and $IOMMU, unless they have been with $print
all_groups_are_right() {
	local topology name
	for topology in "$top"/scripts/topology/*.groups; do
		topology=$(basename "$topology" .groups)
		name="groups of $topology on $arch, $IOMMU"
		once "$print $name" "$name" groups_are_right "$1" "$topology"
	done
}

# selftests_pass OUT PROGRAM...: on $arch and $IOMMU
selftests_pass() {
	local out=$1 program
	local -x TOPOLOGY
	TOPOLOGY=$(topology user-space)
	shift
	for program; do
		kselftest "" "$out" "$program"
	done
}

# print_of_programs: of the selftests, which guests have beside their kernels
print_of_programs() {
	cat "$selftests"/iommu_group_*[a-z] | sha256sum
}

# kselftest PRINT OUT PROGRAM
kselftest() {
	local name="$3 on $KERNEL-${2##*/out-}, $IOMMU${APPEND:+, $APPEND}"
	GUEST_CMD="claim-devices; $3" tap "${1:+$1 $name}" "$name" "$top/scripts/guest/boot" "$2"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# make-sysroot.sh DIR: make in DIR a /sys of groups and PCI devices, from a line for each on
# standard input:
#	group ID TYPE OWNER [NAME]
#	device PATH VENDOR DEVICE CLASS DRIVER GROUP [CAUSE [CULPRIT [LACKS]]]
#	reaches GROUP OTHER [CULPRIT [LACKS]]
# PATH is that of the device below /sys/devices; DRIVER, OWNER and GROUP may be "-" for none.
# VENDOR, DEVICE and CLASS are "-" for a platform device. GROUP:LINK is a group in which the device
# has another name, as the second of two namesakes has.
# Without a cause there is no file isolation, as on kernels that do not have it.
set -euo pipefail

sys=$1/sys
groups=$sys/kernel/iommu_groups

make_group() {
	local dir=$groups/$1
	mkdir -p "$dir/devices"
	echo "$2" >"$dir/type"
	[ "$3" = - ] || echo "$3" >"$dir/dma_owner"
	[ $# -lt 4 ] || echo "$4" >"$dir/name"
}

make_device() {
	local dir=$sys/devices/$1 name=${1##*/} vendor=$2 device=$3 class=$4 driver=$5
	local group=${6%%:*} link=$name bus=$sys/bus/platform
	[[ $6 != *:* ]] || link=${6#*:}
	shift 6
	mkdir -p "$dir"
	if [ "$vendor" != - ]; then
		bus=$sys/bus/pci
		echo "0x$vendor" >"$dir/vendor"
		echo "0x$device" >"$dir/device"
		echo "0x$class" >"$dir/class"
	fi
	# Relative, as the kernel's are
	mkdir -p "$bus/devices"
	ln -s "../../../devices/${dir#"$sys/devices/"}" "$bus/devices/$name"
	if [ "$driver" != - ]; then
		mkdir -p "$bus/drivers/$driver"
		ln -rs "$bus/drivers/$driver" "$dir/driver"
	fi
	[ "$group" != - ] || return 0
	ln -rs "$groups/$group" "$dir/iommu_group"
	ln -rs "$dir" "$groups/$group/devices/$link"
	[ $# -eq 0 ] || echo "$link $*" >>"$groups/$group/isolation"
}

make_reaches() {
	local group=$1
	shift
	echo "$*" >>"$groups/$group/reaches"
}

mkdir -p "$sys/bus/pci/devices" "$groups"
while read -r what rest; do
	case $what in
	group | device | reaches)
		read -r -a words <<<"$rest"
		"make_$what" "${words[@]}"
		;;
	'' | '#'*) ;;
	*)
		echo "make-sysroot.sh: what is $what?" >&2
		exit 1
		;;
	esac
done

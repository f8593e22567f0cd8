#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Copies of /sys: files that tar filled up, what cannot be read, and names that nobody should trust.
. "$(dirname "$0")/lib.sh"

groups=$sys/kernel/iommu_groups

# As tar has a file of sysfs: it says that it is of a page, and the rest of that is NULs
make_root <"$here/switch"
lsiommu -J
whole=$output
find "$tmp/root" -type f -exec truncate -s 4096 {} +
lsiommu --check 00:06.0
expect "a group that user space has is in use in a copy made by tar" 1 \
	'group 4 is in use by user space: end the guest or program that has it'
lsiommu -J
check "a copy made by tar is as good" [ "$output" = "$whole" ]

make_root <"$here/switch"
rm -r "$groups/5/devices"
ln -s devices "$groups/5/devices"
lsiommu
expect_error "a group that cannot be read is told" "$groups/5/devices: "
expect_text "and others are shown" 0000:00:06.0
lsiommu --check 00:07.0
expect_error "its device is not said to be in none" \
	'0000:00:07.0 is in no IOMMU group that can be read'
lsiommu --check 00:0b.0
expect_error "an answer that could not see all has status 2" "$groups/5/devices: "

# Root reads what it likes, so that another user is needed
make_root <"$here/switch"
chmod -R go+rX "$tmp"
chmod 700 "$groups/5/devices"
if [ "$(id -u)" -eq 0 ]; then
	wrap=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	cp "$program" "$tmp/lsiommu"
else
	wrap=() && chmod 000 "$groups/5/devices" && cp "$program" "$tmp/lsiommu"
fi
: >"$groups/4/reserved_regions"
chmod 000 "$groups/4/reserved_regions"
keep "${wrap[@]}" "$tmp/lsiommu" --sysroot "$tmp/root"
chmod 755 "$groups/5/devices"
expect_error "without permission it says how to get it" \
	"$groups/5/devices: Permission denied; run lsiommu as root"
expect_error "and of a file that decides the answer" \
	"$groups/4/reserved_regions: Permission denied; run lsiommu as root"

make_root <"$here/switch"
echo bogus >"$sys/bus/pci/devices/0000:00:07.0/vendor"
lsiommu
expect_error "what should be a number and is none is told" \
	'0000:00:07.0/vendor: it has no number in it'
make_root <"$here/switch"
echo 0x180000000 >"$sys/bus/pci/devices/0000:00:07.0/class"
lsiommu
expect_error "and a number that is too large" '0000:00:07.0/class: it has no number in it'
echo bogus >"$sys/bus/pci/devices/0000:00:0b.1/class"
lsiommu --check 00:0b.0
expect "of a group that was not read whole the answer is not yes" 2 \
	'group 10 could not be read whole' 'no: not before the above is done'
make_root <"$here/switch"
mkdir "$groups/99999999999" "$groups/+1"
lsiommu -r -n -o GROUP
report "$([[ $output != *99999999999* && $output != *2147483647* && $status -eq 0 ]] &&
	echo true || echo false)" "what is no number of a group is none"
echo '99999999999 0000:00:1b.0 SV' >>"$groups/12/reaches"
lsiommu -J -g 12 -o REACHES
report "$([[ $output != *2147483647* && $output == *'17 0000:00:1b.0'* ]] &&
	echo true || echo false)" "nor is one that is reached"

# Commands for root, of names that somebody else chose
make_root <"$here/switch"
# shellcheck disable=SC2016 # nothing is to be run
evil='gpu;touch $HOME`id`'"'"
mv "$groups/11/devices/gpu.0" "$groups/11/devices/$evil"
lsiommu --check dma
# shellcheck disable=SC2016
name='gpu;touch $HOME`id`'
expect "a name for a shell is quoted" 1 \
	"    echo gpu >'/sys/kernel/iommu_groups/11/devices/$name'\\''/driver/unbind'"
commands=$(sed -n 's/^    //p' <<<"$output" | sed '/^#/d')
check "and a shell reads it as one word" bash -n <<<"$commands"
mv "$groups/11/devices/$evil" "$groups/11/devices/"$'gpu\n    reboot\nx\e[2J'
lsiommu --check dma
expect_not "a name cannot make a line" '    reboot'
report "$([[ $output != *$'\e'* && $output == *'gpu?    reboot?x?[2J'* ]] &&
	echo true || echo false)" "nor steer the terminal"
make_root <"$here/switch"
mkdir -p "$sys/bus/pci/devices/"$'evil\e[2J'
lsiommu
expect_text "nor can that of a device in no group" '  evil?[2J'
lsiommu --check $'evil\e[2J'
expect_error "nor one in a message" 'evil?[2J is in no IOMMU group'

make_root <"$here/switch"
evil=devices/evil/'0000:00:07.0;reboot'
mkdir -p "$sys/$evil"
cp -r "$sys/bus/pci/devices/0000:00:07.0/"{vendor,device,class} "$sys/$evil"
rm "$groups/5/devices/0000:00:07.0"
ln -s "../../../../$evil" "$groups/5/devices/0000:00:07.0"
lsiommu --check 00:07.0
expect "what has no address is no PCI device" 1 \
	"  it is no PCI device; bind it to VFIO's driver of its bus"
expect_no_text "and gets no commands of one" 'echo '
expect_not "nor is it said to be fine" "$yes"

conclude

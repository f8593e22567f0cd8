#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --dump: groups of a machine of which there is what lspci printed, and nothing more.
. "$(dirname "$0")/dump-lib.sh"

machine "$on" | groups '00:1c.0 | 03:00.0' "a port with ACS keeps its card apart"
machine | groups '00:1c.0 03:00.0' "one without ACS does not"
machine "$half" | groups '00:1c.0 03:00.0' "nor one with half of it on"
read_dump "$tmp/dump" -P -o REASON
check "what is off is named with what switches it on, and leaves the rest on" \
	grep -q 'CR,UF; it is off, on by pci=config_acs=xx111x1@0000:00:1c\.0' <<<"$output"
machine "$off" | groups '00:1c.0 | 03:00.0' "where all is off, it counts as Linux sets it"
check "and that is said" grep -q 'ACS is off everywhere' <<<"$errors"
machine "$off" | sed $'s/^\\tBus/\\tIOMMU group: 7\\n&/' |
	groups '00:1c.0 03:00.0' "but not where groups tell of an IOMMU"
machine "${on/EgressCtrl-/EgressCtrl+}" |
	groups '00:1c.0? | 03:00.0?' "what Egress Control lets pass is not in lspci -vvv"
machine "${half/EgressCtrl-/EgressCtrl+}" |
	groups '00:1c.0 03:00.0' "which matters not where other flags are off"
read_dump "$tmp/dump" -P -o REASON
expect_text "and Egress Control has to be off" 'pci=config_acs=x0111x1@0000:00:1c.0'

# What is not there is not known
denied | groups '00:1c.0? | 03:00.0?' "what was denied is not taken for absent"
read_dump "$tmp/dump"
expect_text "and is told as that" 'access denied'
machine "$on" | sed 's/ CmpltRedir.*//' |
	groups '00:1c.0? | 03:00.0?' "flags that are cut are not known"
machine "$on" | grep -v ACSC | groups '00:1c.0? | 03:00.0?' "nor those of lspci -v"
machine "$on" | sed '/ACSC/d; s/ v1] Access.*/] #0d/' |
	groups '00:1c.0? | 03:00.0?' "nor of one that knew nothing of ACS"
machine | sed 's/Root Port.*/&\n\tCapabilities: [48] #0d/' |
	groups '00:1c.0 03:00.0' "which is another capability below 0x100"
with_drivers() {
	printf '%s\n' '03:00.0 VGA compatible controller [0300]: Acme [1234:0002]' \
		$'\tSubsystem: Acme [1234:0003]' $'\tKernel driver in use: amdgpu' \
		'03:00.1 Audio device [0403]: Acme [1234:0004]' \
		$'\tSubsystem: Acme [1234:0003]' $'\tKernel driver in use: snd_hda_intel'
}
with_drivers | groups '03:00.0? | 03:00.1?' "nor do the drivers that lspci -k adds to it"
with_drivers | sed 's/Subsystem.*/Status: Cap+ 66MHz-/' |
	groups '03:00.0? | 03:00.1?' "nor is absent what was taken out"
printf '%s\n' "$port_title" "${card#$'\n'}" | sed '/Capabilities/d' |
	groups '00:1c.0? | 03:00.0?' "a list tells nothing of capabilities"
{ echo "${card#$'\n'}"; echo; port | head -c -1; } |
	groups '00:1c.0? | 03:00.0?' "nor does a text that ends within a line"
{
	printf '%s\n' '03:00.0 PCI bridge [0604]: Acme Down [1234:0003]' \
		$'\tBus: primary=03, secondary=04, subordinate=04, sec-latency=0' \
		$'\tCapabilities: [80] Express (v2) Downstream Port (Slot+), MSI 00'
	acs "$on"
	printf '%s\n' '' '04:00.0 Ethernet controller [0200]: Acme Card [1234:0002]' \
		$'\tCapabilities: [70] Express (v2) Endpoint, MSI 00'
} | groups '03:00.0? | 04:00.0?' "a port whose switch was left out is on no root bus"
{ echo $'00:00.0 Host bridge [0600]: Acme [1234:0009]\n\tStatus: Cap-'; echo "$card"; } |
	groups '00:00.0 | 03:00.0?' \
	"what is below bridges that were left out is not with the first function" --policy legacy
{
	port "$on" | sed 's/subordinate=03/subordinate=05/'
	echo "${card/03:/05:}"
	printf '%s\n' '05:00.1 Audio device [0403]: Acme [1234:0004]' \
		$'\tCapabilities: [e0] Express (v1) Endpoint'
	acs "$on"
} | groups '00:1c.0 | 05:00.0? | 05:00.1?' "nor are functions of a device together for that"
machine | sed 's/^03:/04:/; s/subordinate=03/subordinate=04/' |
	groups '00:1c.0 04:00.0' "a bridge that was left out matters not below a port without ACS"
{
	port "$on"
	echo
	echo '03:00.0 VGA compatible controller [0300]: Acme [1234:0002] (rev ff) (prog-if ff)'
	echo $'\t!!! Unknown header type 7f'
} | groups '00:1c.0 | 03:00.0' "one that sleeps is alone below a port with ACS"
port "$on" | sed 's/secondary=03/secondary=00/' |
	groups '00:1c.0' "a bridge that is not set up leads nowhere"
machine "$on" | sed 's/secondary=03/secondary=00/' |
	groups '00:1c.0 | 03:00.0?' "and what stands below nothing is not supposed to be below it"
echo 'nothing of that kind' | dump
expect_error "a file without lspci's lines is an error" 'lspci -nnvvvxxxx'
read_dump "$tmp/nothing"
expect_error "and so is one that is not there" 'No such file'

# What lspci calls otherwise, by its version and options
machine "$on" | sed 's/(Slot+), MSI 00/(Slot+), IntMsgNum 0/' |
	groups '00:1c.0 | 03:00.0' "an interrupt's number may have another name"
{
	machine "$on"
	printf '%s\n' '03:00.1 Ethernet controller [0200]: Acme Card [1234:0003]' \
		$'\tCapabilities: [e0] Express Unknown type, MSI 00'
} | groups '00:1c.0 | 03:00.0? | 03:00.1?' \
	"a type that lspci did not know is not taken for a conventional one" --policy legacy
{
	port "$on" | sed 's/subordinate=03/subordinate=04/'
	printf '%s\n' '' '03:00.0 PCI bridge [0604]: Acme Bridge [1234:0003]' \
		$'\tBus: primary=03, secondary=04, subordinate=04, sec-latency=32' \
		$'\tCapabilities: [90] Express PCI/PCI-X Bridge IRQ 0' '' \
		'04:00.0 Audio device [0403]: Acme [1234:0004]' $'\tStatus: Cap-'
} | dump --fabric
expect "a bridge to PCI had another name" 0 '  0000:03:00.0 00.0 pcie2pci id=1234:0003'
{ port; echo $'\tCapabilities: [100 v1] <chain looped>'; echo "$card"; } |
	groups '00:1c.0? | 03:00.0?' "what is behind a loop of capabilities is not known"
machine "$on" | sed 's,^03:00.0,00:1c.0/00.0,' |
	groups '00:1c.0 | 03:00.0' "by -P a path tells no bus, but the bridge does"
{ echo "$port_title"; echo "${card#$'\n'}"; } | sed 's,^03:00.0,00:1c.0/00.0,' |
	groups '00:1c.0?' "if it is known"
check "and else that is said" grep -q '1 functions are left out' <<<"$errors"

# What the kernel knows by IDs: PCI bridge 8086:1c10 is a port of Cougar Point, 8086:15b8 an I219
mates() {
	printf '%s\n' "00:1f.0 ISA bridge [0601]: Intel LPC [8086:a2c9]" $'\tSubsystem: Acme' '' \
		"00:1f.6 Ethernet controller [0200]: Intel I219 [$1]" \
		$'\tRegion 0: Memory at 92f00000 (32-bit)'
}

# named NUMBER: the I219 by the name with this number, and no IDs
named() {
	mates 8086:15b8 | sed "s/I219 /Ethernet Connection ($1) I219-V /; s/ \[8086:[0-9a-f]*\]//"
}

mates 8086:15b8 | groups '00:1f.0 | 00:1f.6' "a vendor's word for a function counts"
mates 8086:15b9 | groups '00:1f.0 00:1f.6' "and is not taken for another one"
machine | sed 's/1234:0001/8086:1c10/' |
	groups '00:1c.0 | 03:00.0' "and so does one for a port"
printf '\t15b8  Ethernet Connection (2) I219-V\n' | sed -i '/^8086/r /dev/stdin' "$tmp/pci.ids"
named 2 | groups '00:1f.0 | 00:1f.6' "without IDs names tell"
read_dump "$tmp/dump" --fabric
expect "a fabric has ACS in their place" 0 '0000:00:1f.6 1f.6 pci acs'
named 3 | groups '00:1f.0 00:1f.6' "but not those of others"

# Kinds of functions
collector() {
	printf '%s\n' '00:00.0 System peripheral [0880]: Acme [1234:0004]' \
		$'\tCapabilities: [40] Express (v2) Root Complex Integrated Endpoint, MSI 00' \
		"00:00.1 Generic system peripheral [0807]: Acme [1234:0005]" \
		$'\tCapabilities: [40] Express (v2) Root Complex Event Collector, MSI 00'
}
collector | groups '00:00.0 | 00:00.1' "an Event Collector is neutral"
collector | groups '00:00.0 00:00.1' "but not to Linux 6.12" --policy legacy
{
	port "$on" | sed 's/secondary=03, subordinate=03/secondary=03, subordinate=04/'
	printf '%s\n' '' '03:00.0 Ethernet controller [0200]: Acme PF [1234:0006]' \
		$'\tCapabilities: [40] Express (v2) Endpoint, MSI 00' \
		$'\tCapabilities: [160 v1] Single Root I/O Virtualization (SR-IOV)'
	printf '\t\t%s\n' \
		'Initial VFs: 2, Total VFs: 2, Number of VFs: 2, Function Dependency Link: 00' \
		'VF offset: 256, stride: 2, Device ID: 1520'
	printf '%s\n' '' '04:00.0 Ethernet controller [0200]: Acme VF [1234:0007]' \
		$'\tCapabilities: [40] Express (v2) Endpoint, MSI 00' \
		'' '04:00.2 Ethernet controller [0200]: Acme VF [1234:0007]' \
		$'\tCapabilities: [40] Express (v2) Endpoint, MSI 00'
} | groups '00:1c.0 | 03:00.0 | 04:00.0 | 04:00.2' \
	"virtual functions on a bus of their own are alone"
read_dump "$tmp/dump" --fabric
expect "in a fabric they are of the device" 0 '  0000:04:00.0 00.1 ep id=1234:0007 vf' \
	'  0000:04:00.2 00.2 ep id=1234:0007 vf'
# Without the physical function's registers
# 04:00.0 has no IDs, as a virtual function in its registers; whose it is was denied
{
	port | sed 's/secondary=03, subordinate=03/secondary=03, subordinate=04/'
	printf '%s\n' '' '03:00.0 Ethernet controller [0200]: Acme PF [1234:0006]' \
		$'\tCapabilities: <access denied>' '' \
		'04:00.0 Ethernet controller [0200]: Acme [1234:0007]' \
		'00: ff ff ff ff 00 00 10 00 00 00 00 02 00 00 00 00' \
		'10: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00' \
		'20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00' \
		'30: 00 00 00 00 40 00 00 00 00 00 00 00 00 00 00 00'
} | groups '00:1c.0 03:00.0 04:00.0' \
	"one whose physical function does not tell is below the port too"
# Details of the others are no word for these two
{
	port "$on"
	for function in 0 1; do
		echo
		echo "03:00.$function Audio device [0403]: Acme [1234:000$function] (rev ff)"
		printf '\t!!! Unknown header type 7f\n'
	done
	printf '%s\n' '' '00:02.0 VGA compatible controller [0300]: Acme [1234:0008]' \
		$'\tCapabilities: [40] Express (v2) Root Complex Integrated Endpoint, MSI 00'
} | groups '00:02.0 | 00:1c.0 | 03:00.0? | 03:00.1?' \
	"functions that sleep may share a group or not"
{
	port "$on"
	printf '%s\n' '' '03:10.0 Ethernet controller [0200]: Acme Virtual Function [1234:0007]' \
		$'\tCapabilities: [40] Express (v2) Endpoint, MSI 00' \
		'03:10.2 Ethernet controller [0200]: Acme Virtual Function [1234:0007]' \
		$'\tCapabilities: [40] Express (v2) Endpoint, MSI 00'
} | groups '00:1c.0 | 03:10.0? | 03:10.2?' \
	"what may be virtual functions do not share a group for sure"
{ machine "$on"; echo; port "$on"; echo "${card/1234:0002/8086:10d3}"; } |
	groups '00:1c.0 | 03:00.0' "of two cards at one address the later counts"
check "and that is said" grep -q '1 functions are there twice' <<<"$errors"
{ machine "$on"; echo; port "$on"; echo "${card/Ethernet controller/Audio device}"; } |
	sed 's/ \[1234:....\]//; s/ \[0[24].*\]:/:/' |
	groups '00:1c.0 | 03:00.0' "without IDs a class tells"
check "that one is another" grep -q '1 functions are there twice' <<<"$errors"
machine "$on" | sed 's/^\(0[03]:\)/10000:\1/' | dump -n -r -o ADDRESS
expect "domains may have five digits" 0 10000:00:1c.0 10000:03:00.0
machine "$on" | sed 's,^03:00.0,00:1c.0/03:00.0,' |
	groups '00:1c.0 | 03:00.0' "a path may precede an address"
printf '%s\n' '00:1c.0 0604: 1234:0001 (rev 01)' '03:00.0 0200: 1234:0002' |
	dump -n -r -o ADDRESS,IDS
expect "numbers may stand in place of names" 0 '0000:00:1c.0 1234:0001' '0000:03:00.0 1234:0002'

# As JSON
denied | dump -J
holds "JSON tells which groups are not certain, and why" '
	[[child["address"] for child in group["children"]] for group in a["groups"]] ==
	[["0000:00:1c.0"], ["0000:03:00.0"]] and
	not any(group["certain"] for group in a["groups"]) and
	all("access denied" in group["children"][0]["unknown"] for group in a["groups"])'
machine "$off" | dump -J
expect_text "and that ACS counts as Linux sets it" '"acs_assumed": true'
machine "$half" | dump -J
expect_text "and what switches on what is off" \
	'"remedy": "pci=config_acs=xx111x1@0000:00:1c.0"'

# Text that is packed, and names that no list knows
machine | gzip | dump
expect_error "what is compressed is to be unpacked first" 'zcat FILE | lsiommu --dump -'
machine "$on" | sed 's/ \[[0-9a-f]\{4\}\(:[0-9a-f]*\)\{0,1\}\]//g' | dump -i /dev/null
check "without IDs and a list of them quirks are not known" grep -q 'install pci.ids' <<<"$errors"
read_dump "$tmp/dump" -P -o VENDOR,MODEL
expect "and there is no vendor 0000" 0 'VENDOR="" MODEL=""'
read_dump "$tmp/dump"
check "by names they are" [ -z "$errors" ]
machine "$on" | dump -i /dev/null
check "and by IDs" [ -z "$errors" ]

# Ports that tell the wrong type: a switch with ACS, and its upstream or downstream ports
switch() {
	port "$on" | sed 's/subordinate=03/subordinate=05/'
	printf '%s\n' '' '03:00.0 PCI bridge [0604]: Acme Up [1234:0003]' \
		$'\tBus: primary=03, secondary=04, subordinate=05, sec-latency=0' \
		$'\tCapabilities: [80] Express (v2) '"$1"', MSI 00'
	printf '%s\n' '' '04:00.0 PCI bridge [0604]: Acme Down [1234:0003]' \
		$'\tBus: primary=04, secondary=05, subordinate=05, sec-latency=0' \
		$'\tCapabilities: [80] Express (v2) '"$2"', MSI 00'
	acs "$on"
	printf '%s\n' '' '05:00.0 Ethernet controller [0200]: Acme Card [1234:0002]' \
		$'\tCapabilities: [70] Express (v2) Endpoint, MSI 00'
}
alone='00:1c.0 | 03:00.0 | 04:00.0 | 05:00.0'
switch 'Upstream Port' 'Downstream Port (Slot+)' | groups "$alone" "a switch with ACS"
switch 'Downstream Port (Slot+)' 'Downstream Port (Slot+)' |
	groups "$alone" "what is below a root port is no downstream port"
switch 'Upstream Port' 'Upstream Port' |
	groups "$alone" "what is below an upstream port is none"

# VMD makes a domain for what is behind it, and does its DMA
vmd() {
	printf '%s\n' "0000:00:$1.0 RAID bus controller [0104]: Intel Corporation VMD [8086:$2]" \
		$'\tCapabilities: [e0] Express (v2) Root Complex Integrated Endpoint, MSI 00' ''
}
behind() {
	printf '%s\n' "$1:e0:06.0 PCI bridge [0604]: Acme Port [1234:0001]" \
		$'\tBus: primary=e0, secondary=e1, subordinate=e1, sec-latency=0' \
		$'\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00'
	acs "$on"
	printf '%s\n' '' "$1:e1:00.0 Non-Volatile memory controller [0108]: Acme Disk [1234:0002]" \
		$'\tCapabilities: [70] Express (v2) Endpoint, MSI 00' ''
}
together='00:0e.0 10000:e0:06.0 10000:e1:00.0'
for policy in standard legacy; do
	{ vmd 0e 467f; behind 10000; } |
		groups "$together" "what is behind VMD is with it, $policy" --policy "$policy"
done
read_dump "$tmp/dump" -P -o CAUSE,CULPRIT
expect "because it has its requester ID" 0 'CAUSE="alias" CULPRIT="0000:00:0e.0"'
read_dump "$tmp/dump" --fabric
expect "a fabric has none of it" 0 \
	'# left out, for it is behind VMD, which no fabric has: 10000:e1:00.0'
{ vmd 0e 467f; vmd 0f 9a0b; behind 10000; behind 10001; } |
	groups "$together | 00:0f.0 10001:e0:06.0 10001:e1:00.0" "the second has the second domain"
{ vmd 0e 467f; vmd 0f 9a0b; behind 10000; } |
	groups '00:0e.0 | 00:0f.0 | 10000:e0:06.0? | 10000:e1:00.0?' \
	"which one has a domain is not known if there are more"
{ vmd 0e 467f; vmd 0f 9a0b | sed 's/^$/\tKernel driver in use: vfio-pci\n/'; behind 10000; } |
	groups "$together | 00:0f.0" "one without its driver has none"

# As a fabric
machine "$half" | dump --fabric
expect "a machine is written as the tests have it" 0 \
	'0000:00:1c.0 1c.0 root id=1234:0001 acs=sr' '  0000:03:00.0 00.0 ep id=1234:0002'
dump -n -r -o ADDRESS <<<"$output"
expect "and read from that" 0 0000:00:1c.0 0000:03:00.0
for bus in $(seq 0 19); do
	printf '%02x:00.0 PCI bridge [0604]: Acme [1234:0001]\n' "$bus"
	printf '\tBus: primary=%02x, secondary=%02x, subordinate=14\n' "$bus" $((bus + 1))
done | dump --fabric
check "what is too deep for a fabric is left out of it" \
	[ "$(grep -c '^# left out' <<<"$output")" = 1 ]
dump -n -r -o ADDRESS <<<"$output"
check "and the rest is one" [ "$(grep -c . <<<"$output")" = 16 ]
dump <<<$'card 00.0 ep\n   wrong 01.0 ep'
expect_error "what is no fabric is told by its line" 'dump:2: '

conclude

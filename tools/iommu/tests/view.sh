#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# How groups are shown on a screen.
. "$(dirname "$0")/lib.sh"

make_root <<'EOS'
group 1 DMA none
device pci0000:00/0000:00:02.0 8086 0001 020000 - 1 isolated
group 2 DMA kernel
device pci0000:00/0000:00:03.0 8086 0002 060400 pcieport 2 acs 0000:00:03.0 CR
device pci0000:00/0000:00:03.0/10000:e1:00.0 8086 0001 020000 e1000e 2 acs 0000:00:03.0 CR
group 3 DMA none
device pci0000:00/0000:00:04.0 8086 0002 060400 pcieport 3 acs 0000:00:04.0 SV
device pci0000:00/0000:00:05.0 8086 0001 060400 pcieport 3 acs 0000:00:05.0 SV
device pci0000:00/0000:00:04.0/0000:04:00.0 8086 0001 020000 - 3 acs 0000:00:04.0 SV
group 4 DMA none
device pci0000:00/0000:00:06.0 8086 0001 020000 - 4 acs 0000:00:06.0 SV
device pci0000:00/0000:00:07.0 8086 0001 020000 - 4 acs 0000:00:07.0 RR
group 5 DMA none
device pci0000:00/0000:00:08.0 8086 0001 020000 - 5 alias 0000:00:08.1
device pci0000:00/0000:00:08.1 8086 0001 020000 - 5 isolated
EOS
name='Network Adapter with a Name of Many Words'
printf '%s\n' '8086  Intel' $'\t0001  '"$name" $'\t0002  Port' 'C 02  Network controller' \
	$'\t00  NIC' 'C 06  Bridge' $'\t04  PCI bridge' >"$tmp/pci.ids"

lsiommu
expect "columns that are empty go" 0 'NAME            TYPE OWNER  DRIVER   DETAILS'
expect "a reason that all devices have stands once" 0 \
	'2               DMA  kernel          reason: '\
'root port 0000:00:03.0 (Intel Port) lacks ACS: CR' \
	'├─0000:00:03.0              pcieport PCI bridge: Intel Port' \
	"└─10000:e1:00.0             e1000e   NIC: Intel $name"
expect "so does one with several culprits, of whatever models" 0 \
	'3               DMA  none            reason: '\
'root port 0000:00:04.0 (Intel Port) lacks ACS: SV; likewise 0000:00:05.0'
expect "reasons that differ stand with their devices" 0 '4               DMA  none' \
	"├─0000:00:06.0                       NIC: Intel $name" \
	'│                                    reason: '\
"root port 0000:00:06.0 (Intel $name) lacks ACS: SV"
expect "so does one that not all devices have" 0 '5               DMA  none' \
	'│                                    reason: '\
"one requester ID with 0000:00:08.1 (Intel $name)" \
	"└─0000:00:08.1                       NIC: Intel $name"
lsiommu -g 2 -o NAME,REASON
expect "in REASON too" 0 '2               root port 0000:00:03.0 (Intel Port) lacks ACS: CR' \
	'├─0000:00:03.0' '└─10000:e1:00.0'
lsiommu -l -g 2 -o ADDRESS,REASON
expect "in a list each device has it" 0 \
	'10000:e1:00.0 root port 0000:00:03.0 (Intel Port) lacks ACS: CR'
lsiommu -g 1 -o NAME,LABEL,DRIVER
expect "columns that were asked for stay" 0 'NAME           LABEL DRIVER'
lsiommu -g 1 -o +LABEL
expect "and those that were added" 0 'NAME           TYPE LABEL OWNER DETAILS'
lsiommu -r -n -g 1
expect "scripts have all of them" 0 \
	"1 0000:00:02.0 DMA none  NIC:\\x20Intel\\x20${name// /\\x20} "

# 37 columns stand before the details, so that 80 leave 43
lsiommu -w 80 -g 2
expect "lines are broken between words" 0 \
	'2               DMA  kernel          reason: root port 0000:00:03.0 (Intel Port)' \
	'│                                    lacks ACS: CR' \
	'└─10000:e1:00.0             e1000e   NIC: Intel Network Adapter with a Name of'
for width in 60 80 100 120; do
	lsiommu -w $width
	check "what fits $width columns has no more" [ "$(wc -L <<<"$output")" -le $width ]
done
lsiommu -w 20 -o NAME,DESCRIPTION -g 2
expect "on a screen that is too narrow words and addresses are whole" 0 \
	'└─10000:e1:00.0 NIC: Intel' '                Network' '                Adapter'
on_terminal() {
	local command
	command=$(printf '%q ' "${wrapper[@]}" "$program" --sysroot "$tmp/root" -i "$tmp/pci.ids")
	status=0 errors=
	output=$(script -qec "stty cols $1; $command" /dev/null | tr -d '\r')
}
lsiommu -w 80
wanted=$output
on_terminal 80
check "a terminal's width is the screen's" [ "$output" = "$wanted" ]
lsiommu -w 0
expect_error "no width is refused" "'0' is no width"
LC_ALL=C lsiommu -w 80 -a -g 1
expect "bytes are counted where characters are not known" 0 \
	"\`-0000:00:02.0            NIC: Intel $name"

# What libsmartcols cannot print
"${CC:-cc}" -shared -fPIC -x c -o "$tmp/broken.so" - <<'EOS'
#include <errno.h>

int scols_print_table(void *table)
{
	return -ENOMEM;
}
EOS
keep env ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" LD_PRELOAD="$tmp/broken.so" \
	"${wrapper[@]}" "$program" --sysroot "$tmp/root"
expect_error "a table that cannot be printed is an error" 'the table could not be printed'

conclude

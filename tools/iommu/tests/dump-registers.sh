#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --dump: registers in hexadecimal, as lspci -xxxx prints them.
. "$(dirname "$0")/dump-lib.sh"

# registers [IDS]: a port of bus 3, PCI Express at 0x40
registers() {
	printf '%s\n' "$port_title" "00: ${1:-34 12 01 00} 07 05 10 00 00 00 04 06 00 00 01 00" \
		'10: 00 00 00 00 00 00 00 00 00 03 03 00 10 20 00 00' \
		'20: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00' \
		'30: 00 00 00 00 40 00 00 00 00 00 00 00 0b 01 02 00' \
		'40: 10 00 42 01 00 80 00 00 00 00 00 00 00 00 00 00'
	for line in 5 6 7 8 9 a b c d e f; do
		printf '%s0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n' "$line"
	done
}

# extended WORDS: the line at 0x100, and zeros up to the end
extended() {
	printf '100: %s\n' "$1"
	for line in $(seq 17 255); do
		printf '%02x0: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n' "$line"
	done
}

# with_registers WORDS [IDS]: all registers of the port, and its card
with_registers() {
	registers "${@:2}"
	extended "$1"
	echo "$card"
}

# ACS at 0x100, its control register at 0x106
acs_on='0d 00 01 00 1d 00 1d 00 00 00 00 00 00 00 00 00'
acs_half='0d 00 01 00 1d 00 05 00 00 00 00 00 00 00 00 00'
acs_none='00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'

with_registers "$acs_on" | groups '00:1c.0 | 03:00.0' "registers tell that ACS is on"
with_registers "$acs_half" | groups '00:1c.0 03:00.0' "or half of it off"
with_registers "$acs_none" | groups '00:1c.0 03:00.0' "or that there is none"
{ registers; echo "$card"; } | groups '00:1c.0? | 03:00.0?' "256 of them do not reach to ACS"
{ registers; machine "$on" | tail -n +2; } |
	groups '00:1c.0 | 03:00.0' "unless lspci -vvv printed it beside them"
with_registers "$acs_on" | grep -v '^c00' |
	groups '00:1c.0 | 03:00.0' "a line that is missing may be any"
with_registers "$acs_half" | fold -s -w 40 |
	groups '00:1c.0 03:00.0' "lines of them may be wrapped"
with_registers '0d 00 01 00 1d 00 1d' |
	groups '00:1c.0? | 03:00.0?' "but what is cut is not known"
with_registers "$acs_none" | grep -v '^100' |
	groups '00:1c.0? | 03:00.0?' "but no capability is absent for it"

# ACS at 0x10c, so that its registers are in the next line
far='0b 00 c1 10 00 00 00 00 00 00 00 00 0d 00 01 00'
with_registers "$far" | sed 's/^110: 00 00 00 00/110: 1d 00 05 00/' |
	groups '00:1c.0 03:00.0' "ACS may be in two lines"
with_registers "$far" | grep -v '^110' |
	groups '00:1c.0? | 03:00.0?' "of which the one with its registers is missing"
with_registers "$acs_none" | grep -v '^30:' |
	groups '00:1c.0? | 03:00.0?' "without the line that leads to capabilities none is absent"

# A port of Intel's Sunrise Point: its registers of ACS have 32 bits
with_registers '0d 00 01 00 1d 00 00 00 1d 00 00 00 00 00 00 00' '86 80 10 a1' |
	groups '00:1c.0 | 03:00.0' "Sunrise Point has its control register behind its place"
with_registers '0d 00 01 00 1d 00 1d 00 05 00 00 00 00 00 00 00' '86 80 10 a1' |
	groups '00:1c.0 03:00.0' "and not in it"
read_dump "$tmp/dump" -P -o LACKS,REASON
expect_text "and what it lacks is told" 'LACKS="CR,UF"'
expect_no_text "without a parameter, which the kernel does not apply to it" config_acs

# Egress Control of two ports at 0x108: a bit that is clear lets requests to that port pass
egress='0d 00 01 00 3d 02 3d 00'
with_registers "$egress 03 00 00 00 00 00 00 00" |
	groups '00:1c.0 | 03:00.0' "Egress Control may redirect all"
with_registers "$egress 01 00 00 00 00 00 00 00" |
	groups '00:1c.0 03:00.0' "or let some pass"
read_dump "$tmp/dump" -P -o LACKS,REASON
expect_text "and is told as that" \
	'lets some pass; all is redirected by pci=config_acs=x0111x1@0000:00:1c.0'

# The Enhanced capability: memory of ports
enhanced='0d 00 01 00 9d 00'
with_memory() {
	with_registers "$1" | sed '/^10:/s/00 00 00 00/00 00 00 fe/'
}
with_memory "$enhanced 1d 02 00 00 00 00 00 00 00 00" |
	groups '00:1c.0 | 03:00.0' "requests to memory of ports may be redirected"
with_memory "$enhanced 1d 00 00 00 00 00 00 00 00 00" |
	groups '00:1c.0 03:00.0' "or not"
with_memory "$enhanced 00 00 00 00 00 00 00 00 00 00" |
	groups '00:1c.0 | 03:00.0' "where all is off, that counts as Linux sets it too"
with_registers '0d 00 01 00 1d 00 ff ff 00 00 00 00 00 00 00 00' |
	groups '00:1c.0? | 03:00.0?' "a control register of ones is none"

# A port of IDT's, of whose source validation newer kernels make no use: it is not asked for either
quirks=${LINUX:-$here/../../..}/drivers/pci/quirks.c
expected='00:1c.0 03:00.0'
! grep -q '^void pci_disable_broken_acs_cap' "$quirks" || expected='00:1c.0 | 03:00.0'
acs_unvalidated='0d 00 01 00 1d 00 1c 00 00 00 00 00 00 00 00 00'
with_registers "$acs_unvalidated" '1d 11 b5 80' |
	groups "$expected" "source validation that a kernel does not use does not lack"
with_registers "$acs_unvalidated" | groups '00:1c.0 03:00.0' "but that of other ports does"

conclude

#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Options that do not go together, and what is not understood.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
lsiommu -o NAME,BOGUS
expect_error "an unknown column is refused" "there is no column 'BOGUS'"
lsiommu -s bogus
expect_error "what is no address is refused" "'bogus' is no address of a device"
lsiommu -g bogus
expect_error "what is no number is refused" "'bogus' is no number of a group"
lsiommu --check 03:00.0 -P
expect_error "--check and an option of a list are refused" '--check and --pairs do not go together'
lsiommu --check 03:00.0 -n -J
expect_error "also beside JSON, which --check has" '--check and --noheadings do not go together'
lsiommu --watch 03:00.0
expect_error "--watch takes no devices" '--watch takes no DEVICE'
lsiommu --group 3 --check 03:00.0
expect_error "in any order" '--check and --group do not go together'
lsiommu --check --watch 03:00.0
expect_error "--check and --watch are refused" '--check and --watch do not go together'
lsiommu --watch
expect_error "--watch and a copy of /sys are refused" '--watch and --sysroot do not go together'
lsiommu -J -P
expect_error "two ways of printing are refused" '--json and --pairs do not go together'
lsiommu -i "$tmp/missing"
expect_error "a list of names that is not there is an error" "$tmp/missing: No such file"
lsiommu --help
expect "help tells a slot as the man page does" 0 \
	'  -s, --slot SLOT          address as for lspci: [[[[DOMAIN]:]BUS]:][SLOT][.[FUNCTION]]'
lsiommu --check
expect_error "--check without a device is refused" '--check needs DEVICEs'
status=0
"${wrapper[@]}" "$program" --sysroot "$tmp/root" >/dev/full 2>"$tmp/errors" || status=$?
errors=$(cat "$tmp/errors")
expect_error "output that cannot be written is an error" 'could not be written'
status=0
"${wrapper[@]}" "$program" --help >/dev/full 2>"$tmp/errors" || status=$?
errors=$(cat "$tmp/errors")
expect_error "and so is help" 'could not be written'

conclude

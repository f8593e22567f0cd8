#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Words that bash completes.
. "$(dirname "$0")/lib.sh"

"$here/make-sysroot.sh" "$tmp/root" <"$here/switch"
# completes NAME WORD... EXPECTED: after these words as bash has split them, the last one is begun
completes() {
	local name=$1 expected=${*: -1}
	output=$(PATH=$tmp/bin:$PATH bash -c '. "$1"; shift
		compopt() { :; }
		COMP_WORDBREAKS=" :=" COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_lsiommu
		printf "%s\n" "${COMPREPLY[@]}"' \
		- "$here/../lsiommu.bash-completion" "${@:2:$#-2}" 2>"$tmp/errors")
	status=$? errors=$(cat "$tmp/errors")
	expect "$name" 0 "$expected"
}

mkdir "$tmp/bin"
printf '#!/bin/sh\nexec "%s" --sysroot "%s" -i "%s" "$@"\n' "$program" "$tmp/root" "$tmp/pci.ids" \
	>"$tmp/bin/lsiommu"
chmod +x "$tmp/bin/lsiommu"
completes "options are completed" lsiommu --js --json
completes "the second of columns is" lsiommu -o NAME,REA NAME,REASON
completes "an address is" lsiommu --check 0000 0000:00:06.0
completes "an address with colons is, from the last of them on" lsiommu --check 0000 : 00 : 06 06.0
completes "and at a colon" lsiommu --check 0000 : 05 : 00.0
completes "and without its domain" lsiommu --check 0000 : 03 : 00.0 04 : 0 00.0
completes "a slot is" lsiommu -s 0000 : 03 : 0 00.0
completes "a word of a class's name is" lsiommu -c Eth Ethernet
completes "a driver is" lsiommu -k ah ahci

conclude

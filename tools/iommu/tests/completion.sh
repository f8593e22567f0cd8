#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Words that bash, zsh and fish complete.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
# completes NAME WORD... EXPECTED: after these words as bash has split them, the last one is begun
completes() {
	local name=$1 expected=${*: -1}
	# shellcheck disable=SC2016 # bash expands it
	PATH=$tmp/bin:$PATH keep bash -c '. "$1"; shift
		compopt() { :; }
		COMP_WORDBREAKS=" :=" COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_lsiommu
		printf "%s\n" "${COMPREPLY[@]}"' \
		- "$here/../lsiommu.bash-completion" "${@:2:$#-2}"
	expect "$name" 0 "$expected"
}

mkdir "$tmp/bin"
# The search for leaks may not end in a shell's terminal, and other tests have it
printf '#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec "%s" --sysroot "%s" -i "%s" "$@"\n' \
	"$program" "$tmp/root" "$tmp/pci.ids" >"$tmp/bin/lsiommu"
chmod +x "$tmp/bin/lsiommu"
completes "options are completed" lsiommu --js --json
completes "the second of columns is" lsiommu -o NAME,REA NAME,REASON
completes "an address is" lsiommu --check 0000 0000:00:06.0
completes "an address with colons is, from the last of them on" lsiommu --check 0000 : 00 : 06 06.0
completes "and at a colon" lsiommu --check 0000 : 05 : 00.0
completes "and without its domain" lsiommu --check 0000 : 03 : 00.0 04 : 0 00.0
completes "and without --check" lsiommu 0000 : 05 : 00.0
completes "and beside JSON" lsiommu --check -J 0000 : 05 : 00.0
completes "a slot is" lsiommu -s 0000 : 03 : 0 00.0
completes "a word of a class's name is" lsiommu -c Eth Ethernet
completes "a driver is" lsiommu -k ah ahci
completes "the second of drivers is" lsiommu -k none,ah none,ahci
completes "IDs are, from the colon on" lsiommu -d 8086 : 10 10d3

# A shell on a terminal of its own, where the tabulator completes the line, writes it down, and
# ends. zsh itself adds a comma where the list may go on
mkdir "$tmp/zsh"
cp "$here/../lsiommu.zsh-completion" "$tmp/zsh/_lsiommu"
cat >"$tmp/zsh/.zshrc" <<'EOS'
fpath=($ZDOTDIR $fpath)
autoload -U compinit
compinit -u -d $ZDOTDIR/dump
complete() {
	zle complete-word
	print -r -- $BUFFER >$ZDOTDIR/line
	exit
}
zle -N complete
bindkey '^I' complete
EOS
# zsh_completes NAME LINE EXPECTED: at the end of a line that is typed
zsh_completes() {
	rm -f "$tmp/zsh/line"
	# shellcheck disable=SC2016 # zsh expands it
	ZDOTDIR=$tmp/zsh PATH=$tmp/bin:$PATH timeout 20 zsh -f -c 'zmodload zsh/zpty
		zpty shell zsh -d -i
		zpty -w -n shell $1$'"'\\t'"'
		while zpty -r shell; do :; done' - "$2" >"$tmp/errors" 2>&1
	status=$? errors=$(cat "$tmp/errors") output=$(sed 's/[ ,]*$//' "$tmp/zsh/line")
	expect "$1" 0 "lsiommu $3"
}

zsh_completes "zsh completes options" 'lsiommu --js' --json
zsh_completes "zsh completes columns" 'lsiommu -o NAME,REAS' '-o NAME,REASON'
zsh_completes "zsh completes an address" 'lsiommu --check 0000:05' '--check 0000:05:00.0'
zsh_completes "zsh completes a slot without its domain" 'lsiommu -s 05' '-s 05:00.0'
zsh_completes "zsh completes a driver" 'lsiommu -k ah' '-k ahci'
zsh_completes "zsh completes the second of groups" 'lsiommu -g 3,17' '-g 3,17'
zsh_completes "zsh completes IDs" 'lsiommu -d 1b4b' '-d 1b4b:9230'

# fish_completes NAME LINE EXPECTED
fish_completes() {
	# shellcheck disable=SC2016 # fish expands them
	output=$(HOME=$tmp PATH=$tmp/bin:$PATH fish -N -c 'source $argv[1]; complete -C $argv[2]' \
		"$here/../lsiommu.fish-completion" "$2" 2>"$tmp/errors" | cut -f 1)
	status=${PIPESTATUS[0]} errors=$(cat "$tmp/errors")
	expect "$1" 0 "$3"
}

fish_completes "fish completes options" 'lsiommu --js' --json
fish_completes "fish completes columns" 'lsiommu -o NAME,REAS' NAME,REASON
fish_completes "fish completes an address" 'lsiommu --check 0000:05' 0000:05:00.0
fish_completes "fish completes a slot without its domain" 'lsiommu -s 05' 05:00.0
fish_completes "fish completes a driver" 'lsiommu -k ah' ahci
fish_completes "fish completes the second of drivers behind =" \
	'lsiommu --driver=none,ah' --driver=none,ahci

mapfile -t options < <("$program" --help | grep -oE '^ .* --[a-z-]+' |
	grep -oE -- '--[a-z-]+' | tr -d -)
for shell in bash zsh fish; do
	known=$(tr -d - <"$here/../lsiommu.$shell-completion")
	output=$(for option in "${options[@]}"; do
		grep -q -- "$option" <<<"$known" || echo "$option"
	done)
	check "$shell knows all options" [ -z "$output" ]
done

conclude

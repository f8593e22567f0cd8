# SPDX-License-Identifier: GPL-2.0-only
# What the parts of the tests share: PART LSIOMMU [COMMAND...], where COMMAND is put before the
# program, as valgrind. A part prints a line of TAP for each test, and ends with conclude.
# shellcheck shell=bash
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
shift
wrapper=("$@")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# shellcheck disable=SC2034 # for the parts
sys=$tmp/root/sys proc=$tmp/root/proc yes='yes: they can be given to a guest'
export LC_ALL=C.UTF-8
failed=0 tests=0

# A list of IDs of the test's own, so that the names are not those of the day
printf '%s\n' '8086  Intel' $'\t10d3  82574L' '104c  TI' $'\t8233  XIO3130' \
	'C 02  Network controller' $'\t00  Ethernet controller' 'C 06  Bridge' $'\t04  PCI bridge' \
	>"$tmp/pci.ids"

# A part that calls what does not exist fails. Bash runs this in a process of its own, so a file
# tells conclude.
command_not_found_handle() {
	echo "line $(caller): $1: command not found" | tee -a "$tmp/missing" >&2
	return 127
}

# keep COMMAND...: its status, output and errors are kept for what is expected of them
keep() {
	status=0
	output=$("$@" 2>"$tmp/errors") || status=$?
	errors=$(cat "$tmp/errors")
}

# make_root: a tree of what is on standard input, in place of the one before
make_root() {
	rm -rf "$tmp/root"
	"$here/make-sysroot.sh" "$tmp/root"
}

# lsiommu ARGUMENT...: on the tree that was made
lsiommu() {
	keep timeout 60 "${wrapper[@]}" "$program" --sysroot "$tmp/root" -i "$tmp/pci.ids" "$@"
}

report() {
	tests=$((tests + 1))
	if [ "$1" = true ]; then
		echo "ok $tests $2"
		return
	fi
	failed=1
	printf 'not ok %d %s\n' "$tests" "$2"
	printf 'status %s\n%s\n%s\n' "$status" "$output" "$errors" | sed 's/^/# /'
}

# check NAME COMMAND...: which must succeed
check() {
	local name=$1 good=true
	shift
	"$@" || good=false
	report $good "$name"
}

# expect NAME STATUS [LINE...]: the last call's status, and lines that are in what it printed
expect() {
	local name=$1 good=true line
	[ "$status" -eq "$2" ] || good=false
	shift 2
	for line; do
		grep -qxF -- "$line" <<<"$output" || good=false
	done
	report $good "$name"
}

# expect_not NAME LINE...: lines that the last call must not have printed
expect_not() {
	local name=$1 good=true line
	shift
	for line; do
		! grep -qxF -- "$line" <<<"$output" || good=false
	done
	report $good "$name"
}

# expect_text NAME TEXT: somewhere in what the last call printed
expect_text() {
	local good=true
	[[ $output == *"$2"* ]] || good=false
	report $good "$1"
}

expect_no_text() {
	local good=true
	[[ $output != *"$2"* ]] || good=false
	report $good "$1"
}

# holds NAME EXPRESSION: in Python, of the JSON a that the last call printed, or of its groups by
# their IDs
holds() {
	report "$(python3 -c 'import json, sys
a = json.loads(sys.argv[1])
groups = {group["id"]: group for group in a.get("groups", [])}
print(str(bool(eval(f"({sys.argv[2]})"))).lower())' "$output" "$2" 2>"$tmp/errors")" "$1"
	errors=$(cat "$tmp/errors")
}

# expect_error NAME TEXT: the last call failed, and said so
expect_error() {
	local good=true
	{ [ "$status" -eq 2 ] && grep -qF -- "$2" <<<"$errors"; } || good=false
	report $good "$1"
}

conclude() {
	if [ -e "$tmp/missing" ]; then
		keep cat "$tmp/missing"
		report false "all commands of the tests exist"
	fi
	echo "1..$tests"
	exit $failed
}

# SPDX-License-Identifier: GPL-2.0-only
# What the parts of the tests share: PART LSIOMMU [COMMAND...], where COMMAND is put before the program, as
# valgrind. A part prints a line of TAP for each test, and ends with conclude.
# shellcheck shell=bash
set -uo pipefail

# shellcheck disable=SC2034 # for the parts
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "$1")
shift
wrapper=("$@")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export LC_ALL=C.UTF-8
failed=0 tests=0

# A list of IDs of the test's own, so that the names are not those of the day
printf '%s\n' '8086  Intel' $'\t10d3  82574L' '104c  TI' $'\t8233  XIO3130' \
	'C 02  Network controller' $'\t00  Ethernet controller' 'C 06  Bridge' $'\t04  PCI bridge' \
	>"$tmp/pci.ids"

# lsiommu ARGUMENT...: on the tree that was made; status and output are kept
lsiommu() {
	status=0
	output=$(timeout 60 "${wrapper[@]}" "$program" --sysroot "$tmp/root" \
		-i "$tmp/pci.ids" "$@" 2>"$tmp/errors") || status=$?
	errors=$(cat "$tmp/errors")
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

expect_error() {
	local good=true
	{ [ "$status" -eq 2 ] && grep -qF -- "$2" <<<"$errors"; } || good=false
	report $good "$1"
}

conclude() {
	echo "1..$tests"
	exit $failed
}

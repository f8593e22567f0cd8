#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# The Makefile: what it builds with, what it installs, what it says when it cannot.
. "$(dirname "$0")/lib.sh"

# made ARGUMENT...
made() {
	keep env -u CFLAGS -u CPPFLAGS -u WERROR \
		make --no-print-directory -C "$here/.." OUTPUT="$tmp/out/put" "$@"
}

made PKG_CONFIG=no-such-program
expect_error "a missing pkg-config is told, with its package" 'apt install pkgconf'
made PKG_CONFIG=false
expect_error "missing libraries are, with theirs" \
	'apt install libsmartcols-dev libpci-dev libudev-dev libjson-c-dev'
made PKG_CONFIG=false clean
expect "what is clean needs none of them" 0
made -n
expect_no_text "warnings are no errors" -Werror
made -n WERROR=1
expect_text "unless they are to be" -Werror
made -n CPPFLAGS=-D_FORTIFY_SOURCE=2
expect_text "flags of the preprocessor are passed on" -D_FORTIFY_SOURCE=2
made -j 4 CFLAGS=-O0 DESTDIR="$tmp/root" PREFIX=/usr install
expect "it is built in a directory that was not there" 0
output=$(cd "$tmp/root" && find . -type f | sort)
expect "program, man page and completions are installed" 0 ./usr/sbin/lsiommu \
	./usr/share/man/man8/lsiommu.8 ./usr/share/bash-completion/completions/lsiommu \
	./usr/share/zsh/site-functions/_lsiommu ./usr/share/fish/vendor_completions.d/lsiommu.fish
output=$("$tmp/root/usr/sbin/lsiommu" --version)
version=$(make -s -C "$here/.." version)
report "$([[ $output == "lsiommu $version" && $version == [0-9]* ]] && echo true || echo false)" \
	"the version is known"
made DESTDIR="$tmp/root" PREFIX=/usr uninstall
output=$(find "$tmp/root" -type f)
check "and nothing stays when they are removed" [ -z "$output" ]

conclude

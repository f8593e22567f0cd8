# shellcheck shell=bash disable=SC2154
# Sourced: the kernel's make, for the source in $source and the build in $out, by gcc unless $cc names
# another compiler. The build lies in the source and one level down, which makes all paths relative: then
# a second clone finds what the first one compiled in ccache.

# Mainline does without a sparse like Debian's, which does not know __typeof_unqual__, nor that the length of a
# string is a constant
checker="sparse -D__typeof_unqual__=__typeof__ '-D__builtin_strlen(s)=(sizeof(s) - 1)'"

# Guests that run meanwhile have their own sense of time, and come first.
kmake() {
	nice make --no-print-directory -C "$source" O="$out" ARCH="$arch" CROSS_COMPILE="$cross" \
		CC="ccache ${cc:-${cross}gcc}" HOSTCC="ccache gcc" CHECK="$checker" \
		KBUILD_BUILD_TIMESTAMP="$(git -C "$source" log -1 --format=%cD base)" \
		KBUILD_BUILD_USER=iommu-groups KBUILD_BUILD_HOST=localhost \
		-j "${JOBS:-$(nproc)}" "$@"
}

# work_tree DIRECTORY COMMIT: of the composed tree, without files yet. Within at_work_trees.
work_tree() {
	git -C "$linux" worktree prune
	git -C "$linux" worktree add -q --no-checkout --detach "$1" "$2"
}

# at_work_trees COMMAND...: while no other script changes the list of work trees, or one of them
at_work_trees() {
	(
		exec 8>"$build/checkout.lock"
		flock 8
		"$@"
	)
}

# checkout DIRECTORY COMMIT: of the composed tree, with a work tree of its own in DIRECTORY
checkout() {
	at_work_trees checkout_alone "$@"
}

# is_work_tree DIRECTORY: of the composed tree, and not of one that was there before this was moved or copied
is_work_tree() {
	[ -e "$1/.git" ] &&
		[ "$(git -C "$1" rev-parse --path-format=absolute --git-common-dir 2>/dev/null)" -ef "$linux/.git" ]
}

checkout_alone() {
	is_work_tree "$1" || { rm -rf "$1" && need_space "$build" 6 && work_tree "$1" "$2"; } || return
	git -C "$1" checkout -q --detach "$2"
}

# What the series touches, but for files that need more than a guest's configuration
touched() {
	printf '%s\n' drivers/{iommu,vfio,pci,base}/ lib/kobject_uevent.o
	[ ! -e "$source/tools/testing/kunit/Kbuild" ] || echo tools/testing/kunit/
}

# compiles_silently TARGET...: without a warning
compiles_silently() {
	kmake "$@" 2>"$out/log" || { cat "$out/log"; return 1; }
	! grep -E '(warning|error):' "$out/log"
}

# fragments_of FLAVOUR [FRAGMENT...]: the files of configs/ that make a kernel's configuration for $arch, and
# others; of no flavour (plain) what each of them has. The KUnit suites are in all but release.
fragments_of() {
	local names=(guest iommu "$arch")
	case $1 in
	plain) ;;
	release)
		names+=(bench)
		[ "$arch" != x86 ] || names+=(firmware)
		;;
	debug) names+=(debug iommufd-test kunit) ;;
	kunit) names+=(faults iommufd-test kunit) ;;
	kcsan) names+=(kcsan kunit) ;;
	*) die "FLAVOUR=$1" "it can be release, debug, kunit or kcsan" ;;
	esac
	fragments "${names[@]}" "${@:2}"
}

# What all fragments are, for a print
all_fragments() {
	find "$top/configs" "$base_dir" -name '*.config' -print0 | sort -z | xargs -0 cat
}

# configured_by FRAGMENT...: configure $out by what the fragments ask for, and nothing that is on unless told
# otherwise
configured_by() {
	mkdir -p "$out" && cat "$@" >"$out/allconfig" && kmake KCONFIG_ALLCONFIG="$out/allconfig" allnoconfig
}

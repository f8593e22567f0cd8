# shellcheck shell=bash disable=SC2154
# Sourced: the kernel's make, for the source in $source and the build in $out. That lies in the source
# and one level down, which makes all paths relative: then a second clone finds what the first one
# compiled in ccache.

kmake() {
	make --no-print-directory -C "$source" O="$out" CC="ccache gcc" HOSTCC="ccache gcc" \
		KBUILD_BUILD_TIMESTAMP="$(git -C "$source" log -1 --format=%cD base)" \
		KBUILD_BUILD_USER=iommu-groups KBUILD_BUILD_HOST=localhost \
		-j "${JOBS:-$(nproc)}" "$@"
}

# shellcheck shell=bash disable=SC2154
# Sourced: what was built before, and of what.

# Within a run of make test, which names the directory BUILT, nothing is looked at again that was built:
# was_built NAME tells that it was, is_built NAME says so
was_built() {
	[ -n "${BUILT:-}" ] && [ -e "$BUILT/$1" ]
}

is_built() {
	[ -z "${BUILT:-}" ] || : >"$BUILT/$1"
}

# made_from SOURCE FILE...: a print of what a build in SOURCE by these scripts and configurations is made
# from. None is told where files of SOURCE are in no commit.
made_from() {
	local source=$1
	shift
	[ -z "$(git --no-optional-locks -C "$source" status --porcelain)" ] || return 0
	{
		git -C "$source" rev-parse 'HEAD^{tree}'
		cat "$@"
		"${cross}gcc" --version
		"${cross}ld" --version
	} | sha256sum
}

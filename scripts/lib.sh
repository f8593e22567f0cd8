# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts: where things are, how progress and failure are told.

set -euo pipefail
export LC_ALL=C
# Debian's tools, whatever else a user has installed
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=${BUILD:-$top/build}
logs=$build/log
linux=$build/linux
cache=${XDG_CACHE_HOME:-$HOME/.cache}/iommu-groups
package='linux-source-6.12'

export CCACHE_DIR=$cache/ccache
# The guest's architecture. The kernel's make is told of it by name, whatever else it would take from the
# environment.
arch=${ARCH:-x86} cross='' selftests=$build/selftests
case $arch in
x86 | x86_64) arch=x86 default_iommu=intel kernel_image=bzImage ;;
arm64) cross=aarch64-linux-gnu- default_iommu=smmuv3 kernel_image=Image selftests+=-arm64 ;;
esac
unset CROSS_COMPILE
# Variables of this project's make are not for the kernel's
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL MAKE_TERMOUT MAKE_TERMERR

say() {
	printf '%s\n' "$*" >&2
}

# die WHAT [WHY...]: what failed, then a line for each reason or remedy
die() {
	say "error: $1"
	shift
	[ $# -eq 0 ] || printf '       %s\n' "$@" >&2
	exit 1
}

# stage NAME WHAT: a stage begins; ended tells how long it took
stage() {
	stage_name=$1
	stage_start=$SECONDS
	say "$(printf '%-10s %s' "$1" "$2")"
}

ended() {
	say "$(printf '%-10s %s: %d s' "$stage_name" "$1" $((SECONDS - stage_start)))"
}

# logged LOG COMMAND...: output to LOG, a line a minute meanwhile, LOG's end on failure
logged() {
	local log=$1 pid start=$SECONDS status=0
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 $pid 2>/dev/null; do
		sleep 0.2
		if [ $((SECONDS - start)) -ge 60 ]; then
			start=$SECONDS
			# The line may itself be one of these
			say "$(printf '%-10s ... %s' '' "$(tail -n 1 "$log" | sed 's/^ *\.\.\. //' | cut -c 1-100)")"
		fi
	done
	wait $pid || status=$?
	[ $status -ne 0 ] || return 0
	say "error: $1 failed with status $status, the end of $log:"
	tail -n 20 "$log" | sed 's/^/       /' >&2
	return $status
}

# alone WHAT: wait until no other script does that in build/, and keep others waiting until the end
alone() {
	mkdir -p "$build"
	exec 9>"$build/$1.lock"
	flock 9
}

# take_turn: wait until fewer guests run than there are processors, and be one of them until the script
# ends. A guest whose clock runs on while it gets no processor finds tasks that hang.
take_turn() {
	local i
	while true; do
		for ((i = 0; i < $(nproc); i++)); do
			exec 8>"$build/turn-$i.lock"
			! flock -n 8 || return 0
		done
		sleep 0.2
	done
}

# wait_for_all PID...: until each has ended; true if none failed
wait_for_all() {
	local pid status=0
	for pid; do
		wait "$pid" || status=1
	done
	return $status
}

# as_root COMMAND...: by being root, or by sudo; false when neither goes
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
		sudo "$@"
	else
		return 1
	fi
}

# need_space DIRECTORY GIGABYTES
need_space() {
	local free
	mkdir -p "$1"
	free=$(df --output=avail -B 1G "$1" | tail -n 1 | tr -d " ")
	[ "$free" -ge "$2" ] ||
		die "$1 has $free GiB free, $2 GiB are needed" "make room there, or run 'make clean'"
}

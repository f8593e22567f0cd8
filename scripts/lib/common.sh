# shellcheck shell=bash disable=SC2034
# Sourced by the other scripts: where things are, how progress and failure are told.

set -euo pipefail
# The user's language is kept from compilers, whose warnings the checks read, and from ccache, which has all of
# these but LANGUAGE in its keys. LC_ALL would not do alone: the kernel's make takes it away.
export LC_ALL=C LANG=C.UTF-8
unset LANGUAGE LC_CTYPE LC_MESSAGES
# Debian's tools, whatever else a user has installed
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# The kernel that the series is put on: a directory of bases/, which has what differs by base
export BASE=${BASE:-6.12}
base_dir=$top/bases/$BASE
builds=$top/build
# In place of it, for tests: other projects have a variable BUILD
[ -z "${IOMMU_GROUPS_BUILD:-}" ] || {
	builds=$(realpath -ms "$IOMMU_GROUPS_BUILD")
	export IOMMU_GROUPS_BUILD=$builds
}
build=$builds/$BASE
logs=$build/log
linux=$build/linux
cache=${XDG_CACHE_HOME:-$HOME/.cache}/iommu-groups

export CCACHE_DIR=$cache/ccache
# A file is found by the headers that it includes, or compiled. To look for the same preprocessed text first
# takes long, and finds little: kernels differ in headers that most files include.
export CCACHE_DEPEND=1
# The guest's architecture. The kernel's make is told of it by name, whatever else it would take from the
# environment.
arch=${ARCH:-x86} cross='' kernel_image=Image selftests=$build/selftests-$arch
case $arch in
x86 | x86_64) arch=x86 qemu=qemu-system-x86_64 default_iommu=intel kernel_image=bzImage selftests=$build/selftests ;;
arm64) qemu=qemu-system-aarch64 cross=aarch64-linux-gnu- default_iommu=smmuv3 ;;
riscv) qemu=qemu-system-riscv64 cross=riscv64-linux-gnu- default_iommu=riscv ;;
esac
unset CROSS_COMPILE
# Variables of this project's make are not for the kernel's
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL MAKE_TERMOUT MAKE_TERMERR
# Nor is what git takes from its user: signatures, other forms of a diff, and the repository that a hook is of
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$top/scripts/lib/gitconfig
if command -v git >/dev/null; then
	# shellcheck disable=SC2046 # names of variables
	unset $(git rev-parse --local-env-vars)
fi

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

bases() {
	find "$top/bases" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -V
}

grep -qxF -e "$BASE" <<<"$(bases)" || die "BASE=$BASE" "it can be $(bases | paste -s -d , | sed 's/,/ or /g')"

# stage NAME WHAT: a stage begins; ended tells how long it took
stage() {
	stage_name=$1
	stage_start=$SECONDS
	say "$(printf '%-10s %s' "$1" "$2")"
}

ended() {
	say "$(printf '%-10s %s: %d s' "$stage_name" "$1" $((SECONDS - stage_start)))"
}

endings=()
# at_end COMMAND...: run it when the script ends, or the subshell that this is called in, be it by a signal;
# the last one first
at_end() {
	[ "${endings_of:-}" = "$BASHPID" ] || endings=()
	endings_of=$BASHPID
	endings=("$(printf '%q ' "$@")" "${endings[@]}")
	trap run_endings EXIT
}

run_endings() {
	local ending
	for ending in "${endings[@]}"; do
		eval "$ending" || true
	done
}

# kill_tree PID: the process, and all that it started
kill_tree() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v root="$1" '
		# A name may have spaces in it
		{ pid = $1; sub(/^.*\) /, ""); parent[pid] = $2 }
		END {
			for (pid in parent) {
				for (up = pid; up in parent && up != root; up = parent[up])
					;
				if (up == root)
					print pid
			}
		}' | xargs -r kill 2>/dev/null
}

pause_fd=
# pause SECONDS: without a process of its own, of which those who look again and again would start many
pause() {
	# A pipe that nobody writes to, and that does not end either
	[ -n "$pause_fd" ] || exec {pause_fd}<> <(:)
	read -r -t "$1" -u "$pause_fd" || true
}

# logged LOG COMMAND...: output to LOG, a line a minute meanwhile, LOG's end on failure
logged() {
	local log=$1 pid start=$SECONDS status=0
	shift
	mkdir -p "$(dirname "$log")"
	# The shell has what it starts in the background ignore Ctrl-C
	(trap - INT QUIT && "$@") >"$log" 2>&1 </dev/null &
	pid=$!
	# It would keep the locks of a script that is killed
	at_end kill_tree $pid
	while kill -0 $pid 2>/dev/null; do
		pause 0.2
		if [ $((SECONDS - start)) -ge 60 ]; then
			start=$SECONDS
			# The line may itself be one of these
			say "$(printf '%-10s ... %s' '' "$(tail -n 1 "$log" | sed 's/^ *\.\.\. //' | cut -c 1-100)")"
		fi
	done
	wait $pid || status=$?
	endings=("${endings[@]:1}")
	[ $status -ne 0 ] || return 0
	say "error: $1 failed with status $status, the end of $log:"
	tail -n 20 "$log" | sed 's/^/       /' >&2
	return $status
}

# lock FILE: wait until no other script has it, and keep others waiting until the end
lock() {
	mkdir -p "${1%/*}"
	exec 9>"$1"
	flock -w 2 9 || {
		say "$(printf '%-10s %s' '' "waiting for another script, which has $1")"
		flock 9
	}
}

# alone WHAT: let no other script do that in build/ at the same time
alone() {
	lock "$build/$1.lock"
}

# wait_for_all PID...: until each has ended; true if none failed
wait_for_all() {
	local pid status=0
	for pid; do
		wait "$pid" || status=1
	done
	return $status
}

# setting NAME: what the base's file of that name has, without comments
setting() {
	sed 's/#.*//' "$base_dir/$1" | xargs
}

# fragments NAME...: the files of that name in configs/ and in the base's directory
fragments() {
	local name found
	for name; do
		found=$(find "$top/configs" "$base_dir" -name "$name.config")
		[ -n "$found" ] || die "there is no $name.config in configs/ or bases/$BASE"
		echo "$found"
	done
}

# qemu_has DEVICE: QEMU for $arch is there, and emulates it
qemu_has() {
	"$qemu" -device help 2>/dev/null | grep -qF "name \"$1\""
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

# topology NAME: QEMU arguments that make the devices in scripts/topology
topology() {
	sed 's/#.*//' "$top/scripts/topology/$1"
}

# need_space DIRECTORY GIGABYTES
need_space() {
	local free
	mkdir -p "$1"
	free=$(df --output=avail -B 1G "$1" | tail -n 1 | tr -d " ")
	[ "$free" -ge "$2" ] ||
		die "$1 has $free GiB free, $2 GiB are needed" "make room there, or run 'make clean'"
}

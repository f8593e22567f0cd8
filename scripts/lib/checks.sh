# shellcheck shell=bash disable=SC2154
# Sourced: single checks with a line each, and their sum. A script that runs another one with checks
# counts them as its own.

if [ -z "${CHECKS:-}" ]; then
	CHECKS=$(mktemp)
	export CHECKS
	checks_are_mine=1
	at_end rm -f "$CHECKS"
fi

# count RESULT NUMBER
count() {
	local i
	for ((i = 0; i < $2; i++)); do
		echo "$1" >>"$CHECKS"
	done
}

# result RESULT NAME SECONDS: and of which base, where others are tested too
result() {
	printf '%-8s %s (%d s)\n' "$1" "$2${TELL_BASE:+, $BASE}" "$3"
}

# check NAME COMMAND...: passes if COMMAND does, is skipped if it exits with 77; what it prints is
# shown if it fails
check() {
	local name=$1 start=$SECONDS log status=0
	shift
	log=$logs/check-$(tr -c 'a-zA-Z0-9\n' - <<<"$name").log
	mkdir -p "$logs"
	# Appended, for a command that opens /dev/stderr anew would write over what is there
	: >"$log"
	"$@" >>"$log" 2>&1 </dev/null || status=$?
	case $status in
	0)
		count passed 1
		result ok "$name" $((SECONDS - start))
		;;
	77)
		count skipped 1
		result skipped "$name: $(tail -n 1 "$log")" $((SECONDS - start))
		;;
	*)
		count failed 1
		# At once, for other checks may go on beside this one
		printf '%s\n' "$(result FAILED "$name" $((SECONDS - start)); tail -n 40 "$log" | sed 's/^/         /')"
		;;
	esac
}

# has_passed PRINT: before, with that print, which is a line of all that a result depends on, nor is there
# anything of chance in it. What has passed is kept in the file $passed, and done again with AGAIN.
has_passed() {
	[ -n "$1" ] && grep -qsxF "$1" "$passed" || return
	if [ -n "${AGAIN:-}" ]; then
		forget_passed "$1"
		return 1
	fi
	passed_before=$((passed_before + 1))
}

# It may fail this time. Others that run beside this one do the same.
forget_passed() (
	exec 6>"$passed.lock"
	flock 6
	others=$(grep -vxF "$1" "$passed" || true)
	echo "$others" >"$passed"
)

# once PRINT NAME COMMAND...: a check, unless it has passed
once() {
	local print=$1 name=$2
	shift 2
	has_passed "$print" || check "$name" passes "$print" "$@"
}

passes() {
	"${@:2}" && echo "$1" >>"$passed"
}

# tap PRINT NAME COMMAND...: a program that reports as TAP has it: each of its tests counts, and one more for
# its end, which comes when all that its plan has was told. Not done where PRINT has passed; of what has chance
# in it PRINT is empty.
tap() {
	local print=$1 name=$2 start=$SECONDS status=ok report good bad skipped
	shift 2
	! has_passed "$print" || return 0
	report=$("$@") || status=FAILED
	skipped=$(lines '^ok .* # SKIP' "$report")
	good=$(($(lines '^ok ' "$report") - skipped))
	bad=$(lines '^not ok ' "$report")
	# Of a program that dies the rest is missing, or the plan
	grep -q "^1\.\.$((good + bad + skipped))\$" <<<"$report" || status=FAILED
	[ "$good" -gt 0 ] || status=FAILED
	[ "$status" = ok ] || printf '%s\n' "$report"
	account "$print" $status "$good" "$bad" "$skipped"
	result $status "$name: $good passed, $bad failed, $skipped skipped" $((SECONDS - start))
}

# account PRINT STATUS PASSED FAILED SKIPPED: of a program with tests, and its end
account() {
	count passed "$3"
	count failed "$4"
	count skipped "$5"
	case $2 in
	ok)
		count passed 1
		[ -z "$1" ] || echo "$1" >>"$passed"
		;;
	*) count failed 1 ;;
	esac
}

lines() {
	grep -c "$1" <<<"$2" || true
}

# none_died PID...: wait for what goes on beside each other. It ends with 0 also when checks of it failed:
# what does not has died before its end, and counts as one that failed.
none_died() {
	local pid status start=$SECONDS
	for pid; do
		status=0
		wait "$pid" || status=$?
		[ "$status" -ne 0 ] || continue
		count failed 1
		result FAILED "${0##*/}: what ran beside the rest died, status $status" $((SECONDS - start))
	done
}

number_of() {
	grep -c "^$1\$" "$CHECKS" || true
}

passed_before=0
tell_kept() {
	[ "$passed_before" -eq 0 ] || say "$passed_before checks of the same files have passed before"
}

# What others counted is not this script's failure
failed_before=$(number_of failed)

# Ends the script: the sum, unless it counts for the script that runs it, and a status
conclude() {
	local failed
	failed=$(number_of failed)
	tell_kept
	[ -z "${checks_are_mine:-}" ] ||
		echo "$(number_of passed) passed, $failed failed, $(number_of skipped) skipped"
	[ "$failed" -eq "$failed_before" ]
	exit
}

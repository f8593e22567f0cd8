# shellcheck shell=bash disable=SC2154
# Sourced: kunit.py of the composed tree, and what it says of a run.

kunit_py() {
	(cd "$linux" && exec ./tools/testing/kunit/kunit.py "$@")
}

# origin_of_um: a print of what UML's kernel is made from, see lib/built.sh
origin_of_um() {
	local files
	mapfile -t files < <(fragments um)
	made_from "$linux" "$top"/scripts/{suites/kunit-um,lib/kunit.sh,guest/inside/init-um} "${files[@]}"
}

# account_of LOG: kunit.py's of a console, or of what kunit-results printed. By its sum, not its exit status, it is told whether all went well.
account_of() {
	local report status=0
	report=$(kunit_py parse "$1") || status=1
	echo "$report"
	grep -q '^.*Testing complete\. Ran [1-9][0-9]* tests: passed: ' <<<"$report" || status=1
	! grep -qE 'Testing complete.*(failed|crashed|errors):' <<<"$report" || status=1
	return "$status"
}

# kunit_on PRINT PLACE COMMAND...: a check, with lib/checks.sh. Each KUnit case counts, and one more for the end
# of what runs them, without a report. Not done where PRINT has passed.
kunit_on() {
	local print=$1 place=$2 start=$SECONDS status=ok report good bad skipped
	shift 2
	! has_passed "$print" || return 0
	report=$("$@") || status=FAILED
	[ $status = ok ] || printf '%s\n' "$report"
	good=$(cases passed <<<"$report")
	bad=$(cases 'failed|crashed|errors' <<<"$report")
	skipped=$(cases skipped <<<"$report")
	account "$print" $status "$good" "$bad" "$skipped"
	result $status "KUnit on $place: $good passed, $bad failed, $skipped skipped" $((SECONDS - start))
	# Those of scripts/measure/coverage
	sed -n 's/^ *[0-9.]* % of .*lines.*/         &/p' <<<"$report"
}

# cases KIND: how many there are of it, by kunit.py's sum
cases() {
	grep 'Testing complete' | { grep -oE "\\b($1): [0-9]+" || true; } | awk '{ sum += $2 } END { print sum + 0 }'
}

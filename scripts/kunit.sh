# shellcheck shell=bash disable=SC2154
# Sourced: kunit.py of the composed tree, and what it says of a run.

kunit_py() {
	(cd "$linux" && exec ./tools/testing/kunit/kunit.py "$@")
}

# account_of LOG: kunit.py's of a console. By its sum, not its exit status, it is told whether all went well.
account_of() {
	local report status=0
	report=$(kunit_py parse "$1") || status=1
	echo "$report"
	grep -q '^.*Testing complete\. Ran [1-9][0-9]* tests: passed: ' <<<"$report" || status=1
	! grep -qE 'Testing complete.*(failed|crashed|errors):' <<<"$report" || status=1
	return "$status"
}

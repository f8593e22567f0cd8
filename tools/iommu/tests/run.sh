#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh LSIOMMU [COMMAND...]: all parts of the tests one after another, as one. COMMAND is put
# before the program, as valgrind.
set -uo pipefail

here=$(dirname "$0")
for part in list select view columns json dot check check-json host traits lasting none copy \
	options watch completion install less dump dump-mail dump-registers \
	quirks audit; do
	"$here/$part.sh" "$@" || echo "a part failed"
done | awk '
	/^1\.\./ { next }
	/^a part failed$/ { failed = 1; next }
	/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++n) }
	{ print }
	END { print "1.." n; exit failed }'

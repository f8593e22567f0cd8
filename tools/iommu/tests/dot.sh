#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --dot, a picture.
. "$(dirname "$0")/lib.sh"

make_root <"$here/switch"
# is_drawn NAME: GraphViz takes the last output
is_drawn() {
	errors=$(dot -Tdot <<<"$output" 2>&1 >/dev/null) || errors+=' (failed)'
	check "$1" [ -z "$errors" ]
}

lsiommu --dot
is_drawn "GraphViz takes it"
expect "a group is a box of its devices" 0 $'\tsubgraph cluster_5 {' $'\t\tlabel="group 5"' \
	$'\t\t"0000:00:07.0" [label="0000:00:07.0\\nClass 00ff: Device 1234:11e8\\nvfio-pci"]'
expect "a device is below its bridges" 0 \
	$'\t"pci0000:00" -> "0000:00:03.0" -> "0000:01:00.0" -> "0000:02:01.0" -> "0000:04:00.0"'
expect "what is not PCI is below none" 0 $'\t\t"dma.0" [label="other"]'
expect "an arrow goes to the group that is reached" 0 \
	$'\t"0000:00:1d.0" -> "0000:00:1d.1" [ltail=cluster_15, lhead=cluster_16, '\
'arrowhead=normal, style=dashed, color=red, fontcolor=red, constraint=false, label="CR"]'
lsiommu --dot -g 3
is_drawn "GraphViz takes what is selected"
expect_not "other groups are left out" $'\tsubgraph cluster_5 {'
expect "bridges above stay" 0 \
	$'\t"pci0000:00" -> "0000:00:03.0" -> "0000:01:00.0" -> "0000:02:00.0"'
lsiommu --dot -g 15
expect_no_text "an arrow to what is left out is too" lhead
lsiommu --dot -s 03:00.0
expect_text "a picture has what is selected" 03:00.0
expect_no_text "and not what is left out of its group" 04:00.0
lsiommu --dot -g 99
is_drawn "GraphViz takes an empty picture"
expect "which is status 1" 1
printf 'a "\\ & &lt; b' >"$tmp/root/sys/kernel/iommu_groups/5/name"
lsiommu --dot -g 5
is_drawn "GraphViz takes names with what it has a meaning for"
expect "they are quoted" 0 $'\t\tlabel="group 5\\na \\"\\\\ &amp; &amp;lt; b"'
lsiommu --dot --json
expect_error "--dot and --json are refused" '--dot and --json do not go together'
lsiommu --dot -o NAME
expect_error "and so are --dot and columns" '--dot and --output do not go together'

conclude

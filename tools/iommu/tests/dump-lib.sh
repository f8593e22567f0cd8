# SPDX-License-Identifier: GPL-2.0-only
# What the parts that read a dump share: how lspci prints a machine, and what is expected of it.
# shellcheck shell=bash disable=SC2034 # for the parts
. "$(dirname "$0")/lib.sh"

# What is piped into is of this shell, and counts
shopt -s lastpipe

# Flags of ACS, as they are in its registers
all='SrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-'
on='SrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-'
half='SrcValid+ TransBlk- ReqRedir+ CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-'
off='SrcValid- TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-'

port_title='00:1c.0 PCI bridge [0604]: Acme Port [1234:0001] (prog-if 00 [Normal decode])'
card=$'\n03:00.0 Ethernet controller [0200]: Acme Card [1234:0002]
\tCapabilities: [e0] Express (v1) Endpoint, MSI 00'

# acs CONTROL: the capability with all of ACS, and these flags in its control register
acs() {
	printf '\tCapabilities: [148 v1] Access Control Services\n'
	printf '\t\tACSCap:\t%s\n\t\tACSCtl:\t%s\n' "$all" "$1"
}

# port [CONTROL]: a root port, without ACS or with these flags in its control register
port() {
	printf '%s\n' "$port_title" \
		$'\tBus: primary=00, secondary=03, subordinate=03, sec-latency=0' \
		$'\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00'
	[ $# -eq 0 ] || acs "$1"
}

# machine [CONTROL]: one that has it all, an Ethernet card below a root port
machine() {
	port "$@"
	echo "$card"
}

# denied: the machine as a user sees it whom the kernel denies the registers of its port
denied() {
	port | sed 's/Capabilities:.*/Capabilities: <access denied>/'
	echo "$card"
}

# read_dump FILE ARGUMENT...: - is what is on standard input
read_dump() {
	keep timeout 60 "${wrapper[@]}" "$program" -i "$tmp/pci.ids" --dump "$@"
}

# dump ARGUMENT...: of what is on standard input, which stays in a file
dump() {
	cat >"$tmp/dump"
	read_dump "$tmp/dump" "$@"
}

# groups EXPECTED NAME [ARGUMENT...]: members of a group with blanks between, groups with bars; one
# of which registers tell too little has a question mark
groups() {
	local expected=$1 name=$2
	shift 2
	dump -P -o GROUP,ADDRESS,CAUSE,REASON "$@"
	# Fields between quotes: group, address, cause and reason are the even ones
	output=$(awk -F\" '
		{ sub(/^0000:/, "", $4) }
		$8 ~ /not known/ { $4 = $4 "?" }
		{ text[$2] = text[$2] (text[$2] ? " " : "") $4; last = $2 }
		END {
			for (i = 0; i <= last; i++)
				printf "%s%s", i ? " | " : "", text[i]
		}' <<<"$output")
	check "$name" [ "$status: $output" = "0: $expected" ]
}

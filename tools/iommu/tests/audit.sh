#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --audit and --diff: groups that a kernel has formed, and groups of another day.
. "$(dirname "$0")/dump-lib.sh"

no_sv=${on/SrcValid+/SrcValid-}

# counts GROUPS [UNSAFE]: the line that sums up, of an audit that found nothing else
counts() {
	echo "$1 groups: ${2:-0} unsafe, 0 larger than they need be, 0 within reach of others," \
		'0 ports without source validation'
}

# pci ADDRESS CLASS TYPE GROUP [BUSES [ACS]] [DRIVER]: as lspci prints it
pci() {
	printf '%s Acme [%s]: Acme [1234:0001]\n\tStatus: Cap+\n' "$1" "$2"
	[ -z "${5:-}" ] ||
		printf '\tBus: primary=00, secondary=%s, subordinate=%s\n' "${5%-*}" "${5#*-}"
	printf '\tIOMMU group: %s\n\tCapabilities: [40] Express (v2) %s, MSI 00\n' "$4" "$3"
	[ -z "${6:-}" ] || acs "$6"
	[ -z "${7:-}" ] || printf '\tKernel driver in use: %s\n' "$7"
	echo
}

ethernet='(Ethernet controller: Device 1234:0001)'
lacks='lacks ACS: SV,RR,CR,UF'

# audit: of what is on standard input
audit() {
	read_dump - --audit
}

# A switch whose ports have no ACS: Linux 6.12 puts each with what is below it, and both apart
switch() {
	pci 00:01.0 0604 'Root Port (Slot+)' 1 01-04 "$on"
	pci 01:00.0 0604 'Upstream Port' 2 02-04
	pci 02:00.0 0604 'Downstream Port' 3 03-03
	pci 02:01.0 0604 'Downstream Port' 4 04-04
	pci 03:00.0 0200 Endpoint "$1"
	pci 04:00.0 0200 Endpoint "$2"
}

switch 3 4 | audit
expect "what reaches each other and is apart is unsafe" 1 \
	'unsafe: these reach each other past the IOMMU, and are in 2 groups' \
	"  group 3: 0000:03:00.0 $ethernet" \
	"  group 4: 0000:04:00.0 $ethernet" \
	"  switch port 0000:02:00.0 (Device 1234:0001) $lacks; it has no ACS capability" \
	"$(counts 4 1)"
switch 3 4 | sed 's/IOMMU group:/Flags: fast devsel, latency 0, IRQ 16, IOMMU group/' | audit
expect "lspci -v tells them elsewhere" 1 "  group 3: 0000:03:00.0 $ethernet"
switch 3 3 | sed 's/group: 4/group: 3/' | audit
expect "what is together is not" 0 "$(counts 3)"

# A root port with ACS and its card, which one group holds
{
	pci 00:01.0 0604 'Root Port (Slot+)' 1 01-01 "$on"
	pci 01:00.0 0200 Endpoint 1
} | audit
expect "a group that could be apart is larger than it need be" 0 'larger than it need be: group 1' \
	'  0000:00:01.0 could be alone' '  0000:01:00.0 could be alone'

# Of two functions of a root port's slot one lacks ACS: what is below reaches the other
slot() {
	pci 00:01.0 0604 'Root Port (Slot+)' 1 01-01
	pci 00:01.1 0c03 'Root Complex Integrated Endpoint' 2 '' "$on" "$2"
	pci 01:00.0 0200 Endpoint 1 '' '' "$1"
}
slot vfio-pci xhci_hcd | audit
expect "what a user's group reaches is within reach" 1 \
	'within reach: user space has group 1, which reaches group 2, in use by the kernel' \
	"  0000:00:01.0 (Device 1234:0001) $lacks"
slot vfio-pci xhci_hcd | sed '/primary=00/{n;d}' | audit
expect "also where the port's group is not told" 1 \
	'within reach: user space has group 1, which reaches group 2, in use by the kernel'
slot e1000e xhci_hcd | audit
expect "the kernel may reach itself" 0 "$(counts 2)"

source_of() {
	pci 00:01.0 0604 'Root Port (Slot+)' 1 01-01 "$no_sv"
	pci 01:00.0 0200 Endpoint 1 '' '' "$1"
}
root_port='root port 0000:00:01.0 (Device 1234:0001)'
source_of vfio-pci | audit
expect "a port that does not validate sources is told, if user space has what is below" 0 \
	"source validation is off: $root_port, above 0000:01:00.0, which user space has"
source_of e1000e | audit
expect "and not if the kernel has it" 0 "$(counts 1)"
switch 3 4 | grep -v 'IOMMU group' | audit
expect_error "a dump that tells no groups cannot be audited" 'does not tell the groups'
{
	switch 3 4 | grep -v 'IOMMU group'
	printf '[    1.0] pci 0000:%s: Adding to iommu group %s\n' 01:00.0 1 03:00.0 2 04:00.0 3
} | audit
expect "the kernel's log tells them too" 1 "  group 2: 0000:03:00.0 $ethernet"

{ switch 3 4; echo '[    1.0] pci 0000:04:00.0: Adding to iommu group 3'; } | audit
expect "but not if lspci does, for it may be of another boot" 1 \
	"  group 4: 0000:04:00.0 $ethernet"

# Numbers of groups are not compared, members are
switch 3 4 >"$tmp/switch"
read_dump - --policy legacy -J <"$tmp/switch"
echo "$output" >"$tmp/legacy.json"
read_dump - --diff "$tmp/legacy.json" --policy legacy <"$tmp/switch"
expect "nothing has changed" 0
check "and nothing is printed" [ -z "$output" ]
read_dump - --diff "$tmp/legacy.json" <"$tmp/switch"
expect "what is together now and was apart is told" 1 \
	'before: 0000:02:00.0 0000:03:00.0 | 0000:02:01.0 0000:04:00.0' \
	'now:    0000:02:00.0 0000:02:01.0 0000:03:00.0 0000:04:00.0'
switch 3 4 | sed 's/^04:/05:/; s/=04/=05/g' | read_dump - --diff "$tmp/switch"
expect "a device that moved is a new one" 1 'gone: 0000:04:00.0' 'new: 0000:05:00.0'
read_dump - --diff <(cat "$tmp/legacy.json") --policy legacy <"$tmp/switch"
expect "what is compared may come through a pipe" 0
all_of_it='0000:00:01.0 0000:01:00.0 0000:02:00.0 0000:02:01.0 0000:03:00.0 0000:04:00.0'
sed '/Express/s/: .*/: <access denied>/' "$tmp/switch" >"$tmp/denied"
read_dump - --diff "$tmp/denied" <"$tmp/switch"
expect "what a dump does not tell is no change for sure" 1 "not known for sure: $all_of_it"
printf '{"groups": [{"children": [{"name": "%s"}, {"name": "%s"}]},
	{"children": [{"name": "%s"}]}]}' 0000:00:01.0 0000:00:02.0 0000:00:03.0 >"$tmp/old.json"
for number in 1 2 3; do
	pci "00:0$number.0" 0200 Endpoint "$number"
done | read_dump - --diff "$tmp/old.json"
expect "JSON need not have more than names" 1 \
	'before: 0000:00:01.0 0000:00:02.0' 'now:    0000:00:01.0 | 0000:00:02.0'
expect_not "and what has not changed is not told" 'now:    0000:00:03.0'
make_root <"$here/switch"
lsiommu --diff "$tmp/switch"
expect "groups of a kernel are compared with those that a dump tells of its kernel" 1 \
	'now:    0000:02:00.0 0000:02:01.0 0000:03:00.0 0000:04:00.0'
grep -v 'IOMMU group' "$tmp/switch" >"$tmp/untold"
lsiommu --diff "$tmp/untold"
check "and if it tells none, that is said" \
	grep -q 'does not tell the groups of its kernel' <<<"$errors"
lsiommu --diff "$tmp/root"
expect "a copy of /sys is no different from itself" 0
sed -i 's/"groups"/"other"/' "$tmp/legacy.json"
read_dump - --diff "$tmp/legacy.json" <"$tmp/switch"
expect_error "other JSON is refused" 'not what lsiommu -J prints'
read_dump - --diff "$tmp/nothing" <"$tmp/switch"
expect_error "and a file that is not there" 'No such file'

conclude

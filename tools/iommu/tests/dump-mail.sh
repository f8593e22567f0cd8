#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# --dump: what mailers, pages of the web and terminals make of what lspci printed.
. "$(dirname "$0")/dump-lib.sh"

machine "$half" | sed 's/ CmpltRedir/\nCmpltRedir/' |
	groups '00:1c.0 03:00.0' "flags may be wrapped"
machine "$on" | sed 's/(prog-if 00/(prog-if\n00/; s/ ReqRedir/\nReqRedir/' |
	groups '00:1c.0 | 03:00.0' "and the title"
machine "$half" | sed 's/^/> /; s/^> $/>/' | groups '00:1c.0 03:00.0' "lines may be quoted"
machine "$on" | sed 's/^/> > /' | groups '00:1c.0 | 03:00.0' "twice"
machine "$half" | sed 's/^\t*//' | groups '00:1c.0 03:00.0' "indentation may be lost"
machine "$half" | sed 's/$/\r/' | groups '00:1c.0 03:00.0' "lines may end as in DOS"
{
	echo '[    0.1] pci 0000:00:1c.0: [1234:0001] type 01 class 0x060400'
	machine "$on"
	printf '%s\n' '' 'Regards' '--' \
		'Nov 29 12:00:00 host kernel: pci 0000:00:1c.0: PME# supported'
} | groups '00:1c.0 | 03:00.0' "a log may stand around it"
{ machine; echo; machine "$on"; } | groups '00:1c.0 | 03:00.0' "of two dumps the later counts"
{ echo "$port_title"; echo "${card%%$'\t'*}"; echo; machine "$on"; } |
	groups '00:1c.0 | 03:00.0' "a list may precede the details"

machine "$half" | sed 's/^/| /' | groups '00:1c.0 03:00.0' "lines may have a bar before them"
machine "$half" | cat -n | groups '00:1c.0 03:00.0' "or numbers"
machine "$half" | tr '\n' '\r' | groups '00:1c.0 03:00.0' "or end as on old Macs"
machine "$half" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/$/<br>/; 1s/^/<pre>/' |
	groups '00:1c.0 03:00.0' "as from a page of the web"
denied | sed 's/</\&lt;/; s/>/\&gt;/' |
	groups '00:1c.0? | 03:00.0?' "where words in brackets are no tags"
machine "$half" | sed 's/ /\xc2\xa0/g; 1s/^/\xef\xbb\xbf/' |
	groups '00:1c.0 03:00.0' "blanks may be such at which no line is broken"
machine "$half" | iconv -t UTF-16 | groups '00:1c.0 03:00.0' "characters may have 16 bits"
machine "$half" | sed $'s/00:1c/\e[01;31m&\e[m/' | groups '00:1c.0 03:00.0' "or colours"
machine "$half" |
	python3 -c 'import quopri, sys; quopri.encode(sys.stdin.buffer, sys.stdout.buffer, True)' |
	groups '00:1c.0 03:00.0' "a mail may be encoded"
machine "$half" | sed 's/=/=3D/g; s/Access Con/&=\n/; s/^/> /' |
	groups '00:1c.0 03:00.0' "and quoted after that"
machine "$on" | sed 's/secondary=03/secondary=09/; s/subordinate=03/subordinate=09/; s/^03/09/' |
	groups '00:1c.0 | 09:00.0' "a number behind = is no encoded character"

conclude

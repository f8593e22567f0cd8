# SPDX-License-Identifier: GPL-2.0-only
# quirks.awk pci_ids.h quirks.c: the IDs by which the kernel knows functions whose ACS or requester IDs
# are not what their registers say, as tables in C for quirks.c of lsiommu. What the kernel does about each
# is written there, by the names of the kernel's functions, so that a name that is new does not compile.

function fail(message)
{
	print "quirks.awk: " FILENAME ":" FNR ": " message ": lsiommu has to learn this form" >"/dev/stderr"
	failed = 1
	exit 1
}

function trim(text)
{
	gsub(/^[ \t]+|[ \t]+$/, "", text)
	return text
}

# A number, or a name of pci_ids.h
function id(text)
{
	text = trim(text)
	if (text == "PCI_ANY_ID")
		return "ANY_ID"
	if (text in ids)
		return ids[text]
	if (text !~ /^0[xX][0-9a-fA-F]+$/)
		fail("\"" text "\" is no ID")
	return text
}

# Single numbers and ranges of a list, as cases or elements
function list(name, text,    n, parts, i, ends)
{
	lists = lists "static const struct ids " name "[] = {\n"
	n = split(text, parts, ",")
	for (i = 1; i <= n; i++) {
		if (split(parts[i], ends, /\.\.\./) == 1)
			ends[2] = ends[1]
		lists = lists "\t{ " id(ends[1]) ", " id(ends[2]) " },\n"
	}
	lists = lists "\t{ 0, 0 },\n};\n\n"
	found[name] = 1
}

function without_validation(body,    device, form, n, words, i, vendor)
{
	gsub(/"[^"]*"/, "", body)
	device = "pdev->device == [0-9a-zA-Z_]+"
	form = "^\\{ if \\(pdev->vendor == [A-Z_]+ && \\(" device "( \\|\\| " device ")*\\)\\) " \
		"\\{ pci_info\\(pdev, \\); pdev->acs_capabilities &= ~PCI_ACS_SV; \\} $"
	if (body !~ form)
		fail("\"" body "\" is no function that takes source validation")
	n = split(body, words, /[ ()]+/)
	for (i = 1; i <= n; i++) {
		if (words[i] == "pdev->vendor")
			vendor = id(words[i + 2])
		else if (words[i] == "pdev->device")
			fixups = fixups "\t{ " vendor ", " id(words[i + 2]) ", pci_disable_broken_acs_cap },\n"
	}
}

function without_comments(text)
{
	gsub(/\/\*([^*]|\*[^\/])*\*\//, "", text)
	return text
}

FNR == NR {
	if ($1 == "#define" && $2 ~ /^PCI_(VENDOR|DEVICE)_ID_/ && $3 ~ /^0x/)
		ids[$2] = $3
	next
}

# Of a comment of several lines nothing is wanted
/^[ \t]*\/\*/ && !/\*\// { in_comment = 1 }
in_comment { if (/\*\//) in_comment = 0; next }

# { VENDOR, DEVICE, FUNCTION }
/^} pci_dev_acs_enabled\[\] = \{/ { in_table = 1; next }
in_table && /^};/ { in_table = 0; next }
in_table {
	line = trim(without_comments($0))
	if (line == "" || line ~ /^\{ 0 \}/)
		next
	if (line !~ /^\{[^{}]*\},?$/ || split(substr(line, 2), parts, /[,}]/) < 3)
		fail("\"" line "\" is no ACS quirk")
	acs = acs "\t{ " id(parts[1]) ", " id(parts[2]) ", " trim(parts[3]) " },\n"
	next
}

# Lists of IDs in tables, and in the cases of functions that look at more than the table's IDs
/^static const u16 [a-z_]*acs_ids\[\] = \{/ {
	listed = $4
	sub(/\[.*/, "", listed)
	elements = ""
	next
}
listed != "" && /^};/ {
	sub(/,[ \t]*$/, "", elements)
	list(listed, elements)
	listed = ""
	next
}
listed != "" { elements = elements without_comments($0); next }

/^static (bool|int) +pci_quirk_[a-z0-9_]*acs[a-z_]*\(/ {
	of = $0
	sub(/\(.*/, "", of)
	sub(/.*[ ]/, "", of)
	cases = ""
	next
}
of != "" && /^\tcase / {
	line = without_comments($0)
	gsub(/case /, "", line)
	gsub(/:/, ",", line)
	cases = cases line
	next
}
of != "" && /^}/ {
	sub(/,[ \t]*$/, "", cases)
	if (cases != "")
		list(of "_ids", cases)
	of = ""
	next
}

# Requester IDs
/^DECLARE_PCI_FIXUP_(HEADER|EARLY|FINAL)\(/ { declared = "" ; declaring = 1 }
declaring {
	declared = declared $0
	if (!/;/)
		next
	declaring = 0
	if (declared !~ /alias|pcie_root/)
		next
	declared = without_comments(declared)
	sub(/^[A-Z_]*\(/, "", declared)
	sub(/\);.*/, "", declared)
	if (split(declared, parts, ",") != 3)
		fail("\"" declared "\" is no fixup of a requester ID")
	fixups = fixups "\t{ " id(parts[1]) ", " id(parts[2]) ", " trim(parts[3]) " },\n"
	has_aliases = 1
}

# The one function that takes source validation from the capability: the devices of a vendor
/^void pci_disable_broken_acs_cap\(/ { body = "" ; in_body = 1; next }
in_body && /^}/ { in_body = 0; without_validation(body); next }
in_body { body = body trim(without_comments($0)) " "; next }

END {
	if (failed)
		exit 1
	if (acs == "" || !has_aliases) {
		print "quirks.awk: the kernel's tables of quirks are not where they were" >"/dev/stderr"
		exit 1
	}
	printf "%s", lists
	print "static const struct quirk acs_quirks[] = {\n" acs "};\n"
	print "static const struct quirk fixups[] = {\n" fixups "};"
}

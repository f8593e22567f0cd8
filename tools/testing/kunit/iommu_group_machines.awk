# SPDX-License-Identifier: GPL-2.0-only
# C code that holds the files of machines, three beside each other for each: see
# iommu_group_machines.h

BEGIN {
	print "#include <linux/kernel.h>"
	print "#include \"iommu_group_machines.h\"\n"
	print "const struct igt_machine igt_machines[] = {"
}

FNR == 1 {
	name = kind = FILENAME
	sub(/.*\//, "", name)
	sub(/\.[^.]*$/, "", name)
	sub(/.*\./, "", kind)
	if (name != last)
		printf "%s\t{ .name = \"%s\"", last == "" ? "" : " },\n", name
	last = name
	printf ",\n\t  .%s = \"\"", kind
}

{
	gsub(/[\\"]/, "\\\\&")
	printf "\n\t\t\"%s\\n\"", $0
}

END {
	print last == "" ? "" : " },"
	print "};\n"
	print "const int igt_n_machines = ARRAY_SIZE(igt_machines);"
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of which PCI functions share a group, and what is said of it, on
 * fabrics made for it. The rule is told at the head of iommu-group-pci.c.
 */

#include <kunit/test.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_sysfs_view.h"

/* Discovery, in any order */

static struct igt_iommu *pci_iommu(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);

	mock->ops.device_group = pci_device_group;
	return mock;
}

static int discover(struct igt_iommu *mock, struct igt_function *function)
{
	struct device *dev = &function->pdev->dev;
	int ret;

	/* There are tests that do this a hundred thousand times */
	cond_resched();
	scoped_guard(mutex, &iommu_probe_device_lock)
		ret = iommu_fwspec_init(dev, &mock->fwnode);
	return ret ?: iommu_probe_device(dev);
}

static void forget(struct igt_function *function)
{
	iommu_release_device(&function->pdev->dev);
}

static void discover_all(struct kunit *test, struct igt_iommu *mock,
			 struct igt_fabric *fabric, const u16 *order)
{
	int i, ret;

	for (i = 0; i < fabric->n; i++) {
		ret = discover(mock, &fabric->function[order ? order[i] : i]);
		KUNIT_ASSERT_EQ_MSG(test, ret, 0, "%s",
				    fabric->function[order ? order[i] : i].name);
	}
}

static void forget_all(struct igt_fabric *fabric)
{
	int i;

	for (i = 0; i < fabric->n; i++)
		forget(&fabric->function[i]);
}

static void *group_of(struct igt_function *function)
{
	return rcu_access_pointer(function->pdev->dev.iommu_group);
}

/* What is expected: names of functions, groups apart by "|" */

static int class_of(const char *groups, const char *name)
{
	size_t len = strlen(name);
	int class = 0;

	for (;;) {
		groups = skip_spaces(groups);
		if (!*groups)
			return -1;
		if (*groups == '|')
			class++;
		else if (!strncmp(groups, name, len) &&
			 (!groups[len] || groups[len] == ' '))
			return class;
		groups += strcspn(groups, " ");
	}
}

static void expect_groups(struct kunit *test, struct igt_fabric *fabric,
			  const char *groups)
{
	struct igt_function *a, *b, *end = fabric->function + fabric->n;

	for (a = fabric->function; a < end; a++) {
		KUNIT_EXPECT_GE_MSG(test, class_of(groups, a->name), 0,
				    "nothing is expected of %s", a->name);
		for (b = fabric->function; b < a; b++)
			KUNIT_EXPECT_EQ_MSG(test, group_of(a) == group_of(b),
					    class_of(groups, a->name) ==
					    class_of(groups, b->name),
					    "%s and %s", a->name, b->name);
	}
}

static const char *name_of(struct igt_fabric *fabric, const char *word)
{
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (!strcmp(pci_name(fabric->function[i].pdev), word))
			return fabric->function[i].name;
	}
	return word;
}

/* "NAME CAUSE CULPRIT LACK", with the names of the text for those of PCI */
static void describe(struct igt_fabric *fabric, struct igt_function *function,
		     char *line, size_t size)
{
	char buf[128], *rest = buf, *word;
	int len;

	iommu_group_describe_pci(&function->pdev->dev, buf, sizeof(buf));
	len = scnprintf(line, size, "%s", function->name);
	while ((word = strsep(&rest, " ")))
		len += scnprintf(line + len, size - len, " %s",
				 name_of(fabric, word));
}

/* Lines in the order of the functions */
static void expect_causes(struct kunit *test, struct igt_fabric *fabric,
			  const char *causes)
{
	char line[128];
	size_t len;
	int i;

	for (i = 0; i < fabric->n; i++) {
		describe(fabric, &fabric->function[i], line, sizeof(line));
		len = strcspn(causes, "\n");
		KUNIT_EXPECT_TRUE_MSG(test, strlen(line) == len &&
				      !strncmp(line, causes, len),
				      "is \"%s\", should be \"%.*s\"", line,
				      (int)len, causes);
		causes += len;
		causes += *causes == '\n';
	}
	KUNIT_EXPECT_STREQ(test, causes, "");
}

/* The truth table: each kind of junction, isolated and not, and how they stack */

static const struct row {
	const char *desc;
	const char *fabric;
	const char *groups;
	const char *causes;
} rows[] = {
	{
		"a root port with ACS",
		"r 1.0 root acs\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
	}, {
		/* What comes down the port may come from below it */
		"a root port without ACS",
		"r 1.0 root\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r SV,RR,CR,UF\n"
		"e acs r SV,RR,CR,UF\n",
	}, {
		"one flag is missing",
		"r 1.0 root acs=src\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r UF\n"
		"e acs r UF\n",
	}, {
		"two flags are missing",
		"r 1.0 root acs=ru\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r SV,CR\n"
		"e acs r SV,CR\n",
	}, {
		/* What cannot be controlled need not be enabled */
		"ACS that is hard-wired",
		"r 1.0 root hard=srcu\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
	}, {
		"a switch whose ports have ACS",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs\n"
		"      e1 0.0 ep\n",
		"r | u | d0 | e0 | d1 | e1",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"e0 isolated\n"
		"d1 isolated\n"
		"e1 isolated\n",
	}, {
		/* The upstream port is no member of the bus below it */
		"a switch whose ports have none",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down\n"
		"      e1 0.0 ep\n",
		"r | u | d0 e0 d1 e1",
		"r isolated\n"
		"u isolated\n"
		"d0 acs d0 SV,RR,CR,UF\n"
		"e0 acs d0 SV,RR,CR,UF\n"
		"d1 acs d0 SV,RR,CR,UF\n"
		"e1 acs d0 SV,RR,CR,UF\n",
	}, {
		/* What comes from below d1 is routed down d0, with ACS or not */
		"a switch with one port that has none",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down\n"
		"      e1 0.0 ep\n"
		"    d2 2.0 down acs\n",
		"r | u | d0 e0 d1 e1 d2",
		"r isolated\n"
		"u isolated\n"
		"d0 acs d1 SV,RR,CR,UF\n"
		"e0 acs d1 SV,RR,CR,UF\n"
		"d1 acs d1 SV,RR,CR,UF\n"
		"e1 acs d1 SV,RR,CR,UF\n"
		"d2 acs d1 SV,RR,CR,UF\n",
	}, {
		"a switch with ACS below a root port without",
		"r 1.0 root\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs\n",
		"r u d0 e0 d1",
		"r acs r SV,RR,CR,UF\n"
		"u acs r SV,RR,CR,UF\n"
		"d0 acs r SV,RR,CR,UF\n"
		"e0 acs r SV,RR,CR,UF\n"
		"d1 acs r SV,RR,CR,UF\n",
	}, {
		/* Each level for itself: the lower switch is one group of its own */
		"a switch without ACS below one with",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      v 0.0 up\n"
		"        c0 0.0 down\n"
		"          e0 0.0 ep\n"
		"        c1 1.0 down\n"
		"    d1 1.0 down acs\n"
		"      e1 0.0 ep\n",
		"r | u | d0 | v | c0 e0 c1 | d1 | e1",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"v isolated\n"
		"c0 acs c0 SV,RR,CR,UF\n"
		"e0 acs c0 SV,RR,CR,UF\n"
		"c1 acs c0 SV,RR,CR,UF\n"
		"d1 isolated\n"
		"e1 isolated\n",
	}, {
		"an upstream port with an endpoint beside it",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d 0.0 down acs\n"
		"      e 0.0 ep\n"
		"  x 0.1 ep acs\n",
		"r | u d e x",
		"r isolated\n"
		"u multifunction u SV,RR,CR,UF\n"
		"d multifunction u SV,RR,CR,UF\n"
		"e multifunction u SV,RR,CR,UF\n"
		"x multifunction u SV,RR,CR,UF\n",
	}, {
		"a multifunction endpoint without ACS",
		"r 1.0 root acs\n"
		"  e0 0.0 ep\n"
		"  e1 0.1 ep\n",
		"r | e0 e1",
		"r isolated\n"
		"e0 multifunction e0 SV,RR,CR,UF\n"
		"e1 multifunction e0 SV,RR,CR,UF\n",
	}, {
		"a multifunction endpoint with ACS",
		"r 1.0 root acs\n"
		"  e0 0.0 ep acs\n"
		"  e1 0.1 ep acs\n",
		"r | e0 | e1",
		"r isolated\n"
		"e0 isolated\n"
		"e1 isolated\n",
	}, {
		"a multifunction endpoint with ACS on one",
		"r 1.0 root acs\n"
		"  e0 0.0 ep acs\n"
		"  e1 0.1 ep\n",
		"r | e0 e1",
		"r isolated\n"
		"e0 multifunction e1 SV,RR,CR,UF\n"
		"e1 multifunction e1 SV,RR,CR,UF\n",
	}, {
		"root ports of one slot, one of them without ACS",
		"r0 1.0 root acs\n"
		"  e0 0.0 ep\n"
		"r1 1.1 root\n"
		"  e1 0.0 ep\n"
		"r2 2.0 root acs\n"
		"  e2 0.0 ep\n",
		"r0 e0 r1 e1 | r2 | e2",
		"r0 multifunction r1 SV,RR,CR,UF\n"
		"e0 multifunction r1 SV,RR,CR,UF\n"
		"r1 multifunction r1 SV,RR,CR,UF\n"
		"e1 multifunction r1 SV,RR,CR,UF\n"
		"r2 isolated\n"
		"e2 isolated\n",
	}, {
		"slots of a root bus",
		"a 1.0 rcep\n"
		"b 2.0 pci\n"
		"c 3.0 rcep\n",
		"a | b | c",
		"a isolated\n"
		"b isolated\n"
		"c isolated\n",
	}, {
		"a conventional multifunction slot",
		"a 1.0 pci\n"
		"b 1.1 pci\n",
		"a b",
		"a multifunction a SV,RR,CR,UF\n"
		"b multifunction a SV,RR,CR,UF\n",
	}, {
		"a conventional bus",
		"r 1.0 root acs\n"
		"  b 0.0 pcie2pci\n"
		"    x 1.0 pci\n"
		"    y 2.0 pci\n",
		"r | b x y",
		"r isolated\n"
		"b bridge b\n"
		"x bridge b\n"
		"y bridge b\n",
	}, {
		"a conventional bridge on a root bus",
		"b 1.0 pci2pci\n"
		"  x 1.0 pci\n"
		"  y 2.0 pci\n"
		"z 2.0 pci\n",
		"b x y | z",
		"b bridge b\n"
		"x bridge b\n"
		"y bridge b\n"
		"z isolated\n",
	}, {
		/* The topmost bridge is to blame */
		"PCI Express below a conventional bus",
		"r 1.0 root acs\n"
		"  b 0.0 pcie2pci\n"
		"    c 1.0 pci2pcie\n"
		"      e 0.0 ep\n"
		"    y 2.0 pci\n",
		"r | b c e y",
		"r isolated\n"
		"b bridge b\n"
		"c bridge b\n"
		"e bridge b\n"
		"y bridge b\n",
	}, {
		"PCI Express below a root bus's conventional slot",
		"b 1.0 pci2pcie\n"
		"  e 0.0 ep\n",
		"b e",
		"b bridge b\n"
		"e bridge b\n",
	}, {
		/* What is above the IOMMU is out of the reach of what is below */
		"a conventional bus with the IOMMU at its bridge",
		"r 1.0 root\n"
		"  b 0.0 pcie2pci xlate\n"
		"    x 1.0 pci\n"
		"    y 2.0 pci\n",
		"r b | x y",
		"r acs r SV,RR,CR,UF\n"
		"b acs r SV,RR,CR,UF\n"
		"x bridge b\n"
		"y bridge b\n",
	}, {
		"a bridge below a root port without ACS",
		"r 1.0 root\n"
		"  b 0.0 pcie2pci\n"
		"    x 1.0 pci\n",
		"r b x",
		"r acs r SV,RR,CR,UF\n"
		"b acs r SV,RR,CR,UF\n"
		"x acs r SV,RR,CR,UF\n",
	}, {
		/* As AMD's root complexes have it at function 0 of each slot */
		"an inert host bridge beside root ports",
		"h 1.0 host\n"
		"r0 1.1 root acs\n"
		"  e0 0.0 ep\n"
		"r1 1.2 root acs\n",
		"h | r0 | e0 | r1",
		"h isolated\n"
		"r0 isolated\n"
		"e0 isolated\n"
		"r1 isolated\n",
	}, {
		/* One member is left of the slot, so it is a single root port */
		"an inert host bridge beside a root port without ACS",
		"h 1.0 host\n"
		"r 1.1 root\n"
		"  e 0.0 ep\n",
		"h | r e",
		"h isolated\n"
		"r acs r SV,RR,CR,UF\n"
		"e acs r SV,RR,CR,UF\n",
	}, {
		"a host bridge with memory beside a root port",
		"h 1.0 host bar\n"
		"r 1.1 root acs\n"
		"  e 0.0 ep\n",
		"h r e",
		"h multifunction h SV,RR,CR,UF\n"
		"r multifunction h SV,RR,CR,UF\n"
		"e multifunction h SV,RR,CR,UF\n",
	}, {
		"an alias",
		"a 1.0 rcep\n"
		"b 2.0 rcep alias=1.0\n"
		"c 3.0 rcep\n",
		"a b | c",
		"a alias b\n"
		"b alias a\n"
		"c isolated\n",
	}, {
		"an alias of an alias",
		"a 1.0 rcep alias=2.0\n"
		"b 2.0 rcep alias=3.0\n"
		"c 3.0 rcep\n",
		"a b c",
		"a alias b\n"
		"b alias a\n"
		"c alias b\n",
	}, {
		"an alias of one in a slot that is not isolated",
		"a 1.0 rcep alias=2.0\n"
		"b 2.0 rcep\n"
		"c 2.1 rcep\n",
		"a b c",
		"a alias b\n"
		"b multifunction b SV,RR,CR,UF\n"
		"c multifunction b SV,RR,CR,UF\n",
	}, {
		/* The IDs are shared, what is below is not */
		"an alias of a root port with ACS",
		"a 1.0 rcep alias=2.0\n"
		"r 2.0 root acs\n"
		"  e 0.0 ep\n",
		"a r | e",
		"a alias r\n"
		"r alias a\n"
		"e isolated\n",
	}, {
		"virtual functions",
		"r 1.0 root acs\n"
		"  p 0.0 ep\n"
		"  v 0.1 ep vf\n"
		"  w 0.2 ep vf\n",
		"r | p | v | w",
		"r isolated\n"
		"p isolated\n"
		"v isolated\n"
		"w isolated\n",
	}, {
		/* The path above is isolated, though their device is not */
		"virtual functions of a multifunction device",
		"r 1.0 root acs\n"
		"  p 0.0 ep\n"
		"  q 0.1 ep\n"
		"  v 0.2 ep vf\n",
		"r | p q | v",
		"r isolated\n"
		"p multifunction p SV,RR,CR,UF\n"
		"q multifunction p SV,RR,CR,UF\n"
		"v isolated\n",
	}, {
		"virtual functions below a port without ACS",
		"r 1.0 root\n"
		"  p 0.0 ep\n"
		"  v 0.1 ep vf\n",
		"r p v",
		"r acs r SV,RR,CR,UF\n"
		"p acs r SV,RR,CR,UF\n"
		"v acs r SV,RR,CR,UF\n",
	},
};

KUNIT_ARRAY_PARAM_DESC(row, rows, desc);

static void truth_table(struct kunit *test)
{
	const struct row *row = test->param_value;
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, row->fabric);
	u16 *reverse;
	int i;

	discover_all(test, mock, fabric, NULL);
	expect_groups(test, fabric, row->groups);
	expect_causes(test, fabric, row->causes);

	/* What is below a bridge first */
	forget_all(fabric);
	reverse = kunit_kcalloc(test, fabric->n, sizeof(*reverse), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, reverse);
	for (i = 0; i < fabric->n; i++)
		reverse[i] = fabric->n - 1 - i;
	discover_all(test, mock, fabric, reverse);
	expect_groups(test, fabric, row->groups);
	expect_causes(test, fabric, row->causes);
	forget_all(fabric);
}

/*
 * What lspci -xxxx prints of a switch in QEMU, an x3130-upstream with two
 * xio3130-downstream, without the lines of zeros. Its ports have no ACS, the root
 * port has it at 148.
 */
static const char dump_of_a_switch[] =
	"00:03.0 PCI bridge: Red Hat, Inc. QEMU PCIe Root port\n"
	"00: 36 1b 0c 00 07 05 10 00 00 00 04 06 00 00 01 00\n"
	"10: 00 90 30 fe 00 00 00 00 00 02 05 00 10 20 00 00\n"
	"20: a0 fd d0 fd 41 fe 71 fe 00 00 00 00 00 00 00 00\n"
	"30: 00 00 00 00 54 00 00 00 00 00 00 00 0b 01 02 00\n"
	"40: 0d 00 00 00 36 1b 00 00 11 40 00 80 00 00 00 00\n"
	"50: 00 08 00 00 10 48 42 01 00 80 00 00 00 00 00 00\n"
	"60: 04 06 30 00 00 00 11 00 7b 00 02 00 c0 01 00 00\n"
	"70: 00 00 00 00 00 00 00 00 20 00 30 00 00 00 00 00\n"
	"80: 1e 00 00 00 04 00 00 00 00 00 00 00 00 00 00 00\n"
	"100: 01 00 82 14 00 00 00 00 00 00 00 00 30 20 46 00\n"
	"110: 00 00 00 00 00 e0 00 00 a0 02 00 00 00 00 00 00\n"
	"140: 00 00 00 00 00 00 00 00 0d 00 01 00 5f 00 1d 00\n"
	"\n"
	"02:00.0 PCI bridge: Texas Instruments XIO3130 PCI Express Switch (Upstream)\n"
	"00: 4c 10 32 82 07 01 10 00 02 00 04 06 00 00 01 00\n"
	"10: 00 00 00 00 00 00 00 00 02 03 05 00 10 20 00 00\n"
	"20: a0 fd d0 fd 41 fe 71 fe 00 00 00 00 00 00 00 00\n"
	"30: 00 00 00 00 90 00 00 00 00 00 00 00 00 00 02 00\n"
	"70: 05 00 80 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"80: 0d 70 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"90: 10 80 52 00 00 80 00 10 00 00 00 00 11 04 00 00\n"
	"a0: 00 00 11 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"b0: 00 00 00 00 00 00 30 00 00 00 00 00 00 00 00 00\n"
	"100: 01 00 02 00 00 00 00 00 00 00 00 00 30 20 46 00\n"
	"110: 00 00 00 00 00 e0 00 00 a0 02 00 00 00 00 00 00\n"
	"\n"
	"03:00.0 PCI bridge: Texas Instruments XIO3130 PCI Express Switch (Downstream)\n"
	"00: 4c 10 33 82 03 01 10 00 01 00 04 06 00 00 01 00\n"
	"10: 00 00 00 00 00 00 00 00 03 04 04 00 20 20 00 00\n"
	"20: c0 fd d0 fd 61 fe 71 fe 00 00 00 00 00 00 00 00\n"
	"30: 00 00 00 00 90 00 00 00 00 00 00 00 00 00 02 00\n"
	"70: 05 00 80 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"80: 0d 70 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"90: 10 80 62 01 00 80 00 10 00 00 00 00 00 04 00 00\n"
	"a0: 00 00 11 00 7b 00 02 00 c0 01 00 00 00 00 00 00\n"
	"b0: 00 00 00 00 20 00 30 00 00 00 00 00 00 00 00 00\n"
	"100: 01 00 02 00 00 00 00 00 00 00 00 00 30 20 46 00\n"
	"110: 00 00 00 00 00 e0 00 00 a0 02 00 00 00 00 00 00\n"
	"\n"
	"03:01.0 PCI bridge: Texas Instruments XIO3130 PCI Express Switch (Downstream)\n"
	"00: 4c 10 33 82 03 01 10 00 01 00 04 06 00 00 01 00\n"
	"10: 00 00 00 00 00 00 00 00 03 05 05 00 10 10 00 00\n"
	"20: a0 fd b0 fd 41 fe 51 fe 00 00 00 00 00 00 00 00\n"
	"30: 00 00 00 00 90 00 00 00 00 00 00 00 00 00 02 00\n"
	"70: 05 00 80 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"80: 0d 70 00 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"90: 10 80 62 01 00 80 00 10 00 00 00 00 00 04 00 00\n"
	"a0: 00 00 11 00 7b 00 02 00 c0 01 00 00 00 00 00 00\n"
	"b0: 00 00 00 00 20 00 30 00 00 00 00 00 00 00 00 00\n"
	"100: 01 00 02 00 00 00 00 00 00 00 00 00 30 20 46 00\n"
	"110: 00 00 00 00 00 e0 00 00 a0 02 00 00 00 00 00 00\n"
	"\n"
	"04:00.0 Ethernet controller: Intel Corporation 82574L Gigabit Network Connection\n"
	"00: 86 80 d3 10 03 01 10 00 00 00 00 02 00 00 00 00\n"
	"10: 00 00 c4 fd 00 00 c6 fd 01 20 00 00 00 00 c8 fd\n"
	"20: 00 00 00 00 00 00 00 00 00 00 00 00 86 80 00 00\n"
	"30: 00 00 c0 fd c8 00 00 00 00 00 00 00 0b 01 00 00\n"
	"a0: 11 00 04 00 03 00 00 00 03 20 00 00 00 00 00 00\n"
	"c0: 00 00 00 00 00 00 00 00 01 d0 22 00 00 00 00 00\n"
	"d0: 05 e0 80 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"e0: 10 a0 01 00 00 80 00 00 00 00 00 00 11 04 00 00\n"
	"f0: 00 00 11 00 00 00 00 00 00 00 00 00 00 00 00 00\n"
	"100: 01 00 02 14 00 00 00 00 00 00 00 00 30 20 46 00\n"
	"110: 00 00 00 00 00 e0 00 00 a0 00 00 00 00 00 00 00\n"
	"140: 03 00 01 00 57 34 12 ff ff 00 54 52 00 00 00 00\n"
	"\n";

static void dump_of_lspci_is_a_fabric(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric_of_lspci(test, dump_of_a_switch);

	discover_all(test, mock, fabric, NULL);
	expect_groups(test, fabric, "00:03.0 | 02:00.0 | 03:00.0 03:01.0 04:00.0");
	expect_causes(test, fabric,
		      "00:03.0 isolated\n"
		      "02:00.0 isolated\n"
		      "03:00.0 acs 03:00.0 SV,RR,CR,UF\n"
		      "03:01.0 acs 03:00.0 SV,RR,CR,UF\n"
		      "04:00.0 acs 03:00.0 SV,RR,CR,UF\n");
	forget_all(fabric);
}

/* A fabric with some of everything, which no order of discovery may change */

static const char some_of_everything[] =
	"r0 1.0 root acs\n"
	"  u 0.0 up\n"
	"    d0 0.0 down acs\n"
	"      e0 0.0 ep\n"
	"    d1 1.0 down\n"
	"r1 1.1 root acs\n"
	"a 2.0 rcep alias=3.0\n"
	"b 3.0 rcep\n";

static const char groups_of_everything[] = "r0 | u | d0 e0 d1 | r1 | a b";

static void shuffle(struct rnd_state *rnd, u16 *order, int n)
{
	int i, j;

	for (i = n; i > 1; i--) {
		j = prandom_u32_state(rnd) % i;
		swap(order[i - 1], order[j]);
	}
}

static u16 *in_order(struct kunit *test, int n)
{
	u16 *order = kunit_kcalloc(test, n, sizeof(*order), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, order);
	for (i = 0; i < n; i++)
		order[i] = i;
	return order;
}

#define PERMUTED	6	/* functions, the first of the fabric */

static const char small_fabric[] =
	"r 1.0 root acs\n"
	"  u 0.0 up\n"
	"    d0 0.0 down acs\n"
	"      e0 0.0 ep\n"
	"    d1 1.0 down\n"
	"      e1 0.0 ep\n";

static void each_order_gives_the_same_groups(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, small_fabric);
	u16 *order = in_order(test, PERMUTED);
	int nth, left, i, j;

	igt_quieten_console(test);
	for (nth = 0; nth < 6 * 5 * 4 * 3 * 2; nth++) {
		for (i = 0; i < PERMUTED; i++)
			order[i] = i;
		left = nth;
		for (i = PERMUTED; i > 1; i--) {
			j = left % i;
			left /= i;
			swap(order[i - 1], order[j]);
		}
		discover_all(test, mock, fabric, order);
		expect_groups(test, fabric, "r | u | d0 e0 d1 e1");
		forget_all(fabric);
	}
	igt_restore_console(test);
}

static void random_orders_give_the_same_groups(struct kunit *test)
{
	int i, orders = IS_ENABLED(CONFIG_KASAN) ? 100 : 1000;
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, some_of_everything);
	u16 *order = in_order(test, fabric->n);
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	igt_quieten_console(test);
	for (i = 0; i < orders; i++) {
		shuffle(&rnd, order, fabric->n);
		discover_all(test, mock, fabric, order);
		expect_groups(test, fabric, groups_of_everything);
		forget_all(fabric);
	}
	igt_restore_console(test);
}

static bool is_below(struct igt_function *function, struct igt_function *bridge)
{
	for (; function; function = function->bridge) {
		if (function == bridge)
			return true;
	}
	return false;
}

/* Each function goes, with all below it, and comes back */
static void removal_and_return_change_nothing(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, some_of_everything);
	struct igt_function *gone, *function, *end;

	end = fabric->function + fabric->n;
	discover_all(test, mock, fabric, NULL);
	for (gone = fabric->function; gone < end; gone++) {
		for (function = fabric->function; function < end; function++) {
			if (is_below(function, gone))
				forget(function);
		}
		for (function = fabric->function; function < end; function++) {
			if (is_below(function, gone))
				KUNIT_EXPECT_EQ(test, discover(mock, function),
						0);
		}
		expect_groups(test, fabric, groups_of_everything);
	}
	forget_all(fabric);
}

/* A group's file is what the functions are described by, a line each */
static void isolation_is_in_sysfs(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root\n"
						     "  e 0.0 ep\n");
	const char *r = pci_name(fabric->function[0].pdev);
	const char *e = pci_name(fabric->function[1].pdev);
	char expected[128];

	discover_all(test, mock, fabric, NULL);
	snprintf(expected, sizeof(expected),
		 "%s acs %s SV,RR,CR,UF\n%s acs %s SV,RR,CR,UF\n", r, r, e, r);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test,
					       group_of(&fabric->function[0]),
					       "isolation"), expected);
	forget_all(fabric);
}

/* Devices that no topology decided about */
static void isolation_of_other_devices(struct kunit *test)
{
	struct iommu_group *plain = igt_group(test), *group = igt_group(test);
	struct device *dev = igt_device(test, NULL, "igt-plain");
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);

	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, plain, "isolation"), "");
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(plain, dev), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, plain, "isolation"),
			   "igt-plain driver\n");

	mock->group = group;
	igt_client(test, mock, "igt-a");
	igt_client(test, mock, "igt-b");
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "isolation"),
			   "igt-a driver\nigt-b driver\n");
}

/* More than a page of it, of which a reader gets a piece at a time */
static void isolation_of_many_devices(struct kunit *test)
{
	const int devices = 200;	/* of a line of 16 characters */
	struct iommu_group *group = igt_group(test);
	char name[16], expected[32], line[32];
	struct device *dev;
	struct file *file;
	loff_t pos = 0;
	ssize_t len;
	int i;

	for (i = 0; i < devices; i++) {
		snprintf(name, sizeof(name), "igt-%03d-", i);
		dev = igt_device(test, NULL, name);
		KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	}
	file = igt_open_attr(group, "isolation", O_RDONLY);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	for (i = 0; i < devices; i++) {
		len = snprintf(expected, sizeof(expected), "igt-%03d- driver\n",
			       i);
		KUNIT_EXPECT_EQ(test, kernel_read(file, line, len, &pos), len);
		KUNIT_EXPECT_EQ(test, memcmp(line, expected, len), 0);
	}
	KUNIT_EXPECT_EQ(test, kernel_read(file, line, 1, &pos), 0);
	fput(file);
}

/*
 * A function without ACS that comes into a slot whose ports were isolated would
 * make one group of what is below them. It gets none, and they keep theirs.
 */
static void newcomer_that_ties_groups_together_gets_none(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r0 1.0 root acs\n"
						     "  e0 0.0 ep\n"
						     "r1 1.1 root acs\n"
						     "  e1 0.0 ep\n"
						     "x 1.2 rcep\n");
	struct igt_function *x = igt_function(test, fabric, "x");
	int i;

	/* As if it were not there yet */
	list_del(&x->pdev->bus_list);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, discover(mock, &fabric->function[i]), 0);
	list_add_tail(&x->pdev->bus_list, &x->pdev->bus->devices);

	KUNIT_EXPECT_EQ(test, discover(mock, x), -EXDEV);
	KUNIT_EXPECT_NULL(test, group_of(x));
	KUNIT_EXPECT_PTR_NE(test, group_of(&fabric->function[1]),
			    group_of(&fabric->function[3]));
	forget_all(fabric);
}

/*
 * The reference: every pair of functions is looked at by itself. Two are tied by
 * a junction that is not isolated if each is a member or below one; by aliases;
 * and by a bridge that takes over requester IDs. Then the transitive closure.
 */

#define MAX_RANDOM	64

static bool is_type(struct igt_function *function, int type)
{
	return pci_is_pcie(function->pdev) &&
	       pci_pcie_type(function->pdev) == type;
}

static bool reference_acs(struct igt_function *function)
{
	return pci_acs_enabled(function->pdev, PCI_ACS_SV | PCI_ACS_RR |
					       PCI_ACS_CR | PCI_ACS_UF);
}

static bool reference_inert(struct igt_function *function)
{
	return function->pdev->class >> 8 == PCI_CLASS_BRIDGE_HOST &&
	       !function->bars;
}

static bool conventional_below(struct igt_function *bridge)
{
	return !pci_is_pcie(bridge->pdev) ||
	       is_type(bridge, PCI_EXP_TYPE_PCI_BRIDGE);
}

static bool turns_around(struct igt_function *function)
{
	return !function->is_virtfn && !reference_inert(function);
}

/* Are two functions, or one and itself, members of one junction? */
static bool same_junction(struct igt_function *a, struct igt_function *b)
{
	if (a->bridge != b->bridge || !turns_around(a) || !turns_around(b))
		return false;
	if (a == b)
		return is_type(a, PCI_EXP_TYPE_ROOT_PORT) ||
		       is_type(a, PCI_EXP_TYPE_DOWNSTREAM);
	return PCI_SLOT(a->devfn) == PCI_SLOT(b->devfn) ||
	       (is_type(a, PCI_EXP_TYPE_DOWNSTREAM) &&
		is_type(b, PCI_EXP_TYPE_DOWNSTREAM));
}

/* Two members of a junction, of which some member, or the one, has no ACS */
static bool open_junction(struct igt_fabric *fabric, struct igt_function *a,
			  struct igt_function *b)
{
	struct igt_function *c, *end = fabric->function + fabric->n;

	if (!same_junction(a, b))
		return false;
	for (c = fabric->function; c < end; c++) {
		if ((c == a || same_junction(a, c)) && !reference_acs(c))
			return true;
	}
	return false;
}

static bool tied(struct igt_fabric *fabric, struct igt_function *x,
		 struct igt_function *y)
{
	struct igt_function *a, *b;

	if (x->bridge == y->bridge &&
	    (x->alias == y->devfn || y->alias == x->devfn))
		return true;
	for (a = x; a; a = a->bridge) {
		for (b = y; b; b = b->bridge) {
			if (open_junction(fabric, a, b))
				return true;
		}
	}
	/* y below a bridge that speaks for it, x that bridge, or below it too */
	for (b = y->bridge; b; b = b->bridge) {
		if ((conventional_below(b) ||
		     is_type(b, PCI_EXP_TYPE_PCIE_BRIDGE)) && is_below(x, b))
			return true;
	}
	return false;
}

static void close_over(struct igt_fabric *fabric, int *class)
{
	int i, j, k, old;

	for (i = 0; i < fabric->n; i++)
		class[i] = i;
	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < fabric->n; j++) {
			if (class[i] == class[j] ||
			    !tied(fabric, &fabric->function[i],
				  &fabric->function[j]))
				continue;
			old = class[j];
			for (k = 0; k < fabric->n; k++) {
				if (class[k] == old)
					class[k] = class[i];
			}
		}
	}
}

/* A random fabric as text: what may be below what, and words that mean something */
struct writer {
	struct rnd_state rnd;
	char *text;
	size_t len;
	int n;
};

static u32 chance(struct writer *writer, u32 of)
{
	return prandom_u32_state(&writer->rnd) % of;
}

static void write_function(struct writer *writer, int depth, int devfn,
			   const char *kind)
{
	static const char * const acs[] = {
		"", "", " acs", " acs", " acs", " acs=src", " hard=s"
	};

	writer->len += sprintf(writer->text + writer->len, "%*sf%d %x.%x %s%s",
			       2 * depth, "", writer->n, PCI_SLOT(devfn),
			       PCI_FUNC(devfn), kind,
			       acs[chance(writer, ARRAY_SIZE(acs))]);
	if (!chance(writer, 12))
		writer->len += sprintf(writer->text + writer->len,
				       " alias=%x.%x", chance(writer, 4),
				       chance(writer, 3));
	if (PCI_FUNC(devfn) && !strcmp(kind, "ep") && !chance(writer, 3))
		writer->len += sprintf(writer->text + writer->len, " vf");
	writer->len += sprintf(writer->text + writer->len, "\n");
	writer->n++;
}

static void write_bus(struct writer *writer, int depth, const char *above)
{
	static const char * const on_root[] = {
		"host", "rcep", "root", "root", "root", "pci", "pci2pci",
		"pci2pcie"
	};
	static const char * const on_link[] = {
		"ep", "ep", "up", "up", "pcie2pci"
	};
	static const char * const on_conventional[] = {
		"pci", "pci", "pci2pci", "pci2pcie"
	};
	bool below_pci2pcie = !strcmp(above, "pci2pcie");
	bool is_link = !strcmp(above, "root") || !strcmp(above, "down") ||
		       below_pci2pcie;
	int slots = is_link ? 1 : 4;
	int slot, function;
	const char *kind;

	for (slot = 0; slot < slots; slot++) {
		for (function = 0; function < 3; function++) {
			/* Without function 0 the others are not looked for */
			if (function && chance(writer, 2))
				break;
			if (writer->n == MAX_RANDOM)
				return;
			/*
			 * The PCI core expects a link to lead to one bridge, and
			 * no switch below a conventional bus
			 */
			if (below_pci2pcie || (is_link && function))
				kind = "ep";
			else if (!*above)
				kind = on_root[chance(writer, ARRAY_SIZE(on_root))];
			else if (is_link)
				kind = on_link[chance(writer, ARRAY_SIZE(on_link))];
			else if (!strcmp(above, "up"))
				kind = "down";
			else
				kind = on_conventional[chance(writer,
					ARRAY_SIZE(on_conventional))];
			write_function(writer, depth, PCI_DEVFN(slot, function),
				       kind);
			if (depth < 5 && strcmp(kind, "host") &&
			    strcmp(kind, "rcep") && strcmp(kind, "ep") &&
			    strcmp(kind, "pci"))
				write_bus(writer, depth + 1, kind);
		}
	}
}

static void check_random(struct kunit *test, struct igt_iommu *mock,
			 struct writer *writer, u32 seed)
{
	int class[MAX_RANDOM], i, j, wrong = 0;
	struct igt_fabric *fabric;
	u16 order[MAX_RANDOM];

	prandom_seed_state(&writer->rnd, seed);
	writer->len = 0;
	writer->n = 0;
	write_bus(writer, 0, "");
	fabric = igt_fabric(test, writer->text);
	for (i = 0; i < fabric->n; i++)
		order[i] = i;
	shuffle(&writer->rnd, order, fabric->n);
	for (i = 0; i < fabric->n; i++)
		wrong += !!discover(mock, &fabric->function[order[i]]);

	close_over(fabric, class);
	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < i; j++)
			wrong += (group_of(&fabric->function[i]) ==
				  group_of(&fabric->function[j])) !=
				 (class[i] == class[j]);
	}
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "seed %u:\n%s", seed, writer->text);
	forget_all(fabric);
	igt_remove_fabric(test, fabric);
}

static void random_fabrics_are_as_the_reference_has_them(struct kunit *test)
{
	u32 seed, fabrics = IS_ENABLED(CONFIG_KASAN) ? 50 : 2000;
	struct igt_iommu *mock = pci_iommu(test);
	struct writer writer;

	writer.text = kunit_kzalloc(test, MAX_RANDOM * 64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, writer.text);
	igt_quieten_console(test);
	for (seed = 1; seed <= fabrics; seed++)
		check_random(test, mock, &writer, seed);
	igt_restore_console(test);
	kunit_info(test, "seeds 1 to %u\n", fabrics);
}

static struct kunit_case iommu_group_pci_cases[] = {
	KUNIT_CASE_PARAM(truth_table, row_gen_params),
	KUNIT_CASE(dump_of_lspci_is_a_fabric),
	KUNIT_CASE_SLOW(each_order_gives_the_same_groups),
	KUNIT_CASE_SLOW(random_orders_give_the_same_groups),
	KUNIT_CASE(removal_and_return_change_nothing),
	KUNIT_CASE(isolation_is_in_sysfs),
	KUNIT_CASE(isolation_of_other_devices),
	KUNIT_CASE(isolation_of_many_devices),
	KUNIT_CASE(newcomer_that_ties_groups_together_gets_none),
	KUNIT_CASE_SLOW(random_fabrics_are_as_the_reference_has_them),
	{}
};

static struct kunit_suite iommu_group_pci_suite = {
	.name = "iommu_group_pci",
	.suite_init = igt_mount_sysfs,
	.suite_exit = igt_unmount_sysfs,
	.test_cases = iommu_group_pci_cases,
};

kunit_test_suite(iommu_group_pci_suite);

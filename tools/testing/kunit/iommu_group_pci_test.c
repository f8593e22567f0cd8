// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of which PCI functions share a group, and what is said of it, on
 * fabrics made for it. The rule is told at the head of iommu-group-pci.c.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_failslab.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_random_fabric.h"
#include "iommu_group_sysfs_view.h"
#include "iommu_group_truth_table.h"

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

	/* There are tests that do this a hundred thousand times */
	cond_resched();
	return igt_tie(mock, dev) ?: iommu_probe_device(dev);
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

/* What is expected: names of functions, groups apart by "|" or ends of lines */

static int class_of(const char *groups, const char *name)
{
	size_t len;
	int class = 0;

	for (; *groups; groups += len) {
		len = strcspn(groups, " |\n");
		if (len && len == strlen(name) && !strncmp(groups, name, len))
			return class;
		if (*groups == '|' || *groups == '\n')
			class++;
		len = len ?: 1;
	}
	return -1;
}

static void expect_groups(struct kunit *test, struct igt_fabric *fabric,
			  const char *groups)
{
	struct igt_function *a, *b, *function = fabric->function;
	int class[IGT_RANDOM_FUNCTIONS], i, j;

	KUNIT_ASSERT_LE(test, fabric->n, ARRAY_SIZE(class));
	for (i = 0; i < fabric->n; i++) {
		a = &function[i];
		class[i] = class_of(groups, a->name);
		KUNIT_EXPECT_GE_MSG(test, class[i], 0,
				    "nothing is expected of %s", a->name);
		for (j = 0; j < i; j++) {
			b = &function[j];
			KUNIT_EXPECT_EQ_MSG(test, group_of(a) == group_of(b),
					    class[i] == class[j], "%s and %s",
					    a->name, b->name);
		}
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

/* The truth table */

static const void *next_truth(const void *last, char *desc)
{
	const struct igt_truth *row = last ? last + sizeof(*row) :
					     igt_truth_table;

	if (row == &igt_truth_table[igt_truths])
		return NULL;
	strscpy(desc, row->desc, KUNIT_PARAM_DESC_SIZE);
	return row;
}

static void truth_table(struct kunit *test)
{
	const struct igt_truth *row = test->param_value;
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

/* The same by lspci -vvvnn, without most of its lines */
static const char details_of_a_switch[] =
	"00:03.0 PCI bridge [0604]: Red Hat, Inc. QEMU PCIe Root port [1b36:000c] (prog-if 00 [Normal decode])\n"
	"\tControl: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx+\n"
	"\tRegion 0: Memory at fe309000 (32-bit, non-prefetchable)\n"
	"\tBus: primary=00, secondary=02, subordinate=05, sec-latency=0\n"
	"\tCapabilities: [54] Express (v2) Root Port (Slot+), MSI 00\n"
	"\tCapabilities: [148 v1] Access Control Services\n"
	"\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans+\n"
	"\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-\n"
	"\n"
	"02:00.0 PCI bridge [0604]: Texas Instruments XIO3130 PCI Express Switch (Upstream) [104c:8232] (rev 02) (prog-if 00 [Normal decode])\n"
	"\tControl: I/O+ Mem+ BusMaster+ SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx-\n"
	"\tBus: primary=02, secondary=03, subordinate=05, sec-latency=0\n"
	"\tCapabilities: [90] Express (v2) Upstream Port, MSI 00\n"
	"\n"
	"03:00.0 PCI bridge [0604]: Texas Instruments XIO3130 PCI Express Switch (Downstream) [104c:8233] (rev 01) (prog-if 00 [Normal decode])\n"
	"\tControl: I/O+ Mem+ BusMaster- SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx-\n"
	"\tBus: primary=03, secondary=04, subordinate=04, sec-latency=0\n"
	"\tCapabilities: [90] Express (v2) Downstream Port (Slot+), MSI 00\n"
	"\n"
	"03:01.0 PCI bridge [0604]: Texas Instruments XIO3130 PCI Express Switch (Downstream) [104c:8233] (rev 01) (prog-if 00 [Normal decode])\n"
	"\tControl: I/O+ Mem+ BusMaster- SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx-\n"
	"\tBus: primary=03, secondary=05, subordinate=05, sec-latency=0\n"
	"\tCapabilities: [90] Express (v2) Downstream Port (Slot+), MSI 00\n"
	"\n"
	"04:00.0 Ethernet controller [0200]: Intel Corporation 82574L Gigabit Network Connection [8086:10d3]\n"
	"\tControl: I/O+ Mem+ BusMaster- SpecCycle- MemWINV- VGASnoop- ParErr- Stepping- SERR+ FastB2B- DisINTx-\n"
	"\tRegion 0: Memory at fdc40000 (32-bit, non-prefetchable)\n"
	"\tCapabilities: [e0] Express (v1) Endpoint, MSI 00\n"
	"\tCapabilities: [140 v1] Device Serial Number 52-54-00-ff-ff-12-34-57\n"
	"\n";

static const struct dump {
	const char *desc;
	const char *text;
} dumps[] = {
	{ "-xxxx", dump_of_a_switch },
	{ "-vvvnn", details_of_a_switch },
};

KUNIT_ARRAY_PARAM_DESC(dump, dumps, desc);

static void dump_of_lspci_is_a_fabric(struct kunit *test)
{
	const struct dump *dump = test->param_value;
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric_of_lspci(test, dump->text);

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

/*
 * Two root complexes, as a machine with two sockets has them, whose buses have
 * numbers of their own. There an endpoint with two functions, of which one has no
 * ACS; a host bridge beside its port is inert for it has no region.
 */
static const char details_of_two_sockets[] =
	"0000:00:01.0 PCI bridge: A (prog-if 00 [Normal decode])\n"
	"\tBus: primary=00, secondary=01, subordinate=01, sec-latency=0\n"
	"\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n"
	"\n"
	"0000:01:00.0 Ethernet controller: B\n"
	"\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n"
	"\n"
	"0000:80:01.0 Host bridge: C\n"
	"\n"
	"0000:80:01.1 PCI bridge: D (prog-if 00 [Normal decode])\n"
	"\tBus: primary=80, secondary=81, subordinate=81, sec-latency=0\n"
	"\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00\n"
	"\tCapabilities: [148 v1] Access Control Services\n"
	"\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans+\n"
	"\t\tACSCtl:\tSrcValid+ TransBlk- ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans-\n"
	"\n"
	"0000:81:00.0 Ethernet controller: E\n"
	"\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n"
	"\tCapabilities: [148 v1] Access Control Services\n"
	"\t\tACSCap:\tSrcValid- TransBlk- ReqRedir+ CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-\n"
	"\t\tACSCtl:\tSrcValid- TransBlk- ReqRedir- CmpltRedir- UpstreamFwd- EgressCtrl- DirectTrans-\n"
	"\n"
	"0000:81:00.1 Ethernet controller: F\n"
	"\tRegion 0: Memory at fdc40000 (32-bit, non-prefetchable)\n"
	"\tCapabilities: [40] Express (v2) Endpoint, MSI 00\n";

/* E could redirect requests and does not, F has no ACS: the first of them is named */
static void dump_of_two_sockets_has_two_roots(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric;

	fabric = igt_fabric_of_lspci(test, details_of_two_sockets);
	discover_all(test, mock, fabric, NULL);
	expect_groups(test, fabric, "0000:00:01.0 0000:01:00.0\n"
				    "0000:80:01.0\n"
				    "0000:80:01.1\n"
				    "0000:81:00.0 0000:81:00.1\n");
	expect_causes(test, fabric,
		      "0000:00:01.0 acs 0000:00:01.0 SV,RR,CR,UF\n"
		      "0000:01:00.0 acs 0000:00:01.0 SV,RR,CR,UF\n"
		      "0000:80:01.0 isolated\n"
		      "0000:80:01.1 isolated\n"
		      "0000:81:00.0 multifunction 0000:81:00.0 RR\n"
		      "0000:81:00.1 multifunction 0000:81:00.0 RR\n");
	forget_all(fabric);
}

/* A fabric with some of everything, which no order of discovery may change */

static const char some_of_everything[] =
	/* A switch that one port opens, with another switch below it */
	"r0 1.0 root acs\n"
	"  u0 0.0 up\n"
	"    d00 0.0 down acs\n"
	"      e00 0.0 ep\n"
	"    d01 1.0 down\n"
	"      e01 0.0 ep\n"
	"    d02 2.0 down acs\n"
	"      u1 0.0 up\n"
	"        d10 0.0 down acs\n"
	"          e10 0.0 ep\n"
	"        d11 1.0 down acs\n"
	"          e11 0.0 ep\n"
	/* A switch that is isolated, with endpoints and bridges that are not */
	"r1 1.1 root acs\n"
	"  u2 0.0 up\n"
	"    d20 0.0 down acs\n"
	"      e20 0.0 ep acs\n"
	"      e21 0.1 ep acs\n"
	"    d21 1.0 down acs\n"
	"      e22 0.0 ep acs\n"
	"      e23 0.1 ep\n"
	"    d22 2.0 down acs\n"
	"      b0 0.0 pcie2pci\n"
	"        p0 0.0 pci\n"
	"        b1 1.0 pci2pci\n"
	"          p1 0.0 pci\n"
	"        b2 2.0 pci2pcie\n"
	"          e24 0.0 ep\n"
	/* A slot that one port opens */
	"r2 2.0 root acs\n"
	"  e30 0.0 ep\n"
	"r3 2.1 root\n"
	"  e31 0.0 ep\n"
	"r4 2.2 root acs\n"
	/* A slot whose first function is inert, and virtual functions */
	"h 3.0 host\n"
	"r5 3.1 root acs\n"
	"  e50 0.0 ep\n"
	"  v0 0.1 ep vf\n"
	"  v1 0.2 ep vf\n"
	"r6 3.2 root acs\n"
	"  e60 0.0 ep\n"
	/* Aliases, the last of a port, and a conventional slot */
	"a0 4.0 rcep alias=5.0\n"
	"a1 5.0 rcep alias=6.0\n"
	"a2 6.0 rcep\n"
	"a3 7.0 rcep alias=8.0\n"
	"r7 8.0 root acs\n"
	"  e70 0.0 ep\n"
	"c0 9.0 pci\n"
	"c1 9.1 pci\n";

static const char groups_of_everything[] =
	"r0 | u0 | d00 e00 d01 e01 d02 u1 d10 e10 d11 e11\n"
	"r1 | u2 | d20 | e20 | e21 | d21 | e22 e23 | d22 | b0 p0 b1 p1 b2 e24\n"
	"r2 e30 r3 e31 r4\n"
	"h | r5 | e50 | v0 | v1 | r6 | e60\n"
	"a0 a1 a2 | a3 r7 | e70 | c0 c1\n";

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
	/* In a guest without KVM it takes long */
	int i, orders = IS_ENABLED(CONFIG_UML) ? 1000 : 15;
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

/* Each function goes, with all below it, and comes back; in the end all groups go */
static void removal_and_return_change_nothing(struct kunit *test)
{
	int id = igt_lowest_free_id(test);
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, some_of_everything);
	struct igt_function *gone, *function, *end;

	end = fabric->function + fabric->n;
	discover_all(test, mock, fabric, NULL);
	for (gone = fabric->function; gone < end; gone++) {
		for (function = fabric->function; function < end; function++) {
			if (igt_is_below(function, gone))
				forget(function);
		}
		for (function = fabric->function; function < end; function++) {
			if (igt_is_below(function, gone))
				KUNIT_EXPECT_EQ(test, discover(mock, function),
						0);
		}
		expect_groups(test, fabric, groups_of_everything);
	}
	forget_all(fabric);
	KUNIT_EXPECT_EQ(test, igt_lowest_free_id(test), id);
}

/* So it is when the PCI core takes it off its bus, and finds it anew */
static void unplug_and_replug_change_nothing(struct kunit *test)
{
	struct igt_function *gone, *function, *end;
	struct igt_iommu *mock;
	struct igt_fabric *fabric;
	int id;

	mock = pci_iommu(test);
	fabric = igt_fabric(test, some_of_everything);
	igt_rescan_fabric(fabric);
	if (fabric->renumbered)
		kunit_skip(test, "needs buses that keep their numbers");
	id = igt_lowest_free_id(test);
	end = fabric->function + fabric->n;
	discover_all(test, mock, fabric, NULL);
	igt_quieten_console(test);
	for (gone = fabric->function; gone < end; gone++) {
		/* It is not scanning that finds those in the end */
		if (gone->is_virtfn)
			continue;
		igt_unplug_function(fabric, gone);
		igt_rescan_fabric(fabric);
		for (function = fabric->function; function < end; function++) {
			KUNIT_ASSERT_NOT_NULL_MSG(test, function->pdev,
						  "%s after %s came back",
						  function->name, gone->name);
			if (igt_is_below(function, gone))
				KUNIT_EXPECT_EQ_MSG(test,
						    discover(mock, function), 0,
						    "%s", function->name);
		}
		expect_groups(test, fabric, groups_of_everything);
	}
	igt_restore_console(test);
	forget_all(fabric);
	KUNIT_EXPECT_EQ(test, igt_lowest_free_id(test), id);
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

#define LARGER	"lacks ACS, which iommu.isolation=legacy does not see"
#define INERT	"is inert and has an IOMMU group of its own"

/* Once, and with the culprit, however many devices there are in the group */
static void group_that_was_smaller_is_logged(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  u 0.0 up\n"
						     "    d0 0.0 down acs\n"
						     "      e0 0.0 ep\n"
						     "    d1 1.0 down\n"
						     "      e1 0.0 ep\n");
	struct igt_function *d1 = igt_function(test, fabric, "d1");
	struct kmsg_dump_iter log = igt_log();
	char line[80];

	discover_all(test, mock, fabric, NULL);
	snprintf(line, sizeof(line), "because %s " LARGER, pci_name(d1->pdev));
	KUNIT_EXPECT_EQ(test, igt_logged(log, LARGER), 1);
	KUNIT_EXPECT_EQ(test, igt_logged(log, line), 1);
	forget_all(fabric);
}

/* All below a port without ACS have always been together */
static void group_that_is_as_it_was_is_not_logged(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root\n"
						     "  e0 0.0 ep\n"
						     "  e1 0.1 ep\n"
						     "h 2.0 host\n");
	struct kmsg_dump_iter log = igt_log();

	discover_all(test, mock, fabric, NULL);
	KUNIT_EXPECT_EQ(test, igt_logged(log, LARGER), 0);
	KUNIT_EXPECT_EQ(test, igt_logged(log, INERT), 0);
	forget_all(fabric);
}

/* Legacy had it with the functions of its slot that have no ACS, as it has none */
static void inert_function_that_was_not_alone_is_logged(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "h 1.0 host\n"
						     "a 1.1 root acs\n"
						     "b 1.2 root\n");
	struct igt_function *b = igt_function(test, fabric, "b");
	struct kmsg_dump_iter log = igt_log();
	char line[128];

	discover_all(test, mock, fabric, NULL);
	snprintf(line, sizeof(line),
		 INERT ", where iommu.isolation=legacy has it with %s",
		 pci_name(b->pdev));
	KUNIT_EXPECT_EQ(test, igt_logged(log, INERT), 1);
	KUNIT_EXPECT_EQ(test, igt_logged(log, line), 1);
	forget_all(fabric);
}

/* As if a function were not there, and as if it came now */

static void put_on_bus(void *data)
{
	struct pci_dev *pdev = data;

	list_add_tail(&pdev->bus_list, &pdev->bus->devices);
}

static void show(struct kunit *test, struct igt_function *function)
{
	kunit_release_action(test, put_on_bus, function->pdev);
}

/* Until show(), or the test's end, where the fabric is removed by its buses */
static void hide(struct kunit *test, struct igt_function *function)
{
	list_del(&function->pdev->bus_list);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, put_on_bus,
							function->pdev), 0);
}

/*
 * A port without ACS that comes into a slot whose port was isolated would make
 * one group of that and what is below it. It gets none, and they keep theirs. So
 * does what is below the newcomer: its requests can turn around there.
 */
static void newcomer_that_ties_groups_together_gets_none(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n"
						     "x 1.1 root\n"
						     "  f 0.0 ep\n");
	struct igt_function *r = igt_function(test, fabric, "r");
	struct igt_function *e = igt_function(test, fabric, "e");
	struct igt_function *x = igt_function(test, fabric, "x");
	struct igt_function *f = igt_function(test, fabric, "f");

	hide(test, x);
	KUNIT_EXPECT_EQ(test, discover(mock, r), 0);
	KUNIT_EXPECT_EQ(test, discover(mock, e), 0);
	show(test, x);

	KUNIT_EXPECT_EQ(test, discover(mock, x), -EXDEV);
	KUNIT_EXPECT_NULL(test, group_of(x));
	KUNIT_EXPECT_EQ(test, discover(mock, f), -EXDEV);
	KUNIT_EXPECT_NULL(test, group_of(f));
	KUNIT_EXPECT_PTR_NE(test, group_of(r), group_of(e));

	/* With them gone nobody is apart any more */
	forget(e);
	KUNIT_EXPECT_EQ(test, discover(mock, x), 0);
	KUNIT_EXPECT_EQ(test, discover(mock, f), 0);
	KUNIT_EXPECT_EQ(test, discover(mock, e), 0);
	expect_groups(test, fabric, "r e x f");
	forget_all(fabric);
}

/* Neither has the slot's other port to be in a group for that */
static void newcomer_beside_a_port_without_group_gets_none(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  u 0.0 up\n"
						     "    d 0.0 down acs\n"
						     "      e 0.0 ep\n"
						     "x 1.1 root\n");
	struct igt_function *e = igt_function(test, fabric, "e");
	struct igt_function *x = igt_function(test, fabric, "x");

	hide(test, x);
	KUNIT_EXPECT_EQ(test, discover(mock, e), 0);
	show(test, x);
	KUNIT_EXPECT_EQ(test, discover(mock, x), -EXDEV);
	forget_all(fabric);
}

/*
 * When the function that took the isolation from a slot goes, what comes next is
 * isolated. Then the former cannot come back.
 */
static void newcomer_that_was_there_before_gets_none(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n"
						     "x 1.1 rcep\n");
	struct igt_function *r = igt_function(test, fabric, "r");
	struct igt_function *e = igt_function(test, fabric, "e");
	struct igt_function *x = igt_function(test, fabric, "x");

	discover_all(test, mock, fabric, NULL);
	expect_groups(test, fabric, "r e x");
	forget(x);
	hide(test, x);
	forget(e);
	KUNIT_EXPECT_EQ(test, discover(mock, e), 0);
	KUNIT_EXPECT_PTR_NE(test, group_of(r), group_of(e));
	show(test, x);
	KUNIT_EXPECT_EQ(test, discover(mock, x), -EXDEV);
	forget_all(fabric);
}

/* What made a group goes, and one of its other functions goes and comes back */
static void lose_cause_and_replug(struct kunit *test, struct igt_iommu *mock,
				  struct igt_function *cause,
				  struct igt_function *function)
{
	forget(cause);
	hide(test, cause);
	forget(function);
	KUNIT_EXPECT_EQ(test, discover(mock, function), 0);
}

/*
 * e and f are in one slot that has no ACS. While x was there the root port made
 * them one with it, and e is only known by the root port since.
 */
static void group_stays_whole_without_its_cause(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n"
						     "  f 0.1 ep\n"
						     "x 1.1 rcep\n");
	struct igt_function *r = igt_function(test, fabric, "r");
	struct igt_function *e = igt_function(test, fabric, "e");
	struct igt_function *f = igt_function(test, fabric, "f");
	struct igt_function *x = igt_function(test, fabric, "x");

	discover_all(test, mock, fabric, NULL);
	expect_groups(test, fabric, "r e f x");
	lose_cause_and_replug(test, mock, x, f);
	KUNIT_EXPECT_PTR_EQ(test, group_of(f), group_of(e));

	/* With nobody left there who was one with the root port it is apart */
	forget(e);
	forget(f);
	KUNIT_EXPECT_EQ(test, discover(mock, f), 0);
	KUNIT_EXPECT_EQ(test, discover(mock, e), 0);
	KUNIT_EXPECT_PTR_EQ(test, group_of(f), group_of(e));
	KUNIT_EXPECT_PTR_NE(test, group_of(f), group_of(r));
	show(test, x);
	forget_all(fabric);
}

/* y and z have one requester ID, which two groups must not share */
static void requester_id_stays_in_one_group(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  b 0.0 pcie2pci\n"
						     "    y 1.0 pci\n"
						     "    z 2.0 pci\n"
						     "x 1.1 rcep\n");
	struct igt_function *y = igt_function(test, fabric, "y");
	struct igt_function *z = igt_function(test, fabric, "z");
	struct igt_function *x = igt_function(test, fabric, "x");

	discover_all(test, mock, fabric, NULL);
	expect_groups(test, fabric, "r b y z x");
	lose_cause_and_replug(test, mock, x, z);
	KUNIT_EXPECT_PTR_EQ(test, group_of(z), group_of(y));
	show(test, x);
	forget_all(fabric);
}

/* What is below an IOMMU of its own is out of the newcomer's reach */
static void newcomer_above_another_iommu_joins(struct kunit *test)
{
	struct igt_iommu *mock = pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  b 0.0 pcie2pci xlate\n"
						     "    e 0.0 pci\n"
						     "x 1.1 rcep\n");
	struct igt_function *r = igt_function(test, fabric, "r");
	struct igt_function *e = igt_function(test, fabric, "e");
	struct igt_function *x = igt_function(test, fabric, "x");

	hide(test, x);
	KUNIT_EXPECT_EQ(test, discover(mock, r), 0);
	KUNIT_EXPECT_EQ(test, discover(mock, e), 0);
	show(test, x);
	KUNIT_EXPECT_EQ(test, discover(mock, x), 0);
	KUNIT_EXPECT_PTR_EQ(test, group_of(x), group_of(r));
	KUNIT_EXPECT_PTR_NE(test, group_of(x), group_of(e));
	forget_all(fabric);
}

/* Nor does what failed to get into a group keep a newcomer out */

struct discovery {
	struct igt_attempt attempt;
	struct igt_iommu *mock;
	struct igt_function *function;
	struct igt_function *newcomer;
};

static int act_discover(struct igt_attempt *attempt)
{
	struct discovery *discovery;

	discovery = container_of(attempt, struct discovery, attempt);
	return discover(discovery->mock, discovery->function);
}

static void undo_discover(struct igt_attempt *attempt)
{
	forget(container_of(attempt, struct discovery, attempt)->function);
}

static int discover_newcomer(struct kunit *test, struct discovery *discovery)
{
	int ret;

	show(test, discovery->newcomer);
	ret = discover(discovery->mock, discovery->newcomer);
	forget(discovery->newcomer);
	hide(test, discovery->newcomer);
	return ret;
}

static void check_nothing_is_left(struct kunit *test,
				  struct igt_attempt *attempt)
{
	struct discovery *discovery;

	discovery = container_of(attempt, struct discovery, attempt);
	/* The fwspec stays when the probing is not begun */
	forget(discovery->function);
	KUNIT_EXPECT_NULL(test, group_of(discovery->function));
	KUNIT_EXPECT_EQ(test, discover_newcomer(test, discovery), 0);

	/* Nor anything half-made that would hide what comes next */
	KUNIT_EXPECT_EQ(test, act_discover(attempt), 0);
	KUNIT_EXPECT_EQ(test, discover_newcomer(test, discovery), -EXDEV);
	forget(discovery->function);
}

/* Of @name, when that of @before is known, if that is not NULL; then comes x */
static void fail_discovery(struct kunit *test, const char *text,
			   const char *before, const char *name)
{
	struct discovery discovery = {
		.attempt = {
			.act = act_discover,
			.undo = undo_discover,
			.check_unchanged = check_nothing_is_left,
		},
	};
	struct igt_fabric *fabric;

	igt_need_failslab(test);
	fabric = igt_fabric(test, text);
	discovery.mock = pci_iommu(test);
	discovery.function = igt_function(test, fabric, name);
	discovery.newcomer = igt_function(test, fabric, "x");

	hide(test, discovery.newcomer);
	if (before)
		KUNIT_ASSERT_EQ(test, discover(discovery.mock,
					       igt_function(test, fabric, before)),
				0);
	igt_fail_each_allocation(test, &discovery.attempt);
	show(test, discovery.newcomer);
	forget_all(fabric);
}

static void failed_allocation_leaves_no_anchor(struct kunit *test)
{
	fail_discovery(test, "r 1.0 root acs\n"
			     "  u 0.0 up\n"
			     "    d 0.0 down acs\n"
			     "      e 0.0 ep\n"
			     "x 1.1 root\n", NULL, "e");
}

/*
 * The anchor of b is there already, for e, whose way ends at b's IOMMU. The rest
 * of b's own way is there as long as b is in a group, and is there whole.
 */
static void failed_allocation_leaves_no_way(struct kunit *test)
{
	fail_discovery(test, "r 1.0 root acs\n"
			     "  u 0.0 up\n"
			     "    d 0.0 down acs\n"
			     "      b 0.0 pcie2pci xlate\n"
			     "        e 0.0 pci\n"
			     "x 1.1 root\n", "e", "b");
}

/*
 * The reference: every pair of functions is looked at by itself. Two are tied by
 * a junction that is not isolated if each is a member or below one; by aliases;
 * and by a bridge that takes over requester IDs. Then the transitive closure.
 */

static bool is_type(struct igt_function *function, int type)
{
	return pci_is_pcie(function->pdev) &&
	       pci_pcie_type(function->pdev) == type;
}

/* What a capability does not offer is hard-wired to be on */
static bool all_acs_is_on(struct pci_dev *pdev)
{
	int acs = pci_find_ext_capability(pdev, PCI_EXT_CAP_ID_ACS);
	u16 can, is;

	if (!acs)
		return false;
	pci_read_config_word(pdev, acs + PCI_ACS_CAP, &can);
	pci_read_config_word(pdev, acs + PCI_ACS_CTRL, &is);
	return !(can & ~is & (PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR |
			      PCI_ACS_UF));
}

/*
 * What leaves a conventional bus is never checked. Of PCI Express, root and
 * downstream ports have another way out than up, so has a function with others
 * in its device; the rest needs no ACS. No quirk is for a fabric's functions.
 */
static bool reference_acs(struct igt_function *function)
{
	if (!pci_is_pcie(function->pdev) ||
	    is_type(function, PCI_EXP_TYPE_PCI_BRIDGE) ||
	    is_type(function, PCI_EXP_TYPE_PCIE_BRIDGE))
		return false;
	if (is_type(function, PCI_EXP_TYPE_ROOT_PORT) ||
	    is_type(function, PCI_EXP_TYPE_DOWNSTREAM) ||
	    function->multifunction)
		return all_acs_is_on(function->pdev);
	return true;
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
		     is_type(b, PCI_EXP_TYPE_PCIE_BRIDGE)) && igt_is_below(x, b))
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

static void check_random(struct kunit *test, struct igt_iommu *mock,
			 char *text, u32 seed)
{
	u16 order[IGT_RANDOM_FUNCTIONS];
	int class[IGT_RANDOM_FUNCTIONS];
	struct igt_fabric *fabric;
	struct rnd_state rnd;
	int i, j, wrong = 0;

	igt_write_random_fabric(text, seed);
	fabric = igt_fabric(test, text);
	for (i = 0; i < fabric->n; i++)
		order[i] = i;
	prandom_seed_state(&rnd, seed);
	shuffle(&rnd, order, fabric->n);
	for (i = 0; i < fabric->n; i++)
		wrong += !!discover(mock, &fabric->function[order[i]]);

	close_over(fabric, class);
	for (i = 0; i < fabric->n; i++) {
		for (j = 0; j < i; j++)
			wrong += (group_of(&fabric->function[i]) ==
				  group_of(&fabric->function[j])) !=
				 (class[i] == class[j]);
	}
	KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "seed %u:\n%s", seed, text);
	forget_all(fabric);
	igt_remove_fabric(test, fabric);
}

static void random_fabrics_are_as_the_reference_has_them(struct kunit *test)
{
	/* Each sanitizer and proof of locks takes its time */
	u32 seed, fabrics = IS_ENABLED(CONFIG_KASAN) ? 10 :
			    IS_ENABLED(CONFIG_PROVE_LOCKING) ? 200 : 2000;
	char *text = kunit_kzalloc(test, IGT_RANDOM_TEXT, GFP_KERNEL);
	struct igt_iommu *mock = pci_iommu(test);

	KUNIT_ASSERT_NOT_NULL(test, text);
	igt_quieten_console(test);
	for (seed = 1; seed <= fabrics; seed++)
		check_random(test, mock, text, seed);
	igt_restore_console(test);
	kunit_info(test, "seeds 1 to %u\n", fabrics);
}

static struct kunit_case iommu_group_pci_cases[] = {
	KUNIT_CASE_PARAM(truth_table, next_truth),
	KUNIT_CASE_PARAM(dump_of_lspci_is_a_fabric, dump_gen_params),
	KUNIT_CASE(dump_of_two_sockets_has_two_roots),
	KUNIT_CASE_SLOW(each_order_gives_the_same_groups),
	KUNIT_CASE_SLOW(random_orders_give_the_same_groups),
	KUNIT_CASE(removal_and_return_change_nothing),
	KUNIT_CASE_SLOW(unplug_and_replug_change_nothing),
	KUNIT_CASE(isolation_is_in_sysfs),
	KUNIT_CASE(group_that_was_smaller_is_logged),
	KUNIT_CASE(group_that_is_as_it_was_is_not_logged),
	KUNIT_CASE(inert_function_that_was_not_alone_is_logged),
	KUNIT_CASE(newcomer_that_ties_groups_together_gets_none),
	KUNIT_CASE(newcomer_beside_a_port_without_group_gets_none),
	KUNIT_CASE(newcomer_that_was_there_before_gets_none),
	KUNIT_CASE(group_stays_whole_without_its_cause),
	KUNIT_CASE(requester_id_stays_in_one_group),
	KUNIT_CASE(newcomer_above_another_iommu_joins),
	KUNIT_CASE(failed_allocation_leaves_no_anchor),
	KUNIT_CASE(failed_allocation_leaves_no_way),
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

// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests of fabrics that are made of what lspci prints */

#include <kunit/test.h>

#include "iommu_group_fabric.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"

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
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric_of_lspci(test, dump->text);

	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "00:03.0 | 02:00.0 | 03:00.0 03:01.0 04:00.0");
	igt_expect_causes(test, fabric,
			  "00:03.0 isolated\n"
			  "02:00.0 isolated\n"
			  "03:00.0 acs 03:00.0 SV,RR,CR,UF\n"
			  "03:01.0 acs 03:01.0 SV,RR,CR,UF\n"
			  "04:00.0 acs 03:00.0 SV,RR,CR,UF\n");
	igt_forget_all(fabric);
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

/* E could redirect requests and does not, F has no ACS */
static void dump_of_two_sockets_has_two_roots(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric;

	fabric = igt_fabric_of_lspci(test, details_of_two_sockets);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "0000:00:01.0 0000:01:00.0\n"
					"0000:80:01.0\n"
					"0000:80:01.1\n"
					"0000:81:00.0 0000:81:00.1\n");
	igt_expect_causes(test, fabric,
			  "0000:00:01.0 acs 0000:00:01.0 SV,RR,CR,UF\n"
			  "0000:01:00.0 acs 0000:00:01.0 SV,RR,CR,UF\n"
			  "0000:80:01.0 isolated\n"
			  "0000:80:01.1 isolated\n"
			  "0000:81:00.0 multifunction 0000:81:00.0 RR\n"
			  "0000:81:00.1 multifunction 0000:81:00.1 SV,RR,CR,UF\n");
	igt_forget_all(fabric);
}

static struct kunit_case iommu_group_pci_lspci_cases[] = {
	KUNIT_CASE_PARAM(dump_of_lspci_is_a_fabric, dump_gen_params),
	KUNIT_CASE(dump_of_two_sockets_has_two_roots),
	{}
};

static struct kunit_suite iommu_group_pci_lspci_suite = {
	.name = "iommu_group_pci_lspci",
	.test_cases = iommu_group_pci_lspci_cases,
};

kunit_test_suite(iommu_group_pci_lspci_suite);

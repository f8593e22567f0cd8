// SPDX-License-Identifier: GPL-2.0-only
/*
 * The truth table: each kind of junction, isolated and not, and how they stack.
 * What is expected follows from the rule at the head of iommu-group-pci.c.
 */

#include <linux/kernel.h>

#include "iommu_group_truth_table.h"

const struct igt_truth igt_truth_table[] = {
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
		/* It may turn around what the IOMMU has not seen yet */
		"a root port without ACS with the IOMMU at it",
		"r 1.0 root xlate\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      a 0.0 ep\n"
		"    d1 1.0 down acs\n"
		"      b 0.0 ep\n",
		"r u d0 a d1 b",
		"r acs r SV,RR,CR,UF\n"
		"u acs r SV,RR,CR,UF\n"
		"d0 acs r SV,RR,CR,UF\n"
		"a acs r SV,RR,CR,UF\n"
		"d1 acs r SV,RR,CR,UF\n"
		"b acs r SV,RR,CR,UF\n",
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
		/* Of 82599 (10fb) quirks say that its functions keep apart */
		"endpoints that ACS quirks know by their IDs",
		"r0 1.0 root acs\n"
		"  a0 0.0 ep id=8086:10fb\n"
		"  a1 0.1 ep id=8086:10fb\n"
		"r1 2.0 root acs\n"
		"  b0 0.0 ep id=8086:10fb\n"
		"  b1 0.1 ep id=8086:ffff\n",
		"r0 | a0 | a1 | r1 | b0 b1",
		"r0 isolated\n"
		"a0 isolated\n"
		"a1 isolated\n"
		"r1 isolated\n"
		"b0 multifunction b1 SV,RR,CR,UF\n"
		"b1 multifunction b1 SV,RR,CR,UF\n",
	}, {
		/* Of all Intel's that are integrated in the root complex, too */
		"integrated endpoints that ACS quirks know by their vendor",
		"a0 1.0 rcep id=8086:ffff\n"
		"a1 1.1 rcep id=8086:ffff\n",
		"a0 | a1",
		"a0 isolated\n"
		"a1 isolated\n",
	}, {
		/* Qualcomm's has no capability, and isolates as if it had */
		"a root port that ACS quirks know by its IDs",
		"r 1.0 root id=17cb:0400\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
	}, {
		/* Same bus and device numbers */
		"two domains",
		"domain 0\n"
		"r0 1.0 root\n"
		"  e0 0.0 ep\n"
		"domain 1\n"
		"r1 1.0 root\n"
		"  e1 0.0 ep\n",
		"r0 e0 | r1 e1",
		"r0 acs r0 SV,RR,CR,UF\n"
		"e0 acs r0 SV,RR,CR,UF\n"
		"r1 acs r1 SV,RR,CR,UF\n"
		"e1 acs r1 SV,RR,CR,UF\n",
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

const int igt_truths = ARRAY_SIZE(igt_truth_table);

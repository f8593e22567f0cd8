// SPDX-License-Identifier: GPL-2.0-only
/*
 * The truth table: each kind of junction, isolated and not, and how they stack.
 * What is expected follows from the rule at the head of iommu-group-isolation.c.
 */

#include <linux/kernel.h>

#include "iommu_group_truth_table.h"

#define ALL	"SV,RR,CR,UF"

const struct igt_truth igt_truth_table[] = {
	{
		"a root port with ACS",
		"r 1.0 root acs\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
		"",
	}, {
		/* What comes down the port may come from below it */
		"a root port without ACS",
		"r 1.0 root\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r " ALL "\n"
		"e acs r " ALL "\n",
		"",
	}, {
		"one flag is missing",
		"r 1.0 root acs=src\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r UF\n"
		"e acs r UF\n",
		"",
	}, {
		"two flags are missing",
		"r 1.0 root acs=ru\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r SV,CR\n"
		"e acs r SV,CR\n",
		"",
	}, {
		/* What cannot be controlled need not be enabled */
		"ACS that is hard-wired",
		"r 1.0 root hard=srcu\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
		"",
	}, {
		"Egress Control that redirects all",
		"r 1.0 root acs egress=ff\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
		"",
	}, {
		"Egress Control that lets one through",
		"r 1.0 root acs egress=fe\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r RR\n"
		"e acs r RR\n",
		"",
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
		"",
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
		"d0 acs d0 " ALL "\n"
		"e0 acs d0 " ALL "\n"
		"d1 acs d1 " ALL "\n"
		"e1 acs d1 " ALL "\n",
		"",
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
		"r | u | d0 | e0 | d1 e1 | d2",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"e0 isolated\n"
		"d1 acs d1 " ALL "\n"
		"e1 acs d1 " ALL "\n"
		"d2 isolated\n",
		"d1 d0 d1 " ALL "\n"
		"d1 e0 d1 " ALL "\n"
		"d1 d2 d1 " ALL "\n",
	}, {
		/* As AMD's chipsets have it: the lowest of two culprits is named */
		"a switch with one port that has ACS",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs=sr\n"
		"      e1 0.0 ep\n"
		"    d2 2.0 down acs\n"
		"      e2 0.0 ep\n",
		"r | u | d0 e0 d1 e1 | d2 | e2",
		"r isolated\n"
		"u isolated\n"
		"d0 acs d0 " ALL "\n"
		"e0 acs d0 " ALL "\n"
		"d1 acs d1 CR,UF\n"
		"e1 acs d1 CR,UF\n"
		"d2 isolated\n"
		"e2 isolated\n",
		"d0 d2 d0 " ALL "\n"
		"d0 e2 d0 " ALL "\n",
	}, {
		"a switch with ACS below a root port without",
		"r 1.0 root\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs\n",
		"r u d0 e0 d1",
		"r acs r " ALL "\n"
		"u acs r " ALL "\n"
		"d0 acs r " ALL "\n"
		"e0 acs r " ALL "\n"
		"d1 acs r " ALL "\n",
		"",
	}, {
		/* Each level for itself */
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
		"c0 acs c0 " ALL "\n"
		"e0 acs c0 " ALL "\n"
		"c1 acs c1 " ALL "\n"
		"d1 isolated\n"
		"e1 isolated\n",
		"",
	}, {
		/* All that is below the other port is reached */
		"a switch with ACS below one that has none",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs\n"
		"      v 0.0 up\n"
		"        c0 0.0 down acs\n"
		"          e0 0.0 ep\n"
		"    d1 1.0 down\n"
		"      e1 0.0 ep\n",
		"r | u | d0 | v | c0 | e0 | d1 e1",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"v isolated\n"
		"c0 isolated\n"
		"e0 isolated\n"
		"d1 acs d1 " ALL "\n"
		"e1 acs d1 " ALL "\n",
		"d1 d0 d1 " ALL "\n"
		"d1 v d1 " ALL "\n"
		"d1 c0 d1 " ALL "\n"
		"d1 e0 d1 " ALL "\n",
	}, {
		/* Alone there, it has nobody to share a group with */
		"a function on a switch's bus that is no port",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d 0.0 down acs\n"
		"      e 0.0 ep\n"
		"    x 1.0 pci\n",
		"r | u | d | e | x",
		"r isolated\n"
		"u isolated\n"
		"d isolated\n"
		"e isolated\n"
		"x isolated\n",
		"x d x " ALL "\n"
		"x e x " ALL "\n",
	}, {
		/* They lack no flag, but are not where ACS would hold them */
		"functions on a switch's bus that are no ports",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d 0.0 down acs\n"
		"    x 1.0 ep acs\n"
		"    y 2.0 ep\n",
		"r | u | d | x y",
		"r isolated\n"
		"u isolated\n"
		"d isolated\n"
		"x acs x\n"
		"y acs y\n",
		"x d x\n",
	}, {
		/* As Loongson's chipset has it */
		"a switch of root ports",
		"u 1.0 up\n"
		"  r0 0.0 root\n"
		"  r1 1.0 root acs\n"
		"    e1 0.0 ep\n"
		"  x 4.0 pci\n",
		"u | r0 x | r1 | e1",
		"u isolated\n"
		"r0 acs r0 " ALL "\n"
		"r1 isolated\n"
		"e1 isolated\n"
		"x acs x " ALL "\n",
		"r0 r1 r0 " ALL "\n"
		"r0 e1 r0 " ALL "\n",
	}, {
		"ports with memory that Enhanced ACS holds",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs enhanced=d bar\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs enhanced=d\n"
		"      e1 0.0 ep\n",
		"r | u | d0 | e0 | d1 | e1",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"e0 isolated\n"
		"d1 isolated\n"
		"e1 isolated\n",
		"",
	}, {
		/* Of d1, which has none itself, but may send to that of d0 */
		"ports with memory that Enhanced ACS leaves open",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs enhanced=d bar\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs enhanced=u\n"
		"      e1 0.0 ep\n",
		"r | u | d0 | e0 | d1 e1",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"e0 isolated\n"
		"d1 acs d1 DSPMT\n"
		"e1 acs d1 DSPMT\n",
		"d1 d0 d1 DSPMT\n"
		"d1 e0 d1 DSPMT\n",
	}, {
		"ports without memory that Enhanced ACS leaves open",
		"r 1.0 root acs enhanced=\n"
		"  u 0.0 up\n"
		"    d0 0.0 down acs enhanced=\n"
		"      e0 0.0 ep\n",
		"r | u | d0 | e0",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"e0 isolated\n",
		"",
	}, {
		"ports with memory and no Enhanced ACS",
		"r 1.0 root acs bar\n"
		"  u 0.0 up bar\n"
		"    d0 0.0 down acs bar\n"
		"      e0 0.0 ep\n",
		"r | u | d0 | e0",
		"r isolated\n"
		"u isolated\n"
		"d0 isolated\n"
		"e0 isolated\n",
		"",
	}, {
		"an upstream port with memory",
		"r 1.0 root acs\n"
		"  u 0.0 up bar\n"
		"    d0 0.0 down acs enhanced=d\n"
		"      e0 0.0 ep\n"
		"    d1 1.0 down acs enhanced=u\n"
		"      e1 0.0 ep\n",
		"r | u | d0 e0 | d1 | e1",
		"r isolated\n"
		"u isolated\n"
		"d0 acs d0 USPMT\n"
		"e0 acs d0 USPMT\n"
		"d1 isolated\n"
		"e1 isolated\n",
		"d0 d1 d0 USPMT\n"
		"d0 e1 d0 USPMT\n",
	}, {
		"a root port with memory that Enhanced ACS leaves open",
		"r 1.0 root acs enhanced= bar\n"
		"  e 0.0 ep\n",
		"r e",
		"r acs r DSPMT\n"
		"e acs r DSPMT\n",
		"",
	}, {
		"an upstream port with an endpoint beside it",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d 0.0 down acs\n"
		"      e 0.0 ep\n"
		"  x 0.1 ep acs\n",
		"r | u d e | x",
		"r isolated\n"
		"u multifunction u " ALL "\n"
		"d multifunction u " ALL "\n"
		"e multifunction u " ALL "\n"
		"x isolated\n",
		"u x u " ALL "\n",
	}, {
		"an upstream port with ACS and an endpoint without",
		"r 1.0 root acs\n"
		"  u 0.0 up acs\n"
		"    d 0.0 down acs\n"
		"      e 0.0 ep\n"
		"  x 0.1 ep\n",
		"r | u | d | e | x",
		"r isolated\n"
		"u isolated\n"
		"d isolated\n"
		"e isolated\n"
		"x isolated\n",
		"x u x " ALL "\n"
		"x d x " ALL "\n"
		"x e x " ALL "\n",
	}, {
		"a multifunction endpoint without ACS",
		"r 1.0 root acs\n"
		"  e0 0.0 ep\n"
		"  e1 0.1 ep\n",
		"r | e0 e1",
		"r isolated\n"
		"e0 multifunction e0 " ALL "\n"
		"e1 multifunction e1 " ALL "\n",
		"",
	}, {
		"a multifunction endpoint with ACS",
		"r 1.0 root acs\n"
		"  e0 0.0 ep acs\n"
		"  e1 0.1 ep acs\n",
		"r | e0 | e1",
		"r isolated\n"
		"e0 isolated\n"
		"e1 isolated\n",
		"",
	}, {
		"a multifunction endpoint with ACS on one",
		"r 1.0 root acs\n"
		"  e0 0.0 ep acs\n"
		"  e1 0.1 ep\n",
		"r | e0 | e1",
		"r isolated\n"
		"e0 isolated\n"
		"e1 isolated\n",
		"e1 e0 e1 " ALL "\n",
	}, {
		"a multifunction endpoint with ACS on one of three",
		"r 1.0 root acs\n"
		"  e0 0.0 ep acs\n"
		"  e1 0.1 ep\n"
		"  e2 0.2 ep\n",
		"r | e0 | e1 e2",
		"r isolated\n"
		"e0 isolated\n"
		"e1 multifunction e1 " ALL "\n"
		"e2 multifunction e2 " ALL "\n",
		"e1 e0 e1 " ALL "\n",
	}, {
		"a device with ARI and functions beyond 7",
		"r 1.0 root acs ari\n"
		"  f0 0.0 ep\n"
		"  f11 1.3 ep\n"
		"  f16 2.0 ep acs\n"
		"  v 2.1 ep vf\n",
		"r | f0 f11 | f16 | v",
		"r isolated\n"
		"f0 multifunction f0 " ALL "\n"
		"f11 multifunction f11 " ALL "\n"
		"f16 isolated\n"
		"v isolated\n",
		"f0 f16 f0 " ALL "\n",
	}, {
		"a device with ARI and ACS",
		"r 1.0 root acs ari\n"
		"  f0 0.0 ep acs\n"
		"  f8 1.0 ep acs\n",
		"r | f0 | f8",
		"r isolated\n"
		"f0 isolated\n"
		"f8 isolated\n",
		"",
	}, {
		/* A bridge is not alone with what may be plugged in below it */
		"a stub of a root port without ACS",
		"s 1.0 root\n"
		"r1 1.1 root acs\n"
		"  e1 0.0 ep\n"
		"r2 1.2 root acs\n"
		"  e2 0.0 ep\n",
		"s | r1 | e1 | r2 | e2",
		"s acs s " ALL "\n"
		"r1 isolated\n"
		"e1 isolated\n"
		"r2 isolated\n"
		"e2 isolated\n",
		"s r1 s " ALL "\n"
		"s e1 s " ALL "\n"
		"s r2 s " ALL "\n"
		"s e2 s " ALL "\n",
	}, {
		"root ports of one slot, one of them without ACS",
		"r0 1.0 root acs\n"
		"  e0 0.0 ep\n"
		"r1 1.1 root\n"
		"  e1 0.0 ep\n"
		"r2 2.0 root acs\n"
		"  e2 0.0 ep\n",
		"r0 | e0 | r1 e1 | r2 | e2",
		"r0 isolated\n"
		"e0 isolated\n"
		"r1 acs r1 " ALL "\n"
		"e1 acs r1 " ALL "\n"
		"r2 isolated\n"
		"e2 isolated\n",
		"r1 r0 r1 " ALL "\n"
		"r1 e0 r1 " ALL "\n",
	}, {
		"root ports of one slot without ACS",
		"r0 1.0 root\n"
		"  e0 0.0 ep\n"
		"r1 1.1 root\n"
		"  e1 0.0 ep\n",
		"r0 e0 r1 e1",
		"r0 acs r0 " ALL "\n"
		"e0 acs r0 " ALL "\n"
		"r1 acs r1 " ALL "\n"
		"e1 acs r1 " ALL "\n",
		"",
	}, {
		"slots of a root bus",
		"a 1.0 rcep\n"
		"b 2.0 pci\n"
		"c 3.0 rcep\n",
		"a | b | c",
		"a isolated\n"
		"b isolated\n"
		"c isolated\n",
		"",
	}, {
		"a conventional multifunction slot",
		"a 1.0 pci\n"
		"b 1.1 pci\n",
		"a b",
		"a multifunction a " ALL "\n"
		"b multifunction b " ALL "\n",
		"",
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
		"",
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
		"",
	}, {
		"a conventional bridge with nothing below it",
		"b 1.0 pci2pci\n",
		"b",
		"b bridge b\n",
		"",
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
		"",
	}, {
		"PCI Express below a root bus's conventional slot",
		"b 1.0 pci2pcie\n"
		"  e 0.0 ep\n",
		"b e",
		"b bridge b\n"
		"e bridge b\n",
		"",
	}, {
		/* The junction where the bridge stands is above that of its bus */
		"a conventional bus below a function with others",
		"r 1.0 root acs\n"
		"  b 0.0 pcie2pci\n"
		"    x 1.0 pci\n"
		"  e 0.1 ep acs\n",
		"r | b x | e",
		"r isolated\n"
		"b multifunction b " ALL "\n"
		"x multifunction b " ALL "\n"
		"e isolated\n",
		"b e b " ALL "\n",
	}, {
		"a conventional bus beside one that reaches it",
		"r 1.0 root acs\n"
		"  b 0.0 pcie2pci hard=\n"
		"    x 1.0 pci\n"
		"r1 1.1 root\n"
		"  e 0.0 ep\n",
		"r | b x | r1 e",
		"r isolated\n"
		"b bridge b\n"
		"x bridge b\n"
		"r1 acs r1 " ALL "\n"
		"e acs r1 " ALL "\n",
		"r1 r r1 " ALL "\n"
		"r1 b r1 " ALL "\n",
	}, {
		/* What comes from below ends at the IOMMU, what comes from above does not */
		"a conventional bus with the IOMMU at its bridge",
		"r 1.0 root\n"
		"  b 0.0 pcie2pci xlate\n"
		"    x 1.0 pci\n"
		"    y 2.0 pci\n",
		"r b | x y",
		"r acs r " ALL "\n"
		"b acs r " ALL "\n"
		"x bridge x\n"
		"y bridge y\n",
		"r x r " ALL "\n",
	}, {
		/* What c does with its own requests it does with those of x */
		"an IOMMU at a bridge that turns around",
		"r 1.0 root acs\n"
		"  b 0.0 pcie2pci\n"
		"    c 1.0 pci2pci xlate\n"
		"      x 0.0 pci\n"
		"    y 2.0 pci\n",
		"r | b c x y",
		"r isolated\n"
		"b bridge b\n"
		"c bridge b\n"
		"x bridge b\n"
		"y bridge b\n",
		"",
	}, {
		/* What c sends has the requester ID of b, which leads to c and to x */
		"an IOMMU below a bridge that takes over requester IDs",
		"b 1.0 pci2pcie\n"
		"  c 0.0 pcie2pci xlate\n"
		"    x 0.0 pci\n",
		"b c | x",
		"b bridge b\n"
		"c bridge b\n"
		"x isolated\n",
		"b x b\n",
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
		"r acs r " ALL "\n"
		"u acs r " ALL "\n"
		"d0 acs r " ALL "\n"
		"a acs r " ALL "\n"
		"d1 acs r " ALL "\n"
		"b acs r " ALL "\n",
		"",
	}, {
		"a bridge below a root port without ACS",
		"r 1.0 root\n"
		"  b 0.0 pcie2pci\n"
		"    x 1.0 pci\n",
		"r b x",
		"r acs r " ALL "\n"
		"b acs r " ALL "\n"
		"x acs r " ALL "\n",
		"",
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
		"",
	}, {
		"an inert host bridge beside a root port without ACS",
		"h 1.0 host\n"
		"r 1.1 root\n"
		"  e 0.0 ep\n",
		"h | r e",
		"h isolated\n"
		"r acs r " ALL "\n"
		"e acs r " ALL "\n",
		"",
	}, {
		"a host bridge with memory beside a root port",
		"h 1.0 host bar\n"
		"r 1.1 root acs\n"
		"  e 0.0 ep\n",
		"h | r | e",
		"h isolated\n"
		"r isolated\n"
		"e isolated\n",
		"h r h " ALL "\n"
		"h e h " ALL "\n",
	}, {
		"a host bridge with memory beside an open root port",
		"h 1.0 host bar\n"
		"r 1.1 root\n"
		"  e 0.0 ep\n",
		"h r e",
		"h multifunction h " ALL "\n"
		"r acs r " ALL "\n"
		"e acs r " ALL "\n",
		"",
	}, {
		/* A card does not exempt itself by its class */
		"an inert host bridge on a card",
		"r 1.0 root acs\n"
		"  h 0.0 host\n"
		"  e 0.1 ep\n",
		"r | h e",
		"r isolated\n"
		"h multifunction h " ALL "\n"
		"e multifunction e " ALL "\n",
		"",
	}, {
		"an event collector beside endpoints",
		"a 1.0 rcep\n"
		"b 1.1 rcep\n"
		"c 1.4 rcec\n",
		"a b | c",
		"a multifunction a " ALL "\n"
		"b multifunction b " ALL "\n"
		"c isolated\n",
		"",
	}, {
		"an event collector beside root ports",
		"c 1.0 rcec\n"
		"r0 1.1 root acs\n"
		"r1 1.2 root\n",
		"c | r0 | r1",
		"c isolated\n"
		"r0 isolated\n"
		"r1 acs r1 " ALL "\n",
		"r1 r0 r1 " ALL "\n",
	}, {
		"an event collector on a card",
		"r 1.0 root acs\n"
		"  e 0.0 ep\n"
		"  c 0.1 rcec\n",
		"r | e c",
		"r isolated\n"
		"e multifunction e " ALL "\n"
		"c multifunction c " ALL "\n",
		"",
	}, {
		/* a sends by an ID of its own */
		"an alias",
		"a 1.0 rcep\n"
		"b 2.0 rcep alias=1.0\n"
		"c 3.0 rcep\n",
		"a b | c",
		"a isolated\n"
		"b alias a\n"
		"c isolated\n",
		"",
	}, {
		"an alias of an alias",
		"a 1.0 rcep alias=2.0\n"
		"b 2.0 rcep alias=3.0\n"
		"c 3.0 rcep\n",
		"a b c",
		"a alias b\n"
		"b alias c\n"
		"c isolated\n",
		"",
	}, {
		"an alias of two",
		"a 1.0 rcep alias=3.0\n"
		"b 2.0 rcep alias=3.0\n"
		"c 3.0 rcep\n",
		"a b c",
		"a alias c\n"
		"b alias c\n"
		"c isolated\n",
		"",
	}, {
		"an alias of one in a slot that is not isolated",
		"a 1.0 rcep alias=2.0\n"
		"b 2.0 rcep\n"
		"c 2.1 rcep\n",
		"a b c",
		"a alias b\n"
		"b multifunction b " ALL "\n"
		"c multifunction c " ALL "\n",
		"",
	}, {
		/* The IDs are shared, what is below is not */
		"an alias of a root port with ACS",
		"a 1.0 rcep alias=2.0\n"
		"r 2.0 root acs\n"
		"  e 0.0 ep\n",
		"a r | e",
		"a alias r\n"
		"r isolated\n"
		"e isolated\n",
		"",
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
		"",
	}, {
		/* The way above is isolated, though their device is not */
		"virtual functions of a multifunction device",
		"r 1.0 root acs\n"
		"  p 0.0 ep\n"
		"  q 0.1 ep\n"
		"  v 0.2 ep vf\n",
		"r | p q | v",
		"r isolated\n"
		"p multifunction p " ALL "\n"
		"q multifunction q " ALL "\n"
		"v isolated\n",
		"",
	}, {
		"virtual functions below a port without ACS",
		"r 1.0 root\n"
		"  p 0.0 ep\n"
		"  v 0.1 ep vf\n",
		"r p v",
		"r acs r " ALL "\n"
		"p acs r " ALL "\n"
		"v acs r " ALL "\n",
		"",
	}, {
		"virtual functions that are reached",
		"r 1.0 root acs\n"
		"  u 0.0 up\n"
		"    d0 0.0 down\n"
		"      e 0.0 ep\n"
		"    d1 1.0 down acs\n"
		"      p 0.0 ep\n"
		"      v 0.1 ep vf\n",
		"r | u | d0 e | d1 | p | v",
		"r isolated\n"
		"u isolated\n"
		"d0 acs d0 " ALL "\n"
		"e acs d0 " ALL "\n"
		"d1 isolated\n"
		"p isolated\n"
		"v isolated\n",
		"d0 d1 d0 " ALL "\n"
		"d0 p d0 " ALL "\n"
		"d0 v d0 " ALL "\n",
	}, {
		/* Of 82599 (10fb) quirks say that its functions keep apart */
		"endpoints that ACS quirks know by their IDs",
		"r0 1.0 root acs\n"
		"  a0 0.0 ep id=8086:10fb\n"
		"  a1 0.1 ep id=8086:10fb\n"
		"r1 2.0 root acs\n"
		"  b0 0.0 ep id=8086:10fb\n"
		"  b1 0.1 ep id=8086:ffff\n",
		"r0 | a0 | a1 | r1 | b0 | b1",
		"r0 isolated\n"
		"a0 isolated\n"
		"a1 isolated\n"
		"r1 isolated\n"
		"b0 isolated\n"
		"b1 isolated\n",
		"b1 b0 b1 " ALL "\n",
	}, {
		/* Of the NIC a quirk says so, of the others nobody does */
		"an I219 beside the bridge to LPC",
		"l 1f.0 pci id=8086:ffff\n"
		"s 1f.4 pci id=8086:ffff\n"
		"n 1f.6 pci id=8086:15b8\n",
		"l s | n",
		"l multifunction l " ALL "\n"
		"s multifunction s " ALL "\n"
		"n isolated\n",
		"l n l " ALL "\n",
	}, {
		/* Of all Intel's that are integrated in the root complex, too */
		"integrated endpoints that ACS quirks know by their vendor",
		"a0 1.0 rcep id=8086:ffff\n"
		"a1 1.1 rcep id=8086:ffff\n",
		"a0 | a1",
		"a0 isolated\n"
		"a1 isolated\n",
		"",
	}, {
		/* Qualcomm's has no capability, and isolates as if it had */
		"a root port that ACS quirks know by its IDs",
		"r 1.0 root id=17cb:0400\n"
		"  e 0.0 ep\n",
		"r | e",
		"r isolated\n"
		"e isolated\n",
		"",
	}, {
		/* Same device numbers, and same bus numbers if it can be */
		"two domains",
		"domain 0\n"
		"r0 1.0 root\n"
		"  e0 0.0 ep\n"
		"domain 1\n"
		"r1 1.0 root\n"
		"  e1 0.0 ep\n",
		"r0 e0 | r1 e1",
		"r0 acs r0 " ALL "\n"
		"e0 acs r0 " ALL "\n"
		"r1 acs r1 " ALL "\n"
		"e1 acs r1 " ALL "\n",
		"",
	},
};

const int igt_truths = ARRAY_SIZE(igt_truth_table);

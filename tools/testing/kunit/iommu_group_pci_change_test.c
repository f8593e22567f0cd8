// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of groups of PCI functions while these come and go: whatever the
 * order, each has the group that it would have if all were there from the start.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/iommu.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_fabric_build.h"
#include "iommu_group_failslab.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_pci_fixture.h"

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
	"    x0 3.0 pci\n"
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
	"c1 9.1 pci\n"
	"k0 9.2 rcec\n"
	/* A device with ARI */
	"r8 a.0 root acs ari\n"
	"  e80 0.0 ep\n"
	"  e81 1.1 ep\n"
	"  e82 2.2 ep acs\n";

static const char groups_of_everything[] =
	"r0 | u0 | d00 | e00 | d01 e01 x0 | d02 | u1 | d10 | e10 | d11 | e11\n"
	"r1 | u2 | d20 | e20 | e21 | d21 | e22 | e23 | d22 | b0 p0 b1 p1 b2 e24\n"
	"r2 | e30 | r3 e31 | r4\n"
	"h | r5 | e50 | v0 | v1 | r6 | e60\n"
	"a0 a1 a2 | a3 r7 | e70 | c0 c1 | k0\n"
	"r8 | e80 e81 | e82\n";

static const char edges_of_everything[] =
	"d01 d00 d01 SV,RR,CR,UF\n"
	"d01 e00 d01 SV,RR,CR,UF\n"
	"d01 d02 d01 SV,RR,CR,UF\n"
	"d01 u1 d01 SV,RR,CR,UF\n"
	"d01 d10 d01 SV,RR,CR,UF\n"
	"d01 e10 d01 SV,RR,CR,UF\n"
	"d01 d11 d01 SV,RR,CR,UF\n"
	"d01 e11 d01 SV,RR,CR,UF\n"
	"e23 e22 e23 SV,RR,CR,UF\n"
	"r3 r2 r3 SV,RR,CR,UF\n"
	"r3 e30 r3 SV,RR,CR,UF\n"
	"r3 r4 r3 SV,RR,CR,UF\n"
	"e80 e82 e80 SV,RR,CR,UF\n";

#define PERMUTED	6	/* functions of the small fabric */

static const char small_fabric[] =
	"u 1.0 up\n"
	"  d0 0.0 down acs\n"
	"    e0 0.0 ep\n"
	"  d1 1.0 down\n"
	"    e1 0.0 ep\n"
	"  d2 2.0 down\n";

static void each_order_gives_the_same_groups(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, small_fabric);
	u16 *order = igt_order(test, PERMUTED);
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
		igt_discover_all(test, mock, fabric, order);
		igt_expect_groups(test, fabric, "u | d0 | e0 | d1 e1 d2");
		igt_forget_all(fabric);
	}
	igt_restore_console(test);
}

static void random_orders_give_the_same_groups(struct kunit *test)
{
	/* In a guest without KVM it takes long */
	int i, orders = IS_ENABLED(CONFIG_UML) ? 1000 : 15;
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, some_of_everything);
	u16 *order = igt_order(test, fabric->n);
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 1);
	igt_quieten_console(test);
	for (i = 0; i < orders; i++) {
		igt_shuffle(&rnd, order, fabric->n);
		igt_discover_all(test, mock, fabric, order);
		igt_expect_groups(test, fabric, groups_of_everything);
		igt_expect_edges(test, fabric, edges_of_everything);
		igt_forget_all(fabric);
	}
	igt_restore_console(test);
}

/* Each function goes, with all below it, and comes back; in the end all groups go */
static void removal_and_return_change_nothing(struct kunit *test)
{
	int id = igt_lowest_free_id(test);
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, some_of_everything);
	struct igt_function *gone, *function, *end;

	end = fabric->function + fabric->n;
	igt_discover_all(test, mock, fabric, NULL);
	for (gone = fabric->function; gone < end; gone++) {
		for (function = fabric->function; function < end; function++) {
			if (igt_is_below(function, gone))
				igt_forget(function);
		}
		for (function = fabric->function; function < end; function++) {
			if (igt_is_below(function, gone))
				KUNIT_EXPECT_EQ(test, igt_discover(mock, function),
						0);
		}
		igt_expect_groups(test, fabric, groups_of_everything);
	}
	igt_expect_edges(test, fabric, edges_of_everything);
	igt_forget_all(fabric);
	KUNIT_EXPECT_EQ(test, igt_lowest_free_id(test), id);
}

/* Skips the test where the PCI core numbers buses anew when it scans again */
static void need_lasting_buses(struct kunit *test, struct igt_fabric *fabric)
{
	igt_rescan_fabric(fabric);
	if (fabric->renumbered)
		kunit_skip(test, "needs buses that keep their numbers");
}

/* So it is when the PCI core takes it off its bus, and finds it anew */
static void unplug_and_replug_change_nothing(struct kunit *test)
{
	struct igt_function *gone, *function, *end;
	struct igt_iommu *mock;
	struct igt_fabric *fabric;
	int id;

	mock = igt_pci_iommu(test);
	fabric = igt_fabric(test, some_of_everything);
	need_lasting_buses(test, fabric);
	id = igt_lowest_free_id(test);
	end = fabric->function + fabric->n;
	igt_discover_all(test, mock, fabric, NULL);
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
						    igt_discover(mock, function), 0,
						    "%s", function->name);
		}
		igt_expect_groups(test, fabric, groups_of_everything);
	}
	igt_restore_console(test);
	igt_forget_all(fabric);
	KUNIT_EXPECT_EQ(test, igt_lowest_free_id(test), id);
}

/* Functions go and come back, as by writes to "remove" and "rescan" */
static void unplug(struct kunit *test, struct igt_fabric *fabric, const char *name)
{
	struct igt_function *gone = igt_function(test, fabric, name);

	igt_unplug_function(fabric, gone);
}

static void replug(struct kunit *test, struct igt_iommu *mock,
		   struct igt_fabric *fabric)
{
	struct igt_function *function, *end = fabric->function + fabric->n;

	igt_rescan_fabric(fabric);
	for (function = fabric->function; function < end; function++) {
		KUNIT_ASSERT_NOT_NULL_MSG(test, function->pdev, "%s",
					  function->name);
		if (!igt_group_of_function(function))
			KUNIT_EXPECT_EQ_MSG(test, igt_discover(mock, function), 0,
					    "%s", function->name);
	}
}

/* A port with ACS, and beside it what has none, both new: neither joins the other */
static void slot_that_was_removed_comes_back_as_it_was(struct kunit *test)
{
	static const char groups[] = "r | e | x";
	static const char edges[] = "x r x SV,RR,CR,UF\n"
				    "x e x SV,RR,CR,UF\n";
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1c.0 root acs\n"
						     "  e 0.0 ep\n"
						     "x 1c.1 rcep\n");

	need_lasting_buses(test, fabric);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, groups);
	igt_expect_edges(test, fabric, edges);
	unplug(test, fabric, "x");
	unplug(test, fabric, "r");
	replug(test, mock, fabric);
	igt_expect_groups(test, fabric, groups);
	igt_expect_edges(test, fabric, edges);
	igt_forget_all(fabric);
}

/* A port without ACS comes back beside others, and all have their groups */
static void port_without_acs_comes_back_as_it_was(struct kunit *test)
{
	static const char groups[] = "r0 | e0 | r1 | e1 | r2 e2";
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r0 1c.0 root acs\n"
						     "  e0 0.0 ep\n"
						     "r1 1c.1 root acs\n"
						     "  e1 0.0 ep\n"
						     "r2 1c.2 root\n"
						     "  e2 0.0 ep\n");

	need_lasting_buses(test, fabric);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, groups);
	unplug(test, fabric, "r2");
	replug(test, mock, fabric);
	igt_expect_groups(test, fabric, groups);
	unplug(test, fabric, "r0");
	unplug(test, fabric, "r2");
	replug(test, mock, fabric);
	igt_expect_groups(test, fabric, groups);
	igt_forget_all(fabric);
}

static void return_to(struct kunit *test, struct igt_iommu *mock,
		      struct igt_function *function)
{
	igt_forget(function);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, function), 0);
}

/*
 * As when a user writes to a port's registers. What was placed before stays; what
 * comes has the group that is right by then.
 */
static void acs_that_changed_counts_from_the_next_probe(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n");
	struct igt_function *r = igt_function(test, fabric, "r");
	struct igt_function *e = igt_function(test, fabric, "e");

	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "r | e");
	igt_set_acs(r, PCI_ACS_CTRL, 0);
	igt_expect_groups(test, fabric, "r | e");
	return_to(test, mock, e);
	igt_expect_groups(test, fabric, "r e");
	igt_expect_causes(test, fabric, "r isolated\n"
					"e acs r SV,RR,CR,UF\n");
	return_to(test, mock, r);
	igt_expect_groups(test, fabric, "r e");
	igt_set_acs(r, PCI_ACS_CTRL, IGT_ALL_ACS);
	return_to(test, mock, e);
	igt_expect_groups(test, fabric, "r | e");
	return_to(test, mock, r);
	igt_expect_groups(test, fabric, "r | e");
	igt_forget_all(fabric);
}

/* Nothing of it can be read. The PM core takes it for awake, so that waking does nothing */
static void port_that_cannot_be_woken_isolates_nothing(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n");
	struct pci_dev *port = igt_function(test, fabric, "r")->pdev;

	port->current_state = PCI_D3cold;
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "r e");
	port->current_state = PCI_D0;
	igt_forget_all(fabric);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "r | e");
	igt_forget_all(fabric);
}

static void put_to_sleep(struct pci_dev *pdev)
{
	/* Kernels differ in when they enable it */
	if (pm_runtime_enabled(&pdev->dev))
		pm_runtime_disable(&pdev->dev);
	pm_runtime_set_suspended(&pdev->dev);
	pm_runtime_enable(&pdev->dev);
	pdev->current_state = PCI_D3cold;
}

/* A port sleeps when all below it does, and the ACS of it cannot be read */
static void sleeping_port_is_woken_for_its_acs(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n");
	struct igt_function *e = igt_function(test, fabric, "e");
	struct pci_dev *port = igt_function(test, fabric, "r")->pdev;

	if (!IS_ENABLED(CONFIG_PM))
		kunit_skip(test, "needs CONFIG_PM");
	put_to_sleep(e->pdev);
	put_to_sleep(port);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, e), 0);
	KUNIT_EXPECT_TRUE(test, port->current_state != PCI_D3cold);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "r | e");
	igt_forget_all(fabric);
}

/* One that is gone reads as all ones, and then isolates nobody */
static void acs_that_reads_all_ones_is_none(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n");
	struct igt_function *r = igt_function(test, fabric, "r");

	igt_set_acs(r, PCI_ACS_CAP, 0xffff);
	igt_set_acs(r, PCI_ACS_CTRL, 0xffff);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "r e");
	igt_forget_all(fabric);
}

/* As the SMMU's, that finds a device with a stream ID which it has seen before */
static void group_that_a_driver_remembers_is_found(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct igt_fabric *fabric = igt_fabric(test, "a 1.0 pci\n"
						     "b 1.1 pci\n"
						     "c 1.2 pci\n");
	struct igt_function *a = igt_function(test, fabric, "a");

	mock->group = igt_group(test);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, a), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_group_of_function(a), mock->group);
	mock->ops.device_group = pci_device_group;
	KUNIT_EXPECT_EQ(test, igt_discover(mock, igt_function(test, fabric, "b")), 0);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, igt_function(test, fabric, "c")), 0);
	igt_expect_groups(test, fabric, "a b c");
	igt_expect_causes(test, fabric, "a driver\n"
					"b multifunction b SV,RR,CR,UF\n"
					"c multifunction c SV,RR,CR,UF\n");
	igt_forget_all(fabric);
}

/* Requests of b turn around in the slot, whatever group the driver has it in */
static void group_that_a_driver_made_reaches_others(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct igt_fabric *fabric = igt_fabric(test, "a 1.0 pci\n"
						     "b 1.1 pci\n"
						     "c 1.2 rcep acs\n");
	struct iommu_group *(*remember)(struct device *) = mock->ops.device_group;

	mock->ops.device_group = pci_device_group;
	KUNIT_EXPECT_EQ(test, igt_discover(mock, igt_function(test, fabric, "a")), 0);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, igt_function(test, fabric, "c")), 0);
	mock->ops.device_group = remember;
	mock->group = igt_group(test);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, igt_function(test, fabric, "b")), 0);
	igt_expect_groups(test, fabric, "a | b | c");
	igt_expect_edges(test, fabric, "a c a SV,RR,CR,UF\n"
				       "a b a SV,RR,CR,UF\n"
				       "b a b SV,RR,CR,UF\n"
				       "b c b SV,RR,CR,UF\n");
	igt_forget_all(fabric);
}

/* As AMD-Vi, that adds aliases of its table when it comes to a device */
static void late_alias_joins_the_one_who_is_there(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "a 1.0 rcep\n"
						     "b 2.0 rcep\n");
	struct igt_function *b = igt_function(test, fabric, "b");

	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "a | b");
	igt_add_alias(b, PCI_DEVFN(1, 0));
	return_to(test, mock, b);
	igt_expect_groups(test, fabric, "a b");
	igt_forget_all(fabric);
}

static const char two_slots[] =
	"a 1.0 pci\n"
	"c 1.1 pci\n"
	"b 2.0 pci\n"
	"d 2.1 pci\n";

static void late_alias_of_two_groups_joins_one(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, two_slots);
	struct igt_function *a = igt_function(test, fabric, "a");
	struct igt_function *b = igt_function(test, fabric, "b");
	struct igt_function *d = igt_function(test, fabric, "d");
	struct kmsg_dump_iter log;
	void *group;

	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "a c | b d");
	igt_add_alias(b, PCI_DEVFN(1, 0));
	log = igt_log();
	return_to(test, mock, b);
	group = igt_group_of_function(b);
	KUNIT_EXPECT_TRUE(test, group == igt_group_of_function(a) ||
			  group == igt_group_of_function(d));
	KUNIT_EXPECT_EQ(test, igt_logged(log, "shares requester IDs"), 1);
	/* When all have gone, they are one group */
	igt_forget_all(fabric);
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "a c b d");
	igt_forget_all(fabric);
}

static void late_alias_of_two_groups_is_refused_by_strict(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, two_slots);
	struct igt_function *b = igt_function(test, fabric, "b");

	igt_use_isolation(test, "strict");
	igt_discover_all(test, mock, fabric, NULL);
	igt_add_alias(b, PCI_DEVFN(1, 0));
	igt_forget(b);
	KUNIT_EXPECT_EQ(test, igt_discover(mock, b), -EXDEV);
	KUNIT_EXPECT_NULL(test, igt_group_of_function(b));
	igt_forget_all(fabric);
}

/* Not even those of drivers that remember groups themselves */
static void legacy_has_no_edges(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct igt_fabric *fabric = igt_fabric(test, "r 1.0 root acs\n"
						     "  e 0.0 ep\n"
						     "x 1.1 root\n"
						     "  y 0.0 ep\n");
	int i;

	igt_use_isolation(test, "legacy");
	for (i = 0; i < fabric->n; i++) {
		mock->group = igt_group(test);
		KUNIT_EXPECT_EQ(test, igt_discover(mock, &fabric->function[i]), 0);
	}
	igt_expect_edges(test, fabric, "");
	igt_forget_all(fabric);
}

/* A range of aliases may have the function itself in it */
static void alias_to_itself_is_no_culprit(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "a 1.0 rcep\n"
						     "b 2.0 rcep\n"
						     "c 3.0 rcep\n");
	struct igt_function *a = igt_function(test, fabric, "a");

	igt_add_alias(a, PCI_DEVFN(1, 0));
	igt_add_alias(a, PCI_DEVFN(2, 0));
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "a b | c");
	igt_expect_causes(test, fabric, "a alias b\n"
					"b isolated\n"
					"c isolated\n");
	igt_forget_all(fabric);
}

static void isolation_has_three_names(struct kunit *test)
{
	igt_use_isolation(test, "strict");
	KUNIT_EXPECT_EQ(test, iommu_group_set_isolation("legacy"), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_set_isolation("standard"), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_set_isolation("none"), -EINVAL);
	KUNIT_EXPECT_EQ(test, iommu_group_set_isolation(""), -EINVAL);
}

#define LARGER	"is larger than by iommu.isolation=legacy"

static void expect_larger_logged(struct kunit *test, const char *text, int lines)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, text);
	struct kmsg_dump_iter log = igt_log();

	igt_discover_all(test, mock, fabric, NULL);
	KUNIT_EXPECT_EQ(test, igt_logged(log, LARGER), lines);
	igt_forget_all(fabric);
}

/* Once, however many devices there are in the group */
static void group_that_was_smaller_is_logged(struct kunit *test)
{
	expect_larger_logged(test, "r 1.0 root acs\n"
				   "  u 0.0 up\n"
				   "    d0 0.0 down\n"
				   "      e0 0.0 ep\n"
				   "    d1 1.0 down\n"
				   "      e1 0.0 ep\n"
				   "    d2 2.0 down\n", 1);
}

/* All below a port without ACS have always been together, and so have functions */
static void group_that_is_as_it_was_is_not_logged(struct kunit *test)
{
	expect_larger_logged(test, "r 1.0 root\n"
				   "  u 0.0 up\n"
				   "    d0 0.0 down\n"
				   "    d1 1.0 down\n"
				   "a 2.0 pci\n"
				   "b 2.1 pci\n"
				   "c 3.0 pci2pci\n"
				   "  d 1.0 pci\n"
				   "  e 2.0 pci\n", 0);
}

/* What fails leaves nothing behind: nobody who comes later finds anything of it */

struct discovery {
	struct igt_attempt attempt;
	struct igt_iommu *mock;
	struct igt_fabric *fabric;
	struct igt_function *function;
	const char *groups;	/* when all are there */
	int id;			/* the lowest that is free */
};

static int act_discover(struct igt_attempt *attempt)
{
	struct discovery *discovery;

	discovery = container_of(attempt, struct discovery, attempt);
	return igt_discover(discovery->mock, discovery->function);
}

static void undo_discover(struct igt_attempt *attempt)
{
	igt_forget(container_of(attempt, struct discovery, attempt)->function);
}

static void discover_others(struct kunit *test, struct discovery *discovery)
{
	struct igt_function *function = discovery->fabric->function;
	struct igt_function *end = function + discovery->fabric->n;

	for (; function < end; function++) {
		if (function != discovery->function)
			KUNIT_EXPECT_EQ(test, igt_discover(discovery->mock,
							   function), 0);
	}
}

static void forget_others(struct discovery *discovery)
{
	struct igt_function *function = discovery->fabric->function;
	struct igt_function *end = function + discovery->fabric->n;

	for (; function < end; function++) {
		if (function != discovery->function)
			igt_forget(function);
	}
}

static void check_nothing_is_left(struct kunit *test,
				  struct igt_attempt *attempt)
{
	struct discovery *discovery;

	discovery = container_of(attempt, struct discovery, attempt);
	/* The fwspec stays when the probing is not begun */
	igt_forget(discovery->function);
	KUNIT_EXPECT_NULL(test, igt_group_of_function(discovery->function));
	forget_others(discovery);
	KUNIT_EXPECT_EQ(test, igt_lowest_free_id(test), discovery->id);

	discover_others(test, discovery);
	KUNIT_EXPECT_EQ(test, act_discover(attempt), 0);
	igt_expect_groups(test, discovery->fabric, discovery->groups);
	undo_discover(attempt);
}

/* Of @name, when all others are known */
static void fail_discovery(struct kunit *test, const char *text,
			   const char *name, const char *groups)
{
	struct discovery discovery = {
		.attempt = {
			.act = act_discover,
			.undo = undo_discover,
			.check_unchanged = check_nothing_is_left,
		},
		.groups = groups,
	};

	igt_need_failslab(test);
	discovery.id = igt_lowest_free_id(test);
	discovery.mock = igt_pci_iommu(test);
	discovery.fabric = igt_fabric(test, text);
	discovery.function = igt_function(test, discovery.fabric, name);
	discover_others(test, &discovery);
	igt_quieten_console(test);
	igt_fail_each_allocation(test, &discovery.attempt);
	igt_restore_console(test);
	forget_others(&discovery);
}

static void failed_allocation_leaves_nothing_of_a_new_group(struct kunit *test)
{
	fail_discovery(test, "r 1.0 root acs\n"
			     "  u 0.0 up\n"
			     "    d 0.0 down acs\n"
			     "      e 0.0 ep\n",
		       "e", "r | u | d | e");
}

static void failed_allocation_leaves_nothing_in_a_group(struct kunit *test)
{
	fail_discovery(test, "r 1.0 root acs\n"
			     "  u 0.0 up\n"
			     "    d 0.0 down\n"
			     "      e 0.0 ep\n",
		       "e", "r | u | d e");
}

static void failed_allocation_leaves_nothing_of_an_alias(struct kunit *test)
{
	fail_discovery(test, "a 1.0 rcep alias=2.0\n"
			     "b 2.0 pci\n"
			     "c 2.1 pci\n",
		       "a", "a b c");
}

static struct kunit_case iommu_group_pci_change_cases[] = {
	KUNIT_CASE_SLOW(each_order_gives_the_same_groups),
	KUNIT_CASE_SLOW(random_orders_give_the_same_groups),
	KUNIT_CASE(removal_and_return_change_nothing),
	KUNIT_CASE_SLOW(unplug_and_replug_change_nothing),
	KUNIT_CASE(slot_that_was_removed_comes_back_as_it_was),
	KUNIT_CASE(port_without_acs_comes_back_as_it_was),
	KUNIT_CASE(acs_that_changed_counts_from_the_next_probe),
	KUNIT_CASE(port_that_cannot_be_woken_isolates_nothing),
	KUNIT_CASE(sleeping_port_is_woken_for_its_acs),
	KUNIT_CASE(acs_that_reads_all_ones_is_none),
	KUNIT_CASE(group_that_a_driver_remembers_is_found),
	KUNIT_CASE(group_that_a_driver_made_reaches_others),
	KUNIT_CASE(late_alias_joins_the_one_who_is_there),
	KUNIT_CASE(late_alias_of_two_groups_joins_one),
	KUNIT_CASE(late_alias_of_two_groups_is_refused_by_strict),
	KUNIT_CASE(legacy_has_no_edges),
	KUNIT_CASE(alias_to_itself_is_no_culprit),
	KUNIT_CASE(isolation_has_three_names),
	KUNIT_CASE(group_that_was_smaller_is_logged),
	KUNIT_CASE(group_that_is_as_it_was_is_not_logged),
	KUNIT_CASE(failed_allocation_leaves_nothing_of_a_new_group),
	KUNIT_CASE(failed_allocation_leaves_nothing_in_a_group),
	KUNIT_CASE(failed_allocation_leaves_nothing_of_an_alias),
	{}
};

static struct kunit_suite iommu_group_pci_change_suite = {
	.name = "iommu_group_pci_change",
	.test_cases = iommu_group_pci_change_cases,
};

kunit_test_suite(iommu_group_pci_change_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of who may use a group while others are within its reach, by each
 * iommu.isolation=. The slot of the fabric has a port with ACS and one without: f,
 * below the latter, shares its group and reaches port and endpoint, a and e.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/iommu.h>
#include <linux/kmsg_dump.h>
#include <linux/pci.h>

#include "iommu-group.h"
#include "iommu_group_fabric.h"
#include "iommu_group_fixture.h"
#include "iommu_group_pci_fixture.h"
#include "iommu_group_recorder.h"
#include "iommu_group_sysfs_view.h"

/* e has an ID that no vendor has, for a driver to take it alone */
static const char slot[] =
	"a 1.0 root acs bar\n"
	"  e 0.0 ep id=fffe:0001\n"
	"b 1.1 root\n"
	"  f 0.0 ep\n";

struct slot {
	struct igt_fabric *fabric;
	struct igt_function *a;
	struct igt_function *e;
	struct iommu_group *reached;	/* of e */
	struct iommu_group *reaching;	/* of b and f */
};

static void forget(void *fabric)
{
	igt_forget_all(fabric);
}

static void set_up(struct kunit *test, struct slot *is, const char *isolation)
{
	struct igt_iommu *mock = igt_pci_iommu(test);

	igt_use_isolation(test, isolation);
	is->fabric = igt_fabric(test, slot);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, forget, is->fabric), 0);
	igt_discover_all(test, mock, is->fabric, NULL);
	is->a = igt_function(test, is->fabric, "a");
	is->e = igt_function(test, is->fabric, "e");
	is->reached = igt_group_of_function(is->e);
	is->reaching = igt_group_of_function(igt_function(test, is->fabric, "f"));
}

/* What a driver's bind asks */
static int use(struct iommu_group *group)
{
	int ret = iommu_group_begin_claim(group, NULL);

	if (!ret)
		iommu_group_end_claim(group, NULL);
	return ret;
}

/* Owners are told apart by any two addresses */
#define ONE	((void *)test)
#define OTHER	((void *)&slot)

static int probe_nothing(struct pci_dev *pdev, const struct pci_device_id *id)
{
	return 0;
}

static const struct pci_device_id ids_of_e[] = {
	{ PCI_DEVICE(0xfffe, 0x0001) },
	{}
};

static struct pci_driver driver = {
	.name = "iommu-group-test",
	.id_table = ids_of_e,
	.probe = probe_nothing,
};

KUNIT_DEFINE_ACTION_WRAPPER(unregister_driver, pci_unregister_driver,
			    struct pci_driver *);

/* A driver that leaves DMA to the kernel owns it; then a claim, as VFIO does */
static void dma_owner_follows_drivers_and_claims(struct kunit *test)
{
	struct iommu_group *group;
	struct slot is;

	set_up(test, &is, "standard");
	group = is.reached;
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "dma_owner"), "none\n");
	/* The PCI core keeps drivers away until a function is whole */
	pci_lock_rescan_remove();
	pci_bus_add_device(is.e->pdev);
	pci_unlock_rescan_remove();
	KUNIT_ASSERT_EQ(test, pci_register_driver(&driver), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_driver,
							&driver), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "dma_owner"),
			   "kernel\n");
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(group, ONE), -EPERM);
	kunit_release_action(test, unregister_driver, &driver);

	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(group, ONE), 0);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "dma_owner"), "user\n");
	iommu_group_release_dma_owner(group);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "dma_owner"), "none\n");
}

/* A user has the second group not while another has the first; a driver, see @used */
static void expect_refused_meanwhile(struct kunit *test, struct iommu_group *first,
				     struct iommu_group *second, int used)
{
	struct kmsg_dump_iter log;

	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(first, ONE), 0);
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(second, OTHER), -EBUSY);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "to user space: group"), 1);
	KUNIT_EXPECT_EQ(test, use(second), used);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "to a driver: group"), !!used);
	iommu_group_release_dma_owner(first);

	KUNIT_EXPECT_EQ(test, use(second), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(second, OTHER), 0);
	iommu_group_release_dma_owner(second);
}

static void strict_keeps_others_out_of_reach(struct kunit *test)
{
	struct slot is;

	set_up(test, &is, "strict");
	expect_refused_meanwhile(test, is.reaching, is.reached, -EBUSY);
}

/* But what the kernel owns may reach whom it likes */
static void strict_refuses_what_reaches_others(struct kunit *test)
{
	struct slot is;

	set_up(test, &is, "strict");
	expect_refused_meanwhile(test, is.reached, is.reaching, 0);
}

/* Its owner would keep the driver out as well, and is to hear of it */
static void strict_tells_the_owner_whom_it_refuses(struct kunit *test)
{
	struct igt_recorder *rec;
	struct slot is;

	set_up(test, &is, "strict");
	rec = igt_new_listener(test, is.reached);
	IGT_EXPECT_EVENTS(test, rec, &is.e->pdev->dev, ADD);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reached, ONE), 0);
	IGT_EXPECT_EVENTS(test, rec, NULL, OWNER_USER);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), 0);
	KUNIT_EXPECT_EQ(test, iommu_device_use_default_domain(&is.e->pdev->dev),
			-EBUSY);
	IGT_EXPECT_EVENTS(test, rec, &is.e->pdev->dev, REFUSED);
	igt_stop(test, rec);
	iommu_group_release_dma_owner(is.reached);
	iommu_group_release_dma_owner(is.reaching);
}

static void one_owner_may_have_both_ends(struct kunit *test)
{
	struct slot is;

	set_up(test, &is, "strict");
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reached, ONE), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), 0);
	iommu_group_release_dma_owner(is.reached);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reached, ONE), 0);
	iommu_group_release_dma_owner(is.reached);
	iommu_group_release_dma_owner(is.reaching);
}

/* Nobody owns a bridge, and yet its registers serve all that is below it */
static void bridge_with_registers_is_in_use(struct kunit *test)
{
	struct slot is;

	set_up(test, &is, "strict");
	atomic_inc(&is.a->pdev->enable_cnt);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), -EBUSY);
	atomic_dec(&is.a->pdev->enable_cnt);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), 0);
	iommu_group_release_dma_owner(is.reaching);
}

/* A driver that has gone may have left it, and the mock's default domain translates nothing */
static void bus_master_without_translation_is_in_use(struct kunit *test)
{
	struct slot is;

	set_up(test, &is, "strict");
	KUNIT_ASSERT_EQ(test, is.reached->default_domain->type, IOMMU_DOMAIN_IDENTITY);
	atomic_inc(&is.e->pdev->enable_cnt);
	is.e->pdev->is_busmaster = 1;
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), -EBUSY);
	is.e->pdev->is_busmaster = 0;
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), 0);
	atomic_dec(&is.e->pdev->enable_cnt);
	iommu_group_release_dma_owner(is.reaching);
}

static void standard_tells_once(struct kunit *test)
{
	struct kmsg_dump_iter log;
	struct slot is;
	int i;

	set_up(test, &is, "standard");
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reached, OTHER), 0);
	log = igt_log();
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), 0);
		iommu_group_release_dma_owner(is.reaching);
	}
	KUNIT_EXPECT_EQ(test, igt_logged(log, "is given to user space and reaches"), 1);
	iommu_group_release_dma_owner(is.reached);
}

/* Groups of legacy have no edges */
static void legacy_tells_nothing(struct kunit *test)
{
	struct kmsg_dump_iter log;
	struct slot is;

	set_up(test, &is, "legacy");
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reached, OTHER), 0);
	log = igt_log();
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(is.reaching, ONE), 0);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "is given to user space and reaches"), 0);
	iommu_group_release_dma_owner(is.reaching);
	iommu_group_release_dma_owner(is.reached);
}

/*
 * y sends as z as well, so that the group of both is also found by z's slot. With z
 * gone from the group nothing of it turns around there.
 */
static void alias_that_has_gone_reaches_nobody(struct kunit *test)
{
	struct igt_iommu *mock = igt_pci_iommu(test);
	struct igt_fabric *fabric = igt_fabric(test, "y 1.0 rcep alias=2.0\n"
						     "z 2.0 pci\n"
						     "v 2.1 rcep acs\n");
	struct iommu_group *reaching, *reached;

	igt_use_isolation(test, "strict");
	igt_discover_all(test, mock, fabric, NULL);
	igt_expect_groups(test, fabric, "y z | v");
	reaching = igt_group_of_function(igt_function(test, fabric, "y"));
	reached = igt_group_of_function(igt_function(test, fabric, "v"));
	igt_forget(igt_function(test, fabric, "z"));
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(reaching, ONE), 0);
	KUNIT_EXPECT_EQ(test, iommu_group_claim_dma_owner(reached, OTHER), 0);
	iommu_group_release_dma_owner(reached);
	iommu_group_release_dma_owner(reaching);
	igt_forget_all(fabric);
}

static struct kunit_case iommu_group_claim_cases[] = {
	KUNIT_CASE(dma_owner_follows_drivers_and_claims),
	KUNIT_CASE(strict_keeps_others_out_of_reach),
	KUNIT_CASE(strict_refuses_what_reaches_others),
	KUNIT_CASE(strict_tells_the_owner_whom_it_refuses),
	KUNIT_CASE(one_owner_may_have_both_ends),
	KUNIT_CASE(bridge_with_registers_is_in_use),
	KUNIT_CASE(bus_master_without_translation_is_in_use),
	KUNIT_CASE(standard_tells_once),
	KUNIT_CASE(legacy_tells_nothing),
	KUNIT_CASE(alias_that_has_gone_reaches_nobody),
	{}
};

static struct kunit_suite iommu_group_claim_suite = {
	.name = "iommu_group_claim",
	.suite_init = igt_mount_sysfs,
	.suite_exit = igt_unmount_sysfs,
	.test_cases = iommu_group_claim_cases,
};

kunit_test_suite(iommu_group_claim_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of how devices come to the groups of their IOMMU and leave them:
 * once, whole, in the promised order, and without a trace when it fails. Each
 * runs with both ways that an IOMMU driver has to place a device.
 */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/platform_device.h>

#include "iommu-group.h"
#include "iommu_group_failslab.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"
#include "iommu_group_recorder.h"
#include "iommu_group_sysfs_view.h"

static const enum igt_ops ways[] = { IGT_GENERIC, IGT_ADD_DEVICE };

static void describe_way(const enum igt_ops *way, char *desc)
{
	strscpy(desc, *way == IGT_GENERIC ? "probe_device" : "add_device",
		KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(way, ways, describe_way);

static struct igt_iommu *new_iommu(struct kunit *test)
{
	return igt_iommu(test, *(const enum igt_ops *)test->param_value);
}

/* An IOMMU whose devices all go to one group, which the test holds */
static struct igt_iommu *new_iommu_with_group(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_iommu *mock = new_iommu(test);

	mock->group = group;
	return mock;
}

static struct iommu_group *group_of(struct device *dev)
{
	return rcu_access_pointer(dev->iommu_group);
}

static bool in_group(struct device *dev)
{
	return group_of(dev);
}

static void added_device_is_whole(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct iommu_group *group = mock->group;
	struct device *dev = igt_client(test, mock, "whole");

	KUNIT_EXPECT_TRUE(test, igt_is_member(group, dev));
	KUNIT_EXPECT_NOT_NULL(test, group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, group->domain, group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(dev), group->default_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_sysfs_group(dev), (void *)group->kobj.sd);
	KUNIT_EXPECT_STREQ(test, igt_read_attr(test, group, "type"),
			   "identity\n");
	/* The test's and the member's */
	KUNIT_EXPECT_EQ(test, igt_references(group), 2);
	KUNIT_EXPECT_EQ(test, mock->finalized, 1);
}

static void listeners_hear_of_an_attached_device(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct device *dev = igt_client(test, mock, "announced");

	KUNIT_ASSERT_EQ(test, rec->n, 1);
	KUNIT_EXPECT_NOT_NULL(test, rec->event[0].domain);
	KUNIT_EXPECT_PTR_EQ(test, rec->event[0].domain,
			    mock->group->default_domain);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD);
}

/* The removal is told before anything of it is done */
static void listeners_hear_of_a_device_still_attached(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *dev = igt_client(test, mock, "leaving");
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct iommu_domain *domain = igt_domain_of(dev);

	igt_unplug(test, dev);
	KUNIT_EXPECT_EQ(test, rec->n, 2);
	KUNIT_EXPECT_EQ(test, rec->event[1].action, DEL);
	KUNIT_EXPECT_TRUE(test, rec->event[1].is_member);
	KUNIT_EXPECT_PTR_EQ(test, rec->event[1].domain, domain);
}

static void removed_device_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *dev = igt_client(test, mock, "leaving");

	get_device(dev);
	igt_unplug(test, dev);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
	put_device(dev);

	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 1);
	KUNIT_EXPECT_NULL(test, mock->group->default_domain);
	KUNIT_EXPECT_EQ(test, igt_live_domains(mock), 0);
	KUNIT_EXPECT_EQ(test, mock->releases, 1);
	KUNIT_EXPECT_PTR_EQ(test, mock->released_from, &igt_release_domain);
}

static void domains_stay_for_the_others(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *first = igt_client(test, mock, "first");
	struct device *second = igt_client(test, mock, "second");

	igt_unplug(test, first);
	KUNIT_EXPECT_EQ(test, igt_live_domains(mock), 1);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(second),
			    mock->group->default_domain);
}

/* Where nothing was ever attached the hardware is to be left alone */
static void deferred_device_is_attached_when_used(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct iommu_domain *domain;
	struct device *dev, *unused;

	mock->deferred = true;
	dev = igt_client(test, mock, "deferred");
	unused = igt_client(test, mock, "unused");
	domain = mock->group->default_domain;
	KUNIT_EXPECT_NOT_NULL(test, domain);
	KUNIT_EXPECT_EQ(test, mock->attaches, 0);

	KUNIT_EXPECT_EQ(test, iommu_deferred_attach(dev, domain), 0);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(dev), domain);
	KUNIT_EXPECT_EQ(test, iommu_deferred_attach(dev, domain), 0);
	KUNIT_EXPECT_EQ(test, mock->attaches, 1);

	igt_unplug(test, unused);
	KUNIT_EXPECT_EQ(test, mock->attaches, 1);
}

static void added_twice_is_added_once(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct device *dev = igt_client(test, mock, "twice");

	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD);
	KUNIT_EXPECT_EQ(test, mock->probes, 1);
	KUNIT_EXPECT_EQ(test, mock->attaches, 1);
	KUNIT_EXPECT_EQ(test, mock->finalized, 1);
	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 2);
}

static void released_twice_is_released_once(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *dev = igt_client(test, mock, "twice");

	iommu_release_device(dev);
	iommu_release_device(dev);
	KUNIT_EXPECT_EQ(test, mock->releases, 1);
	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 1);
}

static void released_device_comes_back(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct device *dev = igt_client(test, mock, "back");

	iommu_release_device(dev);
	/* With the device went what ties it to its IOMMU */
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_EQ(test, igt_tie(mock, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	KUNIT_EXPECT_TRUE(test, igt_is_member(mock->group, dev));
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(dev), mock->group->default_domain);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD, DEL, ADD);
}

static void unknown_device_is_left_alone(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu(test);
	struct device *dev = igt_early_client(test, mock, "unknown");
	struct kmsg_dump_iter log = igt_log();

	mock->probe_error = -ENODEV;
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "no IOMMU group"), 0);
}

/* What a walk finds may have been deleted since; see device_is_dead() */
static void deleted_device_is_not_taken_up(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu(test);
	struct device *dev = igt_client(test, mock, "deleted");

	get_device(dev);
	igt_unplug(test, dev);
	KUNIT_EXPECT_EQ(test, igt_tie(mock, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	iommu_release_device(dev);
	put_device(dev);
}

static void group_without_iommu_ends_with_the_device(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_iommu *mock = new_iommu(test);
	struct device *dev;

	mock->probe_error = -ENODEV;
	dev = igt_client(test, mock, "emulated");
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	/* An IOMMU that comes later does not take it over */
	mock->probe_error = 0;
	KUNIT_ASSERT_EQ(test, igt_tie(mock, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	KUNIT_EXPECT_EQ(test, mock->probes, 0);
	igt_unplug(test, dev);
	KUNIT_EXPECT_EQ(test, igt_references(group), 1);
}

static struct platform_driver foreign_driver = {
	.driver = {
		.name = "iommu-group-test-foreign",
	},
	.driver_managed_dma = true,
};

KUNIT_DEFINE_ACTION_WRAPPER(unregister_driver, platform_driver_unregister,
			    struct platform_driver *);
KUNIT_DEFINE_ACTION_WRAPPER(unregister_pdev, platform_device_unregister,
			    struct platform_device *);

/* It stands for the machine's: on a bus that the core serves, and bound */
static struct device *foreign_device(struct kunit *test)
{
	struct platform_device *pdev;

	KUNIT_ASSERT_EQ(test, platform_driver_register(&foreign_driver), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_driver,
							&foreign_driver), 0);
	pdev = platform_device_register_simple(foreign_driver.driver.name,
					       PLATFORM_DEVID_NONE, NULL, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pdev);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_pdev,
							pdev), 0);
	return &pdev->dev;
}

/* Whoever runs the suites on a machine in use has it as it was before */
static void devices_of_the_machine_are_left_alone(struct kunit *test)
{
	struct igt_iommu *mock, *its_own;
	struct device *dev;

	its_own = igt_iommu(test, *(const enum igt_ops *)test->param_value ==
				  IGT_GENERIC ? IGT_ADD_DEVICE : IGT_GENERIC);
	/* It would take it if asked, which waits for its driver. It goes first */
	dev = foreign_device(test);
	KUNIT_ASSERT_EQ(test, igt_tie(its_own, dev), 0);
	mock = new_iommu_with_group(test);
	igt_client(test, mock, "ours");
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	igt_unregister(mock);
	KUNIT_EXPECT_EQ(test, igt_register(mock), 0);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_EQ(test, its_own->probes, 0);
	KUNIT_EXPECT_PTR_EQ(test, dev->driver, &foreign_driver.driver);
}

static void generic_group_has_one_device(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct device *first, *second;

	mock->ops.device_group = generic_device_group;
	first = igt_client(test, mock, "first");
	second = igt_client(test, mock, "second");
	KUNIT_EXPECT_TRUE(test, in_group(first));
	KUNIT_EXPECT_TRUE(test, in_group(second));
	KUNIT_EXPECT_PTR_NE(test, group_of(first), group_of(second));
}

/* The IOMMU holds it while there are no devices */
static void single_group_is_that_of_the_iommu(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct device *first, *second;
	struct iommu_group *group;

	mock->ops.device_group = generic_single_device_group;
	first = igt_client(test, mock, "first");
	second = igt_client(test, mock, "second");
	group = group_of(first);
	KUNIT_EXPECT_NOT_NULL(test, group);
	KUNIT_EXPECT_PTR_EQ(test, group_of(second), group);
	/* The IOMMU's and the members' */
	KUNIT_EXPECT_EQ(test, igt_references(group), 3);

	igt_unplug(test, first);
	igt_unplug(test, second);
	first = igt_client(test, mock, "third");
	KUNIT_EXPECT_PTR_EQ(test, group_of(first), group);
}

static void group_is_served_whole_or_not_at_all(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *plain = igt_device(test, NULL, "plain");
	struct device *served;

	KUNIT_ASSERT_EQ(test, iommu_group_add_device(mock->group, plain), 0);
	served = igt_client(test, mock, "served");
	KUNIT_EXPECT_FALSE(test, in_group(served));

	iommu_group_remove_device(plain);
	served = igt_client(test, mock, "served-again");
	KUNIT_EXPECT_TRUE(test, in_group(served));
	KUNIT_EXPECT_EQ(test, iommu_group_add_device(mock->group, plain),
			-EINVAL);
}

/* All is as if the device had never been there */
static void expect_untouched(struct kunit *test, struct igt_iommu *mock,
			     struct device *dev)
{
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, igt_sysfs_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
	KUNIT_EXPECT_EQ(test, mock->probes, mock->releases);
	KUNIT_EXPECT_EQ(test, igt_live_domains(mock), 0);
	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 1);
	KUNIT_EXPECT_NULL(test, mock->group->domain);
	KUNIT_EXPECT_NULL(test, mock->group->default_domain);
}

static void failed_probe_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct kmsg_dump_iter log = igt_log();

	mock->probe_error = -EIO;
	expect_untouched(test, mock, igt_client(test, mock, "no-probe"));
	IGT_EXPECT_NO_EVENT(test, rec);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "no IOMMU group"), 1);
}

/* The driver core's dev_err_probe() is silent about it */
static void failed_probe_without_memory_is_logged(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct kmsg_dump_iter log = igt_log();

	mock->probe_error = -ENOMEM;
	expect_untouched(test, mock, igt_client(test, mock, "no-memory"));
	KUNIT_EXPECT_EQ(test, igt_logged(log, "no IOMMU group"), 1);
}

static void failed_search_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);

	mock->group_error = -EIO;
	expect_untouched(test, mock, igt_client(test, mock, "no-group"));
	IGT_EXPECT_NO_EVENT(test, rec);
}

static struct iommu_group *null_group(struct device *dev)
{
	return NULL;
}

static void null_for_a_group_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_GENERIC);
	struct device *dev;

	mock->ops.device_group = null_group;
	dev = igt_client(test, mock, "null-group");
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
	KUNIT_EXPECT_EQ(test, mock->releases, 1);
}

static int add_nothing(struct device *dev)
{
	return 0;
}

static void remove_nothing(struct device *dev)
{
}

static void success_without_a_group_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_ADD_DEVICE);
	struct device *dev;

	mock->ops.add_device = add_nothing;
	mock->ops.remove_device = remove_nothing;
	dev = igt_early_client(test, mock, "nowhere");
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -EINVAL);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
}

static void failure_after_adding_leaves_nothing(struct kunit *test)
{
	struct iommu_group *group = igt_group(test);
	struct igt_iommu *mock = igt_iommu(test, IGT_ADD_DEVICE);
	struct igt_recorder *rec = igt_new_listener(test, group);
	struct device *dev;

	mock->group = group;
	mock->late_error = -EIO;
	dev = igt_early_client(test, mock, "too-late");
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -EIO);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, igt_sysfs_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
	/* The test's */
	KUNIT_EXPECT_EQ(test, igt_references(group), 1);
	IGT_EXPECT_NO_EVENT(test, rec);
}

static void missing_domain_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);

	mock->ops.domain_alloc_identity = NULL;
	expect_untouched(test, mock, igt_client(test, mock, "no-domain"));
	IGT_EXPECT_NO_EVENT(test, rec);
}

/* A group in which the first is, and that the second cannot be attached to */
static void failed_attach_leaves_the_others(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *first = igt_client(test, mock, "first");
	struct iommu_domain *domain = igt_domain_of(first);
	struct device *second;

	mock->fail_attach = mock->attaches + 1;
	second = igt_client(test, mock, "second");
	KUNIT_EXPECT_FALSE(test, in_group(second));
	KUNIT_EXPECT_NULL(test, second->iommu);
	KUNIT_EXPECT_EQ(test, mock->releases, 1);
	KUNIT_EXPECT_PTR_EQ(test, mock->released_from, &igt_release_domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(first), domain);
	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 2);
}

struct probe_attempt {
	struct igt_attempt attempt;
	struct igt_iommu *mock;
};

/* With the device goes what ties it to its IOMMU; tie it again */
static int tie_again(struct igt_attempt *attempt)
{
	struct probe_attempt *probe;

	probe = container_of(attempt, struct probe_attempt, attempt);
	return igt_tie(probe->mock, attempt->dev);
}

static int act_probe(struct igt_attempt *attempt)
{
	return iommu_probe_device(attempt->dev);
}

static void undo_probe(struct igt_attempt *attempt)
{
	iommu_release_device(attempt->dev);
	tie_again(attempt);
}

static void check_not_probed(struct kunit *test, struct igt_attempt *attempt)
{
	struct probe_attempt *probe;

	probe = container_of(attempt, struct probe_attempt, attempt);
	expect_untouched(test, probe->mock, attempt->dev);
	KUNIT_EXPECT_EQ(test, tie_again(attempt), 0);
}

static void failed_allocation_leaves_nothing(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct probe_attempt probe = {
		.attempt = {
			.dev = igt_early_client(test, mock, "no-memory"),
			.act = act_probe,
			.undo = undo_probe,
			.check_unchanged = check_not_probed,
		},
		.mock = mock,
	};

	igt_fail_each_allocation(test, &probe.attempt);
}

/* The boot-time walk: the default domain comes when all devices are there */

static int def_domain_type_of_all(struct device *dev)
{
	struct iommu_group *group = group_of(dev);

	/* Two devices were made for the walk to find */
	return list_count_nodes(&group->devices) == 2 ? IOMMU_DOMAIN_IDENTITY :
							-EINVAL;
}

static void walk_knows_all_devices_of_a_group(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct device *dev[2];
	int i;

	dev[0] = igt_early_client(test, mock, "walk-a");
	dev[1] = igt_early_client(test, mock, "walk-b");
	mock->ops.def_domain_type = def_domain_type_of_all;
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);

	KUNIT_ASSERT_EQ(test, rec->n, 2);
	for (i = 0; i < ARRAY_SIZE(dev); i++) {
		KUNIT_EXPECT_EQ(test, rec->event[i].action, ADD);
		KUNIT_EXPECT_PTR_EQ(test, rec->event[i].dev, dev[i]);
		KUNIT_EXPECT_PTR_EQ(test, rec->event[i].domain,
				    mock->group->default_domain);
	}
	KUNIT_EXPECT_NOT_NULL(test, mock->group->default_domain);
	KUNIT_EXPECT_EQ(test, mock->finalized, 2);
	KUNIT_EXPECT_TRUE(test, list_empty(&mock->group->entry));
	/* The test's and the members', none of the walk's list */
	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 3);
}

static void walk_adds_to_a_group_with_a_domain(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct iommu_domain *domain;
	struct device *late;

	igt_client(test, mock, "early");
	domain = mock->group->default_domain;
	late = igt_early_client(test, mock, "late");
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	KUNIT_EXPECT_PTR_EQ(test, mock->group->default_domain, domain);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(late), domain);
	KUNIT_EXPECT_EQ(test, mock->finalized, 2);
}

/*
 * The group of one IOMMU gets no domain, for which its ops have no function, and
 * that is -EOPNOTSUPP. It is reported, and the group of the other, found later, is
 * finished all the same.
 */
static void walk_goes_on_after_a_group_without_domain(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct iommu_group *other = igt_group(test);
	struct igt_iommu *broken;
	struct igt_recorder *rec;
	struct device *lame, *sound;

	broken = igt_iommu(test, mock->ops.add_device ? IGT_GENERIC :
							IGT_ADD_DEVICE);
	broken->group = other;
	broken->ops.domain_alloc_identity = NULL;
	lame = igt_early_client(test, broken, "lame");
	sound = igt_early_client(test, mock, "sound");
	rec = igt_new_listener(test, other);

	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), -EOPNOTSUPP);
	KUNIT_EXPECT_TRUE(test, list_empty(&other->entry));
	KUNIT_EXPECT_NULL(test, igt_domain_of(lame));
	KUNIT_EXPECT_NOT_NULL(test, igt_domain_of(sound));
	KUNIT_EXPECT_EQ(test, broken->finalized, 0);
	KUNIT_EXPECT_EQ(test, mock->finalized, 1);

	/* As who probed the device at the same time does: it is not attached */
	iommu_group_announce(other);
	IGT_EXPECT_NO_EVENT(test, rec);
}

/*
 * What keeps a device from its group, in its driver or while the group is sought,
 * is told, but takes nothing from those before and behind it: an error would have
 * the IOMMU unregistered.
 */
static void walk_passes_over_who_fails(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct device *before, *failing, *behind;
	struct kmsg_dump_iter log = igt_log();
	struct igt_iommu *broken;

	broken = igt_iommu(test, mock->ops.add_device ? IGT_GENERIC :
							IGT_ADD_DEVICE);
	broken->probe_error = -EIO;
	before = igt_early_client(test, mock, "before");
	failing = igt_early_client(test, broken, "failing");
	behind = igt_early_client(test, mock, "behind");

	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "no IOMMU group, DMA may not work"),
			1);
	KUNIT_EXPECT_FALSE(test, in_group(failing));
	KUNIT_EXPECT_NOT_NULL(test, igt_domain_of(before));
	KUNIT_EXPECT_NOT_NULL(test, igt_domain_of(behind));
	KUNIT_EXPECT_TRUE(test, list_empty(&mock->group->entry));

	/* What pci_device_group() returns of one that would join two groups */
	broken->probe_error = 0;
	broken->group_error = -EXDEV;
	KUNIT_ASSERT_EQ(test, igt_tie(broken, failing), 0);
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "no IOMMU group, DMA may not work"),
			2);
	KUNIT_EXPECT_FALSE(test, in_group(failing));
}

/*
 * Nor does a group one of whose devices cannot be attached. It has a default domain,
 * so its IOMMU is not at fault, and no device of it is left half-made.
 */
static void walk_leaves_out_a_group_that_cannot_be_attached(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct kmsg_dump_iter log = igt_log();
	struct device *failing, *beside, *sound;
	struct igt_iommu *broken;

	broken = igt_iommu(test, mock->ops.add_device ? IGT_GENERIC :
							IGT_ADD_DEVICE);
	broken->group = igt_group(test);
	broken->ops.blocked_domain = &igt_release_domain;
	broken->fail_attach = 1;
	broken->attach_error = -ENOMEM;
	failing = igt_early_client(test, broken, "failing");
	beside = igt_early_client(test, broken, "beside");
	sound = igt_early_client(test, mock, "sound");

	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	KUNIT_EXPECT_EQ(test, igt_logged(log, "no IOMMU group, DMA may not work"),
			2);
	KUNIT_EXPECT_FALSE(test, in_group(failing));
	KUNIT_EXPECT_FALSE(test, in_group(beside));
	KUNIT_EXPECT_NULL(test, beside->iommu);
	KUNIT_EXPECT_EQ(test, broken->probes, broken->releases);
	KUNIT_EXPECT_EQ(test, broken->finalized, 0);
	KUNIT_EXPECT_EQ(test, igt_references(broken->group), 1);
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(sound), mock->group->default_domain);
	/* That one alone, none of the other group */
	KUNIT_EXPECT_EQ(test, igt_live_domains(mock), 1);
}

static void iommu_that_goes_releases_its_devices(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct device *dev = igt_client(test, mock, "orphan");

	igt_unregister(mock);
	IGT_EXPECT_EVENTS(test, rec, dev, ADD, DEL);
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_EQ(test, mock->releases, 1);
	/* For the test's end, which unregisters it */
	KUNIT_EXPECT_EQ(test, igt_register(mock), 0);
}

/* A driver that places devices has to take them back, and to park them */
static void incomplete_ops_are_refused(struct kunit *test)
{
	struct igt_iommu *mock = igt_iommu(test, IGT_ADD_DEVICE);
	struct iommu_ops ops = mock->ops;
	struct iommu_device iommu = {};

	ops.release_domain = NULL;
	KUNIT_EXPECT_EQ(test, iommu_device_register(&iommu, &ops, NULL),
			-EINVAL);
	ops = mock->ops;
	ops.remove_device = NULL;
	KUNIT_EXPECT_EQ(test, iommu_device_register(&iommu, &ops, NULL),
			-EINVAL);
}

/* Walks and hot-plug come upon the same device in two threads */

#define RACE_ROUNDS 500

struct race {
	struct device *dev;
	struct completion start;
	struct completion end;
};

static int probe_in_each_round(void *data)
{
	struct race *race = data;

	while (!kthread_should_stop()) {
		if (!wait_for_completion_timeout(&race->start, HZ / 10))
			continue;
		iommu_probe_device(race->dev);
		complete(&race->end);
	}
	return 0;
}

static void walk_races_with_hotplug(struct kunit *test)
{
	struct igt_iommu *mock = new_iommu_with_group(test);
	struct igt_recorder *rec = igt_new_listener(test, mock->group);
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct task_struct *task;
	int i, wrong = 0;

	KUNIT_ASSERT_NOT_NULL(test, race);
	igt_quieten_console(test);
	race->dev = igt_early_client(test, mock, "raced");
	init_completion(&race->start);
	init_completion(&race->end);
	task = igt_begin_thread(test, probe_in_each_round, race);
	for (i = 0; i < RACE_ROUNDS; i++) {
		rec->n = 0;
		complete(&race->start);
		bus_iommu_probe(&igt_bus);
		wait_for_completion(&race->end);
		wrong += rec->n != 1 || !igt_domain_of(race->dev) ||
			 !igt_is_member(mock->group, race->dev);

		iommu_release_device(race->dev);
		wrong += !!igt_tie(mock, race->dev);
	}
	igt_end_thread(test, task);
	igt_restore_console(test);

	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, mock->probes, RACE_ROUNDS);
	KUNIT_EXPECT_EQ(test, mock->finalized, RACE_ROUNDS);
	KUNIT_EXPECT_EQ(test, igt_references(mock->group), 1);
}

static struct kunit_case iommu_group_probe_cases[] = {
	KUNIT_CASE_PARAM(added_device_is_whole, way_gen_params),
	KUNIT_CASE_PARAM(listeners_hear_of_an_attached_device, way_gen_params),
	KUNIT_CASE_PARAM(listeners_hear_of_a_device_still_attached,
			 way_gen_params),
	KUNIT_CASE_PARAM(removed_device_leaves_nothing, way_gen_params),
	KUNIT_CASE_PARAM(domains_stay_for_the_others, way_gen_params),
	KUNIT_CASE_PARAM(deferred_device_is_attached_when_used, way_gen_params),
	KUNIT_CASE_PARAM(added_twice_is_added_once, way_gen_params),
	KUNIT_CASE_PARAM(released_twice_is_released_once, way_gen_params),
	KUNIT_CASE_PARAM(released_device_comes_back, way_gen_params),
	KUNIT_CASE_PARAM(unknown_device_is_left_alone, way_gen_params),
	KUNIT_CASE_PARAM(deleted_device_is_not_taken_up, way_gen_params),
	KUNIT_CASE_PARAM(group_without_iommu_ends_with_the_device,
			 way_gen_params),
	KUNIT_CASE_PARAM(devices_of_the_machine_are_left_alone, way_gen_params),
	KUNIT_CASE(generic_group_has_one_device),
	KUNIT_CASE(single_group_is_that_of_the_iommu),
	KUNIT_CASE_PARAM(group_is_served_whole_or_not_at_all, way_gen_params),
	KUNIT_CASE_PARAM(failed_probe_leaves_nothing, way_gen_params),
	KUNIT_CASE_PARAM(failed_probe_without_memory_is_logged, way_gen_params),
	KUNIT_CASE_PARAM(failed_search_leaves_nothing, way_gen_params),
	KUNIT_CASE(null_for_a_group_leaves_nothing),
	KUNIT_CASE(success_without_a_group_leaves_nothing),
	KUNIT_CASE(failure_after_adding_leaves_nothing),
	KUNIT_CASE_PARAM(missing_domain_leaves_nothing, way_gen_params),
	KUNIT_CASE_PARAM(failed_attach_leaves_the_others, way_gen_params),
	KUNIT_CASE_PARAM(failed_allocation_leaves_nothing, way_gen_params),
	KUNIT_CASE_PARAM(walk_knows_all_devices_of_a_group, way_gen_params),
	KUNIT_CASE_PARAM(walk_adds_to_a_group_with_a_domain, way_gen_params),
	KUNIT_CASE_PARAM(walk_goes_on_after_a_group_without_domain,
			 way_gen_params),
	KUNIT_CASE_PARAM(walk_passes_over_who_fails, way_gen_params),
	KUNIT_CASE_PARAM(walk_leaves_out_a_group_that_cannot_be_attached,
			 way_gen_params),
	KUNIT_CASE_PARAM(iommu_that_goes_releases_its_devices, way_gen_params),
	KUNIT_CASE(incomplete_ops_are_refused),
	KUNIT_CASE_PARAM(walk_races_with_hotplug, way_gen_params),
	{}
};

static struct kunit_suite iommu_group_probe_suite = {
	.name = "iommu_group_probe",
	.suite_init = igt_mount_sysfs,
	.suite_exit = igt_unmount_sysfs,
	.test_cases = iommu_group_probe_cases,
};

kunit_test_suite(iommu_group_probe_suite);

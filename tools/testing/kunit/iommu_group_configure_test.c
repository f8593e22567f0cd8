// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of devices whose bus is asked, while they are probed, what firmware
 * says of their IOMMU. It is asked without the core's lock, so that much may have
 * happened when it answers.
 */

#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/device.h>
#include <linux/iommu.h>

#include "iommu-group.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"

/* What the bus does when it is asked; in test->priv */
struct answer {
	struct igt_iommu *mock;
	int asked;
	int ret;
	/* Once, before what follows */
	void (*meanwhile)(struct kunit *test, struct device *dev);
	bool knows_iommu;
};

static int answer_of_bus(struct device *dev)
{
	struct kunit *test = kunit_get_current_test();
	struct answer *answer = test->priv;
	typeof(answer->meanwhile) meanwhile = answer->meanwhile;

	answer->asked++;
	answer->meanwhile = NULL;
	if (meanwhile)
		meanwhile(test, dev);
	if (answer->knows_iommu)
		KUNIT_EXPECT_EQ(test, igt_tie(answer->mock, dev), 0);
	return answer->ret;
}

/* An IOMMU of devices that have one group, and a bus that knows of it */
static void set_up(struct kunit *test, struct answer *is)
{
	struct iommu_group *group = igt_group(test);

	*is = (struct answer){
		.mock = igt_iommu(test, IGT_GENERIC),
		.knows_iommu = true,
	};
	is->mock->group = group;
	test->priv = is;
}

static void let_bus_answer(struct kunit *test)
{
	kunit_activate_static_stub(test, igt_configure_dma, answer_of_bus);
}

/* A device that is there, and that nobody has tied to its IOMMU */
static struct device *untied_device(struct kunit *test, struct answer *is,
				    const char *name)
{
	struct device *dev = igt_early_client(test, is->mock, name);

	iommu_release_device(dev);
	KUNIT_ASSERT_NULL(test, dev->iommu);
	return dev;
}

static bool in_group(struct device *dev)
{
	return rcu_access_pointer(dev->iommu_group);
}

static void expect_probed_once(struct kunit *test, struct answer *is,
			       struct device *dev)
{
	struct iommu_group *group = is->mock->group;

	KUNIT_EXPECT_TRUE(test, in_group(dev));
	KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(dev), group->default_domain);
	KUNIT_EXPECT_EQ(test, is->mock->probes, 1);
	KUNIT_EXPECT_EQ(test, is->mock->attaches, 1);
	KUNIT_EXPECT_EQ(test, is->mock->finalized, 1);
	/* The test's and the member's */
	KUNIT_EXPECT_EQ(test, igt_references(group), 2);
}

static void expect_nothing(struct kunit *test, struct answer *is,
			   struct device *dev)
{
	KUNIT_EXPECT_FALSE(test, in_group(dev));
	KUNIT_EXPECT_NULL(test, dev->iommu);
	KUNIT_EXPECT_EQ(test, is->mock->probes, is->mock->releases);
	KUNIT_EXPECT_EQ(test, igt_live_domains(is->mock), 0);
	KUNIT_EXPECT_EQ(test, igt_references(is->mock->group), 1);
}

static void bus_ties_a_device_to_its_iommu(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	let_bus_answer(test);
	/* By the bus, when it is plugged in */
	dev = igt_early_client(test, is.mock, "tied");
	KUNIT_EXPECT_EQ(test, is.asked, 1);
	expect_probed_once(test, &is, dev);
}

static void bus_that_fails_is_believed(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	is.ret = -EPROBE_DEFER;
	dev = untied_device(test, &is, "deferred");
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	expect_probed_once(test, &is, dev);
}

static void device_without_an_iommu_is_left_alone(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	is.knows_iommu = false;
	dev = untied_device(test, &is, "plain");
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_EQ(test, is.asked, 1);
	expect_nothing(test, &is, dev);
}

static void bus_is_not_asked_of_what_is_known(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	let_bus_answer(test);
	dev = igt_client(test, is.mock, "known");
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	KUNIT_EXPECT_EQ(test, is.asked, 0);
	expect_probed_once(test, &is, dev);
}

static struct device_driver bound_driver = {
	.name = "igt-bound",
	.bus = &igt_bus,
};

KUNIT_DEFINE_ACTION_WRAPPER(unregister_driver, driver_unregister,
			    struct device_driver *);

/* Before a driver is bound the bus has been asked by the driver core */
static void bus_is_not_asked_of_a_bound_device(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	dev = untied_device(test, &is, bound_driver.name);
	KUNIT_ASSERT_EQ(test, driver_register(&bound_driver), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_driver,
							&bound_driver), 0);
	KUNIT_ASSERT_PTR_EQ(test, dev->driver, &bound_driver);
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_EQ(test, is.asked, 0);
	expect_nothing(test, &is, dev);
}

static void walk_asks_of_each_device(struct kunit *test)
{
	struct device *dev[2];
	struct answer is;
	int i;

	set_up(test, &is);
	dev[0] = untied_device(test, &is, "walk-a");
	dev[1] = untied_device(test, &is, "walk-b");
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, bus_iommu_probe(&igt_bus), 0);
	KUNIT_EXPECT_EQ(test, is.asked, 2);
	for (i = 0; i < ARRAY_SIZE(dev); i++)
		KUNIT_EXPECT_PTR_EQ(test, igt_domain_of(dev[i]),
				    is.mock->group->default_domain);
	KUNIT_EXPECT_EQ(test, is.mock->finalized, 2);
}

/* What happens while nobody holds the core's lock */

static void tie_and_probe(struct kunit *test, struct device *dev)
{
	struct answer *is = test->priv;

	KUNIT_EXPECT_EQ(test, igt_tie(is->mock, dev), 0);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
}

static void another_probe_is_faster(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	is.meanwhile = tie_and_probe;
	dev = untied_device(test, &is, "raced");
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	KUNIT_EXPECT_EQ(test, is.asked, 1);
	expect_probed_once(test, &is, dev);
}

/* And drops what the core has of the device, which the first probe has made */
static void probe_in_vain(struct kunit *test, struct device *dev)
{
	struct answer *is = test->priv;

	is->knows_iommu = false;
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_NULL(test, dev->iommu);
}

static void know_iommu(struct kunit *test, struct device *dev)
{
	struct answer *is = test->priv;

	is->knows_iommu = true;
}

static void probe_in_vain_and_learn(struct kunit *test, struct device *dev)
{
	struct answer *is = test->priv;

	probe_in_vain(test, dev);
	is->meanwhile = know_iommu;
}

/* The bus is asked again, and knows by then */
static void another_probe_finds_no_iommu(struct kunit *test)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	is.meanwhile = probe_in_vain_and_learn;
	dev = untied_device(test, &is, "dropped");
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), 0);
	/* Once by the other */
	KUNIT_EXPECT_EQ(test, is.asked, 3);
	expect_probed_once(test, &is, dev);
}

static void unplug(struct kunit *test, struct device *dev)
{
	igt_unplug(test, dev);
}

static void expect_gone_device_is_left_alone(struct kunit *test, bool knows_iommu)
{
	struct answer is;
	struct device *dev;

	set_up(test, &is);
	is.meanwhile = unplug;
	is.knows_iommu = knows_iommu;
	dev = get_device(untied_device(test, &is, "gone"));
	let_bus_answer(test);
	KUNIT_EXPECT_EQ(test, iommu_probe_device(dev), -ENODEV);
	KUNIT_EXPECT_EQ(test, is.asked, 1);
	expect_nothing(test, &is, dev);
	put_device(dev);
}

static void device_goes_before_the_bus_knows(struct kunit *test)
{
	expect_gone_device_is_left_alone(test, false);
}

/* Its removal was over when it was tied, so that nobody else will undo that */
static void device_goes_and_is_tied_then(struct kunit *test)
{
	expect_gone_device_is_left_alone(test, true);
}

static struct kunit_case iommu_group_configure_cases[] = {
	KUNIT_CASE(bus_ties_a_device_to_its_iommu),
	KUNIT_CASE(bus_that_fails_is_believed),
	KUNIT_CASE(device_without_an_iommu_is_left_alone),
	KUNIT_CASE(bus_is_not_asked_of_what_is_known),
	KUNIT_CASE(bus_is_not_asked_of_a_bound_device),
	KUNIT_CASE(walk_asks_of_each_device),
	KUNIT_CASE(another_probe_is_faster),
	KUNIT_CASE(another_probe_finds_no_iommu),
	KUNIT_CASE(device_goes_before_the_bus_knows),
	KUNIT_CASE(device_goes_and_is_tied_then),
	{}
};

static struct kunit_suite iommu_group_configure_suite = {
	.name = "iommu_group_configure",
	.test_cases = iommu_group_configure_cases,
};

kunit_test_suite(iommu_group_configure_suite);

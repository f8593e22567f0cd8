// SPDX-License-Identifier: GPL-2.0-only
/* What it costs to look a device's group up and put it, on all CPUs at once */

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/timex.h>

#include "devices.h"

#define ROUNDS	100000

static struct device *dev;
static DECLARE_COMPLETION(start);

static int look_up_and_put(void *data)
{
	struct completion *done = data;
	int i;

	wait_for_completion(&start);
	for (i = 0; i < ROUNDS; i++)
		iommu_group_put(iommu_group_get(dev));
	kthread_complete_and_exit(done, 0);
}

static void get_and_put(struct kunit *test)
{
	struct completion *done = kunit_kcalloc(test, nr_cpu_ids, sizeof(*done), GFP_KERNEL);
	struct iommu_group *group = iommu_group_alloc();
	struct task_struct *task;
	u64 begin, end;
	int cpu, failed = 0;

	KUNIT_ASSERT_NOT_NULL(test, done);
	KUNIT_ASSERT_FALSE(test, IS_ERR(group));
	KUNIT_ASSERT_EQ(test, add_devices(&dev, 1, NULL), 0);
	KUNIT_ASSERT_EQ(test, iommu_group_add_device(group, dev), 0);
	reinit_completion(&start);
	for_each_online_cpu(cpu) {
		init_completion(&done[cpu]);
		task = kthread_create_on_cpu(look_up_and_put, &done[cpu], cpu, "look-up/%u");
		if (IS_ERR(task)) {
			failed++;
			complete(&done[cpu]);
		} else {
			wake_up_process(task);
		}
	}

	begin = get_cycles();
	complete_all(&start);
	for_each_online_cpu(cpu)
		wait_for_completion(&done[cpu]);
	end = get_cycles();

	iommu_group_remove_device(dev);
	remove_devices(&dev, 1);
	iommu_group_put(group);
	KUNIT_EXPECT_EQ(test, failed, 0);
	kunit_info(test, "cost get-put %u %llu\n", num_online_cpus(),
		   div_u64(end - begin, ROUNDS * num_online_cpus()));
}

static struct kunit_case references_cases[] = {
	KUNIT_CASE_SLOW(get_and_put),
	{}
};

static struct kunit_suite references_suite = {
	.name = "cost_references",
	.test_cases = references_cases,
};

kunit_test_suite(references_suite);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation of an action fails in turn. Needs CONFIG_FAILSLAB and its
 * debugfs; without them the test is skipped.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/sched.h>

#include "iommu_group_failslab.h"

#if IS_ENABLED(CONFIG_FAILSLAB) && IS_ENABLED(CONFIG_FAULT_INJECTION_DEBUG_FS)
static void set_fail_nth(unsigned int nth)
{
	current->fail_nth = nth;
}

static unsigned int fail_nth(void)
{
	return current->fail_nth;
}

/* failslab's knobs exist only in debugfs, which nobody has mounted yet */
static void *failslab_knob(const char *name)
{
	struct dentry *dir = debugfs_lookup("failslab", NULL);
	struct dentry *file = dir ? debugfs_lookup(name, dir) : NULL;
	void *knob = file ? d_inode(file)->i_private : NULL;

	dput(file);
	dput(dir);
	return knob;
}
#else
static void set_fail_nth(unsigned int nth) { }

/* As if none had failed yet */
static unsigned int fail_nth(void)
{
	return 1;
}

/* Hidden from the compiler: objtool has to be told of functions that never return */
static void *failslab_knob(const char *name)
{
	void *none = NULL;

	OPTIMIZER_HIDE_VAR(none);
	return none;
}
#endif

/* What the knobs were before the test; there is one at a time */
static bool ignored_gfp_wait;
static unsigned long was_verbose;

static void restore_failslab(void *unused)
{
	*(bool *)failslab_knob("ignore-gfp-wait") = ignored_gfp_wait;
	*(unsigned long *)failslab_knob("verbose") = was_verbose;
}

void igt_need_failslab(struct kunit *test)
{
	if (!failslab_knob("ignore-gfp-wait") || !failslab_knob("verbose"))
		kunit_skip(test, "needs CONFIG_FAILSLAB and its debugfs");
}

/* Allocations that may sleep fail too, and without a stack trace for each */
static void prepare_failslab(struct kunit *test)
{
	bool *ignore_gfp_wait = failslab_knob("ignore-gfp-wait");
	unsigned long *verbose = failslab_knob("verbose");

	igt_need_failslab(test);
	ignored_gfp_wait = *ignore_gfp_wait;
	was_verbose = *verbose;
	*ignore_gfp_wait = false;
	*verbose = 0;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore_failslab,
							NULL), 0);
}

/* The first allocation of the action fails, then the second, until none does */
void igt_fail_each_allocation(struct kunit *test, struct igt_attempt *attempt)
{
	unsigned int failures = 0, nth = 0;
	bool injected;
	int ret;

	prepare_failslab(test);
	do {
		KUNIT_ASSERT_LT(test, nth, 1000);
		set_fail_nth(++nth);
		ret = attempt->act(attempt);
		injected = !fail_nth();
		set_fail_nth(0);

		if (ret) {
			failures++;
			KUNIT_EXPECT_EQ(test, ret, -ENOMEM);
			attempt->check_unchanged(test, attempt);
		} else {
			/* None failed, or one that can be done without */
			attempt->undo(attempt);
		}
	} while (injected);

	KUNIT_EXPECT_EQ(test, ret, 0);
	KUNIT_EXPECT_GT(test, failures, 0);
	kunit_info(test, "%u allocations, %u of them needed\n", nth - 1, failures);
}

/* More than any test makes */
#define NEVER_NTH 1000000

void igt_count_allocations(struct kunit *test)
{
	prepare_failslab(test);
	set_fail_nth(NEVER_NTH);
}

unsigned int igt_counted_allocations(struct kunit *test)
{
	unsigned int left = fail_nth();

	set_fail_nth(0);
	kunit_release_action(test, restore_failslab, NULL);
	return NEVER_NTH - left;
}

int igt_act_add(struct igt_attempt *attempt)
{
	return iommu_group_add_device(attempt->group, attempt->dev);
}

void igt_undo_add(struct igt_attempt *attempt)
{
	iommu_group_remove_device(attempt->dev);
}

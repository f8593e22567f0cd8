// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: who may own one while others are within its reach.
 *
 * A group that reaches others one way (iommu-group-reach.c) lets its owner write
 * to their devices past the IOMMU. By iommu.isolation=strict no group is given to
 * user space that reaches one in use by somebody else, and nobody gets to use one
 * that is within reach of a group that user space owns: neither user space, nor a
 * driver of the kernel. What the kernel owns may reach whom it likes. One owner
 * may have both ends. By standard, the first such claim of a group is logged; what
 * gets within reach of a group that user space owns is not.
 *
 * claim_lock makes one of all claims and uses by strict, so that two of them do
 * not miss each other. What ends one does without. It is taken under device_lock or
 * under the event_lock of the group that is claimed. Under it are taken the mutex of
 * one group at a time, then iommu_group_place_lock, and no event_lock: who owns a
 * group is told when claim_lock is free again.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/xarray.h>

#include "iommu-group.h"
#include "iommu-group-place.h"

static DEFINE_MUTEX(claim_lock);
/* Who holds it: KUnit may change the policy between a claim's beginning and end */
static struct task_struct *claimer;

static void unlock_claims(void)
{
	WRITE_ONCE(claimer, NULL);
	mutex_unlock(&claim_lock);
}

static bool has_bar(const struct pci_dev *pdev)
{
	int i;

	for (i = 0; i < PCI_BRIDGE_RESOURCES; i++) {
		if (pdev->resource[i].flags & (IORESOURCE_MEM | IORESOURCE_IO))
			return true;
	}
	return false;
}

/* A bridge has no driver that uses its DMA, and its registers serve all below */
static bool serves_others(struct iommu_group *group, struct device *dev)
{
	struct pci_dev *pdev;

	if (!dev_is_pci(dev))
		return false;
	pdev = to_pci_dev(dev);
	if (!pci_is_enabled(pdev))
		return false;
	if (pdev->subordinate && has_bar(pdev))
		return true;
	return pdev->is_busmaster && group->default_domain &&
	       group->default_domain->type == IOMMU_DOMAIN_IDENTITY;
}

static bool is_used_by_others(struct iommu_group *group, const void *owner)
{
	struct group_device *gdev;

	guard(mutex)(&group->mutex);
	if (group->owner_cnt)
		return group->owner != owner;
	for_each_group_device(group, gdev) {
		if (serves_others(group, gdev->dev))
			return true;
	}
	return false;
}

/* Groups in @edges are held, for their mutex is not taken under this one's */
static int find_reached(struct iommu_group *group, struct xarray *edges)
{
	struct iommu_group_edge *edge;
	unsigned long id;
	int ret;

	guard(mutex)(&group->mutex);
	guard(mutex)(&iommu_group_place_lock);
	ret = iommu_group_find_edges(group, edges);
	xa_for_each(edges, id, edge)
		iommu_group_ref_get(edge->to);
	return ret;
}

static void put_reached(struct xarray *edges)
{
	struct iommu_group_edge *edge;
	unsigned long id;

	xa_for_each(edges, id, edge)
		iommu_group_put(edge->to);
	iommu_group_free_edges(edges);
}

/* An edge that is in the way of a claim: from a group to a group, at a culprit */
struct conflict {
	int from;
	int to;
	int used;	/* which of them is in use by somebody else */
	char culprit[IOMMU_GROUP_CULPRIT];
};

static void note_conflict(struct conflict *conflict, struct iommu_group *from,
			  const struct iommu_group_edge *edge,
			  const struct iommu_group *used)
{
	conflict->from = from->id;
	conflict->to = edge->to->id;
	conflict->used = used->id;
	iommu_group_print_culprit(edge->culprit, edge->lacks, conflict->culprit,
				  sizeof(conflict->culprit));
}

/* Return: 1 if it does, 0, or -ENOMEM */
static int reaches_others(struct iommu_group *group, const void *owner,
			  struct conflict *conflict)
{
	struct iommu_group_edge *edge;
	struct xarray edges;
	unsigned long id;
	int ret;

	xa_init(&edges);
	ret = find_reached(group, &edges);
	if (ret)
		goto out_put;
	xa_for_each(&edges, id, edge) {
		if (!is_used_by_others(edge->to, owner))
			continue;
		note_conflict(conflict, group, edge, edge->to);
		ret = 1;
		break;
	}
out_put:
	put_reached(&edges);
	return ret;
}

/* By an alias a group is also found by junctions at which none of it turns around */
static bool turns_around_at(const struct iommu_group *group,
			    unsigned long junction)
{
	struct iommu_group_place *place;

	list_for_each_entry(place, &iommu_group_places, list) {
		if (place->group == group && place->junction == junction)
			return true;
	}
	return false;
}

/*
 * A group that a user owns who is not @owner, and that reaches this one. Nobody else
 * claims it meanwhile; who has it may let go of it, for which no lock is taken.
 */
static struct iommu_group *
find_foreign_user(const struct iommu_group_place *place,
		  struct iommu_group *group, const void *owner)
{
	struct iommu_group *from;
	const void *user;
	unsigned int i;

	lockdep_assert_held(&claim_lock);
	lockdep_assert_held(&iommu_group_place_lock);

	for (i = 0; i < place->n_way; i++) {
		from = iommu_group_of_key(place->way[i]);
		if (!from || from == group)
			continue;
		user = READ_ONCE(from->owner);
		if (user && user != owner && turns_around_at(from, place->way[i]))
			return from;
	}
	return NULL;
}

static struct iommu_group *get_foreign_user(struct iommu_group *group,
					    const void *owner)
{
	struct iommu_group *from;
	struct group_device *gdev;

	guard(mutex)(&group->mutex);
	guard(mutex)(&iommu_group_place_lock);
	for_each_group_device(group, gdev) {
		if (!gdev->dev->iommu || !gdev->dev->iommu->place)
			continue;
		from = find_foreign_user(gdev->dev->iommu->place, group, owner);
		if (from)
			return iommu_group_ref_get(from);
	}
	return NULL;
}

/* Return: 1 if it does, 0 if what turned around has gone meanwhile, or -ENOMEM */
static int reaches_one(struct iommu_group *from, struct iommu_group *group,
		       struct conflict *conflict)
{
	struct iommu_group_edge *edge;
	struct xarray edges;
	int ret;

	xa_init(&edges);
	ret = find_reached(from, &edges);
	edge = xa_load(&edges, group->id);
	if (edge) {
		note_conflict(conflict, from, edge, from);
		ret = 1;
	}
	put_reached(&edges);
	return ret;
}

/* Return: 1 if it is, 0, or -ENOMEM */
static int is_within_reach(struct iommu_group *group, const void *owner,
			   struct conflict *conflict)
{
	struct iommu_group *from;
	int ret = 0;

	while (!ret) {
		from = get_foreign_user(group, owner);
		if (!from)
			return 0;
		ret = reaches_one(from, group, conflict);
		iommu_group_put(from);
	}
	return ret;
}

/* Whoever may open a group could fill the log */
static DEFINE_RATELIMIT_STATE(refusals, 5 * HZ, 50);

static int check_claim(struct iommu_group *group, const void *owner)
{
	struct conflict conflict;
	int ret = 0;

	if (owner)
		ret = reaches_others(group, owner, &conflict);
	if (!ret)
		ret = is_within_reach(group, owner, &conflict);
	if (ret <= 0)
		return ret;
	if (!__ratelimit(&refusals))
		return -EBUSY;

	pr_err("iommu.isolation=strict refuses group %d to %s: group %d reaches group %d at%s, and group %d is in use by another one\n",
	       group->id, owner ? "user space" : "a driver", conflict.from,
	       conflict.to, conflict.culprit, conflict.used);
	return -EBUSY;
}

/**
 * iommu_group_begin_claim() - Ask whether a group may be used
 * @group: the group
 * @owner: who claims it for user space, NULL for a driver of the kernel
 *
 * Context: Process context, sleeps. event_lock is held if there is an @owner. By
 * strict takes claim_lock, for iommu_group_end_claim() to let go of, unless an
 * error is returned.
 * Return: 0; or by strict -EBUSY, which was logged, or -ENOMEM.
 */
int iommu_group_begin_claim(struct iommu_group *group, const void *owner)
{
	int ret;

	if (owner)
		lockdep_assert_held(&group->event_lock);
	if (!iommu_group_isolation_is_strict())
		return 0;

	mutex_lock(&claim_lock);
	WRITE_ONCE(claimer, current);
	ret = check_claim(group, owner);
	if (ret)
		unlock_claims();
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_begin_claim);

/* Once, for a guest that starts again and again is not to fill the log */
static void tell_reach(struct iommu_group *group, const void *owner)
{
	struct conflict conflict;

	if (group->told_reach || reaches_others(group, owner, &conflict) <= 0)
		return;
	group->told_reach = true;
	pr_warn("group %d is given to user space and reaches group %d, which another one uses, at%s; iommu.isolation=strict would refuse that\n",
		conflict.from, conflict.to, conflict.culprit);
}

/**
 * iommu_group_end_claim() - End what iommu_group_begin_claim() has begun
 * @group: the group
 * @owner: who has claimed it for user space now, NULL for nobody
 *
 * By standard an owner is told of in the log if the group reaches one that
 * another uses.
 *
 * Context: Process context, sleeps. event_lock is held if there is an @owner.
 */
void iommu_group_end_claim(struct iommu_group *group, const void *owner)
{
	if (READ_ONCE(claimer) == current)
		unlock_claims();
	else if (owner)
		tell_reach(group, owner);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_end_claim);

/* What teach_lockdep() of iommu-group-sysfs.c does, for the locks of this file */
static int __init teach_lockdep(void)
{
	struct iommu_group *group;

	if (!IS_ENABLED(CONFIG_PROVE_LOCKING))
		return 0;
	group = iommu_group_alloc();
	if (IS_ERR(group))
		return 0;

	scoped_guard(mutex, &group->event_lock)
		scoped_guard(mutex, &claim_lock)
			scoped_guard(mutex, &group->mutex)
				scoped_guard(mutex, &iommu_group_place_lock)
					lockdep_assert_held(&claim_lock);
	iommu_group_put(group);
	return 0;
}
postcore_initcall(teach_lockdep);

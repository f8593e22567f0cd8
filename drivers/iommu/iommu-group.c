// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: the object and its references.
 *
 * An IOMMU group is the smallest set of devices that an IOMMU can keep apart
 * from all others. Whoever hands devices to a guest or to user space hands
 * over groups.
 *
 * Who does what
 * -------------
 * iommu-group-probe.c		devices come to their IOMMU and leave it
 * iommu-group-members.c	they join their group and leave it
 * iommu-group-domain.c		the members go from domain to domain, together
 * iommu-group-notify.c		listeners and user space hear of all that, and of owners
 * iommu-group-sysfs.c		what a group shows in sysfs
 * iommu-group-isolation.c	which PCI functions share a group: the rule
 * iommu-group-pci.c		functions are described for it
 * iommu-group-place.c		a group is found by what it said
 * iommu-group-alias.c		who uses requester IDs of others
 * iommu-group-reach.c		why members share a group, whom it reaches
 * iommu-group-claim.c		who may use it while it reaches others
 * iommu-group-generic.c	which other devices do
 * iommu-group.c		the object that all of them share, and its references
 *
 * Who owns what
 * -------------
 * A group lives while someone holds a reference: the caller of
 * iommu_group_alloc() until its iommu_group_put(), every member until it is
 * removed, and every user of iommu_group_get(). The last put takes the
 * directory out of sysfs, returns the ID and frees the group after an RCU grace
 * period. A group owns its struct group_device, its name and, through the
 * release function given with it, the IOMMU driver's data; while it has members
 * that an IOMMU serves, also its default and its blocking domain.
 *
 * Locks
 * -----
 * iommu_probe_device_lock
 *	makes one of all that brings devices to their IOMMU or takes them away,
 *	so that neither happens twice to a device, nor both at once. Who holds it
 *	may read the list of members that an IOMMU serves. A probe drops it while
 *	the bus reads firmware's description, and then looks at the device anew.
 * claim_lock (iommu-group-claim.c)
 *	makes one of all claims and uses of groups by iommu.isolation=strict.
 * iommu_group.event_lock
 *	is held while listeners are told of an event, and by whoever removes a
 *	device, claims the group for user space or releases it, registers or
 *	unregisters; iommu-group-notify.c says why. Nobody holds those of two groups.
 * iommu_group.mutex
 *	protects the list and tree of members, their shared names, the group's
 *	name, domains, owner and PASIDs, and what of its members is still to be
 *	attached: the DMA API takes it for their deferred attach, and only then.
 *	A device is a member from the moment it is in the list. Whether the group
 *	has a domain at all is read without it too, when a device is probed.
 * file_lock (iommu-group-sysfs.c)
 *	makes one of all that creates or removes files of a group: it covers the
 *	decision to do so, which group->mutex cannot, because removing waits for
 *	readers and readers take group->mutex.
 * alias_lock (iommu-group-alias.c)
 *	protects what is known of DMA aliases.
 * iommu_group_place_lock
 *	lets readers look at why PCI functions are in their groups; what changes
 *	that is made one by iommu_probe_device_lock.
 * RCU
 *	keeps the memory of a group readable for iommu_group_get(), which finds
 *	it in struct device without a lock and then tries for a reference.
 *
 * They nest in this order, outermost first:
 *
 *	pci_bus_sem
 *	  device_lock(dev)
 *	    iommu_probe_device_lock, or VFIO's locks when it listens to a group
 *	      iommu_group.event_lock
 *	        file_lock, or claim_lock
 *	          active reference of a file in the group's directory
 *	            iommu_group.mutex
 *	              iommu_group_place_lock, or kernfs_rwsem or xa_lock inside
 *	              sysfs and ida
 *	      alias_lock
 *
 * Who claims a group or releases it may hold locks of his own, as VFIO and iommufd
 * do. They are outside of event_lock, so that nobody who holds that may wait for
 * them, nor may a listener. A driver that is bound takes claim_lock under
 * device_lock, without the locks between.
 *
 * PCI's error recovery holds pci_bus_sem when it takes device_lock, so that nobody
 * waits for it who holds one of the others: no listener, no function that
 * iommu_group_for_each_dev() calls, and no IOMMU driver. Waking a PCI function
 * takes it too, so that a function is awake before it is probed.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/iommu.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "iommu-group.h"

static DEFINE_IDA(iommu_group_ida);

/**
 * iommu_group_alloc() - Make a new group without members
 *
 * The directory /sys/kernel/iommu_groups/<id> exists when this returns. The ID
 * is the lowest that is free.
 *
 * Context: Process context, may sleep.
 * Return: The group, with a reference that the caller has to drop by
 * iommu_group_put(); it usually does so when the first device is added, whose
 * membership then holds the group. Or an ERR_PTR: -ENOMEM, -ENOSPC when no ID
 * is left, -ENODEV before the core is set up, or what sysfs returned.
 */
struct iommu_group *iommu_group_alloc(void)
{
	struct iommu_group *group;
	int ret;

	group = kzalloc_obj(*group);
	if (!group)
		return ERR_PTR(-ENOMEM);

	ret = ida_alloc(&iommu_group_ida, GFP_KERNEL);
	if (ret < 0) {
		kfree(group);
		return ERR_PTR(ret);
	}
	group->id = ret;

	mutex_init(&group->event_lock);
	mutex_init(&group->mutex);
	RAW_INIT_NOTIFIER_HEAD(&group->notifiers);
	xa_init(&group->pasid_array);
	INIT_LIST_HEAD(&group->devices);
	INIT_LIST_HEAD(&group->entry);
	group->device_tree = RB_ROOT;
	group->shared_names = RB_ROOT;

	/* From here on the kobject's release frees group and ID */
	ret = iommu_group_sysfs_add(group);
	if (ret)
		return ERR_PTR(ret);

	pr_debug("group %d allocated\n", group->id);
	return group;
}
EXPORT_SYMBOL_GPL(iommu_group_alloc);
ALLOW_ERROR_INJECTION(iommu_group_alloc, ERRNO);

/**
 * iommu_group_free() - Last step of a group's release
 * @group: group that nobody holds any longer and that sysfs has forgotten
 *
 * Context: Process context, may sleep in the IOMMU driver's release function.
 */
void iommu_group_free(struct iommu_group *group)
{
	/* The last member's removal freed the domains with its IOMMU driver */
	WARN_ON(group->default_domain || group->blocking_domain);
	WARN_ON(!list_empty(&group->devices));
	WARN_ON(rcu_access_pointer(group->notifiers.head));

	if (group->iommu_data_release)
		group->iommu_data_release(group->iommu_data);

	pr_debug("group %d freed\n", group->id);
	ida_free(&iommu_group_ida, group->id);
	kvfree(group->isolation.text);
	kvfree(group->reaches.text);
	kfree(group->name);
	kfree_rcu(group, rcu);
}

/**
 * iommu_group_get() - Find the group of a device
 * @dev: the device
 *
 * Safe against a concurrent removal of @dev from its group: the result is
 * either NULL or a group that stays until the caller puts it, though @dev may
 * have left it in the meantime.
 *
 * Context: Any context.
 * Return: The group with a new reference, to be dropped by iommu_group_put(),
 * or NULL if @dev is in none.
 */
struct iommu_group *iommu_group_get(struct device *dev)
{
	struct iommu_group *group;

	guard(rcu)();
	group = rcu_dereference(dev->iommu_group);
	if (!group || !kobject_get_unless_zero(&group->devices_kobj))
		return NULL;
	return group;
}
EXPORT_SYMBOL_GPL(iommu_group_get);

/**
 * iommu_group_ref_get() - Take one more reference to a group
 * @group: a group to which the caller has a reference, not NULL
 *
 * Context: Any context.
 * Return: @group, for convenience.
 */
struct iommu_group *iommu_group_ref_get(struct iommu_group *group)
{
	kobject_get(&group->devices_kobj);
	return group;
}
EXPORT_SYMBOL_GPL(iommu_group_ref_get);

/**
 * iommu_group_put() - Drop a reference to a group
 * @group: the group, or NULL to do nothing
 *
 * The last reference takes the group away, with its directory and its ID.
 *
 * Context: Process context, may sleep when the reference is the last, which must
 * not be dropped with the group's mutex held.
 */
void iommu_group_put(struct iommu_group *group)
{
	if (group)
		kobject_put(&group->devices_kobj);
}
EXPORT_SYMBOL_GPL(iommu_group_put);

/**
 * iommu_group_id() - Number of a group
 * @group: a group to which the caller has a reference
 *
 * Context: Any context.
 * Return: The ID, zero or greater, that also names the group's directory.
 */
int iommu_group_id(struct iommu_group *group)
{
	return group->id;
}
EXPORT_SYMBOL_GPL(iommu_group_id);

/**
 * iommu_group_get_iommudata() - The IOMMU driver's data of a group
 * @group: a group to which the caller has a reference
 *
 * Context: Any context. The IOMMU driver serialises this with
 * iommu_group_set_iommudata(); both are for it alone.
 * Return: What was set last, or NULL.
 */
void *iommu_group_get_iommudata(struct iommu_group *group)
{
	return group->iommu_data;
}
EXPORT_SYMBOL_GPL(iommu_group_get_iommudata);

/**
 * iommu_group_set_iommudata() - Give a group data of its IOMMU driver
 * @group: a group to which the caller has a reference
 * @iommu_data: the data; the group owns it from now on
 * @release: called with @iommu_data when the group goes, or NULL
 *
 * Data that was set before is forgotten, not released: a driver that replaces
 * it frees the old one itself.
 *
 * Context: Any context, serialised by the IOMMU driver.
 */
void iommu_group_set_iommudata(struct iommu_group *group, void *iommu_data,
			       void (*release)(void *iommu_data))
{
	group->iommu_data = iommu_data;
	group->iommu_data_release = release;
}
EXPORT_SYMBOL_GPL(iommu_group_set_iommudata);

static int cmp_dev_to_member(const void *dev, const struct rb_node *node)
{
	const void *member = rb_entry(node, struct group_device, node)->dev;

	return dev < member ? -1 : dev > member;
}

static bool is_before(struct rb_node *new, const struct rb_node *node)
{
	return rb_entry(new, struct group_device, node)->dev <
	       rb_entry(node, struct group_device, node)->dev;
}

/**
 * iommu_group_find_device() - Find a device among the members of a group
 * @group: the group
 * @dev: the device
 *
 * Context: group->mutex is held.
 * Return: The member, or NULL.
 */
struct group_device *iommu_group_find_device(const struct iommu_group *group,
					     const struct device *dev)
{
	struct rb_node *node;

	lockdep_assert_held(&group->mutex);

	node = rb_find(dev, &group->device_tree, cmp_dev_to_member);
	return node ? rb_entry(node, struct group_device, node) : NULL;
}

/**
 * iommu_group_insert_device() - Enter a member in its group's list and tree
 * @group: the group
 * @gdev: the member, which the list owns now, and of a device that is not entered
 *	yet; costs O(log n) for n members
 *
 * Context: group->mutex is held.
 */
void iommu_group_insert_device(struct iommu_group *group,
			       struct group_device *gdev)
{
	lockdep_assert_held(&group->mutex);

	list_add_tail(&gdev->list, &group->devices);
	rb_add(&gdev->node, &group->device_tree, is_before);
}

/**
 * iommu_group_erase_device() - Undo iommu_group_insert_device()
 * @group: the group
 * @gdev: the member, which is the caller's again; costs O(log n)
 *
 * Context: group->mutex is held.
 */
void iommu_group_erase_device(struct iommu_group *group,
			      struct group_device *gdev)
{
	lockdep_assert_held(&group->mutex);

	rb_erase(&gdev->node, &group->device_tree);
	list_del(&gdev->list);
}

/**
 * iommu_group_for_each_dev() - Call a function for every member of a group
 * @group: a group to which the caller has a reference
 * @data: passed to @fn
 * @fn: called for each member in the order of their adding, until it returns
 *	something else than 0; it must not add to or remove from @group
 *
 * Context: Process context, sleeps. group->mutex is held around each @fn, so
 * that nobody comes or goes meanwhile.
 * Return: What @fn returned last, 0 if there are no members.
 */
int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *, void *))
{
	struct group_device *gdev;
	int ret = 0;

	guard(mutex)(&group->mutex);
	for_each_group_device(group, gdev) {
		ret = fn(gdev->dev, data);
		if (ret)
			break;
	}
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_group_for_each_dev);

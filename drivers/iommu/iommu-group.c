// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: the object, its references and its members.
 *
 * An IOMMU group is the smallest set of devices that an IOMMU can keep apart
 * from all others. Whoever hands devices to a guest or to user space hands
 * over groups.
 *
 * Who does what
 * -------------
 * iommu-group.c		the object, its references, its members
 * iommu-group-probe.c		devices come to their IOMMU and group, and leave
 * iommu-group-domain.c		the members go from domain to domain, together
 * iommu-group-notify.c		listeners and user space hear of all that
 * iommu-group-sysfs.c		what a group shows in sysfs
 * iommu-group-isolation.c	which PCI functions share a group: the rule
 * iommu-group-pci.c		functions are described for it
 * iommu-group-place.c		a group is found by what it said
 * iommu-group-alias.c		who uses requester IDs of others
 * iommu-group-reach.c		why members share a group, whom it reaches
 * iommu-group-claim.c		who may use it while it reaches others
 * iommu-group-generic.c	which other devices do
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
 *	may read the list of members that an IOMMU serves.
 * claim_lock (iommu-group-claim.c)
 *	makes one of all claims and uses of groups by iommu.isolation=strict.
 * iommu_group.event_lock
 *	is held while listeners are told of an event, and by whoever removes a
 *	device, registers or unregisters; iommu-group-notify.c says why.
 * iommu_group.mutex
 *	protects the list and tree of members, their shared names, the group's
 *	name, domains, owner and PASIDs. A device is a member from the moment it
 *	is in the list.
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
 *	device_lock(dev)
 *	  iommu_probe_device_lock
 *	    iommu_group.event_lock
 *	      file_lock
 *	        active reference of a file in the group's directory
 *	          iommu_group.mutex
 *	            iommu_group_place_lock, or kernfs_rwsem or xa_lock inside
 *	            sysfs and ida
 *	    alias_lock
 *	  claim_lock
 *	    iommu_group.mutex
 *
 * PCI's error recovery holds pci_bus_sem when it takes device_lock, so that none of
 * these waits for it, but where a function has to be woken from D3cold to see its
 * ACS: the bridges above a device are awake before.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/iommu.h>

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

	group = kzalloc(sizeof(*group), GFP_KERNEL);
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
 * Context: Process context, may sleep when the reference is the last. Must not
 * be called with the group's mutex held.
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

static int cmp_members(struct rb_node *new, const struct rb_node *node)
{
	return cmp_dev_to_member(rb_entry(new, struct group_device, node)->dev,
				 node);
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

static struct group_device *alloc_member(struct device *dev)
{
	const char *name = kobject_name(&dev->kobj);
	size_t size = strlen(name) + GROUP_LINK_SUFFIX;
	struct group_device *gdev;

	gdev = kzalloc(struct_size(gdev, link, size), GFP_KERNEL);
	if (!gdev)
		return NULL;

	gdev->dev = dev;
	strscpy(gdev->link, name, size);
	return gdev;
}

/**
 * __iommu_group_add_device() - Make a device a member, locked
 * @group: the group
 * @dev: a device that is a member of no group
 *
 * Links group and device in sysfs and enters the device in the group's list and
 * tree. References, domains and &device.iommu_group are the caller's. Costs
 * O(log n) for n members.
 *
 * Context: Process context, sleeps. group->mutex is held.
 * Return: The new member, undone by __iommu_group_del_device(), or an ERR_PTR
 * after which everything is as before: -ENOMEM, -EEXIST if @dev has a link to a
 * group already, or what else sysfs returned.
 */
struct group_device *__iommu_group_add_device(struct iommu_group *group,
					      struct device *dev)
{
	struct group_device *gdev;
	int ret = -ENOMEM;

	lockdep_assert_held(&group->mutex);

	gdev = alloc_member(dev);
	if (!gdev)
		goto err_report;

	ret = iommu_group_sysfs_link(group, gdev);
	if (ret)
		goto err_free;

	list_add_tail(&gdev->list, &group->devices);
	rb_find_add(&gdev->node, &group->device_tree, cmp_members);

	trace_add_device_to_group(group->id, dev);
	dev_info(dev, "Adding to iommu group %d\n", group->id);
	return gdev;

err_free:
	kfree(gdev);
err_report:
	dev_err(dev, "Failed to add to iommu group %d: %d\n", group->id, ret);
	return ERR_PTR(ret);
}

/**
 * __iommu_group_del_device() - End a membership, locked
 * @group: the group
 * @gdev: the member; freed here
 *
 * The counterpart of __iommu_group_add_device(). Costs O(log n) for n members.
 *
 * Context: Process context, sleeps. group->mutex is held.
 */
void __iommu_group_del_device(struct iommu_group *group,
			      struct group_device *gdev)
{
	lockdep_assert_held(&group->mutex);

	rb_erase(&gdev->node, &group->device_tree);
	list_del(&gdev->list);
	iommu_group_sysfs_unlink(group, gdev);
	trace_remove_device_from_group(group->id, gdev->dev);
	kfree(gdev);

	/* Nobody can own, or have attached, devices that are not there */
	WARN_ON(list_empty(&group->devices) &&
		(group->owner_cnt || group->domain != group->default_domain));
}

/* A domain that is attached to a group is attached to all of it */
static bool would_mix(struct iommu_group *group, struct device *dev)
{
	struct group_device *first;

	first = list_first_entry_or_null(&group->devices, struct group_device,
					 list);
	return first && dev_has_iommu(first->dev) != dev_has_iommu(dev);
}

static int join(struct iommu_group *group, struct device *dev)
{
	struct group_device *gdev;
	int ret;

	guard(mutex)(&group->mutex);
	if (rcu_access_pointer(dev->iommu_group))
		return -EEXIST;
	if (would_mix(group, dev)) {
		dev_err(dev, "Devices with and without an IOMMU cannot share iommu group %d\n",
			group->id);
		return -EINVAL;
	}

	gdev = __iommu_group_add_device(group, dev);
	if (IS_ERR(gdev))
		return PTR_ERR(gdev);

	/* Before the domain, for a driver may look for it when it attaches */
	rcu_assign_pointer(dev->iommu_group, group);
	if (dev_has_iommu(dev)) {
		ret = iommu_group_enter_place(group, dev);
		if (ret)
			goto err_leave;
		ret = iommu_group_attach_member(group, dev);
		if (ret)
			goto err_leave_place;
	}
	iommu_group_ref_get(group);
	return 0;

err_leave_place:
	iommu_group_leave_place(dev);
err_leave:
	dev_err(dev, "Failed to attach in iommu group %d: %d\n", group->id, ret);
	RCU_INIT_POINTER(dev->iommu_group, NULL);
	__iommu_group_del_device(group, gdev);
	return ret;
}

/**
 * iommu_group_add_device() - Add a device to a group
 * @group: a group to which the caller has a reference
 * @dev: the device
 *
 * The membership takes a reference of its own, so that the caller may drop
 * his when the device is in.
 *
 * For an IOMMU driver's add_device(), after iommu_device_add_client(): @dev is
 * attached to the domain that the group is in, if it is in one. And for users
 * that group devices without an IOMMU, who make sure that @dev is not added from
 * two places at once and is removed before it goes.
 *
 * Context: Process context, sleeps. Takes the group's mutex. For a device that
 * an IOMMU serves, iommu_probe_device_lock is held and the listeners hear of it
 * later; for others event_lock is taken, in which they hear of it now.
 * Return: 0, or an error that leaves group and device as they were: -EEXIST if
 * @dev is in a group already, -EINVAL if an IOMMU serves @dev and not the others
 * or the other way round, -ENOMEM, what sysfs returned, or the IOMMU driver
 * when it could not attach @dev.
 */
int iommu_group_add_device(struct iommu_group *group, struct device *dev)
{
	bool served = dev_has_iommu(dev);
	int ret;

	if (served) {
		lockdep_assert_held(&iommu_probe_device_lock);
		ret = iommu_group_make_place(dev);
		if (ret)
			return ret;
	}

	ret = join(group, dev);
	if (ret)
		return ret;

	/* Else by who probes it, when it has a domain and the lock is free */
	if (!served)
		iommu_group_announce(group);
	return 0;
}
EXPORT_SYMBOL_GPL(iommu_group_add_device);

/**
 * iommu_group_remove_device() - Take a device out of its group
 * @dev: the device; nothing happens if it is in no group
 *
 * Drops the membership's reference, which may be the group's last. May be
 * called for one device from several places at once; one of them does the work.
 *
 * In an IOMMU driver's remove_device() @dev is in the release domain when this
 * returns, and the driver may free what it has of the device.
 *
 * Context: Process context, sleeps. Takes event_lock, in which the listeners hear
 * of the removal, and the group's mutex. For a device that an IOMMU serves,
 * iommu_probe_device_lock is held.
 */
void iommu_group_remove_device(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);
	struct group_device *gdev;

	if (!group)
		return;

	mutex_lock(&group->event_lock);
	mutex_lock(&group->mutex);
	gdev = iommu_group_find_device(group, dev);
	if (!gdev)
		goto out_unlock;

	iommu_group_notify_del(group, gdev);
	dev_info(dev, "Removing from iommu group %d\n", group->id);
	__iommu_group_del_device(group, gdev);
	if (dev_has_iommu(dev)) {
		lockdep_assert_held(&iommu_probe_device_lock);
		iommu_group_detach_member(group, dev);
		iommu_group_leave_place(dev);
	}
	RCU_INIT_POINTER(dev->iommu_group, NULL);
	/* The membership's; the lookup's keeps the group until the end */
	iommu_group_put(group);
out_unlock:
	mutex_unlock(&group->mutex);
	mutex_unlock(&group->event_lock);
	iommu_group_put(group);
}
EXPORT_SYMBOL_GPL(iommu_group_remove_device);

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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: how a device joins its group, and leaves it.
 *
 * To join is to be linked in sysfs, to be in the group's list, to have a place
 * among PCI functions, and to be in the domain that the group is in: all of
 * that or nothing. iommu-group.c tells the locks.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <trace/events/iommu.h>

#include "iommu-group.h"

static struct group_device *alloc_member(struct device *dev)
{
	const char *name = kobject_name(&dev->kobj);
	size_t len = strlen(name);
	struct group_device *gdev;

	gdev = kzalloc_flex(*gdev, link, len + GROUP_LINK_SUFFIX);
	if (!gdev)
		return NULL;

	gdev->dev = dev;
	memcpy(gdev->link, name, len);
	return gdev;
}

/* Links group and device in sysfs; an error leaves everything as before */
static struct group_device *add_member(struct iommu_group *group,
				       struct device *dev)
{
	struct group_device *gdev;
	int ret = -ENOMEM;

	gdev = alloc_member(dev);
	if (!gdev)
		goto err_report;

	ret = iommu_group_sysfs_link(group, gdev);
	if (ret)
		goto err_free;

	iommu_group_insert_device(group, gdev);

	trace_add_device_to_group(group->id, dev);
	dev_info(dev, "Adding to iommu group %d\n", group->id);
	return gdev;

err_free:
	kfree(gdev);
err_report:
	dev_err(dev, "Failed to add to iommu group %d: %d\n", group->id, ret);
	return ERR_PTR(ret);
}

static void del_member(struct iommu_group *group, struct group_device *gdev)
{
	iommu_group_erase_device(group, gdev);
	/* Nobody will find it when the reset is done */
	if (gdev->reset_depth)
		group->recovery_cnt--;
	iommu_group_sysfs_unlink(group, gdev);
	trace_remove_device_from_group(group->id, gdev->dev);
	kfree(gdev);

	/* Nobody can own, or have attached, devices that are not there */
	WARN_ON(list_empty(&group->devices) &&
		(group->owner_cnt || group->domain != group->default_domain));
}

/* A domain that is attached to a group is attached to all of it */
static bool would_mix(struct iommu_group *group, bool served)
{
	struct group_device *first;

	first = list_first_entry_or_null(&group->devices, struct group_device,
					 list);
	return first && iommu_serves(first->dev) != served;
}

static int join(struct iommu_group *group, struct device *dev, bool served)
{
	struct group_device *gdev;
	int ret;

	guard(mutex)(&group->mutex);
	if (rcu_access_pointer(dev->iommu_group))
		return -EEXIST;
	if (would_mix(group, served)) {
		dev_err(dev, "Devices with and without an IOMMU cannot share iommu group %d\n",
			group->id);
		return -EINVAL;
	}

	gdev = add_member(group, dev);
	if (IS_ERR(gdev))
		return PTR_ERR(gdev);

	/* Before the domain, for a driver may look for it when it attaches */
	rcu_assign_pointer(dev->iommu_group, group);
	if (served) {
		ret = iommu_group_enter_place(group, dev);
		if (ret)
			goto err_leave;
		ret = iommu_group_attach_member(group, gdev);
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
	del_member(group, gdev);
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
 * Return: 0, or an error that leaves the group as it was, and the device too, but for
 * what the IOMMU driver makes of one that could not be attached: -EEXIST if
 * @dev is in a group already, -EINVAL if an IOMMU serves @dev and not the others
 * or the other way round, or if firmware uses @dev and user space owns the group,
 * -ENOMEM, what sysfs returned, or the IOMMU driver when it could not attach @dev.
 */
int iommu_group_add_device(struct iommu_group *group, struct device *dev)
{
	bool served = iommu_serves(dev);
	int ret;

	if (served) {
		lockdep_assert_held(&iommu_probe_device_lock);
		ret = iommu_group_make_place(dev);
		if (ret)
			return ret;
	}

	ret = join(group, dev, served);
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
	struct iommu_domain *domain;
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
	domain = gdev->blocked ? group->blocking_domain : group->domain;
	del_member(group, gdev);
	if (iommu_serves(dev)) {
		lockdep_assert_held(&iommu_probe_device_lock);
		iommu_group_detach_member(group, dev, domain);
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: telling listeners what becomes of a group and its devices.
 *
 * Every event of a group is sent with its event_lock held, and so is every
 * change that takes a device out of it, every claim and release for user space,
 * every registration and every unregistration. That is what the order of events
 * rests on:
 *
 *  - A new member is announced after it has been added whole, in the order of
 *    adding. Until then it has no events, and when it fails to be added or is
 *    removed before, it never had any.
 *  - Members that were not announced yet are always the last in the list, for
 *    whoever announces one announces all.
 *  - A member that was announced stays in the list while its events are sent,
 *    although the group's mutex, which the listener may need, is not held.
 *  - The owner that was told of stays while the event is sent, and there is none
 *    that was not told of when a listener comes.
 *
 * User space hears of what has happened by uevents of the group's kobject, in the
 * same order. What is about to happen to a driver would be over when a program
 * reads it, so that is for listeners alone. Where nobody listens to uevents none
 * is made.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/device/bus.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "iommu-group.h"

/* Of the events that user space hears of */
static const char * const event_names[] = {
	[IOMMU_GROUP_NOTIFY_ADD_DEVICE] = "add-device",
	[IOMMU_GROUP_NOTIFY_DEL_DEVICE] = "del-device",
	[IOMMU_GROUP_NOTIFY_BIND_DRIVER] = NULL,
	[IOMMU_GROUP_NOTIFY_BOUND_DRIVER] = "bound-driver",
	[IOMMU_GROUP_NOTIFY_UNBIND_DRIVER] = NULL,
	[IOMMU_GROUP_NOTIFY_UNBOUND_DRIVER] = "unbound-driver",
	[IOMMU_GROUP_NOTIFY_DRIVER_NOT_BOUND] = "driver-not-bound",
	[IOMMU_GROUP_NOTIFY_DRIVER_REFUSED] = "driver-refused",
	[IOMMU_GROUP_NOTIFY_OWNER_USER] = "owner-user",
	[IOMMU_GROUP_NOTIFY_OWNER_NONE] = "owner-none",
};

static bool is_uevent_wanted(unsigned long action)
{
	return event_names[action] && kobject_uevent_wanted();
}

/* The link's name tells namesakes apart, which the device's own would not */
static int send_uevent(struct iommu_group *group, const char *event,
		       const struct group_device *gdev)
{
	char *event_var __free(kfree) = NULL;
	char *device_var __free(kfree) = NULL;
	char *envp[3] = {};

	event_var = kasprintf(GFP_KERNEL, "IOMMU_GROUP_EVENT=%s", event);
	if (!event_var)
		return -ENOMEM;
	envp[0] = event_var;

	if (gdev) {
		device_var = kasprintf(GFP_KERNEL, "IOMMU_GROUP_DEVICE=%s",
				       gdev->link);
		if (!device_var)
			return -ENOMEM;
		envp[1] = device_var;
	}
	return kobject_uevent_env(&group->kobj, KOBJ_CHANGE, envp);
}

/* @gdev is NULL for what is not about a device */
static void notify(struct iommu_group *group, unsigned long action,
		   const struct group_device *gdev)
{
	lockdep_assert_held(&group->event_lock);

	raw_notifier_call_chain(&group->notifiers, action,
				gdev ? gdev->dev : NULL);
	if (!is_uevent_wanted(action))
		return;
	if (send_uevent(group, event_names[action], gdev))
		pr_warn_ratelimited("group %d: user space was not told of %s %s\n",
				    group->id, event_names[action],
				    gdev ? gdev->link : "");
}

/* An IOMMU serves all members or none */
static bool lacks_domain(struct iommu_group *group)
{
	struct group_device *first;

	first = list_first_entry_or_null(&group->devices, struct group_device,
					 list);
	return first && iommu_serves(first->dev) && !group->domain;
}

/**
 * iommu_group_announce() - Tell the listeners of the members that are new
 * @group: a group to which the caller has a reference
 *
 * For those who added a device, when they have let go of the group's mutex. A
 * group that waits for its walk to end, or got no domain although an IOMMU serves
 * it, is not announced: whoever sets the domain up calls this again.
 *
 * Context: Process context, sleeps. Takes event_lock and the group's mutex.
 */
void iommu_group_announce(struct iommu_group *group)
{
	struct group_device *gdev;

	guard(mutex)(&group->event_lock);
	mutex_lock(&group->mutex);
	if (!list_empty(&group->entry) || lacks_domain(group))
		goto out_unlock;

	list_for_each_entry_reverse(gdev, &group->devices, list) {
		if (gdev->announced)
			break;
	}
	list_for_each_entry_continue(gdev, &group->devices, list) {
		gdev->announced = true;
		mutex_unlock(&group->mutex);
		notify(group, IOMMU_GROUP_NOTIFY_ADD_DEVICE, gdev);
		mutex_lock(&group->mutex);
	}
out_unlock:
	mutex_unlock(&group->mutex);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_announce);

/**
 * iommu_group_announce_device() - iommu_group_announce() for a device's group
 * @dev: a device that was added; nothing happens if it has left again
 *
 * Context: As iommu_group_announce().
 */
void iommu_group_announce_device(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);

	if (!group)
		return;
	iommu_group_announce(group);
	iommu_group_put(group);
}

/**
 * iommu_group_notify_del() - Tell the listeners that a member is about to go
 * @group: the group
 * @gdev: the member; nothing is told if it was never announced
 *
 * Context: Process context, sleeps. event_lock and the group's mutex are held;
 * the mutex is let go of in between, but @gdev stays.
 */
void iommu_group_notify_del(struct iommu_group *group,
			    struct group_device *gdev)
{
	lockdep_assert_held(&group->mutex);

	if (!gdev->announced)
		return;

	mutex_unlock(&group->mutex);
	notify(group, IOMMU_GROUP_NOTIFY_DEL_DEVICE, gdev);
	mutex_lock(&group->mutex);
}

/**
 * iommu_group_announce_owner() - Tell the listeners who owns a group, if that is new
 * @group: the group
 *
 * For those who claim or release a group for user space, where nothing has
 * changed too: when that failed, or was not the first claim or the last release.
 *
 * Context: Process context, sleeps. event_lock is held, and has been since before
 * the owner changed; the group's mutex is not.
 */
void iommu_group_announce_owner(struct iommu_group *group)
{
	bool is_owned = group->owner;

	lockdep_assert_held(&group->event_lock);

	if (is_owned == group->owner_announced)
		return;
	group->owner_announced = is_owned;
	notify(group, is_owned ? IOMMU_GROUP_NOTIFY_OWNER_USER :
				 IOMMU_GROUP_NOTIFY_OWNER_NONE, NULL);
}

/* Stays as long as the event_lock is held */
static struct group_device *find_announced(struct iommu_group *group,
					   struct device *dev)
{
	struct group_device *gdev;

	lockdep_assert_held(&group->event_lock);

	guard(mutex)(&group->mutex);
	gdev = iommu_group_find_device(group, dev);
	return gdev && gdev->announced ? gdev : NULL;
}

/*
 * Without a reference, for most events of all devices are told to nobody. A
 * listener that registers now has not been promised this event.
 */
static bool is_listened_to(struct device *dev, unsigned long action)
{
	struct iommu_group *group;

	guard(rcu)();
	group = rcu_dereference(dev->iommu_group);
	return group && (rcu_access_pointer(group->notifiers.head) ||
			 is_uevent_wanted(action));
}

static void notify_announced(struct iommu_group *group, unsigned long action,
			     struct device *dev)
{
	struct group_device *gdev;

	guard(mutex)(&group->event_lock);
	gdev = find_announced(group, dev);
	if (gdev)
		notify(group, action, gdev);
}

static void notify_driver(struct device *dev, unsigned long action)
{
	struct iommu_group *group;

	if (!is_listened_to(dev, action))
		return;
	group = iommu_group_get(dev);
	if (!group)
		return;
	notify_announced(group, action, dev);
	iommu_group_put(group);
}

/**
 * iommu_group_notify_driver() - Pass a driver's coming or going on to a group
 * @dev: the device whose driver it is
 * @bus_action: BUS_NOTIFY_*; those that are not about drivers are ignored
 *
 * Context: Process context, sleeps. device_lock(@dev) is held. Takes event_lock
 * if the group has listeners, or user space listens to uevents and the event is
 * one.
 */
void iommu_group_notify_driver(struct device *dev, unsigned long bus_action)
{
	unsigned long action;

	switch (bus_action) {
	case BUS_NOTIFY_BIND_DRIVER:
		action = IOMMU_GROUP_NOTIFY_BIND_DRIVER;
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
		action = IOMMU_GROUP_NOTIFY_BOUND_DRIVER;
		break;
	case BUS_NOTIFY_UNBIND_DRIVER:
		action = IOMMU_GROUP_NOTIFY_UNBIND_DRIVER;
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		action = IOMMU_GROUP_NOTIFY_UNBOUND_DRIVER;
		break;
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		action = IOMMU_GROUP_NOTIFY_DRIVER_NOT_BOUND;
		break;
	default:
		return;
	}

	notify_driver(dev, action);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_notify_driver);

/**
 * iommu_group_notify_refusal() - Tell that a device's group has an owner, who
 *				  keeps a driver from the device
 * @dev: the device
 *
 * The bus does not tell of that: to it the bind has not begun.
 *
 * Context: As iommu_group_notify_driver().
 */
void iommu_group_notify_refusal(struct device *dev)
{
	notify_driver(dev, IOMMU_GROUP_NOTIFY_DRIVER_REFUSED);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_notify_refusal);

/**
 * iommu_group_register_notifier() - Listen to what becomes of a group
 * @group: a group to which the caller has a reference, and keeps it as long as
 *	it listens
 * @nb: called with one of enum iommu_group_event and the struct device, which is
 *	NULL for OWNER_USER and OWNER_NONE
 *
 * Before this returns, @nb is called with IOMMU_GROUP_NOTIFY_OWNER_USER if user
 * space owns the group, and then with IOMMU_GROUP_NOTIFY_ADD_DEVICE for each
 * present member. So whoever hears of a device knows whether the group is owned.
 *
 * From then on, for each device @nb hears of ADD_DEVICE first and of DEL_DEVICE
 * last, of each once, and of the device's drivers only between the two. At both
 * the device is in the group, linked and attached. OWNER_USER and OWNER_NONE take
 * turns, and the group is owned, or is not, while @nb hears of it. Devices may
 * come and go between them.
 *
 * A listener may sleep, walk the group, take and drop references, attach and
 * detach domains. It may not add or remove devices, claim or release groups for
 * user space, register or unregister listeners, of this group or another, nor
 * wait for someone who does. Nor may it take a device_lock(), or a lock under
 * which a group is claimed or released, as are those of VFIO and iommufd. Its
 * return value should be NOTIFY_DONE or NOTIFY_OK; others would keep the event
 * from the listeners of lower priority.
 *
 * Context: Process context, sleeps. Takes event_lock and the group's mutex.
 * Return: 0, or -EEXIST if @nb listens already.
 */
int iommu_group_register_notifier(struct iommu_group *group,
				  struct notifier_block *nb)
{
	struct group_device *gdev;
	int ret;

	guard(mutex)(&group->event_lock);
	ret = raw_notifier_chain_register(&group->notifiers, nb);
	if (ret)
		return ret;

	if (group->owner_announced)
		nb->notifier_call(nb, IOMMU_GROUP_NOTIFY_OWNER_USER, NULL);

	mutex_lock(&group->mutex);
	for_each_group_device(group, gdev) {
		if (!gdev->announced)
			break;
		mutex_unlock(&group->mutex);
		nb->notifier_call(nb, IOMMU_GROUP_NOTIFY_ADD_DEVICE, gdev->dev);
		mutex_lock(&group->mutex);
	}
	mutex_unlock(&group->mutex);
	return 0;
}
EXPORT_SYMBOL_GPL(iommu_group_register_notifier);

/**
 * iommu_group_unregister_notifier() - Stop listening to a group
 * @group: the group
 * @nb: what was given to iommu_group_register_notifier()
 *
 * When this returns, @nb is not running and will not be called again.
 *
 * Context: Process context, sleeps. Takes event_lock.
 * Return: 0, or -ENOENT if @nb does not listen.
 */
int iommu_group_unregister_notifier(struct iommu_group *group,
				    struct notifier_block *nb)
{
	guard(mutex)(&group->event_lock);
	return raw_notifier_chain_unregister(&group->notifiers, nb);
}
EXPORT_SYMBOL_GPL(iommu_group_unregister_notifier);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of an IOMMU group while user space has it, told in the log.
 *
 * A device that joins the group is in the hands of user space at once, and a
 * driver of the host that uses DMA is refused each device of the group. Whoever
 * plugs the device in, or wants the driver, learns an error number at most. So
 * the log says who has the group, and what can be done.
 *
 * A group has one listener, however many of its devices are open, so that each
 * event is told once. It listens from before the first user claims the group to
 * after the last one has given it back; in between it tells.
 */
#define dev_fmt(fmt) "vfio: " fmt

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "vfio.h"

struct vfio_iommu_listener {
	struct list_head entry;
	struct notifier_block nb;
	struct iommu_group *group;
	struct list_head users;
};

/* A container, or a device that is bound to an iommufd */
struct vfio_iommu_user {
	struct list_head entry;
	struct vfio_iommu_listener *listener;
	pid_t pid;
	char comm[TASK_COMM_LEN];
};

/*
 * Makes one of all that comes and goes. Outside of the group's event_lock, which
 * registering takes, so that a listener must not take it.
 */
static DEFINE_MUTEX(listeners_lock);
static LIST_HEAD(listeners);

/* Protects the users of each listener, innermost */
static DEFINE_MUTEX(users_lock);

/* The one that has had the group for longest */
static bool get_first_user(struct vfio_iommu_listener *listener,
			   struct vfio_iommu_user *user)
{
	struct vfio_iommu_user *first;

	guard(mutex)(&users_lock);
	first = list_first_entry_or_null(&listener->users,
					 struct vfio_iommu_user, entry);
	if (first)
		*user = *first;
	return first;
}

/* Whoever may bind drivers could fill the log */
static DEFINE_RATELIMIT_STATE(lines, 5 * HZ, 50);

static void tell_joined(struct device *dev, struct iommu_group *group,
			const struct vfio_iommu_user *user)
{
	if (!__ratelimit(&lines))
		return;
	dev_warn(dev, "joined IOMMU group %d while %s (pid %d) has it: a VFIO driver can be bound, drivers that use DMA are refused until the group is closed\n",
		 iommu_group_id(group), user->comm, user->pid);
}

/* Under device_lock(dev), with the driver that is refused in @dev */
static void tell_refused(struct device *dev, struct iommu_group *group,
			 const struct vfio_iommu_user *user)
{
	if (!__ratelimit(&lines))
		return;
	dev_warn(dev, "driver %s is refused, as %s (pid %d) has IOMMU group %d: when the group is closed, write %s to /sys/bus/%s/drivers_probe\n",
		 dev->driver->name, user->comm, user->pid,
		 iommu_group_id(group), dev_name(dev), dev_bus_name(dev));
}

/*
 * While the listener registers it has no users: what it hears then are the
 * members that are there already, and they are passed over.
 */
static int tell(struct notifier_block *nb, unsigned long action, void *data)
{
	struct vfio_iommu_listener *listener =
		container_of(nb, struct vfio_iommu_listener, nb);
	struct vfio_iommu_user user;

	if (!get_first_user(listener, &user))
		return NOTIFY_DONE;

	switch (action) {
	case IOMMU_GROUP_NOTIFY_ADD_DEVICE:
		tell_joined(data, listener->group, &user);
		return NOTIFY_OK;
	case IOMMU_GROUP_NOTIFY_DRIVER_REFUSED:
		tell_refused(data, listener->group, &user);
		return NOTIFY_OK;
	default:
		return NOTIFY_DONE;
	}
}

static struct vfio_iommu_listener *new_listener(struct iommu_group *group)
{
	struct vfio_iommu_listener *listener;
	int ret;

	listener = kzalloc_obj(*listener);
	if (!listener)
		return ERR_PTR(-ENOMEM);

	listener->nb.notifier_call = tell;
	listener->group = iommu_group_ref_get(group);
	INIT_LIST_HEAD(&listener->users);
	ret = iommu_group_register_notifier(group, &listener->nb);
	if (ret) {
		iommu_group_put(group);
		kfree(listener);
		return ERR_PTR(ret);
	}
	list_add(&listener->entry, &listeners);
	return listener;
}

static void free_listener(struct vfio_iommu_listener *listener)
{
	list_del(&listener->entry);
	iommu_group_unregister_notifier(listener->group, &listener->nb);
	iommu_group_put(listener->group);
	kfree(listener);
}

static struct vfio_iommu_listener *listener_of(struct iommu_group *group)
{
	struct vfio_iommu_listener *listener;

	lockdep_assert_held(&listeners_lock);

	list_for_each_entry(listener, &listeners, entry) {
		if (listener->group == group)
			return listener;
	}
	return new_listener(group);
}

/**
 * vfio_iommu_listen() - Have the log tell what becomes of a group
 * @group: a group that the current task is about to claim for user space; the
 *	caller has a reference
 *
 * What has been told names the process of the current task.
 *
 * Context: Process context, sleeps. Takes the group's event_lock, so that the
 * caller may hold a device_lock() and VFIO's locks, but nothing that is taken
 * while devices join or leave groups.
 * Return: what vfio_iommu_unlisten() takes when the group has been given back,
 * with a reference to the group of its own; or an ERR_PTR: -ENOMEM.
 */
struct vfio_iommu_user *vfio_iommu_listen(struct iommu_group *group)
{
	struct vfio_iommu_listener *listener;
	struct vfio_iommu_user *user;

	user = kzalloc_obj(*user);
	if (!user)
		return ERR_PTR(-ENOMEM);
	user->pid = task_tgid_nr(current);
	get_task_comm(user->comm, current->group_leader);

	guard(mutex)(&listeners_lock);
	listener = listener_of(group);
	if (IS_ERR(listener)) {
		kfree(user);
		return ERR_CAST(listener);
	}
	user->listener = listener;
	guard(mutex)(&users_lock);
	list_add_tail(&user->entry, &listener->users);
	return user;
}

/**
 * vfio_iommu_unlisten() - Undo vfio_iommu_listen()
 * @user: what it has returned, which is freed, or NULL
 *
 * When this returns the log tells nothing more of that user.
 *
 * Context: As vfio_iommu_listen().
 */
void vfio_iommu_unlisten(struct vfio_iommu_user *user)
{
	struct vfio_iommu_listener *listener;

	if (!user)
		return;

	guard(mutex)(&listeners_lock);
	listener = user->listener;
	scoped_guard(mutex, &users_lock)
		list_del(&user->entry);
	kfree(user);
	/* Users come and go under listeners_lock alone */
	if (list_empty(&listener->users))
		free_listener(listener);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: how devices come to their IOMMU and its groups, and leave.
 *
 * A device is looked at when its bus tells of it, when an IOMMU driver
 * registers and walks the bus, and when firmware's description of its IOMMU is
 * read, each of which may come first and two of which may come at once. All go
 * through iommu_probe_device_lock, and a device that has a group is left alone.
 *
 * The IOMMU driver's add_device() places the device; generic_add_device() does
 * so for drivers without one. A group that is new needs a default domain, which
 * is made for it at once, or after the walk when all of its devices are known:
 * they have a say in its type, and their direct mappings must be there before
 * the first of them is attached.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rcupdate.h>

#include "dma-iommu.h"
#include "iommu-group.h"
#include "iommu-priv.h"

/* Makes one of all probing and releasing of devices, see iommu-group.c */
DEFINE_MUTEX(iommu_probe_device_lock);
EXPORT_SYMBOL_IF_KUNIT(iommu_probe_device_lock);

/**
 * iommu_device_add_client() - Say that an IOMMU serves a device
 * @iommu: the IOMMU
 * @dev: the device
 *
 * For an IOMMU driver's add_device(), before it calls iommu_group_add_device().
 * Nothing undoes it but the core, when add_device() failed and after
 * remove_device().
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held, as it is in
 * add_device().
 * Return: 0, or what sysfs returned when it could not link the two.
 */
int iommu_device_add_client(struct iommu_device *iommu, struct device *dev)
{
	int ret;

	lockdep_assert_held(&iommu_probe_device_lock);

	ret = iommu_device_link(iommu, dev);
	if (ret)
		return ret;

	dev->iommu->iommu_dev = iommu;
	dev->iommu->max_pasids = dev_iommu_get_max_pasids(dev);
	if (iommu->ops->is_attach_deferred)
		dev->iommu->attach_deferred = iommu->ops->is_attach_deferred(dev);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_device_add_client);
ALLOW_ERROR_INJECTION(iommu_device_add_client, ERRNO);

/* The add_device() of drivers that have none; iommu_group_remove_device() undoes it */
static int generic_add_device(struct device *dev, const struct iommu_ops *ops)
{
	struct iommu_device *iommu;
	struct iommu_group *group;
	int ret;

	iommu = ops->probe_device(dev);
	if (IS_ERR(iommu))
		return PTR_ERR(iommu);

	ret = iommu_device_add_client(iommu, dev);
	if (ret)
		goto err_release;

	group = ops->device_group(dev);
	if (IS_ERR_OR_NULL(group)) {
		ret = group ? PTR_ERR(group) : -EINVAL;
		goto err_release;
	}

	ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret)
		goto err_release;
	return 0;

err_release:
	if (ops->release_device)
		ops->release_device(dev);
	return ret;
}

/* A driver that says one thing and has done the other must not take others along */
static int driver_add_device(struct device *dev, const struct iommu_ops *ops)
{
	int ret = ops->add_device(dev);
	bool in_group = rcu_access_pointer(dev->iommu_group);

	if (ret ? !in_group : in_group && iommu_serves(dev))
		return ret;

	dev_err(dev, "IOMMU driver's add_device() returned %d with the device %s\n",
		ret, in_group ? "in a group" : "in no group");
	if (!ret) {
		ops->remove_device(dev);
		ret = -EINVAL;
	}
	iommu_group_remove_device(dev);
	return ret;
}

static void forget_device(struct device *dev)
{
	if (iommu_serves(dev))
		iommu_device_unlink(dev->iommu->iommu_dev, dev);
	iommu_group_free_place(dev->iommu->place);
	dev_iommu_free(dev);
}

static int add_device(struct device *dev, const struct iommu_ops *ops)
{
	int ret;

	if (!try_module_get(ops->owner)) {
		forget_device(dev);
		return -EINVAL;
	}

	if (ops->add_device)
		ret = driver_add_device(dev, ops);
	else
		ret = generic_add_device(dev, ops);
	if (ret) {
		/* While the IOMMU from which it is unlinked is sure to be there */
		forget_device(dev);
		module_put(ops->owner);
	}
	return ret;
}

static void remove_device(struct device *dev)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	if (ops->remove_device)
		ops->remove_device(dev);
	else
		iommu_group_remove_device(dev);

	dev_clear_dma_iommu(dev);
	forget_device(dev);
	module_put(ops->owner);
}

static int set_up_domain(struct iommu_group *group)
{
	struct group_device *gdev;
	int ret;

	guard(mutex)(&group->mutex);
	/* At once with the domain, without which nobody may announce the group */
	list_del_init(&group->entry);
	/* What a walk found may have left since */
	if (list_empty(&group->devices))
		return 0;

	ret = iommu_setup_default_domain(group, 0);
	if (ret)
		return ret;

	for_each_group_device(group, gdev)
		iommu_setup_dma_ops(gdev->dev, group->default_domain);
	return 0;
}

static void finalize_device(struct device *dev)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	if (ops->probe_finalize)
		ops->probe_finalize(dev);
}

static void wait_for_walk(struct iommu_group *group, struct list_head *waiting)
{
	guard(mutex)(&group->mutex);
	list_add_tail(&iommu_group_ref_get(group)->entry, waiting);
}

/*
 * Firmware's description of a device's IOMMU is read by its bus, which also has a
 * PCI function's ACS enabled. A bound driver shows that this has been done. The bus
 * and those whom it calls take iommu_probe_device_lock themselves.
 */
static int configure_device(struct device *dev)
{
	do {
		if (!dev_iommu_get(dev))
			return -ENOMEM;
		if (dev->iommu->fwspec || dev->driver ||
		    !dev->bus->dma_configure)
			return 0;

		mutex_unlock(&iommu_probe_device_lock);
		/* It fails where there is no IOMMU: what counts is the fwspec */
		dev->bus->dma_configure(dev);
		mutex_lock(&iommu_probe_device_lock);
		/* Another probe that found no IOMMU has dropped the fwspec too */
	} while (!dev->iommu && !device_is_dead(dev));

	return dev->iommu ? 0 : -ENODEV;
}

/*
 * A group without a domain is entered in @waiting, or given one if that is
 * NULL. Where a walk has the group in its list already, the walk finishes it.
 */
static int probe_device(struct device *dev, struct list_head *waiting)
{
	const struct iommu_ops *ops;
	struct iommu_group *group;
	int ret;

	lockdep_assert_held(&iommu_probe_device_lock);

	if (rcu_access_pointer(dev->iommu_group))
		return 0;

	ret = configure_device(dev);
	if (ret)
		return ret;
	/* Another probe may have been faster */
	if (rcu_access_pointer(dev->iommu_group))
		return 0;

	/* Firmware named the IOMMU in the fwspec, or there is but one driver */
	ops = iommu_fwspec_ops(dev->iommu->fwspec);
	/* A walk may find what its bus has already told to be removed */
	if (!ops || device_is_dead(dev)) {
		dev_iommu_free(dev);
		return -ENODEV;
	}

	ret = add_device(dev, ops);
	if (ret)
		goto err_report;
	/* Its bus was to do this before */
	if (dev->driver)
		dev_WARN(dev, "its driver was bound before its IOMMU was found\n");

	group = iommu_group_of_client(dev);
	if (!list_empty(&group->entry))
		return 0;
	/* The mutex would not keep it from changing the next moment either */
	if (READ_ONCE(group->domain))
		goto out_finalize;
	if (waiting) {
		wait_for_walk(group, waiting);
		return 0;
	}
	ret = set_up_domain(group);
	if (ret)
		goto err_remove;
out_finalize:
	finalize_device(dev);
	return 0;

err_remove:
	remove_device(dev);
err_report:
	/* In a walk it may be the next IOMMU that serves the device */
	if (ret == -ENODEV && !waiting)
		iommu_group_report_unserved(dev);
	/* Whoever probes a device again when its IOMMU is there says so himself */
	if (ret != -ENODEV && ret != -EPROBE_DEFER)
		dev_err(dev, "no IOMMU group, DMA may not work: %pe\n",
			ERR_PTR(ret));
	return ret;
}

/* What is above a PCI function has to be awake, and to wake it takes pci_bus_sem */
static int probe_awake(struct device *dev, struct list_head *waiting)
{
	int ret;

	iommu_group_wake(dev);
	scoped_guard(mutex, &iommu_probe_device_lock)
		ret = probe_device(dev, waiting);
	iommu_group_let_sleep(dev);
	if (!ret)
		iommu_group_announce_device(dev);
	return ret;
}

/**
 * iommu_probe_device() - Put a device into the group that its IOMMU has for it
 * @dev: the device
 *
 * Context: Process context, sleeps. Takes iommu_probe_device_lock, and then the
 * group's event_lock, in which the listeners hear of the device.
 * Return: 0, also when the device is in a group already. -ENODEV when no IOMMU
 * serves it, of which the log tells if it is a PCI function, -EPROBE_DEFER when
 * it is not ready yet, or another error, which has been logged; all of them leave
 * nothing behind.
 */
int iommu_probe_device(struct device *dev)
{
	return probe_awake(dev, NULL);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_probe_device);

/**
 * iommu_release_device() - Undo iommu_probe_device() and what prepared it
 * @dev: the device; nothing happens if no IOMMU knows of it
 *
 * Several callers may release one device at once. When any of them returns it
 * is done.
 *
 * Context: Process context, sleeps. Takes iommu_probe_device_lock and under it
 * the group's event_lock, in which the listeners hear of the removal.
 */
void iommu_release_device(struct device *dev)
{
	guard(mutex)(&iommu_probe_device_lock);

	if (iommu_serves(dev)) {
		remove_device(dev);
		return;
	}

	/* A group without an IOMMU, a fwspec that no driver has taken up */
	iommu_group_remove_device(dev);
	if (dev->iommu)
		dev_iommu_free(dev);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_release_device);

/**
 * iommu_release_client() - Release a device if a certain IOMMU serves it
 * @dev: the device
 * @iommu: the &struct iommu_device
 *
 * For the walk of a bus whose IOMMU goes; @dev may be released meanwhile.
 *
 * Context: As iommu_release_device().
 * Return: 0, to go on with the walk.
 */
int iommu_release_client(struct device *dev, void *iommu)
{
	guard(mutex)(&iommu_probe_device_lock);
	if (dev->iommu && dev->iommu->iommu_dev == iommu)
		remove_device(dev);
	return 0;
}

/* A device that fails, which was told, is left out: the others have their IOMMU */
static int probe_in_walk(struct device *dev, void *waiting)
{
	probe_awake(dev, waiting);
	return 0;
}

/* One of them could not be attached: none is left without what the others have */
static void release_members(struct iommu_group *group)
{
	struct group_device *gdev, *next;

	list_for_each_entry_safe(gdev, next, &group->devices, list) {
		dev_err(gdev->dev, "no IOMMU group, DMA may not work: a device of group %d could not be attached\n",
			group->id);
		remove_device(gdev->dev);
	}
}

/* iommu_probe_device_lock keeps the members that an IOMMU serves */
static int finish_group(struct iommu_group *group)
{
	struct group_device *gdev;
	int ret;

	guard(mutex)(&iommu_probe_device_lock);
	ret = set_up_domain(group);
	/*
	 * The type may change meanwhile, and the domain with it. That there is one
	 * changes under iommu_probe_device_lock only.
	 */
	if (ret && READ_ONCE(group->default_domain)) {
		release_members(group);
		return 0;
	}
	if (ret) {
		pr_err("group %d: no default domain: %d\n", group->id,
		       ret);
		return ret;
	}
	for_each_group_device(group, gdev)
		finalize_device(gdev->dev);
	return 0;
}

/**
 * bus_iommu_probe() - Put all devices of a bus into their groups
 * @bus: the bus
 *
 * A device that fails is logged and left without a group, as when it is plugged
 * in. So are the others of its group, if that is new and one of them cannot be
 * attached. A group without a default domain is the fault of its IOMMU.
 *
 * Context: Process context, sleeps. Takes iommu_probe_device_lock for a device
 * at a time.
 * Return: 0, or why the first group has no default domain, after which the caller
 * releases the devices of its IOMMU again.
 */
int bus_iommu_probe(const struct bus_type *bus)
{
	struct iommu_group *group, *next;
	LIST_HEAD(waiting);
	int ret = 0, err;

	bus_for_each_dev(bus, NULL, &waiting, probe_in_walk);

	list_for_each_entry_safe(group, next, &waiting, entry) {
		err = finish_group(group);
		if (!err)
			iommu_group_announce(group);
		else if (!ret)
			ret = err;
		iommu_group_put(group);
	}
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(bus_iommu_probe);

/**
 * iommu_bus_notifier() - What the core hears of the buses that it serves
 * @nb: one for each bus
 * @action: BUS_NOTIFY_*
 * @data: the struct device
 *
 * Context: Process context, sleeps.
 * Return: NOTIFY_OK. A device that cannot be added, which has been logged, is
 * no reason for the bus to keep it from others.
 */
int iommu_bus_notifier(struct notifier_block *nb, unsigned long action,
		       void *data)
{
	struct device *dev = data;

	switch (action) {
	case BUS_NOTIFY_ADD_DEVICE:
		iommu_probe_device(dev);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		iommu_release_device(dev);
		break;
	default:
		iommu_group_notify_driver(dev, action);
		break;
	}
	return NOTIFY_OK;
}

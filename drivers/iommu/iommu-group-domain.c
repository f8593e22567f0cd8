// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: moving the members from one domain to another, together.
 *
 * A domain is attached device by device, but a group is in one domain. Each
 * function here moves all members or, where that can fail, none.
 *
 * The core's own domains are the default domain, which the kernel's DMA API
 * uses, and the blocking domain, in which a group is while user space owns it
 * and has attached nothing. Any other is foreign: it was attached by someone
 * who has to detach it before the next may attach another.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/string_choices.h>
#include <trace/events/iommu.h>

#include "dma-iommu.h"
#include "iommu-group.h"
#include "iommu-priv.h"

/**
 * __iommu_attach_device() - Attach one member of a group to a domain
 * @domain: where to
 * @dev: the member
 * @old: the domain that it is in unless its attaching was put off, or NULL for none
 *
 * Context: Process context, sleeps. The mutex of the group is held.
 * Return: 0, -ENODEV if nothing can be attached to @domain, or the error of the
 * driver, which has left @dev in @old.
 */
int __iommu_attach_device(struct iommu_domain *domain, struct device *dev,
			  struct iommu_domain *old)
{
	const struct iommu_domain_ops *ops = domain->ops;
	int ret = -ENODEV;

	if (ops->attach_dev)
		ret = ops->attach_dev(domain, dev,
				      dev->iommu->attach_deferred ? NULL : old);
	if (!ret) {
		trace_attach_device_to_domain(dev);
		/* Pairs with iommu_deferred_attach(), which takes no lock for it */
		smp_store_release(&dev->iommu->attach_deferred, false);
	}
	return ret;
}

static bool is_of_driver(const struct iommu_domain *domain,
			 const struct iommu_ops *ops)
{
	return domain->owner == ops || domain == ops->identity_domain ||
	       domain == ops->blocked_domain || domain == ops->release_domain ||
	       domain == ops->default_domain;
}

/**
 * iommu_domain_fits() - Is a domain of the IOMMU driver that serves a device?
 * @domain: the domain
 * @dev: the device
 *
 * Another driver would take it for what it is not. The domains that a driver
 * has only one of are nobody's by their owner.
 *
 * Context: Any. The caller keeps the IOMMU driver from forgetting @dev.
 * Return: true if so; the driver may still find it unfit for @dev.
 */
bool iommu_domain_fits(const struct iommu_domain *domain, struct device *dev)
{
	return iommu_serves(dev) && is_of_driver(domain, dev_iommu_ops(dev));
}

/*
 * Firmware goes on using the device through mappings that no blocking has, nor
 * user space, which is blocked whenever it detaches
 */
static bool must_stay(struct iommu_group *group, struct device *dev,
		      struct iommu_domain *domain)
{
	return dev->iommu->require_direct &&
	       (group->owner || domain == group->blocking_domain ||
		domain->type == IOMMU_DOMAIN_BLOCKED);
}

/* A domain is of one driver, and the IOMMUs of two members may be of two */
static int may_move(struct iommu_group *group, struct device *dev,
		    struct iommu_domain *domain)
{
	if (!is_of_driver(domain, dev_iommu_ops(dev)))
		return -EINVAL;
	if (must_stay(group, dev, domain)) {
		dev_warn(dev, "firmware needs memory regions of this device mapped 1:1, so that user space cannot own it; ask the platform's vendor\n");
		return -EINVAL;
	}
	return 0;
}

static int move_member(struct iommu_group *group, struct group_device *gdev,
		       struct iommu_domain *domain, struct iommu_domain *old)
{
	struct device *dev = gdev->dev;
	int ret;

	/* iommu_deferred_attach() will do it when the device is first used */
	if (dev->iommu->attach_deferred && domain == group->default_domain)
		return 0;

	/* Who could not follow its group before is not where the group is */
	ret = __iommu_attach_device(domain, dev,
				    gdev->blocked ? group->blocking_domain : old);
	if (!ret)
		gdev->blocked = false;
	return ret;
}

static int bring_member(struct iommu_group *group, struct group_device *gdev,
			struct iommu_domain *domain, struct iommu_domain *old)
{
	return may_move(group, gdev->dev, domain) ?:
	       move_member(group, gdev, domain, old);
}

/*
 * A device that cannot be attached where it must be should at least be in no
 * domain that may be freed. To have no memory is no mistake of its driver's, all
 * else is.
 */
static void leave_member(struct iommu_group *group, struct group_device *gdev,
			 struct iommu_domain *domain, struct iommu_domain *old,
			 int error)
{
	struct iommu_domain *blocking;

	WARN_ON(error != -ENOMEM);
	/* What the driver has one of takes no memory */
	if (!group->blocking_domain)
		group->blocking_domain = dev_iommu_ops(gdev->dev)->blocked_domain;
	blocking = group->blocking_domain;
	if (gdev->blocked)
		old = blocking;
	/* Also a device that firmware uses: the domain that it is in may be freed */
	gdev->blocked = blocking && blocking != domain &&
			(!__iommu_attach_device(blocking, gdev->dev, old) ||
			 blocking == old);
	dev_err(gdev->dev, "Failed to attach in iommu group %d: %d; %s until it is attached anew\n",
		group->id, error,
		gdev->blocked ? "no DMA works" : "DMA may go where it went before");
}

/* The driver that refused has left its device in the domain that it was in */
static void move_back(struct iommu_group *group, struct group_device *refused,
		      struct iommu_domain *tried)
{
	struct group_device *gdev;
	int ret;

	/* At the first probe there is none; the removal cleans up */
	if (!group->domain)
		return;

	for_each_group_device(group, gdev) {
		if (gdev == refused)
			break;
		ret = bring_member(group, gdev, group->domain, tried);
		if (ret)
			leave_member(group, gdev, group->domain, tried, ret);
	}
}

/**
 * iommu_group_is_served() - Does an IOMMU serve the members of a group?
 * @group: the group; an IOMMU serves all members or none
 *
 * Context: group->mutex is held.
 * Return: true if so; false also if there are no members.
 */
bool iommu_group_is_served(struct iommu_group *group)
{
	struct group_device *first;

	first = list_first_entry_or_null(&group->devices, struct group_device,
					 list);
	return first && iommu_serves(first->dev);
}

/**
 * iommu_group_set_domain() - Move all members to a domain, or none
 * @group: the group
 * @domain: where to, not NULL
 *
 * Meanwhile the DMA of the members reaches either domain or is lost. No member is
 * moved before all have been found to be allowed to.
 *
 * Context: Process context, sleeps. group->mutex is held.
 * Return: 0, or the error of the driver that refused, or -EINVAL where @domain
 * is of another driver, a member must not be blocked, or no IOMMU serves the
 * group, or -EBUSY while a member is reset; then all members are in the domain
 * they were in, but for those whose driver refuses that too, which is logged.
 */
int iommu_group_set_domain(struct iommu_group *group,
			   struct iommu_domain *domain)
{
	struct group_device *gdev;
	int ret;

	lockdep_assert_held(&group->mutex);

	if (group->domain == domain)
		return 0;
	if (WARN_ON(!domain))
		return -EINVAL;
	if (!iommu_group_is_served(group))
		return -EINVAL;
	if (group->recovery_cnt)
		return -EBUSY;

	for_each_group_device(group, gdev) {
		ret = may_move(group, gdev->dev, domain);
		if (ret)
			return ret;
	}
	for_each_group_device(group, gdev) {
		ret = move_member(group, gdev, domain, group->domain);
		if (ret) {
			move_back(group, gdev, domain);
			return ret;
		}
	}
	group->domain = domain;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_set_domain);

/**
 * iommu_group_force_domain() - Move all members to a domain that cannot fail
 * @group: the group
 * @domain: where to, not NULL
 *
 * For leaving a domain that is about to be freed. A member that cannot follow
 * is blocked, if the group has a blocking domain or its driver a single one, and
 * the others go on. That is logged, and warned of if it is not for lack of memory.
 * A member that is reset follows when that is done.
 *
 * Context: Process context, sleeps. group->mutex is held.
 * Return: 0, or the last error of a driver that refused.
 */
int iommu_group_force_domain(struct iommu_group *group,
			     struct iommu_domain *domain)
{
	struct group_device *gdev;
	int ret = 0, err;

	lockdep_assert_held(&group->mutex);

	if (group->domain == domain)
		return 0;
	if (WARN_ON(!domain))
		return -EINVAL;

	for_each_group_device(group, gdev) {
		/* pci_dev_reset_iommu_done() will bring it here */
		if (gdev->reset_depth)
			continue;
		err = bring_member(group, gdev, domain, group->domain);
		if (!err)
			continue;
		leave_member(group, gdev, domain, group->domain, err);
		ret = err;
	}
	group->domain = domain;
	return ret;
}

/**
 * iommu_group_set_core_domain() - Take a group out of a foreign domain
 * @group: the group
 *
 * It goes to the blocking domain if user space owns it, else to the default.
 *
 * Context: Process context, sleeps. group->mutex is held.
 */
void iommu_group_set_core_domain(struct iommu_group *group)
{
	iommu_group_force_domain(group, group->owner ? group->blocking_domain :
						       group->default_domain);
}

/* For the time after the IOMMU driver has forgotten the device */
static void park(struct device *dev, struct iommu_domain *old)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	/* Where nothing was ever attached the hardware is left alone */
	if (!ops->release_domain || dev->iommu->attach_deferred)
		return;

	__iommu_attach_device(ops->release_domain, dev, old);
}

/*
 * Firmware goes on using such a device, whoever has forgotten it. Not beside members
 * that remain: these may have its requester ID, or be given to a guest, which reaches
 * it past the IOMMU, and by it all memory. A driver that parks no device is not asked to.
 */
static bool may_keep_memory(struct iommu_group *group, struct device *dev)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	return dev->iommu->require_direct && list_empty(&group->devices) &&
	       !dev->iommu->attach_deferred && ops->release_domain &&
	       ops->identity_domain &&
	       (!ops->def_domain_type ||
		ops->def_domain_type(dev) != IOMMU_DOMAIN_DMA);
}

/**
 * iommu_group_attach_member() - Bring a new member to where its group is
 * @group: the group
 * @gdev: the new member, served by an IOMMU
 *
 * In a group that has no domain yet there is nothing to do: who probes the
 * device sets the default domain up. In a group that is in a foreign domain, or
 * blocked, the device gets the DMA API for the time after: until then no driver of the
 * kernel that uses it can be bound.
 *
 * Context: Process context, sleeps. group->mutex is held.
 * Return: 0, or the error of the driver, or -EINVAL if user space owns the group
 * and firmware uses the device, after which it is in no domain of the group.
 */
int iommu_group_attach_member(struct iommu_group *group,
			      struct group_device *gdev)
{
	struct device *dev = gdev->dev;
	int ret;

	lockdep_assert_held(&group->mutex);

	/* What cannot be mapped is lost to firmware, not to the kernel */
	if (group->default_domain)
		iommu_create_device_direct_mappings(group->default_domain, dev);
	if (!group->domain)
		return 0;

	ret = bring_member(group, gdev, group->domain, NULL);
	if (ret) {
		park(dev, NULL);
		return ret;
	}
	if (group->default_domain)
		iommu_setup_dma_ops(dev, group->default_domain);
	return 0;
}
ALLOW_ERROR_INJECTION(iommu_group_attach_member, ERRNO);

/**
 * iommu_group_detach_member() - Take a former member out of its group's domain
 * @group: the group
 * @dev: the device, served by an IOMMU and no longer a member
 * @old: the domain that it is in, or NULL
 *
 * After the last member the group's own domains are freed, while the IOMMU
 * driver that made them is sure to be there.
 *
 * Context: Process context, sleeps. group->mutex is held.
 */
void iommu_group_detach_member(struct iommu_group *group, struct device *dev,
			       struct iommu_domain *old)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	lockdep_assert_held(&group->mutex);

	if (!may_keep_memory(group, dev) ||
	    __iommu_attach_device(ops->identity_domain, dev, old))
		park(dev, old);
	/* Without a domain to park in, this is what ends the use of others */
	if (ops->release_device)
		ops->release_device(dev);

	if (!list_empty(&group->devices))
		return;
	if (group->default_domain)
		iommu_domain_free(group->default_domain);
	if (group->blocking_domain)
		iommu_domain_free(group->blocking_domain);
	group->default_domain = NULL;
	group->blocking_domain = NULL;
	group->domain = NULL;
}

/**
 * __iommu_attach_group() - iommu_attach_group(), locked
 * @domain: see there
 * @group: see there
 *
 * Context: Process context, sleeps. group->mutex is held.
 * Return: See iommu_attach_group().
 */
int __iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	lockdep_assert_held(&group->mutex);

	if (group->domain && group->domain != group->default_domain &&
	    group->domain != group->blocking_domain)
		return -EBUSY;

	return iommu_group_set_domain(group, domain);
}

/**
 * iommu_attach_group() - Attach all devices of a group to a domain, or none
 * @domain: the domain; it must not be freed before iommu_detach_group()
 * @group: a group to which the caller has a reference
 *
 * Context: Process context, sleeps. Takes the group's mutex.
 * Return: 0, or an error after which every device is in the domain that it was
 * in: -EBUSY when another foreign domain is attached or one of the devices is
 * reset, -EINVAL when the group has no devices, @domain is of another IOMMU
 * driver, or the driver finds the domain unfit for one of the devices, in which
 * case another domain may do, or what else the driver returned.
 */
int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	guard(mutex)(&group->mutex);
	return __iommu_attach_group(domain, group);
}
EXPORT_SYMBOL_GPL(iommu_attach_group);
ALLOW_ERROR_INJECTION(iommu_attach_group, ERRNO);

/**
 * iommu_detach_group() - Undo iommu_attach_group()
 * @domain: the domain; the caller may free it afterwards. It is not looked at
 * @group: the group, which leaves what it is in
 *
 * The group goes back to its default domain, or is blocked if user space owns
 * it.
 *
 * Context: Process context, sleeps. Takes the group's mutex.
 */
void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	guard(mutex)(&group->mutex);
	iommu_group_set_core_domain(group);
}
EXPORT_SYMBOL_GPL(iommu_detach_group);

/* A driver that wants one device only gets to know what is in the way */
static void tell_others(struct iommu_group *group, struct device *dev)
{
	size_t n = list_count_nodes(&group->devices) - 1;
	struct group_device *other;

	other = list_first_entry(&group->devices, struct group_device, list);
	if (other->dev == dev)
		other = list_next_entry(other, list);

	/* Users of vhost-vdpa and the like can have this tried again and again */
	dev_err_ratelimited(dev, "cannot be attached alone: iommu group %d has %zu other device%s%s %s\n",
			    group->id, n, str_plural(n),
			    n > 1 ? ", the first is" : ":",
			    dev_name(other->dev));
}

/**
 * iommu_attach_device() - Attach a device that is alone in its group
 * @domain: the domain; it must not be freed before iommu_detach_device()
 * @dev: the device; the caller is its driver
 *
 * Context: Process context, sleeps. Takes the group's mutex.
 * Return: 0, -ENODEV if @dev is in no group, -EINVAL if it is not alone there,
 * which is logged, or what iommu_attach_group() returns.
 */
int iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_group *group = dev_iommu_group(dev);

	if (!group)
		return -ENODEV;

	guard(mutex)(&group->mutex);
	if (list_empty(&group->devices))
		return -ENODEV;
	if (!list_is_singular(&group->devices)) {
		tell_others(group, dev);
		return -EINVAL;
	}
	return __iommu_attach_group(domain, group);
}
EXPORT_SYMBOL_GPL(iommu_attach_device);

/**
 * iommu_detach_device() - Undo iommu_attach_device()
 * @domain: the domain; the caller may free it afterwards
 * @dev: the device; the caller is its driver
 *
 * It need not be alone any more. Who has joined its group meanwhile was attached
 * too, and is detached with it.
 *
 * Context: Process context, sleeps. Takes the group's mutex.
 */
void iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_group *group = dev_iommu_group(dev);

	if (!group)
		return;

	guard(mutex)(&group->mutex);
	if (WARN_ON(group->domain != domain))
		return;
	iommu_group_set_core_domain(group);
}
EXPORT_SYMBOL_GPL(iommu_detach_device);

/* Others may have been first, before the mutex was free */
static int attach_deferred_member(struct iommu_group *group, struct device *dev,
				  struct iommu_domain *domain)
{
	struct group_device *gdev;

	guard(mutex)(&group->mutex);
	gdev = iommu_group_find_device(group, dev);
	if (!gdev)
		return -ENODEV;
	if (group->domain != domain || gdev->blocked)
		return -EBUSY;
	if (!dev->iommu->attach_deferred)
		return 0;
	return __iommu_attach_device(domain, dev, NULL);
}

/**
 * iommu_group_tell_user() - Say in the log who keeps a group from being claimed
 * @group: the group, which is in use
 *
 * Who claims it for one of its devices may not know of the others.
 *
 * Context: Process context. group->mutex is held.
 */
void iommu_group_tell_user(struct iommu_group *group)
{
	lockdep_assert_held(&group->mutex);

	if (group->owner)
		pr_err_ratelimited("group %d cannot be claimed: user space owns it already\n",
				   group->id);
	else
		pr_err_ratelimited("group %d cannot be claimed: drivers of the kernel use the DMA of %u of its %zu devices\n",
				   group->id, group->owner_cnt,
				   list_count_nodes(&group->devices));
}

/**
 * iommu_deferred_attach() - Attach a device now whose attaching was put off
 * @dev: the device
 * @domain: its group's default domain
 *
 * After a kexec a device may still do DMA through the tables of the kernel
 * before, until its driver resets it. The DMA API calls this at its first use.
 *
 * Context: Any, when nothing was put off. Else process context, sleeps, and takes
 * the group's mutex: in a kernel that runs after a crash a driver maps its first
 * memory where it may sleep, as in its probe(). The caller keeps @dev from being
 * released.
 * Return: 0, also when nothing was put off; -ENODEV if @dev is in no group any
 * more; -EBUSY if its group has gone from @domain to another, or @dev is blocked; or
 * what the IOMMU driver returned.
 */
int iommu_deferred_attach(struct device *dev, struct iommu_domain *domain)
{
	/* Pairs with __iommu_attach_device(): who sees it done sees it attached */
	if (!dev->iommu || !smp_load_acquire(&dev->iommu->attach_deferred))
		return 0;

	struct iommu_group *group __free(iommu_group_put) = iommu_group_get(dev);

	return group ? attach_deferred_member(group, dev, domain) : -ENODEV;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_deferred_attach);

/**
 * iommu_group_set_type() - Give a group a default domain of another type
 * @group: a group to which the caller has a reference
 * @type: IOMMU_DOMAIN_IDENTITY, IOMMU_DOMAIN_DMA, IOMMU_DOMAIN_DMA_FQ, or 0 for
 *	what the IOMMU driver and the command line ask for
 *
 * Context: Process context, sleeps. Takes the group's mutex.
 * Return: 0, or an error after which the default domain is as before: -EINVAL
 * if there is none, or the IOMMU driver needs another type; -EPERM while a
 * driver or user space uses the group's DMA, or no device is left; or what the
 * IOMMU driver returned.
 */
int iommu_group_set_type(struct iommu_group *group, unsigned int type)
{
	struct iommu_domain *domain;
	struct group_device *gdev;
	int ret;

	guard(mutex)(&group->mutex);
	domain = group->default_domain;
	if (!domain)
		return -EINVAL;

	/* The one change that needs no other domain, so drivers may stay */
	if (type == IOMMU_DOMAIN_DMA_FQ && domain->type == IOMMU_DOMAIN_DMA) {
		ret = iommu_dma_init_fq(domain);
		if (!ret)
			domain->type = type;
		return ret;
	}

	if (group->owner_cnt || list_empty(&group->devices))
		return -EPERM;

	ret = iommu_setup_default_domain(group, type);
	if (ret)
		return ret;

	for_each_group_device(group, gdev)
		iommu_setup_dma_ops(gdev->dev, group->default_domain);
	return 0;
}

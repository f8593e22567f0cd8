// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: finding the group of a PCI function.
 *
 * Which functions share a group is decided by iommu-group-isolation.c, from the
 * way of each function alone. Here functions are described for it, and what it
 * says of one becomes a place with keys, by which iommu-group-place.c finds the
 * group if another function has come to it before.
 *
 * A member enters the key of its turning point's junction, and one without enters
 * none: nobody else can come to its group. DMA aliases are the exception: who uses
 * the requester ID of another shares its group, wherever each turns around. So
 * what has to do with aliases enters the keys of all that they tie together.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/lockdep.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-group.h"
#include "iommu-group-place.h"
#include "iommu-priv.h"

/* iommu.isolation= */
static enum {
	ISOLATION_STANDARD,
	ISOLATION_STRICT,
	ISOLATION_LEGACY,
} isolation;

static const char * const isolation_names[] = {
	[ISOLATION_STANDARD] = "standard",
	[ISOLATION_STRICT] = "strict",
	[ISOLATION_LEGACY] = "legacy",
};

/**
 * iommu_group_set_isolation() - Choose by what PCI functions share groups
 * @name: of isolation_names, or NULL for none of them
 *
 * Context: At boot, or with no PCI function in a group.
 * Return: 0, or -EINVAL if there is no such name, and nothing changes.
 */
VISIBLE_IF_KUNIT int iommu_group_set_isolation(const char *name)
{
	int i = name ? match_string(isolation_names, ARRAY_SIZE(isolation_names),
				    name) : -EINVAL;

	if (i < 0)
		return -EINVAL;
	isolation = i;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_set_isolation);

/**
 * iommu_group_isolation_is_strict() - Is what reaches others refused to user space?
 *
 * Context: Any.
 * Return: Whether iommu.isolation=strict.
 */
bool iommu_group_isolation_is_strict(void)
{
	return isolation == ISOLATION_STRICT;
}

/**
 * iommu_group_isolation_name() - What iommu_group_set_isolation() has chosen
 *
 * Context: Any.
 * Return: One of isolation_names.
 */
VISIBLE_IF_KUNIT const char *iommu_group_isolation_name(void)
{
	return isolation_names[isolation];
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_isolation_name);

static int __init parse_isolation(char *str)
{
	if (iommu_group_set_isolation(str))
		pr_warn("iommu.isolation=%s is none of standard, strict and legacy; it stays %s\n",
			str ?: "", iommu_group_isolation_name());
	return 0;
}
early_param("iommu.isolation", parse_isolation);

/**
 * iommu_group_wake() - Wake a device and all above it, for their ACS to be read
 * @dev: a device of any bus
 *
 * Context: Process context, sleeps. Takes pci_bus_sem, so that no lock of groups
 * is held.
 */
void iommu_group_wake(struct device *dev)
{
	if (dev_is_pci(dev))
		pm_runtime_get_sync(dev);
}

/**
 * iommu_group_let_sleep() - Undo iommu_group_wake()
 * @dev: the device
 *
 * Context: As iommu_group_wake().
 */
void iommu_group_let_sleep(struct device *dev)
{
	if (dev_is_pci(dev))
		pm_runtime_put(dev);
}

static struct pci_dev *upstream_of(const struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	/* A bus of virtual functions has no bridge of its own */
	while (!pci_is_root_bus(bus) && !bus->self)
		bus = bus->parent;
	return pci_is_root_bus(bus) ? NULL : bus->self;
}

static u8 type_of(struct pci_dev *pdev)
{
	return pci_is_pcie(pdev) ? pci_pcie_type(pdev) : IOMMU_PCI_CONVENTIONAL;
}

static bool is_inert(const struct pci_dev *pdev)
{
	int i;

	if (pdev->class >> 8 != PCI_CLASS_BRIDGE_HOST ||
	    pdev->hdr_type != PCI_HEADER_TYPE_NORMAL)
		return false;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		if (pdev->resource[i].flags & (IORESOURCE_MEM | IORESOURCE_IO))
			return false;
	}
	return true;
}

static void describe(const void *function, struct iommu_pci_function *desc)
{
	struct pci_dev *pdev = (struct pci_dev *)function;
	struct pci_dev *bridge = upstream_of(pdev);

	desc->type = type_of(pdev);
	desc->is_inert = !bridge && is_inert(pdev);
	/* To 6.12 nobody is neutral */
	if (isolation == ISOLATION_LEGACY) {
		desc->is_inert = false;
		if (desc->type == PCI_EXP_TYPE_RC_EC)
			desc->type = PCI_EXP_TYPE_RC_END;
	}
	desc->bus = bridge ? iommu_pci_bus_below(type_of(bridge)) :
			     IOMMU_PCI_ROOT_BUS;
	/* Its bus may not be there yet */
	desc->is_bridge = pci_is_bridge(pdev);
	desc->is_virtfn = pdev->is_virtfn;
	desc->multifunction = pdev->multifunction;
	desc->translates = !!(pdev->dev_flags & PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT);
}

static const void *upstream(const void *function)
{
	return upstream_of(function);
}

static bool has_acs(const void *function)
{
	return !pci_acs_missing((struct pci_dev *)function);
}

static const struct iommu_pci_ops pci_ops = {
	.describe = describe,
	.upstream = upstream,
	.has_acs = has_acs,
};

/**
 * iommu_group_key() - What a junction or a function is found by
 * @kind: what it is
 * @bus: its bus; of a bus as a junction, that of the bridge which leads to it
 * @devfn: place there of the function, of the slot's first, or of the bridge
 *
 * Where an unsigned long has 32 bits there is room for domains below 0x4000.
 *
 * Context: Any.
 * Return: A key that is not 0.
 */
unsigned long iommu_group_key(enum iommu_group_key_kind kind,
			      struct pci_bus *bus, unsigned int devfn)
{
	WARN_ON_ONCE(BITS_PER_LONG == 32 && pci_domain_nr(bus) >> 14);
	return (unsigned long)pci_domain_nr(bus) << 18 |
	       PCI_DEVID(bus->number, devfn) << 2 | kind;
}

static unsigned long function_key(const struct pci_dev *pdev)
{
	return iommu_group_key(KEY_FUNCTION, pdev->bus, pdev->devfn);
}

static unsigned long key_of_bus_below(const struct pci_dev *bridge)
{
	return iommu_group_key(KEY_BUS, bridge->bus, bridge->devfn);
}

static unsigned long junction_key(const struct iommu_pci_member *member)
{
	const struct pci_dev *pdev = member->function;

	if (member->below)
		return key_of_bus_below(pdev);
	if (member->desc.bus == IOMMU_PCI_SWITCH ||
	    member->desc.bus == IOMMU_PCI_SHARED_BUS || pci_ari_enabled(pdev->bus))
		return key_of_bus_below(upstream_of(pdev));
	return iommu_group_key(KEY_SLOT, pdev->bus,
			       PCI_DEVFN(PCI_SLOT(pdev->devfn), 0));
}

static enum iommu_group_cause cause_of(const struct iommu_pci_member *turn)
{
	if (!turn->function)
		return CAUSE_ISOLATED;
	if (turn->below || turn->desc.bus == IOMMU_PCI_SHARED_BUS)
		return CAUSE_BRIDGE;
	if (turn->desc.bus == IOMMU_PCI_SWITCH || iommu_pci_is_port(&turn->desc))
		return CAUSE_ACS;
	return CAUSE_MULTIFUNCTION;
}

static void note_junction(const struct iommu_pci_member *member, void *data)
{
	struct iommu_group_place *place = data;

	place->way[place->n_way++] = junction_key(member);
}

/**
 * iommu_group_class_of() - What a function shares with those it turns around with
 * @pdev: the function
 *
 * Context: Process context, sleeps.
 * Return: The key of its turning point's junction, its own without one.
 */
unsigned long iommu_group_class_of(struct pci_dev *pdev)
{
	struct iommu_pci_member turn;

	turn = iommu_pci_turning_point(&pci_ops, pdev, NULL, NULL);
	return turn.function ? junction_key(&turn) : function_key(pdev);
}

/* It does its DMA by another function, or sends under the ID of one as well */
static void blame_alias(struct iommu_group_place *place, struct pci_dev *pdev,
			struct pci_dev *real)
{
	unsigned int alias = real->devfn;

	if (real == pdev) {
		if (!real->dma_alias_mask)
			return;
		/* A range of aliases may have the function itself in it */
		alias = find_first_bit(real->dma_alias_mask, 256);
		if (alias == real->devfn)
			alias = find_next_bit(real->dma_alias_mask, 256, alias + 1);
		if (alias == 256)
			return;
	}
	place->cause = CAUSE_ALIAS;
	place->culprit = iommu_group_key(KEY_FUNCTION, real->bus, alias);
}

static struct iommu_group_place *alloc_place(struct pci_dev *real)
{
	struct iommu_group_place *place;
	const struct pci_bus *bus;
	unsigned int depth = 0;

	for (bus = real->bus; bus; bus = bus->parent)
		depth++;
	/* A bridge may be a member of two junctions on the way */
	place = kzalloc_flex(*place, way, 2 * depth);
	if (!place)
		return NULL;
	place->function = function_key(real);
	place->class = place->function;
	place->keys = &place->class;
	return place;
}

/*
 * Asks the hardware of those on the way, and of others only for aliases. @beside
 * is set to the turning point, or to what does the function's DMA, which may be
 * itself.
 */
static struct iommu_group_place *new_place(struct pci_dev *pdev,
					   struct pci_dev **beside,
					   struct iommu_group_ties *ties)
{
	struct pci_dev *real = pci_real_dma_dev(pdev), *turning;
	struct iommu_group_place *place = alloc_place(real);
	struct iommu_pci_member turn;

	if (!place)
		return NULL;

	turn = iommu_pci_turning_point(&pci_ops, real, note_junction, place);
	turning = (struct pci_dev *)turn.function;
	place->is_bridge = pci_is_bridge(pdev);
	place->cause = cause_of(&turn);
	if (turning) {
		place->junction = junction_key(&turn);
		place->class = place->junction;
		place->n_keys = 1;
		place->culprit = function_key(turning);
		if (place->cause != CAUSE_BRIDGE)
			place->lacks = pci_acs_missing(turning);
	} else {
		/* Those that have it do DMA for them have to find each other */
		place->n_keys = real != pdev;
		blame_alias(place, pdev, real);
	}

	*beside = turning ?: real;
	if (iommu_group_find_ties((*beside)->bus, place->class, ties)) {
		kfree(place);
		return NULL;
	}
	if (ties->n_keys) {
		place->n_keys = ties->n_keys;
		place->keys = no_free_ptr(ties->keys);
	}
	/* Its groups are not found by places, and have no edges */
	if (isolation == ISOLATION_LEGACY) {
		place->junction = 0;
		place->n_keys = 0;
		place->n_way = 0;
	}
	return place;
}

/*
 * An alias that is known only now, as of AMD-Vi's IVRS, may meet groups that are
 * there. Members cannot change their group.
 */
static struct iommu_group *late_alias(struct pci_dev *pdev,
				      struct iommu_group *group,
				      struct iommu_group *other)
{
	if (isolation == ISOLATION_STRICT) {
		pci_err(pdev, "shares requester IDs with devices of IOMMU groups %d and %d; remove those of one, then rescan\n",
			group->id, other->id);
		return ERR_PTR(-EXDEV);
	}
	pci_warn(pdev, "shares requester IDs with devices of IOMMU groups %d and %d, which are not isolated from each other; joins %d\n",
		 group->id, other->id, group->id);
	return group;
}

/*
 * What the turning point's junction leads to, or else the turning point's own
 * group: its ACS may have been on when it came. Then what aliases tie it to.
 */
static struct iommu_group *find_group(struct pci_dev *pdev,
				      const struct iommu_group_place *place,
				      struct pci_dev *beside,
				      const struct iommu_group_ties *ties)
{
	struct iommu_group *group = iommu_group_of_key(place->class), *other;
	unsigned int i;

	group = group ?: iommu_group_of_client(&beside->dev) ?: ties->group;
	if (!ties->n_keys)
		return group;

	for (i = 0; i < place->n_keys; i++) {
		other = iommu_group_of_key(place->keys[i]);
		if (group && other && other != group)
			return late_alias(pdev, group, other);
		group = group ?: other;
	}
	if (ties->group && ties->group != group)
		return late_alias(pdev, group, ties->group);
	if (ties->other)
		return late_alias(pdev, group, ties->other);
	return group;
}

/**
 * iommu_group_make_place() - Find out by what a device is placed
 * @dev: a device of any bus that is about to be a member
 *
 * For devices whose IOMMU driver remembers a group by itself: those that come
 * later by pci_device_group() have to find it.
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held.
 * Return: 0, also if pci_device_group() has done it, or -ENOMEM. Undone by
 * iommu_group_free_place() when @dev is forgotten.
 */
int iommu_group_make_place(struct device *dev)
{
	struct iommu_group_ties ties __free(iommu_group_ties) = {};
	struct iommu_group_place *place;
	struct pci_dev *beside;

	lockdep_assert_held(&iommu_probe_device_lock);

	if (!dev_is_pci(dev) || dev->iommu->place)
		return 0;
	place = new_place(to_pci_dev(dev), &beside, &ties);
	if (!place)
		return -ENOMEM;
	place->cause = CAUSE_DRIVER;
	dev->iommu->place = place;
	return 0;
}

/**
 * pci_device_group() - Find or make the group of a PCI function
 * @dev: the struct device of a PCI function
 *
 * For the device_group() of an IOMMU driver, or its add_device(). What decides
 * is told at the head of iommu-group-isolation.c.
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held.
 * Return: The group with a reference for the caller, or an ERR_PTR: -EINVAL if
 * @dev is no PCI function or has a group, -ENOMEM, -EXDEV if by iommu.isolation=strict its
 * requester IDs are shared with two groups, or what iommu_group_alloc() returned.
 */
struct iommu_group *pci_device_group(struct device *dev)
{
	struct iommu_group_ties ties __free(iommu_group_ties) = {};
	struct iommu_group_place *place;
	struct iommu_group *group;
	struct pci_dev *beside;

	lockdep_assert_held(&iommu_probe_device_lock);

	if (WARN_ON(!dev_is_pci(dev) || rcu_access_pointer(dev->iommu_group)))
		return ERR_PTR(-EINVAL);

	iommu_group_free_place(dev->iommu->place);
	place = new_place(to_pci_dev(dev), &beside, &ties);
	dev->iommu->place = place;
	if (!place)
		return ERR_PTR(-ENOMEM);
	if (isolation == ISOLATION_LEGACY)
		return pci_legacy_device_group(dev);

	group = find_group(to_pci_dev(dev), place, beside, &ties);
	if (!group)
		return iommu_group_alloc();
	return IS_ERR(group) ? group : iommu_group_ref_get(group);
}
EXPORT_SYMBOL_GPL(pci_device_group);

/* The IOMMUs that are there at boot have registered, and walked the bus */
static bool boot_walks_done;

/**
 * iommu_group_report_unserved() - Say that a PCI function has no group
 * @dev: a device of any bus that the driver of an IOMMU has declined
 *
 * Only PCI functions are told of, which an admin may want to give away. Most
 * devices of other buses do no DMA, and an IOMMU that is a function itself is not
 * given away. While the machine boots, one IOMMU declines what the next one
 * serves: those that none serves are told of in the end.
 *
 * Context: Any that may log. iommu_probe_device_lock is held.
 */
void iommu_group_report_unserved(struct device *dev)
{
	lockdep_assert_held(&iommu_probe_device_lock);

	if (!boot_walks_done || !dev_is_pci(dev) ||
	    to_pci_dev(dev)->class >> 8 == PCI_CLASS_SYSTEM_IOMMU)
		return;
	dev_notice(dev, "in no IOMMU group: no IOMMU serves it, so it cannot be given to a guest\n");
}

/* Also of a function whose probing failed, after what was told of that */
static int __init report_unserved(struct device *dev, void *unused)
{
	guard(mutex)(&iommu_probe_device_lock);
	if (!rcu_access_pointer(dev->iommu_group) &&
	    iommu_fwspec_ops(dev_iommu_fwspec_get(dev)))
		iommu_group_report_unserved(dev);
	return 0;
}

static int __init report_all_unserved(void)
{
	scoped_guard(mutex, &iommu_probe_device_lock)
		boot_walks_done = true;
	return bus_for_each_dev(&pci_bus_type, NULL, NULL, report_unserved);
}
late_initcall_sync(report_all_unserved);

/*
 * The first of the locks that iommu-group-sysfs.c teaches. Error recovery takes
 * pci_bus_sem rarely; lockdep is not to wait for it.
 */
static int __init teach_lockdep(void)
{
	guard(rwsem_read)(&pci_bus_sem);
	might_lock(&iommu_probe_device_lock);
	return 0;
}
core_initcall(teach_lockdep);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: which PCI functions share one.
 *
 * Two functions share a group if the IOMMU cannot tell their requests apart, or
 * if a memory request of one can reach the other without passing the IOMMU.
 *
 * ACS (PCI Express Base Specification 6.0, section 6.12) controls egress: it
 * restrains what comes from a function, or from below a port. It protects nobody
 * from what arrives from elsewhere. So isolation is a property of a junction, a
 * place where requests can turn around:
 *
 *   junction                     members                 isolated if
 *   a switch's internal bus      the downstream ports    all of them have ACS
 *   a multifunction slot         its functions           all of them have ACS
 *   a single root port           the port                it has ACS
 *   a conventional bus           its bridge and all      never
 *                                that is on it
 *
 * If a junction is not isolated, its members and all that is below them are one
 * group, for what comes down to them is not checked any more. So the topmost
 * such junction on the way to the root decides. The function through which the
 * way passes there is the anchor of all the functions whose way it is; if there
 * is none, a function is its own anchor. It remains so while one of them is in
 * the group, even if the junction becomes isolated when a function is removed.
 *
 * Anchors on one bus share a group if they are members of one junction that is
 * not isolated, or if quirks know them to use each other's requester ID.
 *
 * By convention separate slots of a root bus are isolated from each other, and
 * so are virtual functions from their physical function and from one another. An
 * inert function, a host bridge without memory or I/O, issues nothing and
 * receives nothing: it ties nobody together and is in a group of its own.
 *
 * Finding a group costs what depends on the depth of the function and on the
 * buses on its way, not on the number of devices in the system: groups are found
 * by their anchors, which are entered in an xarray by requester ID. An anchor is
 * in it as long as a device is there that has it, or an anchor below it.
 */

#define pr_fmt(fmt) "iommu: " fmt

#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/lockdep.h>
#include <linux/pci.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "iommu-group.h"

#define MAX_FUNCTIONS	256	/* of a bus */

static const struct {
	u16 flag;
	const char *name;
} acs_flags[] = {
	{ PCI_ACS_SV, "SV" },
	{ PCI_ACS_RR, "RR" },
	{ PCI_ACS_CR, "CR" },
	{ PCI_ACS_UF, "UF" },
};

/* What is in struct pci_dev, when it is known */
enum acs_isolation {
	LACKS_ACS = 1,
	HAS_ACS,
};

#define ISOLATING_ACS	(PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

enum cause {
	CAUSE_ISOLATED,
	CAUSE_ACS,
	CAUSE_MULTIFUNCTION,
	CAUSE_BRIDGE,
	CAUSE_ALIAS,
};

static const char * const cause_names[] = {
	[CAUSE_ISOLATED] = "isolated",
	[CAUSE_ACS] = "acs",
	[CAUSE_MULTIFUNCTION] = "multifunction",
	[CAUSE_BRIDGE] = "bridge",
	[CAUSE_ALIAS] = "alias",
};

/**
 * struct iommu_group_anchor - what leads to the group of PCI functions
 * @key: place in the xarray, the domain and requester ID of the function
 * @above: that of the bridge that the function is below, NULL for none
 * @group: the group, held, NULL if there are no @users
 * @users: devices that have this anchor
 * @below: anchors that have this one @above: what is below the function and
 *	was found to be apart from it
 * @is_end: the ways of those below end here, at an IOMMU; what is @above is for
 *	the function itself
 */
struct iommu_group_anchor {
	unsigned long key;
	struct iommu_group_anchor *above;
	struct iommu_group *group;
	unsigned int users;
	unsigned int below : 31;
	unsigned int is_end : 1;
};

/* By domain and requester ID, under iommu_probe_device_lock */
static DEFINE_XARRAY(anchors);

static bool legacy_isolation;

static int __init set_isolation(char *str)
{
	if (!strcmp(str, "strict"))
		legacy_isolation = false;
	else if (!strcmp(str, "legacy"))
		legacy_isolation = true;
	else
		return -EINVAL;
	return 0;
}
early_param("iommu.isolation", set_isolation);

/**
 * struct place - where a function stands, valid under pci_bus_sem
 * @anchor: what decides about its group
 * @cause: why it shares one, if it does
 * @culprit: the function that is the cause, NULL if that is CAUSE_ISOLATED
 * @tied: functions of @anchor's bus that share its group
 * @whole: those of @tied that share it with all that is below them
 */
struct place {
	struct pci_dev *anchor;
	enum cause cause;
	struct pci_dev *culprit;
	DECLARE_BITMAP(tied, MAX_FUNCTIONS);
	DECLARE_BITMAP(whole, MAX_FUNCTIONS);
};

#define for_each_function(pdev, bus) \
	list_for_each_entry(pdev, &(bus)->devices, bus_list)

/*
 * Each function is asked once: that looks through the quirks and reads from the
 * configuration, and a junction wants to know it of all its members whenever
 * there is a new one. What somebody changes later with setpci is not seen until
 * the function is removed and found again.
 */
static bool has_acs(struct pci_dev *pdev)
{
	u8 isolation = READ_ONCE(pdev->acs_isolation);

	if (!isolation) {
		isolation = pci_acs_enabled(pdev, ISOLATING_ACS) ?
			    HAS_ACS : LACKS_ACS;
		WRITE_ONCE(pdev->acs_isolation, isolation);
	}
	return isolation == HAS_ACS;
}

static bool is_port(struct pci_dev *pdev, int type)
{
	return pci_is_pcie(pdev) && pci_pcie_type(pdev) == type;
}

static bool is_inert(struct pci_dev *pdev)
{
	struct resource *res;
	int i;

	if (pdev->class >> 8 != PCI_CLASS_BRIDGE_HOST)
		return false;

	for (i = 0; i < PCI_STD_NUM_BARS; i++) {
		res = &pdev->resource[i];
		if (res->flags & (IORESOURCE_MEM | IORESOURCE_IO))
			return false;
	}
	return true;
}

/*
 * The IOMMU is at this bridge. What turns around here may not have been checked,
 * what does so further up has, and the IOMMU knows it by the requester ID it had.
 */
static bool translates(struct pci_dev *bridge)
{
	return bridge->dev_flags & PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT;
}

/* Not PCI Express on its secondary side */
static bool has_conventional_bus(struct pci_dev *bridge)
{
	return !pci_is_pcie(bridge) || is_port(bridge, PCI_EXP_TYPE_PCI_BRIDGE);
}

/* PCI Express to PCI/PCI-X Bridge Specification 1.0, section 2.3 */
static bool takes_over_requester_ids(struct pci_dev *bridge)
{
	return !translates(bridge) &&
	       (has_conventional_bus(bridge) ||
		is_port(bridge, PCI_EXP_TYPE_PCIE_BRIDGE));
}

/* What requests pass on their way up, or NULL on a root bus */
static struct pci_dev *upstream_of(struct pci_dev *pdev)
{
	struct pci_bus *bus = pdev->bus;

	/* A bus of virtual functions has no bridge of its own */
	while (!pci_is_root_bus(bus) && !bus->self)
		bus = bus->parent;
	return pci_is_root_bus(bus) ? NULL : bus->self;
}

/* The same on the way of @pdev, on which @up is. It may end at an IOMMU. */
static struct pci_dev *next_on_way(struct pci_dev *pdev, struct pci_dev *up)
{
	return up != pdev && translates(up) ? NULL : upstream_of(up);
}

static bool on_conventional_bus(struct pci_dev *pdev)
{
	return pdev->bus->self && has_conventional_bus(pdev->bus->self);
}

static bool in_one_slot(struct pci_dev *a, struct pci_dev *b)
{
	return pci_ari_enabled(a->bus) ||
	       PCI_SLOT(a->devfn) == PCI_SLOT(b->devfn);
}

/* Two functions of a bus, or one and itself */
static bool in_one_junction(struct pci_dev *a, struct pci_dev *b)
{
	if (a == b)
		return true;
	if (!in_one_slot(a, b) && !on_conventional_bus(a) &&
	    !(is_port(a, PCI_EXP_TYPE_DOWNSTREAM) &&
	      is_port(b, PCI_EXP_TYPE_DOWNSTREAM)))
		return false;
	return !a->is_virtfn && !b->is_virtfn && !is_inert(a) && !is_inert(b);
}

/* Is the function's junction not isolated, why, and who is to blame? */
static enum cause judge_junction(struct pci_dev *pdev, struct pci_dev **culprit)
{
	bool is_root_port = is_port(pdev, PCI_EXP_TYPE_ROOT_PORT);
	bool is_downstream = is_port(pdev, PCI_EXP_TYPE_DOWNSTREAM);
	struct pci_dev *other, *worst = NULL;
	unsigned int members = 0;

	if (pdev->is_virtfn)
		return CAUSE_ISOLATED;
	if (on_conventional_bus(pdev)) {
		*culprit = pdev->bus->self;
		return CAUSE_BRIDGE;
	}

	for_each_function(other, pdev->bus) {
		if (!in_one_junction(pdev, other))
			continue;
		members++;
		/* The first by number, whichever was found first */
		if ((!worst || other->devfn < worst->devfn) && !has_acs(other))
			worst = other;
	}

	/* With nobody else there it takes a port to turn a request around */
	if (!worst || (members == 1 && !is_root_port && !is_downstream))
		return CAUSE_ISOLATED;
	*culprit = worst;
	return is_downstream || members == 1 ? CAUSE_ACS : CAUSE_MULTIFUNCTION;
}

/* Does a bridge share its group with all that is below it? */
static enum cause judge_bridge(struct pci_dev *bridge, struct pci_dev **culprit)
{
	enum cause cause = judge_junction(bridge, culprit);

	if (cause != CAUSE_ISOLATED || !takes_over_requester_ids(bridge))
		return cause;
	*culprit = bridge;
	return CAUSE_BRIDGE;
}

/* Enter in @tied what shares a junction with @pdev that is not isolated */
static void tie_junction(struct place *place, struct pci_dev *pdev)
{
	struct pci_dev *other, *culprit;

	__set_bit(pdev->devfn, place->tied);
	if (judge_junction(pdev, &culprit) == CAUSE_ISOLATED)
		return;
	for_each_function(other, pdev->bus) {
		if (!in_one_junction(pdev, other))
			continue;
		__set_bit(other->devfn, place->tied);
		__set_bit(other->devfn, place->whole);
	}
}

/* An alias of one that is tied already, which is not */
static struct pci_dev *find_alias(struct place *place, struct pci_bus *bus)
{
	struct pci_dev *a, *b;

	for_each_function(a, bus) {
		if (!a->dma_alias_mask)
			continue;
		for_each_function(b, bus) {
			if (!pci_devs_are_dma_aliases(a, b) ||
			    test_bit(a->devfn, place->tied) ==
			    test_bit(b->devfn, place->tied))
				continue;
			return test_bit(a->devfn, place->tied) ? b : a;
		}
	}
	return NULL;
}

static void tie_anchors(struct place *place)
{
	struct pci_bus *bus = place->anchor->bus;
	struct pci_dev *alias;

	bitmap_zero(place->tied, MAX_FUNCTIONS);
	bitmap_zero(place->whole, MAX_FUNCTIONS);
	tie_junction(place, place->anchor);
	while ((alias = find_alias(place, bus))) {
		if (place->cause == CAUSE_ISOLATED) {
			place->cause = CAUSE_ALIAS;
			place->culprit = alias;
		}
		tie_junction(place, alias);
	}
}

static void find_place(struct pci_dev *pdev, struct place *place)
{
	struct pci_dev *real = pci_real_dma_dev(pdev);
	struct pci_dev *up, *culprit;
	enum cause cause;

	lockdep_assert_held(&pci_bus_sem);

	place->anchor = real;
	place->culprit = NULL;
	if (real->subordinate)
		place->cause = judge_bridge(real, &place->culprit);
	else
		place->cause = judge_junction(real, &place->culprit);

	for (up = upstream_of(real); up; up = next_on_way(real, up)) {
		cause = judge_bridge(up, &culprit);
		if (cause == CAUSE_ISOLATED)
			continue;
		place->anchor = up;
		place->cause = cause;
		place->culprit = culprit;
	}

	if (place->cause == CAUSE_ISOLATED && real != pdev) {
		place->cause = CAUSE_ALIAS;
		place->culprit = real;
	}
	tie_anchors(place);
}

static unsigned long anchor_key(struct pci_bus *bus, unsigned int devfn)
{
	return (unsigned long)pci_domain_nr(bus) << 16 |
	       PCI_DEVID(bus->number, devfn);
}

/* Is anything below a bridge in the bridge's group? */
static bool shares_with_below(struct pci_dev *bridge)
{
	struct iommu_group_anchor *anchor;
	bool itself;

	anchor = xa_load(&anchors, anchor_key(bridge->bus, bridge->devfn));
	if (!anchor)
		return false;
	itself = bridge->dev.iommu && bridge->dev.iommu->anchor == anchor;
	return anchor->users > itself;
}

/*
 * A group does not shrink when the function that is its cause is removed: what
 * is below a bridge may still reach each other, and is only known by the bridge.
 * So what comes there joins, until the last that had to has left.
 */
static void stay_with_below(struct pci_dev *pdev, struct place *place)
{
	struct pci_dev *real = pci_real_dma_dev(pdev);
	struct pci_dev *up, *topmost = NULL;
	bool above_anchor = false;

	for (up = real; up; up = next_on_way(real, up)) {
		if (above_anchor && shares_with_below(up))
			topmost = up;
		if (up == place->anchor)
			above_anchor = true;
	}
	if (!topmost)
		return;
	place->anchor = topmost;
	tie_anchors(place);
}

/*
 * The group of all anchors that are tied, NULL if there is none yet. A function
 * that takes the isolation from a junction when it comes ties those together that
 * have been apart until now; groups do not merge, so it gets none.
 */
static struct iommu_group *find_group(struct pci_dev *pdev, struct place *place)
{
	struct iommu_group *group = NULL;
	struct iommu_group_anchor *anchor;
	unsigned int devfn;

	for_each_set_bit(devfn, place->tied, MAX_FUNCTIONS) {
		anchor = xa_load(&anchors,
				 anchor_key(place->anchor->bus, devfn));
		if (!anchor)
			continue;
		if (anchor->below && test_bit(devfn, place->whole))
			goto err_split;
		if (!anchor->group || anchor->group == group)
			continue;
		if (group)
			goto err_split;
		group = anchor->group;
	}
	return group;

err_split:
	pci_err(pdev, "would join devices that are in different IOMMU groups, because %s does not isolate them; remove it, or boot with it in place\n",
		pci_name(place->culprit));
	return ERR_PTR(-EXDEV);
}

/*
 * By iommu.isolation=legacy a function with ACS is apart from those in its
 * slot that have none, and so is a switch's port from those in other slots.
 */
static bool was_apart(struct place *place)
{
	struct pci_dev *culprit = place->culprit;
	struct pci_dev *other;

	if (place->cause != CAUSE_ACS && place->cause != CAUSE_MULTIFUNCTION)
		return false;
	for_each_function(other, culprit->bus) {
		if (in_one_junction(culprit, other) &&
		    (has_acs(other) ||
		     PCI_SLOT(other->devfn) != PCI_SLOT(culprit->devfn)))
			return true;
	}
	return false;
}

/* By iommu.isolation=legacy an inert function is with those of its slot */
static struct pci_dev *find_legacy_mate(struct pci_dev *inert)
{
	struct pci_dev *other;

	for_each_function(other, inert->bus) {
		if (other != inert && in_one_slot(inert, other) &&
		    !other->is_virtfn && !has_acs(other))
			return other;
	}
	return NULL;
}

static void report_difference(struct pci_dev *pdev, struct place *place,
			      struct iommu_group *group)
{
	struct pci_dev *mate = is_inert(pdev) ? find_legacy_mate(pdev) : NULL;

	if (mate)
		pci_info(pdev, "is inert and has an IOMMU group of its own, where iommu.isolation=legacy has it with %s\n",
			 pci_name(mate));
	/* Nothing is shared yet in a group that is still to be made */
	if (!group || group->told_difference || !was_apart(place))
		return;
	pci_info(pdev, "shares IOMMU group %d because %s lacks ACS, which iommu.isolation=legacy does not see\n",
		 group->id, pci_name(place->culprit));
	group->told_difference = true;
}

static struct iommu_group_anchor *new_anchor(struct pci_dev *pdev,
					     unsigned long key)
{
	struct iommu_group_anchor *anchor = kzalloc(sizeof(*anchor), GFP_KERNEL);
	int ret;

	if (!anchor)
		return ERR_PTR(-ENOMEM);

	anchor->key = key;
	anchor->is_end = translates(pdev);
	ret = xa_err(xa_store(&anchors, key, anchor, GFP_KERNEL));
	if (ret) {
		kfree(anchor);
		return ERR_PTR(ret);
	}
	return anchor;
}

/* Up to where somebody else needs them */
static void free_unused_anchors(struct iommu_group_anchor *anchor)
{
	struct iommu_group_anchor *above;

	for (; anchor && !anchor->users && !anchor->below; anchor = above) {
		above = anchor->above;
		if (above)
			above->below--;
		xa_erase(&anchors, anchor->key);
		kfree(anchor);
	}
}

static void leave_way(struct iommu_group_anchor *anchor)
{
	struct iommu_group_anchor *above = anchor->above;

	if (!above)
		return;
	anchor->above = NULL;
	above->below--;
	free_unused_anchors(above);
}

/* With those of all bridges on its way, which cannot go before it does */
static struct iommu_group_anchor *find_or_make_anchor(struct pci_dev *pdev)
{
	struct iommu_group_anchor *anchor, *below = NULL, *lowest = NULL;
	struct pci_dev *up;
	unsigned long key;

	for (up = pdev; up; up = next_on_way(pdev, up)) {
		key = anchor_key(up->bus, up->devfn);
		anchor = xa_load(&anchors, key) ?: new_anchor(up, key);
		if (IS_ERR(anchor)) {
			/* It may have been there before, with an end */
			if (lowest)
				leave_way(lowest);
			free_unused_anchors(lowest);
			return anchor;
		}
		if (!lowest)
			lowest = anchor;
		if (below) {
			below->above = anchor;
			anchor->below++;
		}
		/* Then it was there, with the rest of the way */
		if (anchor->above)
			break;
		below = anchor;
	}
	return lowest;
}

static struct iommu_group_anchor *get_anchor(struct pci_dev *pdev,
					     struct iommu_group *group)
{
	struct iommu_group_anchor *anchor = find_or_make_anchor(pdev);

	if (IS_ERR(anchor))
		return anchor;
	if (!anchor->users++)
		anchor->group = iommu_group_ref_get(group);
	return anchor;
}

/**
 * iommu_group_put_anchor() - Forget where the group of a device was found
 * @anchor: what pci_device_group() left in &struct dev_iommu, or NULL
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held.
 */
void iommu_group_put_anchor(struct iommu_group_anchor *anchor)
{
	lockdep_assert_held(&iommu_probe_device_lock);

	if (!anchor || --anchor->users)
		return;
	iommu_group_put(anchor->group);
	anchor->group = NULL;
	if (anchor->is_end)
		leave_way(anchor);
	free_unused_anchors(anchor);
}

/**
 * pci_device_group() - Find or make the group of a PCI function
 * @dev: the struct device of a PCI function
 *
 * For the device_group() of an IOMMU driver, or its add_device(). What is tied
 * together by topology is told at the head of this file.
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held. Takes
 * pci_bus_sem.
 * Return: The group with a reference for the caller, or an ERR_PTR: -EINVAL if
 * @dev is no PCI function; -EXDEV if it ties devices together that are in
 * different groups, which is logged: it has to stay without one; -ENOMEM, or
 * what iommu_group_alloc() returned.
 */
struct iommu_group *pci_device_group(struct device *dev)
{
	struct iommu_group_anchor *anchor;
	struct iommu_group *group;
	struct place place;

	lockdep_assert_held(&iommu_probe_device_lock);

	if (WARN_ON(!dev_is_pci(dev)))
		return ERR_PTR(-EINVAL);
	dev->iommu->by_topology = 1;
	if (legacy_isolation)
		return pci_legacy_device_group(dev);

	scoped_guard(rwsem_read, &pci_bus_sem) {
		find_place(to_pci_dev(dev), &place);
		stay_with_below(to_pci_dev(dev), &place);
		group = find_group(to_pci_dev(dev), &place);
		if (!IS_ERR(group))
			report_difference(to_pci_dev(dev), &place, group);
	}
	if (IS_ERR(group))
		return group;

	if (group)
		iommu_group_ref_get(group);
	else
		group = iommu_group_alloc();
	if (IS_ERR(group))
		return group;

	anchor = get_anchor(place.anchor, group);
	if (IS_ERR(anchor)) {
		iommu_group_put(group);
		return ERR_CAST(anchor);
	}
	iommu_group_put_anchor(dev->iommu->anchor);
	dev->iommu->anchor = anchor;
	return group;
}
EXPORT_SYMBOL_GPL(pci_device_group);

static int describe_missing_acs(struct pci_dev *pdev, char *buf, size_t size)
{
	const char *separator = " ";
	int i, len = 0;

	for (i = 0; i < ARRAY_SIZE(acs_flags); i++) {
		if (pci_acs_enabled(pdev, acs_flags[i].flag))
			continue;
		len += scnprintf(buf + len, size - len, "%s%s", separator,
				 acs_flags[i].name);
		separator = ",";
	}
	return len;
}

/**
 * iommu_group_describe_pci() - Say why a PCI function shares its group
 * @dev: the struct device of a function that is in a group
 * @buf: where to write it: the cause, the culprit, what that lacks
 * @size: of @buf, in bytes
 *
 * Context: Process context, sleeps. Takes pci_bus_sem; the group's mutex may be
 * held.
 * Return: The number of bytes written, without the terminating zero.
 */
int iommu_group_describe_pci(struct device *dev, char *buf, size_t size)
{
	struct place place;
	int len;

	guard(rwsem_read)(&pci_bus_sem);
	find_place(to_pci_dev(dev), &place);

	len = scnprintf(buf, size, "%s", cause_names[place.cause]);
	if (place.culprit)
		len += scnprintf(buf + len, size - len, " %s",
				 pci_name(place.culprit));
	if (place.cause == CAUSE_ACS || place.cause == CAUSE_MULTIFUNCTION)
		len += describe_missing_acs(place.culprit, buf + len,
					    size - len);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_describe_pci);

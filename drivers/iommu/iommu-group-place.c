// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: finding groups by what places their members.
 *
 * A place says by which keys the group of a PCI function is found, why it is
 * there, and what is on its way (iommu-group-pci.c makes it). While the function
 * is a member, its keys lead to the group. A key is a bus, a slot or a function,
 * and goes with the last member that has entered it.
 *
 * iommu_probe_device_lock makes one of all that comes and goes.
 * iommu_group_place_lock, which nests in everything, lets readers look at keys
 * and places meanwhile.
 */

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/xarray.h>

#include "iommu-group.h"
#include "iommu-group-place.h"

/* What a key leads to, how many members have entered it, and what brought the first */
struct keyed_group {
	struct iommu_group *group;
	unsigned int members;
	unsigned long culprit;
	bool told_difference;
};

/* Protects the places of members and what their keys lead to, see above */
DEFINE_MUTEX(iommu_group_place_lock);
LIST_HEAD(iommu_group_places);

/* struct keyed_group by key; changed under both locks */
static DEFINE_XARRAY(groups_by_key);

/**
 * iommu_group_of_key() - Find a group by a key
 * @key: the key, or 0
 *
 * Context: iommu_probe_device_lock or iommu_group_place_lock is held.
 * Return: The group, which its members hold, or NULL.
 */
struct iommu_group *iommu_group_of_key(unsigned long key)
{
	struct keyed_group *keyed = key ? xa_load(&groups_by_key, key) : NULL;

	return keyed ? keyed->group : NULL;
}

static struct keyed_group *make_keyed(unsigned long key, struct iommu_group *group)
{
	struct keyed_group *keyed = xa_load(&groups_by_key, key);
	int ret;

	if (keyed)
		return keyed;

	keyed = kzalloc_obj(*keyed);
	if (!keyed)
		return ERR_PTR(-ENOMEM);
	keyed->group = group;
	ret = xa_err(xa_store(&groups_by_key, key, keyed, GFP_KERNEL));
	if (ret) {
		kfree(keyed);
		return ERR_PTR(ret);
	}
	return keyed;
}

static int enter_key(unsigned long *key, struct iommu_group *group)
{
	struct keyed_group *keyed = make_keyed(*key, group);

	if (IS_ERR(keyed))
		return PTR_ERR(keyed);
	/* Another group has it, of a driver that remembers its own */
	if (keyed->group != group)
		*key = 0;
	else
		keyed->members++;
	return 0;
}

static void leave_keys(struct iommu_group_place *place)
{
	struct keyed_group *keyed;
	unsigned long key;

	while (place->n_keys) {
		key = place->keys[--place->n_keys];
		keyed = key ? xa_load(&groups_by_key, key) : NULL;
		if (!keyed || --keyed->members)
			continue;
		xa_erase(&groups_by_key, key);
		kfree(keyed);
	}
}

static int enter_keys(struct iommu_group_place *place, struct iommu_group *group)
{
	unsigned int n, n_keys = place->n_keys;
	int ret;

	for (n = 0; n < n_keys; n++) {
		ret = enter_key(&place->keys[n], group);
		if (ret) {
			place->n_keys = n;
			leave_keys(place);
			return ret;
		}
	}
	return 0;
}

/**
 * iommu_group_key_name() - Name the function that a key stands for
 * @key: of KEY_FUNCTION
 * @name: set to what pci_name() would be
 *
 * Context: Any.
 */
void iommu_group_key_name(unsigned long key, char name[IOMMU_GROUP_KEY_NAME])
{
	u16 id = key >> 2;

	scnprintf(name, IOMMU_GROUP_KEY_NAME, "%04lx:%02x:%02x.%d", key >> 18,
		  PCI_BUS_NUM(id), PCI_SLOT(id & 0xff), PCI_FUNC(id & 0xff));
}

static unsigned int slot_of(unsigned long key)
{
	return PCI_SLOT(key >> 2 & 0xff);
}

/*
 * 6.12 looks for those that do not isolate among the functions of one slot. Where
 * a junction has several, the switch or the device with ARI does not isolate.
 */
static void tell_difference(struct device *dev,
			    const struct iommu_group_place *place)
{
	struct keyed_group *keyed;
	char name[IOMMU_GROUP_KEY_NAME], other[IOMMU_GROUP_KEY_NAME];

	/* Nor does a group that a driver made follow from PCI topology, in 6.12 or here */
	if (place->class == place->function || place->cause == CAUSE_BRIDGE ||
	    place->cause == CAUSE_DRIVER)
		return;
	keyed = xa_load(&groups_by_key, place->class);
	if (!keyed || keyed->told_difference)
		return;
	if (!keyed->culprit)
		keyed->culprit = place->culprit;
	if (slot_of(keyed->culprit) == slot_of(place->culprit))
		return;
	keyed->told_difference = true;
	iommu_group_key_name(place->culprit, name);
	iommu_group_key_name(keyed->culprit, other);
	dev_info(dev, "IOMMU group %d is larger than by iommu.isolation=legacy: %s and %s let requests pass that the IOMMU does not see\n",
		 keyed->group->id, other, name);
}

/**
 * iommu_group_free_place() - Forget by what a device was placed
 * @place: in &struct dev_iommu of a device that is no member, or NULL
 *
 * Context: Any.
 */
void iommu_group_free_place(struct iommu_group_place *place)
{
	if (place && place->keys != &place->class)
		kfree(place->keys);
	kfree(place);
}

/**
 * iommu_group_enter_place() - Let a group be found by a new member
 * @group: the group
 * @dev: the member
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held. Takes
 * iommu_group_place_lock.
 * Return: 0, or -ENOMEM, which leaves nothing to be undone.
 */
int iommu_group_enter_place(struct iommu_group *group, struct device *dev)
{
	struct iommu_group_place *place = dev->iommu->place;
	int ret;

	lockdep_assert_held(&iommu_probe_device_lock);

	if (!place)
		return 0;

	guard(mutex)(&iommu_group_place_lock);
	ret = enter_keys(place, group);
	if (ret)
		return ret;
	place->group = group;
	list_add_tail(&place->list, &iommu_group_places);
	tell_difference(dev, place);
	return 0;
}

/**
 * iommu_group_leave_place() - Undo iommu_group_enter_place()
 * @dev: the device; nothing happens if it entered nothing
 *
 * Context: As iommu_group_enter_place().
 */
void iommu_group_leave_place(struct device *dev)
{
	struct iommu_group_place *place = dev->iommu->place;

	lockdep_assert_held(&iommu_probe_device_lock);

	if (!place || !place->group)
		return;

	guard(mutex)(&iommu_group_place_lock);
	list_del(&place->list);
	place->group = NULL;
	leave_keys(place);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: which PCI functions use the requester ID of another one.
 *
 * A quirk says so when a function is found (pci_add_dma_alias()). Whoever has to
 * do with the function whose ID is used has to know it too, whichever is probed
 * first: so it is written down here, bus by bus. Most buses have no aliases, and
 * their functions pay nothing.
 */

#include <kunit/visibility.h>
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "iommu-group.h"
#include "iommu-group-place.h"

#define BUS_FUNCTIONS	256

/* The user sends under the ID as well; both are functions of one bus */
struct alias {
	struct list_head list;
	u8 user;
	u8 id;
};

/* Lists of struct alias by bus_index() */
static DEFINE_XARRAY(aliases_by_bus);
/* Protects the lists; nests in iommu_probe_device_lock */
static DEFINE_MUTEX(alias_lock);

static unsigned long bus_index(struct pci_bus *bus)
{
	return (unsigned long)pci_domain_nr(bus) << 8 | bus->number;
}

static struct list_head *aliases_of(struct pci_bus *bus)
{
	return xa_load(&aliases_by_bus, bus_index(bus));
}

static int make_list(struct pci_bus *bus)
{
	struct list_head *list;
	int ret;

	if (aliases_of(bus))
		return 0;

	list = kmalloc_obj(*list);
	if (!list)
		return -ENOMEM;
	INIT_LIST_HEAD(list);
	ret = xa_err(xa_store(&aliases_by_bus, bus_index(bus), list, GFP_KERNEL));
	if (ret)
		kfree(list);
	return ret;
}

static int add_alias(struct pci_dev *pdev, u8 id)
{
	struct alias *alias;
	int ret;

	ret = make_list(pdev->bus);
	if (ret)
		return ret;
	/* AMD-Vi tells of an alias at each probe */
	list_for_each_entry(alias, aliases_of(pdev->bus), list) {
		if (alias->user == pdev->devfn && alias->id == id)
			return 0;
	}
	alias = kmalloc_obj(*alias);
	if (!alias)
		return -ENOMEM;

	alias->user = pdev->devfn;
	alias->id = id;
	list_add_tail(&alias->list, aliases_of(pdev->bus));
	return 0;
}

/**
 * iommu_group_add_alias() - A function uses the requester IDs of others as well
 * @pdev: the function
 * @devfn: the first of the others, which need not exist
 * @n: how many
 *
 * For pci_add_dma_alias(). Without memory for it the functions may come to
 * different groups, which is logged.
 *
 * Context: Process context, sleeps.
 */
void iommu_group_add_alias(struct pci_dev *pdev, u8 devfn, unsigned int n)
{
	unsigned int i;

	guard(mutex)(&alias_lock);
	for (i = devfn; i < devfn + n; i++) {
		if (add_alias(pdev, i))
			pci_warn(pdev, "no memory to have %02x.%d in its IOMMU group\n",
				 PCI_SLOT(i), PCI_FUNC(i));
	}
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_add_alias);

/**
 * iommu_group_remove_aliases() - Undo iommu_group_add_alias() for a function
 * @pdev: the function, which goes
 *
 * Context: Process context, sleeps.
 */
void iommu_group_remove_aliases(struct pci_dev *pdev)
{
	struct alias *alias, *next;
	struct list_head *list;

	if (!pdev->dma_alias_mask)
		return;

	guard(mutex)(&alias_lock);
	list = aliases_of(pdev->bus);
	if (!list)
		return;
	list_for_each_entry_safe(alias, next, list, list) {
		if (alias->user != pdev->devfn)
			continue;
		list_del(&alias->list);
		kfree(alias);
	}
	if (!list_empty(list))
		return;
	xa_erase(&aliases_by_bus, bus_index(pdev->bus));
	kfree(list);
}

/* What functions of a bus are tied; of each that has an alias its class and group */
struct closure {
	DECLARE_BITMAP(involved, BUS_FUNCTIONS);
	DECLARE_BITMAP(tied, BUS_FUNCTIONS);
	unsigned long class[BUS_FUNCTIONS];
	struct iommu_group *group[BUS_FUNCTIONS];
};

/*
 * All devices are looked through instead of the list of the bus: the PCI core
 * holds the lock of that while it waits for drivers.
 */
static void classify(struct pci_bus *bus, const struct list_head *aliases,
		     struct closure *closure)
{
	struct pci_dev *pdev = NULL;
	const struct alias *alias;
	unsigned int i;

	list_for_each_entry(alias, aliases, list) {
		__set_bit(alias->user, closure->involved);
		__set_bit(alias->id, closure->involved);
	}
	for_each_set_bit(i, closure->involved, BUS_FUNCTIONS)
		closure->class[i] = iommu_group_key(KEY_FUNCTION, bus, i);
	for_each_pci_dev(pdev) {
		if (pdev->bus != bus || !test_bit(pdev->devfn, closure->involved))
			continue;
		closure->class[pdev->devfn] = iommu_group_class_of(pdev);
		closure->group[pdev->devfn] = iommu_group_of_client(&pdev->dev);
	}
}

/* Return: whether there were any that are not tied yet */
static bool tie_class(struct closure *closure, unsigned long class)
{
	bool tied = false;
	unsigned int i;

	for_each_set_bit(i, closure->involved, BUS_FUNCTIONS) {
		if (closure->class[i] == class && !__test_and_set_bit(i, closure->tied))
			tied = true;
	}
	return tied;
}

static void close_over(const struct list_head *aliases, struct closure *closure)
{
	const struct alias *alias;
	bool tied;

	do {
		tied = false;
		list_for_each_entry(alias, aliases, list) {
			if (test_bit(alias->user, closure->tied) ==
			    test_bit(alias->id, closure->tied))
				continue;
			tied |= tie_class(closure, closure->class[alias->user]);
			tied |= tie_class(closure, closure->class[alias->id]);
		}
	} while (tied);
}

static int collect(const struct closure *closure, struct iommu_group_ties *ties)
{
	unsigned int i, n = bitmap_weight(closure->tied, BUS_FUNCTIONS);
	struct iommu_group *group;

	if (!n)
		return 0;
	ties->keys = kmalloc_objs(*ties->keys, n);
	if (!ties->keys)
		return -ENOMEM;

	for_each_set_bit(i, closure->tied, BUS_FUNCTIONS) {
		ties->keys[ties->n_keys++] = closure->class[i];
		group = closure->group[i];
		if (!ties->group)
			ties->group = group;
		else if (group && group != ties->group)
			ties->other = group;
	}
	return 0;
}

/**
 * iommu_group_find_ties() - Find whose requester IDs are shared in a class
 * @bus: the bus of the turning point, or of the function that has none
 * @class: key of the turning point's junction, or of the function
 * @ties: empty; filled in
 *
 * A class is tied to another if a function of the one uses the requester ID of a
 * function of the other; and so to what that is tied to. Functions that do not
 * exist are a class each.
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held.
 * Return: 0, also if no alias has to do with @class and @ties stay empty; or
 * -ENOMEM.
 */
int iommu_group_find_ties(struct pci_bus *bus, unsigned long class,
			  struct iommu_group_ties *ties)
{
	struct closure *closure __free(kfree) = NULL;
	struct list_head *aliases;

	if (xa_empty(&aliases_by_bus))
		return 0;

	guard(mutex)(&alias_lock);
	aliases = aliases_of(bus);
	if (!aliases)
		return 0;
	closure = kzalloc_obj(*closure);
	if (!closure)
		return -ENOMEM;

	classify(bus, aliases, closure);
	tie_class(closure, class);
	close_over(aliases, closure);
	return collect(closure, ties);
}

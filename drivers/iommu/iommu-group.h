/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IOMMU group as its own code sees it. Everybody else holds an opaque
 * pointer and calls what <linux/iommu.h> declares.
 *
 * Who owns what, and which lock protects it, is told in iommu-group.c.
 */
#ifndef __IOMMU_GROUP_H
#define __IOMMU_GROUP_H

#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <linux/xarray.h>

/**
 * struct group_text - what a file in sysfs says, while it is read
 * @text: in pages that kvfree() frees, or NULL
 * @len: of @text, in bytes
 */
struct group_text {
	char *text;
	size_t len;
};

/**
 * struct iommu_group - devices that the IOMMU cannot keep apart
 * @kobj: directory /sys/kernel/iommu_groups/<id>
 * @devices_kobj: its subdirectory ``devices``; every reference to the group
 *	is a reference to this one, and it holds the one to @kobj
 * @id: what iommu_group_id() returns, from the ida, never negative
 * @name: what the attribute ``name`` shows, or NULL for none
 * @iommu_data: the IOMMU driver's, see iommu_group_set_iommudata()
 * @iommu_data_release: called with @iommu_data when the group goes, or NULL
 * @rcu: delays the freeing until no lookup can still see the group
 * @event_lock: makes the events of the group one sequence; protects what follows
 *	until @mutex, keeps members from going and @owner from changing
 * @notifiers: those who listen to the group
 * @owner_announced: the listeners were told that user space owns the group
 * @told_reach: the log has whom it reaches that was in use when it was claimed
 * @mutex: protects all that follows, and @name
 * @devices: members (struct group_device), in the order of their adding
 * @device_tree: the same members by address of their struct device
 * @shared_names: device names that a second member asked for
 * @entry: place in the list of a bus walk whose end the group waits for, to get
 *	its default domain; changes under iommu_probe_device_lock too
 * @default_domain: domain of the kernel's DMA API, or NULL before it is set up
 * @blocking_domain: domain in which nothing is mapped, or NULL until needed
 * @domain: domain that the members are attached to now
 * @pasid_array: attach handles by PASID
 * @owner: who claimed the DMA of the group for user space, or NULL; changes under
 *	event_lock too
 * @owner_cnt: drivers, or claims of @owner, that use the group's DMA
 * @recovery_cnt: members that are blocked while they are reset
 * @isolation: text of the file of that name
 * @reaches: the same
 */
struct iommu_group {
	struct kobject kobj;
	struct kobject devices_kobj;
	int id;
	char *name;
	void *iommu_data;
	void (*iommu_data_release)(void *iommu_data);
	struct rcu_head rcu;

	struct mutex event_lock;	/* see iommu-group-notify.c */
	struct raw_notifier_head notifiers;
	bool owner_announced;
	bool told_reach;

	struct mutex mutex;	/* protects all below, and name */
	struct list_head devices;
	struct rb_root device_tree;
	struct rb_root shared_names;
	struct list_head entry;
	struct iommu_domain *default_domain;
	struct iommu_domain *blocking_domain;
	struct iommu_domain *domain;
	struct xarray pasid_array;
	void *owner;
	unsigned int owner_cnt;
	unsigned int recovery_cnt;
	struct group_text isolation;
	struct group_text reaches;
};

struct group_shared_name;
struct iommu_group_place;

/**
 * struct group_device - one member of a group
 * @list: place in iommu_group.devices
 * @node: place in iommu_group.device_tree
 * @dev: the device; it leaves before it goes, by the core, which hears of that
 *	from its bus, or by who has added it, so that no reference is needed
 * @shared: the name that @dev has in common with another member, or NULL
 * @instance: number that tells the two apart, if @shared
 * @announced: the listeners were told of @dev; changes under both the group's
 *	event_lock and its mutex
 * @blocked: @dev is in the blocking domain, whatever the group is in, because it
 *	could not follow the group or is reset
 * @reset_depth: calls of pci_dev_reset_iommu_prepare() without their end
 * @link: name of the link to @dev in the directory ``devices``
 */
struct group_device {
	struct list_head list;
	struct rb_node node;
	struct device *dev;
	struct group_shared_name *shared;
	int instance;
	bool announced;
	bool blocked;
	unsigned int reset_depth;
	char link[];
};

/* Longest suffix that a shared name needs, its terminating zero included */
#define GROUP_LINK_SUFFIX	sizeof(".2147483647")

#define for_each_group_device(group, gdev) \
	list_for_each_entry(gdev, &(group)->devices, list)

/* iommu-group.c */
void iommu_group_insert_device(struct iommu_group *group,
			       struct group_device *gdev);
void iommu_group_erase_device(struct iommu_group *group,
			      struct group_device *gdev);
struct group_device *iommu_group_find_device(const struct iommu_group *group,
					     const struct device *dev);
void iommu_group_free(struct iommu_group *group);

DEFINE_FREE(iommu_group_put, struct iommu_group *, iommu_group_put(_T))

/* iommu-group-domain.c */
int __iommu_attach_device(struct iommu_domain *domain, struct device *dev,
			  struct iommu_domain *old);
bool iommu_domain_fits(const struct iommu_domain *domain, struct device *dev);
bool iommu_group_is_served(struct iommu_group *group);
int iommu_group_set_domain(struct iommu_group *group,
			   struct iommu_domain *domain);
int iommu_group_force_domain(struct iommu_group *group,
			     struct iommu_domain *domain);
void iommu_group_set_core_domain(struct iommu_group *group);
int iommu_group_attach_member(struct iommu_group *group,
			      struct group_device *gdev);
void iommu_group_detach_member(struct iommu_group *group, struct device *dev,
			       struct iommu_domain *old);
int __iommu_attach_group(struct iommu_domain *domain,
			 struct iommu_group *group);
void iommu_group_tell_user(struct iommu_group *group);
int iommu_group_set_type(struct iommu_group *group, unsigned int type);

/* iommu-group-notify.c */
void iommu_group_announce(struct iommu_group *group);
void iommu_group_announce_device(struct device *dev);
void iommu_group_notify_del(struct iommu_group *group,
			    struct group_device *gdev);
void iommu_group_announce_owner(struct iommu_group *group);
void iommu_group_notify_driver(struct device *dev, unsigned long bus_action);
void iommu_group_notify_refusal(struct device *dev);

/* iommu-group-pci.c, iommu-group-place.c, iommu-group-reach.c, iommu-group-claim.c */
#ifdef CONFIG_IOMMU_GROUP_PCI
void iommu_group_report_unserved(struct device *dev);
void iommu_group_wake(struct device *dev);
void iommu_group_let_sleep(struct device *dev);
int iommu_group_make_place(struct device *dev);
void iommu_group_free_place(struct iommu_group_place *place);
int iommu_group_enter_place(struct iommu_group *group, struct device *dev);
void iommu_group_leave_place(struct device *dev);
int iommu_group_describe_place(const struct iommu_group_place *place,
			       bool alone, char *buf, size_t size);
char *iommu_group_reaches_text(struct iommu_group *group, size_t *len);
int iommu_group_begin_claim(struct iommu_group *group, const void *owner);
void iommu_group_end_claim(struct iommu_group *group, const void *owner);
#else
static inline void iommu_group_report_unserved(struct device *dev)
{
}

static inline void iommu_group_wake(struct device *dev)
{
}

static inline void iommu_group_let_sleep(struct device *dev)
{
}

static inline int iommu_group_make_place(struct device *dev)
{
	return 0;
}

static inline void iommu_group_free_place(struct iommu_group_place *place)
{
}

static inline int iommu_group_enter_place(struct iommu_group *group,
					  struct device *dev)
{
	return 0;
}

static inline void iommu_group_leave_place(struct device *dev)
{
}

static inline int iommu_group_describe_place(const struct iommu_group_place *place,
					     bool alone, char *buf, size_t size)
{
	return 0;
}

static inline char *iommu_group_reaches_text(struct iommu_group *group,
					     size_t *len)
{
	*len = 0;
	return kvzalloc(1, GFP_KERNEL);
}

static inline int iommu_group_begin_claim(struct iommu_group *group,
					  const void *owner)
{
	return 0;
}

static inline void iommu_group_end_claim(struct iommu_group *group,
					 const void *owner)
{
}
#endif
#if IS_ENABLED(CONFIG_KUNIT)
int iommu_group_set_isolation(const char *name);
const char *iommu_group_isolation_name(void);
#endif

/* iommu-group-probe.c */
void iommu_release_device(struct device *dev);
int iommu_release_client(struct device *dev, void *iommu);
int bus_iommu_probe(const struct bus_type *bus);
int iommu_bus_notifier(struct notifier_block *nb, unsigned long action,
		       void *data);

/* iommu-group-sysfs.c */
int iommu_group_sysfs_add(struct iommu_group *group);
int iommu_group_sysfs_link(struct iommu_group *group,
			   struct group_device *gdev);
void iommu_group_sysfs_unlink(struct iommu_group *group,
			      struct group_device *gdev);

/* iommu.c */
struct dev_iommu *dev_iommu_get(struct device *dev);
u32 dev_iommu_get_max_pasids(struct device *dev);
int iommu_create_device_direct_mappings(struct iommu_domain *domain,
					struct device *dev);
int iommu_setup_default_domain(struct iommu_group *group, int target_type);
struct iommu_group *pci_legacy_device_group(struct device *dev);

/* Has an IOMMU said that it serves @dev? See iommu_device_add_client() */
static inline bool iommu_serves(const struct device *dev)
{
	const struct dev_iommu *state = dev->iommu;

	return state && state->iommu_dev;
}

/**
 * iommu_group_of_client() - The group of a device that an IOMMU serves
 * @dev: any device
 *
 * A device without an IOMMU may leave its group at any time.
 *
 * Context: iommu_probe_device_lock is held.
 * Return: The group, which stays while the lock is held, or NULL.
 */
static inline struct iommu_group *iommu_group_of_client(struct device *dev)
{
	if (!iommu_serves(dev))
		return NULL;
	return rcu_dereference_protected(dev->iommu_group,
					 lockdep_is_held(&iommu_probe_device_lock));
}

#endif /* __IOMMU_GROUP_H */

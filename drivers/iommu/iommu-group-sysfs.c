// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups in sysfs: /sys/kernel/iommu_groups/<id>/, the links between
 * devices and their groups, the attributes name, type, reserved_regions,
 * dma_owner, isolation, reaches, and those that IOMMU drivers add.
 *
 * Documentation/ABI/testing/sysfs-kernel-iommu_groups describes them; the locks
 * are explained in iommu-group.c.
 */

#include <kunit/visibility.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/kernfs.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "iommu-group.h"

static struct kset *iommu_group_kset;

/* Makes one of all that creates or removes files, see iommu-group.c */
static DEFINE_MUTEX(file_lock);

/**
 * struct group_shared_name - a device name that several members have
 * @node: place in iommu_group.shared_names
 * @instances: numbers that were given out to tell the members apart
 * @users: members that were given one of them
 * @name: the name
 *
 * The first member of a name has a link of just that name. One of these comes
 * to be when a second member wants it, and goes with the last numbered one.
 */
struct group_shared_name {
	struct rb_node node;
	struct ida instances;
	unsigned int users;
	char name[];
};

static struct iommu_group *kobj_to_group(struct kobject *kobj)
{
	return container_of(kobj, struct iommu_group, kobj);
}

static ssize_t show_attribute(struct kobject *kobj, struct attribute *attr,
			      char *buf)
{
	struct iommu_group_attribute *group_attr;

	group_attr = container_of(attr, struct iommu_group_attribute, attr);
	if (!group_attr->show)
		return -EIO;
	return group_attr->show(kobj_to_group(kobj), buf);
}

static ssize_t store_attribute(struct kobject *kobj, struct attribute *attr,
			       const char *buf, size_t count)
{
	struct iommu_group_attribute *group_attr;

	group_attr = container_of(attr, struct iommu_group_attribute, attr);
	if (!group_attr->store)
		return -EIO;
	return group_attr->store(kobj_to_group(kobj), buf, count);
}

static const struct sysfs_ops group_sysfs_ops = {
	.show = show_attribute,
	.store = store_attribute,
};

static ssize_t name_show(struct iommu_group *group, char *buf)
{
	guard(mutex)(&group->mutex);
	return sysfs_emit(buf, "%s\n", group->name);
}

static struct iommu_group_attribute name_attr = __ATTR_RO(name);

static const char *domain_type_name(const struct iommu_domain *domain)
{
	if (!domain)
		return "unknown";

	switch (domain->type) {
	case IOMMU_DOMAIN_DMA_FQ:
		return "DMA-FQ";
	case IOMMU_DOMAIN_DMA:
		return "DMA";
	case IOMMU_DOMAIN_IDENTITY:
		return "identity";
	case IOMMU_DOMAIN_BLOCKED:
		return "blocked";
	case IOMMU_DOMAIN_UNMANAGED:
		return "unmanaged";
	default:
		return "unknown";
	}
}

static ssize_t type_show(struct iommu_group *group, char *buf)
{
	guard(mutex)(&group->mutex);
	return sysfs_emit(buf, "%s\n", domain_type_name(group->default_domain));
}

static ssize_t type_store(struct iommu_group *group, const char *buf,
			  size_t count)
{
	unsigned int type;
	int ret;

	if (!capable(CAP_SYS_ADMIN) || !capable(CAP_SYS_RAWIO))
		return -EACCES;

	if (sysfs_streq(buf, "auto"))
		type = 0;
	else if (sysfs_streq(buf, "identity"))
		type = IOMMU_DOMAIN_IDENTITY;
	else if (sysfs_streq(buf, "DMA"))
		type = IOMMU_DOMAIN_DMA;
	else if (sysfs_streq(buf, "DMA-FQ"))
		type = IOMMU_DOMAIN_DMA_FQ;
	else
		return -EINVAL;

	ret = iommu_group_set_type(group, type);
	return ret ?: count;
}

static struct iommu_group_attribute type_attr = __ATTR_RW(type);

static const char *resv_type_name(enum iommu_resv_type type)
{
	switch (type) {
	case IOMMU_RESV_SW_MSI:
	case IOMMU_RESV_MSI:
		return "msi";
	case IOMMU_RESV_RESERVED:
		return "reserved";
	case IOMMU_RESV_DIRECT_RELAXABLE:
		return "direct-relaxable";
	case IOMMU_RESV_DIRECT:
		return "direct";
	}
	return "unknown";
}

static ssize_t reserved_regions_show(struct iommu_group *group, char *buf)
{
	struct iommu_resv_region *region, *next;
	LIST_HEAD(regions);
	ssize_t len = 0;
	int ret;

	ret = iommu_get_group_resv_regions(group, &regions);
	list_for_each_entry_safe(region, next, &regions, list) {
		u64 start = region->start;

		len += sysfs_emit_at(buf, len, "0x%016llx 0x%016llx %s\n",
				     start, start + region->length - 1,
				     resv_type_name(region->type));
		kfree(region);
	}

	/* Half a list would tell a user that the rest is his to map */
	return ret ?: len;
}

static struct iommu_group_attribute reserved_regions_attr =
	__ATTR_RO(reserved_regions);

static ssize_t dma_owner_show(struct iommu_group *group, char *buf)
{
	const char *owner = "none";

	guard(mutex)(&group->mutex);
	if (group->owner)
		owner = "user";
	else if (group->owner_cnt)
		owner = "kernel";
	return sysfs_emit(buf, "%s\n", owner);
}

static struct iommu_group_attribute dma_owner_attr = __ATTR_RO(dma_owner);

/* Two names of devices, with their domains, and what the causes add to them */
#define ISOLATION_LINE	128

static int describe_isolation(struct group_device *gdev, bool alone, char *line)
{
	/* Whatever is cut off, the line has an end */
	const int size = ISOLATION_LINE - 1;
	struct device *dev = gdev->dev;
	int len;

	len = scnprintf(line, size, "%s ", gdev->link);
	if (dev->iommu && dev->iommu->place)
		len += iommu_group_describe_place(dev->iommu->place, alone,
						  line + len, size - len);
	else
		len += scnprintf(line + len, size - len, "driver");
	line[len++] = '\n';
	return len;
}

static char *isolation_text(struct iommu_group *group, size_t *len)
{
	bool alone = list_is_singular(&group->devices);
	struct group_device *gdev;
	char *text, *end;

	lockdep_assert_held(&group->mutex);

	text = kvmalloc(list_count_nodes(&group->devices) * ISOLATION_LINE + 1,
			GFP_KERNEL_ACCOUNT);
	if (!text)
		return NULL;
	end = text;
	for_each_group_device(group, gdev)
		end += describe_isolation(gdev, alone, end);
	*len = end - text;
	return text;
}

/*
 * A file of any length is read a page at a time. Its text is made at the first
 * and kept until the last, so that it is not made anew for each page, and is of
 * one time unless another reader begins meanwhile.
 */
static ssize_t read_text(struct iommu_group *group, struct group_text *kept,
			 char *(*make)(struct iommu_group *, size_t *len),
			 char *buf, loff_t offset, size_t count)
{
	ssize_t ret;

	lockdep_assert_held(&group->mutex);

	if (!offset || !kept->text) {
		kvfree(kept->text);
		kept->text = make(group, &kept->len);
	}
	if (!kept->text)
		return -ENOMEM;

	ret = memory_read_from_buffer(buf, count, &offset, kept->text, kept->len);
	if (!ret) {
		kvfree(kept->text);
		kept->text = NULL;
	}
	return ret;
}

static ssize_t isolation_read(struct file *file, struct kobject *kobj,
			      const struct bin_attribute *attr, char *buf,
			      loff_t offset, size_t count)
{
	struct iommu_group *group = kobj_to_group(kobj);

	guard(mutex)(&group->mutex);
	return read_text(group, &group->isolation, isolation_text, buf,
			 offset, count);
}

static const struct bin_attribute isolation_attr = {
	.attr = { .name = "isolation", .mode = 0444 },
	.read = isolation_read,
};

static ssize_t reaches_read(struct file *file, struct kobject *kobj,
			    const struct bin_attribute *attr, char *buf,
			    loff_t offset, size_t count)
{
	struct iommu_group *group = kobj_to_group(kobj);

	guard(mutex)(&group->mutex);
	return read_text(group, &group->reaches, iommu_group_reaches_text,
			 buf, offset, count);
}

static const struct bin_attribute reaches_attr = {
	.attr = { .name = "reaches", .mode = 0444 },
	.read = reaches_read,
};

static const struct bin_attribute *const iommu_group_bin_attrs[] = {
	&isolation_attr,
	&reaches_attr,
	NULL
};

static struct attribute *iommu_group_attrs[] = {
	&dma_owner_attr.attr,
	&reserved_regions_attr.attr,
	&type_attr.attr,
	NULL
};

static const struct attribute_group iommu_group_group = {
	.attrs = iommu_group_attrs,
	.bin_attrs = iommu_group_bin_attrs,
};
__ATTRIBUTE_GROUPS(iommu_group);

static void group_kobj_release(struct kobject *kobj)
{
	iommu_group_free(kobj_to_group(kobj));
}

static const struct kobj_type group_ktype = {
	.release = group_kobj_release,
	.sysfs_ops = &group_sysfs_ops,
	.default_groups = iommu_group_groups,
};

/* As all uevents of a group, made where somebody listens and not elsewhere */
static void send_uevent(struct iommu_group *group, enum kobject_action action)
{
	if (!kobject_uevent_wanted())
		return;
	if (kobject_uevent(&group->kobj, action))
		pr_warn_ratelimited("iommu: group %d: user space was not told that it has %s\n",
				    group->id,
				    action == KOBJ_ADD ? "come" : "gone");
}

/*
 * The memory is the group's and goes with the reference to its parent, whose
 * directory is there until then. The parent would send KOBJ_REMOVE by itself only
 * if somebody listened when it came.
 */
static void devices_kobj_release(struct kobject *kobj)
{
	send_uevent(container_of(kobj, struct iommu_group, devices_kobj),
		    KOBJ_REMOVE);
}

static const struct kobj_type devices_ktype = {
	.release = devices_kobj_release,
	.sysfs_ops = &kobj_sysfs_ops,
};

/**
 * iommu_group_sysfs_add() - Make the directory of a new group
 * @group: a group whose kobjects are all zero and whose rest is initialised
 *
 * Starts the reference count: the caller has the one reference afterwards, to
 * @group->devices_kobj. User space hears of the group when its directory has all
 * that each group has, and again before the directory goes.
 *
 * Context: Process context, sleeps.
 * Return: 0, or an error after which @group is gone, ID and all: -ENODEV before
 * iommu_groups_init(), -ENOMEM, or what sysfs returned.
 */
int iommu_group_sysfs_add(struct iommu_group *group)
{
	int ret = -ENODEV;

	kobject_init(&group->kobj, &group_ktype);
	/* What fails to come does not go either */
	group->kobj.uevent_suppress = 1;
	group->kobj.kset = iommu_group_kset;
	if (!iommu_group_kset)
		goto out_put_group;

	ret = kobject_add(&group->kobj, NULL, "%d", group->id);
	if (ret)
		goto out_put_group;

	ret = kobject_init_and_add(&group->devices_kobj, &devices_ktype,
				   &group->kobj, "devices");
	if (ret) {
		kobject_put(&group->devices_kobj);
		goto out_put_group;
	}

	group->kobj.uevent_suppress = 0;
	send_uevent(group, KOBJ_ADD);

	/* On success the subdirectory's reference to its parent remains */
out_put_group:
	kobject_put(&group->kobj);
	return ret;
}

static int cmp_name_to_shared(const void *name, const struct rb_node *node)
{
	return strcmp(name, rb_entry(node, struct group_shared_name, node)->name);
}

static int cmp_shared(struct rb_node *new, const struct rb_node *node)
{
	return cmp_name_to_shared(rb_entry(new, struct group_shared_name,
					   node)->name, node);
}

static struct group_shared_name *get_shared_name(struct iommu_group *group,
						 const char *name)
{
	size_t size = strlen(name) + 1;
	struct group_shared_name *shared;
	struct rb_node *node;

	node = rb_find(name, &group->shared_names, cmp_name_to_shared);
	if (node) {
		shared = rb_entry(node, struct group_shared_name, node);
		shared->users++;
		return shared;
	}

	shared = kzalloc_flex(*shared, name, size);
	if (!shared)
		return NULL;

	strscpy(shared->name, name, size);
	ida_init(&shared->instances);
	shared->users = 1;
	rb_find_add(&shared->node, &group->shared_names, cmp_shared);
	return shared;
}

static void put_shared_name(struct iommu_group *group,
			    struct group_shared_name *shared)
{
	if (--shared->users)
		return;

	rb_erase(&shared->node, &group->shared_names);
	ida_destroy(&shared->instances);
	kfree(shared);
}

static int link_member(struct iommu_group *group, struct group_device *gdev)
{
	return sysfs_create_link_nowarn(&group->devices_kobj, &gdev->dev->kobj,
					gdev->link);
}

/*
 * Devices of different buses may have one name. The first has the plain link,
 * the others the lowest free number behind it. Where a device happens to be
 * called like that, its number stays taken, so that each is tried once only and
 * the cost does not grow with the devices of a name.
 */
static int link_member_numbered(struct iommu_group *group,
				struct group_device *gdev)
{
	size_t len = strlen(gdev->link);
	struct group_shared_name *shared;
	int ret;

	shared = get_shared_name(group, gdev->link);
	if (!shared)
		return -ENOMEM;

	do {
		ret = ida_alloc(&shared->instances, GFP_KERNEL);
		if (ret < 0)
			goto err_put;
		gdev->instance = ret;
		snprintf(gdev->link + len, GROUP_LINK_SUFFIX, ".%d", ret);
		ret = link_member(group, gdev);
	} while (ret == -EEXIST);
	if (ret)
		goto err_free_instance;

	gdev->shared = shared;
	return 0;

err_free_instance:
	ida_free(&shared->instances, gdev->instance);
err_put:
	put_shared_name(group, shared);
	return ret;
}

/**
 * iommu_group_sysfs_link() - Link a new member and its group to each other
 * @group: the group
 * @gdev: the member; its link holds the device's name, with room for a suffix,
 *	and is made unique among the members here
 *
 * Context: Process context, sleeps. group->mutex is held.
 * Return: 0, or an error after which there is no link: -EEXIST if the device
 * has a link to a group already, -ENOMEM, -ENOSPC when no number is left.
 */
int iommu_group_sysfs_link(struct iommu_group *group,
			   struct group_device *gdev)
{
	struct kobject *dev_kobj = &gdev->dev->kobj;
	int ret;

	lockdep_assert_held(&group->mutex);

	ret = sysfs_create_link_nowarn(dev_kobj, &group->kobj, "iommu_group");
	if (ret)
		return ret;

	ret = link_member(group, gdev);
	if (ret == -EEXIST)
		ret = link_member_numbered(group, gdev);
	if (ret)
		sysfs_remove_link(dev_kobj, "iommu_group");
	return ret;
}
ALLOW_ERROR_INJECTION(iommu_group_sysfs_link, ERRNO);

/**
 * iommu_group_sysfs_unlink() - Undo iommu_group_sysfs_link()
 * @group: the group
 * @gdev: the member
 *
 * Context: Process context, sleeps. group->mutex is held.
 */
void iommu_group_sysfs_unlink(struct iommu_group *group,
			      struct group_device *gdev)
{
	lockdep_assert_held(&group->mutex);

	sysfs_remove_link(&group->devices_kobj, gdev->link);
	sysfs_remove_link(&gdev->dev->kobj, "iommu_group");
	if (gdev->shared) {
		ida_free(&gdev->shared->instances, gdev->instance);
		put_shared_name(group, gdev->shared);
	}
}

static void swap_name(struct iommu_group *group, char **name)
{
	guard(mutex)(&group->mutex);
	swap(group->name, *name);
}

/**
 * iommu_group_set_name() - Name a group, or take its name away
 * @group: a group to which the caller has a reference
 * @name: the name, copied; NULL for none
 *
 * The group's file ``name`` exists while it has one. A reader of it sees the
 * old name or the new one, never something between.
 *
 * Context: Process context, sleeps. The group's mutex is not held.
 * Return: 0, or an error that leaves the old name: -ENOMEM, or what sysfs
 * returned.
 */
int iommu_group_set_name(struct iommu_group *group, const char *name)
{
	char *spare __free(kfree) = NULL;
	int ret;

	if (name) {
		spare = kstrdup(name, GFP_KERNEL);
		if (!spare)
			return -ENOMEM;
	}

	guard(mutex)(&file_lock);

	if (group->name && !spare)
		sysfs_remove_file(&group->kobj, &name_attr.attr);

	/* The file never shows without a name: it comes after, goes before */
	swap_name(group, &spare);
	if (!group->name || spare)
		return 0;

	ret = sysfs_create_file(&group->kobj, &name_attr.attr);
	if (ret)
		swap_name(group, &spare);
	return ret;
}
EXPORT_SYMBOL_GPL(iommu_group_set_name);

static bool has_file(struct iommu_group *group, const char *name)
{
	struct kernfs_node *file = kernfs_find_and_get(group->kobj.sd, name);

	kernfs_put(file);
	return file;
}

/**
 * iommu_group_create_file() - Add an attribute to a group
 * @group: a group to which the caller has a reference
 * @attr: the attribute; it and its functions must be there as long as the file
 *
 * For an IOMMU driver to show what it knows of a group. The file goes with the
 * group.
 *
 * The functions of @attr are called with no lock held. The group does not go
 * while they run; its members may.
 *
 * Context: Process context, sleeps. The group's mutex is not held.
 * Return: 0, -EEXIST if the group has a file of this name, -ENOMEM, or what else
 * sysfs returned.
 */
int iommu_group_create_file(struct iommu_group *group,
			    const struct iommu_group_attribute *attr)
{
	guard(mutex)(&file_lock);
	if (has_file(group, attr->attr.name))
		return -EEXIST;
	return sysfs_create_file(&group->kobj, &attr->attr);
}
EXPORT_SYMBOL_IF_KUNIT(iommu_group_create_file);

/*
 * Take the locks once in the order that iommu-group.c tells, so that lockdep
 * reports the first that is taken against it, and not only when both have been.
 */
static void __init teach_lockdep(void)
{
	struct iommu_group *group = iommu_group_alloc();

	if (IS_ERR(group))
		return;

	scoped_guard(mutex, &iommu_probe_device_lock)
		scoped_guard(mutex, &group->event_lock)
			scoped_guard(mutex, &file_lock)
				might_lock(&group->mutex);
	iommu_group_put(group);
}

static int __init iommu_groups_init(void)
{
	iommu_group_kset = kset_create_and_add("iommu_groups", NULL,
					       kernel_kobj);
	if (!iommu_group_kset) {
		pr_err("iommu: no memory for /sys/kernel/iommu_groups, no device will have a group\n");
		return -ENOMEM;
	}
	if (IS_ENABLED(CONFIG_PROVE_LOCKING))
		teach_lockdep();
	return 0;
}
core_initcall(iommu_groups_init);

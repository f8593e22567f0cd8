// SPDX-License-Identifier: GPL-2.0-only
/* sysfs as user space sees it, through a mount of its own */

#include <kunit/test.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/mount.h>
#include <linux/slab.h>

#include "iommu_group_sysfs_view.h"

static struct vfsmount *sysfs;

/* For the suite_init and suite_exit of those who look */
int igt_mount_sysfs(struct kunit_suite *suite)
{
	sysfs = kern_mount(get_fs_type("sysfs"));
	return PTR_ERR_OR_ZERO(sysfs);
}

void igt_unmount_sysfs(struct kunit_suite *suite)
{
	kern_unmount(sysfs);
}

/* What a path leads to, links followed: NULL if there is no such path */
void *igt_sysfs_node(const char *fmt, ...)
{
	char *path __free(kfree) = NULL;
	struct file *file;
	va_list args;
	void *node;

	va_start(args, fmt);
	path = kvasprintf(GFP_KERNEL, fmt, args);
	va_end(args);
	if (!path)
		return NULL;

	file = file_open_root_mnt(sysfs, path, O_RDONLY, 0);
	if (IS_ERR(file))
		return NULL;

	node = file_inode(file)->i_private;
	fput(file);
	return node;
}

void *igt_sysfs_device(struct iommu_group *group, const char *link)
{
	return igt_sysfs_node(IGT_GROUPS "/%d/devices/%s", iommu_group_id(group), link);
}

void *igt_sysfs_group(struct device *dev)
{
	char *path __free(kfree) = kobject_get_path(&dev->kobj, GFP_KERNEL);

	return path ? igt_sysfs_node("%s/iommu_group", path + 1) : NULL;
}

struct file *igt_open_attr(struct iommu_group *group, const char *name,
			   int flags)
{
	char path[64];

	snprintf(path, sizeof(path), IGT_GROUPS "/%d/%s", iommu_group_id(group),
		 name);
	return file_open_root_mnt(sysfs, path, flags, 0);
}

/* Content of a group's file, or NULL if there is no such file */
const char *igt_read_attr(struct kunit *test, struct iommu_group *group,
			  const char *name)
{
	char *buf = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	file = igt_open_attr(group, name, O_RDONLY);
	if (IS_ERR(file))
		return NULL;

	len = kernel_read(file, buf, PAGE_SIZE - 1, &pos);
	fput(file);
	if (len == -ENODEV)	/* The file went after it was opened */
		return NULL;
	KUNIT_ASSERT_GE(test, len, 0);
	return buf;
}

ssize_t igt_write_attr(struct iommu_group *group, const char *name,
		       const char *text)
{
	struct file *file;
	loff_t pos = 0;
	ssize_t len;

	file = igt_open_attr(group, name, O_WRONLY);
	if (IS_ERR(file))
		return PTR_ERR(file);

	len = kernel_write(file, text, strlen(text), &pos);
	fput(file);
	return len;
}

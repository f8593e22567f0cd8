// What iommu-group.c and iommu-group-sysfs.c replace leaves iommu.c, see group-object.patch.
//
// Files: drivers/iommu/iommu.c

// The object, its members and its attributes go
@@
@@
- struct iommu_group { ... };
@@
@@
- struct group_device { ... };
@@
@@
- struct iommu_group_attribute { ... };
@@
identifier group, pos;
expression body;
@@
- #define for_each_group_device(group, pos) body
@@
identifier attr;
expression body;
@@
- #define to_iommu_group_attr(attr) body
@@
identifier kobj;
expression body;
@@
- #define to_iommu_group(kobj) body
@@
declarer name IOMMU_GROUP_ATTR;
@@
- IOMMU_GROUP_ATTR(...);
@@
@@
- static const char * const iommu_group_resv_type_string[] = { ... };
@@
@@
- static const struct sysfs_ops iommu_group_sysfs_ops = { ... };
@@
@@
- static const struct kobj_type iommu_group_ktype = { ... };

// ... with their functions
@@
declarer name EXPORT_SYMBOL_GPL;
identifier f = { iommu_group_add_device, iommu_group_alloc,
		 iommu_group_for_each_dev, iommu_group_get,
		 iommu_group_get_iommudata, iommu_group_id, iommu_group_put,
		 iommu_group_ref_get, iommu_group_remove_device,
		 iommu_group_set_iommudata, iommu_group_set_name };
@@
- EXPORT_SYMBOL_GPL(f);
@@
identifier f = { __iommu_group_free_device, __iommu_group_remove_device,
		 iommu_group_add_device, iommu_group_alloc,
		 iommu_group_alloc_device, iommu_group_attr_show,
		 iommu_group_attr_store, iommu_group_create_file,
		 iommu_group_for_each_dev, iommu_group_get,
		 iommu_group_get_iommudata, iommu_group_id, iommu_group_put,
		 iommu_group_ref_get, iommu_group_release,
		 iommu_group_remove_device, iommu_group_remove_file,
		 iommu_group_set_iommudata, iommu_group_set_name,
		 iommu_group_show_name, iommu_group_show_resv_regions,
		 iommu_group_show_type };
@@
- f(...) { ... }
@@
@@
  iommu_init(void)
  {
- iommu_group_kset = ...;
- BUG_ON(...);
-
  ...
  }

// What the new files call is no longer static
@@
@@
- static ssize_t iommu_group_store_type(...);
@@
identifier f = { dev_has_iommu, iommu_deinit_device };
@@
- static
  f(...) { ... }
@@
identifier group, buf, count;
@@
- static ssize_t iommu_group_store_type(struct iommu_group *group,
-					const char *buf, size_t count)
+ ssize_t iommu_group_store_type(struct iommu_group *group, const char *buf,
+				 size_t count)
  { ... }

// Members come and go under the group's mutex
@@
expression group, gdev, dev;
@@
  __iommu_probe_device(...)
  {
  ...
- gdev = iommu_group_alloc_device(group, dev);
  mutex_lock(&group->mutex);
+ gdev = __iommu_group_add_device(group, dev);
  ...
  }
@@
expression group, gdev;
@@
  __iommu_probe_device(...)
  {
  <...
(
- list_add_tail(&gdev->list, &group->devices);
|
- list_del(&gdev->list);
- __iommu_group_free_device(group, gdev);
+ __iommu_group_del_device(group, gdev);
)
  ...>
  }
@@
identifier dev;
@@
  iommu_release_device(struct device *dev)
  {
- struct iommu_group *group = dev_iommu_group(dev);
-
- if (group) __iommu_group_remove_device(dev);
+ iommu_group_remove_device(dev);
  ...
  }

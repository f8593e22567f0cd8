// What the iommu-group*.c files replace leaves iommu.c, see group-core.patch.
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

// ... with their functions, and those that probe, release, attach and detach
@@
declarer name EXPORT_SYMBOL_GPL;
identifier f = { iommu_attach_device, iommu_attach_group,
		 iommu_detach_device, iommu_detach_group,
		 iommu_group_add_device, iommu_group_alloc,
		 iommu_group_for_each_dev, iommu_group_get,
		 iommu_group_get_iommudata, iommu_group_id, iommu_group_put,
		 iommu_group_ref_get, iommu_group_remove_device,
		 iommu_group_set_iommudata, iommu_group_set_name,
		 fsl_mc_device_group, generic_device_group,
		 generic_single_device_group };
@@
- EXPORT_SYMBOL_GPL(f);
@@
declarer name DEFINE_MUTEX;
@@
- DEFINE_MUTEX(iommu_probe_device_lock);
@@
identifier f = { __dev_to_gdev, __iommu_attach_device, __iommu_attach_group,
		 __iommu_device_set_domain, __iommu_group_free_device,
		 __iommu_group_remove_device, __iommu_group_set_core_domain,
		 __iommu_group_set_domain, __iommu_group_set_domain_internal,
		 __iommu_group_set_domain_nofail, __iommu_probe_device,
		 bus_iommu_probe, fsl_mc_device_group, generic_device_group,
		 generic_single_device_group, iommu_attach_device,
		 iommu_attach_group,
		 iommu_bus_notifier, iommu_deferred_attach,
		 iommu_deinit_device, iommu_detach_device, iommu_detach_group,
		 iommu_group_add_device, iommu_group_alloc,
		 iommu_group_alloc_device, iommu_group_attr_show,
		 iommu_group_attr_store, iommu_group_create_file,
		 iommu_group_do_probe_finalize, iommu_group_for_each_dev,
		 iommu_group_get, iommu_group_get_iommudata, iommu_group_id,
		 iommu_group_put, iommu_group_ref_get, iommu_group_release,
		 iommu_group_remove_device, iommu_group_remove_file,
		 iommu_group_set_iommudata,
		 iommu_group_set_name, iommu_group_show_name,
		 iommu_group_show_resv_regions, iommu_group_show_type,
		 iommu_group_store_type, iommu_init_device,
		 iommu_probe_device, iommu_release_device,
		 probe_iommu_group, remove_iommu_group };
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

// Their declarations, and the flag that two of them took
@@
@@
- enum { IOMMU_SET_DOMAIN_MUST_SUCCEED = ..., };
@@
identifier f = { __iommu_attach_device, __iommu_attach_group,
		 __iommu_device_set_domain, __iommu_group_set_domain_internal,
		 bus_iommu_probe, iommu_bus_notifier,
		 iommu_create_device_direct_mappings,
		 iommu_group_store_type, iommu_release_device,
		 iommu_setup_default_domain };
type T;
@@
- T f(...);

// What stays takes the new names
@@
@@
- remove_iommu_group
+ iommu_release_client
@@
expression group, domain;
@@
- __iommu_group_set_domain_internal(group, domain, IOMMU_SET_DOMAIN_MUST_SUCCEED)
+ iommu_group_force_domain(group, domain)
@@
expression group, domain;
@@
- __iommu_group_set_domain_nofail(group, domain);
+ iommu_group_force_domain(group, domain);
@@
@@
- __iommu_group_set_domain
+ iommu_group_set_domain
  (...)
@@
@@
- __iommu_group_set_core_domain
+ iommu_group_set_core_domain
  (...)

// What the new files call is no longer static
@@
identifier f = { dev_iommu_get, dev_iommu_get_max_pasids };
@@
- static
  f(...) { ... }
@@
identifier domain, dev;
@@
- static int iommu_create_device_direct_mappings(struct iommu_domain *domain,
-						  struct device *dev)
+ int iommu_create_device_direct_mappings(struct iommu_domain *domain,
+					   struct device *dev)
  { ... }
@@
identifier group, target_type;
@@
- static int iommu_setup_default_domain(struct iommu_group *group,
-					 int target_type)
+ int iommu_setup_default_domain(struct iommu_group *group, int target_type)
  { ... }

// A driver that places devices itself has to be able to take them back
@@
identifier ops;
@@
  iommu_device_register(..., const struct iommu_ops *ops, ...)
  {
  ...
  if (WARN_ON(is_module_address(...) && ...))
	return -EINVAL;
+
+ if (ops->add_device && (!ops->remove_device || !ops->release_domain)) {
+	pr_err("driver has add_device, but not remove_device and release_domain\n");
+	return -EINVAL;
+ }
  ...
  }

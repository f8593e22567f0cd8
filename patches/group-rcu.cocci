// Each direct use of a device's group takes the accessor that fits, see group-rcu.patch.
//
// Files: drivers/iommu/iommu.c drivers/iommu/iommu-sva.c drivers/iommu/io-pgfault.c

// These look for the mutex of the group, with which the device cannot leave it
@@
identifier f = { iommu_driver_get_domain_for_dev, iommu_group_mutex_assert };
identifier group;
expression dev;
@@
  f(...)
  {
  ...
  struct iommu_group *group =
- dev->iommu_group
+ rcu_access_pointer(dev->iommu_group)
  ;
  ...
  }

@@
expression dev, group;
@@
(
  rcu_access_pointer(dev->iommu_group)
|
- dev->iommu_group = group
+ rcu_assign_pointer(dev->iommu_group, group)
|
- dev->iommu_group
+ dev_iommu_group(dev)
|
- dev.iommu_group
+ dev_iommu_group(&dev)
)

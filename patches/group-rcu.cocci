// Each direct use of a device's group takes the accessor that fits, see group-rcu.patch.
//
// Files: drivers/iommu/iommu.c drivers/iommu/iommu-sva.c drivers/iommu/io-pgfault.c

@@
expression dev, group;
@@
(
- dev->iommu_group = group
+ rcu_assign_pointer(dev->iommu_group, group)
|
- dev->iommu_group
+ dev_iommu_group(dev)
)

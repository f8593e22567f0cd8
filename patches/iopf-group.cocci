// The group is an argument, see iopf-group.patch.
//
// Files: drivers/iommu/io-pgfault.c

@@
identifier evt;
@@
- static struct iommu_attach_handle *find_fault_handler(struct device *dev,
-						      struct iopf_fault *evt)
+ static struct iommu_attach_handle *
+ find_fault_handler(struct iommu_group *group, struct device *dev, struct iopf_fault *evt)
  {
  <...
- dev_iommu_group(dev)
+ group
  ...>
  }

@@
@@
  iommu_report_device_fault(...)
  {
  ...
- find_fault_handler
+ find_handler_of
  (...)
  ...
  }

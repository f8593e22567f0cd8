// What intel_iommu_add_device() takes the place of, see vtd-add-device.patch.
//
// Files: drivers/iommu/intel/iommu.c

@@
@@
  struct iommu_ops intel_iommu_ops = {
- .probe_device = intel_iommu_probe_device,
- .release_device = intel_iommu_release_device,
- .device_group = intel_iommu_device_group,
  };

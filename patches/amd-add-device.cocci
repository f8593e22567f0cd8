// What amd_iommu_add_device() takes the place of, see amd-add-device.patch.
//
// Files: drivers/iommu/amd/iommu.c

@@
@@
  struct iommu_ops amd_iommu_ops = {
- .probe_device = amd_iommu_probe_device,
- .release_device = amd_iommu_release_device,
- .device_group = amd_iommu_device_group,
+	.add_device = amd_iommu_add_device,
+	.remove_device = amd_iommu_remove_device,
  };

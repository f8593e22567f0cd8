// 6.12's driver has no release domain: when a device goes, it detaches the device from whatever
// domain it is in, under the group's mutex. The core has to attach the blocking domain before,
// which does the same to the device table.
//
// Files: drivers/iommu/amd/iommu.c

@@
@@
  struct iommu_ops amd_iommu_ops = {
  .remove_device = amd_iommu_remove_device,
+	.release_domain = &blocked_domain,
  };

// What finds base's groups stays, for iommu.isolation=legacy, see group-pci.patch.
//
// Files: drivers/iommu/iommu.c

@@
declarer name EXPORT_SYMBOL_GPL;
@@
- EXPORT_SYMBOL_GPL(pci_device_group);
@@
@@
- pci_device_group
+ pci_legacy_device_group
  (...) { ... }

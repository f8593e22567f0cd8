// What finds base's groups stays, for iommu.isolation=legacy, see group-pci.patch.
// The lock of the PCI buses is declared where those outside of the PCI core find it.
//
// Files: drivers/iommu/iommu.c drivers/pci/pci.h

@@
declarer name EXPORT_SYMBOL_GPL;
@@
- EXPORT_SYMBOL_GPL(pci_device_group);
@@
@@
- pci_device_group
+ pci_legacy_device_group
  (...) { ... }

@@
@@
- extern struct rw_semaphore pci_bus_sem;

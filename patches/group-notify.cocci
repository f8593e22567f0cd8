// iommu: Announce devices and drivers to the listeners of a group
//
// Groups have listeners, but hear only of devices that are added without
// an IOMMU driver. Announce those that a driver probes too, once they are
// whole: with the default domain attached, which at boot is set up for the
// group after all its devices are there, and with no lock held that a
// listener might need.
//
// Pass on what the buses' notifiers tell of drivers that come and go. That
// costs a lookup of the group where nobody listens.
//
// Files: drivers/iommu/iommu.c

@@
identifier dev;
@@
  iommu_probe_device(struct device *dev)
  {
  <...
+ iommu_group_announce_device(dev);
  return 0;
  ...>
  }
@@
identifier dev, data;
@@
  probe_iommu_group(struct device *dev, void *data)
  {
  ...
  mutex_unlock(&iommu_probe_device_lock);
+ if (!ret)
+	iommu_group_announce_device(dev);
  ...
  }
@@
iterator name for_each_group_device;
expression group, gdev;
@@
  bus_iommu_probe(...)
  {
  <...
  for_each_group_device(group, gdev)
	iommu_group_do_probe_finalize(gdev->dev);
+ iommu_group_announce(group);
  ...>
  }
@@
@@
  iommu_bus_notifier(...)
  {
  <...
+ iommu_group_notify_driver(dev, action);
  return 0;
  ...>
  }

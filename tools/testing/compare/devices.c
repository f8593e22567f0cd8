// SPDX-License-Identifier: GPL-2.0-only
/* Many devices without a bus, a driver, or an IOMMU; see devices.h */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "devices.h"

static void release(struct device *dev)
{
	kfree(dev);
}

static struct device *add_device(struct device *parent, int i)
{
	struct device *dev = kzalloc_obj(*dev);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	device_initialize(dev);
	dev->release = release;
	dev->parent = parent;
	ret = parent ? dev_set_name(dev, "namesake") : dev_set_name(dev, "compared%d", i);
	if (!ret)
		ret = device_add(dev);
	if (ret) {
		put_device(dev);
		return ERR_PTR(ret);
	}
	return dev;
}

int add_devices(struct device **devices, int n, struct device **parents)
{
	int i;

	for (i = 0; i < n; i++) {
		devices[i] = add_device(parents ? parents[i] : NULL, i);
		if (IS_ERR(devices[i])) {
			remove_devices(devices, i);
			return PTR_ERR(devices[i]);
		}
	}
	return 0;
}

void remove_devices(struct device **devices, int n)
{
	while (n--)
		device_unregister(devices[n]);
}

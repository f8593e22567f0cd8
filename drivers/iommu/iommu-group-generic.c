// SPDX-License-Identifier: GPL-2.0-only
/*
 * IOMMU groups: finding the group of a device where no PCI topology decides.
 */

#include <linux/device.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/fsl/mc.h>
#include <linux/iommu.h>

/**
 * generic_device_group() - A group for each device
 * @dev: the device
 *
 * For IOMMUs that tell all devices apart which are on no bus with a topology.
 *
 * Context: Process context, sleeps.
 * Return: What iommu_group_alloc() returns.
 */
struct iommu_group *generic_device_group(struct device *dev)
{
	return iommu_group_alloc();
}
EXPORT_SYMBOL_GPL(generic_device_group);

/**
 * generic_single_device_group() - One group for all devices of an IOMMU
 * @dev: the device, of which the core knows already which IOMMU serves it
 *
 * For IOMMUs that tell no devices apart. The IOMMU holds the group until it is
 * unregistered.
 *
 * Context: Process context, sleeps. iommu_probe_device_lock is held.
 * Return: The group with a reference for the caller, or an ERR_PTR that
 * iommu_group_alloc() returned.
 */
struct iommu_group *generic_single_device_group(struct device *dev)
{
	struct iommu_device *iommu = dev->iommu->iommu_dev;
	struct iommu_group *group = iommu->singleton_group;

	if (!group) {
		group = iommu_group_alloc();
		if (IS_ERR(group))
			return group;
		iommu->singleton_group = group;
	}
	return iommu_group_ref_get(group);
}
EXPORT_SYMBOL_GPL(generic_single_device_group);

/**
 * fsl_mc_device_group() - The group of a device on the fsl-mc bus
 * @dev: the device
 *
 * What is in a container is one to the IOMMU, and is in the group of it.
 *
 * Context: Process context, sleeps.
 * Return: The group with a reference for the caller, or an ERR_PTR that
 * iommu_group_alloc() returned.
 */
struct iommu_group *fsl_mc_device_group(struct device *dev)
{
	return iommu_group_get(fsl_mc_cont_dev(dev)) ?: iommu_group_alloc();
}
EXPORT_SYMBOL_GPL(fsl_mc_device_group);

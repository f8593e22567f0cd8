// SPDX-License-Identifier: GPL-2.0-only
/* An IOMMU that serves all functions of fabrics, see fabric_iommu.h */

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "fabric_iommu.h"
#include "iommu_group_fabric.h"

static struct iommu_device fabric_iommu;
int fabric_iommu_attached;

static int attach(struct iommu_domain *domain, struct device *dev,
		  struct iommu_domain *old)
{
	fabric_iommu_attached++;
	return 0;
}

static void free(struct iommu_domain *domain)
{
	kfree(domain);
}

static const struct iommu_domain_ops domain_ops = {
	.attach_dev = attach,
	.free = free,
};

static const struct iommu_domain_ops static_domain_ops = {
	.attach_dev = attach,
};

static struct iommu_domain *alloc_paging(struct device *dev)
{
	struct iommu_domain *domain = kzalloc_obj(*domain);

	if (domain)
		domain->pgsize_bitmap = PAGE_SIZE;
	return domain;
}

static struct iommu_domain identity_domain = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &static_domain_ops,
};

static struct iommu_device *probe(struct device *dev)
{
	if (!dev_is_pci(dev) || !igt_is_in_fabric(to_pci_dev(dev)))
		return ERR_PTR(-ENODEV);
	return &fabric_iommu;
}

static void release(struct device *dev)
{
}

static int def_domain_type(struct device *dev)
{
	return IOMMU_DOMAIN_IDENTITY;
}

static struct iommu_ops ops = {
	.owner = THIS_MODULE,
	.identity_domain = &identity_domain,
	.domain_alloc_paging = alloc_paging,
	.def_domain_type = def_domain_type,
	.probe_device = probe,
	.release_device = release,
	.default_domain_ops = &domain_ops,
};

int register_fabric_iommu(struct iommu_group *(*device_group)(struct device *))
{
	int ret;

	ops.device_group = device_group;
	ret = iommu_device_sysfs_add(&fabric_iommu, NULL, NULL, "fabric");
	if (ret)
		return ret;

	/* Without a fwnode it is that of all devices that firmware tells nothing of */
	ret = iommu_device_register(&fabric_iommu, &ops, NULL);
	if (ret)
		iommu_device_sysfs_remove(&fabric_iommu);
	return ret;
}

void unregister_fabric_iommu(void)
{
	iommu_device_unregister(&fabric_iommu);
	iommu_device_sysfs_remove(&fabric_iommu);
}

MODULE_DESCRIPTION("PCI fabrics to compare two kernels by");
MODULE_LICENSE("GPL");

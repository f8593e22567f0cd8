// SPDX-License-Identifier: GPL-2.0-only
/* A mock IOMMU, see iommu_group_mock.h */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-priv.h"
#include "iommu_group_mock.h"

static int match_by_name(struct device *dev, const struct device_driver *driver)
{
	return !strcmp(dev_name(dev), driver->name);
}

/* Its drivers use the DMA of their device, and need its group for that */
const struct bus_type igt_bus = {
	.name = "iommu-group-test",
	.match = match_by_name,
	.dma_configure = iommu_device_use_default_domain,
	.dma_cleanup = iommu_device_unuse_default_domain,
};

static atomic_t live_domains;
static const struct fwnode_operations no_operations;

/* The driver's data of a device */
struct client {
	struct iommu_domain *domain;
};

static struct igt_iommu *mock_of(struct device *dev)
{
	struct iommu_fwspec *fwspec = dev_iommu_fwspec_get(dev);

	if (!fwspec || fwspec->iommu_fwnode->ops != &no_operations)
		return NULL;
	return container_of(fwspec->iommu_fwnode, struct igt_iommu, fwnode);
}

struct iommu_domain *igt_domain_of(struct device *dev)
{
	struct client *client;

	if (!mock_of(dev))
		return NULL;
	client = dev_iommu_priv_get(dev);
	return client ? client->domain : NULL;
}

static int begin_attach(struct igt_iommu *mock)
{
	if (mock->on_attach)
		mock->on_attach(mock->on_attach_data);
	return ++mock->attaches == mock->fail_attach ? mock->attach_error : 0;
}

/* As some drivers do, leave the old domain before finding the new one unfit */
static int mock_attach(struct iommu_domain *domain, struct device *dev)
{
	struct client *client = dev_iommu_priv_get(dev);
	int ret;

	client->domain = NULL;
	ret = begin_attach(mock_of(dev));
	if (!ret)
		client->domain = domain;
	return ret;
}

static int mock_set_pasid(struct iommu_domain *domain, struct device *dev,
			  ioasid_t pasid, struct iommu_domain *old)
{
	struct igt_iommu *mock = mock_of(dev);
	int ret = begin_attach(mock);

	if (!ret)
		mock->pasids++;
	return ret;
}

static void mock_remove_pasid(struct device *dev, ioasid_t pasid,
			      struct iommu_domain *domain)
{
	mock_of(dev)->pasids--;
}

static void mock_domain_free(struct iommu_domain *domain)
{
	atomic_dec(&live_domains);
	kfree(domain);
}

static const struct iommu_domain_ops mock_domain_ops = {
	.attach_dev = mock_attach,
	.set_dev_pasid = mock_set_pasid,
	.free = mock_domain_free,
};

static const struct iommu_domain_ops static_domain_ops = {
	.attach_dev = mock_attach,
	.set_dev_pasid = mock_set_pasid,
};

struct iommu_domain igt_release_domain = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &static_domain_ops,
};

struct iommu_domain igt_identity_domain = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &static_domain_ops,
};

static struct iommu_domain *mock_domain_alloc(unsigned int type)
{
	struct iommu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (domain)
		atomic_inc(&live_domains);
	return domain;
}

int igt_live_domains(const struct igt_iommu *mock)
{
	return atomic_read(&live_domains) - mock->domains_before;
}

static struct iommu_device *mock_probe(struct device *dev)
{
	struct igt_iommu *mock = mock_of(dev);
	struct client *client;

	if (mock->probe_error)
		return ERR_PTR(mock->probe_error);

	client = kzalloc(sizeof(*client), GFP_KERNEL);
	if (!client)
		return ERR_PTR(-ENOMEM);
	dev_iommu_priv_set(dev, client);
	mock->probes++;
	return &mock->iommu;
}

static void mock_release(struct device *dev)
{
	struct igt_iommu *mock = mock_of(dev);

	mock->released_from = igt_domain_of(dev);
	mock->releases++;
	kfree(dev_iommu_priv_get(dev));
}

static struct iommu_group *mock_group(struct device *dev)
{
	struct igt_iommu *mock = mock_of(dev);

	if (mock->group_error)
		return ERR_PTR(mock->group_error);
	if (mock->group)
		return iommu_group_ref_get(mock->group);
	return iommu_group_alloc();
}

static int mock_add(struct device *dev)
{
	struct iommu_device *iommu = mock_probe(dev);
	struct iommu_group *group;
	int ret;

	if (IS_ERR(iommu))
		return PTR_ERR(iommu);

	ret = iommu_device_add_client(iommu, dev);
	if (ret)
		goto err_release;

	group = mock_group(dev);
	if (IS_ERR(group)) {
		ret = PTR_ERR(group);
		goto err_release;
	}

	ret = iommu_group_add_device(group, dev);
	iommu_group_put(group);
	if (ret)
		goto err_release;
	if (mock_of(dev)->late_error)
		mock_of(dev)->left = dev_iommu_priv_get(dev);
	return mock_of(dev)->late_error;

err_release:
	mock_release(dev);
	return ret;
}

static void mock_remove(struct device *dev)
{
	iommu_group_remove_device(dev);
	mock_release(dev);
}

static void mock_finalize(struct device *dev)
{
	mock_of(dev)->finalized++;
}

static bool mock_attach_deferred(struct device *dev)
{
	return mock_of(dev)->deferred;
}

static int mock_def_domain_type(struct device *dev)
{
	return mock_of(dev)->def_domain_type;
}

KUNIT_DEFINE_ACTION_WRAPPER(remove_from_sysfs, iommu_device_sysfs_remove,
			    struct iommu_device *);

int igt_register(struct igt_iommu *mock)
{
	return iommu_device_register_bus(&mock->iommu, &mock->ops, &igt_bus,
					 &mock->nb);
}

void igt_unregister(struct igt_iommu *mock)
{
	iommu_device_unregister_bus(&mock->iommu, &igt_bus, &mock->nb);
}

static void unregister_iommu(void *data)
{
	struct igt_iommu *mock = data;

	igt_unregister(mock);
	kfree(mock->left);
}

struct igt_iommu *igt_iommu(struct kunit *test, enum igt_ops ops)
{
	struct igt_iommu *mock = kunit_kzalloc(test, sizeof(*mock), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, mock);
	mock->domains_before = atomic_read(&live_domains);
	mock->attach_error = IGT_ATTACH_ERROR;
	mock->def_domain_type = IOMMU_DOMAIN_IDENTITY;
	mock->ops.owner = THIS_MODULE;
	mock->ops.domain_alloc = mock_domain_alloc;
	mock->ops.def_domain_type = mock_def_domain_type;
	mock->ops.is_attach_deferred = mock_attach_deferred;
	mock->ops.probe_finalize = mock_finalize;
	mock->ops.remove_dev_pasid = mock_remove_pasid;
	mock->ops.release_domain = &igt_release_domain;
	mock->ops.default_domain_ops = &mock_domain_ops;
	mock->ops.pgsize_bitmap = PAGE_SIZE;
	if (ops == IGT_ADD_DEVICE) {
		mock->ops.add_device = mock_add;
		mock->ops.remove_device = mock_remove;
	} else {
		mock->ops.probe_device = mock_probe;
		mock->ops.device_group = mock_group;
		mock->ops.release_device = mock_release;
	}

	fwnode_init(&mock->fwnode, &no_operations);
	mock->iommu.fwnode = &mock->fwnode;
	ret = iommu_device_sysfs_add(&mock->iommu, NULL, NULL, "igt-iommu-%d",
				     ops);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, remove_from_sysfs,
							&mock->iommu), 0);
	KUNIT_ASSERT_EQ(test, igt_register(mock), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unregister_iommu,
							mock), 0);
	return mock;
}

KUNIT_DEFINE_ACTION_WRAPPER(unplug, device_unregister, struct device *);

static void free_device(struct device *dev)
{
	kfree(dev);
}

static struct device *new_device(struct kunit *test, const char *name)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	KUNIT_ASSERT_NOT_NULL(test, dev);
	device_initialize(dev);
	dev->bus = &igt_bus;
	dev->release = free_device;
	ret = dev_set_name(dev, "%s", name);
	if (ret)
		put_device(dev);
	KUNIT_ASSERT_EQ(test, ret, 0);
	return dev;
}

static void plug(struct kunit *test, struct device *dev)
{
	int ret = device_add(dev);

	if (ret)
		put_device(dev);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, unplug, dev), 0);
}

int igt_tie(struct igt_iommu *mock, struct device *dev)
{
	guard(mutex)(&iommu_probe_device_lock);
	return iommu_fwspec_init(dev, &mock->fwnode);
}

struct device *igt_client(struct kunit *test, struct igt_iommu *mock,
			  const char *name)
{
	struct device *dev = new_device(test, name);
	int ret = igt_tie(mock, dev);

	if (ret)
		put_device(dev);
	KUNIT_ASSERT_EQ(test, ret, 0);
	plug(test, dev);
	return dev;
}

struct device *igt_early_client(struct kunit *test, struct igt_iommu *mock,
				const char *name)
{
	struct device *dev = new_device(test, name);

	plug(test, dev);
	KUNIT_ASSERT_EQ(test, igt_tie(mock, dev), 0);
	return dev;
}

void igt_unplug(struct kunit *test, struct device *dev)
{
	kunit_release_action(test, unplug, dev);
}

struct iommu_domain *igt_domain(struct kunit *test, struct igt_iommu *mock)
{
	struct iommu_domain *domain;

	domain = kunit_kzalloc(test, sizeof(*domain), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, domain);
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	domain->owner = &mock->ops;
	domain->ops = &mock_domain_ops;
	return domain;
}

static int __init add_bus(void)
{
	return bus_register(&igt_bus);
}
module_init(add_bus);

static void __exit remove_bus(void)
{
	bus_unregister(&igt_bus);
}
module_exit(remove_bus);

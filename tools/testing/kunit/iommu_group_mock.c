// SPDX-License-Identifier: GPL-2.0-only
/* A mock IOMMU, see iommu_group_mock.h */

#include <kunit/resource.h>
#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/device/bus.h>
#include <linux/init.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "iommu-priv.h"
#include "iommu_group_fixture.h"
#include "iommu_group_mock.h"

static int match_by_name(struct device *dev, const struct device_driver *driver)
{
	return !strcmp(dev_name(dev), driver->name);
}

/* The core asks, too, when it looks for the IOMMU of a device that has no driver yet */
int igt_configure_dma(struct device *dev)
{
	KUNIT_STATIC_STUB_REDIRECT(igt_configure_dma, dev);
	return dev->driver ? iommu_device_use_default_domain(dev) : 0;
}

/* Its drivers use the DMA of their device, and need its group for that */
const struct bus_type igt_bus = {
	.name = "iommu-group-test",
	.match = match_by_name,
	.dma_configure = igt_configure_dma,
	.dma_cleanup = iommu_device_unuse_default_domain,
};

static atomic_t live_domains;
/* No lock: they come and go while nobody else makes use of them */
static LIST_HEAD(mocks);

/* The driver's data of a device */
struct client {
	struct iommu_domain *domain;
	struct iommu_domain *pasid[IGT_PASIDS];
};

static struct igt_iommu *mock_of(struct device *dev)
{
	struct iommu_fwspec *fwspec = dev_iommu_fwspec_get(dev);
	struct igt_iommu *mock;

	if (!fwspec)
		return NULL;
	list_for_each_entry(mock, &mocks, entry) {
		if (mock->iommu.fwnode == fwspec->iommu_fwnode)
			return mock;
	}
	return NULL;
}

struct iommu_domain *igt_domain_of(struct device *dev)
{
	struct client *client;

	if (!mock_of(dev))
		return NULL;
	client = dev_iommu_priv_get(dev);
	return client ? client->domain : NULL;
}

struct iommu_domain *igt_domain_of_pasid(struct device *dev, ioasid_t pasid)
{
	struct client *client = dev_iommu_priv_get(dev);

	return client->pasid[pasid];
}

static int begin_attach(struct igt_iommu *mock)
{
	if (mock->on_attach)
		mock->on_attach(mock->on_attach_data);
	mock->attaches++;
	if (mock->fail_attach &&
	    in_range(mock->attaches, mock->fail_attach, mock->failures))
		return mock->attach_error;
	return 0;
}

static int mock_attach(struct iommu_domain *domain, struct device *dev,
		       struct iommu_domain *old)
{
	struct client *client = dev_iommu_priv_get(dev);
	int ret;

	if (old != client->domain)
		kunit_fail_current_test("%s is in no domain that it is told to leave",
					dev_name(dev));
	ret = begin_attach(mock_of(dev));
	if (!ret)
		client->domain = domain;
	return ret;
}

/* What is blocked is attached to nothing */
static struct iommu_domain *unless_blocked(struct iommu_domain *domain)
{
	return domain && domain->type == IOMMU_DOMAIN_BLOCKED ? NULL : domain;
}

static void keep_pasid(struct device *dev, ioasid_t pasid,
		       struct iommu_domain *domain)
{
	struct client *client = dev_iommu_priv_get(dev);

	mock_of(dev)->pasids += !!domain - !!client->pasid[pasid];
	client->pasid[pasid] = domain;
}

static int mock_set_pasid(struct iommu_domain *domain, struct device *dev,
			  ioasid_t pasid, struct iommu_domain *old)
{
	int ret;

	if (unless_blocked(old) != igt_domain_of_pasid(dev, pasid))
		kunit_fail_current_test("PASID %u of %s is in no domain that it is told to leave",
					pasid, dev_name(dev));
	ret = begin_attach(mock_of(dev));
	if (!ret)
		keep_pasid(dev, pasid, unless_blocked(domain));
	return ret;
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

static struct iommu_domain *mock_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain = kzalloc_obj(*domain);

	if (!domain)
		return ERR_PTR(-ENOMEM);
	domain->pgsize_bitmap = PAGE_SIZE;
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

	client = kzalloc_obj(*client);
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
	int ret;

	list_add(&mock->entry, &mocks);
	ret = iommu_device_register_bus(&mock->iommu, &mock->ops, &igt_bus,
					&mock->nb);
	if (ret)
		list_del(&mock->entry);
	return ret;
}

void igt_unregister(struct igt_iommu *mock)
{
	iommu_device_unregister_bus(&mock->iommu, &igt_bus, &mock->nb);
	list_del(&mock->entry);
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
	mock->failures = 1;
	mock->attach_error = IGT_ATTACH_ERROR;
	mock->def_domain_type = IOMMU_DOMAIN_IDENTITY;
	mock->ops.owner = THIS_MODULE;
	mock->ops.domain_alloc_paging = mock_domain_alloc;
	mock->ops.domain_alloc_identity = mock_domain_alloc;
	mock->ops.def_domain_type = mock_def_domain_type;
	mock->ops.is_attach_deferred = mock_attach_deferred;
	mock->ops.probe_finalize = mock_finalize;
	mock->ops.release_domain = &igt_release_domain;
	mock->ops.default_domain_ops = &mock_domain_ops;
	if (ops == IGT_ADD_DEVICE) {
		mock->ops.add_device = mock_add;
		mock->ops.remove_device = mock_remove;
	} else {
		mock->ops.probe_device = mock_probe;
		mock->ops.device_group = mock_group;
		mock->ops.release_device = mock_release;
	}

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
	struct device *dev = kzalloc_obj(*dev);
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
	return iommu_fwspec_init(dev, mock->iommu.fwnode);
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

static int use_first(void *data)
{
	struct igt_first_use *use = data;

	use->ret = iommu_deferred_attach(use->dev, use->domain);
	complete(&use->done);
	return 0;
}

void igt_begin_first_use(struct kunit *test, struct igt_first_use *use,
			 struct device *dev, struct iommu_domain *domain)
{
	struct task_struct *task;

	use->dev = dev;
	use->domain = domain;
	init_completion(&use->done);
	task = igt_begin_thread(test, use_first, use);
	while (!completion_done(&use->done) &&
	       !(READ_ONCE(task->__state) & TASK_UNINTERRUPTIBLE))
		usleep_range(100, 1000);
	KUNIT_EXPECT_FALSE(test, completion_done(&use->done));
}

int igt_end_first_use(struct igt_first_use *use)
{
	wait_for_completion(&use->done);
	return use->ret;
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

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A mock IOMMU, with devices that it serves. It remembers what each is attached
 * to, counts what the core asks of it, and fails when told.
 *
 * It registers for a bus of its own alone: when an IOMMU registers for all buses,
 * they are walked, and devices of the machine come to groups.
 */
#ifndef __IOMMU_GROUP_MOCK_H
#define __IOMMU_GROUP_MOCK_H

#include <linux/completion.h>
#include <linux/device/bus.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/notifier.h>

struct kunit;

/**
 * struct igt_iommu - a mock IOMMU
 * @entry: among those that are registered
 * @iommu: as the core knows it
 * @nb: hears of igt_bus
 * @ops: its own, so that a test can change some
 * @def_domain_type: of a default domain, IOMMU_DOMAIN_IDENTITY unless told: like
 *	IOMMU_DOMAIN_UNMANAGED, it needs nothing of the DMA API, which not all
 *	machines have
 * @group: where new devices go, or NULL for a new group for each
 * @deferred: devices that are added have their attaching put off
 * @probe_error: what the next devices' probing returns, if not 0
 * @group_error: what looking for their group returns, if not 0
 * @late_error: what add_device() returns when it has added the device, if not 0
 * @left: what it has of that device, which it forgets
 * @fail_attach: the attaching that fails, counted from 1 by @attaches; 0 for none
 * @failures: how many fail from there on, 1 unless told
 * @attach_error: what these return, IGT_ATTACH_ERROR unless told
 * @attaches: how often a device was to be attached to something
 * @on_attach: called with @on_attach_data in the midst of each, or NULL
 * @on_attach_data: the test's
 * @pasids: attachments by PASID that there are
 * @probes: devices that came
 * @finalized: devices whose probe_finalize() was called
 * @releases: devices that went
 * @released_from: what the last of them was attached to when it went
 * @domains_before: domains of mock IOMMUs that were there when this one came
 */
struct igt_iommu {
	struct list_head entry;
	struct iommu_device iommu;
	struct notifier_block nb;
	struct iommu_ops ops;
	unsigned int def_domain_type;
	struct iommu_group *group;
	bool deferred;
	int probe_error;
	int group_error;
	int late_error;
	void *left;
	int fail_attach;
	int failures;
	int attach_error;
	int attaches;
	void (*on_attach)(void *data);
	void *on_attach_data;
	int pasids;
	int probes;
	int finalized;
	int releases;
	struct iommu_domain *released_from;
	int domains_before;
};

enum igt_ops {
	IGT_GENERIC,	/* probe_device(), device_group(), release_device() */
	IGT_ADD_DEVICE,	/* add_device(), remove_device() */
};

#define IGT_PASIDS	4

/* What a failing attach returns; of -ENOMEM alone the core does not warn when it must not fail */
#define IGT_ATTACH_ERROR	(-EIO)

/* Static domains; the former is every mock's release_domain, the latter no one's unless told */
extern struct iommu_domain igt_release_domain;
extern struct iommu_domain igt_identity_domain;

/* That the devices of igt_client() are on, and nothing of the machine */
extern const struct bus_type igt_bus;
/* Of igt_bus, for tests to have another one called, see kunit_activate_static_stub() */
int igt_configure_dma(struct device *dev);

/* All until the test's end */
struct igt_iommu *igt_iommu(struct kunit *test, enum igt_ops ops);
/* As igt_iommu() has done, and as the test's end does */
int igt_register(struct igt_iommu *mock);
void igt_unregister(struct igt_iommu *mock);
/* A device as hot-plug adds it, in a group when this returns if all goes well */
struct device *igt_client(struct kunit *test, struct igt_iommu *mock,
			  const char *name);
/*
 * A device that its bus has and this IOMMU was not asked about: it was tied to
 * it afterwards, as when the description of the IOMMU comes late
 */
struct device *igt_early_client(struct kunit *test, struct igt_iommu *mock,
				const char *name);
/* Ties a device to its IOMMU, which a failed probe and a release undo */
int igt_tie(struct igt_iommu *mock, struct device *dev);
/* Unplug before the end */
void igt_unplug(struct kunit *test, struct device *dev);

/* What a device is attached to, NULL for nothing or for one of no mock IOMMU */
struct iommu_domain *igt_domain_of(struct device *dev);
/* The same of one of its PASIDs, which is less than IGT_PASIDS */
struct iommu_domain *igt_domain_of_pasid(struct device *dev, ioasid_t pasid);
/* A domain that a user would attach; made before the devices, so freed after */
struct iommu_domain *igt_domain(struct kunit *test, struct igt_iommu *mock);
/* Domains that were allocated since this IOMMU came, and not freed */
int igt_live_domains(const struct igt_iommu *mock);

/* The first use of the DMA API by a device whose attaching was put off, in a thread of its own */
struct igt_first_use {
	struct device *dev;
	struct iommu_domain *domain;
	struct completion done;
	int ret;
};

/* With the group's mutex held, which it waits for when this returns */
void igt_begin_first_use(struct kunit *test, struct igt_first_use *use,
			 struct device *dev, struct iommu_domain *domain);
/* What iommu_deferred_attach() returned */
int igt_end_first_use(struct igt_first_use *use);

#endif /* __IOMMU_GROUP_MOCK_H */

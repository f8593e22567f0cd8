// SPDX-License-Identifier: GPL-2.0-only
/* The functions of a fabric and what their configuration holds */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xarray.h>

#include "iommu_group_fabric_build.h"

#define PCIE_CAP	0x40
#define ACS_CAP		0x100
#define ARI_CAP		0x110

/* The first host bridge's domain, which is no machine's */
#define DOMAIN		0x1f0

static const struct kind {
	const char *name;
	u16 class;
	bool is_bridge;
	int pcie_type;		/* -1 for conventional */
} kinds[] = {
	{ "host", PCI_CLASS_BRIDGE_HOST, false, -1 },
	{ "rcep", PCI_CLASS_NETWORK_ETHERNET, false, PCI_EXP_TYPE_RC_END },
	{ "rcec", PCI_CLASS_SYSTEM_RCEC, false, PCI_EXP_TYPE_RC_EC },
	{ "root", PCI_CLASS_BRIDGE_PCI, true, PCI_EXP_TYPE_ROOT_PORT },
	{ "up", PCI_CLASS_BRIDGE_PCI, true, PCI_EXP_TYPE_UPSTREAM },
	{ "down", PCI_CLASS_BRIDGE_PCI, true, PCI_EXP_TYPE_DOWNSTREAM },
	{ "ep", PCI_CLASS_NETWORK_ETHERNET, false, PCI_EXP_TYPE_ENDPOINT },
	{ "pci", PCI_CLASS_NETWORK_ETHERNET, false, -1 },
	{ "pcie2pci", PCI_CLASS_BRIDGE_PCI, true, PCI_EXP_TYPE_PCI_BRIDGE },
	{ "pci2pcie", PCI_CLASS_BRIDGE_PCI, true, PCI_EXP_TYPE_PCIE_BRIDGE },
	{ "pci2pci", PCI_CLASS_BRIDGE_PCI, true, -1 },
};

/* Below a bridge, or on a host bridge's bus if that is NULL */
unsigned long igt_place_of(struct igt_host *host, struct igt_function *bridge,
			   int devfn)
{
	struct igt_fabric *fabric = host->fabric;
	unsigned long bus = host - fabric->host;

	if (bridge)
		bus = IGT_MAX_HOSTS + (bridge - fabric->function);
	return bus << 8 | devfn;
}

bool igt_is_bridge(struct igt_function *function)
{
	return function->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_BRIDGE;
}

void igt_set_acs(struct igt_function *function, int reg, u16 flags)
{
	u8 *acs = &function->config[ACS_CAP];

	put_unaligned_le32(PCI_EXT_CAP_ID_ACS | 1 << 16, acs);
	put_unaligned_le16(flags, &acs[reg]);
}

/* To what it has already */
void igt_add_acs(struct igt_function *function, int reg, u16 flags)
{
	u8 *acs = &function->config[ACS_CAP];

	igt_set_acs(function, reg, get_unaligned_le16(&acs[reg]) | flags);
}

void igt_set_id(struct igt_function *function, u16 vendor, u16 device)
{
	put_unaligned_le16(vendor, &function->config[PCI_VENDOR_ID]);
	put_unaligned_le16(device, &function->config[PCI_DEVICE_ID]);
}

static const struct kind *find_kind(const char *name)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	}
	return NULL;
}

/* False if there is no such kind */
bool igt_set_kind(struct igt_function *function, const char *name)
{
	u8 *config = function->config;
	const struct kind *kind = find_kind(name);

	if (!kind)
		return false;

	put_unaligned_le16(kind->class, &config[PCI_CLASS_DEVICE]);
	if (kind->is_bridge)
		config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	if (kind->pcie_type < 0)
		return true;

	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CAPABILITY_LIST] = PCIE_CAP;
	config[PCIE_CAP] = PCI_CAP_ID_EXP;
	put_unaligned_le16(kind->pcie_type << 4 | 2,
			   &config[PCIE_CAP + PCI_EXP_FLAGS]);
	return true;
}

struct igt_host *igt_add_host(struct kunit *test, struct igt_fabric *fabric,
			      int domain)
{
	struct igt_host *host;

	KUNIT_ASSERT_LT(test, fabric->n_hosts, IGT_MAX_HOSTS);
	host = &fabric->host[fabric->n_hosts++];
	host->fabric = fabric;
	host->domain = DOMAIN + domain;
	return host;
}

void igt_enter(struct kunit *test, struct igt_function *function)
{
	struct igt_host *host = function->host;
	unsigned long place;
	void *old;

	place = igt_place_of(host, function->bridge, function->devfn);
	old = xa_store(&host->fabric->places, place, function, GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, xa_err(old), 0);
}

bool igt_is_one_device(const struct igt_function *a, const struct igt_function *b)
{
	if (a->host != b->host || a->bridge != b->bridge)
		return false;
	return PCI_SLOT(a->devfn) == PCI_SLOT(b->devfn) ||
	       (a->bridge && a->bridge->leads_to_ari);
}

/* A list of capabilities begins at 0x100, by what is none if there is no ACS */
static void set_ari(struct igt_function *function, u8 next_devfn)
{
	u8 *config = function->config;
	u32 first = get_unaligned_le32(&config[ACS_CAP]);

	put_unaligned_le32(first | ARI_CAP << 20, &config[ACS_CAP]);
	put_unaligned_le32(PCI_EXT_CAP_ID_ARI | 1 << 16, &config[ARI_CAP]);
	config[ARI_CAP + PCI_ARI_CAP + 1] = next_devfn;
}

static void forward_ari(struct igt_function *port)
{
	port->config[PCIE_CAP + PCI_EXP_DEVCAP2] |= PCI_EXP_DEVCAP2_ARI;
}

static void finish_device(struct igt_fabric *fabric, struct igt_function *function)
{
	struct igt_function *other, *end = fabric->function + fabric->n;
	u8 next = 0;

	for (other = fabric->function; other < end; other++) {
		if (other == function || !igt_is_one_device(other, function))
			continue;
		function->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MFD;
		if (other->devfn > function->devfn &&
		    (!next || other->devfn < next))
			next = other->devfn;
	}
	if (function->bridge && function->bridge->leads_to_ari)
		set_ari(function, next);
	if (function->leads_to_ari)
		forward_ari(function);
}

/*
 * By what the PCI core finds functions other than 0, virtual ones as well, which
 * it finds here by scanning
 */
void igt_finish_devices(struct igt_fabric *fabric)
{
	int i;

	for (i = 0; i < fabric->n; i++)
		finish_device(fabric, &fabric->function[i]);
}

static void free_fabric(void *data)
{
	struct igt_fabric *fabric = data;
	int i;

	for (i = 0; i < fabric->n_hosts; i++)
		kfree(fabric->host[i].sysdata);
	xa_destroy(&fabric->places);
	kvfree(fabric);
}

static int lines_of(const char *text)
{
	int lines = 1;

	while ((text = strchr(text, '\n'))) {
		lines++;
		text++;
	}
	return lines;
}

/* With room for a function in each line */
struct igt_fabric *igt_new_fabric(struct kunit *test, const char *text)
{
	struct igt_fabric *fabric;

	fabric = kvzalloc_flex(*fabric, function, lines_of(text));
	KUNIT_ASSERT_NOT_NULL(test, fabric);
	xa_init(&fabric->places);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, free_fabric,
							fabric), 0);
	return fabric;
}

void igt_free_fabric(struct kunit *test, struct igt_fabric *fabric)
{
	kunit_release_action(test, free_fabric, fabric);
}

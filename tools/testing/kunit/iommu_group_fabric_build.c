// SPDX-License-Identifier: GPL-2.0-only
/* The functions of a fabric and what their configuration holds */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xarray.h>

#include "iommu_group_fabric_build.h"

#define PCIE_CAP	0x40
#define ACS_CAP		0x100

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

u8 *igt_config(struct igt_function *function)
{
	return function->dump ?: function->config;
}

bool igt_is_bridge(struct igt_function *function)
{
	return igt_config(function)[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_BRIDGE;
}

void igt_set_acs(struct igt_function *function, int reg, u16 flags)
{
	u8 *acs = &igt_config(function)[ACS_CAP];

	put_unaligned_le32(PCI_EXT_CAP_ID_ACS | 1 << 16, acs);
	put_unaligned_le16(flags, &acs[reg]);
}

void igt_set_id(struct igt_function *function, u16 vendor, u16 device)
{
	put_unaligned_le16(vendor, &igt_config(function)[PCI_VENDOR_ID]);
	put_unaligned_le16(device, &igt_config(function)[PCI_DEVICE_ID]);
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
	u8 *config = igt_config(function);
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

static struct igt_function *in_slot(struct igt_function *function, int func)
{
	int devfn = PCI_DEVFN(PCI_SLOT(function->devfn), func);

	return xa_load(&function->host->fabric->places,
		       igt_place_of(function->host, function->bridge, devfn));
}

/* The PCI core finds virtual functions here by scanning, as it does others */
void igt_set_multifunction(struct igt_fabric *fabric)
{
	struct igt_function *a, *b, *end = fabric->function + fabric->n;
	int func;

	for (a = fabric->function; a < end; a++) {
		for (func = 0; func < 8; func++) {
			b = in_slot(a, func);
			if (!b || a == b)
				continue;
			igt_config(a)[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MFD;
			if (!a->is_virtfn && !b->is_virtfn)
				a->multifunction = true;
		}
	}
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

	fabric = kvzalloc(struct_size(fabric, function, lines_of(text)),
			  GFP_KERNEL);
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

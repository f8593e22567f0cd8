// SPDX-License-Identifier: GPL-2.0-only
/* A PCI fabric in memory, scanned by the PCI core, see iommu_group_fabric.h */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/acpi.h>
#include <linux/bitmap.h>
#include <linux/iommu.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "iommu_group_fabric_build.h"

#define ROOT_BUS	1	/* No machine's, as its domain is not */
#define MAX_FUNCTIONS	256	/* of a bus */

static struct igt_host *host_of(struct pci_bus *bus)
{
	while (!pci_is_root_bus(bus))
		bus = bus->parent;
	return *(void **)pci_host_bridge_priv(to_pci_host_bridge(bus->bridge));
}

/* The function at a place of the fabric, for an access to its configuration */
static struct igt_function *find_function(struct pci_bus *bus, int devfn)
{
	struct igt_host *host = host_of(bus);
	struct igt_function *bridge = NULL;

	if (bus->self)
		bridge = find_function(bus->parent, bus->self->devfn);
	return xa_load(&host->fabric->places, igt_place_of(host, bridge, devfn));
}

static int read_config(struct pci_bus *bus, unsigned int devfn, int where,
		       int size, u32 *val)
{
	struct igt_function *function = find_function(bus, devfn);
	int i;

	if (!function) {
		PCI_SET_ERROR_RESPONSE(val);
		return PCIBIOS_DEVICE_NOT_FOUND;
	}
	*val = 0;
	for (i = size - 1; i >= 0; i--) {
		*val <<= 8;
		if (where + i < sizeof(function->config))
			*val |= function->config[where + i];
	}
	return 0;
}

/* Of a BAR's byte, so that it has 4 KiB of memory or 256 ports */
static u8 writable_of_bar(struct igt_function *function, int bar, int byte)
{
	const u8 *reg = &function->config[PCI_BASE_ADDRESS_0 + 4 * bar];

	if (!(function->bars & BIT(bar)))
		return 0;
	/* The upper half of the one before */
	if (bar && function->bars & BIT(bar - 1) &&
	    (reg[-4] & 7) == PCI_BASE_ADDRESS_MEM_TYPE_64)
		return 0xff;
	if (byte > 1)
		return 0xff;
	if (reg[0] & PCI_BASE_ADDRESS_SPACE_IO)
		return byte ? 0xff : 0;
	return byte ? 0xf0 : 0;
}

/* All is fixed but the numbers of a bridge's buses, and addresses in BARs */
static u8 writable(struct igt_function *function, int where)
{
	if (igt_is_bridge(function) && where >= PCI_PRIMARY_BUS &&
	    where <= PCI_SUBORDINATE_BUS)
		return 0xff;
	if (where < PCI_BASE_ADDRESS_0 || where >= PCI_CARDBUS_CIS)
		return 0;
	where -= PCI_BASE_ADDRESS_0;
	return writable_of_bar(function, where / 4, where % 4);
}

/* As pcibios_assign_all_busses() has it, which is not for modules on x86 */
static bool loses_buses(struct igt_function *function, int where, u32 val)
{
	return igt_is_bridge(function) && where == PCI_PRIMARY_BUS &&
	       function->config[PCI_SECONDARY_BUS] && !(val & 0xffffff);
}

static int write_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 val)
{
	struct igt_function *function = find_function(bus, devfn);
	u8 mask;

	if (!function)
		return PCIBIOS_DEVICE_NOT_FOUND;
	if (loses_buses(function, where, val))
		function->host->fabric->renumbered = true;
	for (; size; size--, where++, val >>= 8) {
		mask = writable(function, where);
		if (mask)
			function->config[where] = (val & mask) |
				(function->config[where] & ~mask);
	}
	return 0;
}

static struct pci_ops fabric_ops = {
	.read = read_config,
	.write = write_config,
};

/* The PCI core looks at it until the fabric is removed */
#ifdef CONFIG_X86
static int set_domain(struct pci_host_bridge *bridge, struct igt_host *host)
{
	struct pci_sysdata *sysdata = kzalloc_obj(*sysdata);

	if (!sysdata)
		return -ENOMEM;
	sysdata->domain = host->domain;
	sysdata->node = NUMA_NO_NODE;
	bridge->sysdata = sysdata;
	host->sysdata = sysdata;
	return 0;
}
#else
static int set_domain(struct pci_host_bridge *bridge, struct igt_host *host)
{
	if (IS_ENABLED(CONFIG_PCI_DOMAINS_GENERIC))
		bridge->domain_nr = host->domain;
	return 0;
}
#endif

#ifdef CONFIG_PCI_ATS
static void set_physfn(struct pci_dev *pdev, struct pci_dev *physfn)
{
	pdev->physfn = physfn;
}
#else
static void set_physfn(struct pci_dev *pdev, struct pci_dev *physfn)
{
}
#endif

/* Virtual functions are those of function 0, and go before it */
static void set_virtfn(struct igt_function *function, bool is_virtfn)
{
	struct pci_dev *physfn = NULL;

	if (!function->pdev)
		return;
	if (is_virtfn)
		physfn = pci_get_slot(function->pdev->bus, 0);
	pci_dev_put(physfn);
	set_physfn(function->pdev, physfn);
	function->pdev->is_virtfn = is_virtfn;
	/* As that which makes them has it */
	if (is_virtfn)
		function->pdev->multifunction = 0;
}

static void set_virtfns(struct igt_fabric *fabric, bool is_virtfn)
{
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (fabric->function[i].is_virtfn)
			set_virtfn(&fabric->function[i], is_virtfn);
	}
}

/* The PCI core has not given the domain's number, and must not take it back */
static void free_bridge(struct pci_host_bridge *bridge)
{
	bridge->domain_nr = PCI_DOMAIN_NR_NOT_SET;
	pci_free_host_bridge(bridge);
}

static void remove_host(struct igt_host *host)
{
	struct pci_host_bridge *bridge;

	if (!host->bus)
		return;
	bridge = to_pci_host_bridge(host->bus->bridge);
	pci_lock_rescan_remove();
	pci_stop_root_bus(host->bus);
	pci_remove_root_bus(host->bus);
	pci_unlock_rescan_remove();
	free_bridge(bridge);
}

static void remove_fabric(void *data)
{
	struct igt_fabric *fabric = data;
	int i;

	set_virtfns(fabric, false);
	for (i = 0; i < fabric->n_hosts; i++)
		remove_host(&fabric->host[i]);
}

void igt_add_alias(struct igt_function *function, u8 alias)
{
	struct pci_dev *pdev = function->pdev;

	/* A quirk may have been there before */
	if (!pdev->dma_alias_mask)
		pdev->dma_alias_mask = bitmap_zalloc(MAX_FUNCTIONS, GFP_KERNEL);
	if (!pdev->dma_alias_mask || test_and_set_bit(alias, pdev->dma_alias_mask))
		return;
	iommu_group_add_alias(pdev, alias, 1);
}

static int find_pdev(struct pci_dev *pdev, void *unused)
{
	struct igt_function *function = find_function(pdev->bus, pdev->devfn);

	if (function->pdev == pdev)
		return 0;
	function->pdev = pdev;
	if (function->alias >= 0)
		igt_add_alias(function, function->alias);
	if (function->is_xlate_root)
		pdev->dev_flags |= PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT;
	return 0;
}

/* Without domains, behind those of the host bridge before */
static int first_bus(const struct igt_host *host)
{
	if (IS_ENABLED(CONFIG_PCI_DOMAINS) || host == host->fabric->host)
		return ROOT_BUS;
	return host[-1].bus->busn_res.end + 1;
}

static int scan_host(struct igt_host *host)
{
	struct pci_host_bridge *bridge = pci_alloc_host_bridge(sizeof(host));
	int ret;

	if (!bridge)
		return -ENOMEM;
	*(void **)pci_host_bridge_priv(bridge) = host;
	bridge->ops = &fabric_ops;
	bridge->busnr = first_bus(host);
	ret = set_domain(bridge, host);
	if (ret)
		goto err_free;

	pci_lock_rescan_remove();
	ret = pci_scan_root_bus_bridge(bridge);
	pci_unlock_rescan_remove();
	if (ret)
		goto err_free;
	host->bus = bridge->bus;
	pci_walk_bus(host->bus, find_pdev, NULL);
	return 0;

err_free:
	free_bridge(bridge);
	return ret;
}

/*
 * Most architectures, and ACPI on those that have generic domains, find more
 * behind a host bridge's sysdata than can be made here.
 */
static bool needs_data_of_its_own(void)
{
	if (IS_ENABLED(CONFIG_X86) || IS_ENABLED(CONFIG_UML))
		return false;
	return !IS_ENABLED(CONFIG_PCI_DOMAINS_GENERIC) || !acpi_disabled;
}

struct igt_fabric *igt_scan(struct kunit *test, struct igt_fabric *fabric)
{
	int i;

	if (needs_data_of_its_own())
		kunit_skip(test, "the architecture's host bridges have data of their own");
	if (!IS_ENABLED(CONFIG_UML) && !IS_ENABLED(CONFIG_PCI_DOMAINS))
		kunit_skip(test, "needs CONFIG_PCI_DOMAINS");

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, remove_fabric,
							fabric), 0);
	for (i = 0; i < fabric->n_hosts; i++)
		KUNIT_ASSERT_EQ(test, scan_host(&fabric->host[i]), 0);
	for (i = 0; i < fabric->n; i++)
		KUNIT_ASSERT_NOT_NULL_MSG(test, fabric->function[i].pdev,
					  "the PCI core did not find %s",
					  fabric->function[i].name);
	set_virtfns(fabric, true);
	return fabric;
}

bool igt_is_below(struct igt_function *function, struct igt_function *bridge)
{
	for (; function; function = function->bridge) {
		if (function == bridge)
			return true;
	}
	return false;
}

void igt_unplug_function(struct igt_fabric *fabric, struct igt_function *gone)
{
	struct igt_function *function, *end = fabric->function + fabric->n;

	set_virtfns(fabric, false);
	pci_stop_and_remove_bus_device_locked(gone->pdev);
	for (function = fabric->function; function < end; function++) {
		if (igt_is_below(function, gone))
			function->pdev = NULL;
	}
	set_virtfns(fabric, true);
}

/* As pci_rescan_bus(), but that drivers are kept from what is found */
void igt_rescan_fabric(struct igt_fabric *fabric)
{
	int i;

	set_virtfns(fabric, false);
	pci_lock_rescan_remove();
	for (i = 0; i < fabric->n_hosts; i++)
		pci_scan_child_bus(fabric->host[i].bus);
	pci_unlock_rescan_remove();
	for (i = 0; i < fabric->n_hosts; i++)
		pci_walk_bus(fabric->host[i].bus, find_pdev, NULL);
	set_virtfns(fabric, true);
}

void igt_remove_fabric(struct kunit *test, struct igt_fabric *fabric)
{
	kunit_release_action(test, remove_fabric, fabric);
	igt_free_fabric(test, fabric);
}

bool igt_is_in_fabric(struct pci_dev *pdev)
{
	return pdev->bus->ops == &fabric_ops;
}

struct igt_function *igt_function(struct kunit *test,
				  struct igt_fabric *fabric, const char *name)
{
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (!strcmp(fabric->function[i].name, name))
			return &fabric->function[i];
	}
	KUNIT_FAIL_AND_ABORT(test, "there is no %s", name);
	return NULL;
}

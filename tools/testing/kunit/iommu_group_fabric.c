// SPDX-License-Identifier: GPL-2.0-only
/* A PCI fabric made of text, see iommu_group_fabric.h */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/kstrtox.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <linux/xarray.h>

#include "iommu_group_fabric.h"

#define VENDOR		0x0eee	/* Nobody's, so that no quirk is for it */
#define PCIE_CAP	0x40
#define ACS_CAP		0x100
#define ALL_ACS		(PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/* A root bus of no other fabric or machine */
#define ROOT_BUS	1
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

static unsigned long place_of(struct igt_fabric *fabric,
			      struct igt_function *bridge, int devfn)
{
	return (bridge ? bridge - fabric->function + 1 : 0) << 8 | devfn;
}

/* The function at a place of the fabric, for an access to its configuration */
static struct igt_function *find_function(struct pci_bus *bus, int devfn)
{
	struct igt_function *bridge = NULL;
	struct igt_fabric **fabric;
	struct pci_bus *root = bus;

	while (!pci_is_root_bus(root))
		root = root->parent;
	fabric = pci_host_bridge_priv(to_pci_host_bridge(root->bridge));
	if (bus->self)
		bridge = find_function(bus->parent, bus->self->devfn);
	return xa_load(&(*fabric)->places, place_of(*fabric, bridge, devfn));
}

static u8 *config_of(struct igt_function *function)
{
	return function->dump ?: function->config;
}

static size_t config_size(const struct igt_function *function)
{
	return function->dump ? PCI_CFG_SPACE_EXP_SIZE :
				sizeof(function->config);
}

static bool is_bridge(struct igt_function *function)
{
	return config_of(function)[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_BRIDGE;
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
		if (where + i < config_size(function))
			*val |= config_of(function)[where + i];
	}
	return 0;
}

/* Of a BAR's byte, so that it has 4 KiB of memory or 256 ports */
static u8 writable_of_bar(struct igt_function *function, int bar, int byte)
{
	const u8 *reg = &config_of(function)[PCI_BASE_ADDRESS_0 + 4 * bar];

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
	if (is_bridge(function) && where >= PCI_PRIMARY_BUS &&
	    where <= PCI_SUBORDINATE_BUS)
		return 0xff;
	if (where < PCI_BASE_ADDRESS_0 || where >= PCI_CARDBUS_CIS)
		return 0;
	where -= PCI_BASE_ADDRESS_0;
	return writable_of_bar(function, where / 4, where % 4);
}

static int write_config(struct pci_bus *bus, unsigned int devfn, int where,
			int size, u32 val)
{
	struct igt_function *function = find_function(bus, devfn);
	u8 mask;

	if (!function)
		return PCIBIOS_DEVICE_NOT_FOUND;
	for (; size; size--, where++, val >>= 8) {
		mask = writable(function, where);
		if (mask)
			config_of(function)[where] = (val & mask) |
				(config_of(function)[where] & ~mask);
	}
	return 0;
}

static struct pci_ops fabric_ops = {
	.read = read_config,
	.write = write_config,
};

static u16 acs_of_list(const char *list)
{
	static const char letters[] = "s r c u";
	static const u16 flags[] = {
		PCI_ACS_SV, PCI_ACS_RR, PCI_ACS_CR, PCI_ACS_UF
	};
	const char *found;
	u16 acs = 0;

	for (; *list; list++) {
		found = strchr(letters, *list);
		if (found)
			acs |= flags[(found - letters) / 2];
	}
	return acs;
}

static void set_acs(struct igt_function *function, u16 cap, u16 ctrl)
{
	put_unaligned_le32(PCI_EXT_CAP_ID_ACS | 1 << 16,
			   &function->config[ACS_CAP]);
	put_unaligned_le16(cap, &function->config[ACS_CAP + PCI_ACS_CAP]);
	put_unaligned_le16(ctrl, &function->config[ACS_CAP + PCI_ACS_CTRL]);
}

static void set_kind(struct igt_function *function, const struct kind *kind)
{
	u8 *config = function->config;

	put_unaligned_le16(VENDOR, &config[PCI_VENDOR_ID]);
	put_unaligned_le16(kind - kinds, &config[PCI_DEVICE_ID]);
	put_unaligned_le16(kind->class, &config[PCI_CLASS_DEVICE]);
	if (kind->is_bridge)
		config[PCI_HEADER_TYPE] = PCI_HEADER_TYPE_BRIDGE;
	if (kind->pcie_type < 0)
		return;

	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CAPABILITY_LIST] = PCIE_CAP;
	config[PCIE_CAP] = PCI_CAP_ID_EXP;
	put_unaligned_le16(kind->pcie_type << 4 | 2,
			   &config[PCIE_CAP + PCI_EXP_FLAGS]);
}

static int parse_devfn(const char *text)
{
	unsigned int device, function;

	if (sscanf(text, "%x.%x", &device, &function) != 2 || device > 31 ||
	    function > 7)
		return -1;
	return PCI_DEVFN(device, function);
}

static void set_word(struct kunit *test, struct igt_function *function,
		     char *word)
{
	u16 list;

	if (!strcmp(word, "acs")) {
		set_acs(function, ALL_ACS, ALL_ACS);
	} else if (!strncmp(word, "acs=", 4)) {
		set_acs(function, ALL_ACS, acs_of_list(word + 4));
	} else if (!strncmp(word, "hard=", 5)) {
		list = ALL_ACS & ~acs_of_list(word + 5);
		set_acs(function, list, list);
	} else if (!strcmp(word, "bar")) {
		function->bars = BIT(0);
	} else if (!strncmp(word, "alias=", 6)) {
		function->alias = parse_devfn(word + 6);
	} else if (!strcmp(word, "vf")) {
		function->is_virtfn = true;
	} else if (!strcmp(word, "xlate")) {
		function->is_xlate_root = true;
	} else {
		KUNIT_FAIL(test, "what is %s?", word);
	}
}

static void parse_line(struct kunit *test, struct igt_fabric *fabric,
		       char *line, struct igt_function **path)
{
	struct igt_function *function = &fabric->function[fabric->n++];
	char *text = skip_spaces(line), *word;
	int i, devfn, depth = (text - line) / 2;

	word = strsep(&text, " ");
	strscpy(function->name, word, sizeof(function->name));
	devfn = parse_devfn(strsep(&text, " ") ?: "");
	KUNIT_ASSERT_GE_MSG(test, devfn, 0, "place of %s", function->name);
	function->devfn = devfn;
	function->alias = -1;
	function->bridge = depth ? path[depth - 1] : NULL;
	path[depth] = function;

	word = strsep(&text, " ");
	KUNIT_ASSERT_NOT_NULL(test, word);
	for (i = 0; i < ARRAY_SIZE(kinds) && strcmp(word, kinds[i].name); i++)
		;
	KUNIT_ASSERT_LT_MSG(test, i, ARRAY_SIZE(kinds), "kind %s", word);
	set_kind(function, &kinds[i]);

	while ((word = strsep(&text, " ")))
		set_word(test, function, word);
	xa_store(&fabric->places, place_of(fabric, function->bridge, devfn),
		 function, GFP_KERNEL);
}

/* The PCI core finds virtual functions here by scanning, as it does others */
static void set_multifunction(struct igt_fabric *fabric)
{
	struct igt_function *a, *b, *end = fabric->function + fabric->n;

	for (a = fabric->function; a < end; a++) {
		for (b = fabric->function; b < end; b++) {
			if (a == b || a->bridge != b->bridge ||
			    PCI_SLOT(a->devfn) != PCI_SLOT(b->devfn))
				continue;
			config_of(a)[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MFD;
			if (!a->is_virtfn && !b->is_virtfn)
				a->multifunction = true;
		}
	}
}

static void forget_places(void *places)
{
	xa_destroy(places);
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
static struct igt_fabric *new_fabric(struct kunit *test, const char *text)
{
	struct igt_fabric *fabric;

	fabric = kunit_kzalloc(test, struct_size(fabric, function,
						 lines_of(text)), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fabric);
	xa_init(&fabric->places);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, forget_places,
							&fabric->places), 0);
	return fabric;
}

static char *copy_of(struct kunit *test, const char *text)
{
	char *copy = kunit_kmalloc(test, strlen(text) + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	return memcpy(copy, text, strlen(text) + 1);
}

static struct igt_fabric *parse(struct kunit *test, const char *text)
{
	struct igt_fabric *fabric = new_fabric(test, text);
	char *rest = copy_of(test, text), *line;
	struct igt_function *path[16];

	while ((line = strsep(&rest, "\n"))) {
		if (*skip_spaces(line))
			parse_line(test, fabric, line, path);
	}
	set_multifunction(fabric);
	return fabric;
}

/* "00:1c.0 ..." or "0000:00:1c.0 ..." begins a function */
static struct igt_function *parse_address(struct kunit *test,
					  struct igt_fabric *fabric,
					  const char *line)
{
	unsigned int domain, bus, device, func;
	struct igt_function *function;

	if (sscanf(line, "%x:%x:%x.%x", &domain, &bus, &device, &func) != 4 &&
	    sscanf(line, "%x:%x.%x", &bus, &device, &func) != 3)
		return NULL;

	function = &fabric->function[fabric->n++];
	snprintf(function->name, sizeof(function->name), "%02x:%02x.%x", bus,
		 device, func);
	function->bus = bus;
	function->devfn = PCI_DEVFN(device, func);
	function->alias = -1;
	function->dump = kunit_kzalloc(test, PCI_CFG_SPACE_EXP_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, function->dump);
	return function;
}

/* "100: 01 00 ..." */
static void parse_bytes(struct igt_function *function, char *line)
{
	unsigned int where;
	char *word;

	if (sscanf(line, "%x: ", &where) != 1)
		return;
	strsep(&line, " ");
	for (; where < PCI_CFG_SPACE_EXP_SIZE; where++) {
		word = strsep(&line, " ");
		if (!word || kstrtou8(word, 16, &function->dump[where]))
			break;
	}
}

static void find_bars(struct igt_function *function)
{
	int bar, bars = is_bridge(function) ? 2 : PCI_STD_NUM_BARS;
	const u8 *reg = &function->dump[PCI_BASE_ADDRESS_0];

	for (bar = 0; bar < bars; bar++) {
		if (get_unaligned_le32(&reg[4 * bar]))
			function->bars |= BIT(bar);
		if ((reg[4 * bar] & 7) == PCI_BASE_ADDRESS_MEM_TYPE_64)
			function->bars |= BIT(++bar);
	}
}

static void find_bridge(struct igt_fabric *fabric, struct igt_function *function)
{
	struct igt_function *bridge = fabric->function;

	for (; bridge < fabric->function + fabric->n; bridge++) {
		if (is_bridge(bridge) && bridge->bus != function->bus &&
		    bridge->dump[PCI_SECONDARY_BUS] == function->bus)
			function->bridge = bridge;
	}
	xa_store(&fabric->places, place_of(fabric, function->bridge,
					   function->devfn),
		 function, GFP_KERNEL);
}

static struct igt_fabric *parse_lspci(struct kunit *test, const char *dump)
{
	struct igt_fabric *fabric = new_fabric(test, dump);
	char *rest = copy_of(test, dump), *line;
	struct igt_function *next, *function = NULL;
	int i;

	while ((line = strsep(&rest, "\n"))) {
		next = parse_address(test, fabric, line);
		if (next)
			function = next;
		else if (function)
			parse_bytes(function, line);
	}
	for (i = 0; i < fabric->n; i++) {
		find_bars(&fabric->function[i]);
		find_bridge(fabric, &fabric->function[i]);
	}
	set_multifunction(fabric);
	return fabric;
}

#ifdef CONFIG_X86
static void *new_sysdata(struct kunit *test)
{
	struct pci_sysdata *sysdata;

	sysdata = kunit_kzalloc(test, sizeof(*sysdata), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sysdata);
	sysdata->domain = DOMAIN;
	sysdata->node = NUMA_NO_NODE;
	return sysdata;
}
#else
static void *new_sysdata(struct kunit *test)
{
	return NULL;
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

	if (is_virtfn)
		physfn = pci_get_slot(function->pdev->bus, 0);
	pci_dev_put(physfn);
	set_physfn(function->pdev, physfn);
	function->pdev->is_virtfn = is_virtfn;
}

static void set_virtfns(struct igt_fabric *fabric, bool is_virtfn)
{
	int i;

	for (i = 0; i < fabric->n; i++) {
		if (fabric->function[i].is_virtfn)
			set_virtfn(&fabric->function[i], is_virtfn);
	}
}

static void remove_fabric(void *data)
{
	struct igt_fabric *fabric = data;
	struct pci_host_bridge *bridge;

	set_virtfns(fabric, false);
	bridge = to_pci_host_bridge(fabric->bus->bridge);
	pci_lock_rescan_remove();
	pci_stop_root_bus(fabric->bus);
	pci_remove_root_bus(fabric->bus);
	pci_unlock_rescan_remove();
	pci_free_host_bridge(bridge);
}

static int find_pdev(struct pci_dev *pdev, void *unused)
{
	struct igt_function *function = find_function(pdev->bus, pdev->devfn);

	function->pdev = pdev;
	if (function->alias >= 0)
		pci_add_dma_alias(pdev, function->alias, 1);
	pdev->multifunction = function->multifunction;
	if (function->is_xlate_root)
		pdev->dev_flags |= PCI_DEV_FLAGS_BRIDGE_XLATE_ROOT;
	return 0;
}

static struct igt_fabric *scan(struct kunit *test, struct igt_fabric *fabric)
{
	struct pci_host_bridge *bridge;
	int i, ret;

	bridge = pci_alloc_host_bridge(sizeof(fabric));
	KUNIT_ASSERT_NOT_NULL(test, bridge);
	*(void **)pci_host_bridge_priv(bridge) = fabric;
	bridge->ops = &fabric_ops;
	bridge->busnr = ROOT_BUS;
	bridge->sysdata = new_sysdata(test);

	pci_lock_rescan_remove();
	ret = pci_scan_root_bus_bridge(bridge);
	pci_unlock_rescan_remove();
	if (ret)
		pci_free_host_bridge(bridge);
	KUNIT_ASSERT_EQ(test, ret, 0);
	fabric->bus = bridge->bus;
	pci_walk_bus(fabric->bus, find_pdev, NULL);
	for (i = 0; i < fabric->n; i++)
		KUNIT_ASSERT_NOT_NULL_MSG(test, fabric->function[i].pdev,
					  "the PCI core did not find %s",
					  fabric->function[i].name);
	set_virtfns(fabric, true);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, remove_fabric,
							fabric), 0);
	return fabric;
}

struct igt_fabric *igt_fabric(struct kunit *test, const char *text)
{
	return scan(test, parse(test, text));
}

struct igt_fabric *igt_fabric_of_lspci(struct kunit *test, const char *dump)
{
	return scan(test, parse_lspci(test, dump));
}

void igt_remove_fabric(struct kunit *test, struct igt_fabric *fabric)
{
	kunit_release_action(test, remove_fabric, fabric);
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

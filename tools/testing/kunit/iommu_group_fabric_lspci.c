// SPDX-License-Identifier: GPL-2.0-only
/* Fabrics of what lspci prints, see iommu_group_fabric.h */

#include <kunit/test.h>
#include <linux/ctype.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "iommu_group_fabric_build.h"

/* "00:1c.0 ..." or "0000:00:1c.0 ..." begins a function */
static struct igt_function *parse_address(struct kunit *test,
					  struct igt_fabric *fabric,
					  const char *line)
{
	unsigned int domain, bus, device, func;
	struct igt_function *function;

	if (sscanf(line, "%x:%x:%x.%x", &domain, &bus, &device, &func) != 4) {
		domain = 0;
		if (sscanf(line, "%x:%x.%x", &bus, &device, &func) != 3)
			return NULL;
	}

	function = &fabric->function[fabric->n++];
	strscpy(function->name, line, min_t(size_t, sizeof(function->name),
					    strcspn(line, " ") + 1));
	function->domain = domain;
	function->bus = bus;
	function->devfn = PCI_DEVFN(device, func);
	function->alias = -1;
	function->dump = kunit_kzalloc(test, PCI_CFG_SPACE_EXP_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, function->dump);
	return function;
}

/* "100: 01 00 ..." of -xxxx, which overrides what was said before */
static void parse_bytes(struct igt_function *function, char *line)
{
	unsigned int where;
	char *word;

	if (sscanf(line, "%x: ", &where) != 1)
		return;
	if (!where)
		memset(function->dump, 0, PCI_CFG_SPACE_EXP_SIZE);
	strsep(&line, " ");
	for (; where < PCI_CFG_SPACE_EXP_SIZE; where++) {
		word = strsep(&line, " ");
		if (!word || kstrtou8(word, 16, &function->dump[where]))
			break;
	}
}

/* "... CLASS: NAME" of -vvv, with " [VENDOR:DEVICE]" in NAME when it is -vvvnn */
static void parse_title(struct igt_function *function, char *line)
{
	const char *class = line + strcspn(line, " ");
	u16 vendor, device;
	char *bracket;

	if (strstarts(class, " Host bridge"))
		igt_set_kind(function, "host");
	else if (strstarts(class, " PCI bridge"))
		igt_set_kind(function, "pci2pci");
	else
		igt_set_kind(function, "pci");

	igt_set_id(function, IGT_VENDOR, 0);
	for (bracket = line; (bracket = strchr(bracket, '[')); bracket++) {
		if (sscanf(bracket, "[%hx:%hx]", &vendor, &device) == 2)
			igt_set_id(function, vendor, device);
	}
}

/* "Express (v2) TYPE, ..." of -vvv */
static void parse_express(struct igt_function *function, const char *type)
{
	static const struct {
		const char *type;
		const char *kind;
	} types[] = {
		{ "Root Port", "root" },
		{ "Upstream Port", "up" },
		{ "Downstream Port", "down" },
		{ "PCI-Express to PCI", "pcie2pci" },
		{ "PCI/PCI-X to PCI-Express", "pci2pcie" },
		{ "Root Complex", "rcep" },
		{ "Endpoint", "ep" },
		{ "Legacy Endpoint", "ep" },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (strstarts(type, types[i].type))
			igt_set_kind(function, types[i].kind);
	}
}

/* "SrcValid+ TransBlk- ReqRedir+ ..." of -vvv */
static u16 parse_acs(const char *text)
{
	static const struct {
		const char *word;
		u16 flag;
	} words[] = {
		{ "SrcValid+", PCI_ACS_SV },
		{ "ReqRedir+", PCI_ACS_RR },
		{ "CmpltRedir+", PCI_ACS_CR },
		{ "UpstreamFwd+", PCI_ACS_UF },
	};
	u16 acs = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		if (strstr(text, words[i].word))
			acs |= words[i].flag;
	}
	return acs;
}

/* An indented line of -vvv */
static void parse_detail(struct igt_function *function, const char *line)
{
	unsigned int at, version, bus, bar;
	u8 *config = igt_config(function);
	int type = 0;

	line = skip_spaces(line);
	if (sscanf(line, "Capabilities: [%x] Express (v%u) %n", &at, &version,
		   &type) == 2 && type)
		parse_express(function, line + type);
	else if (sscanf(line, "Bus: primary=%*x, secondary=%x", &bus) == 1)
		config[PCI_SECONDARY_BUS] = bus;
	else if (strstarts(line, "ACSCap:"))
		igt_set_acs(function, PCI_ACS_CAP, parse_acs(line));
	else if (strstarts(line, "ACSCtl:"))
		igt_set_acs(function, PCI_ACS_CTRL, parse_acs(line));
	else if (sscanf(line, "Region %u: ", &bar) == 1 &&
		 bar < PCI_STD_NUM_BARS)
		config[PCI_BASE_ADDRESS_0 + 4 * bar + 1] = 0x10;
}

static void find_bars(struct igt_function *function)
{
	int bar, bars = igt_is_bridge(function) ? 2 : PCI_STD_NUM_BARS;
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
		if (igt_is_bridge(bridge) && bridge->domain == function->domain &&
		    bridge->bus != function->bus &&
		    bridge->dump[PCI_SECONDARY_BUS] == function->bus)
			function->bridge = bridge;
	}
}

static bool on_one_bus(const struct igt_function *a, const struct igt_function *b)
{
	return a->domain == b->domain && a->bus == b->bus;
}

/* A bus that no bridge leads to is a root bus */
static struct igt_host *find_host(struct kunit *test, struct igt_fabric *fabric,
				  const struct igt_function *function)
{
	struct igt_function *other;

	for (other = fabric->function; other < function; other++) {
		if (!other->bridge && on_one_bus(other, function))
			return other->host;
	}
	return igt_add_host(test, fabric, fabric->n_hosts);
}

static struct igt_function *topmost(struct igt_function *function)
{
	while (function->bridge)
		function = function->bridge;
	return function;
}

static struct igt_fabric *parse_lspci(struct kunit *test, const char *dump)
{
	struct igt_fabric *fabric = igt_new_fabric(test, dump);
	struct igt_function *next, *function = NULL, *end;
	char *copy = kunit_kstrdup(test, dump, GFP_KERNEL);
	char *rest = copy, *line;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((line = strsep(&rest, "\n"))) {
		next = parse_address(test, fabric, line);
		if (next) {
			function = next;
			parse_title(function, line);
		} else if (function && isspace(*line)) {
			parse_detail(function, line);
		} else if (function) {
			parse_bytes(function, line);
		}
	}
	kunit_kfree(test, copy);

	end = fabric->function + fabric->n;
	for (function = fabric->function; function < end; function++) {
		find_bars(function);
		find_bridge(fabric, function);
	}
	for (function = fabric->function; function < end; function++) {
		if (!function->bridge)
			function->host = find_host(test, fabric, function);
	}
	for (function = fabric->function; function < end; function++) {
		function->host = topmost(function)->host;
		igt_enter(test, function);
	}
	igt_finish_devices(fabric);
	return fabric;
}

struct igt_fabric *igt_fabric_of_lspci(struct kunit *test, const char *dump)
{
	return igt_scan(test, parse_lspci(test, dump));
}

// SPDX-License-Identifier: GPL-2.0-only
/* Fabrics of a line for each function, see iommu_group_fabric.h */

#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/pci.h>
#include <linux/string.h>

#include "iommu_group_fabric_build.h"

static u16 acs_of_list(const char *list)
{
	static const struct {
		char letter;
		u16 flag;
	} known[] = {
		{ 's', PCI_ACS_SV },
		{ 'r', PCI_ACS_RR },
		{ 'c', PCI_ACS_CR },
		{ 'u', PCI_ACS_UF },
	};
	u16 acs = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strchr(list, known[i].letter))
			acs |= known[i].flag;
	}
	return acs;
}

static int parse_devfn(const char *text)
{
	unsigned int device, function;

	if (sscanf(text, "%x.%x", &device, &function) != 2 || device > 31 ||
	    function > 7)
		return -1;
	return PCI_DEVFN(device, function);
}

static u16 enhanced_of_list(const char *list)
{
	return (strchr(list, 'd') ? PCI_ACS_DSP_MT_RR : 0) |
	       (strchr(list, 'u') ? PCI_ACS_USP_MT_RR : 0);
}

/* Beside "acs" or the like */
static bool set_more_acs(struct igt_function *function, const char *word)
{
	u8 vector;

	if (strstarts(word, "enhanced=")) {
		igt_add_acs(function, PCI_ACS_CAP, PCI_ACS_ENHANCED);
		igt_add_acs(function, PCI_ACS_CTRL, enhanced_of_list(word + 9));
	} else if (sscanf(word, "egress=%hhx", &vector) == 1) {
		igt_add_acs(function, PCI_ACS_CAP, PCI_ACS_EC | 8 << 8);
		igt_add_acs(function, PCI_ACS_CTRL, PCI_ACS_EC);
		igt_set_acs(function, PCI_ACS_EGRESS_CTL_V, vector);
	} else {
		return false;
	}
	return true;
}

static void set_word(struct kunit *test, struct igt_function *function,
		     char *word)
{
	u16 vendor, device, list;

	if (!strcmp(word, "acs")) {
		igt_set_acs(function, PCI_ACS_CAP, IGT_ALL_ACS);
		igt_set_acs(function, PCI_ACS_CTRL, IGT_ALL_ACS);
	} else if (!strncmp(word, "acs=", 4)) {
		igt_set_acs(function, PCI_ACS_CAP, IGT_ALL_ACS);
		igt_set_acs(function, PCI_ACS_CTRL, acs_of_list(word + 4));
	} else if (!strncmp(word, "hard=", 5)) {
		list = IGT_ALL_ACS & ~acs_of_list(word + 5);
		igt_set_acs(function, PCI_ACS_CAP, list);
		igt_set_acs(function, PCI_ACS_CTRL, list);
	} else if (sscanf(word, "id=%hx:%hx", &vendor, &device) == 2) {
		igt_set_id(function, vendor, device);
	} else if (!strcmp(word, "bar")) {
		function->bars = BIT(0);
	} else if (!strncmp(word, "alias=", 6)) {
		function->alias = parse_devfn(word + 6);
	} else if (!strcmp(word, "vf")) {
		function->is_virtfn = true;
	} else if (!strcmp(word, "xlate")) {
		function->is_xlate_root = true;
	} else if (!strcmp(word, "ari")) {
		function->leads_to_ari = true;
	} else if (!set_more_acs(function, word)) {
		KUNIT_FAIL(test, "what is %s?", word);
	}
}

#define MAX_DEPTH	16	/* of bridges below each other */

static void parse_function(struct kunit *test, struct igt_host *host,
			   char *line, struct igt_function **path)
{
	struct igt_function *function = &host->fabric->function[host->fabric->n++];
	char *text = skip_spaces(line), *word;
	int devfn, depth = (text - line) / 2;

	word = strsep(&text, " ");
	strscpy(function->name, word, sizeof(function->name));
	devfn = parse_devfn(strsep(&text, " ") ?: "");
	KUNIT_ASSERT_GE_MSG(test, devfn, 0, "place of %s", function->name);
	KUNIT_ASSERT_LT_MSG(test, depth, MAX_DEPTH, "%s", function->name);
	function->devfn = devfn;
	function->alias = -1;
	function->host = host;
	function->bridge = depth ? path[depth - 1] : NULL;
	path[depth] = function;

	word = strsep(&text, " ");
	KUNIT_ASSERT_NOT_NULL(test, word);
	KUNIT_ASSERT_TRUE_MSG(test, igt_set_kind(function, word), "kind %s",
			      word);
	igt_set_id(function, IGT_VENDOR, 0);

	while ((word = strsep(&text, " ")))
		set_word(test, function, word);
	igt_enter(test, function);
}

static struct igt_fabric *parse(struct kunit *test, const char *text)
{
	struct igt_fabric *fabric = igt_new_fabric(test, text);
	char *copy = kunit_kstrdup(test, text, GFP_KERNEL);
	struct igt_function *path[MAX_DEPTH] = {};
	char *rest = copy, *line;
	struct igt_host *host = NULL;
	unsigned int domain;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	while ((line = strsep(&rest, "\n"))) {
		if (!*skip_spaces(line) || *line == '#')
			continue;
		if (sscanf(line, "domain %x", &domain) == 1) {
			host = igt_add_host(test, fabric, domain);
			continue;
		}
		if (!host)
			host = igt_add_host(test, fabric, 0);
		parse_function(test, host, line, path);
	}
	kunit_kfree(test, copy);
	igt_finish_devices(fabric);
	return fabric;
}

struct igt_fabric *igt_fabric(struct kunit *test, const char *text)
{
	return igt_scan(test, parse(test, text));
}

// SPDX-License-Identifier: GPL-2.0-only
/* Random fabrics: what may be below what, and words that mean something there */

#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "iommu_group_random_fabric.h"

struct writer {
	struct rnd_state rnd;
	char *text;
	size_t len;
	int n;
};

static u32 chance(struct writer *writer, u32 of)
{
	return prandom_u32_state(&writer->rnd) % of;
}

static void write_function(struct writer *writer, int depth, int devfn,
			   const char *kind)
{
	static const char * const acs[] = {
		"", "", " acs", " acs", " acs", " acs=src", " hard=s"
	};

	writer->len += sprintf(writer->text + writer->len, "%*sf%d %x.%x %s%s",
			       2 * depth, "", writer->n, PCI_SLOT(devfn),
			       PCI_FUNC(devfn), kind,
			       acs[chance(writer, ARRAY_SIZE(acs))]);
	if (!chance(writer, 12))
		writer->len += sprintf(writer->text + writer->len,
				       " alias=%x.%x", chance(writer, 4),
				       chance(writer, 3));
	if (PCI_FUNC(devfn) && !strcmp(kind, "ep") && !chance(writer, 3))
		writer->len += sprintf(writer->text + writer->len, " vf");
	writer->len += sprintf(writer->text + writer->len, "\n");
	writer->n++;
}

static void write_bus(struct writer *writer, int depth, const char *above)
{
	static const char * const on_root[] = {
		"host", "rcep", "root", "root", "root", "pci", "pci2pci",
		"pci2pcie"
	};
	static const char * const on_link[] = {
		"ep", "ep", "up", "up", "pcie2pci"
	};
	static const char * const on_conventional[] = {
		"pci", "pci", "pci2pci", "pci2pcie"
	};
	bool below_pci2pcie = !strcmp(above, "pci2pcie");
	bool is_link = !strcmp(above, "root") || !strcmp(above, "down") ||
		       below_pci2pcie;
	int slots = is_link ? 1 : 4;
	int slot, function;
	const char *kind;

	for (slot = 0; slot < slots; slot++) {
		for (function = 0; function < 3; function++) {
			/* Without function 0 the others are not looked for */
			if (function && chance(writer, 2))
				break;
			if (writer->n == IGT_RANDOM_FUNCTIONS)
				return;
			/*
			 * The PCI core expects a link to lead to one bridge, and
			 * no switch below a conventional bus
			 */
			if (below_pci2pcie || (is_link && function))
				kind = "ep";
			else if (!*above)
				kind = on_root[chance(writer, ARRAY_SIZE(on_root))];
			else if (is_link)
				kind = on_link[chance(writer, ARRAY_SIZE(on_link))];
			else if (!strcmp(above, "up"))
				kind = "down";
			else
				kind = on_conventional[chance(writer,
					ARRAY_SIZE(on_conventional))];
			write_function(writer, depth, PCI_DEVFN(slot, function),
				       kind);
			if (depth < 5 && strcmp(kind, "host") &&
			    strcmp(kind, "rcep") && strcmp(kind, "ep") &&
			    strcmp(kind, "pci"))
				write_bus(writer, depth + 1, kind);
		}
	}
}

void igt_write_random_fabric(char *text, u32 seed)
{
	struct writer writer = { .text = text };

	prandom_seed_state(&writer.rnd, seed);
	write_bus(&writer, 0, "");
}

// SPDX-License-Identifier: GPL-2.0-only
/* Random fabrics: what may be below what, and words that mean something there */

#include <linux/array_size.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/prandom.h>
#include <linux/string.h>

#include "iommu_group_random_fabric.h"

/* What a line is written for */
struct bus {
	const char *above;	/* kind of the bridge that leads here, or "" */
	int depth;
	bool is_link;
};

struct writer {
	struct rnd_state rnd;
	char *text;
	size_t len;
	int n;
	bool aliases;
};

static u32 chance(struct writer *writer, u32 of)
{
	return prandom_u32_state(&writer->rnd) % of;
}

static const char *pick(struct writer *writer, const char * const *list, u32 n)
{
	return list[chance(writer, n)];
}

static bool is_kind(const char *a, const char *b)
{
	return !strcmp(a, b);
}

static bool is_port(const char *kind)
{
	return is_kind(kind, "root") || is_kind(kind, "down");
}

static bool is_bridge(const char *kind)
{
	return is_port(kind) || is_kind(kind, "up") || strchr(kind, '2');
}

static __printf(2, 3) void write(struct writer *writer, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	writer->len += vscnprintf(writer->text + writer->len,
				  IGT_RANDOM_TEXT - writer->len, fmt, args);
	va_end(args);
}

static void write_acs(struct writer *writer, const char *kind)
{
	static const char * const acs[] = {
		"", "", " acs", " acs", " acs", " acs=src", " hard=s"
	};
	static const char * const enhanced[] = { "", "d", "u", "du" };
	static const char * const egress[] = { "0", "7f", "ff" };

	write(writer, "%s", pick(writer, acs, ARRAY_SIZE(acs)));
	if (!is_port(kind) || chance(writer, 3))
		return;
	if (!chance(writer, 2))
		write(writer, " enhanced=%s",
		      pick(writer, enhanced, ARRAY_SIZE(enhanced)));
	if (!chance(writer, 4))
		write(writer, " egress=%s",
		      pick(writer, egress, ARRAY_SIZE(egress)));
}

static void write_words(struct writer *writer, const struct bus *bus, int devfn,
			const char *kind, bool ari)
{
	write_acs(writer, kind);
	if ((is_kind(kind, "host") || is_port(kind) || is_kind(kind, "up")) &&
	    !chance(writer, 6))
		write(writer, " bar");
	if (writer->aliases && !chance(writer, 6))
		write(writer, " alias=%x.%x", chance(writer, 4), chance(writer, 3));
	if (bus->is_link && devfn && is_kind(kind, "ep") && !chance(writer, 3))
		write(writer, " vf");
	if (is_bridge(kind) && !chance(writer, 20))
		write(writer, " xlate");
	if (ari)
		write(writer, " ari");
}

/*
 * The PCI core expects no switch below a conventional bus, and a link to lead to
 * one bridge: as function 0, for it forgets the link when that is removed
 */
static const char *pick_kind(struct writer *writer, const struct bus *bus, int devfn)
{
	static const char * const on_root[] = {
		"host", "rcep", "rcec", "root", "root", "root", "root", "pci",
		"pci2pci", "pci2pcie"
	};
	static const char * const on_link[] = {
		"ep", "ep", "up", "up", "pcie2pci"
	};
	static const char * const on_switch[] = {
		"down", "down", "down", "down", "down", "root", "ep", "pci",
		"pcie2pci"
	};
	static const char * const on_conventional[] = {
		"pci", "pci", "pci2pci", "pci2pcie"
	};

	if (!*bus->above)
		return pick(writer, on_root, ARRAY_SIZE(on_root));
	if (is_kind(bus->above, "pci2pcie") || (bus->is_link && devfn))
		return "ep";
	if (bus->is_link)
		return pick(writer, on_link, ARRAY_SIZE(on_link));
	if (is_kind(bus->above, "up"))
		return pick(writer, on_switch, ARRAY_SIZE(on_switch));
	return pick(writer, on_conventional, ARRAY_SIZE(on_conventional));
}

static void write_bus(struct writer *writer, int depth, const char *above,
		      bool has_ari);

static void write_function(struct writer *writer, const struct bus *bus,
			   int devfn)
{
	const char *kind = pick_kind(writer, bus, devfn);
	bool ari = is_port(kind) && !chance(writer, 4);

	write(writer, "%*sf%d %x.%x %s", 2 * bus->depth, "", writer->n,
	      PCI_SLOT(devfn), PCI_FUNC(devfn), kind);
	write_words(writer, bus, devfn, kind, ari);
	write(writer, "\n");
	writer->n++;
	if (is_bridge(kind) && bus->depth < 5)
		write_bus(writer, bus->depth + 1, kind, ari);
}

/* Functions 0 to 2, without gaps: without function 0 the others are not looked for */
static void write_slot(struct writer *writer, const struct bus *bus, int slot)
{
	int function;

	for (function = 0; function < 3; function++) {
		if (function && chance(writer, 2))
			break;
		if (writer->n < IGT_RANDOM_FUNCTIONS)
			write_function(writer, bus, PCI_DEVFN(slot, function));
	}
}

static void write_ari_device(struct writer *writer, const struct bus *bus)
{
	int devfn;

	for (devfn = 0; devfn < 32; devfn += 1 + chance(writer, 15)) {
		if (writer->n < IGT_RANDOM_FUNCTIONS)
			write_function(writer, bus, devfn);
	}
}

static void write_bus(struct writer *writer, int depth, const char *above,
		      bool has_ari)
{
	const struct bus bus = {
		.above = above,
		.depth = depth,
		.is_link = is_port(above) || is_kind(above, "pci2pcie"),
	};
	int slot, slots = bus.is_link ? 1 : 4;

	if (has_ari) {
		write_ari_device(writer, &bus);
		return;
	}
	for (slot = 0; slot < slots; slot++)
		write_slot(writer, &bus, slot);
}

void igt_write_random_fabric(char *text, u32 seed)
{
	struct writer writer = {
		.text = text,
		/* Their groups follow from more than reach, so not in all */
		.aliases = seed & 1,
	};
	int domain;

	prandom_seed_state(&writer.rnd, seed);
	if (chance(&writer, 4)) {
		write_bus(&writer, 0, "", false);
		return;
	}
	for (domain = 0; domain < 3; domain++) {
		write(&writer, "domain %d\n", domain);
		write_bus(&writer, 0, "", false);
	}
}

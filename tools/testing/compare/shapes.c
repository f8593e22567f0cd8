// SPDX-License-Identifier: GPL-2.0-only
/* Fabrics of a shape and of any size, see shapes.h */

#include <kunit/test.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/sprintf.h>

#include "iommu_group_fabric.h"
#include "shapes.h"

#define MAX_LINE	32

struct text {
	char *to;
	int left;		/* functions */
	int named;
};

static void line(struct text *text, int depth, int devfn, const char *what)
{
	if (!text->left)
		return;
	text->left--;
	text->to += sprintf(text->to, "%*sf%d %x.%x %s\n", 2 * depth, "",
			    text->named++, PCI_SLOT(devfn), PCI_FUNC(devfn),
			    what);
}

/* Slots of eight root ports with ACS, an endpoint below each: each for itself */
void isolated_functions(struct text *text)
{
	int port;

	for (port = 0; port < 128; port++) {
		line(text, 0, port, "root acs");
		line(text, 1, 0, "ep");
	}
}

/* Switches of 15 downstream ports, which have no ACS on every second switch */
void functions_below_switches(struct text *text)
{
	int root, port;

	for (root = 0; root < 8; root++) {
		line(text, 0, PCI_DEVFN(root, 0), "root acs");
		line(text, 1, 0, "up");
		for (port = 0; port < 15; port++) {
			line(text, 2, PCI_DEVFN(port, 0),
			     root % 2 ? "down" : "down acs");
			line(text, 3, 0, "ep");
		}
	}
}

/* A conventional bridge, bridges below it, functions below these: one group */
void functions_of_one_group(struct text *text)
{
	int bridge, devfn;

	line(text, 0, 0, "pci2pci");
	for (bridge = 0; bridge < 64; bridge++) {
		line(text, 1, bridge, "pci2pci");
		for (devfn = 0; devfn < 255; devfn++)
			line(text, 2, devfn, "pci");
	}
}

/* A device of up to 256 functions below a port; all but the last have ACS */
void functions_of_one_slot(struct text *text)
{
	int devfn;

	line(text, 0, 0, "root acs ari");
	for (devfn = 0; text->left > 1; devfn++)
		line(text, 1, devfn, "ep acs");
	line(text, 1, devfn, "ep");
}

struct igt_fabric *shaped_fabric(struct kunit *test, shape_writer *write, int size)
{
	char *lines = kvzalloc(size * MAX_LINE, GFP_KERNEL);
	struct text text = { .to = lines, .left = size };
	struct igt_fabric *fabric;
	int domain = 0;

	KUNIT_ASSERT_NOT_NULL(test, lines);
	while (text.left) {
		text.to += sprintf(text.to, "domain %x\n", domain++);
		write(&text);
	}
	fabric = igt_fabric(test, lines);
	kvfree(lines);
	return fabric;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: the PCI functions of a machine, and who is below whom.
 *
 * A bridge leads to its secondary bus. Where functions were left out of a dump, a bus may
 * be below bridges of which nothing is told: then one that is marked so takes their place.
 */

#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "lsiommu.h"
#include "machine.h"

#define CLASS_PCI_BRIDGE	0x0604

#define SLOT(devfn)	((devfn) >> 3)
#define FUNC(devfn)	((devfn) & 7)

struct machine *machine_new(void)
{
	return xcalloc(1, sizeof(struct machine));
}

static void free_details(struct function *function)
{
	free(function->class_name);
	free(function->title);
	free(function->driver);
}

static void free_function(struct function *function)
{
	free_details(function);
	free(function->name);
	free(function);
}

void machine_free(struct machine *machine)
{
	size_t i;

	if (!machine)
		return;
	for (i = 0; i < machine->n; i++)
		free_function(machine->function[i]);
	for (i = 0; i < machine->n_left_out; i++)
		free_function(machine->left_out[i]);
	free(machine->function);
	free(machine->left_out);
	free(machine);
}

static int compare_places(unsigned int domain, unsigned int bus, unsigned int devfn,
			  const struct function *other)
{
	if (domain != other->domain)
		return domain < other->domain ? -1 : 1;
	if (bus != other->bus)
		return bus < other->bus ? -1 : 1;
	return (int)devfn - (int)other->devfn;
}

/* Where a function stands among the others, or would */
static size_t place_of(const struct machine *machine, unsigned int domain, unsigned int bus,
		       unsigned int devfn)
{
	size_t low = 0, high = machine->n, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (compare_places(domain, bus, devfn, machine->function[middle]) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct function *machine_find(const struct machine *machine, unsigned int domain,
			      unsigned int bus, unsigned int devfn)
{
	size_t at = place_of(machine, domain, bus, devfn);

	if (at == machine->n || compare_places(domain, bus, devfn, machine->function[at]))
		return NULL;
	return machine->function[at];
}

struct function *machine_find_name(const struct machine *machine, const char *name)
{
	unsigned int domain, bus, slot, func;

	if (sscanf(name, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return NULL;
	return machine_find(machine, domain, bus, slot << 3 | func);
}

static struct function *new_function(const struct machine *machine, unsigned int domain,
				     unsigned int bus, unsigned int devfn)
{
	struct function *function = xcalloc(1, sizeof(*function));

	*function = (struct function){
		.machine = machine,
		.name = xprintf("%04x:%02x:%02x.%x", domain, bus, SLOT(devfn), FUNC(devfn)),
		.domain = domain,
		.bus = bus,
		.devfn = devfn,
		.type = TYPE_UNKNOWN,
		.told_group = NO_GROUP,
	};
	return function;
}

void function_forget(struct function *function)
{
	free_details(function);
	*function = (struct function){
		.machine = function->machine,
		.name = function->name,
		.domain = function->domain,
		.bus = function->bus,
		.devfn = function->devfn,
		.type = TYPE_UNKNOWN,
		.told_group = NO_GROUP,
	};
}

static struct function **grown(struct function **functions, size_t n, size_t *room)
{
	if (n < *room)
		return functions;
	*room = *room ? 2 * *room : 64;
	return xrealloc(functions, *room, sizeof(*functions));
}

struct function *machine_at(struct machine *machine, unsigned int domain, unsigned int bus,
			    unsigned int devfn)
{
	size_t at = place_of(machine, domain, bus, devfn);
	struct function *function;

	if (at < machine->n && !compare_places(domain, bus, devfn, machine->function[at]))
		return machine->function[at];

	machine->function = grown(machine->function, machine->n, &machine->room);
	memmove(&machine->function[at + 1], &machine->function[at],
		(machine->n - at) * sizeof(*machine->function));
	function = new_function(machine, domain, bus, devfn);
	machine->function[at] = function;
	machine->n++;
	return function;
}

bool machine_has_ids(const struct machine *machine)
{
	size_t i;

	for (i = 0; i < machine->n; i++) {
		if (machine->function[i]->title && !machine->function[i]->has_ids)
			return false;
	}
	return true;
}

bool function_is_port(const struct function *function)
{
	return function->type == PCI_EXP_TYPE_ROOT_PORT ||
	       function->type == PCI_EXP_TYPE_DOWNSTREAM;
}

const char *function_kind(const struct function *function)
{
	switch (function->type) {
	case PCI_EXP_TYPE_ROOT_PORT:
		return "root port";
	case PCI_EXP_TYPE_DOWNSTREAM:
		return "switch port";
	case PCI_EXP_TYPE_UPSTREAM:
		return "upstream port";
	default:
		return function->is_bridge ? "bridge" : "function";
	}
}

/* A physical function's, of which some may not be there */
static void mark_vfs(struct machine *machine, const struct function *physfn)
{
	unsigned int id = physfn->bus << 8 | physfn->devfn, i;
	struct function *virtfn;

	id += physfn->vf_offset;
	for (i = 0; i < physfn->n_vfs && id <= 0xffff; i++, id += physfn->vf_stride) {
		virtfn = machine_find(machine, physfn->domain, id >> 8, id & 0xff);
		if (!virtfn || virtfn == physfn)
			continue;
		virtfn->is_virtfn = true;
		virtfn->bridge = physfn->bridge;
	}
}

/*
 * Bus numbers grow from a bridge down. One of which that is not so is not set up, or was
 * misread; it would lead in a circle.
 */
static bool leads_to(const struct function *bridge, unsigned int domain, unsigned int bus)
{
	return bridge->is_bridge && bridge->domain == domain && bridge->secondary == bus &&
	       bridge->bus < bus;
}

/* The bridge that leads nearest to a bus, or to it; NULL if there is none */
static struct function *nearest_bridge(const struct machine *machine, unsigned int domain,
				       unsigned int bus)
{
	struct function *best = NULL, *function;
	size_t i = place_of(machine, domain, 0, 0);

	for (; i < machine->n && machine->function[i]->domain == domain; i++) {
		function = machine->function[i];
		if (function->bus >= bus)
			break;
		if (!function->is_bridge || function->secondary <= function->bus ||
		    function->secondary > bus || function->subordinate < bus)
			continue;
		if (!best || function->secondary > best->secondary)
			best = function;
	}
	return best;
}

/* What stands on no root bus, but for odd machines, or may be there */
static bool is_below_a_port(const struct function *function)
{
	switch (function->type) {
	case PCI_EXP_TYPE_ENDPOINT:
	case PCI_EXP_TYPE_LEG_END:
	case PCI_EXP_TYPE_PCI_BRIDGE:
		return function->bus;
	case PCI_EXP_TYPE_DOWNSTREAM:
		return true;
	case TYPE_UNKNOWN:
		return function->bus && !function->is_bridge;
	default:
		return false;
	}
}

static bool is_of_a_root_bus(const struct function *function)
{
	return function->type == PCI_EXP_TYPE_ROOT_PORT ||
	       function->type == PCI_EXP_TYPE_RC_END || function->type == PCI_EXP_TYPE_RC_EC ||
	       (function->has_class && function->class >> 8 == 0x0600);
}

/* Functions on one bus stand side by side: from @first to before the one that is returned */
static size_t end_of_bus(const struct machine *machine, size_t first)
{
	const struct function *function = machine->function[first];
	size_t end = first;

	while (end < machine->n && machine->function[end]->domain == function->domain &&
	       machine->function[end]->bus == function->bus)
		end++;
	return end;
}

/* Its own functions tell whether a bus that no bridge leads to is one of a host bridge */
static bool is_root_bus(const struct machine *machine, size_t first, size_t end)
{
	bool below = false;
	size_t i;

	for (i = first; i < end; i++) {
		if (is_of_a_root_bus(machine->function[i]))
			return true;
		below |= is_below_a_port(machine->function[i]);
	}
	return !below;
}

static bool has_downstream_ports(const struct machine *machine, size_t first, size_t end)
{
	for (; first < end; first++) {
		if (machine->function[first]->type == PCI_EXP_TYPE_DOWNSTREAM)
			return true;
	}
	return false;
}

/* In place of all bridges between @above and a bus */
static struct function *leave_out(struct machine *machine, struct function *above, size_t first,
				  size_t end)
{
	struct function *on = machine->function[first];
	struct function *function = new_function(machine, on->domain, on->bus, 0);
	size_t room = machine->n_left_out;

	function->left_out = true;
	function->bridge = above;
	function->is_bridge = true;
	function->secondary = on->bus;
	function->subordinate = on->bus;
	function->unread = "is not there";
	if (has_downstream_ports(machine, first, end))
		function->type = PCI_EXP_TYPE_UPSTREAM;
	machine->left_out = xrealloc(machine->left_out, room + 1, sizeof(function));
	machine->left_out[machine->n_left_out++] = function;
	return function;
}

static void connect_bus(struct machine *machine, size_t first, size_t end)
{
	const struct function *on = machine->function[first];
	struct function *bridge = nearest_bridge(machine, on->domain, on->bus);

	if (bridge && !leads_to(bridge, on->domain, on->bus))
		bridge = leave_out(machine, bridge, first, end);
	else if (!bridge && !is_root_bus(machine, first, end))
		bridge = leave_out(machine, NULL, first, end);
	for (; first < end; first++)
		machine->function[first]->bridge = bridge;
}

static bool has_others(const struct machine *machine, const struct function *function)
{
	unsigned int func;

	for (func = 1; func < 8; func++) {
		if (machine_find(machine, function->domain, function->bus,
				 function->devfn | func))
			return true;
	}
	return false;
}

/* Where function 0's header is not known, the others tell */
static bool is_multifunction(const struct machine *machine, const struct function *function)
{
	if (function->is_virtfn)
		return false;
	if (function->bridge && function->bridge->leads_to_ari && function->devfn)
		return true;
	if (FUNC(function->devfn))
		return true;
	return function->has_header ? function->header_bit : has_others(machine, function);
}

/*
 * Ports that firmware has given the wrong type, as the kernel sees it: below a port there is
 * no downstream port, nor an upstream port below another one
 */
static void correct_type(struct function *function)
{
	const struct function *bridge = function->bridge;

	if (!bridge || bridge->left_out)
		return;
	if (function->type == PCI_EXP_TYPE_DOWNSTREAM &&
	    (function_is_port(bridge) || bridge->type == PCI_EXP_TYPE_PCIE_BRIDGE))
		function->type = PCI_EXP_TYPE_UPSTREAM;
	else if (function->type == PCI_EXP_TYPE_UPSTREAM && bridge->type == PCI_EXP_TYPE_UPSTREAM)
		function->type = PCI_EXP_TYPE_DOWNSTREAM;
}

static void list_below(struct machine *machine)
{
	struct function *function;
	size_t i;

	for (i = machine->n; i--;) {
		function = machine->function[i];
		if (!function->bridge)
			continue;
		function->beside = function->bridge->below;
		function->bridge->below = function;
	}
}

void machine_connect(struct machine *machine)
{
	size_t i, end;

	for (i = 0; i < machine->n; i++) {
		machine->function[i]->index = i;
		/* Where a dump tells no buses */
		if (machine->function[i]->has_class &&
		    machine->function[i]->class >> 8 == CLASS_PCI_BRIDGE)
			machine->function[i]->is_bridge = true;
	}
	for (i = 0; i < machine->n; i = end) {
		end = end_of_bus(machine, i);
		connect_bus(machine, i, end);
	}
	/* Those above come first */
	for (i = 0; i < machine->n; i++)
		correct_type(machine->function[i]);
	/* To a bus of theirs alone no bridge leads: they are below what their PF is below */
	for (i = 0; i < machine->n; i++)
		mark_vfs(machine, machine->function[i]);
	list_below(machine);
	for (i = 0; i < machine->n; i++)
		machine->function[i]->multifunction =
			is_multifunction(machine, machine->function[i]);
	for (i = 0; i < machine->n_left_out; i++)
		machine->left_out[i]->index = machine->n + i;
	quirks_apply(machine);
	for (i = 0; i < machine->n; i++)
		machine->function[i]->lacks = acs_of(machine->function[i]);
	for (i = 0; i < machine->n_left_out; i++)
		machine->left_out[i]->lacks = acs_of(machine->left_out[i]);
}

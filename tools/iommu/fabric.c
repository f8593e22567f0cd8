// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: machines as the kernel's tests have them, a line of text for each function. The
 * form is told at the head of tools/testing/kunit/iommu_group_fabric.h.
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "lsiommu.h"
#include "machine.h"

#define ISOLATING	(PCI_ACS_SV | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)
#define ENHANCED	0x0080
#define DSP_MT_RR	0x0200
#define USP_MT_RR	0x0800

/* As the kernel's tests have them */
#define MAX_DEPTH	16
#define MAX_HOSTS	64
#define MAX_NAME	15

static const struct kind {
	const char *name;
	int type;
	bool is_bridge;
	unsigned int class;
} kinds[] = {
	{ "host", IOMMU_PCI_CONVENTIONAL, false, 0x060000 },
	{ "rcep", PCI_EXP_TYPE_RC_END, false, 0xff0000 },
	{ "rcec", PCI_EXP_TYPE_RC_EC, false, 0x080700 },
	{ "root", PCI_EXP_TYPE_ROOT_PORT, true, 0x060400 },
	{ "up", PCI_EXP_TYPE_UPSTREAM, true, 0x060400 },
	{ "down", PCI_EXP_TYPE_DOWNSTREAM, true, 0x060400 },
	{ "ep", PCI_EXP_TYPE_ENDPOINT, false, 0xff0000 },
	{ "pci", IOMMU_PCI_CONVENTIONAL, false, 0xff0000 },
	{ "pcie2pci", PCI_EXP_TYPE_PCI_BRIDGE, true, 0x060400 },
	{ "pci2pcie", PCI_EXP_TYPE_PCIE_BRIDGE, true, 0x060400 },
	{ "pci2pci", IOMMU_PCI_CONVENTIONAL, true, 0x060400 },
};

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

static const struct {
	char letter;
	unsigned int flag;
} letters[] = {
	{ 's', PCI_ACS_SV },
	{ 'r', PCI_ACS_RR },
	{ 'c', PCI_ACS_CR },
	{ 'u', PCI_ACS_UF },
};

/* False if there are other letters */
static bool acs_of_letters(const char *list, unsigned int *acs)
{
	size_t i;

	*acs = 0;
	for (; *list; list++) {
		for (i = 0; i < ARRAY_SIZE(letters) && letters[i].letter != *list; i++)
			;
		if (i == ARRAY_SIZE(letters))
			return false;
		*acs |= letters[i].flag;
	}
	return true;
}

static bool parse_devfn(const char *text, unsigned int *devfn)
{
	unsigned int slot, func;
	char more;

	if (sscanf(text, "%2x.%1x%c", &slot, &func, &more) != 2 || slot > 31 || func > 7)
		return false;
	*devfn = slot << 3 | func;
	return true;
}

/* Where the parser is: the bridges that the next line may be below, and the last bus */
struct parser {
	struct machine *machine;
	struct function *path[MAX_DEPTH];
	int depth;
	unsigned int domain;
	unsigned int root_bus;
	unsigned int last_bus;
	bool has_functions;
};

static bool set_acs(struct function *function, const char *list, bool hard)
{
	unsigned int acs;

	if (!acs_of_letters(list, &acs))
		return false;
	function->acs = ACS_READ;
	function->acs_cap = hard ? ISOLATING & ~acs : ISOLATING;
	function->acs_ctl = hard ? function->acs_cap : acs;
	return true;
}

static bool set_enhanced(struct function *function, const char *list)
{
	if (strspn(list, "du") != strlen(list))
		return false;
	function->acs_cap |= ENHANCED;
	function->acs_ctl |= (strchr(list, 'd') ? DSP_MT_RR : 0) |
			     (strchr(list, 'u') ? USP_MT_RR : 0);
	return true;
}

static bool set_word(struct function *function, const char *word)
{
	unsigned int vector, devfn;
	char more;

	if (!strcmp(word, "acs"))
		return set_acs(function, "srcu", false);
	if (!strncmp(word, "acs=", 4))
		return set_acs(function, word + 4, false);
	if (!strncmp(word, "hard=", 5))
		return set_acs(function, word + 5, true);
	if (!strncmp(word, "enhanced=", 9))
		return set_enhanced(function, word + 9);
	if (sscanf(word, "egress=%2x%c", &vector, &more) == 1) {
		function->acs_cap |= PCI_ACS_EC;
		function->acs_ctl |= PCI_ACS_EC;
		function->egress_redirects = vector == 0xff;
		return true;
	}
	if (sscanf(word, "id=%4x:%4x%c", &function->vendor, &function->device, &more) == 2) {
		function->has_ids = true;
		return true;
	}
	if (!strncmp(word, "alias=", 6)) {
		if (!parse_devfn(word + 6, &devfn))
			return false;
		function->aliases[devfn / 64] |= 1ull << devfn % 64;
		return true;
	}
	if (!strcmp(word, "bar"))
		return function->has_bar = function->has_memory_bar = true;
	if (!strcmp(word, "vf"))
		return function->is_virtfn = true;
	if (!strcmp(word, "xlate"))
		return function->translates = true;
	if (!strcmp(word, "ari"))
		return function->leads_to_ari = true;
	return false;
}

/* The bus that a bridge leads to is the next one that is free */
static bool enter_bus(struct parser *parser, struct function *bridge)
{
	int i;

	if (bridge->secondary)
		return true;
	if (!bridge->is_bridge || parser->last_bus == 255)
		return false;
	bridge->secondary = ++parser->last_bus;
	for (i = 0; i < parser->depth; i++)
		parser->path[i]->subordinate = parser->last_bus;
	return true;
}

static void set_kind(struct function *function, const struct kind *kind)
{
	function->type = kind->type;
	function->is_bridge = kind->is_bridge;
	function->has_buses = true;
	function->has_class = true;
	function->class = kind->class;
	function->acs = ACS_ABSENT;
}

/*
 * "NAME DEVICE.FUNCTION KIND [WORD...]", two spaces deeper than its bridge. NULL, or what is
 * wrong.
 */
static const char *parse_function(struct parser *parser, char *line)
{
	size_t indent = strspn(line, " ");
	struct function *function, *bridge;
	char *name, *place, *kind, *word;
	unsigned int devfn, bus;

	parser->has_functions = true;
	if (indent % 2 || indent / 2 > (size_t)parser->depth || indent / 2 == MAX_DEPTH)
		return "it is below nothing";
	parser->depth = indent / 2;
	bridge = parser->depth ? parser->path[parser->depth - 1] : NULL;
	line += indent;
	name = strsep(&line, " ");
	place = strsep(&line, " ");
	kind = strsep(&line, " ");
	if (!place || !kind || !parse_devfn(place, &devfn) || !find_kind(kind))
		return "it has no place or no kind that is known";
	if (bridge && !enter_bus(parser, bridge))
		return "what it is below leads to no bus";

	bus = bridge ? bridge->secondary : parser->root_bus;
	if (machine_find(parser->machine, parser->domain, bus, devfn))
		return "its place is taken";
	function = machine_at(parser->machine, parser->domain, bus, devfn);
	free(function->name);
	function->name = xstrdup(name);
	function->bridge = bridge;
	set_kind(function, find_kind(kind));
	while ((word = strsep(&line, " "))) {
		if (*word && !set_word(function, word))
			return "one of its words is not known";
	}
	parser->path[parser->depth++] = function;
	return NULL;
}

/* "domain NUMBER" */
static void begin_domain(struct parser *parser, unsigned int domain)
{
	parser->domain = domain;
	parser->root_bus = 0;
	parser->last_bus = 0;
	parser->depth = 0;
}

static const char *parse_line(struct parser *parser, char *line)
{
	unsigned int domain;
	char more;

	if (!line[strspn(line, " \t\r")] || *line == '#')
		return NULL;
	if (sscanf(line, "domain %x %c", &domain, &more) == 1) {
		begin_domain(parser, domain);
		return NULL;
	}
	line[strcspn(line, "\r")] = '\0';
	return parse_function(parser, line);
}

struct machine *fabric_read(const char *text, const char *path)
{
	struct parser parser = { .machine = machine_new() };
	char *copy = xstrdup(text), *rest = copy, *line;
	const char *wrong = NULL;
	int n = 0;

	while (!wrong && (line = strsep(&rest, "\n"))) {
		n++;
		wrong = parse_line(&parser, line);
	}
	free(copy);
	if (wrong) {
		warn("%s:%d: no function of a fabric: %s", path, n, wrong);
		machine_free(parser.machine);
		return NULL;
	}
	machine_connect(parser.machine);
	return parser.machine;
}

/* Its first line that is no comment has a name, a place and a kind */
bool fabric_is(const char *text)
{
	char name[64], place[8], kind[16];
	unsigned int devfn;
	bool is = false;

	while (*text == '#' || isspace((unsigned char)*text) || !strncmp(text, "domain ", 7)) {
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (sscanf(text, "%63s %7s %15s", name, place, kind) == 3)
		is = parse_devfn(place, &devfn) && find_kind(kind);
	return is;
}

static const char *kind_of(const struct function *function)
{
	size_t i;

	/* A root port may have the class of a host bridge */
	if (function->type == IOMMU_PCI_CONVENTIONAL && !function->is_bridge)
		return function->has_class && function->class >> 8 == 0x0600 ? "host" : "pci";
	if (function->type == PCI_EXP_TYPE_LEG_END)
		return "ep";
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (kinds[i].type == function->type)
			break;
	}
	if (i < ARRAY_SIZE(kinds) && function->type != IOMMU_PCI_CONVENTIONAL)
		return kinds[i].name;
	return function->is_bridge ? "pci2pci" : "pci";
}

static void write_letters(const char *word, unsigned int flags, FILE *out)
{
	size_t i;

	fprintf(out, " %s", word);
	for (i = 0; i < ARRAY_SIZE(letters); i++) {
		if (flags & letters[i].flag)
			fputc(letters[i].letter, out);
	}
}

/*
 * What the kernel finds out from the platform, or knows by an ID that a dump does not have, is
 * not in registers of a fabric
 */
static bool needs_acs(const struct function *function)
{
	return function->lacks.quirk && !function->lacks.missing &&
	       (function->lacks.assumed || !function->has_ids);
}

static void write_acs(const struct function *function, FILE *out)
{
	unsigned int cap = function->acs_cap & ISOLATING, ctl = function->acs_ctl & ISOLATING;

	if (needs_acs(function)) {
		fputs(" acs", out);
		return;
	}
	if (function->acs != ACS_READ)
		return;
	if (function->machine->acs_as_set)
		ctl |= cap;
	if (cap == ISOLATING && (ctl & cap) == cap)
		fputs(" acs", out);
	else if ((ctl & cap) == cap)
		write_letters("hard=", ISOLATING & ~cap, out);
	else
		write_letters("acs=", (ctl | ~cap) & ISOLATING, out);
	if (function->acs_cap & ENHANCED)
		fprintf(out, " enhanced=%s%s", function->acs_ctl & DSP_MT_RR ? "d" : "",
			function->acs_ctl & USP_MT_RR ? "u" : "");
	if (function->acs_ctl & PCI_ACS_EC && !function->machine->acs_as_set)
		fprintf(out, " egress=%02x", function->egress_redirects ? 0xff : 0);
}

/* The last digits of a domain of eight are enough */
static const char *name_in_fabric(const struct function *function)
{
	size_t len = strlen(function->name);

	return function->name + (len > MAX_NAME ? len - MAX_NAME : 0);
}

static void write_function(const struct function *function, unsigned int devfn, FILE *out)
{
	fprintf(out, "%s %02x.%x %s", name_in_fabric(function), devfn >> 3, devfn & 7,
		kind_of(function));
	/* An ID by which the kernel would ask the platform brings that to the tests */
	if (function->has_ids && !(function->lacks.quirk && function->lacks.assumed))
		fprintf(out, " id=%04x:%04x", function->vendor, function->device);
	write_acs(function, out);
	if (function->has_memory_bar && (function->is_bridge || !strcmp(kind_of(function), "host")))
		fputs(" bar", out);
	if (function->is_virtfn)
		fputs(" vf", out);
	if (function->leads_to_ari)
		fputs(" ari", out);
	fputc('\n', out);
}

/*
 * Virtual functions have places that no scan finds, and buses to which no bridge leads. A
 * fabric is scanned: there they take what is free of the device at the end of the link.
 */
static bool find_place(const struct function *function, unsigned int *devfn, unsigned int *next)
{
	const struct function *bridge = function->bridge;
	unsigned int end = bridge->leads_to_ari ? 256 : 8;

	*devfn = function->devfn;
	if (!function->is_virtfn || (function->bus == bridge->secondary && *devfn < end))
		return true;
	while (*next < end && machine_find(function->machine, bridge->domain, bridge->secondary,
					   *next))
		++*next;
	*devfn = (*next)++;
	return *devfn < end;
}

static void write_no_place(const struct function *function, FILE *out)
{
	fprintf(out, "# left out, for a fabric has no place for it, nor for what is below: %s\n",
		function->name);
}

static void write_below(const struct function *bridge, int depth, FILE *out)
{
	const struct function *function;
	unsigned int devfn, next = 0;

	for (function = bridge->below; function; function = function->beside) {
		if (depth == MAX_DEPTH || !find_place(function, &devfn, &next)) {
			write_no_place(function, out);
			continue;
		}
		fprintf(out, "%*s", 2 * depth, "");
		write_function(function, devfn, out);
		write_below(function, depth + 1, out);
	}
}

static void write_unknown(const struct machine *machine, FILE *out)
{
	const struct function *function;
	size_t i;

	if (machine->acs_as_set)
		fputs("# ACS was off everywhere: here it is as Linux sets it with an IOMMU\n", out);
	for (i = 0; i < machine->n; i++) {
		function = machine->function[i];
		if (function->bridge && function->bridge->left_out)
			fprintf(out, "# left out, for what it is below is not known: %s\n",
				function->name);
		else if (function->vmd)
			fprintf(out, "# left out, for it is behind VMD, which no fabric has: %s\n",
				function->name);
		else if (function->lacks.unknown)
			fprintf(out, "# not known of %s: %s\n", function->name,
				function->lacks.why);
	}
}

static bool is_first_of_root_bus(const struct machine *machine, size_t i)
{
	const struct function *function = machine->function[i];

	return !function->bridge && !function->vmd &&
	       (!i || machine->function[i - 1]->domain != function->domain ||
		machine->function[i - 1]->bus != function->bus);
}

void fabric_write(const struct machine *machine, FILE *out)
{
	const struct function *function;
	unsigned int domain = 0;
	size_t i;

	write_unknown(machine, out);
	for (i = 0; i < machine->n; i++) {
		function = machine->function[i];
		if (is_first_of_root_bus(machine, i)) {
			if (domain == MAX_HOSTS)
				break;
			if (domain++)
				fprintf(out, "domain %x\n", domain - 1);
		}
		if (function->bridge || function->vmd)
			continue;
		write_function(function, function->devfn, out);
		write_below(function, 1, out);
	}
	for (; i < machine->n; i++) {
		if (!machine->function[i]->bridge && !machine->function[i]->vmd)
			write_no_place(machine->function[i], out);
	}
}

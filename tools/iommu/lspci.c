// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: what lspci printed, as it is found in reports of bugs.
 *
 * Mailers quote it, wrap its lines and drop blanks, logs stand before and after it, it may
 * be cut, and be there twice with different options. So no line is relied on: all that is
 * said of a function, up to the next one or an empty line, is taken together as words, and
 * what is looked for in them is found wherever lines were broken. Of two that differ the
 * later counts. Lines of registers are handed to libpci, see config.c.
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <linux/pci_regs.h>

#include "iommu-group-isolation.h"
#include "lsiommu.h"
#include "machine.h"

#define CONFIG_SIZE	4096

static const char not_in_dump[] =
	"its capabilities are not in the dump (run lspci -vvv or -xxxx as root)";
static const char denied[] =
	"its capabilities are not in the dump (access denied: run lspci as root)";

/* At the end of words after which the text ended within a line */
#define CUT	0x04

/**
 * struct record - what is said of a function in one place
 * @machine: that it is of
 * @function: the function, NULL between records
 * @words: that follow its address, with single blanks
 * @len: their length
 * @room: for so many
 * @config: its registers, where they were printed
 * @has_line: is there a line of 16 of them?
 * @next: register that the next line goes on with, 0 if the last one was whole
 * @hex: for libpci, the registers of all functions
 * @n_lost: functions whose place a path does not tell
 * @n_others: functions that are not those which stood at their addresses before
 */
struct record {
	struct machine *machine;
	struct function *function;
	char *words;
	size_t len;
	size_t room;
	uint8_t config[CONFIG_SIZE];
	bool has_line[CONFIG_SIZE / 16];
	size_t next;
	FILE *hex;
	size_t n_lost;
	size_t n_others;
};

/* "     7\t", as cat -n numbers lines; its length, or 0 */
static size_t number_of_line(const char *line)
{
	size_t blanks = strspn(line, " "), digits = strspn(line + blanks, "0123456789");

	return digits && line[blanks + digits] == '\t' ? blanks + digits + 1 : 0;
}

/* "> " and ">> " of those who quote, "| " as well; what is left begins as the line did */
static char *unquoted(char *line)
{
	char *rest = line + number_of_line(line);

	while (*rest == '>' || *rest == '|' || (*rest == ' ' && rest > line && rest[1] == '>')) {
		rest++;
		if (*rest == ' ')
			rest++;
	}
	return rest;
}

static bool is_hex(const char *text, size_t n)
{
	for (; n; text++, n--) {
		if (!isxdigit((unsigned char)*text))
			return false;
	}
	return true;
}

/* "[DOMAIN:]BUS:SLOT.FUNCTION" at the beginning of a text; its length, or 0 */
static size_t parse_address(const char *text, struct address *address)
{
	size_t domain = strspn(text, "0123456789abcdefABCDEF");
	const char *rest = text;

	address->domain = 0;
	if (domain >= 4 && domain <= 8 && text[domain] == ':') {
		address->domain = strtoul(text, NULL, 16);
		rest += domain + 1;
	}
	if (!is_hex(rest, 2) || rest[2] != ':' || !is_hex(rest + 3, 2) || rest[5] != '.' ||
	    rest[6] < '0' || rest[6] > '7')
		return 0;
	address->bus = strtol(rest, NULL, 16);
	address->slot = strtol(rest + 3, NULL, 16);
	address->function = rest[6] - '0';
	return address->slot < 32 ? rest + 7 - text : 0;
}

static struct function *function_of(const struct machine *machine, const struct address *address)
{
	return machine_find(machine, address->domain, address->bus,
			    address->slot << 3 | address->function);
}

static void end_record(struct record *record);

/*
 * "SLOT.FUNCTION" by -P, below the bridge at an address; its length, or 0. Where the bus of
 * that is not known it is -1.
 */
static size_t parse_step(struct record *record, const char *text, struct address *address)
{
	const struct function *bridge;

	if (!is_hex(text, 2) || text[2] != '.' || text[3] < '0' || text[3] > '7')
		return 0;
	/* It may be the bridge */
	end_record(record);
	bridge = address->bus < 0 ? NULL : function_of(record->machine, address);
	address->bus = bridge && bridge->has_buses ? (int)bridge->secondary : -1;
	address->slot = strtol(text, NULL, 16);
	address->function = text[3] - '0';
	return address->slot < 32 ? 4 : 0;
}

/*
 * The beginning of a function, "ADDRESS CLASS: NAME", where CLASS is a name, a number or
 * both. With -P and -PP addresses of bridges precede it. Returns what follows, or NULL.
 */
static char *parse_head(struct record *record, char *line, struct address *address)
{
	size_t len = parse_address(line, address);

	while (len && line[len] == '/') {
		line += len + 1;
		len = parse_address(line, address) ?: parse_step(record, line, address);
	}
	line += len;
	if (!len || *line != ' ' || !strchr(line, ':'))
		return NULL;
	line++;
	return isalnum((unsigned char)*line) ? line : NULL;
}

/* "00: 86 80 ...", with two or three digits before the colon */
static bool is_registers(const char *line)
{
	size_t digits = strspn(line, "0123456789abcdef");

	return (digits == 2 || digits == 3) && line[digits] == ':' &&
	       line[digits - 1] == '0' && line[digits + 1] == ' ' &&
	       is_hex(line + digits + 2, 2) &&
	       strspn(line + digits + 1, "0123456789abcdef \r") == strlen(line + digits + 1);
}

static void add_words(struct record *record, const char *text)
{
	size_t len = strlen(text);

	if (record->len + len + 2 > record->room) {
		record->room = 2 * (record->len + len + 2);
		record->words = xrealloc(record->words, record->room, 1);
	}
	if (!record->len || record->words[record->len - 1] != ' ')
		record->words[record->len++] = ' ';
	for (; *text; text++) {
		if (!isspace((unsigned char)*text))
			record->words[record->len++] = *text;
		else if (record->words[record->len - 1] != ' ')
			record->words[record->len++] = ' ';
	}
	record->words[record->len] = '\0';
}

/* Behind the last of these words, or NULL */
static const char *after(const char *words, const char *wanted)
{
	const char *found = NULL, *next = words;

	while ((next = strstr(next, wanted)))
		found = next += strlen(wanted);
	return found;
}

/* The class is before the colon, "Host bridge [0600]" or "0600" */
static void parse_class(struct function *function, char *class)
{
	char *number = strrchr(class, '[');
	unsigned int value;

	if (number && sscanf(number, "[%4x]", &value) == 1) {
		*number = '\0';
		while (number > class && isspace((unsigned char)number[-1]))
			*--number = '\0';
	} else if (!is_hex(class, 4) || class[4] || sscanf(class, "%4x", &value) != 1) {
		value = 0;
	} else {
		*class = '\0';
	}
	if (value || number) {
		function->has_class = true;
		function->class = value << 8;
	}
	if (*class) {
		free(function->class_name);
		function->class_name = xstrdup(class);
	}
}

/* Without what follows the name in parentheses */
static void cut_at(char *text, const char *mark)
{
	char *found = strstr(text, mark);

	if (found)
		*found = '\0';
}

static void trim(char *text)
{
	size_t len = strlen(text);

	while (len && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
}

/* "Vendor Device [1234:5678]" or "1234:5678" */
static void parse_name(struct function *function, char *name)
{
	unsigned int vendor, device;
	char *ids;

	cut_at(name, " (rev ");
	cut_at(name, " (prog-if");
	trim(name);
	ids = strrchr(name, '[');
	if (ids && sscanf(ids, "[%4x:%4x]", &vendor, &device) == 2) {
		*ids = '\0';
		trim(name);
	} else if (strlen(name) != 9 || sscanf(name, "%4x:%4x", &vendor, &device) != 2) {
		vendor = 0;
	} else {
		*name = '\0';
	}
	if (vendor && vendor != 0xffff) {
		function->has_ids = true;
		function->vendor = vendor;
		function->device = device;
	}
	if (*name) {
		free(function->title);
		function->title = xstrdup(name);
	}
}

static bool is_named(const struct function *function, const char *class)
{
	return function->class_name && !strcasecmp(function->class_name, class);
}

/* A few that matter, where there is no number */
static void class_of_name(struct function *function)
{
	static const struct {
		const char *name;
		unsigned int class;
	} names[] = {
		{ "Host bridge", 0x0600 },
		{ "PCI bridge", 0x0604 },
		{ "CardBus bridge", 0x0607 },
		{ "Root Complex Event Collector", 0x0807 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names) && !function->has_class; i++) {
		if (is_named(function, names[i].name)) {
			function->has_class = true;
			function->class = names[i].class << 8;
		}
	}
}

/* Where the first line ends, which may have been wrapped; at the end where there are none */
static const char *details_of(const char *words)
{
	static const char *const details[] = {
		" Subsystem:", " Control:", " Flags:", " DeviceName:", " Capabilities:",
		" Kernel driver", " Kernel modules:", " Physical Slot:", " Bus:", " Region ",
		" Memory at ", " I/O ports at ", " Latency:", " Interrupt:", " NUMA node:",
		" IOMMU group:", " !!!",
	};
	const char *end = words + strlen(words), *found;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(details); i++) {
		found = strstr(words, details[i]);
		if (found && found < end)
			end = found;
	}
	return end;
}

static void parse_title(struct function *function, const char *words, size_t len)
{
	char *title = strndup(words, len), *class = title + strspn(title, " "), *name;

	/* A class has no colon, but a vendor's name may */
	name = strstr(class, ": ");
	if (name) {
		*name = '\0';
		parse_name(function, name + 2);
	}
	parse_class(function, class);
	class_of_name(function);
	free(title);
}

static const struct {
	const char *name;
	int type;
} types[] = {
	{ "Root Port", PCI_EXP_TYPE_ROOT_PORT },
	{ "Upstream Port", PCI_EXP_TYPE_UPSTREAM },
	{ "Downstream Port", PCI_EXP_TYPE_DOWNSTREAM },
	{ "PCI-Express to PCI/PCI-X Bridge", PCI_EXP_TYPE_PCI_BRIDGE },
	{ "PCI/PCI-X Bridge", PCI_EXP_TYPE_PCI_BRIDGE },	/* before pciutils 3.1 */
	{ "PCI/PCI-X to PCI-Express Bridge", PCI_EXP_TYPE_PCIE_BRIDGE },
	{ "Root Complex Integrated Endpoint", PCI_EXP_TYPE_RC_END },
	{ "Root Complex Event Collector", PCI_EXP_TYPE_RC_EC },
	{ "Endpoint", PCI_EXP_TYPE_ENDPOINT },
	{ "Legacy Endpoint", PCI_EXP_TYPE_LEG_END },
};

/* "Express (v2) Root Port (Slot+), ..." */
static void parse_express(struct function *function, const char *words)
{
	const char *type = after(words, "] Express ");
	size_t i;

	if (!type)
		return;
	if (*type == '(')
		type += strcspn(type, ")") + 1;
	type += strspn(type, " ");
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		if (!strncmp(type, types[i].name, strlen(types[i].name)))
			function->type = types[i].type;
	}
}

/* "SrcValid+ TransBlk- ...", false if one of them is cut off */
static bool parse_flags(const char *text, unsigned int *flags)
{
	static const char *const names[] = {
		"SrcValid", "TransBlk", "ReqRedir", "CmpltRedir", "UpstreamFwd", "EgressCtrl",
		"DirectTrans",
	};
	size_t i, len;

	*flags = 0;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		text += strspn(text, " ");
		len = strlen(names[i]);
		if (strncmp(text, names[i], len) || (text[len] != '+' && text[len] != '-'))
			return false;
		if (text[len] == '+')
			*flags |= 1u << i;
		text += len + 1;
	}
	return true;
}

/* "Capabilities: [150] #0d" by an lspci that knew nothing of ACS; below 0x100 it is another one */
static bool has_acs_by_number(const char *words)
{
	static const char number[] = "] #0d";
	const char *end = after(words, number), *at = end ? end - strlen(number) : NULL;

	return at && at - words > 3 && at[-4] == '[';
}

static void parse_acs(struct function *function, const char *words)
{
	const char *cap = after(words, " ACSCap:"), *ctl = after(words, " ACSCtl:");
	unsigned int cap_flags, ctl_flags;

	if (!cap && !ctl && !after(words, "Access Control Services") && !has_acs_by_number(words))
		return;
	if (function->acs != ACS_READ)
		function->acs = ACS_HALF_READ;
	if (!cap || !ctl || !parse_flags(cap, &cap_flags) || !parse_flags(ctl, &ctl_flags))
		return;
	function->acs = ACS_READ;
	function->acs_printed = true;
	function->acs_cap = cap_flags;
	function->acs_ctl = ctl_flags;
}

/* "Bus: primary=00, secondary=01, subordinate=02, ..." */
static void parse_buses(struct function *function, const char *words)
{
	const char *buses = after(words, " Bus: primary=");
	unsigned int secondary, subordinate;

	if (!buses || sscanf(buses, "%*2x, secondary=%2x, subordinate=%2x", &secondary,
			     &subordinate) != 2)
		return;
	function->is_bridge = true;
	function->has_buses = true;
	function->secondary = secondary;
	function->subordinate = subordinate;
}

static void parse_virtual_functions(struct function *function, const char *words)
{
	const char *number = after(words, " Number of VFs: ");
	const char *offset = after(words, " VF offset: ");

	if (!number || !offset)
		return;
	if (sscanf(offset, "%u, stride: %u", &function->vf_offset, &function->vf_stride) == 2)
		function->n_vfs = strtoul(number, NULL, 10);
}

static void parse_regions(struct function *function, const char *words)
{
	const char *region = words, *what;

	while ((region = strstr(region, " Region "))) {
		region += strlen(" Region ");
		what = region + strcspn(region, " ");
		function->has_bar = true;
		if (!strncmp(what, " Memory at", 10))
			function->has_memory_bar = true;
	}
	/* By lspci -v */
	if (strstr(words, " I/O ports at "))
		function->has_bar = true;
	if (strstr(words, " Memory at ")) {
		function->has_bar = true;
		function->has_memory_bar = true;
	}
}

/* A number that a kernel gave: in a line of its own, or in that of the flags by lspci -v */
static void parse_group(struct function *function, const char *words)
{
	const char *group = after(words, " IOMMU group: ") ?: after(words, ", IOMMU group ");

	if (group && isdigit((unsigned char)*group))
		function->told_group = strtol(group, NULL, 10);
}

static void parse_driver(struct function *function, const char *words)
{
	const char *driver = after(words, " Kernel driver in use: ");

	if (!driver)
		return;
	free(function->driver);
	function->driver = strndup(driver, strcspn(driver, " "));
}

/* The data of a device may have what ends a text, and with it the capabilities behind them */
static bool is_cut(const char *words)
{
	const char *data = after(words, " Vital Product Data");

	if (words[strlen(words) - 1] == CUT)
		return true;
	return data && after(words, " Product Name:") && !strstr(data, " End") &&
	       !strstr(data, " Capabilities:");
}

/* Or would they have been printed? lspci -k prints details as well, and none of these */
static bool has_capabilities(const struct function *function, const char *words)
{
	if (after(words, " Capabilities: ["))
		return true;
	/* Of a bridge there are some, as good as always */
	if (after(words, " Status: Cap+") || (function->is_bridge && !after(words, " Flags: ")))
		return after(words, " Status: Cap-");
	return after(words, " Status: Cap-") || after(words, " Flags: ") || function->has_bar;
}

static void parse_capabilities(struct function *function, const char *words)
{
	if (after(words, "<access denied>")) {
		function->unread = denied;
		return;
	}
	if (after(words, "Unknown header type 7f")) {
		function->unread = ASLEEP;
		return;
	}
	function->unread = not_in_dump;
	if (!has_capabilities(function, words))
		return;
	function->has_details = true;
	if (is_cut(words)) {
		function->unread = "its capabilities are cut off in the dump";
		return;
	}
	if (after(words, "<chain broken>") || after(words, "<chain looped>")) {
		function->unread = "its list of capabilities is broken";
		return;
	}
	function->unread = NULL;
	if (function->type == TYPE_UNKNOWN && after(words, "] Express "))
		function->unread = "its type is not in the dump (lspci did not know it)";
	else if (function->type == TYPE_UNKNOWN)
		function->type = IOMMU_PCI_CONVENTIONAL;
	if (function->acs == ACS_NOT_READ)
		function->acs = ACS_ABSENT;
}

/* In DevCtl2, of what is below a port */
static void parse_ari(struct function *function, const char *words)
{
	const char *control = after(words, " DevCtl2:");

	if (control && strstr(control, " ARIFwd+"))
		function->leads_to_ari = true;
}

static void parse_details(struct function *function, const char *words)
{
	parse_express(function, words);
	parse_buses(function, words);
	parse_acs(function, words);
	parse_regions(function, words);
	parse_capabilities(function, words);
	parse_ari(function, words);
	parse_virtual_functions(function, words);
	parse_group(function, words);
	parse_driver(function, words);
}

/* As much of it as libpci reads at once: the header, what is below 0x100, or all */
static size_t size_of_config(const struct record *record)
{
	size_t line = CONFIG_SIZE / 16;

	while (line && !record->has_line[line - 1])
		line--;
	if (line > 16)
		return CONFIG_SIZE;
	if (line > 4)
		return 256;
	return line ? 64 : 0;
}

static bool has_lines(const struct record *record, size_t size)
{
	size_t line = 0;

	while (line < size / 16 && record->has_line[line])
		line++;
	return line == size / 16;
}

/* As libpci reads them. Lines that are missing are zeros; what might be there is not known */
static void write_registers(struct record *record)
{
	struct function *function = record->function;
	size_t size = size_of_config(record), i;

	fprintf(record->hex, "%04x:%02x:%02x.%x -\n", function->domain, function->bus,
		function->devfn >> 3, function->devfn & 7);
	for (i = 0; i < size; i++) {
		if (i % 16 == 0)
			fprintf(record->hex, "%02zx:", i);
		fprintf(record->hex, " %02x%s", record->has_line[i / 16] ? record->config[i] : 0,
			i % 16 == 15 ? "\n" : "");
	}
	fputc('\n', record->hex);
	function->has_gaps = !has_lines(record, size);
	/* For paths, before libpci reads the rest */
	if ((record->config[PCI_HEADER_TYPE] & 0x7f) == PCI_HEADER_TYPE_BRIDGE) {
		function->has_buses = true;
		function->secondary = record->config[PCI_SECONDARY_BUS];
	}
}

static void take_registers(struct record *record)
{
	/* Without a whole header the rest tells nothing */
	if (has_lines(record, 64))
		write_registers(record);
	memset(record->config, 0, sizeof(record->config));
	memset(record->has_line, 0, sizeof(record->has_line));
	record->next = 0;
}

/*
 * Is what was there before another one, of another machine or another day? A name may be
 * worded otherwise by another list of IDs, a class is not.
 */
static bool is_another(const struct function *before, const struct function *function)
{
	if (before->has_ids && function->has_ids)
		return before->vendor != function->vendor || before->device != function->device;
	return before->class_name && function->class_name &&
	       strcasecmp(before->class_name, function->class_name);
}

static void take_title(struct record *record, const char *words, size_t len)
{
	struct function *function = record->function, title = {};

	parse_title(&title, words, len);
	if (is_another(function, &title)) {
		function_forget(function);
		record->n_others++;
	}
	free(title.title);
	free(title.class_name);
	parse_title(function, words, len);
}

static void end_record(struct record *record)
{
	struct function *function = record->function;
	const char *words = record->words, *details;

	if (!function)
		return;
	details = details_of(words);
	take_title(record, words, details - words);
	if (*details)
		parse_details(function, details);
	take_registers(record);
	record->function = NULL;
	record->len = 0;
}

static void begin_record(struct record *record, const struct address *address, const char *rest)
{
	end_record(record);
	if (address->bus < 0) {
		record->n_lost++;
		return;
	}
	record->function = machine_at(record->machine, address->domain, address->bus,
				      address->slot << 3 | address->function);
	add_words(record, rest);
}

/* What is behind the colon, or the rest of that where a line was wrapped */
static void add_bytes(struct record *record, const char *bytes)
{
	size_t at = record->next;
	char *rest = (char *)bytes;

	do {
		rest += strspn(rest, " ");
		if (!is_hex(rest, 2)) {
			record->next = at;
			return;
		}
		record->config[at++] = strtoul(rest, &rest, 16);
	} while (at % 16);
	record->has_line[at / 16 - 1] = true;
	record->next = 0;
}

/* "40: 01 02 ..." */
static void add_registers(struct record *record, const char *line)
{
	char *rest;

	record->next = strtoul(line, &rest, 16);
	if (record->next < CONFIG_SIZE && record->next % 16 == 0)
		add_bytes(record, rest + 1);
	else
		record->next = 0;
}

/* "01 02 ...", after a line that was not whole */
static bool is_rest_of_registers(const struct record *record, const char *line)
{
	return record->next && is_hex(line, 2) && (line[2] == ' ' || !line[2]) &&
	       !line[strspn(line, "0123456789abcdef ")];
}

/* In the kernel's log: "pci 0000:00:01.0: Adding to iommu group 2" */
static void parse_log(const struct machine *machine, const char *line)
{
	const char *found = strstr(line, ": Adding to iommu group "), *start = found;
	struct address address;
	struct function *function;

	if (!found)
		return;
	while (start > line && start[-1] != ' ')
		start--;
	if (!parse_address(start, &address))
		return;
	function = function_of(machine, &address);
	if (function)
		function->told_group = strtol(found + strlen(": Adding to iommu group "), NULL, 10);
}

static void parse_line(struct record *record, char *line)
{
	struct address address;
	char *rest, *text;

	line = unquoted(line);
	line[strcspn(line, "\r")] = '\0';
	text = line + strspn(line, " \t");
	if (!*text) {
		end_record(record);
		return;
	}
	if (*line == '#')
		return;
	rest = parse_head(record, text, &address);
	if (rest)
		begin_record(record, &address, rest);
	else if (record->function && is_registers(text))
		add_registers(record, text);
	else if (record->function && is_rest_of_registers(record, text))
		add_bytes(record, text);
	else if (record->function)
		add_words(record, text);
}

/* A log may be of another boot, whose numbers are others: it counts where lspci tells none */
static void parse_logs(const struct machine *machine, char *text)
{
	char *line;
	size_t i;

	for (i = 0; i < machine->n; i++) {
		if (machine->function[i]->told_group != NO_GROUP)
			return;
	}
	while ((line = strsep(&text, "\n")))
		parse_log(machine, line);
}

/*
 * Where most functions have details, those without had none that were worth a line. Where
 * few have, the others were only listed. Of a bridge nothing is supposed.
 */
static void settle_listed(struct machine *machine)
{
	struct function *function;
	size_t i, n = 0;

	for (i = 0; i < machine->n; i++)
		n += machine->function[i]->has_details;
	for (i = 0; i < machine->n; i++) {
		function = machine->function[i];
		if (function->type != TYPE_UNKNOWN || function->has_details ||
		    (function->unread && function->unread != not_in_dump))
			continue;
		function->unread = not_in_dump;
		if (2 * n < machine->n || (function->has_class && function->class >> 8 == 0x0604))
			continue;
		function->unread = NULL;
		function->type = IOMMU_PCI_CONVENTIONAL;
		function->acs = ACS_ABSENT;
	}
}

static void print_losses(const struct record *record)
{
	if (record->n_lost)
		warn("%zu functions are left out: %s", record->n_lost,
		     "of paths by -P their buses are not known; make the dump with -PP, or with -vvv");
	if (record->n_others)
		warn("%zu functions are there twice, and are not the same: %s", record->n_others,
		     "the later counts; if these are two machines, take them apart");
}

/* In memory, for libpci reads what has a name */
static FILE *new_file(void)
{
	int fd = memfd_create("lsiommu", MFD_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

	if (file)
		return file;
	warn("registers cannot be kept: %s", strerror(errno));
	exit(STATUS_ERROR);
}

struct machine *lspci_read(const char *text)
{
	struct record record = { .machine = machine_new(), .hex = new_file() };
	char *copy = xstrdup(text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		parse_line(&record, line);
		if (!rest && *line && record.function)
			add_words(&record, (char[]){ CUT, '\0' });
	}
	end_record(&record);
	free(record.words);
	free(copy);
	print_losses(&record);
	if (!record.machine->n) {
		machine_free(record.machine);
		fclose(record.hex);
		return NULL;
	}
	copy = xstrdup(text);
	parse_logs(record.machine, copy);
	free(copy);
	fflush(record.hex);
	config_read_hex(record.machine, record.hex);
	fclose(record.hex);
	settle_listed(record.machine);
	record.machine->acs_as_set = acs_is_off(record.machine);
	machine_connect(record.machine);
	return record.machine;
}

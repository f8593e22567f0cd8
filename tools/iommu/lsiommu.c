// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: IOMMU groups, their devices, why these share them, and whether they can be
 * given to a guest.
 *
 *	lsiommu.c	what was asked for
 *	groups.c	the groups as sysfs has them; files.c reads that
 *	none.c		why there are no groups, and what is in none of them
 *
 *	machine.c	the functions of a machine, and who is below whom
 *	config.c	from their registers
 *	dump.c		from a file: lspci.c of what lspci printed, fabric.c of a fabric
 *	acs.c		what their ACS lacks; quirks.c what the kernel knows by IDs
 *	rule.c		the kernel's rule applied to them; legacy.c that of Linux 6.12
 *	audit.c		are the groups right?
 *	diff.c		what has changed?
 *
 *	select.c	which devices are shown; address.c their addresses in all usual forms
 *	columns.c	columns, which are JSON's fields too, and what they have in them
 *	facts.c		what is read only if it is shown
 *	common.c	a reason that all devices of a group have
 *	names.c		names of devices, and sentences with them
 *	table.c		what is shown, as a tree, a list, or for scripts
 *	fit.c		as wide as the terminal
 *	list-json.c	the same as JSON, which json.c writes
 *	dot.c		the same as a picture
 *
 *	check.c		can they be given away? What stands in the way? See check.h
 *	watch.c		what becomes of groups
 *	parts.c		what belongs together
 *	alloc.c		memory and messages
 */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "machine.h"

struct request {
	const char *sysroot;
	const char *ids;
	const char *dump;
	const char *policy;
	const char *diff;
	bool fabric;
	bool audit;
	bool check;
	bool watch;
	char **devices;
	int n_devices;
	int of_list;		/* an option that only a list has, 0 for none */
	struct options options;
};

static void print_help(FILE *out)
{
	fputs("Usage: lsiommu [OPTION]... [DEVICE]...\n"
	      "       lsiommu --check [-J] DEVICE...\n"
	      "       lsiommu --watch\n"
	      "List IOMMU groups, their devices, and why these share them: all groups, or those\n"
	      "of DEVICEs.\n\n"
	      "  -o, --output COLUMN,...  show these columns, see below; +COLUMN,... beside the usual\n"
	      "  -O, --output-all         show all columns\n"
	      "  -w, --width NUMBER       as for a screen of that many columns\n"
	      "  -l, --list               a line for each device, no tree\n"
	      "  -J, --json               as JSON; --watch has an object a line\n"
	      "      --dot                as a picture, for GraphViz: lsiommu --dot | dot -Tsvg\n"
	      "  -P, --pairs              as KEY=\"value\" pairs\n"
	      "  -r, --raw                as words, with blanks escaped; empty cells are empty,\n"
	      "                           which scripts can tell in -P and -J alone\n"
	      "  -n, --noheadings         without a line of headings\n"
	      "  -a, --ascii              draw the tree with ASCII characters\n\n"
	      "Only devices that these select; each takes a list with commas, and may be repeated:\n"
	      "  -g, --group NUMBER       in this group\n"
	      "  -s, --slot SLOT          address as for lspci: [[[[DOMAIN]:]BUS]:][SLOT][.[FUNCTION]]\n"
	      "  -d, --ids VENDOR:DEVICE  IDs as for lspci: [VENDOR]:[DEVICE][:CLASS[:PROG-IF]]\n"
	      "  -c, --class CLASS        of a class: first digits of its number, or a part of its name\n"
	      "  -k, --driver DRIVER      bound to this driver, or to \"none\"\n\n"
	      "      --check              can DEVICEs be given to a guest together? If not, what\n"
	      "                           stands in the way, and which commands change it?\n"
	      "      --watch              print what becomes of groups, as it happens\n"
	      "      --dump FILE          of what lspci printed on another machine, best as root\n"
	      "                           by lspci -nnvvvxxxx; - for standard input\n"
	      "      --policy POLICY      what the groups would be by standard, strict or legacy,\n"
	      "                           which is that of Linux 6.12; of a dump standard unless told\n"
	      "      --audit              are the groups right? Which are not safe, which are larger\n"
	      "                           than they need be, and who is within reach of whom?\n"
	      "      --diff FILE          what has changed since FILE: printed by -J, a dump, or a\n"
	      "                           copy of /sys\n"
	      "      --fabric             print the machine as the kernel's tests have it\n"
	      "      --sysroot DIR        read copies of /sys and /proc in DIR; or DIR is that of /sys\n"
	      "  -i, --pci-ids FILE       take names from this file\n"
	      "  -h, --help               this\n"
	      "  -V, --version            the version\n\n"
	      "Columns:\n", out);
	columns_help(out);
	fputs("\nThe exit status is 0 if all is well, 1 if nothing is selected, DEVICEs cannot be\n"
	      "given away as things are, --audit finds what is not safe or --diff a difference,\n"
	      "and 2 if something is wrong.\n", out);
}

static const char *const policies[] = {
	[POLICY_STANDARD] = "standard",
	[POLICY_STRICT] = "strict",
	[POLICY_LEGACY] = "legacy",
};

static enum policy policy_of(const char *name)
{
	enum policy policy = 0;

	while (policy < ARRAY_SIZE(policies) && strcmp(policies[policy], name))
		policy++;
	return policy;
}

static bool is_policy(const char *name)
{
	if (policy_of(name) < ARRAY_SIZE(policies))
		return true;
	warn("%s is none of the policies standard, strict and legacy", name);
	return false;
}

enum long_option {
	OPTION_CHECK = 256,
	OPTION_WATCH,
	OPTION_SYSROOT,
	OPTION_DUMP,
	OPTION_POLICY,
	OPTION_FABRIC,
	OPTION_AUDIT,
	OPTION_DIFF,
	OPTION_DOT,
};

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "output-all", no_argument, NULL, 'O' },
	{ "width", required_argument, NULL, 'w' },
	{ "list", no_argument, NULL, 'l' },
	{ "json", no_argument, NULL, 'J' },
	{ "pairs", no_argument, NULL, 'P' },
	{ "raw", no_argument, NULL, 'r' },
	{ "dot", no_argument, NULL, OPTION_DOT },
	{ "noheadings", no_argument, NULL, 'n' },
	{ "ascii", no_argument, NULL, 'a' },
	{ "group", required_argument, NULL, 'g' },
	{ "slot", required_argument, NULL, 's' },
	{ "ids", required_argument, NULL, 'd' },
	{ "class", required_argument, NULL, 'c' },
	{ "driver", required_argument, NULL, 'k' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "watch", no_argument, NULL, OPTION_WATCH },
	{ "sysroot", required_argument, NULL, OPTION_SYSROOT },
	{ "dump", required_argument, NULL, OPTION_DUMP },
	{ "policy", required_argument, NULL, OPTION_POLICY },
	{ "audit", no_argument, NULL, OPTION_AUDIT },
	{ "diff", required_argument, NULL, OPTION_DIFF },
	{ "fabric", no_argument, NULL, OPTION_FABRIC },
	{ "pci-ids", required_argument, NULL, 'i' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

static const char *name_of_option(int value)
{
	const struct option *option = long_options;

	while (option->val != value)
		option++;
	return option->name;
}

static bool refuse_both(int one, int other)
{
	warn("--%s and --%s do not go together", name_of_option(one), name_of_option(other));
	return false;
}

static bool set_format(struct options *options, enum format format, int option)
{
	static int before;

	if (before && before != option)
		return refuse_both(before, option);
	before = option;
	options->format = format;
	return true;
}

static bool parse_width(struct options *options, const char *text)
{
	char *end;
	unsigned long width = strtoul(text, &end, 10);

	if (*end || width < 1 || width > USHRT_MAX || !isdigit(*text)) {
		warn("'%s' is no width of a screen, as in 80", text);
		return false;
	}
	options->width = width;
	return true;
}

/* Those of which and how devices are listed */
static bool is_of_list(int option)
{
	return option == OPTION_DOT || (option < OPTION_CHECK && strchr("oOwlJPrnagsdck", option));
}

/* What was to be printed may not have been, as on a full disk */
static enum status close_output(enum status status)
{
	if (!ferror(stdout) && !fclose(stdout))
		return status;
	warn("the output could not be written: %s", strerror(errno));
	return STATUS_ERROR;
}

/* False, and a message, if it cannot be understood */
static bool take_option(struct request *request, int option)
{
	struct options *options = &request->options;

	if (optarg && !*optarg) {
		warn("--%s needs something that is not empty", name_of_option(option));
		return false;
	}
	switch (option) {
	case 'o':
		options->columns = optarg;
		return true;
	case 'O':
		options->all_columns = true;
		return true;
	case 'w':
		return parse_width(options, optarg);
	case OPTION_DOT:
		return set_format(options, FORMAT_DOT, option);
	case 'l':
		return set_format(options, FORMAT_LIST, option);
	case 'J':
		return set_format(options, FORMAT_JSON, option);
	case 'P':
		return set_format(options, FORMAT_PAIRS, option);
	case 'r':
		return set_format(options, FORMAT_RAW, option);
	case 'n':
		options->headings = false;
		return true;
	case 'a':
		options->ascii = true;
		return true;
	case 'g':
	case 's':
	case 'd':
	case 'c':
	case 'k':
		return select_by(&options->selection, option, optarg);
	case OPTION_CHECK:
		request->check = true;
		return true;
	case OPTION_WATCH:
		request->watch = true;
		return true;
	case OPTION_SYSROOT:
		request->sysroot = optarg;
		return true;
	case OPTION_DUMP:
		request->dump = optarg;
		return true;
	case OPTION_POLICY:
		request->policy = optarg;
		return is_policy(optarg);
	case OPTION_AUDIT:
		request->audit = true;
		return true;
	case OPTION_DIFF:
		request->diff = optarg;
		return true;
	case OPTION_FABRIC:
		request->fabric = true;
		return true;
	case 'i':
		request->ids = optarg;
		return true;
	case 'h':
		print_help(stdout);
		exit(close_output(STATUS_OK));
	case 'V':
		puts("lsiommu " LSIOMMU_VERSION);
		exit(close_output(STATUS_OK));
	default:
		return false;
	}
}

static bool was_given(const struct request *request, int option)
{
	switch (option) {
	case OPTION_CHECK:
		return request->check;
	case OPTION_WATCH:
		return request->watch;
	case OPTION_AUDIT:
		return request->audit;
	case OPTION_DIFF:
		return request->diff;
	case OPTION_FABRIC:
		return request->fabric;
	case OPTION_DUMP:
		return request->dump;
	case OPTION_POLICY:
		return request->policy;
	case OPTION_SYSROOT:
		return request->sysroot;
	default:
		return request->ids;
	}
}

/* What would be done without */
static bool go_together(const struct request *request)
{
	static const struct { int one, other; } never[] = {
		{ OPTION_CHECK, OPTION_WATCH }, { OPTION_CHECK, OPTION_AUDIT },
		{ OPTION_CHECK, OPTION_DIFF }, { OPTION_CHECK, OPTION_FABRIC },
		{ OPTION_CHECK, OPTION_DUMP }, { OPTION_CHECK, OPTION_POLICY },
		{ OPTION_WATCH, OPTION_AUDIT }, { OPTION_WATCH, OPTION_DIFF },
		{ OPTION_WATCH, OPTION_FABRIC }, { OPTION_WATCH, OPTION_DUMP },
		{ OPTION_WATCH, OPTION_POLICY }, { OPTION_WATCH, OPTION_SYSROOT },
		{ OPTION_WATCH, 'i' }, { OPTION_AUDIT, OPTION_DIFF },
		{ OPTION_AUDIT, OPTION_FABRIC }, { OPTION_AUDIT, OPTION_POLICY },
		{ OPTION_DIFF, OPTION_FABRIC }, { OPTION_FABRIC, OPTION_POLICY },
		{ OPTION_DUMP, OPTION_SYSROOT },
	};
	static const int without_list[] = {
		OPTION_CHECK, OPTION_AUDIT, OPTION_DIFF, OPTION_FABRIC,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(never); i++) {
		if (was_given(request, never[i].one) && was_given(request, never[i].other))
			return refuse_both(never[i].one, never[i].other);
	}
	for (i = 0; i < ARRAY_SIZE(without_list); i++) {
		/* Which --check has too */
		if (request->of_list == 'J' && without_list[i] == OPTION_CHECK)
			continue;
		if (request->of_list && was_given(request, without_list[i]))
			return refuse_both(without_list[i], request->of_list);
	}
	if (request->watch && request->of_list && request->of_list != 'J')
		return refuse_both(OPTION_WATCH, request->of_list);
	if (request->options.format == FORMAT_DOT && request->options.columns)
		return refuse_both(OPTION_DOT, 'o');
	return true;
}

static bool has_right_devices(const struct request *request)
{
	static const int alone[] = { OPTION_WATCH, OPTION_AUDIT, OPTION_DIFF, OPTION_FABRIC };
	size_t i;

	if (request->check) {
		if (!request->n_devices)
			warn("--check needs DEVICEs, as in 0000:03:00.0");
		return request->n_devices;
	}
	for (i = 0; request->n_devices && i < ARRAY_SIZE(alone); i++) {
		if (!was_given(request, alone[i]))
			continue;
		warn("--%s takes no DEVICE, but here is %s: leave it out", name_of_option(alone[i]),
		     request->devices[0]);
		return false;
	}
	return true;
}

static bool parse(struct request *request, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:Ow:lJPrnag:s:d:c:k:i:hV", long_options,
				     NULL)) >= 0) {
		if (!take_option(request, option))
			return false;
		/* --json, which others have too, is no reason to refuse beside another one */
		if (is_of_list(option) && (option != 'J' || !request->of_list))
			request->of_list = option;
	}
	request->devices = argv + optind;
	request->n_devices = argc - optind;
	/* With one that is too much, what it was meant for matters first */
	if (request->n_devices && !has_right_devices(request))
		return false;
	return go_together(request) && has_right_devices(request);
}

static enum status print_groups(const struct groups *groups, const struct options *options)
{
	switch (options->format) {
	case FORMAT_JSON:
		return list_json(groups, options);
	case FORMAT_DOT:
		return list_dot(groups, &options->selection);
	default:
		return table_print(groups, options);
	}
}

/* @names: of devices whose groups are shown, none for all */
static enum status list(const struct groups *groups, const struct request *request,
			char **names, int n)
{
	struct options options = request->options;
	struct selection *selection = &options.selection;
	enum status status;

	selection->devices = select_devices(groups, names, n);
	selection->n_devices = n;
	if (!selection->devices)
		return STATUS_ERROR;
	status = print_groups(groups, &options);
	/* Programs read groups alone; where a group was asked for, others are of no interest */
	if (status != STATUS_ERROR && options.format == FORMAT_TREE && !options.columns &&
	    print_ungrouped(groups, selection))
		status = STATUS_OK;
	free(selection->devices);
	return status;
}

/* Those of a machine, and not those that a kernel has formed */
static bool is_of_machine(const struct request *request)
{
	return request->dump || request->policy || request->fabric;
}

static struct machine *read_machine(const struct request *request)
{
	struct machine *machine;
	char *sysfs;

	if (request->dump)
		return dump_read(request->dump);
	sysfs = sysfs_of(request->sysroot ?: "/");
	machine = config_read_sysfs(sysfs);
	free(sysfs);
	return machine;
}

static void print_basis(const struct machine *machine)
{
	if (machine->acs_as_set)
		warn("%s",
		     "ACS is off everywhere in this dump, as without an IOMMU; the groups are as Linux sets it where there is one");
	if (!names_are_known() && !machine_has_ids(machine))
		warn("%s",
		     "this dump has names and no IDs, and there is no list of IDs: quirks of the kernel are not known; install pci.ids, or make it by lspci -nnvvv");
}

static enum status answer(const struct request *request, const struct groups *groups)
{
	enum policy policy = policy_of(request->policy ?: "standard");
	int n = request->n_devices;
	enum status status;
	char **names;

	if (request->diff)
		return diff(groups, request->diff, policy);
	names = devices_named(groups, request->devices, &n);
	if (request->check)
		status = check(groups, names, n, request->options.format == FORMAT_JSON);
	else
		status = list(groups, request, names, n);
	free(names);
	return groups->is_partial ? STATUS_ERROR : status;
}

static enum status audit_dump(const struct machine *machine)
{
	struct groups *told = rule_told(machine);
	enum status status;

	if (!told) {
		warn("%s",
		     "the dump does not tell the groups of its kernel; lspci -v does, from version 3.8 on, and so does the kernel's log");
		return STATUS_ERROR;
	}
	status = audit(machine, told);
	groups_free(told);
	return status;
}

static enum status show_machine(const struct request *request, const struct machine *machine)
{
	struct groups *groups;
	enum status status;

	if (request->fabric) {
		fabric_write(machine, stdout);
		return STATUS_OK;
	}
	print_basis(machine);
	if (request->audit)
		return audit_dump(machine);
	groups = rule_groups(machine, policy_of(request->policy ?: "standard"));
	status = answer(request, groups);
	groups_free(groups);
	return status;
}

static enum status run_on_machine(const struct request *request)
{
	struct machine *machine = read_machine(request);
	enum status status;

	if (!machine)
		return STATUS_ERROR;
	status = show_machine(request, machine);
	machine_free(machine);
	return status;
}

/* Where the kernel does not tell why devices share groups, or where that is to be checked */
static bool needs_machine(const struct request *request, const struct groups *groups)
{
	const struct device *dev;
	size_t i, j;

	if (request->audit)
		return true;
	for (i = 0; i < groups->n; i++) {
		for (j = 0; j < groups->group[i]->n; j++) {
			dev = groups->group[i]->devices[j];
			if (dev->is_pci && !dev->cause)
				return true;
		}
	}
	return false;
}

/* Of this machine the kernel shows them to root alone; of a copy whoever may read the files */
static bool may_read_registers(const struct request *request)
{
	if (request->sysroot || !geteuid())
		return true;
	warn("why devices share groups is in registers that only root reads: run lsiommu as root");
	return false;
}

static enum status show_groups(const struct request *request, struct groups *groups)
{
	struct machine *machine = NULL;
	enum status status;

	if (needs_machine(request, groups) && may_read_registers(request))
		machine = read_machine(request);
	if (machine)
		rule_explain(machine, groups);
	if (request->audit && !machine)
		status = STATUS_ERROR;
	else if (request->audit)
		status = audit(machine, groups);
	else
		status = answer(request, groups);
	machine_free(machine);
	return status;
}

static enum status run_on_groups(const struct request *request)
{
	struct groups *groups = groups_read(request->sysroot ?: "/");
	enum status status;

	if (!groups)
		return STATUS_ERROR;
	status = show_groups(request, groups);
	groups_free(groups);
	return status;
}

static enum status run(const struct request *request)
{
	enum status status;

	if (request->watch)
		return watch(request->options.format == FORMAT_JSON);
	if (!names_open(request->ids))
		return STATUS_ERROR;
	status = is_of_machine(request) ? run_on_machine(request) : run_on_groups(request);
	names_close();
	return status;
}

int main(int argc, char **argv)
{
	struct request request = {
		.options = {
			.headings = true,
		},
	};
	enum status status;

	setlocale(LC_ALL, "");
	request.options.ascii = strcmp(nl_langinfo(CODESET), "UTF-8");
	if (parse(&request, argc, argv)) {
		status = run(&request);
	} else {
		fputs("Try 'lsiommu --help'.\n", stderr);
		status = STATUS_ERROR;
	}
	selection_free(&request.options.selection);
	return close_output(status);
}

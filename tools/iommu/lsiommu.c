// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: IOMMU groups, their devices, why these share them, and whether they can be
 * given to a guest.
 *
 *	lsiommu.c	what was asked for
 *	groups.c	the groups as sysfs has them
 *	select.c	which of their devices are shown
 *	names.c		names of devices, and sentences with them
 *	table.c		what is shown, as a tree, a list, JSON, or for scripts
 *	check.c		can they be given away? What stands in the way?
 *	watch.c		what becomes of groups
 *	alloc.c		memory and messages
 */

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "lsiommu.h"

#ifndef VERSION
#define VERSION	"unknown"
#endif

struct request {
	const char *sysroot;
	const char *ids;
	bool check;
	bool watch;
	int of_list;		/* an option that only a list has, 0 for none */
	struct options options;
};

static void print_help(FILE *out)
{
	fputs("Usage: lsiommu [OPTION]...\n"
	      "       lsiommu --check DEVICE...\n"
	      "       lsiommu --watch\n"
	      "List IOMMU groups, their devices, and why these share them.\n\n"
	      "  -o, --output COLUMN,...  show these columns, see below\n"
	      "  -l, --list               a line for each device, no tree\n"
	      "  -J, --json               as JSON\n"
	      "  -P, --pairs              as KEY=\"value\" pairs\n"
	      "  -r, --raw                as words, with blanks escaped; empty cells are empty,\n"
	      "                           which scripts can tell in -P and -J alone\n"
	      "  -n, --noheadings         without a line of headings\n"
	      "  -a, --ascii              draw the tree with ASCII characters\n\n"
	      "  -g, --group NUMBER       of this group alone\n"
	      "  -s, --slot SLOT          address as for lspci: [[[[DOMAIN]:]BUS]:][SLOT][.[FUNCTION]]\n"
	      "  -c, --class CLASS        of a class: first digits of its number, or a part of its name\n"
	      "  -k, --driver DRIVER      bound to this driver, or to \"none\"\n\n"
	      "      --check              can DEVICEs be given to a guest together? If not, what\n"
	      "                           stands in the way, and which commands change it?\n"
	      "      --watch              print what becomes of groups, as it happens\n"
	      "      --sysroot DIR        read a copy of /sys: DIR/sys, or DIR itself\n"
	      "  -i, --pci-ids FILE       take names from this file\n"
	      "  -h, --help               this\n"
	      "  -V, --version            the version\n\n"
	      "Columns:\n", out);
	table_help(out);
	fputs("\nThe exit status is 0 if all is well, 1 if nothing is selected or DEVICEs\n"
	      "cannot be given away as things are, and 2 if something is wrong.\n", out);
}

static bool parse_group(struct selection *selection, const char *text)
{
	char *end;
	long id = strtol(text, &end, 10);

	if (*end || end == text || id < 0 || id > INT_MAX) {
		warn("%s is no number of a group", text);
		return false;
	}
	selection->group = id;
	return true;
}

static bool parse_slot(struct selection *selection, const char *text)
{
	if (select_slot(selection, text))
		return true;
	warn("%s is no address of a device, as in 0000:03:00.0, 03:00.0 or 03:", text);
	return false;
}

enum long_option {
	OPTION_CHECK = 256,
	OPTION_WATCH,
	OPTION_SYSROOT,
};

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "list", no_argument, NULL, 'l' },
	{ "json", no_argument, NULL, 'J' },
	{ "pairs", no_argument, NULL, 'P' },
	{ "raw", no_argument, NULL, 'r' },
	{ "noheadings", no_argument, NULL, 'n' },
	{ "ascii", no_argument, NULL, 'a' },
	{ "group", required_argument, NULL, 'g' },
	{ "slot", required_argument, NULL, 's' },
	{ "class", required_argument, NULL, 'c' },
	{ "driver", required_argument, NULL, 'k' },
	{ "check", no_argument, NULL, OPTION_CHECK },
	{ "watch", no_argument, NULL, OPTION_WATCH },
	{ "sysroot", required_argument, NULL, OPTION_SYSROOT },
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

/* Those of which and how devices are listed */
static bool is_of_list(int option)
{
	return option < OPTION_CHECK && strchr("olJPrnagsck", option);
}

/* False, and a message, if it cannot be understood */
static bool take_option(struct request *request, int option)
{
	struct options *options = &request->options;

	switch (option) {
	case 'o':
		options->columns = optarg;
		return true;
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
		return parse_group(&options->selection, optarg);
	case 's':
		return parse_slot(&options->selection, optarg);
	case 'c':
		options->selection.class = optarg;
		return true;
	case 'k':
		options->selection.driver = optarg;
		return true;
	case OPTION_CHECK:
		request->check = true;
		return true;
	case OPTION_WATCH:
		request->watch = true;
		return true;
	case OPTION_SYSROOT:
		request->sysroot = optarg;
		return true;
	case 'i':
		request->ids = optarg;
		return true;
	case 'h':
		print_help(stdout);
		exit(STATUS_OK);
	case 'V':
		puts("lsiommu " VERSION);
		exit(STATUS_OK);
	default:
		return false;
	}
}

/* What would be done without */
static bool go_together(const struct request *request)
{
	if (request->check && request->watch)
		return refuse_both(OPTION_CHECK, OPTION_WATCH);
	if (request->check && request->of_list)
		return refuse_both(OPTION_CHECK, request->of_list);
	if (request->watch && request->of_list)
		return refuse_both(OPTION_WATCH, request->of_list);
	if (request->watch && request->sysroot)
		return refuse_both(OPTION_WATCH, OPTION_SYSROOT);
	if (request->watch && request->ids)
		return refuse_both(OPTION_WATCH, 'i');
	return true;
}

static bool parse(struct request *request, int argc, char **argv)
{
	int option;

	while ((option = getopt_long(argc, argv, "o:lJPrnag:s:c:k:i:hV", long_options,
				     NULL)) >= 0) {
		if (!take_option(request, option))
			return false;
		if (is_of_list(option))
			request->of_list = option;
	}
	if (!go_together(request))
		return false;
	if (request->check && optind == argc) {
		warn("--check needs DEVICEs, as in 0000:03:00.0");
		return false;
	}
	if (!request->check && optind < argc) {
		warn("what is %s? For whether it can be given to a guest: lsiommu --check %s",
		     argv[optind], argv[optind]);
		return false;
	}
	return true;
}

static enum status run(const struct request *request, char **devices, int n)
{
	struct groups *groups;
	enum status status;

	if (request->watch)
		return watch();
	groups = groups_read(request->sysroot ?: "/");
	if (!groups)
		return STATUS_ERROR;
	if (!names_open(request->ids)) {
		groups_free(groups);
		return STATUS_ERROR;
	}
	status = request->check ? check(groups, devices, n) :
				  table_print(groups, &request->options);
	names_close();
	groups_free(groups);
	return status;
}

/* What was to be printed may not have been, as on a full disk */
static enum status close_output(enum status status)
{
	if (!ferror(stdout) && !fclose(stdout))
		return status;
	warn("the output could not be written: %s", strerror(errno));
	return STATUS_ERROR;
}

int main(int argc, char **argv)
{
	struct request request = {
		.options = {
			.headings = true,
			.selection = SELECT_ALL,
		},
	};

	setlocale(LC_ALL, "");
	request.options.ascii = strcmp(nl_langinfo(CODESET), "UTF-8");
	if (!parse(&request, argc, argv)) {
		fputs("Try 'lsiommu --help'.\n", stderr);
		return STATUS_ERROR;
	}
	return close_output(run(&request, argv + optind, argc - optind));
}

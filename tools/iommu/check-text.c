// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu --check: the answer as text. Commands that remove what stands in the way are all
 * that begins with four blanks. Those that would take something from the host stand behind #
 * there, and so do those of later; a shell that gets all of it does nothing then.
 */

#include <stdlib.h>
#include <string.h>

#include "check.h"

static void print_commands(const struct finding *finding, const char *before)
{
	size_t i;

	for (i = 0; i < finding->n; i++) {
		printf("%s", before);
		print_clean(stdout, finding->commands[i]);
		putchar('\n');
	}
}

static void print_obstacle(const struct finding *finding, bool with_commands)
{
	bool has_commands = with_commands && finding->n;

	print_clean(stdout, finding->text);
	printf("%s\n", has_commands && !finding->advice && !finding->is_held ? ":" : "");
	if (finding->advice) {
		printf("  ");
		print_clean(stdout, finding->advice);
		printf("%s\n", has_commands && !finding->is_held ? ":" : "");
	}
	if (!has_commands)
		return;
	if (finding->is_held)
		printf("  only when the host needs it no more, by what stands behind the #:\n");
	print_commands(finding, finding->is_held ? "    # " : "    ");
}

static void print_host(const struct check *check)
{
	const struct finding *finding;

	if (!check->host.first)
		return;
	printf("WARNING: the host needs what would be taken from it:\n");
	for (finding = check->host.first; finding; finding = finding->next) {
		printf("  ");
		print_clean(stdout, finding->text);
		putchar('\n');
	}
	puts("You may lose the host without that. Have it do without first, or leave the device.");
}

/* Lines with their commands behind a #, under a head */
static void print_section(const char *head, const struct findings *findings)
{
	const struct finding *finding;

	if (!findings->first)
		return;
	printf("%s\n", head);
	for (finding = findings->first; finding; finding = finding->next) {
		printf("  ");
		print_clean(stdout, finding->text);
		printf("%s\n", finding->n ? ":" : "");
		print_commands(finding, "    # ");
	}
}

static void print_company(const struct check *check)
{
	const struct finding *finding;

	for (finding = check->company.first; finding; finding = finding->next) {
		print_clean(stdout, finding->text);
		putchar('\n');
	}
}

static void print_answer(enum answer answer)
{
	switch (answer) {
	case ANSWER_YES:
		printf("yes: they can be given to a guest\n");
		break;
	case ANSWER_NOT_YET:
		printf("no: not before the above is done\n");
		break;
	default:
		printf("no: they cannot be given to a guest\n");
		break;
	}
}

void check_print_text(const struct check *check)
{
	bool helps = check->answer != ANSWER_NEVER;
	const struct finding *finding;

	if (helps)
		print_host(check);
	for (finding = check->obstacles.first; finding; finding = finding->next)
		print_obstacle(finding, helps);
	print_company(check);
	print_answer(check->answer);
	if (!helps)
		return;
	print_section("Good to know:", &check->notes);
	print_section("To have it so after each boot:", &check->lasting);
	print_section("The way back:", &check->back);
}

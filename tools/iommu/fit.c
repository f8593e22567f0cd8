// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: a table as wide as the terminal. libsmartcols would break a line within a word, and
 * cut what it may not break; here lines are broken between words, in columns with
 * SCOLS_FL_WRAP, the widest first. Nothing is cut: a table that is too wide even so stays that.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "fit.h"
#include "lsiommu.h"

/* What is drawn before a device in a tree */
#define BRANCH	2

/* @width: of the column now; @least: of its longest word */
struct fitted {
	struct libscols_column *scols;
	size_t width;
	size_t least;
};

/* To look for a line by its number takes as long as there are lines before it */
static struct libscols_iter *new_iter(void)
{
	struct libscols_iter *iter = scols_new_iter(SCOLS_ITER_FORWARD);

	if (iter)
		return iter;
	warn("out of memory");
	exit(STATUS_ERROR);
}

static const char *text_of(struct libscols_line *line, size_t column)
{
	return scols_cell_get_data(scols_line_get_cell(line, column)) ?: "";
}

/* Cells on the screen, or bytes where the locale does not know the characters */
static size_t width_of(const char *text, size_t len)
{
	char *copy = strndup(text, len);
	wchar_t *wide = xcalloc(len + 1, sizeof(*wide));
	size_t n = copy ? mbstowcs(wide, copy, len + 1) : (size_t)-1;
	int width = n == (size_t)-1 ? -1 : wcswidth(wide, n);

	free(wide);
	free(copy);
	return width < 0 ? len : (size_t)width;
}

/* Of the widest part between separators */
static size_t widest(const char *text, const char *separators)
{
	size_t len, width, max = 0;

	while (*text) {
		len = strcspn(text, separators);
		width = width_of(text, len);
		if (width > max)
			max = width;
		text += len + !!text[len];
	}
	return max;
}

static void widen(size_t *width, size_t to)
{
	if (*width < to)
		*width = to;
}

void fit_hide_empty(struct libscols_table *table, size_t column)
{
	struct libscols_iter *lines = new_iter();
	struct libscols_line *line;
	bool is_empty = true;

	while (is_empty && !scols_table_next_line(table, lines, &line))
		is_empty = !*text_of(line, column);
	scols_free_iter(lines);
	if (is_empty)
		scols_column_set_flags(scols_table_get_column(table, column), SCOLS_FL_HIDDEN);
}

static void measure(struct libscols_table *table, size_t column, struct fitted *fitted)
{
	struct libscols_iter *lines;
	struct libscols_line *line;
	size_t branch;

	fitted->scols = scols_table_get_column(table, column);
	if (scols_column_is_hidden(fitted->scols))
		return;
	/* Debian 12's libsmartcols, 2.38, makes room for headings that it does not print */
	fitted->width = strlen(scols_column_get_name(fitted->scols));
	fitted->least = fitted->width;
	lines = new_iter();
	while (!scols_table_next_line(table, lines, &line)) {
		branch = scols_column_is_tree(fitted->scols) && scols_line_get_parent(line) ?
			 BRANCH : 0;
		widen(&fitted->width, widest(text_of(line, column), "\n") + branch);
		widen(&fitted->least, widest(text_of(line, column), "\n "));
	}
	scols_free_iter(lines);
}

/* With a blank between two columns */
static size_t total_width(const struct fitted *fitted, size_t n)
{
	size_t i, width = 0;

	for (i = 0; i < n; i++) {
		if (!scols_column_is_hidden(fitted[i].scols))
			width += fitted[i].width + !!width;
	}
	return width;
}

static struct fitted *widest_to_fold(struct fitted *fitted, size_t n)
{
	struct fitted *found = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		if (scols_column_is_wrap(fitted[i].scols) &&
		    fitted[i].width > fitted[i].least &&
		    (!found || fitted[i].width > found->width))
			found = &fitted[i];
	}
	return found;
}

static void narrow(struct fitted *fitted, size_t n, size_t width)
{
	size_t total = total_width(fitted, n);
	struct fitted *column;

	for (; total > width; total--) {
		column = widest_to_fold(fitted, n);
		if (!column)
			return;
		column->width--;
	}
}

/* Blanks become ends of lines where the next word would not fit */
static void fold(char *text, size_t width)
{
	size_t len, word, used = 0;
	char *blank = NULL;

	while (*text) {
		len = strcspn(text, "\n ");
		word = width_of(text, len);
		if (blank && used + 1 + word > width) {
			*blank = '\n';
			used = 0;
			blank = NULL;
		}
		used += word + !!blank;
		text += len;
		if (!*text)
			return;
		blank = *text == ' ' ? text : NULL;
		if (!blank)
			used = 0;
		text++;
	}
}

static void fold_column(struct libscols_table *table, size_t column, size_t width)
{
	struct libscols_iter *lines = new_iter();
	struct libscols_line *line;
	char *text;

	while (!scols_table_next_line(table, lines, &line)) {
		text = xstrdup(text_of(line, column));
		fold(text, width);
		scols_line_refer_data(line, column, text);
	}
	scols_free_iter(lines);
}

/* Cells of several lines */
static void set_lines(struct libscols_column *column)
{
	scols_column_set_wrapfunc(column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk,
				  NULL);
	scols_column_set_safechars(column, "\n");
}

void fit_width(struct libscols_table *table, size_t width)
{
	size_t i, n = scols_table_get_ncols(table);
	struct fitted *fitted = xcalloc(n, sizeof(*fitted));

	if (!width && isatty(STDOUT_FILENO))
		width = scols_table_get_termwidth(table);
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	scols_table_enable_minout(table, 1);
	for (i = 0; i < n; i++)
		measure(table, i, &fitted[i]);
	if (width)
		narrow(fitted, n, width);
	for (i = 0; i < n; i++) {
		if (!scols_column_is_wrap(fitted[i].scols))
			continue;
		if (width)
			fold_column(table, i, fitted[i].width);
		set_lines(fitted[i].scols);
	}
	free(fitted);
}

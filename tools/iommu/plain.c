// SPDX-License-Identifier: GPL-2.0-only
/*
 * lsiommu: text as it was before mailers, browsers, editors and terminals wrote it their
 * way. What is read after this has ASCII blanks, lines that end in a newline, and neither
 * entities nor escapes. A text never becomes longer, so that it is changed in place.
 */

#include <ctype.h>
#include <string.h>

#include "lsiommu.h"
#include "machine.h"

#define ESCAPE	0x1b

/* Of a text with a byte order mark. What is no ASCII matters to nobody */
static size_t narrow(char *text, size_t len)
{
	bool is_little = !memcmp(text, "\xff\xfe", 2);
	size_t i, n = 0;

	for (i = 2; i + 1 < len; i += 2) {
		unsigned char low = text[i + !is_little], high = text[i + is_little];

		text[n++] = high || !low || low >= 0x80 ? ' ' : low;
	}
	return n;
}

static bool is_wide(const char *text, size_t len)
{
	return len >= 2 && (!memcmp(text, "\xff\xfe", 2) || !memcmp(text, "\xfe\xff", 2));
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/*
 * Was it encoded by a mailer as quoted-printable? Then there is no "=" of lspci's own left,
 * which it has wherever it prints more than a list.
 */
static bool is_quoted_printable(const char *text)
{
	static const char *const words[] = { "subordinate=", "DEVSEL=", "[size=", "AuxCurrent=" };
	const char *found;
	size_t i;

	if (!strstr(text, "=3D") && !strstr(text, "=09") && !strstr(text, "=20"))
		return false;
	for (i = 0; i < ARRAY_SIZE(words); i++) {
		found = strstr(text, words[i]);
		if (found && strncmp(found + strlen(words[i]), "3D", 2))
			return false;
	}
	return true;
}

/* In a line that was quoted when it was encoded already */
static const char *after_quotes(const char *text, bool is_quoted)
{
	return is_quoted && *text == '>' ? text + strspn(text, "> ") : text;
}

/* "=3D" is one character, and a line that ends in "=" goes on in the next one */
static void decode_quoted_printable(char *text)
{
	const char *from = text;
	bool is_quoted = *from == '>';
	int high, low;

	while (*from) {
		high = *from == '=' ? hex_digit(from[1]) : -1;
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low >= 0) {
			*text++ = (high << 4 | low) ?: ' ';
			from += 3;
		} else if (*from == '=' && from[1] == '\n') {
			from = after_quotes(from + 2, is_quoted);
		} else {
			if (*from == '\n')
				is_quoted = from[1] == '>';
			*text++ = *from++;
		}
	}
	*text = '\0';
}

/* What a sequence of bytes stands for; both NULL where it ends a list */
struct replacement {
	const char *from;
	const char *to;
};

static const struct replacement everywhere[] = {
	{ "\r\r\n", "\n" },
	{ "\r\n", "\n" },
	{ "\r", "\n" },
	{ "\xc2\xa0", " " },		/* a blank at which no line is broken */
	{ "\xe2\x80\xaf", " " },
	{ "\xe2\x80\x8b", "" },		/* of no width */
	{ "\xef\xbb\xbf", "" },		/* byte order mark */
	{ }
};

static const struct replacement in_html[] = {
	{ "&gt;", ">" },
	{ "&lt;", "<" },
	{ "&amp;", "&" },
	{ "&quot;", "\"" },
	{ "&nbsp;", " " },
	{ "&#160;", " " },
	{ "&#xa0;", " " },
	{ "&#9;", "\t" },
	{ "&#39;", "'" },
	{ "&#x27;", "'" },
	{ "&#34;", "\"" },
	{ "&#43;", "+" },
	{ "&#58;", ":" },
	{ "&#62;", ">" },
	{ "&#60;", "<" },
	{ "&#38;", "&" },
	{ }
};

static void replace(char *text, const struct replacement *list)
{
	const struct replacement *one;
	char *to = text;

	while (*text) {
		for (one = list; one->from; one++) {
			if (*text == *one->from && !strncmp(text, one->from, strlen(one->from)))
				break;
		}
		if (one->from) {
			memcpy(to, one->to, strlen(one->to));
			to += strlen(one->to);
			text += strlen(one->from);
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}

/* The length of a tag, as of "<br/>"; 0 for "<TAbort-", "<access denied>" and the like */
static size_t tag_at(const char *text)
{
	static const char *const names[] = {
		"a", "b", "body", "br", "code", "div", "font", "head", "html", "i", "p", "pre",
		"span", "td", "tr", "tt",
	};
	const char *name = text + 1 + (text[1] == '/');
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz"), i;

	if (*text != '<' || (name[len] != '>' && name[len] != ' ' && name[len] != '/'))
		return 0;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i]) == len && !strncmp(names[i], name, len))
			break;
	}
	len = strcspn(text, ">\n");
	return i < ARRAY_SIZE(names) && text[len] == '>' ? len + 1 : 0;
}

/* "ESC [ 0 1 ; 3 1 m" */
static size_t escape_at(const char *text)
{
	size_t len;

	if (*text != ESCAPE || text[1] != '[')
		return 0;
	len = 2 + strspn(text + 2, "0123456789;?");
	return text[len] ? len + 1 : len;
}

/* Breaks of lines stay, for there may be no others */
static void drop_tags(char *text)
{
	char *to = text;
	size_t len;

	while (*text) {
		len = tag_at(text) ?: escape_at(text);
		if (!len) {
			*to++ = *text++;
			continue;
		}
		if (!strncmp(text, "<br", 3) && text[len] != '\n')
			*to++ = '\n';
		else if (!strncmp(text, "<pre", 4))
			*to++ = '\n';
		text += len;
	}
	*to = '\0';
}

static bool is_html(const char *text)
{
	return strstr(text, "&gt;") || strstr(text, "&lt;") || strstr(text, "&nbsp;") ||
	       strstr(text, "&quot;") || strstr(text, "&#");
}

void make_plain(char *text, size_t len)
{
	size_t i;

	if (is_wide(text, len))
		len = narrow(text, len);
	text[len] = '\0';
	for (i = 0; i < len; i++) {
		if (!text[i])
			text[i] = ' ';
	}
	replace(text, everywhere);
	if (is_quoted_printable(text)) {
		decode_quoted_printable(text);
		replace(text, everywhere);
	}
	drop_tags(text);
	if (is_html(text))
		replace(text, in_html);
}

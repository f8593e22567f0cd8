// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: memory, without which nothing goes on, and messages */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lsiommu.h"

static void *checked(void *memory)
{
	if (memory)
		return memory;
	/* Which warn() needs too */
	fputs("lsiommu: out of memory\n", stderr);
	exit(STATUS_ERROR);
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n, size));
}

void *xrealloc(void *memory, size_t n, size_t size)
{
	return checked(reallocarray(memory, n, size));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *xvprintf(const char *format, va_list args)
{
	char *text;

	return checked(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *xprintf(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvprintf(format, args);
	va_end(args);
	return text;
}

/* A name may be somebody else's, and must not make lines or steer the terminal */
void print_clean(FILE *out, const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;

	for (; *byte; byte++) {
		/* In UTF-8, C2 80 to C2 9F are controls too */
		bool is_long = *byte == 0xc2 && byte[1] >= 0x80 && byte[1] < 0xa0;

		putc(is_long || *byte < ' ' || *byte == 0x7f ? '?' : *byte, out);
		byte += is_long;
	}
}

FILE *xmemstream(char **text, size_t *size)
{
	return checked(open_memstream(text, size));
}

void warn(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = xvprintf(format, args);
	va_end(args);
	fflush(stdout);
	fputs("lsiommu: ", stderr);
	print_clean(stderr, text);
	fputc('\n', stderr);
	free(text);
}

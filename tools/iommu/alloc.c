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
	warn("out of memory");
	exit(STATUS_ERROR);
}

void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n, size));
}

char *xstrdup(const char *text)
{
	return checked(strdup(text));
}

char *xprintf(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return checked(len < 0 ? NULL : text);
}

void warn(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("lsiommu: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

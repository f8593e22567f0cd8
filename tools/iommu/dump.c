// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: a machine from a file, whatever form that has */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lsiommu.h"
#include "machine.h"

/* By gzip, bzip2, xz or zstd */
static bool is_compressed(const char *text, size_t len)
{
	static const char *const magics[] = {
		"\x1f\x8b", "BZh", "\xfd\x37zXZ", "\x28\xb5\x2f\xfd",
	};
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(magics); i++) {
		n = strlen(magics[i]);
		if (len > n && !memcmp(text, magics[i], n))
			return true;
	}
	return false;
}

/* All there is, as text; NULL, and a message, if it cannot be read */
static char *read_text(FILE *in, const char *path)
{
	size_t len = 0, room = 1 << 16, n;
	char *text = xrealloc(NULL, room, 1);

	while ((n = fread(text + len, 1, room - len - 1, in))) {
		len += n;
		if (len + 1 == room) {
			room *= 2;
			text = xrealloc(text, room, 1);
		}
	}
	if (ferror(in) || is_compressed(text, len)) {
		warn("%s: %s", path, ferror(in) ? strerror(errno) :
		     "it is compressed; unpack it, as by: zcat FILE | lsiommu --dump -");
		free(text);
		return NULL;
	}
	make_plain(text, len);
	return text;
}

struct machine *dump_of_text(const char *text, const char *path)
{
	struct machine *machine;

	if (fabric_is(text))
		return fabric_read(text, path);
	machine = lspci_read(text);
	if (!machine)
		warn("%s: %s", path,
		     "there is nothing in it that lspci prints of functions, unless by -m or -t; make it by: sudo lspci -nnvvvxxxx >FILE");
	return machine;
}

char *dump_text(const char *path)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	char *text;

	if (!in) {
		warn("%s: %s", path, strerror(errno));
		return NULL;
	}
	text = read_text(in, path);
	if (!is_stdin)
		fclose(in);
	return text;
}

struct machine *dump_read(const char *path)
{
	char *text = dump_text(path);
	struct machine *machine = text ? dump_of_text(text, path) : NULL;

	free(text);
	return machine;
}

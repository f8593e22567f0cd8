// SPDX-License-Identifier: GPL-2.0-only
/* lsiommu: what json-c does not do by itself */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "lsiommu.h"

/* Bytes of the UTF-8 character that text begins with, 0 if it is none */
static size_t utf8_len(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t i, len;

	if (*byte < 0x80)
		return 1;
	if (*byte < 0xc2 || *byte > 0xf4)
		return 0;
	len = *byte < 0xe0 ? 2 : *byte < 0xf0 ? 3 : 4;
	/* Overlong, a surrogate, or beyond the last character */
	if ((*byte == 0xe0 && byte[1] < 0xa0) || (*byte == 0xed && byte[1] > 0x9f) ||
	    (*byte == 0xf0 && byte[1] < 0x90) || (*byte == 0xf4 && byte[1] > 0x8f))
		return 0;
	for (i = 1; i < len; i++) {
		if ((byte[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

struct json_object *json_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	struct json_object *object;
	char *clean, *end;
	size_t len;

	if (!text)
		return NULL;
	clean = xcalloc(strlen(text) + 1, strlen(replacement));
	end = clean;
	for (; *text; text += len ?: 1) {
		len = utf8_len(text);
		end = mempcpy(end, len ? text : replacement, len ?: strlen(replacement));
	}
	object = json_object_new_string(clean);
	free(clean);
	return object;
}

struct json_object *json_number(const char *digits)
{
	return digits ? json_object_new_int64(strtoll(digits, NULL, 10)) : NULL;
}

struct json_object *json_words(const char *text, const char *separators)
{
	struct json_object *array = json_object_new_array();
	char *copy = xstrdup(text ?: ""), *rest = copy, *word;

	while ((word = strsep(&rest, separators))) {
		if (*word)
			json_object_array_add(array, json_text(word));
	}
	free(copy);
	return array;
}

void json_add(struct json_object *object, const char *name, json_object *value)
{
	char *lower = xstrdup(name), *c;

	for (c = lower; *c; c++)
		*c = tolower((unsigned char)*c);
	json_object_object_add(object, lower, value);
	free(lower);
}

void json_print(struct json_object *object, bool is_line)
{
	int flags = JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_SPACED;

	if (!is_line)
		flags |= JSON_C_TO_STRING_PRETTY;
	puts(json_object_to_json_string_ext(object, flags));
	json_object_put(object);
}

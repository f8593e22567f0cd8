/* SPDX-License-Identifier: GPL-2.0-only */
/* lsiommu: what json-c does not do by itself. Values are given away; NULL is null */
#ifndef LSIOMMU_JSON_H
#define LSIOMMU_JSON_H

#include <stdbool.h>

#include <json-c/json.h>

/* What is no UTF-8 becomes U+FFFD. NULL for no text */
struct json_object *json_text(const char *text);
/* A number of digits, NULL for none */
struct json_object *json_number(const char *digits);
/* An array of strings, of a text that has one of @separators between them */
struct json_object *json_words(const char *text, const char *separators);
/* By a name in lower case */
void json_add(struct json_object *object, const char *name, json_object *value);
/* To standard output, on one line or several; what is printed is gone */
void json_print(struct json_object *object, bool is_line);

#endif /* LSIOMMU_JSON_H */

/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the two forms of a property list share. */
#pragma once

#include "bundles/plist.h"

/* Where a reader is in the tree, for messages: linked from the inside out, on the stack. */
typedef struct PlistPlace {
    const struct PlistPlace *up;
    const char *key; /* or NULL: an array element */
    guint index;
} PlistPlace;

/**
 * plist_place_path() - A place as a key path such as "Drive[0].Interface"
 *
 * Return: a new string; "" for the root
 */
char *plist_place_path(const PlistPlace *place);

PlistNode *plist_node_new(PlistType type, int line);
PlistNode *plist_parse_xml(const char *data, size_t size, GPtrArray *problems, GError **error);
PlistNode *plist_parse_binary(const char *data, size_t size, GError **error);

/**
 * plist_real_is_valid() - Whether a text is a real number and nothing else
 */
bool plist_real_is_valid(const char *text);

/**
 * plist_date_parse() - Read an ISO 8601 date of a property list, such as 2024-01-31T10:00:00Z
 */
bool plist_date_parse(const char *text, int64_t *out_unix_time);

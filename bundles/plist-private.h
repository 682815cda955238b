/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the two forms of a property list share. */
#pragma once

#include "bundles/place.h"
#include "bundles/plist.h"

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

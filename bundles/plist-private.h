/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers of the two forms of a property list share. */
#pragma once

#include "bundles/place.h"
#include "bundles/plist.h"

/**
 * plist_node_new() - An empty node
 * @line: where it stands in its file; 0: nowhere
 */
PlistNode *plist_node_new(PlistType type, int line);

/**
 * plist_parse_xml() - Read the XML form; see plist_parse()
 */
PlistNode *plist_parse_xml(const char *data, size_t size, GPtrArray *problems, GError **error);

/**
 * plist_parse_binary() - Read the binary form; see plist_parse()
 *
 * Source: Apple CFBinaryPList.c, "bplist00"
 */
PlistNode *plist_parse_binary(const char *data, size_t size, GError **error);

/**
 * plist_real_is_valid() - Whether a text is a real number and nothing else
 */
bool plist_real_is_valid(const char *text);

/**
 * plist_date_parse() - Read an ISO 8601 date of a property list, such as 2024-01-31T10:00:00Z
 */
bool plist_date_parse(const char *text, int64_t *out_unix_time);

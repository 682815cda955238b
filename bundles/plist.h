/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists: a small tree, a strict reader of XML and binary files, and a writer of XML. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct PlistDict PlistDict;
typedef struct PlistNode PlistNode;

typedef enum {
    PLIST_TYPE_DICT,
    PLIST_TYPE_ARRAY,
    PLIST_TYPE_STRING,
    PLIST_TYPE_INTEGER,
    PLIST_TYPE_REAL,
    PLIST_TYPE_BOOLEAN,
    PLIST_TYPE_DATA,
    PLIST_TYPE_DATE,
    PLIST_TYPE_MALFORMED, /* a value that is none; only while a file's problems are collected */
} PlistType;

/* Everything in a node is owned by it. Fields are for reading; nodes are changed by replacing them
 * in their dictionary or array. */
struct PlistNode {
    PlistType type;
    int line; /* where it begins in the XML file; 0 when it comes from elsewhere */
    union {
        PlistDict *dict;
        GPtrArray *array; /* (owned) of PlistNode */
        char *text;       /* string; real, date and malformed values as written */
        struct {
            int64_t value;
            bool is_unsigned; /* value is to be read as uint64_t: above INT64_MAX */
        } integer;
        bool boolean;
        GBytes *data;
    };
};

void plist_node_free(PlistNode *node);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlistNode, plist_node_free)
void plist_dict_free(PlistDict *dict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PlistDict, plist_dict_free)

/**
 * plist_node_new_dict_take() - A node of a dictionary, which is taken
 */
PlistNode *plist_node_new_dict_take(PlistDict *dict);

/**
 * plist_node_new_array() - An empty array
 */
PlistNode *plist_node_new_array(void);

/**
 * plist_node_new_string() - A string, copied
 */
PlistNode *plist_node_new_string(const char *text);

/**
 * plist_node_new_integer() - A whole number
 */
PlistNode *plist_node_new_integer(int64_t value);

/**
 * plist_node_new_real() - A real number
 */
PlistNode *plist_node_new_real(double value);

/**
 * plist_node_new_boolean() - A boolean
 */
PlistNode *plist_node_new_boolean(bool value);

/**
 * plist_node_new_data() - Bytes, copied
 */
PlistNode *plist_node_new_data(const void *data, size_t size);

/**
 * plist_node_new_date() - A date
 * @unix_time: seconds since 1970, UTC
 */
PlistNode *plist_node_new_date(int64_t unix_time);

/**
 * plist_node_copy() - A deep copy, line numbers included; NULL gives NULL
 */
PlistNode *plist_node_copy(const PlistNode *node);

/**
 * plist_node_equal() - Whether two trees hold the same values; key order does not matter
 */
bool plist_node_equal(const PlistNode *a, const PlistNode *b);

/**
 * plist_node_type_name() - What a user would call the type: "dictionary", "string"…
 */
const char *plist_node_type_name(const PlistNode *node);

/**
 * plist_node_text() - A scalar as text; containers as "dictionary" or "array", data as base64
 *
 * Return: a new string
 */
char *plist_node_text(const PlistNode *node);

/**
 * plist_node_real() - Value of a number
 * @node:      a real or integer node
 * @out_value: its value
 *
 * Return: false when @node is no number
 */
bool plist_node_real(const PlistNode *node, double *out_value);

/**
 * plist_node_date() - A date as seconds since 1970
 *
 * Return: false when @node is no date
 */
bool plist_node_date(const PlistNode *node, int64_t *out_unix_time);

/**
 * plist_node_integer() - A whole number as a signed 64-bit integer
 * @node:      any node
 * @out_value: its value; untouched when there is none
 *
 * A real with a whole value counts, as it does for UTM; a boolean or a string does not.
 */
bool plist_node_integer(const PlistNode *node, int64_t *out_value);

/**
 * plist_dict_new() - An empty dictionary; free with plist_dict_free()
 */
PlistDict *plist_dict_new(void);

/**
 * plist_dict_copy() - A deep copy; NULL gives NULL
 */
PlistDict *plist_dict_copy(const PlistDict *dict);

/**
 * plist_dict_get() - Look a key up
 * @dict: dictionary; NULL has no keys
 *
 * Return: the node, borrowed, or NULL
 */
const PlistNode *plist_dict_get(const PlistDict *dict, const char *key);

/* The value under a key, borrowed, when it is there and of that type; otherwise NULL or @fallback. */

/**
 * plist_dict_get_string() - A string
 */
const char *plist_dict_get_string(const PlistDict *dict, const char *key);

/**
 * plist_dict_get_dict() - A dictionary
 */
const PlistDict *plist_dict_get_dict(const PlistDict *dict, const char *key);

/**
 * plist_dict_get_array() - An array, of PlistNode
 */
const GPtrArray *plist_dict_get_array(const PlistDict *dict, const char *key);

/**
 * plist_dict_get_integer() - A whole number
 */
int64_t plist_dict_get_integer(const PlistDict *dict, const char *key, int64_t fallback);

/**
 * plist_dict_get_boolean() - A boolean
 */
bool plist_dict_get_boolean(const PlistDict *dict, const char *key, bool fallback);

/**
 * plist_dict_set_take() - Set a key, replacing what was there
 * @key:  copied
 * @node: taken
 */
void plist_dict_set_take(PlistDict *dict, const char *key, PlistNode *node);

/**
 * plist_dict_set_string() - Set a key to a string; NULL removes the key
 */
void plist_dict_set_string(PlistDict *dict, const char *key, const char *text);

/**
 * plist_dict_remove() - Remove a key; false when it was not there
 */
bool plist_dict_remove(PlistDict *dict, const char *key);

/**
 * plist_dict_size() - How many keys it has
 */
guint plist_dict_size(const PlistDict *dict);

/**
 * plist_dict_key_at() - Key number @index, in file order
 * @out_node: its node, borrowed; may be NULL
 */
const char *plist_dict_key_at(const PlistDict *dict, guint index, const PlistNode **out_node);

/**
 * plist_parse() - Read a property list, XML or binary
 * @data:     the file's content
 * @size:     its length in bytes
 * @problems: where values that are malformed are collected, each as a PLIST_TYPE_MALFORMED node in
 *            the tree; NULL: the first one is an error
 * @error:    BUNDLE_ERROR_INVALID, naming line and key path
 *
 * Strict: "12abc" and "__SIZE__" are not integers. Of a key that is there twice the last one wins.
 * Depth, size and number of nodes are limited; entities that a DTD defines are refused.
 *
 * Source: Apple's property list DTD 1.0; binary: CFBinaryPList.c of the CoreFoundation sources
 * Return: the root; free with plist_node_free()
 */
PlistNode *plist_parse(const char *data, size_t size, GPtrArray *problems,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * plist_parse_file() - Read a property list from a file
 * @path:     regular file of at most PLIST_MAX_BYTES
 * @problems: as for plist_parse()
 * @error:    BUNDLE_ERROR_NOT_FOUND, BUNDLE_ERROR_IO, BUNDLE_ERROR_INVALID
 */
PlistNode *plist_parse_file(const char *path, GPtrArray *problems,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * plist_node_to_xml() - Write a property list as Apple's frameworks do, byte for byte
 * @root: a tree without malformed nodes
 *
 * Keys ascending, tabs, empty containers as one tag, base64 at 76 columns, final newline.
 *
 * Source: reference bundles written by UTM; CFPropertyList.c
 * Return: a new string
 */
char *plist_node_to_xml(const PlistNode *root);

#define PLIST_MAX_BYTES (16 * 1024 * 1024)
#define PLIST_MAX_DEPTH 64
#define PLIST_MAX_NODES 200000
#define PLIST_MAX_KEYS 10000 /* in one dictionary */

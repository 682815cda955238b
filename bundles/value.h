/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a configuration by key path, as text: what `config get` and `config set` are made of. */
#pragma once

#include "bundles/keys.h"

/* Where a key path leads. Everything borrowed from the configuration and the tables. */
typedef struct {
    const ConfigTable *table; /* of the record that the key is in */
    const ConfigKey *key;
    void *record;
    int index; /* which element of an array; -1: the whole value */
} ConfigRef;

/**
 * config_find() - Find what a key path means in a configuration
 * @config:  any configuration
 * @path:    such as "System.MemorySize", "Drive[0].Interface", "Network[1]", "Sound"
 * @out_ref: where it leads
 * @error:   BUNDLE_ERROR_NOT_FOUND: no such key, or no such element
 *
 * Spelling counts, case too. An optional record that is absent ("Serial[0].Terminal.Font") is not
 * found.
 */
bool config_find(const UtmConfig *config, const char *path, ConfigRef *out_ref,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_get() - A value as text
 * @config: any configuration
 * @path:   key path of a value or of one element of a list of strings
 * @error:  BUNDLE_ERROR_NOT_FOUND: no such key; BUNDLE_ERROR_INVALID: a record, not a value
 *
 * A list of strings is given as config_set() takes it. An absent value is the empty string.
 *
 * Return: a new string
 */
char *config_get(const UtmConfig *config, const char *path,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_ref_text() - The value that a reference leads to, as text
 *
 * Return: a new string; NULL when the value is absent or a record
 */
char *config_ref_text(const ConfigRef *ref);

/**
 * config_set() - Change a value
 * @config: changed only on success
 * @path:   key path
 * @text:   the value: true, false, yes, no, on, off for a boolean; a decimal number, for sizes in
 *          MiB with an optional M, G or T; a word of the enumeration, any case; for a list of strings
 *          either one element, or all of them as ["a","b"]
 * @error:  BUNDLE_ERROR_NOT_FOUND, BUNDLE_ERROR_INVALID: what is wrong and what is allowed
 *
 * The rules of validation hold, ranges included. An absent optional record on the way, such as
 * Serial[0].Terminal, is made.
 */
bool config_set(UtmConfig *config, const char *path, const char *text,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_unset() - Make an optional value absent, or give a required one its base value
 * @path:  key path of a value or an optional record
 * @error: BUNDLE_ERROR_NOT_FOUND; BUNDLE_ERROR_INVALID when there is no machine without it
 */
bool config_unset(UtmConfig *config, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_add() - Append a record with base values to an array
 * @path:      key path of the array, such as "Drive" or "Network[0].PortForward"
 * @out_index: which element it became; may be NULL
 * @error:     BUNDLE_ERROR_NOT_FOUND, BUNDLE_ERROR_INVALID (no array of records)
 *
 * A drive gets an identifier, a network adapter a MAC address.
 */
bool config_add(UtmConfig *config, const char *path, guint *out_index,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_remove() - Remove one element of an array
 * @path: such as "Drive[1]", "QEMU.AdditionalArguments[0]"
 */
bool config_remove(UtmConfig *config, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * config_values() - Every value that a configuration has
 * @config: any configuration
 *
 * Return: (owned) of char *: key path and text in turn, in the order of the tables; absent values
 * are left out, a list of strings is one value
 */
GPtrArray *config_values(const UtmConfig *config);

/* A key of the format, independent of any machine. */
typedef struct {
    char *path; /* owned: "Drive[].Interface" */
    const ConfigKey *key;
} ConfigKeyPath;

/**
 * config_key_paths() - Every key of a backend, sections and arrays included
 * @table: config_table_qemu or config_table_apple
 *
 * Return: (owned) of ConfigKeyPath, in the order of the tables
 */
GPtrArray *config_key_paths(const ConfigTable *table);

/**
 * config_key_default() - Value of a key in a new record, as text
 *
 * Return: a new string; NULL when it is absent or a record
 */
char *config_key_default(const ConfigKey *key);

/**
 * config_key_type_name() - Type of a key in words: "integer", "one of", "string"…
 */
const char *config_key_type_name(const ConfigKey *key);

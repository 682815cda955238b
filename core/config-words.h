/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and words as people misspell them, and words that only the installed QEMU knows. */
#pragma once

#include "bundles/value.h"
#include "core/host/host-profile.h"

/**
 * config_key_near() - Keys that somebody probably meant
 * @table: keys of a backend
 * @path:  what was written; indices do not matter
 *
 * Return: such as "\"System.MemorySize\"", a new string; NULL when nothing is near
 */
char *config_key_near(const ConfigTable *table, const char *path);

/**
 * config_key_lookup() - A key of the format by its path, whatever its indices
 * @paths: of ConfigKeyPath
 * @path:  "Drive[].Interface", "Drive[0].Interface" or "Drive.Interface"
 *
 * Return: borrowed from @paths, or NULL
 */
const ConfigKeyPath *config_key_lookup(const GPtrArray *paths, const char *path);

/**
 * config_say_error() - Give an error of a key path a hint that names what was probably meant
 * @config: where the key was looked for
 * @path:   the key path
 * @text:   the value that was refused; NULL when none was given
 * @cause:  error of bundles; taken
 * @error:  UTM_ERROR_NOT_FOUND for a key, UTM_ERROR_USAGE for a value
 */
void config_say_error(const UtmConfig *config, const char *path, const char *text, GError *cause,
                      GError **error);

/**
 * config_is_host_word() - Whether a key's values are machines, CPU models or devices of QEMU
 */
bool config_is_host_word(const ConfigKey *key);

/**
 * config_host_words() - Words that QEMU knows for a key which the format leaves free
 * @key:  any key
 * @caps: a QEMU's capabilities; NULL is allowed
 *
 * Return: set of words, borrowed from @caps; NULL when the key is not of this kind or @caps does not
 * list them
 */
GHashTable *config_host_words(const ConfigKey *key, const QemuCaps *caps);

/**
 * config_host_warning() - What the installed QEMU has against a value
 * @ref:  a value in a configuration
 * @path: its key path
 * @host: the host; NULL: nothing is known
 *
 * A Mac's QEMU may know what this one does not, so this is never more than a warning.
 *
 * Return: a new string; NULL when there is nothing to say
 */
char *config_host_warning(const ConfigRef *ref, const char *path, const HostProfile *host);

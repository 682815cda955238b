/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl.plist in a bundle's root: what UTM does not know about a machine. */
#pragma once

#include "bundles/plist.h"

#define ANNEX_FILE "utmctl.plist"

/* Booleans; absent means false. */
#define ANNEX_PROTECTED "Protected" /* refuse to delete without --force */
#define ANNEX_SUSPENDED "Suspended" /* the images hold a state to go on from at the next start */

/**
 * annex_read() - Read a bundle's utmctl.plist
 * @bundle_path: the .utm folder
 * @error:       BUNDLE_ERROR_INVALID, BUNDLE_ERROR_IO; a missing file is an empty dictionary
 *
 * Return: a dictionary node, for reading and changing; free with plist_node_free()
 */
PlistNode *annex_read(const char *bundle_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * annex_write() - Replace a bundle's utmctl.plist, or remove it when there is nothing to keep
 * @bundle_path: the .utm folder
 * @annex:       what annex_read() returned, changed
 * @error:       UTM_ERROR_FAILED; the old file is untouched then
 */
bool annex_write(const char *bundle_path, const PlistNode *annex,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * annex_flag() - Whether a flag is set
 * @key: ANNEX_PROTECTED or ANNEX_SUSPENDED
 *
 * An annex that cannot be read has no flags.
 */
bool annex_flag(const char *bundle_path, const char *key);

/**
 * annex_set_flag() - Set or clear a flag and keep everything else
 */
bool annex_set_flag(const char *bundle_path, const char *key, bool value,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* What belongs to a snapshot and is in no image: configuration, TPM, variables, kept as files. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/**
 * snapshot_store_folder() - Folder of the files of a snapshot: "config.plist", "tpmdata",
 *                           "efi_vars.fd"
 *
 * Return: a new string; a snapshot that another tool made has none
 */
char *snapshot_store_folder(const Bundle *bundle, const char *tag);

/**
 * snapshot_store_save() - Copy configuration and TPM state beside the bundle's data
 * @tag:   the snapshot's tag
 * @error: UTM_ERROR_FAILED
 *
 * They go to the folder Snapshots in the bundle's root, which UTM leaves alone.
 */
bool snapshot_store_save(const Bundle *bundle, const char *tag,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_store_save_vars() - Copy the UEFI variables there too
 *
 * For a snapshot that is not inside of the images. Nothing writes to them meanwhile.
 */
bool snapshot_store_save_vars(const Bundle *bundle, const char *tag,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_store_apply() - Put what was kept back
 *
 * Name and UUID of the machine stay as they are. A snapshot that another tool made has no such
 * files; then nothing changes.
 */
bool snapshot_store_apply(const Bundle *bundle, const char *tag,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_store_apply_over() - Likewise, with other images than the configuration had
 * @images: drive Identifier -> ImageName
 */
bool snapshot_store_apply_over(const Bundle *bundle, const char *tag, GHashTable *images,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_store_open() - The machine as a snapshot has it, at the place where it is now
 *
 * Return: a bundle that is not to be saved; free with bundle_free()
 */
Bundle *snapshot_store_open(const Bundle *bundle, const char *tag,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_store_delete() - Remove the files of a snapshot; fine when there are none
 */
void snapshot_store_delete(const Bundle *bundle, const char *tag);

/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a stopped machine that its snapshots are in. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "bundles/image.h"

typedef struct {
    char *drive; /* Identifier, or "efi_vars" */
    char *path;
    ImageInfo *info; /* owned; format and snapshot table */
} SnapshotImage;

/**
 * snapshot_images() - Every image that the guest can write, disks first
 * @error: BUNDLE_ERROR when one cannot be read
 *
 * Return: (owned) of SnapshotImage
 */
GPtrArray *snapshot_images(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_images_check() - Whether a snapshot can be made of them
 * @with_ram: devices that cannot be saved are in the way too
 * @error:    UTM_ERROR_UNSUPPORTED with everything that is in the way, and the way out
 */
bool snapshot_images_check(const Bundle *bundle, const GPtrArray *images, bool with_ram,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_images_create() - Make a snapshot in every image, or in none
 * @error: UTM_ERROR_FAILED with the words of qemu-img
 */
bool snapshot_images_create(const GPtrArray *images, const char *tag,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_images_apply() - Put every image back to a snapshot
 *
 * May be repeated after it was cut short.
 */
bool snapshot_images_apply(const GPtrArray *images, const char *tag,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_images_delete() - Delete a snapshot from every image that has it
 */
bool snapshot_images_delete(const GPtrArray *images, const char *tag,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_image_entry() - An image's entry for a tag; borrowed, NULL when it has none
 */
const ImageSnapshot *snapshot_image_entry(const SnapshotImage *image, const char *tag);

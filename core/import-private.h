/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of import share. */
#pragma once

#include "core/import.h"

/**
 * import_image() - Make a machine around an image
 * @path:    image
 * @label:   file name of the image where it came from
 * @staging: folder in which the bundle is built
 * @notes:   (owned) of char *
 *
 * Return: path of the bundle, in @staging
 */
char *import_image(const ImportOptions *options, const char *path, const char *label,
                   const char *staging, GPtrArray *notes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * import_check_image() - Whether a file is an image that a machine can be made around
 * @label: its name; what has no magic number is a raw image only by its extension
 */
bool import_check_image(const char *path, const char *label,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * import_label_name() - Name of a machine after a file: "Debian 12.qcow2" is "Debian 12"
 */
char *import_label_name(const char *label);

/* SPDX-License-Identifier: Apache-2.0 */
/* Running qemu-img. */
#pragma once

#include "core/libexec.h"

/**
 * qemu_img_run() - Run qemu-img to its end
 * @argv:  "qemu-img" and its arguments, NULL-terminated; found on PATH
 * @error: UTM_ERROR_UNSUPPORTED when it is not installed, UTM_ERROR_LOCKED when an image is in use,
 *         UTM_ERROR_FAILED with its words
 */
bool qemu_img_run(const char *const *argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qemu_img_read() - Run qemu-img and take what it prints
 * @out_text:   its standard output, a new string; set for every exit status but 1
 * @out_status: its exit status: `check` finds something with 2 (corrupt) and 3 (leaks)
 * @error:      as for qemu_img_run(); exit status 1 is its failure
 */
bool qemu_img_read(const char *const *argv, char **out_text, int *out_status,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qemu_img_watch() - Run qemu-img with its -p option among the arguments, watched
 * @size:  what all of the work is, in bytes
 * @watch: progress is in bytes of @size; may be NULL
 * @error: as for qemu_img_run(), and UTM_ERROR_INTERRUPTED
 *
 * It ends with this process, however that ends.
 */
bool qemu_img_watch(const char *const *argv, uint64_t size, const LibexecWatch *watch,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

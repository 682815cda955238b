/* SPDX-License-Identifier: Apache-2.0 */
/* Running qemu-img. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * qemu_img_run() - Run qemu-img to its end
 * @argv:  "qemu-img" and its arguments, NULL-terminated; found on PATH
 * @error: UTM_ERROR_UNSUPPORTED when it is not installed, UTM_ERROR_LOCKED when an image is in use,
 *         UTM_ERROR_FAILED with its words
 */
bool qemu_img_run(const char *const *argv, GError **error) G_GNUC_WARN_UNUSED_RESULT;

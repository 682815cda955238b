/* SPDX-License-Identifier: Apache-2.0 */
/* Converting disk images with qemu-img, watched. */
#pragma once

#include "core/libexec.h"

/**
 * convert_image() - Convert an image to qcow2
 * @from:   image
 * @driver: QEMU's block driver for it; said, so that a raw image cannot pass for another format
 * @to:     must not exist; what was written is left after a failure
 * @watch:  progress is in bytes of the source; may be NULL
 * @error:  UTM_ERROR_UNSUPPORTED when qemu-img is not installed, UTM_ERROR_INVALID with its words,
 *          UTM_ERROR_INTERRUPTED
 */
bool convert_image(const char *from, const char *driver, const char *to, const LibexecWatch *watch,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

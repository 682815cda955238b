/* SPDX-License-Identifier: Apache-2.0 */
/* The variable store of a UEFI machine. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Its name in the Data folder. Source: UTM 5.0.3 */
#define EFI_VARS_NAME "efi_vars.fd"

/**
 * efi_vars_create() - Make a variable store out of a firmware's template
 * @template_path: variable template that came with the firmware, raw or qcow2
 * @path:          the store to make; replaced as a whole when it is there
 * @error:         UTM_ERROR_UNSUPPORTED when qemu-img is not installed, UTM_ERROR_FAILED with its
 *                 words
 *
 * The store is qcow2, as UTM's own are, because a writable raw pflash makes QEMU refuse to save
 * the machine. Built beside its place and renamed.
 */
bool efi_vars_create(const char *template_path, const char *path,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* UEFI firmware as distributions install it: a code image and the template of its variables. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *code;  /* owned; NULL when nothing fits */
    char *vars;  /* owned */
    bool secure; /* the code image knows secure boot; on x86 it needs SMM */
} Firmware;

/**
 * firmware_find() - The firmware that fits a machine
 * @architecture: guest architecture
 * @target:       machine type or alias; NULL for any
 * @secure:       whether secure boot is wanted; without such an image a plain one is taken
 * @out:          receives the result; clear with firmware_clear()
 *
 * The descriptors that QEMU defines for this purpose go first, in their order: files of the user,
 * of /etc and of /usr/share, of which one hides those of the same name after it. Descriptors whose
 * files are not installed are passed over. Then come the places where distributions without
 * descriptors put their images. UTMCTL_FIRMWARE_DIR is looked at instead of all of these.
 *
 * Only raw images in two files are taken: QEMU is told so on its command line.
 *
 * Source: QEMU docs/interop/firmware.json
 * Return: whether firmware was found
 */
bool firmware_find(const char *architecture, const char *target, bool secure, Firmware *out);

/**
 * firmware_clear() - Free what firmware_find() gave
 */
void firmware_clear(Firmware *firmware);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Firmware, firmware_clear)

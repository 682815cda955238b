/* SPDX-License-Identifier: Apache-2.0 */
/* What the converters of legacy QEMU and Apple configurations share. */
#pragma once

#include "bundles/legacy.h"

typedef struct {
    Legacy *result;
    const char *title;
    const char *seed;
    GPtrArray *problems;
} LegacyWork;

/**
 * legacy_note() - Say what of the old configuration has no counterpart, or was replaced
 */
void legacy_note(LegacyWork *work, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * legacy_uuid() - A UUID that depends on the bundle and on @what alone, upper case
 */
char *legacy_uuid(const LegacyWork *work, const char *what);

/**
 * legacy_convert_qemu() - Fill the result from a QEMU configuration of UTM 1 to 3
 * @root: the file's dictionary; borrowed
 */
void legacy_convert_qemu(LegacyWork *work, const PlistDict *root);

/**
 * legacy_convert_apple() - Fill the result from an Apple configuration of UTM 3
 * @root: the file's dictionary; borrowed
 */
void legacy_convert_apple(LegacyWork *work, const PlistDict *root);

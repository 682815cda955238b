/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of export share. */
#pragma once

#include "core/export.h"

/**
 * export_script() - A shell script that starts QEMU as `utmctl start` would
 * @left: (owned) of char *: what the script cannot do is added
 *
 * Return: its text, a new string
 */
char *export_script(const Bundle *bundle, GPtrArray *left,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * export_note_left() - What of a machine is not in its bundle
 * @left: (owned) of char *, appended to
 */
void export_note_left(const Bundle *bundle, GPtrArray *left);

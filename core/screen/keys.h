/* SPDX-License-Identifier: Apache-2.0 */
/* Keys by name, alone and pressed together. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "qapi/generated/qmp-types.h"

enum { CHORD_KEYS = 8 };

/* Keys that are pressed one after the other and let go in reverse, such as Ctrl-Alt-Delete. */
typedef struct {
    unsigned count;
    QmpQKeyCode keys[CHORD_KEYS];
} Chord;

/**
 * chord_parse() - Read keys that are joined by "-" or "+"
 * @text:      such as "ctrl-alt-delete"
 * @out_chord: untouched on failure
 * @error:     UTM_ERROR_USAGE
 */
bool chord_parse(const char *text, Chord *out_chord, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * key_names() - What keys can be called
 *
 * Return: NULL-terminated; free the array only
 */
char **key_names(void);

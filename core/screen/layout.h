/* SPDX-License-Identifier: Apache-2.0 */
/* Keyboard layouts: which keys make a text. */
#pragma once

#include <glib.h>

#include "core/screen/keys.h"

/* Every layout there is: "us", "de"…, NULL-terminated. */
extern const char *const layout_names[];

/**
 * layout_chords() - The chords that type a text
 * @layout: one of layout_names
 * @text:   UTF-8; newline is Enter, tab is Tab; borrowed
 * @error:  UTM_ERROR_USAGE naming the first character that the layout does not have, with the
 *          layouts that can type all of the text as hint
 *
 * Caps Lock is taken to be off. A character that only a dead key gives is two chords.
 *
 * Source: xkeyboard-config, symbols/{us,gb,de,fr,es}, the variant that each begins with
 * Return: (owned) of Chord
 */
GArray *layout_chords(const char *layout, const char *text,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that press keys share. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * cmd_press() - Press keys of a machine, one chord after the other
 * @vm:      as for library_open()
 * @chords:  of Chord; NULL when they could not be made, with @error set
 * @hold_us: how long each is held down
 * @what:    what could not be done, for the error: "send keys"
 */
bool cmd_press(const char *vm, const GArray *chords, gint64 hold_us, const char *what,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

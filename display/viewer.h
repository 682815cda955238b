/* SPDX-License-Identifier: Apache-2.0 */
/* The window's thread: SDL's events, the session's news, and which windows there are. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "display/options.h"
#include "display/session.h"
#include "display/window.h"

typedef struct Viewer Viewer;

/**
 * viewer_run() - Show the machine's screens until the user closes them or the session is over
 * @options:  its target is taken
 * @out_hint: what to do about the error, static text or NULL; set on failure
 * @error:    DISPLAY_ERROR
 *
 * Must be the process's first thread, which macOS wants for windows.
 */
bool viewer_run(Options *options, const char **out_hint, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * viewer_session() - For the parts that hand input to the guest
 */
Session *viewer_session(Viewer *viewer);

/**
 * viewer_post() - Have something done in the window's thread, from any thread
 * @call: gets the Viewer as its owner
 * @data: taken
 * @free: for @data; may be NULL
 */
void viewer_post(Viewer *viewer, MailboxCall call, void *data, GDestroyNotify free);

/**
 * viewer_window() - The window of an event
 * @id: SDL's number
 *
 * Return: borrowed; NULL when it is gone
 */
Window *viewer_window(Viewer *viewer, Uint32 id);

/**
 * viewer_options() - How the user wants it
 */
const Options *viewer_options(Viewer *viewer);

/**
 * viewer_update_titles() - Have the windows' titles say what input_title() says now
 */
void viewer_update_titles(Viewer *viewer);

/**
 * viewer_set_blocked() - This thread is about to wait for the user alone, or has done so
 *
 * A signal then ends the program at once instead of being noted for later.
 */
void viewer_set_blocked(Viewer *viewer, bool blocked);

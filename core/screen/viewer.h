/* SPDX-License-Identifier: Apache-2.0 */
/* The viewer, which is a program of its own: how it is told what to show. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

#define VIEWER_PROGRAM "utmctl-display"

/**
 * viewer_check() - Whether a machine has a screen that a viewer can show
 * @wait:  it may be stopped: the viewer waits for it
 * @error: UTM_ERROR_WRONG_STATE, UTM_ERROR_UNSUPPORTED for a machine without displays
 */
bool viewer_check(const Bundle *bundle, bool wait, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * viewer_words() - Command line of the viewer, as a machine's configuration wants it
 * @bundle: the machine; NULL for a server that is no machine of ours
 * @more:   words that are added, such as what the user asked for; NULL-terminated
 * @error:  UTM_ERROR_UNSUPPORTED when the viewer is not installed
 *
 * Title, scaling, resolution, clipboard, shared folder and USB come from the configuration; where
 * an option is there twice, the viewer takes the later one.
 *
 * Return: (owned) of char *, NULL-terminated
 */
char **viewer_words(const Bundle *bundle, const char *const *more,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * viewer_exec() - Become the viewer
 * @words: as from viewer_words()
 * @error: UTM_ERROR_FAILED
 *
 * Return: only on failure, with false
 */
bool viewer_exec(char *const *words, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * viewer_run() - Run the viewer and wait until it is closed
 * @out_status: its exit status, 128+N for a signal
 * @error:      UTM_ERROR_FAILED when it could not be run
 */
bool viewer_run(char *const *words, int *out_status, GError **error) G_GNUC_WARN_UNUSED_RESULT;

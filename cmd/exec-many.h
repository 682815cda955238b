/* SPDX-License-Identifier: Apache-2.0 */
/* One program in the guests of several machines at once. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * exec_many() - Run `utmctl exec` for each of several machines, and show whose each line is
 * @names:      of the machines, NULL-terminated; what their lines begin with
 * @options:    words between the machine and the command, NULL-terminated
 * @words:      the command
 * @out_status: the highest of theirs
 * @error:      UTM_ERROR_FAILED when a process cannot be started
 *
 * All run at the same time. A signal that comes is passed on to them.
 */
bool exec_many(char *const *names, char *const *options, char *const *words, int *out_status,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands that run machines share. */
#pragma once

#include "bundles/bundle.h"
#include "core/argv/argv.h"
#include "core/guest/guest-exec.h"

/**
 * cmd_accel() - Value of --accel, for commands with SHARED_ACCEL
 */
AccelChoice cmd_accel(void);

/**
 * cmd_which_display() - Value of --display, for commands with SHARED_DISPLAY
 * @out_index: index in the configuration's displays, which need not have it
 * @error:     UTM_ERROR_USAGE
 */
bool cmd_which_display(unsigned *out_index, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cmd_program() - A program of the guest as --env, --cwd and --input have it, whose output and
 * interruption are this one's; for commands with SHARED_PROGRAM
 * @words:    program and arguments, NULL-terminated; borrowed; may be NULL
 * @out_exec: the time limit is not set
 * @error:    UTM_ERROR_USAGE
 */
bool cmd_program(char *const *words, GuestExec *out_exec, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cmd_print_status() - With --json, print a machine's status as `utmctl status` does
 *
 * The answer of every command that changes the state of a machine. Without --json nothing is
 * printed, as on macOS.
 */
bool cmd_print_status(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cmd_attach_to() - Attach this terminal to a machine's first serial console
 */
bool cmd_attach_to(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cmd_dry_run() - Say what a command would do to a machine, for --dry-run
 * @verb:          such as "stop"
 * @needs_running: whether a stopped machine is an error, as it would be
 */
bool cmd_dry_run(const Bundle *bundle, const char *verb, bool needs_running,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * cmd_pass_output() - The output of a guest's program becomes this one's; see GuestExec
 * @descriptor: 1 or 2
 */
bool cmd_pass_output(int descriptor, const void *data, size_t size, void *user, GError **error);

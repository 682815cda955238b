/* SPDX-License-Identifier: Apache-2.0 */
/* Run a program in a guest through its agent, with its output while it runs. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qapi/qmp-client.h"

typedef struct {
    char *const *words;  /* program and arguments, NULL-terminated; borrowed */
    char *const *env;    /* "NAME=VALUE" in addition to the agent's own; NULL for none; borrowed */
    const char *cwd;     /* folder of the guest, or NULL */
    const char *account; /* user of the guest whose the program is; NULL: the agent's */
    bool at_end;         /* output comes in one go at the end, 16 MiB at most: no script is needed,
                            and the program starts sooner. Not with .cwd, .account, .env */
    int input;           /* descriptor whose all is the program's standard input; -1: none */
    bool terminal;       /* .input is a terminal in raw mode, and the program has one in the guest
                            that does as this one does. Not with .at_end */
    int64_t timeout_us;  /* 0: for ever */
    /* What the program wrote to its descriptor 1 or 2, in the order of that descriptor. */
    bool (*output)(int descriptor, const void *data, size_t size, void *user, GError **error);
    bool (*interrupted)(void *user); /* asked all the time; true ends the program */
    void *user;
} GuestExec;

/**
 * guest_exec() - Run a program and wait for its end
 * @out_status: the program's, 128 + N after signal N, 126 when it cannot be executed, 127 when it
 *              is not there
 * @error:      UTM_ERROR_UNSUPPORTED when the guest cannot make a terminal; UTM_ERROR_TIMEOUT and UTM_ERROR_INTERRUPTED after the program was told to end by
 *              SIGINT, UTM_ERROR_GUEST_UNREACHABLE; what @output set
 *
 * The agent has a program's output only when it has ended, and not more than 16 MiB of it. Where the
 * guest has a /bin/sh, a script runs the program and holds its output in pipes. What is over soon
 * leaves by the agent's way; of what is not, another script writes the output in pieces to files,
 * which are read meanwhile, and the program waits for us when it is two pieces ahead. In other
 * guests the agent's way is all there is.
 *
 * Source: QEMU qga/qapi-schema.json, guest-exec (since 2.5); qga/commands.c,
 * GUEST_EXEC_MAX_OUTPUT
 */
bool guest_exec(QmpClient *client, const GuestExec *exec, int *out_status,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_exec_check_env() - Whether a word is NAME=VALUE with a name that a shell takes
 */
bool guest_exec_check_env(const char *word);

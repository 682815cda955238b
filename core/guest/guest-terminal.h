/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal in a guest that shows what is typed on one of this host. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qapi/qmp-client.h"

typedef struct {
    QmpClient *client;  /* borrowed */
    const char *folder; /* of the guest, for what is to be known of its terminal; borrowed */
    int fd;             /* the host's terminal, in raw mode; borrowed */
    int64_t pipe;       /* handle of the pipe to the guest's terminal; -1: not open */
    unsigned rows, columns;
    GByteArray *typed; /* owned; not sent yet */
} GuestTerminal;

void guest_terminal_clear(GuestTerminal *terminal);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(GuestTerminal, guest_terminal_clear)

/**
 * guest_terminal_words() - What gives a program of the guest a terminal of its own
 * @words: program and arguments
 * @error: UTM_ERROR_UNSUPPORTED when the guest has nothing that makes terminals
 *
 * The size is that of the host's terminal, and the status is the program's.
 *
 * Source: util-linux term-utils/script.1, "--command", "--return", "--flush"; Python's module pty
 * Return: a new list
 */
char **guest_terminal_words(GuestTerminal *terminal, char *const *words,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_terminal_serve() - Pass on what was typed, and a new size
 * @pid:     process that holds the pipe to the guest's terminal as its descriptor 7
 * @wait_us: how long to wait for a key when there is none
 * @error:   UTM_ERROR_INTERRUPTED when the host's terminal is gone
 *
 * Keys that the guest does not take yet are kept.
 */
bool guest_terminal_serve(GuestTerminal *terminal, int64_t pid, int64_t wait_us, bool *out_typed,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

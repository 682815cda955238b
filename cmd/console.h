/* SPDX-License-Identifier: Apache-2.0 */
/* A terminal on a guest's serial port: the user's keys go there, what the guest writes comes here. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

typedef struct {
    int index;          /* of the serial port; below 0: the first that people can use */
    const char *escape; /* key that detaches: "^]", "^a", a single character; NULL for "^]" */
    bool no_stdin;      /* only watch */
    bool type_resize;   /* first type the command that tells the guest the terminal's size */
    gint64 timeout_us;  /* 0 for ever */
} ConsoleOptions;

/**
 * console_attach() - Join a serial port of a running machine until user, guest or time ends it
 * @bundle:  the machine
 * @options: borrowed
 * @error:   UTM_ERROR_NOT_FOUND without such a port, UTM_ERROR_WRONG_STATE when the machine does not
 *           run, UTM_ERROR_GUEST_UNREACHABLE when the port does not answer, UTM_ERROR_TIMEOUT,
 *           UTM_ERROR_INTERRUPTED by a signal
 *
 * A terminal is put into raw mode and restored whatever happens. Ports that are not a terminal are
 * printed, as UTM's utmctl does: "PTTY: PATH" or "TCP: ADDRESS:PORT".
 */
bool console_attach(const Bundle *bundle, const ConsoleOptions *options,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * console_parse_escape() - The byte of a key such as "^]", "ctrl-a", "~" or "none"
 * @text:     what the user typed
 * @out_byte: the byte, or -1 for "none"
 * @error:    UTM_ERROR_USAGE
 */
bool console_parse_escape(const char *text, int *out_byte,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

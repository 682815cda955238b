/* SPDX-License-Identifier: Apache-2.0 */
/* How this program fails: exit status, message, and what to do. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * DISPLAY_ERROR - Error domain of the viewer; the codes are the exit statuses of utmctl
 */
#define DISPLAY_ERROR (display_error_quark())

typedef enum {
    DISPLAY_ERROR_FAILED = 1,
    DISPLAY_ERROR_USAGE = 2,
    DISPLAY_ERROR_NOT_FOUND = 4,
    DISPLAY_ERROR_WRONG_STATE = 5,
    DISPLAY_ERROR_UNSUPPORTED = 7,
    DISPLAY_ERROR_LOCKED = 8,
    DISPLAY_ERROR_TIMEOUT = 124,
    DISPLAY_ERROR_INTERRUPTED = 130,
} DisplayError;

/**
 * display_error_quark() - Quark of DISPLAY_ERROR
 */
GQuark display_error_quark(void);

/**
 * failure_print() - Say on standard error why the program ends
 * @error: any error; one of another domain is a failure without more
 * @name:  machine's name, or NULL before it is known
 * @hint:  what to do, one line; may be NULL
 * @json:  in the form that utmctl's errors have with --json
 *
 * Return: the exit status
 */
int failure_print(const GError *error, const char *name, const char *hint, bool json);

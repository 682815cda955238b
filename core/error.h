/* SPDX-License-Identifier: Apache-2.0 */
/* The errors of core: their codes, their hints, and how they become exit statuses. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * UTM_ERROR - Error domain of core and cmd
 *
 * A UTM_ERROR may carry a hint: one line with a command to paste, set where the cause is known.
 * The hint survives g_prefix_error() and g_propagate_error().
 */
#define UTM_ERROR (utm_error_quark())

/* The words of the contract; each has an exit status and a JSON code, see error.c. */
typedef enum {
    UTM_ERROR_FAILED,
    UTM_ERROR_USAGE,
    UTM_ERROR_NOT_FOUND,
    UTM_ERROR_WRONG_STATE,
    UTM_ERROR_GUEST_UNREACHABLE,
    UTM_ERROR_UNSUPPORTED,
    UTM_ERROR_LOCKED,
    UTM_ERROR_INVALID,
    UTM_ERROR_TIMEOUT,
    UTM_ERROR_INTERRUPTED,
} UtmError;

/**
 * utm_error_quark() - Quark of UTM_ERROR
 */
GQuark utm_error_quark(void);

/**
 * utm_error_set() - Set a UTM_ERROR with a hint
 * @error:  where to store it; NULL is ignored
 * @code:   a UtmError
 * @hint:   a command to paste or what to do, one line; NULL for none; copied
 * @format: message, lower case, no full stop
 */
void utm_error_set(GError **error, UtmError code, const char *hint, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/**
 * utm_error_hint() - The hint of an error
 * @error: any error
 *
 * Return: the hint, borrowed from @error, or NULL
 */
const char *utm_error_hint(const GError *error);

/**
 * utm_error_set_hint() - Give a UTM_ERROR a hint, or another one
 * @error: an error; ignored unless its domain is UTM_ERROR
 * @hint:  one line; copied
 */
void utm_error_set_hint(GError *error, const char *hint);

/**
 * utm_error_code() - Which word of the contract an error of any domain is
 * @error: any error: UTM_ERROR, BUNDLE_ERROR, QMP_ERROR, G_IO_ERROR, G_FILE_ERROR…
 *
 * The one place where the errors of bundles, qapi and GLib are given their codes.
 */
UtmError utm_error_code(const GError *error);

/**
 * utm_error_exit_status() - Exit status of a code, as the contract numbers them
 */
int utm_error_exit_status(UtmError code);

/**
 * utm_error_word() - JSON code of an error, such as "not-found"
 */
const char *utm_error_word(UtmError code);

/**
 * utm_error_from_word() - The code for a JSON code; UTM_ERROR_FAILED for an unknown word
 */
UtmError utm_error_from_word(const char *word);

/**
 * utm_ignore() - Say that a call may fail here without harm
 * @outcome: what the call returned
 *
 * gcc warns of a (void) before a call whose result must be used.
 */
static inline void utm_ignore(bool outcome)
{
    (void) outcome;
}

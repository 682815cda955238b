/* SPDX-License-Identifier: Apache-2.0 */
/* What these programs say to utmctl on standard output, one line each:
 *
 *   progress DONE ALL      bytes; ALL is 0 when it is not known
 *   note TEXT
 *   hint TEXT
 *   error WORD TEXT        WORD as utmctl's JSON errors have it; the last line
 */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * report_progress() - Say how far it is, but not more often than somebody could see
 */
void report_progress(uint64_t done, uint64_t all);

/**
 * report_note() - Something worth knowing
 */
void report_note(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * report_hint() - What the user could do; before report_error()
 */
void report_hint(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * report_error() - What went wrong
 * @word: "failed", "invalid", "not-found", "timeout"…
 *
 * Return: false, for callers to return
 */
bool report_error(const char *word, const char *format, ...) G_GNUC_PRINTF(2, 3);

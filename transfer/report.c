/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for utmctl on standard output. */
#include "transfer/report.h"

#include <stdio.h>

#define PROGRESS_US (50 * G_TIME_SPAN_MILLISECOND)

G_GNUC_PRINTF(2, 0)
static void print_line(const char *kind, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_strdelimit(valid, "\n\r", ' ');
    printf("%s %s\n", kind, valid);
    fflush(stdout);
}

void report_progress(uint64_t done, uint64_t all)
{
    static gint64 last;
    gint64 now = g_get_monotonic_time();
    if (now - last < PROGRESS_US)
        return;
    last = now;
    printf("progress %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT "\n", (guint64) done, (guint64) all);
    fflush(stdout);
}

void report_note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("note", format, args);
    va_end(args);
}

void report_hint(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line("hint", format, args);
    va_end(args);
}

bool report_error(const char *word, const char *format, ...)
{
    va_list args;
    g_autofree char *kind = g_strconcat("error ", word, NULL);
    va_start(args, format);
    print_line(kind, format, args);
    va_end(args);
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Times as every output of this tool writes them. */
#include "core/vm/time-text.h"

#include <glib.h>
#include <time.h>

char *time_text(int64_t time_us)
{
    time_t seconds = (time_t) (time_us / G_USEC_PER_SEC);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    return g_strdup_printf("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                           tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                           (int) (time_us % G_USEC_PER_SEC / 1000));
}

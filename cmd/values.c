/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes as people type them and as people read them. */
#include "cmd/values.h"

#include <string.h>

#include "core/error.h"

typedef struct {
    const char *suffix;
    gint64 factor;
} Unit;

/* Longer suffixes stand before those that they begin with. */
static const Unit durations[] = {
    { "ms", G_TIME_SPAN_MILLISECOND }, { "us", 1 },
    { "s", G_TIME_SPAN_SECOND },       { "min", G_TIME_SPAN_MINUTE },
    { "m", G_TIME_SPAN_MINUTE },       { "h", G_TIME_SPAN_HOUR },
    { "d", G_TIME_SPAN_DAY },
};

static const char size_letters[] = "KMGTP";

/* Digits with at most one point: g_ascii_strtod() alone would take "nan", "0x1p3" and "1e9" too. */
static bool read_number(const char **text, double *out_number)
{
    size_t digits = strspn(*text, "0123456789");
    size_t length = digits;
    if ((*text)[digits] == '.')
        length += 1 + strspn(*text + digits + 1, "0123456789");
    if (digits == 0 || (*text)[length - 1] == '.')
        return false;
    g_autofree char *number = g_strndup(*text, length);
    *out_number = g_ascii_strtod(number, NULL);
    *text += length;
    return true;
}

static gint64 read_duration_unit(const char **text)
{
    for (size_t i = 0; i < G_N_ELEMENTS(durations); i++) {
        if (g_str_has_prefix(*text, durations[i].suffix)) {
            *text += strlen(durations[i].suffix);
            return durations[i].factor;
        }
    }
    return 0;
}

static bool read_duration(const char *at, double *out_us)
{
    double sum = 0;
    do {
        double number;
        if (!read_number(&at, &number))
            return false;
        gint64 factor = *at ? read_duration_unit(&at) : G_TIME_SPAN_SECOND;
        if (factor == 0)
            return false;
        sum += number * (double) factor;
    } while (*at);
    *out_us = sum;
    return sum < (double) G_MAXINT64;
}

bool value_parse_duration(const char *text, gint64 *out_us, GError **error)
{
    double us;
    if (!read_duration(text, &us)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "\"%s\" is not a duration such as 90s, 5m, 500ms or 0", text);
        return false;
    }
    *out_us = (gint64) us;
    return true;
}

bool value_parse_size(const char *text, gint64 *out_bytes, GError **error)
{
    const char *at = text;
    double number = 0;
    bool ok = read_number(&at, &number);
    const char *letter = ok && *at ? strchr(size_letters, g_ascii_toupper(*at)) : NULL;
    if (letter) {
        for (long i = 0; i <= letter - size_letters; i++)
            number *= 1024;
        at++;
        if (g_ascii_strcasecmp(at, "iB") == 0)
            at += 2;
    } else if (ok && g_ascii_strcasecmp(at, "B") == 0) {
        at++;
    }
    if (!ok || *at || number >= (double) G_MAXINT64) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "\"%s\" is not a size such as 10G, 512M or a number of bytes", text);
        return false;
    }
    *out_bytes = (gint64) number;
    return true;
}

bool value_parse_int(const char *text, gint64 *out_int, GError **error)
{
    gint64 number;
    if (!g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, &number, NULL)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is not a whole number", text);
        return false;
    }
    *out_int = number;
    return true;
}

char *value_format_duration(gint64 us)
{
    if (us == 0)
        return g_strdup("0");
    if (us % G_TIME_SPAN_MILLISECOND)
        return g_strdup_printf("%" G_GINT64_FORMAT "us", us);
    if (us % G_TIME_SPAN_SECOND)
        return g_strdup_printf("%" G_GINT64_FORMAT "ms", us / G_TIME_SPAN_MILLISECOND);
    if (us % G_TIME_SPAN_MINUTE || us <= 2 * G_TIME_SPAN_MINUTE)
        return g_strdup_printf("%" G_GINT64_FORMAT "s", us / G_TIME_SPAN_SECOND);
    return g_strdup_printf("%" G_GINT64_FORMAT "m", us / G_TIME_SPAN_MINUTE);
}

char *value_format_size(guint64 bytes)
{
    if (bytes < 1024)
        return g_strdup_printf("%" G_GUINT64_FORMAT " B", bytes);
    double number = (double) bytes / 1024;
    int unit = 0;
    for (; number >= 1024 && size_letters[unit + 1]; unit++)
        number /= 1024;
    char text[32];
    bool whole = number == (double) (guint64) number;
    g_ascii_formatd(text, sizeof text, whole ? "%.0f" : "%.1f", number);
    return g_strdup_printf("%s %ciB", text, size_letters[unit]);
}

bool value_parse_since(const char *text, gint64 *out_us, GError **error)
{
    g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
    g_autoptr(GDateTime) moment = g_date_time_new_from_iso8601(text, utc);
    if (moment) {
        *out_us = g_date_time_to_unix(moment) * G_USEC_PER_SEC;
        return true;
    }
    gint64 back = 0;
    if (!value_parse_duration(text, &back, NULL)) {
        utm_error_set(error, UTM_ERROR_USAGE, "--since 10m",
                      "--since takes a time or a duration, not \"%s\"", text);
        return false;
    }
    *out_us = g_get_real_time() - back;
    return true;
}

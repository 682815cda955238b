/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes: what is read, what is refused, what is written. */
#include "cmd/values.h"
#include "core/error.h"

static void test_durations(void)
{
    static const struct {
        const char *text;
        gint64 us;
    } good[] = {
        { "0", 0 },          { "90s", 90000000 },   { "5m", 300000000 },
        { "500ms", 500000 }, { "1.5s", 1500000 },   { "1h30m", 5400000000 },
        { "10", 10000000 },  { "2min", 120000000 }, { "1d", 86400000000 },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        gint64 us = -1;
        g_assert_true(value_parse_duration(good[i].text, &us, NULL));
        g_assert_cmpint(us, ==, good[i].us);
    }
    static const char *const bad[] = {
        "", "s", "-1s", "5x", "1.s", "1e9", "nan", "0x1s", " 5s", "5 s", "99999999999999999999d"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 us = -1;
        g_autoptr(GError) error = NULL;
        g_assert_false(value_parse_duration(bad[i], &us, &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
        g_assert_cmpint(us, ==, -1);
    }
}

static void test_sizes(void)
{
    static const struct {
        const char *text;
        gint64 bytes;
    } good[] = {
        { "0", 0 },
        { "4096", 4096 },
        { "10G", G_GINT64_CONSTANT(10737418240) },
        { "512M", 536870912 },
        { "1.5k", 1536 },
        { "2GiB", G_GINT64_CONSTANT(2147483648) },
        { "100B", 100 },
        { "1T", G_GINT64_CONSTANT(1099511627776) },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        gint64 bytes = -1;
        g_assert_true(value_parse_size(good[i].text, &bytes, NULL));
        g_assert_cmpint(bytes, ==, good[i].bytes);
    }
    static const char *const bad[] = { "", "G", "-1G", "10GB", "10X", "1 G", "99999999P", "1Gi" };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        gint64 bytes = -1;
        g_autoptr(GError) error = NULL;
        g_assert_false(value_parse_size(bad[i], &bytes, &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    }
}

static void test_format(void)
{
    static const gint64 durations[] = { 0, 500000, 60000000, 300000000, 1, 90000000 };
    for (size_t i = 0; i < G_N_ELEMENTS(durations); i++) {
        g_autofree char *text = value_format_duration(durations[i]);
        gint64 us;
        g_assert_true(value_parse_duration(text, &us, NULL));
        g_assert_cmpint(us, ==, durations[i]);
    }
    g_autofree char *small = value_format_size(512);
    g_assert_cmpstr(small, ==, "512 B");
    g_autofree char *whole = value_format_size(2048);
    g_assert_cmpstr(whole, ==, "2 KiB");
    g_autofree char *part = value_format_size(G_GUINT64_CONSTANT(1610612736));
    g_assert_cmpstr(part, ==, "1.5 GiB");
    g_autofree char *huge = value_format_size(G_MAXUINT64);
    g_assert_true(g_str_has_suffix(huge, " PiB"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/values/durations", test_durations);
    g_test_add_func("/values/sizes", test_sizes);
    g_test_add_func("/values/format", test_format);
    return g_test_run();
}

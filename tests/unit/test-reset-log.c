/* SPDX-License-Identifier: Apache-2.0 */
/* Triple faults in QEMU's log. */
#include "core/vm/reset-log.h"

#include <string.h>

#define CPU(N, BASE, IP, LIMIT)                                                                    \
    "CPU Reset (CPU " N ")\nEAX=00000e45 EBX=00000000\nEIP=" IP " EFL=00000046 [---Z-P-] CPL=0\n"  \
    "CS =0000 " BASE " 0000ffff 00009b00\nGDT=     00000000 00000000\n"                            \
    "IDT=     00000000 " LIMIT "\nCR0=00000010\nXMM00=0000000000000000 0000000000000000\n"
#define FAULT "Triple fault\n"
#define GUEST CPU("0", "00000000", "00007c1e", "00000000")
#define SEABIOS CPU("0", "00000000", "000efaad", "00000000")
#define VECTOR CPU("0", "ffff0000", "0000fff0", "0000ffff")

static void test_reset(void)
{
    static const struct {
        const char *text;
        guint faults, firmware;
        bool last;
    } rows[] = {
        { "", 0, 0, false },
        { FAULT GUEST, 1, 0, true },
        { FAULT GUEST CPU("1", "00000000", "00001000", "00000fff"), 1, 0, true },
        { FAULT GUEST FAULT SEABIOS VECTOR, 1, 2, false },
        { FAULT GUEST FAULT GUEST, 2, 0, true },
        /* A reset of another kind, and a processor that another one starts. */
        { GUEST, 0, 0, false },
        { CPU("1", "00000000", "00007c1e", "00000000"), 0, 0, false },
        { FAULT "qemu-system-x86_64: warning: meanwhile\n" GUEST, 1, 0, true },
        /* One that ends QEMU is followed by nothing. */
        { FAULT, 1, 0, true },
        { "qemu-system-x86_64: Triple fault, he said\n", 0, 0, false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GString) rest = g_string_new(NULL);
        ResetLog log;
        reset_log_init(&log);
        reset_log_feed(&log, rows[i].text, 8, rest);
        reset_log_flush(&log, false, 8, rest);
        g_assert_cmpuint(log.faults, ==, rows[i].faults);
        g_assert_cmpuint(log.firmware, ==, rows[i].firmware);
        g_assert_true(log.last_is_fault == rows[i].last);
        reset_log_clear(&log);
    }
}

static void test_where(void)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    ResetLog log;
    reset_log_init(&log);
    reset_log_feed(&log, FAULT CPU("0", "00010000", "00000123", "000003ff"), 8, rest);
    reset_log_flush(&log, true, 8, rest);
    g_assert_true(log.has_address && !log.empty_table);
    g_assert_cmphex(log.address, ==, 0x10123);
    reset_log_feed(&log,
                   FAULT "CPU Reset (CPU 0)\nRIP=ffffffff81000000 RFL=2\n"
                         "CS =0010 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]\n"
                         "IDT=     fffffe0000000000 00000000\n",
                   8, rest);
    reset_log_flush(&log, true, 8, rest);
    g_assert_true(log.has_address && log.empty_table);
    g_assert_cmphex(log.address, ==, 0xffffffff81000000);
    reset_log_clear(&log);
}

/* What stays in the log, also when it is read in pieces. */
static void test_rest(void)
{
    g_autoptr(GString) rest = g_string_new(NULL);
    ResetLog log;
    reset_log_init(&log);
    reset_log_feed(&log, "one\n" SEABIOS "two\n" FAULT, 1, rest);
    reset_log_flush(&log, true, 1, rest);
    g_assert_cmpstr(rest->str, ==, "one\ntwo\n");
    g_assert_cmpuint(log.faults, ==, 0);
    reset_log_feed(&log, GUEST "three\n", 1, rest);
    g_assert_nonnull(strstr(rest->str, "two\n" FAULT "CPU Reset (CPU 0)\nEAX="));
    g_assert_nonnull(strstr(rest->str, "IDT="));
    g_assert_null(strstr(rest->str, "XMM"));
    g_assert_true(g_str_has_suffix(rest->str, "CR0=00000010\nthree\n"));
    gsize before = rest->len;
    reset_log_feed(&log, FAULT GUEST "four\n", 1, rest);
    g_assert_cmpuint(rest->len, ==, before + strlen("four\n"));
    g_assert_cmpuint(log.faults, ==, 2);
    reset_log_clear(&log);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/reset-log/reset", test_reset);
    g_test_add_func("/reset-log/where", test_where);
    g_test_add_func("/reset-log/rest", test_rest);
    return g_test_run();
}

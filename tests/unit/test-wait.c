/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting: the words for conditions, lines of a console, tables of ports. */
#include "core/wait/wait.h"

#include <gio/gio.h>
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/vm/last-exit.h"
#include "core/vm/last-words.h"
#include "core/wait/wait-console.h"
#include "core/wait/wait-port.h"

/* ---- conditions ---- */

static void test_conditions(void)
{
    static const struct {
        const char *text;
        WaitKind kind;
        const char *value;
        bool guest;
    } rows[] = {
        { "running", WAIT_RUNNING, NULL, false },
        { "stopped", WAIT_STOPPED, NULL, false },
        { "paused", WAIT_PAUSED, NULL, false },
        { "agent", WAIT_AGENT, NULL, true },
        { "ip", WAIT_IP, NULL, true },
        { "ssh", WAIT_SSH, NULL, true },
        { "cloud-init", WAIT_CLOUD_INIT, NULL, true },
        { "port=8080", WAIT_PORT, "8080", true },
        { "file=/run/a=b", WAIT_FILE, "/run/a=b", true },
        { "cmd=test -e \"$HOME\"", WAIT_COMMAND, "test -e \"$HOME\"", true },
        { "serial=/a.c/", WAIT_SERIAL, "/a.c/", false },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(WaitCondition) condition = wait_condition_parse(rows[i].text, &error);
        g_assert_no_error(error);
        g_assert_cmpint(condition->kind, ==, rows[i].kind);
        g_assert_cmpstr(condition->value, ==, rows[i].value);
        g_assert_cmpint(wait_condition_asks_guest(condition), ==, rows[i].guest);
        g_assert_false(condition->reached);
    }
    g_autoptr(WaitCondition) port = wait_condition_parse("port=8080", NULL);
    g_assert_cmpint(port->port, ==, 8080);
    g_autoptr(WaitCondition) ssh = wait_condition_parse("ssh", NULL);
    g_assert_cmpint(ssh->port, ==, 22);
}

static void test_not_conditions(void)
{
    static const char *const rows[] = {
        "",        "run",    "running=1",   "port",    "port=",      "port=0",
        "port=-1", "port=x", "port=65536",  "serial=", "serial=/(/", "file=",
        "cmd=",    "Agent",  "cloud-init=", "ssh=22",  "serial",     "=",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(wait_condition_parse(rows[i], &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    }
    g_autoptr(GError) error = NULL;
    g_assert_null(wait_condition_parse("runing", &error));
    g_assert_nonnull(strstr(utm_error_hint(error), "running"));
    char *words[] = { (char *) "agent", (char *) "nothing", NULL };
    g_assert_null(wait_condition_list(words, NULL));
}

static void test_patterns(void)
{
    static const struct {
        const char *text, *line;
        bool complete, matches;
    } rows[] = {
        { "serial=/^READY$/", "READY", true, true },
        { "serial=/^READY$/", "READY", false, false }, /* more of the line may come */
        { "serial=/^READY/", "READY", false, true },
        { "serial=/ready/", "READY", true, false },
        { "serial=/ready/i", "READY", true, true },
        { "serial=/a/b/", "xa/bx", true, true },
        { "serial=a.b", "a.b", true, true },
        { "serial=a.b", "axb", true, false },
        { "serial=/x", "/x", true, true },
        { "serial=(", "a ( b", true, true },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(WaitCondition) condition = wait_condition_parse(rows[i].text, NULL);
        g_assert_nonnull(condition);
        g_assert_cmpint(wait_console_matches(condition->regex, rows[i].line, rows[i].complete), ==,
                        rows[i].matches);
    }
}

/* ---- lines ---- */

static void add_line(const char *line, bool complete, void *user)
{
    g_string_append_printf(user, "%s%s|", line, complete ? "" : "~");
}

static void test_lines(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(WaitConsole) console = wait_console_new(add_line, seen);
    wait_console_feed(console, "one\r\ntw", 7);
    wait_console_feed(console, "o\r\n\033[1mlogin:\033[0m ", 18);
    g_assert_cmpstr(seen->str, ==, "one|tw~|two|login: ~|");
    g_string_truncate(seen, 0);
    wait_console_feed(console, "\n", 1);
    wait_console_feed(console, "a\0b\n", 4);
    g_assert_cmpstr(seen->str, ==, "login:|a b|");
}

static void test_endless_line(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(WaitConsole) console = wait_console_new(add_line, seen);
    g_autofree char *much = g_strnfill(60000, 'x');
    for (unsigned i = 0; i < 10; i++) {
        g_string_truncate(seen, 0);
        wait_console_feed(console, much, 60000);
        g_assert_cmpint(seen->len, <, 130000);
    }
    wait_console_feed(console, "end\n", 4);
    g_assert_true(g_str_has_suffix(seen->str, "xend|"));
}

static void test_file(void)
{
    g_autoptr(GString) seen = g_string_new(NULL);
    g_autoptr(WaitConsole) console = wait_console_new(add_line, seen);
    g_autofree char *dir = g_dir_make_tmp(NULL, NULL);
    g_autofree char *path = g_build_filename(dir, "log", NULL);
    wait_console_feed_file(console, path);
    g_assert_cmpstr(seen->str, ==, "");
    g_assert_true(g_file_set_contents(path, "a\nb\nhalf", -1, NULL));
    wait_console_feed_file(console, path);
    /* The rest of the line comes from the console itself. */
    g_assert_cmpstr(seen->str, ==, "a|b|");
    remove(path);
    remove(dir);
}

/* ---- ports ---- */

static void test_table(void)
{
    static const char v4[] =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
        "   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
        "   1: 0100007F:0277 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n"
        "   2: 0F02000A:0050 0202000A:9C40 01 00000000:00000000 00:00000000 00000000     0\n"
        "   3: 7F02000A:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0\n";
    static const char v6[] =
        "  sl  local_address                         remote_address                        st\n"
        "   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A\n"
        "   1: 00000000000000000000000001000000:0019 00000000000000000000000000000000:0000 0A\n"
        "   2: 0000000000000000FFFF00000100007F:0035 00000000000000000000000000000000:0000 0A\n"
        "   3: 0000000000000000FFFF00000F02000A:0087 00000000000000000000000000000000:0000 0A\n";
    g_assert_true(wait_port_listens(v4, 22));
    g_assert_false(wait_port_listens(v4, 631)); /* on the loopback only */
    g_assert_false(wait_port_listens(v4, 80));  /* a connection, nobody listens */
    g_assert_true(wait_port_listens(v4, 8080)); /* 10.0.2.127 */
    g_assert_true(wait_port_listens(v6, 443));
    g_assert_false(wait_port_listens(v6, 25));
    g_assert_false(wait_port_listens(v6, 53));
    g_assert_true(wait_port_listens(v6, 135));
    g_assert_false(wait_port_listens("", 22));
    g_assert_false(wait_port_listens("no table", 22));
}

static void test_usernet(void)
{
    static const char usernet[] =
        "Hub 0 (#net0):\r\n"
        "  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ\r\n"
        "  TCP[ESTABLISHED]   31       127.0.0.1  2222       10.0.2.15    22     0     0\r\n"
        "  TCP[SYN_SENT]      32       127.0.0.1  8080       10.0.2.15    80     0     0\r\n"
        "  TCP[HOST_FORWARD]  12       127.0.0.1  2222       10.0.2.15    22     0     0\r\n"
        "  TCP[HOST_FORWARD]  13               *  8080       10.0.2.15    80     0     0\r\n"
        "  UDP[HOST_FORWARD]  14               *  5353       10.0.2.15    53     0     0\r\n";
    g_autofree char *ssh = NULL, *http = NULL, *none = NULL;
    uint16_t port = 0;
    g_assert_true(wait_port_forward(usernet, 22, &ssh, &port));
    g_assert_cmpstr(ssh, ==, "127.0.0.1");
    g_assert_cmpint(port, ==, 2222);
    g_assert_true(wait_port_forward(usernet, 80, &http, &port));
    g_assert_cmpstr(http, ==, "127.0.0.1");
    g_assert_cmpint(port, ==, 8080);
    g_assert_false(wait_port_forward(usernet, 53, &none, &port));
    g_assert_false(wait_port_forward("", 22, &none, &port));
    g_assert_true(wait_port_is_connected(usernet, 2222));
    g_assert_false(wait_port_is_connected(usernet, 8080));
}

/* ---- records ---- */

static void test_last_exit(void)
{
    g_autofree char *off = last_exit_text("{\"reason\": \"guest-shutdown\", \"status\": \"x\"}");
    g_assert_cmpstr(off, ==, "the guest has powered off");
    g_autofree char *crash = last_exit_text(
        "{\"reason\": \"crashed\", \"status\": \"signal 11\", \"message\": \"it said\"}");
    g_assert_cmpstr(crash, ==, "QEMU has crashed with signal 11: it said");
    g_autofree char *other = last_exit_text("{\"reason\": \"host-ui\"}");
    g_assert_cmpstr(other, ==, "host-ui");
    g_assert_null(last_exit_text(NULL));
    g_assert_null(last_exit_text("nonsense"));
    g_assert_null(last_exit_text("{}"));
}

static void test_panic(void)
{
    static const struct {
        const char *console, *panic;
    } rows[] = {
        { "fine\nlogin:", NULL },
        { "", NULL },
        { "Kernel panic - not syncing: x\nCPU: 0", "Kernel panic - not syncing: x" },
        { "[   12.3] Kernel panic - not syncing: y", "Kernel panic - not syncing: y" },
        { "panic: page fault", "panic: page fault" },
        { "grep panic: no such file", NULL },
        { "Kernel panic - not syncing: a\nboot 2\nKernel panic - not syncing: b\n---[ end",
          "Kernel panic - not syncing: b" },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *panic = last_words_panic(rows[i].console);
        g_assert_cmpstr(panic, ==, rows[i].panic);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/wait/conditions", test_conditions);
    g_test_add_func("/wait/not-conditions", test_not_conditions);
    g_test_add_func("/wait/patterns", test_patterns);
    g_test_add_func("/wait/lines", test_lines);
    g_test_add_func("/wait/endless-line", test_endless_line);
    g_test_add_func("/wait/file", test_file);
    g_test_add_func("/wait/table", test_table);
    g_test_add_func("/wait/usernet", test_usernet);
    g_test_add_func("/last-exit/text", test_last_exit);
    g_test_add_func("/last-words/panic", test_panic);
    return g_test_run();
}

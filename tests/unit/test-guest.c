/* SPDX-License-Identifier: Apache-2.0 */
/* What is decided about a guest without asking it. */
#include <glib/gstdio.h>
#include <sys/wait.h>

#include "core/error.h"
#include "core/guest/guest-address.h"
#include "core/guest/guest-exec-script.h"
#include "core/guest/guest-exec.h"
#include "core/guest/guest.h"

static void test_env(void)
{
    static const char *const good[] = { "A=b", "_a1=", "A=b=c", "PATH=/a b" };
    static const char *const bad[] = { "", "A", "=b", "1A=b", "A-B=c", "A B=c", "\303\244=b" };
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++)
        g_assert_true(guest_exec_check_env(good[i]));
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(guest_exec_check_env(bad[i]));
}

static void test_loopback(void)
{
    g_assert_true(guest_address_is_loopback("127.0.0.1"));
    g_assert_true(guest_address_is_loopback("127.1.2.3"));
    g_assert_true(guest_address_is_loopback("::1"));
    g_assert_false(guest_address_is_loopback("10.0.2.15"));
    g_assert_false(guest_address_is_loopback("fe80::1"));
    g_assert_false(guest_address_is_loopback("localhost"));
}

static void test_errors(void)
{
    static const struct {
        int code;
        const char *message;
        UtmError expected;
    } rows[] = {
        { QMP_ERROR_TIMEOUT, "no answer", UTM_ERROR_GUEST_UNREACHABLE },
        { QMP_ERROR_FAILED, "failed to open file '/x': No such file or directory",
          UTM_ERROR_NOT_FOUND },
        { QMP_ERROR_FAILED, "failed to open file '/x': Is a directory", UTM_ERROR_FAILED },
        { QMP_ERROR_DISCONNECTED, "the connection has ended", UTM_ERROR_FAILED },
    };
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GError) error = g_error_new_literal(QMP_ERROR, rows[i].code, rows[i].message);
        g_assert_false(guest_explain(&error));
        g_assert_error(error, UTM_ERROR, (int) rows[i].expected);
        g_assert_cmpstr(error->message, ==, rows[i].message);
    }
    g_autoptr(GError) other = g_error_new_literal(UTM_ERROR, UTM_ERROR_LOCKED, "locked");
    g_assert_false(guest_explain(&other));
    g_assert_error(other, UTM_ERROR, UTM_ERROR_LOCKED);
    g_assert_false(guest_explain(NULL));
}

/* Run the script on this host, where nobody reads the pieces. */
static void test_script(void)
{
    g_autofree char *base = g_dir_make_tmp(NULL, NULL);
    g_autofree char *folder = g_build_filename(base, "run", NULL);
    const char *argv[] = { "/bin/sh", "-c",   guest_exec_script,
                           "utmctl",  folder, "/",
                           "",        "1",    "A=b c",
                           "sh",      "-c",   "printf '%s %s' \"$A\" \"$PWD\"; echo no >&2; exit 3",
                           NULL };
    g_autofree char *out = NULL, *err = NULL;
    int status;
    g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err,
                               &status, NULL));
    g_assert_cmpstr(out, ==, "b c /.");
    g_assert_cmpstr(err, ==, "no\n");
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 3);
    g_assert_false(g_file_test(folder, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_rmdir(base), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guest/env", test_env);
    g_test_add_func("/guest/loopback", test_loopback);
    g_test_add_func("/guest/errors", test_errors);
    g_test_add_func("/guest/script", test_script);
    return g_test_run();
}

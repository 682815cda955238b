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
        { QMP_ERROR_DISCONNECTED, "the virtual machine has ended", UTM_ERROR_GUEST_UNREACHABLE },
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

/* Run a script on this host, as the agent would in a guest. */
static int run_script(char **argv, char **out, char **err)
{
    int status;
    g_assert_true(
        g_spawn_sync(NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, out, err, &status, NULL));
    g_assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

#define PROGRAM "printf '%s %s' \"$A\" \"$PWD\"; echo no >&2; exit 3"

/* A program that is over soon: what it wrote comes around the line with its status. */
static void test_wrapper(void)
{
    const char *argv[] = { "/bin/sh", "-c",    guest_exec_wrapper,
                           "mark",    "/",     "",
                           "1",       "A=b c", "sh",
                           "-c",      PROGRAM, NULL };
    g_autofree char *out = NULL, *err = NULL;
    int status = run_script((char **) argv, &out, &err);
    if (status == GUEST_EXEC_FAILED) {
        g_test_skip("this shell keeps documents in files");
        return;
    }
    g_assert_cmpint(status, ==, 0);
    g_assert_cmpstr(out, ==, "b c /mark/mark 3\nno\n");
    g_assert_cmpstr(err, ==, "");
}

/* In a shell without such pipes: in pieces from the beginning. */
static void test_alone(void)
{
    g_autofree char *base = g_dir_make_tmp(NULL, NULL);
    g_autofree char *folder = g_build_filename(base, "run", NULL);
    const char *argv[] = { "/bin/sh", "-c", guest_exec_alone, "utmctl", folder, "/",
                           "",        "1",  "A=b c",          "sh",     "-c",   PROGRAM,
                           NULL };
    static const char *const pieces[][2] = { { "1.0", "b c /" }, { "2.0", "no\n" }, { "pid" } };
    g_autofree char *out = NULL, *err = NULL;
    g_assert_cmpint(run_script((char **) argv, &out, &err), ==, 3);
    g_assert_cmpstr(out, ==, "");
    g_assert_cmpstr(err, ==, "");
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        g_autofree char *path = g_build_filename(folder, pieces[i][0], NULL);
        g_autofree char *text = NULL;
        if (pieces[i][1]) {
            g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
            g_assert_cmpstr(text, ==, pieces[i][1]);
        }
        g_assert_cmpint(g_unlink(path), ==, 0);
    }
    g_assert_cmpint(g_rmdir(folder), ==, 0);
    g_assert_cmpint(g_rmdir(base), ==, 0);
}

/* Who comes when the wrapper is gone has nothing to take over, and leaves nothing. */
static void test_late(void)
{
    g_autofree char *base = g_dir_make_tmp(NULL, NULL);
    g_autofree char *folder = g_build_filename(base, "run", NULL);
    const char *argv[] = { "/bin/sh", "-c", guest_exec_spool, "utmctl", folder, "0", NULL };
    int status = run_script((char **) argv, NULL, NULL);
    g_assert_cmpint(status, >, 0);
    g_assert_cmpint(status, <=, GUEST_EXEC_LATE);
    g_assert_cmpint(g_rmdir(base), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/guest/env", test_env);
    g_test_add_func("/guest/loopback", test_loopback);
    g_test_add_func("/guest/errors", test_errors);
    g_test_add_func("/guest/wrapper", test_wrapper);
    g_test_add_func("/guest/alone", test_alone);
    g_test_add_func("/guest/late", test_late);
    return g_test_run();
}

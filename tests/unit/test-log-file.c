/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of bounded size. */
#include "core/vm/log-file.h"

#include <glib/gstdio.h>
#include <string.h>

static char *dir;

static char *contents(const char *name)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    char *text = NULL;
    (void) g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static void write_run(const char *name, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(LogFile) log = log_file_open(dir, name, 0, &error);
    g_assert_no_error(error);
    log_file_write(log, text, strlen(text));
}

static void test_runs(void)
{
    for (int i = 0; i < 6; i++) {
        char text[2] = { (char) ('0' + i), 0 };
        write_run("runs", text);
    }
    const char *const names[] = { "runs", "runs.1", "runs.2", "runs.3", "runs.4" };
    const char *const expected[] = { "5", "4", "3", "2", NULL };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *text = contents(names[i]);
        g_assert_cmpstr(text, ==, expected[i]);
    }
}

static void test_limit(void)
{
    g_autoptr(LogFile) log = log_file_open(dir, "limit", 1000, NULL);
    for (int i = 0; i < 500; i++) {
        g_autofree char *line = g_strdup_printf("line %d\n", i);
        log_file_write(log, line, strlen(line));
        g_autofree char *text = contents("limit");
        g_assert_cmpuint(strlen(text), <=, 1000);
        g_assert_true(g_str_has_suffix(text, line));
    }
    g_autofree char *text = contents("limit");
    g_assert_cmpuint(strlen(text), >=, 450);
}

static void test_tail(void)
{
    write_run("tail", "one\ntwo\nthree\n\n");
    g_autofree char *path = g_build_filename(dir, "tail", NULL);
    const char *const expected[] = { "three", "two\nthree", "one\ntwo\nthree", "one\ntwo\nthree" };
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
        g_autofree char *tail = log_file_tail(path, i + 1);
        g_assert_cmpstr(tail, ==, expected[i]);
    }
    g_autofree char *missing = log_file_tail("/nonexistent", 3);
    g_assert_cmpstr(missing, ==, "");
}

/* What another process writes as well: a descriptor that appends. */
static void test_shorten(void)
{
    g_autoptr(LogFile) log = log_file_open(dir, "long", 0, NULL);
    g_autofree char *big = g_strnfill(9 * 1024 * 1024, 'x');
    for (size_t i = 99; i < 9 * 1024 * 1024; i += 100)
        big[i] = '\n';
    log_file_write(log, "command: first\n", 15);
    log_file_shorten(log);
    g_autofree char *small = contents("long");
    g_assert_cmpstr(small, ==, "command: first\n");
    log_file_write(log, big, 9 * 1024 * 1024);
    log_file_write(log, "last\n", 5);
    log_file_shorten(log);
    log_file_write(log, "after\n", 6);
    g_autofree char *text = contents("long");
    g_assert_cmpuint(strlen(text), <, 5 * 1024 * 1024);
    g_assert_true(g_str_has_prefix(text, "command: first\n"));
    g_assert_nonnull(strstr(text, "\n[5"));
    g_assert_nonnull(strstr(text, " bytes left out]\n"));
    g_assert_true(g_str_has_suffix(text, "xlast\nafter\n"));
}

/* A run that has left no file takes none of an older one. */
static void test_rotate(void)
{
    g_autofree char *path = g_build_filename(dir, "gaps", NULL);
    g_autofree char *first = g_strconcat(path, ".1", NULL);
    g_autofree char *second = g_strconcat(path, ".2", NULL);
    g_assert_true(g_file_set_contents(path, "a", 1, NULL));
    log_file_rotate(path);
    g_assert_true(g_file_test(first, G_FILE_TEST_EXISTS));
    log_file_rotate(path);
    g_assert_true(!g_file_test(first, G_FILE_TEST_EXISTS));
    g_assert_true(g_file_test(second, G_FILE_TEST_EXISTS));
    g_assert_cmpint(g_unlink(second), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    dir = g_dir_make_tmp("utmctl-test-XXXXXX", NULL);
    g_test_add_func("/log-file/runs", test_runs);
    g_test_add_func("/log-file/limit", test_limit);
    g_test_add_func("/log-file/tail", test_tail);
    g_test_add_func("/log-file/shorten", test_shorten);
    g_test_add_func("/log-file/rotate", test_rotate);
    int status = g_test_run();
    const char *const names[] = { "runs", "runs.1", "runs.2", "runs.3", "limit", "tail", "long" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);
        (void) g_unlink(path);
    }
    (void) g_rmdir(dir);
    g_free(dir);
    return status;
}

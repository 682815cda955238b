/* SPDX-License-Identifier: Apache-2.0 */
/* The lock of a running machine. */
#include "core/vm/run-dir.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/paths.h"

#define UUID "01234567-89AB-4CDE-8F01-23456789ABCD"

static void test_claim(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_false(run_dir_holder(UUID, NULL));
    g_autoptr(RunDir) dir = run_dir_claim(UUID, "/a.utm", "a", &error);
    g_assert_no_error(error);
    g_auto(RunHolder) holder = { 0 };
    g_assert_true(run_dir_holder(UUID, &holder));
    g_assert_cmpint(holder.pid, ==, getpid());
    g_assert_cmpstr(holder.path, ==, "/a.utm");
    g_clear_pointer(&dir, run_dir_release);
    g_assert_false(run_dir_holder(UUID, NULL));
    g_autofree char *path = paths_runtime(UUID);
    g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_second_claim(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(RunDir) dir = run_dir_claim(UUID, "/a.utm", "a", &error);
    g_assert_no_error(error);
    g_assert_null(run_dir_claim(UUID, "/a.utm", "a", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_WRONG_STATE);
    g_clear_error(&error);
    g_assert_null(run_dir_claim(UUID, "/copy.utm", "copy", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_LOCKED);
    g_assert_nonnull(utm_error_hint(error));
}

/* Of two bundles with one UUID one runs. It stays the same one when its folder is moved. */
static void test_which_runs(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *root = g_dir_make_tmp("utmctl-test-XXXXXX", NULL);
    g_autofree char *bundle = g_build_filename(root, "a.utm", NULL);
    g_autofree char *moved = g_build_filename(root, "b.utm", NULL);
    g_autofree char *copy = g_build_filename(root, "c.utm", NULL);
    g_assert_cmpint(g_mkdir(bundle, 0700) | g_mkdir(copy, 0700), ==, 0);
    g_autoptr(RunDir) dir = run_dir_claim(UUID, bundle, "a", &error);
    g_assert_no_error(error);
    g_assert_true(run_dir_runs(UUID, bundle, NULL));
    g_assert_false(run_dir_runs(UUID, copy, NULL));
    g_assert_cmpint(g_rename(bundle, moved), ==, 0);
    g_auto(RunHolder) holder = { 0 };
    g_assert_true(run_dir_runs(UUID, moved, &holder));
    g_assert_cmpint(holder.pid, ==, getpid());
    g_assert_null(run_dir_claim(UUID, moved, "a", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_WRONG_STATE);
    (void) g_rmdir(moved);
    (void) g_rmdir(copy);
    (void) g_rmdir(root);
}

static void test_root_of_another(void)
{
    g_autofree char *root = paths_runtime(NULL);
    g_autoptr(GError) error = NULL;
    if (getuid() != 0) {
        g_test_skip("only root can give folders away");
        return;
    }
    g_assert_cmpint(g_mkdir_with_parents(root, 0777), ==, 0);
    g_assert_cmpint(chown(root, 65534, 65534), ==, 0);
    g_assert_null(run_dir_claim(UUID, "/a.utm", "a", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, "does not belong to this user"));
    g_assert_cmpint(chown(root, 0, 0), ==, 0);
}

/* A holder that is killed leaves its folder but not its lock. */
static void test_killed_holder(void)
{
    int ready[2];
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        RunDir *dir = run_dir_claim(UUID, "/a.utm", "a", NULL);
        g_autofree char *stale = g_build_filename(dir->path, "qmp", NULL);
        (void) g_file_set_contents(stale, "", 0, NULL);
        (void) !write(ready[1], "x", 1);
        pause();
        _exit(0);
    }
    char byte;
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    g_assert_true(run_dir_holder(UUID, NULL));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    g_assert_false(run_dir_holder(UUID, NULL));

    g_autoptr(GError) error = NULL;
    g_autoptr(RunDir) dir = run_dir_claim(UUID, "/a.utm", "a", &error);
    g_assert_no_error(error);
    g_autofree char *stale = run_dir_socket(UUID, "qmp");
    g_assert_false(g_file_test(stale, G_FILE_TEST_EXISTS));
    close(ready[0]);
    close(ready[1]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *runtime = g_dir_make_tmp("utmctl-test-XXXXXX", NULL);
    g_setenv("XDG_RUNTIME_DIR", runtime, TRUE);
    g_test_add_func("/run-dir/claim", test_claim);
    g_test_add_func("/run-dir/second-claim", test_second_claim);
    g_test_add_func("/run-dir/which-runs", test_which_runs);
    g_test_add_func("/run-dir/root-of-another", test_root_of_another);
    g_test_add_func("/run-dir/killed-holder", test_killed_holder);
    int status = g_test_run();
    g_autofree char *ours = g_build_filename(runtime, "utmctl", NULL);
    (void) rmdir(ours);
    (void) rmdir(runtime);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Hidden folders in which something is made, and what is left of them when their maker is killed. */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/staging.h"
#include "core/tree.h"

static char *make_library(char **out_target)
{
    char *library = g_dir_make_tmp("staging-XXXXXX", NULL);
    *out_target = g_build_filename(library, "web.utm", NULL);
    return library;
}

static unsigned count(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned number = 0;
    while (g_dir_read_name(dir))
        number++;
    return number;
}

static unsigned count_left(const char *folder)
{
    g_auto(GStrv) left = staging_left(folder);
    return g_strv_length(left);
}

static void fill(const Staging *staging)
{
    g_autofree char *file = g_build_filename(staging->path, "config.plist", NULL);
    g_assert_cmpint(g_mkdir(staging->path, 0755), ==, 0);
    g_assert_true(g_file_set_contents(file, "config", -1, NULL));
}

static void test_use(void)
{
    g_autofree char *target = NULL;
    g_autofree char *library = make_library(&target);
    GError *error = NULL;
    Staging *staging = staging_new(target, &error);
    g_assert_no_error(error);
    fill(staging);
    g_assert_true(tree_move(staging->path, target, &error));
    staging_free(staging);
    g_assert_cmpuint(count(library), ==, 1);
    g_assert_true(g_file_test(target, G_FILE_TEST_IS_DIR));

    staging = staging_new(target, &error);
    fill(staging);
    staging_free(staging);
    g_assert_cmpuint(count(library), ==, 1);
    g_assert_true(tree_remove(library, NULL));
}

static void test_no_folder(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(staging_new("/nonexistent/web.utm", &error));
    g_assert_cmpstr(error->message, ==,
                    "cannot create \"/nonexistent/web.utm\": No such file or directory");
}

/* A process that has such a folder until it is killed. */
static pid_t start_maker(const char *target)
{
    int ready[2];
    char byte;
    g_assert_cmpint(pipe(ready), ==, 0);
    pid_t pid = fork();
    if (pid == 0) {
        Staging *staging = staging_new(target, NULL);
        fill(staging);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
    close(ready[0]);
    return pid;
}

static void end_maker(pid_t pid)
{
    g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
    g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
}

static void test_killed(void)
{
    g_autofree char *target = NULL;
    g_autofree char *library = make_library(&target);
    pid_t dead = start_maker(target), alive = start_maker(target);
    staging_sweep(library);
    g_assert_cmpuint(count(library), ==, 2);
    g_assert_cmpuint(count_left(library), ==, 0);

    end_maker(dead);
    g_assert_cmpuint(count_left(library), ==, 1);
    g_assert_cmpuint(count(library), ==, 2);
    /* The next one who makes something does it. */
    staging_free(staging_new(target, NULL));
    g_assert_cmpuint(count(library), ==, 1);
    end_maker(alive);
    staging_sweep(library);
    g_assert_cmpuint(count(library), ==, 0);
    g_assert_true(tree_remove(library, NULL));
}

/* Nobody here can know whether these are still worked in. */
static void test_unknown(void)
{
    static const char *const marks[] = { "", "another-boot\nanother-host\n", "\n\n", "half" };
    g_autofree char *target = NULL;
    g_autofree char *library = make_library(&target);
    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        g_autofree char *name = g_strdup_printf(".utmctl-%06zu", i);
        g_autofree char *folder = g_build_filename(library, name, NULL);
        g_autofree char *mark = g_build_filename(folder, "maker", NULL);
        g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
        g_assert_true(g_file_set_contents(mark, marks[i], -1, NULL));
    }
    g_autofree char *without = g_build_filename(library, ".utmctl-nobody", NULL);
    g_assert_cmpint(g_mkdir(without, 0700), ==, 0);
    staging_sweep(library);
    g_assert_cmpuint(count(library), ==, G_N_ELEMENTS(marks) + 1);
    g_assert_cmpuint(count_left(library), ==, 0);
    g_assert_true(tree_remove(library, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/staging/use", test_use);
    g_test_add_func("/staging/no-folder", test_no_folder);
    g_test_add_func("/staging/killed", test_killed);
    g_test_add_func("/staging/unknown", test_unknown);
    return g_test_run();
}

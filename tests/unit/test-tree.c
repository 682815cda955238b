/* SPDX-License-Identifier: Apache-2.0 */
/* Folders copied and removed as a whole. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/tree.h"

static void write_file(const char *folder, const char *name, const char *text)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static char *make_source(void)
{
    char *folder = g_dir_make_tmp("tree-XXXXXX", NULL);
    g_autofree char *data = g_build_filename(folder, "Data", NULL);
    g_assert_cmpint(g_mkdir(data, 0755), ==, 0);
    write_file(folder, "config.plist", "config");
    write_file(data, "disk", "disk");
    return folder;
}

static void assert_text(const char *folder, const char *name, const char *expected)
{
    g_autofree char *path = g_build_filename(folder, name, NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_cmpstr(text, ==, expected);
}

static void test_copy(void)
{
    g_autofree char *from = make_source();
    g_autofree char *to = g_strconcat(from, "-copy", NULL);
    g_autofree char *outside = g_strconcat(from, "-outside", NULL);
    g_assert_true(g_file_set_contents(outside, "linked", -1, NULL));
    g_autofree char *link = g_build_filename(from, "link", NULL);
    g_assert_cmpint(symlink(outside, link), ==, 0);
    GError *error = NULL;
    g_assert_true(tree_copy(from, to, NULL, NULL, &error));
    g_assert_no_error(error);
    assert_text(to, "config.plist", "config");
    assert_text(to, "Data/disk", "disk");
    assert_text(to, "link", "linked");
    g_autofree char *copied = g_build_filename(to, "link", NULL);
    g_assert_false(g_file_test(copied, G_FILE_TEST_IS_SYMLINK));
    g_assert_true(tree_remove(from, NULL));
    g_assert_true(tree_remove(to, NULL));
    g_assert_true(g_file_test(outside, G_FILE_TEST_EXISTS));
    g_unlink(outside);
}

static void test_sparse(void)
{
    g_autofree char *from = make_source();
    g_autofree char *to = g_strconcat(from, "-copy", NULL);
    g_autofree char *path = g_build_filename(from, "sparse", NULL);
    g_auto(Fd) fd = open(path, O_RDWR | O_CREAT, 0644);
    g_assert_cmpint(pwrite(fd, "end", 3, 64 * 1024 * 1024), ==, 3);
    g_assert_cmpint(ftruncate(fd, 80 * 1024 * 1024), ==, 0);
    g_assert_true(tree_copy(from, to, NULL, NULL, NULL));
    g_autofree char *copied = g_build_filename(to, "sparse", NULL);
    struct stat st;
    g_assert_cmpint(stat(copied, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, 80 * 1024 * 1024);
    g_assert_cmpint(st.st_blocks * 512, <, 1024 * 1024);
    g_auto(Fd) copy = open(copied, O_RDONLY);
    char text[4] = "";
    g_assert_cmpint(pread(copy, text, 3, 64 * 1024 * 1024), ==, 3);
    g_assert_cmpstr(text, ==, "end");
    g_assert_true(tree_remove(from, NULL));
    g_assert_true(tree_remove(to, NULL));
}

static void test_refuses_devices(void)
{
    g_autofree char *from = make_source();
    g_autofree char *to = g_strconcat(from, "-copy", NULL);
    g_autofree char *pipe_path = g_build_filename(from, "pipe", NULL);
    g_assert_cmpint(mkfifo(pipe_path, 0600), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_false(tree_copy(from, to, NULL, NULL, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_assert_true(tree_remove(from, NULL));
    g_assert_true(tree_remove(to, NULL));
}

static bool refuse(uint64_t done G_GNUC_UNUSED, uint64_t all G_GNUC_UNUSED,
                   void *user G_GNUC_UNUSED)
{
    return false;
}

static void test_cancel(void)
{
    g_autofree char *from = make_source();
    g_autofree char *to = g_strconcat(from, "-copy", NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(tree_copy(from, to, refuse, NULL, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INTERRUPTED);
    g_assert_true(tree_remove(from, NULL));
    g_assert_true(tree_remove(to, NULL));
    g_assert_true(tree_remove(to, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tree/copy", test_copy);
    g_test_add_func("/tree/sparse", test_sparse);
    g_test_add_func("/tree/refuses-devices", test_refuses_devices);
    g_test_add_func("/tree/cancel", test_cancel);
    return g_test_run();
}

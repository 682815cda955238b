/* SPDX-License-Identifier: Apache-2.0 */
/* Imports: recognising sources, names, downloads' digests. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/archive.h"
#include "core/download.h"
#include "core/error.h"
#include "core/import-private.h"
#include "core/tree.h"

static void test_names(void)
{
    static const char *const rows[][2] = {
        { "Debian 12.qcow2", "Debian 12" },
        { "web.utm.zip", "web" },
        { "a.tar.gz", "a" },
        { "disk.IMG", "disk" },
        { ".img", ".img" },
        { "plain", "plain" },
        { "v1.2.vmdk", "v1.2" },
        { "x.utm.tar.zst", "x" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = import_label_name(rows[i][0]);
        g_assert_cmpstr(name, ==, rows[i][1]);
    }
}

static void test_urls(void)
{
    static const char *const rows[][2] = {
        { "https://example.org/a/web.utm.zip", "web.utm.zip" },
        { "https://example.org/a%20b.iso?x=/y#z", "a b.iso" },
        { "https://example.org/", "download" },
        { "https://example.org/%2e%2e", "download" },
        { "https://example.org/a%2Fb", "download" },
        { "https://example.org/.hidden", "download" },
        { "https://example.org/%0a", "download" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *name = download_name(rows[i][0]);
        g_assert_cmpstr(name, ==, rows[i][1]);
    }
    g_assert_true(download_is_url("HTTPS://example.org/x"));
    g_assert_false(download_is_url("ftp://example.org/x"));
    g_assert_false(download_is_url("file:///etc/passwd"));
}

static char *temporary_file(const char *content, size_t size)
{
    g_autoptr(GError) error = NULL;
    char *path = NULL;
    int fd = g_file_open_tmp("test-import-XXXXXX", &path, &error);
    g_assert_no_error(error);
    g_close(fd, NULL);
    g_assert_true(g_file_set_contents(path, content, (gssize) size, NULL));
    return path;
}

static void test_kinds(void)
{
    char tar[512] = "x.utm/config.plist";
    memcpy(tar + 257, "ustar", 5);
    const struct {
        const char *content;
        size_t size;
        bool is_archive;
    } rows[] = {
        { "PK\003\004", 4, true },
        { "\x1f\x8b\x08", 3, true },
        { "\xfd"
          "7zXZ\0",
          6, true },
        { "\x28\xb5\x2f\xfd", 4, true },
        { tar, sizeof tar, true },
        { "QFI\xfb", 4, false },
        { "PK", 2, false },
        { "", 0, false },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = temporary_file(rows[i].content, rows[i].size);
        g_assert_cmpint(archive_is_one(path), ==, rows[i].is_archive);
        (void) g_unlink(path);
    }
    g_assert_false(archive_is_one("/nowhere"));
    g_assert_false(archive_is_one("/"));
}

static void test_images(void)
{
    g_autofree char *path = temporary_file("anything", 8);
    g_autoptr(GError) error = NULL;
    g_assert_true(import_check_image(path, "disk.raw", NULL));
    g_assert_false(import_check_image(path, "notes.txt", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    (void) g_unlink(path);
}

static void test_digest(void)
{
    g_autofree char *path = temporary_file("abc", 3);
    g_autoptr(GError) error = NULL;
    /* Source: FIPS 180-4, the message "abc" */
    static const char digest[] = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
    g_assert_true(download_check(path, digest, &error));
    g_assert_no_error(error);
    g_autofree char *other = g_strdup(digest);
    other[0] = '0';
    g_assert_false(download_check(path, other, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_clear_error(&error);
    g_assert_false(download_check(path, "ba78", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    (void) g_unlink(path);
}

/* A program that reports as ours do. */
static void write_program(const char *folder, const char *script)
{
    g_autofree char *path = g_build_filename(folder, "reporter", NULL);
    g_assert_true(g_file_set_contents(path, script, -1, NULL));
    g_assert_cmpint(g_chmod(path, 0755), ==, 0);
}

static bool count_calls(uint64_t done, uint64_t all, void *user)
{
    (void) done;
    *(uint64_t *) user = MAX(all, *(uint64_t *) user);
    return true;
}

static bool cancel(uint64_t done, uint64_t all, void *user)
{
    (void) all;
    (void) user;
    return done == 0;
}

static void test_reports(void)
{
    static const char *const argv[] = { "reporter", NULL };
    g_autoptr(GError) error = NULL;
    g_autofree char *folder = g_dir_make_tmp("test-import-XXXXXX", NULL);
    g_setenv("UTMCTL_LIBEXEC", folder, TRUE);
    uint64_t all = 0;
    const LibexecWatch watch = { .progress = count_calls, .user = &all };
    write_program(folder,
                  "#!/bin/sh\necho progress 1 70; echo nonsense; printf 'hint do it\\nerror "
                  "invalid it is bad\\n'; exit 1\n");
    g_assert_false(libexec_run(argv, &watch, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_assert_cmpstr(error->message, ==, "it is bad");
    g_assert_cmpstr(utm_error_hint(error), ==, "do it");
    g_assert_cmpuint(all, ==, 70);
    g_clear_error(&error);
    write_program(folder, "#!/bin/sh\nexit 3\n");
    g_assert_false(libexec_run(argv, NULL, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_FAILED);
    g_clear_error(&error);
    const LibexecWatch impatient = { .progress = cancel };
    write_program(folder, "#!/bin/sh\necho progress 5 10\nexec sleep 60\n");
    g_assert_false(libexec_run(argv, &impatient, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INTERRUPTED);
    g_clear_error(&error);
    static const char *const missing[] = { "nobody", NULL };
    g_assert_false(libexec_run(missing, NULL, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_UNSUPPORTED);
    g_assert_true(tree_remove(folder, NULL));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/import/names", test_names);
    g_test_add_func("/import/urls", test_urls);
    g_test_add_func("/import/kinds", test_kinds);
    g_test_add_func("/import/images", test_images);
    g_test_add_func("/import/digest", test_digest);
    g_test_add_func("/import/reports", test_reports);
    return g_test_run();
}

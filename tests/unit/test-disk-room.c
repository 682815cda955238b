/* SPDX-License-Identifier: Apache-2.0 */
/* What an error says of a disk that is full. */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "core/disk-room.h"
#include "core/error.h"

#define MORE_THAN_THERE_IS (G_MAXUINT64 / 2)

static void test_room(void)
{
    g_autoptr(GError) error = NULL;
    const char *here = g_get_tmp_dir();
    g_autofree char *later = g_build_filename(here, "is-not-there-yet", NULL);
    g_assert_cmpuint(disk_room_free(here), !=, G_MAXUINT64);
    g_assert_cmpuint(disk_room_free(later), !=, G_MAXUINT64);
    g_assert_true(disk_room_check(here, 0, "it", &error));
    g_assert_false(disk_room_check(here, MORE_THAN_THERE_IS, "it", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_FAILED);
    g_assert_nonnull(strstr(error->message, here));
}

/* Whether an error with these words is said to be of a full disk. */
static bool is_explained(const char *words, uint64_t needed_bytes)
{
    g_autoptr(GError) error = NULL;
    utm_error_set(&error, UTM_ERROR_FAILED, NULL, "%s", words);
    disk_room_explain(g_get_tmp_dir(), needed_bytes, &error);
    g_assert_nonnull(strstr(error->message, words));
    return strstr(error->message, "is full") != NULL;
}

static void test_explain(void)
{
    g_assert_true(is_explained(g_strerror(ENOSPC), 0));
    g_assert_true(is_explained(g_strerror(EIO), MORE_THAN_THERE_IS));
    g_assert_false(is_explained(g_strerror(EIO), 0));
    g_assert_false(is_explained("something else", MORE_THAN_THERE_IS));
}

static void test_reserve(void)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp(NULL, &error);
    g_assert_no_error(error);
    int fd = disk_room_reserve(dir, 4096, &error);
    g_assert_no_error(error);
    if (fd >= 0)
        close(fd);
    g_assert_cmpint(disk_room_reserve(dir, MORE_THAN_THERE_IS / 2, &error), ==, -1);
    g_clear_error(&error); /* a file system may also say that this is too large for a file */
    g_assert_cmpint(g_rmdir(dir), ==, 0); /* nothing is seen of it */
}

static void test_once(void)
{
    g_autoptr(GError) error = NULL;
    disk_room_explain(g_get_tmp_dir(), 0, &error);
    g_assert_no_error(error);
    utm_error_set(&error, UTM_ERROR_FAILED, NULL, "%s", g_strerror(ENOSPC));
    disk_room_explain(g_get_tmp_dir(), 0, &error);
    g_autofree char *first = g_strdup(error->message);
    disk_room_explain("/", 0, &error);
    g_assert_cmpstr(error->message, ==, first);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/disk-room/check", test_room);
    g_test_add_func("/disk-room/explain", test_explain);
    g_test_add_func("/disk-room/reserve", test_reserve);
    g_test_add_func("/disk-room/once", test_once);
    return g_test_run();
}

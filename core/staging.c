/* SPDX-License-Identifier: Apache-2.0 */
/* A hidden folder beside a target in which something is made, or removed, out of everybody's sight. */
#include "core/staging.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/tree.h"

#define PREFIX ".utmctl-"
#define MARK "maker"

/* Which host this is, over its reboots; and since when it runs, which those in containers share. */
#define MACHINE_ID "/etc/machine-id"
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static bool fail(const char *target, GError **error)
{
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", target,
                  g_strerror(errno));
    return false;
}

/* ---- who made it ---- */

/* A new string, empty where the file is. */
static char *first_line(const char *path)
{
    char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return g_strdup("");
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static char *mark_text(void)
{
    g_autofree char *machine = first_line(MACHINE_ID);
    g_autofree char *boot = first_line(BOOT_ID);
    return g_strdup_printf("%s\n%s\n", boot, machine);
}

/* Two lines, or the maker was not yet, or will never be, done with writing it. */
static bool is_of_this_host(const char *mark)
{
    g_autofree char *own = mark_text();
    g_auto(GStrv) made = g_strsplit(mark, "\n", -1);
    g_auto(GStrv) here = g_strsplit(own, "\n", -1);
    if (g_strv_length(made) != 3)
        return false;
    for (int i = 0; i < 2; i++)
        if (*made[i] && strcmp(made[i], here[i]) == 0)
            return true;
    return false;
}

static int lock_file(int fd, int operation)
{
    int failed;
    while ((failed = flock(fd, operation)) < 0 && errno == EINTR)
        ;
    return failed;
}

/* Without locks in the file system nobody gets one, and nothing is ever swept. */
static bool mark_folder(Staging *staging)
{
    g_autofree char *path = g_build_filename(staging->folder, MARK, NULL);
    g_autofree char *text = mark_text();
    ssize_t length = (ssize_t) strlen(text);
    staging->lock = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (staging->lock < 0)
        return false;
    (void) lock_file(staging->lock, LOCK_EX);
    return write(staging->lock, text, (size_t) length) == length;
}

/* ---- made and removed ---- */

/* The mark goes last: a folder without one would stay for ever. */
static void remove_folder(const char *folder)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (strcmp(name, MARK) != 0)
            g_ptr_array_add(names, g_build_filename(folder, name, NULL));
    for (guint i = 0; i < names->len; i++)
        if (!tree_remove(names->pdata[i], NULL))
            return;
    utm_ignore(tree_remove(folder, NULL));
}

Staging *staging_new(const char *target, GError **error)
{
    g_autoptr(Staging) staging = g_new0(Staging, 1);
    g_autofree char *parent = g_path_get_dirname(target);
    g_autofree char *base = g_path_get_basename(target);
    g_autofree char *folder = g_build_filename(parent, PREFIX "XXXXXX", NULL);
    staging->lock = -1;
    staging_sweep(parent);
    if (!g_mkdtemp(folder)) {
        fail(target, error);
        return NULL;
    }
    staging->folder = g_steal_pointer(&folder);
    staging->path = g_build_filename(staging->folder, base, NULL);
    if (!mark_folder(staging)) {
        fail(target, error);
        return NULL;
    }
    return g_steal_pointer(&staging);
}

void staging_free(Staging *staging)
{
    if (!staging)
        return;
    if (staging->folder)
        remove_folder(staging->folder);
    if (staging->lock >= 0)
        close(staging->lock);
    g_free(staging->folder);
    g_free(staging->path);
    g_free(staging);
}

/* ---- what is left ---- */

/* The lock on a folder whose maker is gone; -1 when it may be there. */
static int take_over(const char *folder)
{
    g_autofree char *path = g_build_filename(folder, MARK, NULL);
    g_auto(Fd) fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    char text[256];
    struct stat held, there;
    if (fd < 0 || lock_file(fd, LOCK_EX | LOCK_NB) < 0)
        return -1;
    /* Somebody else may have removed it before the lock was ours. */
    if (fstat(fd, &held) < 0 || lstat(path, &there) < 0 || held.st_ino != there.st_ino)
        return -1;
    ssize_t length = pread(fd, text, sizeof text - 1, 0);
    text[MAX(length, 0)] = '\0';
    return is_of_this_host(text) ? fd_steal(&fd) : -1;
}

static GPtrArray *all_in(const char *folder)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));)
        if (g_str_has_prefix(name, PREFIX))
            g_ptr_array_add(all, g_build_filename(folder, name, NULL));
    return all;
}

void staging_sweep(const char *folder)
{
    g_autoptr(GPtrArray) all = all_in(folder);
    for (guint i = 0; i < all->len; i++) {
        g_auto(Fd) lock = take_over(all->pdata[i]);
        if (lock >= 0)
            remove_folder(all->pdata[i]);
    }
}

char **staging_left(const char *folder)
{
    g_autoptr(GPtrArray) all = all_in(folder);
    g_autoptr(GStrvBuilder) left = g_strv_builder_new();
    for (guint i = 0; i < all->len; i++) {
        g_auto(Fd) lock = take_over(all->pdata[i]);
        if (lock >= 0)
            g_strv_builder_add(left, all->pdata[i]);
    }
    return g_strv_builder_end(left);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which process has a file open, to name it when QEMU only says that the file is locked. */
#include "core/vm/lock-owner.h"

#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_open_for_writing(const char *pid, const char *fd)
{
    g_autofree char *path = g_strdup_printf("/proc/%s/fdinfo/%s", pid, fd);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return false;
    const char *flags = strstr(text, "flags:");
    return flags && (g_ascii_strtoull(flags + 6, NULL, 8) & O_ACCMODE) != O_RDONLY;
}

static bool has_open(const char *pid, const struct stat *wanted)
{
    g_autofree char *dir_path = g_strdup_printf("/proc/%s/fd", pid);
    g_autoptr(GDir) dir = g_dir_open(dir_path, 0, NULL);
    if (!dir)
        return false;
    for (const char *fd; (fd = g_dir_read_name(dir));) {
        g_autofree char *link = g_build_filename(dir_path, fd, NULL);
        struct stat st;
        if (stat(link, &st) == 0 && st.st_dev == wanted->st_dev && st.st_ino == wanted->st_ino &&
            is_open_for_writing(pid, fd))
            return true;
    }
    return false;
}

static char *describe(const char *pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%s", pid);
    g_autofree char *comm_path = g_build_filename(path, "comm", NULL);
    g_autofree char *comm = NULL;
    struct stat st;
    if (!g_file_get_contents(comm_path, &comm, NULL, NULL) || stat(path, &st) < 0)
        return g_strdup_printf("pid %s", pid);
    g_autoptr(GDateTime) since = g_date_time_new_from_unix_local(st.st_mtime);
    g_autofree char *at = g_date_time_format(since, "%H:%M");
    return g_strdup_printf("pid %s (%s, since %s)", pid, g_strchomp(comm), at);
}

char *lock_owner(const char *path)
{
    struct stat wanted;
    g_autoptr(GDir) proc = g_dir_open("/proc", 0, NULL);
    if (!proc || stat(path, &wanted) < 0)
        return NULL;
    for (const char *name; (name = g_dir_read_name(proc));)
        if (g_ascii_isdigit(*name) && atoi(name) != getpid() && has_open(name, &wanted))
            return describe(name);
    return NULL;
}

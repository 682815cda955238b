/* SPDX-License-Identifier: Apache-2.0 */
/* The last pictures of a machine's screen, kept for the case that it crashes. */
#include "core/vm/screens.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "core/error.h"
#include "core/run/run-pictures.h"
#include "core/vm/log-file.h"

static char *folder(const char *dir, unsigned run_back)
{
    return run_back ? g_strdup_printf("%s/screens.%u", dir, run_back)
                    : g_build_filename(dir, "screens", NULL);
}

static int by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

GPtrArray *screens_list(const char *dir, unsigned run_back)
{
    g_autofree char *path = folder(dir, run_back);
    GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) open = g_dir_open(path, 0, NULL);
    for (const char *name; open && (name = g_dir_read_name(open));)
        if (g_str_has_suffix(name, ".png"))
            g_ptr_array_add(list, g_build_filename(path, name, NULL));
    g_ptr_array_sort(list, by_name);
    return list;
}

static void remove_run(const char *dir, unsigned run_back)
{
    g_autofree char *path = folder(dir, run_back);
    g_autoptr(GPtrArray) list = screens_list(dir, run_back);
    for (guint i = 0; i < list->len; i++)
        utm_ignore(g_unlink(list->pdata[i]));
    utm_ignore(g_rmdir(path));
}

void screens_begin(const char *dir)
{
    for (unsigned i = LOG_FILE_KEEP; i >= 1; i--) {
        g_autofree char *from = folder(dir, i - 1);
        g_autofree char *to = folder(dir, i);
        remove_run(dir, i);
        utm_ignore(g_rename(from, to));
    }
}

void screens_forget(const char *dir)
{
    remove_run(dir, 0);
}

static void drop_oldest(const char *dir)
{
    g_autoptr(GPtrArray) list = screens_list(dir, 0);
    guint kept = 0;
    goffset bytes = 0;
    for (guint i = list->len; i-- > 0;) {
        GStatBuf info = { 0 };
        utm_ignore(g_stat(list->pdata[i], &info));
        bytes += info.st_size;
        /* The last one stays, however large it is. */
        if (kept++ && (kept > SCREENS_KEEP || bytes > SCREENS_BYTES))
            utm_ignore(g_unlink(list->pdata[i]));
    }
}

bool screens_add(const char *dir, int64_t time_us, const char *what, GBytes *png)
{
    g_autofree char *path = folder(dir, 0);
    g_autofree char *name = run_pictures_name(time_us, what);
    g_autofree char *file = g_build_filename(path, name, NULL);
    gsize size;
    const char *data = g_bytes_get_data(png, &size);
    bool ok = g_mkdir(path, 0700) == 0 || errno == EEXIST;
    ok = ok && g_file_set_contents_full(file, data, (gssize) size, G_FILE_SET_CONTENTS_CONSISTENT,
                                        0600, NULL);
    drop_oldest(dir);
    return ok;
}

int64_t screens_time(const char *path)
{
    GStatBuf info;
    return g_stat(path, &info) == 0
               ? (int64_t) info.st_mtim.tv_sec * G_USEC_PER_SEC + info.st_mtim.tv_nsec / 1000
               : 0;
}

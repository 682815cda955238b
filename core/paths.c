/* SPDX-License-Identifier: Apache-2.0 */
/* Where a machine's sockets, locks, logs and per-host facts are. */
#include "core/paths.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"

/* GLib falls back to the cache folder, whose path may be too long for a socket. */
static char *runtime_root(void)
{
    const char *xdg = g_getenv("XDG_RUNTIME_DIR");
    if (xdg && g_path_is_absolute(xdg))
        return g_build_filename(xdg, "utmctl", NULL);
    g_autofree char *run = g_strdup_printf("/run/user/%u", (unsigned) getuid());
    if (access(run, W_OK) == 0)
        return g_build_filename(run, "utmctl", NULL);
    return g_strdup_printf("/tmp/utmctl-%u", (unsigned) getuid());
}

char *paths_runtime(const char *uuid)
{
    g_autofree char *root = runtime_root();
    return g_build_filename(root, uuid, NULL);
}

char *paths_state(const char *uuid)
{
    return g_build_filename(g_get_user_state_dir(), "utmctl", uuid, NULL);
}

char *paths_cache(const char *name)
{
    return g_build_filename(g_get_user_cache_dir(), "utmctl", name, NULL);
}

bool paths_make_private(const char *path, GError **error)
{
    if (g_mkdir_with_parents(path, 0700) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create folder \"%s\": %s", path,
                      g_strerror(errno));
        return false;
    }
    struct stat st;
    if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != getuid()) {
        utm_error_set(error, UTM_ERROR_FAILED, "set XDG_RUNTIME_DIR to a folder of your own",
                      "folder \"%s\" does not belong to this user", path);
        return false;
    }
    return true;
}

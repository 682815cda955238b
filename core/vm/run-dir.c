/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime folder of a machine: the lock that says it runs, and the sockets beside it. */
#include "core/vm/run-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "core/error.h"
#include "core/paths.h"
#include "qapi/json-auto.h"

void run_holder_clear(RunHolder *holder)
{
    g_clear_pointer(&holder->path, g_free);
    g_clear_pointer(&holder->name, g_free);
    g_clear_pointer(&holder->folder, g_free);
}

char *run_dir_socket(const char *uuid, const char *name)
{
    g_autofree char *dir = paths_runtime(uuid);
    return g_build_filename(dir, name, NULL);
}

/* NULL when there is none. */
static char *folder_id(const char *path)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return NULL;
    return g_strdup_printf("%ju:%ju", (uintmax_t) st.st_dev, (uintmax_t) st.st_ino);
}

/* The holder writes itself into the lock file after it has the lock. For a moment the file is
 * empty; then the pid is all that is missing. */
static void read_holder(int fd, RunHolder *holder)
{
    char text[8192];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[MAX(n, 0)] = '\0';
    g_autoptr(cJSON) json = cJSON_Parse(text);
    holder->pid = (pid_t) cJSON_GetNumberValue(cJSON_GetObjectItem(json, "pid"));
    holder->since = (gint64) cJSON_GetNumberValue(cJSON_GetObjectItem(json, "since"));
    holder->path = g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(json, "path")));
    holder->name = g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(json, "name")));
    holder->folder = g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(json, "folder")));
}

static bool is_holder_of(const RunHolder *holder, const char *path)
{
    if (!holder->path || strcmp(holder->path, path) == 0)
        return true;
    g_autofree char *folder = folder_id(path);
    return folder && g_strcmp0(folder, holder->folder) == 0;
}

static bool write_holder(int fd, const char *path, const char *name)
{
    g_autoptr(cJSON) json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "pid", getpid());
    cJSON_AddNumberToObject(json, "since", (double) (g_get_real_time() / G_USEC_PER_SEC));
    cJSON_AddStringToObject(json, "path", path);
    cJSON_AddStringToObject(json, "name", name);
    g_autofree char *folder = folder_id(path);
    if (folder)
        cJSON_AddStringToObject(json, "folder", folder);
    g_autofree char *text = cJSON_PrintUnformatted(json);
    return ftruncate(fd, 0) == 0 && pwrite(fd, text, strlen(text), 0) == (ssize_t) strlen(text);
}

/* Where no runtime folder is named, the one in /tmp may have been made by anybody, and what its
 * locks say be made up. */
static bool is_ours(int fd)
{
    struct stat st;
    return g_getenv("XDG_RUNTIME_DIR") || (fstat(fd, &st) == 0 && st.st_uid == getuid());
}

bool run_dir_holder(const char *uuid, RunHolder *out_holder)
{
    g_autofree char *path = run_dir_socket(uuid, RUN_DIR_LOCK);
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    bool held = is_ours(fd) && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (held && out_holder)
        read_holder(fd, out_holder);
    close(fd);
    return held;
}

bool run_dir_runs(const char *uuid, const char *path, RunHolder *out_holder)
{
    g_auto(RunHolder) holder = { 0 };
    if (!run_dir_holder(uuid, &holder) || !is_holder_of(&holder, path))
        return false;
    if (out_holder) {
        *out_holder = holder;
        holder = (RunHolder){ 0 };
    }
    return true;
}

static void set_held_error(const char *uuid, const char *path, int fd, GError **error)
{
    g_auto(RunHolder) holder = { 0 };
    read_holder(fd, &holder);
    g_autoptr(GDateTime) since = g_date_time_new_from_unix_local(holder.since);
    g_autofree char *at = since ? g_date_time_format(since, "%H:%M") : g_strdup("?");
    if (is_holder_of(&holder, path)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL,
                      "it is already running (helper pid %d, since %s)", (int) holder.pid, at);
        return;
    }
    g_autofree char *hint =
        g_strdup_printf("utmctl clone '%s' makes a copy with its own UUID", path);
    utm_error_set(error, UTM_ERROR_LOCKED, hint,
                  "another bundle with the UUID %s is running: \"%s\" (helper pid %d, since %s)",
                  uuid, holder.path, (int) holder.pid, at);
}

/* Sockets of a helper that was killed. Only what is known by name: the folder may be anybody's. */
static void remove_contents(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    if (!dir)
        return;
    for (const char *name; (name = g_dir_read_name(dir));) {
        if (strcmp(name, RUN_DIR_LOCK) == 0)
            continue;
        g_autofree char *file = g_build_filename(path, name, NULL);
        (void) g_unlink(file);
    }
}

/* Another helper may remove the folder between our open and our lock: then the lock is on a file
 * that nobody else can find, and the claim starts again. */
static bool is_current(int fd, const char *path)
{
    struct stat ours, theirs;
    return fstat(fd, &ours) == 0 && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
           ours.st_dev == theirs.st_dev;
}

RunDir *run_dir_claim(const char *uuid, const char *path, const char *name, GError **error)
{
    g_autofree char *dir = paths_runtime(uuid);
    g_autofree char *lock_path = run_dir_socket(uuid, RUN_DIR_LOCK);

    /* The root as well: below another's folder in /tmp nothing is ours. */
    g_autofree char *root = paths_runtime(NULL);
    for (;;) {
        if (!paths_make_private(root, error) || !paths_make_private(dir, error))
            return NULL;
        int fd = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot open \"%s\": %s", lock_path,
                          g_strerror(errno));
            return NULL;
        }
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
            set_held_error(uuid, path, fd, error);
            close(fd);
            return NULL;
        }
        if (!is_current(fd, lock_path)) {
            close(fd);
            continue;
        }
        g_autoptr(RunDir) claim = g_new0(RunDir, 1);
        claim->path = g_steal_pointer(&dir);
        claim->lock_fd = fd;
        if (!write_holder(fd, path, name)) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write \"%s\": %s", lock_path,
                          g_strerror(errno));
            return NULL;
        }
        remove_contents(claim->path);
        return g_steal_pointer(&claim);
    }
}

void run_dir_release(RunDir *dir)
{
    if (!dir)
        return;
    g_autofree char *lock_path = g_build_filename(dir->path, RUN_DIR_LOCK, NULL);
    remove_contents(dir->path);
    (void) g_unlink(lock_path);
    (void) g_rmdir(dir->path);
    close(dir->lock_fd);
    g_free(dir->path);
    g_free(dir);
}

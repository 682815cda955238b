/* SPDX-License-Identifier: Apache-2.0 */
/* Whole folders: how big, copied, removed. */
#include "core/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#ifdef __linux__
#include <linux/fs.h>
#endif

#include "core/error.h"
#include "core/fd.h"

/* One step of a copy: small enough for a cancel to be felt, large enough to cost nothing. */
#define CHUNK_BYTES (8 * 1024 * 1024)

static bool fail(GError **error, const char *what, const char *path)
{
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot %s \"%s\": %s", what, path,
                  g_strerror(errno));
    return false;
}

/* Names in a folder, so that it is not changed while it is read. */
static GPtrArray *folder_names(int folder, const char *name, const char *path, GError **error)
{
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        fail(error, "read folder", path);
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (struct dirent *item; (item = readdir(dir));)
        if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            g_ptr_array_add(names, g_strdup(item->d_name));
    closedir(dir);
    return names;
}

uint64_t tree_size(const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return 0;
    uint64_t sum = (uint64_t) st.st_blocks * 512;
    g_autoptr(GPtrArray) names =
        S_ISDIR(st.st_mode) ? folder_names(AT_FDCWD, path, path, NULL) : NULL;
    for (guint i = 0; names && i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
        sum += tree_size(child);
    }
    return sum;
}

typedef struct {
    uint64_t done;
    uint64_t all;
    TreeProgress progress; /* or NULL */
    void *user;
} Copy;

static bool advance(Copy *copy, uint64_t bytes, GError **error)
{
    copy->done += bytes;
    if (!copy->progress || copy->progress(copy->done, MAX(copy->all, copy->done), copy->user))
        return true;
    utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "interrupted, nothing was changed");
    return false;
}

static bool share_blocks(int from, int to)
{
#ifdef FICLONE
    return ioctl(to, FICLONE, from) == 0;
#else
    (void) from;
    (void) to;
    return false;
#endif
}

static ssize_t copy_by_hand(int from, int to, off_t at, size_t length)
{
    char buffer[64 * 1024];
    ssize_t got = pread(from, buffer, MIN(length, sizeof buffer), at);
    for (ssize_t put = 0; put < got;) {
        ssize_t n = pwrite(to, buffer + put, (size_t) (got - put), at + put);
        if (n < 0)
            return -1;
        put += n;
    }
    return got;
}

static ssize_t copy_some(int from, int to, off_t at, size_t length)
{
#ifdef __linux__
    off_t in = at, out = at;
    ssize_t n = copy_file_range(from, &in, to, &out, length, 0);
    if (n >= 0 || (errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP &&
                   errno != EPERM))
        return n;
#endif
    return copy_by_hand(from, to, at, length);
}

static bool copy_range(Copy *copy, int from, int to, off_t start, off_t end, const char *path,
                       GError **error)
{
    while (start < end) {
        ssize_t n = copy_some(from, to, start, (size_t) MIN(end - start, CHUNK_BYTES));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(error, "write", path);
        if (n == 0)
            break;
        start += n;
        if (!advance(copy, (uint64_t) n, error))
            return false;
    }
    return true;
}

static bool copy_data(Copy *copy, int from, int to, off_t size, const char *path, GError **error)
{
    if (ftruncate(to, size) < 0)
        return fail(error, "write", path);
    for (off_t at = 0; at < size;) {
        off_t data = lseek(from, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return true;
        off_t hole = data < 0 ? size : lseek(from, data, SEEK_HOLE);
        if (!copy_range(copy, from, to, MAX(data, 0), hole < 0 ? size : hole, path, error))
            return false;
        at = hole < 0 ? size : hole;
    }
    return true;
}

static bool copy_file(Copy *copy, const char *from_path, const char *to_path, GError **error)
{
    g_auto(Fd) from = open(from_path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (from < 0 || fstat(from, &st) < 0)
        return fail(error, "read", from_path);
    if (!S_ISREG(st.st_mode)) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" is neither a file nor a folder",
                      from_path);
        return false;
    }
    g_auto(Fd) to =
        open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (st.st_mode & 0777) | S_IWUSR);
    if (to < 0)
        return fail(error, "create", to_path);
    if (share_blocks(from, to))
        return advance(copy, (uint64_t) st.st_blocks * 512, error);
    if (!copy_data(copy, from, to, st.st_size, to_path, error))
        return false;
    /* Some file systems report a full disk only now. Not synced, as cp does not: the original is
     * there still, and waiting for the disk takes longer than the copy. */
    return close(fd_steal(&to)) == 0 || fail(error, "write", to_path);
}

static bool copy_folder(Copy *copy, const char *from, const char *to, GError **error);

static bool copy_item(Copy *copy, const char *from, const char *to, GError **error)
{
    struct stat st;
    if (lstat(from, &st) < 0)
        return fail(error, "read", from);
    return S_ISDIR(st.st_mode) ? copy_folder(copy, from, to, error)
                               : copy_file(copy, from, to, error);
}

static bool copy_folder(Copy *copy, const char *from, const char *to, GError **error)
{
    g_autoptr(GPtrArray) names = folder_names(AT_FDCWD, from, from, error);
    if (!names)
        return false;
    if (mkdir(to, 0755) < 0)
        return fail(error, "create folder", to);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *source = g_build_filename(from, names->pdata[i], NULL);
        g_autofree char *target = g_build_filename(to, names->pdata[i], NULL);
        if (!copy_item(copy, source, target, error))
            return false;
    }
    return true;
}

bool tree_copy(const char *from, const char *to, TreeProgress progress, void *user, GError **error)
{
    Copy copy = { .all = progress ? tree_size(from) : 0, .progress = progress, .user = user };
    return copy_folder(&copy, from, to, error);
}

bool tree_copy_file(const char *from, const char *to, TreeProgress progress, void *user,
                    GError **error)
{
    Copy copy = { .all = progress ? tree_size(from) : 0, .progress = progress, .user = user };
    return copy_file(&copy, from, to, error);
}

bool tree_move(const char *from, const char *to, GError **error)
{
#ifdef __linux__
    int failed = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    if (failed && errno == EINVAL && access(to, F_OK) < 0)
        failed = rename(from, to);
#else
    int failed = renamex_np(from, to, RENAME_EXCL);
#endif
    if (!failed)
        return true;
    bool exists = errno == EEXIST;
    utm_error_set(error, exists ? UTM_ERROR_WRONG_STATE : UTM_ERROR_FAILED, NULL,
                  "cannot create \"%s\": %s", to, g_strerror(errno));
    return false;
}

char *tree_hidden_sibling(const char *path, const char *why)
{
    g_autofree char *parent = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *name = g_strdup_printf(".%s.%s-%08x", base, why, (unsigned) g_random_int());
    return g_build_filename(parent, name, NULL);
}

/* Works on descriptors, so that nobody can swap a folder for a link meanwhile. */
static bool remove_at(int folder, const char *name, const char *path, GError **error)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM)
        return fail(error, "remove", path);
    g_auto(Fd) fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return fail(error, "remove", path);
    g_autoptr(GPtrArray) names = folder_names(fd, ".", path, error);
    if (!names)
        return false;
    /* A folder of ours may be one that we cannot write to. */
    (void) fchmod(fd, 0700);
    for (guint i = 0; i < names->len; i++) {
        g_autofree char *child = g_build_filename(path, names->pdata[i], NULL);
        if (!remove_at(fd, names->pdata[i], child, error))
            return false;
    }
    return unlinkat(folder, name, AT_REMOVEDIR) == 0 || fail(error, "remove", path);
}

bool tree_remove(const char *path, GError **error)
{
    return remove_at(AT_FDCWD, path, path, error);
}

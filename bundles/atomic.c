/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing a file so that a crash or a full disk leaves the old one or the new one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/bundle.h"

static bool fail(GError **error, const char *what, const char *path)
{
    g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot %s \"%s\": %s", what, path,
                g_strerror(errno));
    return false;
}

static bool write_all(int fd, const char *data, size_t size)
{
    while (size) {
        ssize_t written = write(fd, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        data += written;
        size -= (size_t) written;
    }
    return true;
}

/* The mode of the file that is replaced, or that of any new file. */
static mode_t mode_for(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0)
        return st.st_mode & 07777;
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    /* Some file systems cannot sync a folder and say so; the rename stands nevertheless. */
    bool ok = fsync(fd) == 0 || errno == EINVAL || errno == ENOTSUP;
    close(fd);
    return ok;
}

bool bundle_write_atomically(const char *path, const char *text, GError **error)
{
    return bundle_write_bytes_atomically(path, text, strlen(text), error);
}

bool bundle_write_bytes_atomically(const char *path, const void *data, size_t size, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *hidden = g_strdup_printf(".%s.XXXXXX", name);
    g_autofree char *temporary = g_build_filename(folder, hidden, NULL);
    int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(error, "write", path);
    bool ok = fchmod(fd, mode_for(path)) == 0 && write_all(fd, data, size) && fsync(fd) == 0;
    int reason = errno;
    ok = close(fd) == 0 && ok;
    if (ok && rename(temporary, path) == 0)
        return sync_folder(folder) || fail(error, "sync", folder);
    reason = ok ? errno : reason;
    unlink(temporary);
    errno = reason;
    return fail(error, "write", path);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Saying that a disk is full, and which, where a program only speaks of an error. */
#include "core/disk-room.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/statvfs.h>

#include "core/error.h"
#include "core/fd.h"

uint64_t disk_room_free(const char *path)
{
    struct statvfs fs;
    if (statvfs(path, &fs) == 0)
        return (uint64_t) fs.f_bavail * fs.f_frsize;
    g_autofree char *folder = g_path_get_dirname(path);
    return statvfs(folder, &fs) < 0 ? G_MAXUINT64 : (uint64_t) fs.f_bavail * fs.f_frsize;
}

bool disk_room_check(const char *path, uint64_t needed_bytes, const char *what, GError **error)
{
    uint64_t left = disk_room_free(path);
    if (left >= needed_bytes)
        return true;
    g_autofree char *needed_text = g_format_size_full(needed_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *left_text = g_format_size_full(left, G_FORMAT_SIZE_IEC_UNITS);
    utm_error_set(error, UTM_ERROR_FAILED, NULL,
                  "%s needs up to %s, and the disk of \"%s\" has %s left: free some space there",
                  what, needed_text, path, left_text);
    return false;
}

int disk_room_reserve(const char *folder, uint64_t bytes, GError **error)
{
    g_auto(Fd) fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return -1;
    if (fallocate(fd, 0, 0, (off_t) bytes) == 0)
        return fd_steal(&fd);
    if (errno == ENOSPC)
        utm_ignore(disk_room_check(folder, bytes, "it", error));
    return -1;
}

/* QEMU forgets why a write failed when it is that of memory, and a write to memory that is a file
 * ends the process.
 * Source: QEMU migration/savevm.c, save_snapshot: EIO whatever it was; mmap(2), SIGBUS */
static bool may_be_room(const char *words, uint64_t needed_bytes, uint64_t left)
{
    bool failed = strstr(words, g_strerror(EIO)) || strstr(words, "IO error") ||
                  strstr(words, g_strsignal(SIGBUS));
    return strstr(words, g_strerror(ENOSPC)) || (failed && left < needed_bytes);
}

#define IS_FULL "is full ("

void disk_room_explain(const char *path, uint64_t needed_bytes, GError **error)
{
    uint64_t left = disk_room_free(path);
    if (!error || !*error || strstr((*error)->message, IS_FULL) ||
        !may_be_room((*error)->message, needed_bytes, left))
        return;
    g_autoptr(GError) cause = g_steal_pointer(error);
    g_autofree char *left_text = g_format_size_full(left, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *needed_text = g_format_size_full(needed_bytes, G_FORMAT_SIZE_IEC_UNITS);
    g_autofree char *needs =
        needed_bytes ? g_strdup_printf(", up to %s are needed", needed_text) : g_strdup("");
    /* In the message: a hint would not come through the helper's answer. */
    utm_error_set(error, utm_error_code(cause), NULL,
                  "the disk of \"%s\" " IS_FULL "%s left%s), free some space there: %s", path,
                  left_text, needs, cause->message);
}

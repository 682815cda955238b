/* SPDX-License-Identifier: Apache-2.0 */
/* A log of bounded size in a machine's state folder; those of the last runs are kept. */
#include "core/vm/log-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"

struct LogFile {
    char *path;
    int fd;
    size_t size;
    size_t limit;
};

/* What a tail reads at most. */
#define TAIL_BYTES (64 * 1024)

static void rotate(const char *path)
{
    for (int i = LOG_FILE_KEEP; i >= 1; i--) {
        g_autofree char *to = g_strdup_printf("%s.%d", path, i);
        g_autofree char *from = i == 1 ? g_strdup(path) : g_strdup_printf("%s.%d", path, i - 1);
        (void) rename(from, to);
    }
}

LogFile *log_file_open(const char *dir, const char *name, size_t limit, GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    rotate(path);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", path,
                      g_strerror(errno));
        return NULL;
    }
    LogFile *log = g_new0(LogFile, 1);
    log->path = g_steal_pointer(&path);
    log->fd = fd;
    log->limit = limit;
    return log;
}

/* Keep the newer half. Rare (once in limit/2 bytes), so that copying through memory is fine. */
static void drop_first_half(LogFile *log)
{
    size_t keep = log->limit / 2;
    g_autofree char *text = g_malloc(keep);
    ssize_t n = pread(log->fd, text, keep, (off_t) (log->size - keep));
    if (n < 0 || ftruncate(log->fd, 0) < 0)
        return;
    log->size = 0;
    ssize_t written = write(log->fd, text, (size_t) n);
    log->size = (size_t) MAX(written, 0);
}

void log_file_write(LogFile *log, const void *data, size_t size)
{
    if (log->limit && log->size + size > log->limit && log->size >= log->limit / 2)
        drop_first_half(log);
    ssize_t n = write(log->fd, data, size);
    log->size += (size_t) MAX(n, 0);
}

int log_file_fd(const LogFile *log)
{
    return log->fd;
}

const char *log_file_path(const LogFile *log)
{
    return log->path;
}

char *log_file_tail(const char *path, unsigned lines)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return g_strdup("");
    g_autofree char *text = g_malloc(TAIL_BYTES + 1);
    off_t end = lseek(fd, 0, SEEK_END);
    ssize_t n = pread(fd, text, TAIL_BYTES, MAX(end - TAIL_BYTES, 0));
    close(fd);
    while (n > 0 && g_ascii_isspace(text[n - 1]))
        n--;
    text[MAX(n, 0)] = '\0';
    char *start = text + MAX(n, 0);
    while (start > text && !(start[-1] == '\n' && --lines == 0))
        start--;
    return g_strdup(start);
}

void log_file_free(LogFile *log)
{
    if (!log)
        return;
    close(log->fd);
    g_free(log->path);
    g_free(log);
}

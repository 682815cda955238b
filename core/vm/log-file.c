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

/* A log that others write to is shortened when it is so long, to its beginning and its end. */
#define LONG_BYTES (8 * 1024 * 1024)
#define HEAD_BYTES (64 * 1024)
#define LAST_BYTES (4 * 1024 * 1024)

void log_file_rotate(const char *path)
{
    for (int i = LOG_FILE_KEEP; i >= 1; i--) {
        g_autofree char *to = g_strdup_printf("%s.%d", path, i);
        g_autofree char *from = i == 1 ? g_strdup(path) : g_strdup_printf("%s.%d", path, i - 1);
        /* A run that has left none makes no older one its own. */
        if (rename(from, to) < 0)
            (void) unlink(to);
    }
}

LogFile *log_file_open(const char *dir, const char *name, size_t limit, GError **error)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    log_file_rotate(path);
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

void log_file_shorten(LogFile *log)
{
    off_t size = lseek(log->fd, 0, SEEK_END);
    if (size < LONG_BYTES)
        return;
    g_autofree char *head = g_malloc(HEAD_BYTES);
    g_autofree char *last = g_malloc(LAST_BYTES);
    ssize_t n_head = pread(log->fd, head, HEAD_BYTES, 0);
    ssize_t n_last = pread(log->fd, last, LAST_BYTES, size - LAST_BYTES);
    char *head_end = n_head > 0 ? memrchr(head, '\n', (size_t) n_head) : NULL;
    char *start = n_last > 0 ? memchr(last, '\n', (size_t) n_last) : NULL;
    off_t keep = head_end ? head_end + 1 - head : 0;
    off_t from = size - LAST_BYTES + (start ? start + 1 - last : 0);
    if (n_last < 0 || ftruncate(log->fd, keep) < 0)
        return;
    g_autofree char *gap =
        g_strdup_printf("[%" G_GINT64_FORMAT " bytes left out]\n", (gint64) (from - keep));
    const char *kept = last + (from - (size - LAST_BYTES));
    ssize_t n = write(log->fd, gap, strlen(gap));
    n = write(log->fd, kept, (size_t) (last + n_last - kept));
    (void) n;
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

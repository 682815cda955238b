/* SPDX-License-Identifier: Apache-2.0 */
/* Showing a machine's logs. */
#include "core/vm/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/vm/run-dir.h"

/* How often a follower looks whether the machine still runs; what is added it sees at once. */
#define FOLLOW_MS 500

static char *log_path(const char *uuid, const LogRequest *request)
{
    g_autofree char *dir = paths_state(uuid);
    g_autofree char *name = NULL;
    switch (request->source) {
    case LOG_SOURCE_QEMU:
        name = g_strdup("qemu.log");
        break;
    case LOG_SOURCE_SERIAL:
        name = g_strdup_printf("serial%u.log", request->serial_index);
        break;
    case LOG_SOURCE_HELPER:
        return g_build_filename(dir, "helper.log", NULL);
    case LOG_SOURCE_EVENTS:
        return g_build_filename(dir, "events.jsonl", NULL);
    }
    if (!request->run_back)
        return g_build_filename(dir, name, NULL);
    g_autofree char *old = g_strdup_printf("%s.%u", name, request->run_back);
    return g_build_filename(dir, old, NULL);
}

static bool write_all(int fd, const char *data, size_t size, GError **error)
{
    while (size) {
        ssize_t n = write(fd, data, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write: %s", g_strerror(errno));
            return false;
        }
        data += n;
        size -= (size_t) n;
    }
    return true;
}

static bool copy_rest(int from, int to, GError **error)
{
    char buffer[65536];
    ssize_t n;
    while ((n = read(from, buffer, sizeof buffer)) > 0)
        if (!write_all(to, buffer, (size_t) n, error))
            return false;
    return true;
}

/* Where the last lines begin: found from the end, a block at a time. */
static off_t tail_offset(int fd, int64_t lines)
{
    char block[4096];
    off_t end = lseek(fd, 0, SEEK_END);
    /* The newline that ends the last line begins no other. */
    int64_t wanted = lines + 1;
    char last = '\n';
    if (lines > 0 && end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n')
        wanted--;
    if (lines == 0)
        return end;
    for (off_t at = end; at > 0;) {
        size_t size = (size_t) MIN(at, (off_t) sizeof block);
        at -= (off_t) size;
        if (pread(fd, block, size, at) != (ssize_t) size)
            return 0;
        for (size_t i = size; i-- > 0;)
            if (block[i] == '\n' && --wanted == 0)
                return at + (off_t) i + 1;
    }
    return 0;
}

static bool follow(int from, int to, const char *path, const char *uuid, GError **error)
{
    int notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bool ok = notify >= 0 && inotify_add_watch(notify, path, IN_MODIFY) >= 0;
    bool runs = true;
    while (ok && runs) {
        struct pollfd poll_fd = { .fd = notify, .events = POLLIN };
        char events[4096];
        (void) poll(&poll_fd, 1, FOLLOW_MS);
        while (read(notify, events, sizeof events) > 0)
            continue;
        /* Asked before the copy: what was written before the end is shown. */
        runs = run_dir_holder(uuid, NULL);
        /* A log that has reached its limit starts again with its newer half. */
        struct stat st;
        if (fstat(from, &st) == 0 && lseek(from, 0, SEEK_CUR) > st.st_size)
            (void) lseek(from, 0, SEEK_SET);
        ok = copy_rest(from, to, error);
    }
    if (notify >= 0)
        close(notify);
    return ok;
}

bool logs_copy(const Bundle *bundle, const LogRequest *request, int fd, GError **error)
{
    const ConfigInformation *info = &bundle->config->information;
    g_autofree char *path = log_path(info->uuid, request);
    int log = open(path, O_RDONLY | O_CLOEXEC);
    if (log < 0) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "VM \"%s\": no log \"%s\": %s", info->name,
                      path, g_strerror(errno));
        return false;
    }
    if (request->lines >= 0)
        (void) lseek(log, tail_offset(log, request->lines), SEEK_SET);
    bool ok =
        copy_rest(log, fd, error) && (!request->follow || follow(log, fd, path, info->uuid, error));
    close(log);
    return ok;
}

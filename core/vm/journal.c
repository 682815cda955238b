/* SPDX-License-Identifier: Apache-2.0 */
/* The event journal of a machine: one JSON line for everything that happened in its life. */
#include "core/vm/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/time-text.h"
#include "qapi/json-auto.h"

#define JOURNAL_LIMIT (4 * 1024 * 1024)

struct Journal {
    char *path;
    char *name;
    int fd;
};

static int open_file(const char *path)
{
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

Journal *journal_open(const char *dir, const char *name, GError **error)
{
    g_autofree char *path = g_build_filename(dir, "events.jsonl", NULL);
    int fd = open_file(path);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot write \"%s\": %s", path,
                      g_strerror(errno));
        return NULL;
    }
    Journal *journal = g_new0(Journal, 1);
    journal->path = g_steal_pointer(&path);
    journal->name = g_strdup(name);
    journal->fd = fd;
    return journal;
}

static void rotate_when_large(Journal *journal)
{
    struct stat st;
    if (fstat(journal->fd, &st) < 0 || st.st_size < JOURNAL_LIMIT)
        return;
    g_autofree char *old = g_strconcat(journal->path, ".1", NULL);
    int fd = rename(journal->path, old) == 0 ? open_file(journal->path) : -1;
    if (fd < 0)
        return;
    close(journal->fd);
    journal->fd = fd;
}

void journal_add(Journal *journal, const char *event, const cJSON *data, int64_t time_us)
{
    rotate_when_large(journal);
    g_autoptr(cJSON) line = cJSON_CreateObject();
    g_autofree char *time = time_text(time_us ? time_us : g_get_real_time());
    cJSON_AddStringToObject(line, "time", time);
    cJSON_AddStringToObject(line, "vm", journal->name);
    cJSON_AddStringToObject(line, "event", event);
    if (data)
        cJSON_AddItemToObject(line, "data", cJSON_Duplicate(data, true));
    g_autofree char *text = cJSON_PrintUnformatted(line);
    g_autofree char *with_newline = g_strconcat(text, "\n", NULL);
    /* One write, so that a reader never sees half a line; a full disk loses this line only. */
    ssize_t n = write(journal->fd, with_newline, strlen(with_newline));
    (void) n;
}

void journal_free(Journal *journal)
{
    if (!journal)
        return;
    close(journal->fd);
    g_free(journal->path);
    g_free(journal->name);
    g_free(journal);
}

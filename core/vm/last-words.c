/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a machine's end: the black box that is looked into after a crash. */
#include "core/vm/last-words.h"

#include <string.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/vm/event-feed.h"
#include "core/vm/log-file.h"
#include "core/vm/plain-text.h"
#include "core/vm/screens.h"
#include "qapi/json.h"

/* A panic is followed by registers and a trace. */
#define PANIC_LINES 300

char *last_words_panic(const char *console)
{
    static const char *const signs[] = { "Kernel panic - not syncing", "panic: ", "panic[cpu",
                                         "*** STOP: 0x" };
    g_auto(GStrv) lines = g_strsplit(console, "\n", 0);
    for (guint i = g_strv_length(lines); i-- > 0;)
        for (size_t j = 0; j < G_N_ELEMENTS(signs); j++) {
            const char *found = strstr(lines[i], signs[j]);
            /* Where a line may have something before it there is a time in brackets, or nothing. */
            bool begins = found == lines[i] ||
                          (found && found > lines[i] && found[-1] == ' ' && lines[i][0] == '[');
            if (begins)
                return g_strdup(found);
        }
    return NULL;
}

typedef struct {
    GPtrArray *lines;
    const char *until; /* NULL: to the end */
} Events;

static char *time_of(const char *text)
{
    g_autoptr(cJSON) json = text ? json_parse(text, strlen(text), NULL, NULL) : NULL;
    return g_strdup(cJSON_GetStringValue(cJSON_GetObjectItem(json, "time")));
}

/* Times of one form sort as text. */
static bool keep_event(const char *line, void *user)
{
    Events *events = user;
    g_autofree char *time = events->until ? time_of(line) : NULL;
    if (time && strcmp(time, events->until) > 0)
        return false;
    g_ptr_array_add(events->lines, g_strdup(line));
    return true;
}

static char *log_path(const char *dir, const char *name, unsigned run_back)
{
    return run_back ? g_strdup_printf("%s/%s.%u", dir, name, run_back)
                    : g_build_filename(dir, name, NULL);
}

static char *read_tail(const char *dir, const char *name, unsigned run_back, unsigned lines)
{
    g_autofree char *path = log_path(dir, name, run_back);
    g_autofree char *tail = log_file_tail(path, lines);
    return plain_text(tail);
}

static char *find_panic(const char *dir, unsigned run_back)
{
    g_autofree char *console = read_tail(dir, "serial0.log", run_back, PANIC_LINES);
    return last_words_panic(console);
}

char *last_words_find_panic(const char *uuid)
{
    g_autofree char *dir = paths_state(uuid);
    return find_panic(dir, 0);
}

static void read_events(const char *uuid, unsigned lines, bool old, LastWords *words)
{
    g_autofree char *until = old ? time_of(words->exit_json) : NULL;
    Events events = { words->events, until };
    const EventRequest all = { 0 };
    /* A run that has left no record cannot be told from others. */
    if (old && !until)
        return;
    utm_ignore(event_feed_run(uuid, &all, keep_event, &events, NULL));
    if (words->events->len > lines)
        g_ptr_array_remove_range(words->events, 0, words->events->len - lines);
}

void last_words_read(const char *uuid, unsigned run_back, unsigned lines, LastWords *out_words)
{
    g_autofree char *dir = paths_state(uuid);
    /* Of the last run also when its helper could write no more. */
    g_autofree char *record = run_back ? log_path(dir, LAST_WORDS_EXIT, run_back)
                                       : g_build_filename(dir, "last-exit.json", NULL);
    g_autofree char *picture = g_build_filename(dir, "last-timeout.png", NULL);
    *out_words = (LastWords){ .panic = find_panic(dir, run_back),
                              .console = read_tail(dir, "serial0.log", run_back, lines),
                              .qemu = read_tail(dir, "qemu.log", run_back, lines),
                              .screens = screens_list(dir, run_back),
                              .events = g_ptr_array_new_with_free_func(g_free) };
    (void) g_file_get_contents(record, &out_words->exit_json, NULL, NULL);
    if (!run_back && g_file_test(picture, G_FILE_TEST_EXISTS))
        out_words->screenshot = g_steal_pointer(&picture);
    read_events(uuid, lines, run_back > 0, out_words);
}

void last_words_clear(LastWords *words)
{
    g_clear_pointer(&words->exit_json, g_free);
    g_clear_pointer(&words->panic, g_free);
    g_clear_pointer(&words->console, g_free);
    g_clear_pointer(&words->qemu, g_free);
    g_clear_pointer(&words->screenshot, g_free);
    g_clear_pointer(&words->screens, g_ptr_array_unref);
    g_clear_pointer(&words->events, g_ptr_array_unref);
}

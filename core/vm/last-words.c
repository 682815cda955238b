/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a machine's end: the black box that is looked into after a crash. */
#include "core/vm/last-words.h"

#include <string.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/vm/event-feed.h"
#include "core/vm/log-file.h"
#include "core/vm/plain-text.h"
#include "core/vm/vm.h"

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

static bool keep_event(const char *line, void *user)
{
    g_ptr_array_add(user, g_strdup(line));
    return true;
}

static char *read_tail(const char *dir, const char *name, unsigned lines)
{
    g_autofree char *path = g_build_filename(dir, name, NULL);
    g_autofree char *tail = log_file_tail(path, lines);
    return plain_text(tail);
}

void last_words_read(const char *uuid, unsigned lines, LastWords *out_words)
{
    g_autofree char *dir = paths_state(uuid);
    g_autofree char *record = g_build_filename(dir, "last-exit.json", NULL);
    g_autofree char *picture = g_build_filename(dir, "last-timeout.png", NULL);
    g_autofree char *console = read_tail(dir, "serial0.log", PANIC_LINES);
    const EventRequest all = { 0 };
    *out_words = (LastWords){ .panic = last_words_panic(console),
                              .console = vm_last_lines(uuid, lines),
                              .qemu = read_tail(dir, "qemu.log", lines),
                              .events = g_ptr_array_new_with_free_func(g_free) };
    (void) g_file_get_contents(record, &out_words->exit_json, NULL, NULL);
    if (g_file_test(picture, G_FILE_TEST_EXISTS))
        out_words->screenshot = g_steal_pointer(&picture);
    utm_ignore(event_feed_run(uuid, &all, keep_event, out_words->events, NULL));
    if (out_words->events->len > lines)
        g_ptr_array_remove_range(out_words->events, 0, out_words->events->len - lines);
}

void last_words_clear(LastWords *words)
{
    g_clear_pointer(&words->exit_json, g_free);
    g_clear_pointer(&words->panic, g_free);
    g_clear_pointer(&words->console, g_free);
    g_clear_pointer(&words->qemu, g_free);
    g_clear_pointer(&words->screenshot, g_free);
    g_clear_pointer(&words->events, g_ptr_array_unref);
}

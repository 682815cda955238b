/* SPDX-License-Identifier: Apache-2.0 */
/* The event feed: what was, what comes, a journal that is full, a machine that is new. */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "core/paths.h"
#include "core/vm/event-feed.h"
#include "core/vm/journal.h"

#define UUID_A "11111111-2222-3333-4444-555555555555"
#define UUID_B "99999999-2222-3333-4444-555555555555"
#define SECOND G_USEC_PER_SEC

/* GLib looks at the environment once, so the folder is one for all tests. */
static void empty_state_folder(void)
{
    g_autofree char *folder = paths_state(NULL);
    g_autofree char *command = g_strdup_printf("rm -rf '%s'", folder);
    g_assert_true(g_spawn_command_line_sync(command, NULL, NULL, NULL, NULL));
}

static Journal *open_journal(const char *uuid)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = paths_state(uuid);
    g_assert_true(paths_make_private(dir, &error));
    Journal *journal = journal_open(dir, "vm", &error);
    g_assert_no_error(error);
    return journal;
}

typedef struct {
    GString *seen; /* names of events, each with a blank behind it */
    const char *until;
    Journal *journal; /* one more event is written when the first has come; NULL: none */
} Seen;

static bool on_event(const char *line, void *user)
{
    Seen *seen = user;
    g_auto(GStrv) parts = g_strsplit(line, "\"", -1);
    for (char **part = parts; *part; part++)
        if (strcmp(*part, "event") == 0)
            g_string_append_printf(seen->seen, "%s ", part[2]);
    if (seen->journal && !strstr(seen->seen->str, "LIVE"))
        journal_add(seen->journal, "LIVE", NULL, 0);
    return !seen->until || !strstr(seen->seen->str, seen->until);
}

static void expect(const char *uuid, const EventRequest *request, Seen *seen, const char *names)
{
    g_autoptr(GError) error = NULL;
    seen->seen = g_string_new(NULL);
    g_assert_true(event_feed_run(uuid, request, on_event, seen, &error));
    g_assert_no_error(error);
    g_assert_cmpstr(seen->seen->str, ==, names);
    g_string_free(seen->seen, TRUE);
}

static void test_old(void)
{
    expect(UUID_A, &(EventRequest){ 0 }, &(Seen){ 0 }, "");
    g_autoptr(Journal) journal = open_journal(UUID_A);
    journal_add(journal, "STOP", NULL, 10 * SECOND);
    journal_add(journal, "BLOCK_IO_ERROR", NULL, 20 * SECOND);
    journal_add(journal, "x-utm-state", NULL, 30 * SECOND);
    expect(UUID_A, &(EventRequest){ 0 }, &(Seen){ 0 }, "STOP BLOCK_IO_ERROR x-utm-state ");
    expect(UUID_A, &(EventRequest){ .since_us = 20 * SECOND }, &(Seen){ 0 },
           "BLOCK_IO_ERROR x-utm-state ");
    const char *const filters[] = { "block_*", "stop", NULL };
    expect(UUID_A, &(EventRequest){ .filters = filters }, &(Seen){ 0 }, "STOP BLOCK_IO_ERROR ");
    empty_state_folder();
}

static void test_damaged(void)
{
    g_autoptr(Journal) journal = open_journal(UUID_A);
    journal_add(journal, "STOP", NULL, 0);
    g_autofree char *dir = paths_state(UUID_A);
    g_autofree char *path = g_build_filename(dir, "events.jsonl", NULL);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_autofree char *damaged =
        g_strconcat("{\"time\n[]\nx\n{\"event\":1}\n", text, "{\"half", NULL);
    g_assert_true(g_file_set_contents(path, damaged, -1, NULL));
    expect(UUID_A, &(EventRequest){ 0 }, &(Seen){ 0 }, "STOP ");
    empty_state_folder();
}

static void test_follow(void)
{
    g_autoptr(Journal) journal = open_journal(UUID_A);
    journal_add(journal, "STOP", NULL, 0);
    expect(UUID_A, &(EventRequest){ .follow = true },
           &(Seen){ .until = "LIVE", .journal = journal }, "STOP LIVE ");
    empty_state_folder();
}

/* A journal that is full gets another name, and a new one begins. */
static void test_full(void)
{
    g_autoptr(Journal) journal = open_journal(UUID_A);
    journal_add(journal, "FIRST", NULL, 0);
    g_autofree char *dir = paths_state(UUID_A);
    g_autofree char *path = g_build_filename(dir, "events.jsonl", NULL);
    g_autofree char *full = g_strconcat(path, ".1", NULL);
    g_assert_cmpint(g_rename(path, full), ==, 0);
    g_autoptr(Journal) next = open_journal(UUID_A);
    journal_add(next, "SECOND", NULL, 0);
    expect(UUID_A, &(EventRequest){ .follow = true }, &(Seen){ .until = "LIVE", .journal = next },
           "FIRST SECOND LIVE ");
    empty_state_folder();
}

/* Everything of all machines in the order of time, and a machine that is made meanwhile. */
static gpointer start_second(gpointer user)
{
    (void) user;
    g_autoptr(Journal) journal = open_journal(UUID_B);
    journal_add(journal, "LIVE", NULL, 0);
    return NULL;
}

static bool on_first(const char *line, void *user)
{
    GThread **thread = user;
    if (strstr(line, "LIVE"))
        return false;
    *thread = g_thread_new("second", start_second, NULL);
    return true;
}

static void test_all(void)
{
    g_autoptr(Journal) journal = open_journal(UUID_A);
    journal_add(journal, "STOP", NULL, 0);
    expect(NULL, &(EventRequest){ 0 }, &(Seen){ 0 }, "");
    g_autoptr(GError) error = NULL;
    GThread *thread = NULL;
    g_assert_true(
        event_feed_run(NULL, &(EventRequest){ .follow = true }, on_first, &thread, &error));
    g_assert_no_error(error);
    g_thread_join(thread);
    empty_state_folder();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_autofree char *folder = g_dir_make_tmp("utmctl-feed-XXXXXX", NULL);
    g_setenv("XDG_STATE_HOME", folder, TRUE);
    g_test_add_func("/event-feed/old", test_old);
    g_test_add_func("/event-feed/damaged", test_damaged);
    g_test_add_func("/event-feed/follow", test_follow);
    g_test_add_func("/event-feed/full", test_full);
    g_test_add_func("/event-feed/all", test_all);
    int status = g_test_run();
    g_rmdir(folder);
    return status;
}

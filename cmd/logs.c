/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl logs: what QEMU, the guest's console and the helper have said. */
#include <stdio.h>
#include <unistd.h>

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/library.h"
#include "core/vm/event-feed.h"
#include "core/vm/last-exit.h"
#include "core/vm/last-words.h"
#include "core/vm/log-file.h"
#include "core/vm/logs.h"
#include "core/vm/screens.h"
#include "core/vm/time-text.h"
#include "core/vm/vm.h"
#include "qapi/json-auto.h"

/* Of each log, for --last-words. */
#define WORDS_LINES 20

static struct {
    char *vm, *source, *since;
    gboolean follow, last_words;
    gint64 lines, run_back, index;
} opt = { .lines = -1 };

static const char *const sources[] = { "qemu", "serial", "helper", "events", NULL };

static const CmdOption options[] = {
    { .name = "source",
      .letter = 's',
      .kind = OPT_CHOICE,
      .value = &opt.source,
      .arg = "SOURCE",
      .choices = sources,
      .help = "qemu: its command line and messages (the default); serial: what the guest wrote to "
              "its console; helper: what the process beside QEMU said; events: the journal" },
    { .name = "index",
      .kind = OPT_INT,
      .value = &opt.index,
      .arg = "N",
      .help = "Which serial port, from 0" },
    { .name = "lines",
      .letter = 'n',
      .kind = OPT_INT,
      .value = &opt.lines,
      .arg = "N",
      .help = "Show the last N lines only" },
    { .name = "run",
      .kind = OPT_INT,
      .value = &opt.run_back,
      .arg = "N",
      .help = "0 is the last run (the default), 1 the one before it, up to 3" },
    { .name = "follow",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.follow,
      .help = "Go on to show what is added until the machine stops" },
    { .name = "since",
      .kind = OPT_STRING,
      .value = &opt.since,
      .arg = "TIME",
      .help = "With --source events: leave out what was before, a time or a duration such as 10m" },
    { .name = "last-words",
      .kind = OPT_FLAG,
      .value = &opt.last_words,
      .help = "How the machine last ended, its last screens, and the end of every log" },
    { 0 },
};

static const CmdArg args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

static LogSource source_from_word(const char *word)
{
    for (guint i = 0; word && sources[i]; i++)
        if (g_str_equal(word, sources[i]))
            return (LogSource) i;
    return LOG_SOURCE_QEMU;
}

/* ---- the black box ---- */

static void print_part(const char *title, const char *text)
{
    if (!text || !*text)
        return;
    g_auto(GStrv) lines = g_strsplit(text, "\n", 0);
    printf("%s\n", title);
    for (char **line = lines; *line; line++) {
        g_autofree char *shown = output_escape(*line);
        printf("  %s\n", shown);
    }
}

/* Seconds from when a picture was taken to the end of the run, or to now when there is none. */
static double age_of(const char *path, const LastWords *words)
{
    g_autoptr(cJSON) record = words->exit_json ? cJSON_Parse(words->exit_json) : NULL;
    const char *time = cJSON_GetStringValue(cJSON_GetObjectItem(record, "time"));
    g_autoptr(GDateTime) end =
        time ? g_date_time_new_from_iso8601(time, NULL) : g_date_time_new_now_utc();
    g_autoptr(GDateTime) taken = g_date_time_new_from_unix_utc(0);
    g_autoptr(GDateTime) then = g_date_time_add(taken, screens_time(path));
    return end ? MAX(0.0, (double) g_date_time_difference(end, then) / G_USEC_PER_SEC) : 0;
}

static void add_screens(cJSON *json, const LastWords *words)
{
    cJSON *array = cJSON_AddArrayToObject(json, "screens");
    for (guint i = 0; i < words->screens->len; i++) {
        const char *path = words->screens->pdata[i];
        g_autofree char *time = time_text(screens_time(path));
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "path", path);
        cJSON_AddStringToObject(item, "time", time);
        cJSON_AddNumberToObject(item, "age", age_of(path, words));
        cJSON_AddItemToArray(array, item);
    }
}

static void print_screens(const LastWords *words, bool running)
{
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < words->screens->len; i++) {
        const char *path = words->screens->pdata[i];
        g_string_append_printf(text, "%s%s (%.0f s %s)", i ? "\n" : "", path, age_of(path, words),
                               running ? "ago" : "before the end");
    }
    print_part("Screens:", text->str);
}

static void print_words_json(const LastWords *words)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *record = words->exit_json ? cJSON_Parse(words->exit_json) : NULL;
    cJSON_AddItemToObject(json, "last_exit", record ? record : cJSON_CreateNull());
    output_json_add_text(json, "panic", words->panic);
    output_json_add_text(json, "serial", words->console);
    output_json_add_text(json, "qemu", words->qemu);
    output_json_add_text(json, "screenshot", words->screenshot);
    add_screens(json, words);
    cJSON *events = cJSON_AddArrayToObject(json, "events");
    for (guint i = 0; i < words->events->len; i++) {
        cJSON *event = cJSON_Parse(words->events->pdata[i]);
        if (event)
            cJSON_AddItemToArray(events, event);
    }
    output_json(json);
}

static char *describe_run(const Bundle *bundle, const VmStatus *status)
{
    g_autofree char *resets = last_exit_resets(status->resets, status->triple_faults);
    return g_strdup_printf("it runs for %.0f s%s%s\nthe run before: utmctl logs %s --last-words "
                           "--run 1",
                           status->uptime, resets ? "; its guest has reset it " : "",
                           resets ? resets : "", bundle->config->information.uuid);
}

static bool print_last_words(const Bundle *bundle)
{
    g_auto(LastWords) words = { 0 };
    g_auto(VmStatus) status = { 0 };
    last_words_read(bundle->config->information.uuid, (unsigned) opt.run_back,
                    opt.lines >= 0 ? (unsigned) MIN(opt.lines, 10000) : WORDS_LINES, &words);
    bool running =
        !opt.run_back && vm_status(bundle, &status, NULL) && status.state != VM_STATE_STOPPED;
    /* What is written down while it runs is only for the case that nobody sees the end. */
    if (running)
        g_clear_pointer(&words.exit_json, g_free);
    if (command_global.json) {
        print_words_json(&words);
        return true;
    }
    g_autofree char *end =
        running ? describe_run(bundle, &status) : last_exit_text(words.exit_json);
    g_ptr_array_add(words.events, NULL);
    g_autofree char *events = g_strjoinv("\n", (char **) words.events->pdata);
    print_part(running ? "Not ended:" : "Ended:", end);
    print_part("Panic:", words.panic);
    print_part("Console:", words.console);
    print_part("QEMU:", words.qemu);
    print_screens(&words, running);
    print_part("Last time-out:", words.screenshot);
    print_part("Events:", events);
    return true;
}

/* ---- logs ---- */

static bool print_line(const char *line, void *user G_GNUC_UNUSED)
{
    return puts(line) >= 0 && fflush(stdout) == 0;
}

static bool keep_line(const char *line, void *user)
{
    GQueue *last = user;
    g_queue_push_tail(last, g_strdup(line));
    if (g_queue_get_length(last) > (guint) MIN(opt.lines, G_MAXINT))
        g_free(g_queue_pop_head(last));
    return true;
}

/* With a number of lines, the last ones are known only when all have been read. */
static bool print_last(const char *uuid, const EventRequest *request, GError **error)
{
    GQueue last = G_QUEUE_INIT;
    bool ok = event_feed_run(uuid, request, keep_line, &last, error);
    for (char *line; (line = g_queue_pop_head(&last)); g_free(line))
        if (ok)
            puts(line);
    return ok;
}

static bool print_since(const Bundle *bundle, GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    EventRequest request = { .follow = opt.follow };
    if (source_from_word(opt.source) != LOG_SOURCE_EVENTS) {
        utm_error_set(error, UTM_ERROR_USAGE, "--source events",
                      "only the journal knows the time of each line: --since needs it");
        return false;
    }
    if (opt.lines >= 0 && opt.follow) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "--lines and --since --follow exclude each other");
        return false;
    }
    if (!value_parse_since(opt.since, &request.since_us, error))
        return false;
    if (opt.lines >= 0)
        return print_last(uuid, &request, error);
    return event_feed_run(uuid, &request, print_line, NULL, error);
}

static bool run(GError **error)
{
    if (opt.index < 0 || opt.index > 999 || opt.run_back < 0 || opt.run_back > LOG_FILE_KEEP) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "there is no such log: --index %d --run %d",
                      (int) opt.index, (int) opt.run_back);
        return false;
    }
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    if (opt.last_words)
        return print_last_words(bundle);
    if (opt.since)
        return print_since(bundle, error);
    const LogRequest request = { .source = source_from_word(opt.source),
                                 .serial_index = (unsigned) opt.index,
                                 .run_back = (unsigned) opt.run_back,
                                 .lines = opt.lines,
                                 .follow = opt.follow };
    return logs_copy(bundle, &request, STDOUT_FILENO, error);
}

static const char *const examples[] = {
    "utmctl logs demo --source serial",
    "What the guest wrote to its console",
    "utmctl logs demo -s qemu --run 1",
    "What QEMU said in the run before the last one",
    "utmctl logs demo --last-words",
    "What is known of a crash",
    NULL,
};

const Command cmd_logs = {
    .name = "logs",
    .group = GROUP_RUN,
    .summary = "Show what a virtual machine has said",
    .description = "Every start begins new logs; those of the three runs before are kept. The "
                   "journal of events goes on over all runs.",
    .args = args,
    .options = options,
    .examples = examples,
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* How a machine ended: the error of one that did not come up, the record of one that ran. */
#include <string.h>
#include <sys/wait.h>

#include "core/error.h"
#include "core/first-boot.h"
#include "core/vm/helper-private.h"
#include "core/vm/last-words.h"
#include "core/vm/lock-owner.h"
#include "core/vm/time-text.h"
#include "qapi/generated/qmp-types.h"
#include "qapi/json.h"

/* QEMU's last line without the name of the program before it. Lines that only warn are not why. */
static char *last_words(const Helper *helper)
{
    g_autofree char *tail = log_file_tail(log_file_path(helper->qemu_log), 20);
    g_auto(GStrv) lines = g_strsplit(tail, "\n", 0);
    for (guint i = g_strv_length(lines); i-- > 0;) {
        if (strstr(lines[i], "warning:") || g_str_has_prefix(lines[i], "command:"))
            continue;
        const char *colon =
            g_str_has_prefix(lines[i], "qemu-system-") ? strstr(lines[i], ": ") : NULL;
        g_autofree char *line = g_strstrip(g_strdup(colon ? colon + 2 : lines[i]));
        if (*line)
            return g_steal_pointer(&line);
    }
    return NULL;
}

/* Source: QEMU block/file-posix.c says Failed to get "write" lock and Is another process using the
 * image [PATH]? on the next line. */
static bool set_locked_error(const char *words, GError **error)
{
    const char *path_start = strstr(words, "using the image [");
    if (!path_start && !strstr(words, "\" lock"))
        return false;
    g_autofree char *path = path_start ? g_strdup(strchr(path_start, '[') + 1) : NULL;
    if (path && strrchr(path, ']'))
        *strrchr(path, ']') = '\0';
    g_autofree char *owner = path ? lock_owner(path) : NULL;
    utm_error_set(error, UTM_ERROR_LOCKED, NULL, "disk \"%s\" is locked by %s", path ? path : words,
                  owner ? owner : "another process");
    return true;
}

void helper_start_error(Helper *helper, GError **error)
{
    g_autofree char *words = last_words(helper);
    g_autofree char *status = child_status_text(helper->wait_status);
    g_autofree char *hint =
        g_strdup_printf("utmctl logs %s", helper->bundle->config->information.uuid);
    if (words && (set_locked_error(words, error) || helper_share_explain(helper, words, error)))
        return;
    utm_error_set(error, UTM_ERROR_FAILED, hint, "QEMU ended with %s: %s (log: \"%s\")", status,
                  words ? words : "it said nothing", log_file_path(helper->qemu_log));
}

static const char *exit_reason(const Helper *helper)
{
    if (helper->saved)
        return "saved";
    if (helper->killed)
        return "killed";
    if (helper->abandoned)
        return "abandoned";
    /* QEMU may have been told to fail then. */
    if (helper->panicked && WIFEXITED(helper->wait_status))
        return qmp_shutdown_cause_name(QMP_SHUTDOWN_CAUSE_GUEST_PANIC);
    if (helper->shutdown_reason && WIFEXITED(helper->wait_status) &&
        WEXITSTATUS(helper->wait_status) == 0)
        return helper->shutdown_reason;
    return "crashed";
}

static void write_record(const Helper *helper, const char *name, const cJSON *record)
{
    g_autofree char *text = cJSON_PrintUnformatted(record);
    g_autofree char *path = g_build_filename(helper->state_dir, name, NULL);
    (void) g_file_set_contents(path, text, -1, NULL);
}

void helper_exit_begin(Helper *helper)
{
    g_autofree char *path = g_build_filename(helper->state_dir, LAST_WORDS_EXIT, NULL);
    log_file_rotate(path);
}

void helper_record_start(Helper *helper)
{
    g_autoptr(cJSON) record = cJSON_CreateObject();
    g_autofree char *started = time_text(helper->started_us);
    cJSON_AddNullToObject(record, "time");
    cJSON_AddStringToObject(record, "reason", "lost");
    cJSON_AddStringToObject(record, "message", "its helper was killed");
    cJSON_AddStringToObject(record, "started", started);
    write_record(helper, "last-exit.json", record);
}

/* A guest that gives up says so on its console, also where no device tells QEMU. */
static void add_panic(const Helper *helper, cJSON *record)
{
    g_autofree char *panic = last_words_find_panic(helper->bundle->config->information.uuid);
    if (panic)
        cJSON_AddStringToObject(record, "panic", panic);
}

static void add_resets(const Helper *helper, cJSON *record)
{
    if (helper->guest_resets)
        cJSON_AddNumberToObject(record, "resets", helper_reset_count(helper));
    if (helper->reset_log.faults)
        cJSON_AddNumberToObject(record, "triple_faults", helper->reset_log.faults);
}

void helper_record_exit(Helper *helper)
{
    const char *reason = exit_reason(helper);
    helper_log_tidy(helper);
    gint64 now = g_get_real_time();
    g_autofree char *time = time_text(now);
    g_autofree char *status = child_status_text(helper->wait_status);
    g_autoptr(cJSON) record = cJSON_CreateObject();
    cJSON_AddStringToObject(record, "time", time);
    cJSON_AddStringToObject(record, "reason", reason);
    cJSON_AddStringToObject(record, "status", status);
    cJSON_AddItemToObject(record, "ran_seconds",
                          json_new_double((double) (now - helper->started_us) / G_USEC_PER_SEC));
    if (strcmp(reason, "crashed") == 0) {
        g_autofree char *words = last_words(helper);
        if (words)
            cJSON_AddStringToObject(record, "message", words);
        cJSON_AddStringToObject(record, "log", log_file_path(helper->qemu_log));
    }
    add_panic(helper, record);
    add_resets(helper, record);
    journal_add(helper->journal, "x-utm-exit", record, now);
    write_record(helper, "last-exit.json", record);
    write_record(helper, LAST_WORDS_EXIT, record);
    helper_screens_end(helper, cJSON_HasObjectItem(record, "panic") ? NULL : reason);
}

void helper_end_first_boot(Helper *helper)
{
    g_autoptr(GError) error = NULL;
    if (helper->options.disposable || helper->transient ||
        g_strcmp0(exit_reason(helper), qmp_shutdown_cause_name(QMP_SHUTDOWN_CAUSE_GUEST_SHUTDOWN)))
        return;
    if (!first_boot_done(helper->bundle->path, &error))
        g_warning("cannot take the first boot's configuration out: %s", error->message);
}

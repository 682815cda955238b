/* SPDX-License-Identifier: Apache-2.0 */
/* Resets that the guest makes: how many, and which of them were triple faults. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-commands.h"

/* Of that many triple faults the registers stay in QEMU's log. */
#define KEEP_DUMPS 4

#define READ_BYTES (16 * 1024)

/* QEMU never ceases to write: then it is left as it is. */
#define LATE_BYTES (1024 * 1024)

/* No guest gets so far in so short a time. */
#define ECHO_US (100 * 1000)

static void on_answer(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    Helper *helper = user;
    helper->sees_faults = !error;
}

static bool has_own_log(const LaunchPlan *plan)
{
    for (char **arg = plan->command; *arg; arg++)
        if (strcmp(*arg, "-d") == 0 || strcmp(*arg, "-D") == 0)
            return true;
    return false;
}

void helper_reset_watch(Helper *helper)
{
    const char *architecture = helper->bundle->config->system.architecture;
    reset_log_init(&helper->reset_log);
    helper->reset_rest = g_string_new(NULL);
    helper_reset_skip(helper);
    if (helper->options.warm_make || has_own_log(helper->plan) ||
        g_strcmp0(helper->plan->argv->accelerator, "tcg") != 0 ||
        (g_strcmp0(architecture, "x86_64") != 0 && g_strcmp0(architecture, "i386") != 0))
        return;
    utm_ignore(qmp_human_monitor_command_send(job_client_qmp(helper->self), "log cpu_reset", false,
                                              0, on_answer, helper, NULL));
}

void helper_reset_skip(Helper *helper)
{
    helper->reset_start = helper->reset_end = lseek(log_file_fd(helper->qemu_log), 0, SEEK_END);
    g_string_truncate(helper->reset_rest, 0);
}

/* Take what is not wanted out of the log again: a guest that resets itself all the time would fill
 * the disk with it. QEMU appends, so that it goes on where the log ends. While it writes, that is
 * put off. */
static void rewrite(Helper *helper)
{
    int fd = log_file_fd(helper->qemu_log);
    const GString *rest = helper->reset_rest;
    struct stat now;
    bool dirty = (off_t) rest->len < helper->reset_end - helper->reset_start;
    bool late = helper->reset_end - helper->reset_start > LATE_BYTES;
    if (dirty && !late && (fstat(fd, &now) < 0 || now.st_size != helper->reset_end))
        return;
    if (dirty && !late && ftruncate(fd, helper->reset_start) == 0)
        utm_ignore(write(fd, rest->str, rest->len) >= 0);
    helper_reset_skip(helper);
}

static void note_fault(Helper *helper)
{
    const ResetLog *log = &helper->reset_log;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    g_autofree char *address = g_strdup_printf("0x%" G_GINT64_MODIFIER "x", log->address);
    cJSON_AddNumberToObject(data, "count", log->faults);
    if (log->has_address)
        cJSON_AddStringToObject(data, "address", address);
    if (log->empty_table)
        cJSON_AddBoolToObject(data, "empty_interrupt_table", true);
    journal_add(helper->journal, "x-utm-triple-fault", data, 0);
}

/* Feeds whole lines only. */
static bool read_more(Helper *helper, char *text)
{
    ssize_t n = pread(log_file_fd(helper->qemu_log), text, READ_BYTES, helper->reset_end);
    text[MAX(n, 0)] = '\0';
    char *last = strrchr(text, '\n');
    if (!last)
        return false;
    last[1] = '\0';
    reset_log_feed(&helper->reset_log, text, KEEP_DUMPS, helper->reset_rest);
    helper->reset_end += last + 1 - text;
    return true;
}

/* What QEMU has written to its log since the last look; @whole: only what is there of a reset in
 * full. QEMU writes before it tells of the reset. */
static void look(Helper *helper, bool whole)
{
    g_autofree char *text = g_malloc(READ_BYTES + 1);
    guint before = helper->reset_log.faults;
    helper->reset_log.last_is_fault = false;
    while (read_more(helper, text))
        continue;
    reset_log_flush(&helper->reset_log, whole, KEEP_DUMPS, helper->reset_rest);
    rewrite(helper);
    if (helper->reset_log.faults > before)
        note_fault(helper);
}

/* SeaBIOS makes one or two more of every reset, at once. */
static bool is_echo(Helper *helper, int64_t now_us)
{
    guint firmware = helper->reset_log.firmware, faults = helper->reset_log.faults;
    if (helper->sees_faults)
        look(helper, true);
    bool soon = now_us - helper->any_reset_us < ECHO_US;
    helper->any_reset_us = now_us;
    return helper->reset_log.faults == faults && (soon || helper->reset_log.firmware > firmware);
}

void helper_reset_event(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpResetEvent) event = qmp_reset_event_from_json(data, NULL);
    int64_t now = g_get_real_time();
    if (is_echo(helper, now) || !event || !event->guest)
        return;
    helper->guest_resets++;
    helper->last_reset_us = now;
}

void helper_reset_tidy(Helper *helper)
{
    if (helper->sees_faults)
        look(helper, true);
}

bool helper_reset_was_fault(Helper *helper)
{
    if (helper->sees_faults)
        look(helper, false);
    return helper->reset_log.last_is_fault;
}

void helper_reset_end(Helper *helper)
{
    reset_log_clear(&helper->reset_log);
    if (helper->reset_rest)
        g_string_free(helper->reset_rest, TRUE);
}

guint helper_reset_count(const Helper *helper)
{
    return MAX(helper->guest_resets, helper->reset_log.faults);
}

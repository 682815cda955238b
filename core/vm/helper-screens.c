/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's black box: what was on its screen before it crashed. */
#include <stdio.h>
#include <string.h>

#include "core/error.h"
#include "core/screen/screenshot.h"
#include "core/vm/helper-private.h"
#include "core/vm/screens.h"
#include "qapi/generated/qmp-commands.h"

/* Pictures are taken no more often than this. */
#define EVERY_SECONDS 15

/* And only when QEMU was busy for so much of the time between: a guest that does nothing has
 * nothing new to show, and shall not be woken. */
#define BUSY_PERCENT 10

/* ---- taking one ---- */

static void take(Helper *helper, const char *what)
{
    if (!helper->bundle->config->displays->len)
        return;
    int64_t now = g_get_real_time();
    g_autoptr(Picture) picture =
        screenshot_take(job_client_qmp(helper->self), helper->bundle, 0, NULL);
    if (!picture)
        return;
    gsize size = (gsize) picture->width * picture->height * 3;
    g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA1);
    g_checksum_update(checksum, picture->rgb, (gssize) size);
    const char *sum = g_checksum_get_string(checksum);
    if (strcmp(what, "screen.png") == 0 && g_strcmp0(sum, helper->screen_sum) == 0)
        return;
    g_autoptr(GBytes) png = picture_to_png(picture);
    if (!screens_add(helper->state_dir, now, what, png))
        return;
    g_free(helper->screen_sum);
    helper->screen_sum = g_strdup(sum);
}

/* ---- now and then ---- */

/* What QEMU's threads have run, in hundredths of a second. Source: proc(5), /proc/PID/stat */
static int64_t cpu_ticks(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", (int) pid);
    g_autofree char *text = NULL;
    unsigned long long user = 0, system = 0;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    const char *after = strrchr(text, ')');
    if (!after || sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
                         &system) != 2)
        return 0;
    return (int64_t) (user + system);
}

static gboolean on_time(gpointer user)
{
    Helper *helper = user;
    if (!helper->qemu || helper->qemu_ended)
        return G_SOURCE_CONTINUE;
    helper_log_tidy(helper);
    if (!helper->bundle->config->displays->len || helper->transient)
        return G_SOURCE_CONTINUE;
    int64_t ticks = cpu_ticks(child_pid(helper->qemu));
    int64_t spent = ticks - helper->screen_ticks;
    helper->screen_ticks = ticks;
    if (helper->state == VM_STATE_STARTED && spent >= EVERY_SECONDS * BUSY_PERCENT)
        take(helper, "screen.png");
    return G_SOURCE_CONTINUE;
}

/* ---- a crash ---- */

/* The guest stands still where it has given up, until its picture is taken. */
static gboolean end_panic(gpointer user)
{
    Helper *helper = user;
    take(helper, "panic.png");
    utm_ignore(qmp_quit(job_client_qmp(helper->self), NULL));
    return G_SOURCE_REMOVE;
}

static gboolean end_watchdog(gpointer user)
{
    Helper *helper = user;
    QmpClient *self = job_client_qmp(helper->self);
    take(helper, "watchdog.png");
    if (qmp_system_reset(self, NULL))
        utm_ignore(qmp_cont(self, NULL));
    helper->in_watchdog = false;
    return G_SOURCE_REMOVE;
}

void helper_screens_panic(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpGuestPanickedEvent) event = qmp_guest_panicked_event_from_json(data, NULL);
    helper->panicked = event && event->action != QMP_GUEST_PANIC_ACTION_RUN;
    if (!event || event->action != QMP_GUEST_PANIC_ACTION_PAUSE || !helper->own_actions)
        return;
    helper_set_state(helper, VM_STATE_STOPPING);
    g_idle_add(end_panic, helper);
}

void helper_screens_watchdog(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpWatchdogEvent) event = qmp_watchdog_event_from_json(data, NULL);
    if (!event || event->action != QMP_WATCHDOG_ACTION_PAUSE || !helper->own_actions)
        return;
    helper->in_watchdog = true;
    helper->guest_resets++;
    helper->last_reset_us = g_get_real_time();
    g_idle_add(end_watchdog, helper);
}

/* ---- a run ---- */

static void on_actions(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    Helper *helper = user;
    helper->own_actions = !error;
}

/* Whoever has said what is to become of a guest that crashes gets that. */
static bool has_actions(const LaunchPlan *plan)
{
    static const char *const words[] = { "-action", "-no-shutdown", "-watchdog-action", NULL };
    for (char **arg = plan->command; *arg; arg++)
        if (g_strv_contains(words, *arg))
            return true;
    return false;
}

void helper_screens_start(Helper *helper)
{
    if (helper->options.warm_make)
        return;
    if (helper->bundle->config->displays->len && !has_actions(helper->plan))
        utm_ignore(qmp_set_action_send(job_client_qmp(helper->self), false, 0, false, 0, true,
                                       QMP_PANIC_ACTION_PAUSE, true, QMP_WATCHDOG_ACTION_PAUSE,
                                       on_actions, helper, NULL));
    helper->screen_source = g_timeout_add_seconds(EVERY_SECONDS, on_time, helper);
}

void helper_screens_end(Helper *helper, const char *reason)
{
    static const char *const fine[] = { "guest-shutdown", "host-qmp-quit", "saved", NULL };
    if (helper->screen_source)
        g_clear_handle_id(&helper->screen_source, g_source_remove);
    g_clear_pointer(&helper->screen_sum, g_free);
    if (reason && g_strv_contains(fine, reason) && !helper->reset_log.faults)
        screens_forget(helper->state_dir);
}

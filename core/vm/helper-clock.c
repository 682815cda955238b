/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest that goes on after it stood still is told through its agent: the time, above all. */
#include <string.h>

#include "core/error.h"
#include "core/vm/agent.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json-auto.h"

/* An agent that comes later than this was started anew, by a guest that has booted. */
#define DUE_US (120 * G_USEC_PER_SEC)

static void note(Helper *helper, const char *how, const GError *error)
{
    g_autoptr(cJSON) data = cJSON_CreateObject();
    cJSON_AddBoolToObject(data, "set", error == NULL);
    cJSON_AddStringToObject(data, "by", how);
    if (error)
        cJSON_AddStringToObject(data, "message", error->message);
    journal_add(helper->journal, "x-utm-clock", data, 0);
}

static void on_date(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    note(user, "date", error);
}

/* An agent refuses where it finds no hwclock, although the system's clock is all that matters.
 * Source: QEMU qga/commands-posix.c, qmp_guest_set_time */
static void run_date(Helper *helper)
{
    g_autofree char *now =
        g_strdup_printf("@%" G_GINT64_FORMAT, g_get_real_time() / G_USEC_PER_SEC);
    char *words[] = { (char *) "-s", now };
    const QapiStrList args = { G_N_ELEMENTS(words), words };
    g_autoptr(GError) error = NULL;
    if (!qmp_guest_exec_send(job_client_qmp(helper->self), "date", &args, NULL, NULL, false, false,
                             on_date, helper, &error))
        note(helper, "date", error);
}

static void on_set(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    bool refused = error && g_strcmp0(qmp_error_class(error), AGENT_UNREACHABLE_CLASS) != 0;
    if (refused)
        run_date(user);
    else
        note(user, "guest-set-time", error);
}

static void set_time(Helper *helper)
{
    g_autoptr(GError) error = NULL;
    if (!qmp_guest_set_time_send(job_client_qmp(helper->self), true, g_get_real_time() * 1000,
                                 on_set, helper, &error))
        note(helper, "guest-set-time", error);
}

static bool awaits_renewal(const Helper *helper)
{
    return helper->options.renew && !helper->renewed;
}

/* A copy is told the time with everything else that it is told. */
static void tell(Helper *helper)
{
    helper->clock_thawing = false;
    if (awaits_renewal(helper))
        helper_renew(helper);
    else
        set_time(helper);
}

static void on_thawed(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    (void) error;
    tell(user);
}

static void on_freeze_status(QmpClient *client, const cJSON *result, const GError *error,
                             void *user)
{
    const char *frozen = qmp_guest_fsfreeze_status_name(QMP_GUEST_FSFREEZE_STATUS_FROZEN);
    bool thaw = !error && g_strcmp0(cJSON_GetStringValue(result), frozen) == 0;
    if (!thaw || !qmp_guest_fsfreeze_thaw_send(client, on_thawed, user, NULL))
        tell(user);
}

static gboolean begin(gpointer user)
{
    Helper *helper = user;
    helper->clock_source = 0;
    /* A guest that stands still again is told when it goes on. */
    if (helper->state != VM_STATE_STARTED)
        return G_SOURCE_REMOVE;
    bool thaw = helper->clock_thaw;
    helper->clock_due_us = 0;
    helper->clock_thaw = false;
    helper->clock_thawing = true;
    if (!thaw || !qmp_guest_fsfreeze_status_send(job_client_qmp(helper->self), on_freeze_status,
                                                 helper, NULL))
        tell(helper);
    return G_SOURCE_REMOVE;
}

void helper_clock_agent(Helper *helper)
{
    bool due = g_get_monotonic_time() < helper->clock_due_us || awaits_renewal(helper);
    if (helper->clock_source || helper->clock_thawing || !due)
        return;
    helper->clock_source = g_idle_add(begin, helper);
}

void helper_clock(Helper *helper, bool thaw)
{
    helper->clock_thaw |= thaw;
    helper->clock_due_us = g_get_monotonic_time() + DUE_US;
    if (helper->agent && agent_is_open(helper->agent))
        helper_clock_agent(helper);
}

/* ---- the port, which QEMU tells of late ---- */

#define LOOK_MS 10

static gboolean look(gpointer user);

static bool has_port_open(const cJSON *result)
{
    const cJSON *json = NULL;
    cJSON_ArrayForEach (json, result) {
        g_autoptr(QmpChardevInfo) info = qmp_chardev_info_from_json(json, NULL);
        if (info && strcmp(info->label, AGENT_CHARDEV) == 0)
            return info->frontend_open;
    }
    return false;
}

static void on_chardevs(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    Helper *helper = user;
    if (!helper->agent || !agent_is_settling(helper->agent))
        return;
    if (!error && has_port_open(result)) {
        agent_set_open(helper->agent, true);
        helper_clock_agent(helper);
    } else if (!helper->port_source) {
        helper->port_source = g_timeout_add(LOOK_MS, look, helper);
    }
}

static gboolean look(gpointer user)
{
    Helper *helper = user;
    helper->port_source = 0;
    if (agent_is_settling(helper->agent))
        utm_ignore(qmp_query_chardev_send(job_client_qmp(helper->self), on_chardevs, helper, NULL));
    return G_SOURCE_REMOVE;
}

void helper_loaded(Helper *helper)
{
    agent_reload(helper->agent);
    helper_clock(helper, true);
    look(helper);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing a guest's file systems for a snapshot, and thawing them whatever becomes of it. */
#include "core/error.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json-auto.h"

/* A guest that has not frozen by then has a program that keeps it from that. */
#define FREEZE_LIMIT_MS 20000

/* The snapshot follows at once, unless who wanted it has gone. */
#define UNUSED_LIMIT_MS 10000

/* Nobody can want that a guest stands still for longer. */
#define MOST_LIMIT_MS 60000

static void on_thawed(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    Helper *helper = user;
    if (!error)
        return;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "message", error->message);
    journal_add(helper->journal, "x-utm-thaw-failed", data, 0);
    helper_clock(helper, true); /* which looks whether it is frozen, now or when the agent comes */
}

static void thaw(Helper *helper)
{
    g_autoptr(GError) error = NULL;
    g_clear_handle_id(&helper->freeze_limit, g_source_remove);
    helper->frozen = false;
    if (!qmp_guest_fsfreeze_thaw_send(job_client_qmp(helper->self), on_thawed, helper, &error))
        on_thawed(NULL, NULL, error, helper);
}

void helper_thaw(Helper *helper)
{
    if (helper->frozen && !helper->qemu_ended)
        thaw(helper);
}

static gboolean on_unused(gpointer user)
{
    Helper *helper = user;
    if (helper->state == VM_STATE_SAVING)
        return G_SOURCE_CONTINUE;
    helper->freeze_limit = 0;
    thaw(helper);
    return G_SOURCE_REMOVE;
}

static void refuse(Helper *helper, const char *why)
{
    g_autofree char *text = g_strdup_printf("the guest's file systems cannot be frozen: %s", why);
    monitor_answer_error(g_steal_pointer(&helper->freeze_request),
                         utm_error_word(UTM_ERROR_GUEST_UNREACHABLE), text);
}

static gboolean on_freeze_limit(gpointer user)
{
    Helper *helper = user;
    helper->freeze_limit = 0;
    refuse(helper, "it took too long");
    return G_SOURCE_REMOVE;
}

static void on_frozen(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    Helper *helper = user;
    g_clear_handle_id(&helper->freeze_limit, g_source_remove);
    if (!helper->freeze_request) {
        /* Too late; some may be frozen even after an error. */
        if (!helper->qemu_ended)
            thaw(helper);
        return;
    }
    if (error) {
        refuse(helper, error->message);
        return;
    }
    helper->frozen = true;
    helper->freeze_limit = g_timeout_add(helper->freeze_unused_ms, on_unused, helper);
    monitor_answer(g_steal_pointer(&helper->freeze_request), NULL);
}

void helper_quiesce_command(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpXUtmQuiesceArgs) wanted = NULL;
    if (!qapi_read_arguments(&qmp_x_utm_quiesce_args_type, arguments, &wanted, &error)) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_USAGE), error->message);
        return;
    }
    if (helper->freeze_request || helper->frozen || helper->state != VM_STATE_STARTED) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_WRONG_STATE),
                             helper->state == VM_STATE_STARTED
                                 ? "the guest's file systems are being frozen already"
                                 : "the guest's file systems cannot be frozen: it stands still");
        return;
    }
    bool limited = wanted->has_limit && wanted->limit > 0;
    helper->freeze_unused_ms =
        limited ? (guint) MIN(wanted->limit / 1000, MOST_LIMIT_MS) : UNUSED_LIMIT_MS;
    helper->freeze_request = request;
    g_clear_handle_id(&helper->freeze_limit, g_source_remove);
    helper->freeze_limit = g_timeout_add(FREEZE_LIMIT_MS, on_freeze_limit, helper);
    if (!qmp_guest_fsfreeze_freeze_send(job_client_qmp(helper->self), on_frozen, helper, &error))
        on_frozen(NULL, NULL, error, helper);
}

void helper_quiesce_note(Helper *helper, const char *text, size_t len)
{
    Message command = message_scan(text, len);
    if (message_span_is(command.execute, "guest-fsfreeze-thaw"))
        helper->frozen = false;
}

void helper_quiesce_end(Helper *helper)
{
    g_clear_handle_id(&helper->freeze_limit, g_source_remove);
    if (helper->freeze_request)
        refuse(helper, "the virtual machine has ended");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Synchronous calls on top of a QMP client: waiting for what comes to it. */
#include <glib-unix.h>
#include <poll.h>

#include "qapi/json-stream.h"
#include "qapi/qmp-client-private.h"
#include "qapi/qmp-error.h"

/* How long a command that answers only when it fails has for that. */
#define SILENCE_US G_USEC_PER_SEC

static gboolean set_flag(gpointer user)
{
    *(bool *) user = true;
    return G_SOURCE_REMOVE;
}

static bool set_timeout_error(GError **error)
{
    qmp_error_set(error, QMP_ERROR_TIMEOUT, NULL, "no answer in time");
    return false;
}

/* Waits for one thing to happen. False when the time is over.
 *
 * In a context of our own there is nothing but our socket, and asking for that alone takes half the
 * time of a main loop's round: a synchronous call is mostly that. */
static bool wait_private(QmpClient *client, int64_t deadline)
{
    struct pollfd socket = { .fd = client->fd, .events = POLLIN };
    if (!client->source) /* gone: what is left to do is in client->failing */
        g_main_context_iteration(client->context, FALSE);
    else if (poll(&socket, 1, qmp_left_ms(deadline)) > 0)
        (void) qmp_client_read(client);
    return g_get_monotonic_time() < deadline;
}

/* Iterates until @done, the time limit or, with @alive_only, the end of the connection. */
static bool iterate(QmpClient *client, bool (*done)(void *user), void *user, int64_t deadline,
                    bool alive_only)
{
    bool late = false;
    g_autoptr(GSource) timer = NULL;
    if (deadline != G_MAXINT64 && !client->is_private) {
        timer = g_timeout_source_new((guint) qmp_left_ms(deadline));
        g_source_set_callback(timer, set_flag, &late, NULL);
        g_source_attach(timer, client->context);
    }
    bool ok;
    client->dispatching++;
    while (!(ok = done(user)) && !late && !client->freed && !(alive_only && client->gone)) {
        /* From within a callback, the answer may have come behind the message it is for. */
        if (json_stream_has_input(client->stream))
            qmp_client_take_messages(client);
        else if (client->is_private)
            late = !wait_private(client, deadline);
        else
            g_main_context_iteration(client->context, TRUE);
    }
    qmp_client_leave(client);
    if (timer)
        g_source_destroy(timer);
    return ok;
}

bool qmp_client_pump(QmpClient *client, bool (*done)(void *user), void *user, int64_t timeout_us,
                     GError **error)
{
    if (iterate(client, done, user, qmp_deadline_after(timeout_us), true))
        return true;
    if (!client->gone)
        return set_timeout_error(error);
    if (error)
        *error = g_error_copy(client->gone);
    return false;
}

/* A synchronous call: the reply may come after its time, when nobody waits any more. */
typedef struct {
    bool done;
    bool abandoned;
    bool wants_result;
    cJSON *result;
    GError *error;
} Call;

static void call_free(Call *call)
{
    cJSON_Delete(call->result);
    g_clear_error(&call->error);
    g_free(call);
}

static void on_call_reply(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    Call *call = user;
    if (call->abandoned) {
        call_free(call);
        return;
    }
    call->done = true;
    if (error)
        call->error = g_error_copy(error);
    else if (call->wants_result) /* copying 200 kB would cost as much as parsing them */
        call->result = cJSON_DetachItemViaPointer(client->message, (cJSON *) result);
}

static bool call_is_done(void *user)
{
    return ((Call *) user)->done;
}

/* The time that a call has; a silent one is over sooner, and then it has succeeded. */
static int64_t call_limit(const QmpClient *client, QmpCallFlags flags)
{
    if (!(flags & QMP_CALL_SILENT))
        return client->timeout_us;
    return client->timeout_us ? MIN(client->timeout_us, SILENCE_US) : SILENCE_US;
}

bool qmp_client_call_full(QmpClient *client, const char *command, cJSON *arguments,
                          QmpCallFlags flags, cJSON **out_result, GError **error)
{
    if ((flags & QMP_CALL_OOB) && !client->has_oob && !client->gone) {
        cJSON_Delete(arguments);
        qmp_error_set(error, QMP_ERROR_FAILED, NULL, "%s: the server has no out-of-band execution",
                      command);
        return false;
    }
    Call *call = g_new0(Call, 1);
    bool silent = flags & QMP_CALL_SILENT;
    call->wants_result = out_result != NULL;
    int64_t deadline = qmp_deadline_after(call_limit(client, flags));
    qmp_client_send_full(client, command, arguments, flags, deadline, on_call_reply, call);
    if (!iterate(client, call_is_done, call, deadline, false)) {
        call->abandoned = true;
        if (silent)
            return true;
        (void) set_timeout_error(error);
        g_prefix_error(error, "%s: ", command);
        return false;
    }
    if (silent && g_error_matches(call->error, QMP_ERROR, QMP_ERROR_DISCONNECTED))
        g_clear_error(&call->error);
    bool ok = call->error == NULL;
    if (!ok)
        g_propagate_error(error, g_steal_pointer(&call->error));
    else if (out_result)
        *out_result = g_steal_pointer(&call->result);
    call_free(call);
    return ok;
}

bool qmp_client_call(QmpClient *client, const char *command, cJSON *arguments, cJSON **out_result,
                     GError **error)
{
    return qmp_client_call_full(client, command, arguments, 0, out_result, error);
}

void qmp_client_pass_fd(QmpClient *client, int fd)
{
    client->next_fd = fd;
}

void qmp_client_set_timeout(QmpClient *client, int64_t timeout_us)
{
    client->timeout_us = timeout_us;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A QMP client: a connection on which commands, answers and events are passed on as they come. */
#include "qapi/qmp-client.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qapi/json-stream.h"
#include "qapi/qmp-client-private.h"
#include "qapi/qmp-error.h"
#include "qapi/unix-socket.h"

#define DEFAULT_TIMEOUT_US (30 * G_USEC_PER_SEC)

typedef struct {
    int64_t id;
    QmpReplyFunc reply; /* NULL: nobody cares */
    void *user;
} Pending;

/* ---- ending ---- */

static void destroy(QmpClient *client)
{
    json_stream_free(client->stream);
    g_main_context_unref(client->context);
    g_clear_error(&client->gone);
    g_free(client);
}

void qmp_client_leave(QmpClient *client)
{
    if (--client->dispatching == 0 && client->freed)
        destroy(client);
}

static void close_connection(QmpClient *client)
{
    if (client->source) {
        g_source_destroy(client->source);
        g_clear_pointer(&client->source, g_source_unref);
    }
    if (client->fd >= 0)
        close(client->fd);
    client->fd = -1;
}

static void fail_pending(QmpClient *client)
{
    for (Pending *pending; (pending = g_queue_pop_head(&client->pending));) {
        if (pending->reply)
            pending->reply(client, NULL, client->gone, pending->user);
        g_free(pending);
    }
}

/* @error is taken. Every pending call fails once, those that the callbacks make included. */
static void end(QmpClient *client, GError *error)
{
    if (client->gone) {
        g_error_free(error);
        return;
    }
    client->dispatching++;
    client->gone = error;
    close_connection(client);
    fail_pending(client);
    if (client->ops && client->ops->disconnected && !client->freed)
        client->ops->disconnected(client, client->gone, client->user);
    qmp_client_leave(client);
}

static void fail_if_gone(QmpClient *client)
{
    if (client->gone)
        fail_pending(client);
}

static void end_with(QmpClient *client, QmpError code, const char *text)
{
    GError *error = NULL;
    qmp_error_set(&error, code, NULL, "%s", text);
    end(client, error);
}

/* ---- receiving ---- */

static const char *member_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void take_greeting(QmpClient *client, const cJSON *greeting)
{
    const cJSON *capability;
    cJSON_ArrayForEach (capability, cJSON_GetObjectItemCaseSensitive(greeting, "capabilities"))
        client->offers_oob |= g_strcmp0(cJSON_GetStringValue(capability), "oob") == 0;
    client->greeted = true;
}

static void take_event(QmpClient *client, const char *name, const cJSON *message)
{
    /* QEMU writes -1 where it cannot tell the time. */
    const cJSON *stamp = cJSON_GetObjectItemCaseSensitive(message, "timestamp");
    int64_t seconds = 0, microseconds = 0;
    int64_t time_us = g_get_real_time();
    if (json_get_int64(cJSON_GetObjectItemCaseSensitive(stamp, "seconds"), &seconds) &&
        json_get_int64(cJSON_GetObjectItemCaseSensitive(stamp, "microseconds"), &microseconds) &&
        seconds >= 0 && seconds < G_MAXINT64 / G_USEC_PER_SEC - 1 && microseconds >= 0 &&
        microseconds < G_USEC_PER_SEC)
        time_us = seconds * G_USEC_PER_SEC + microseconds;
    if (client->ops && client->ops->event)
        client->ops->event(client, name, cJSON_GetObjectItemCaseSensitive(message, "data"), time_us,
                           client->user);
}

/* With out-of-band commands the answers need not come in order. */
static Pending *take_pending(QmpClient *client, const cJSON *message)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(message, "id");
    int64_t id = 0;
    /* A server that could not read a command answers without the command's id. */
    if (!member)
        return g_queue_pop_head(&client->pending);
    if (!json_get_int64(member, &id))
        return NULL;
    for (GList *link = client->pending.head; link; link = link->next) {
        Pending *pending = link->data;
        if (pending->id != id)
            continue;
        g_queue_delete_link(&client->pending, link);
        return pending;
    }
    return NULL;
}

static void take_reply(QmpClient *client, cJSON *message)
{
    const cJSON *failure = cJSON_GetObjectItemCaseSensitive(message, "error");
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(message, "return");
    g_autofree Pending *pending = take_pending(client, message);
    if (!pending || !pending->reply)
        return;
    g_autoptr(GError) error = NULL;
    if (failure) {
        const char *desc = member_text(failure, "desc");
        qmp_error_set(&error, QMP_ERROR_FAILED, member_text(failure, "class"), "%s",
                      desc ? desc : "the server gave no reason");
    } else if (!result) {
        qmp_error_set(&error, QMP_ERROR_PROTOCOL, NULL, "the answer has neither result nor error");
    }
    cJSON *outer = client->message;
    client->message = message;
    pending->reply(client, error ? NULL : result, error, pending->user);
    client->message = outer;
}

static void take_message(QmpClient *client, cJSON *message)
{
    if (!cJSON_IsObject(message)) {
        end_with(client, QMP_ERROR_PROTOCOL, "what came is JSON, but not QMP");
        return;
    }
    const cJSON *greeting = cJSON_GetObjectItemCaseSensitive(message, "QMP");
    const char *event = member_text(message, "event");
    if (greeting)
        take_greeting(client, greeting);
    else if (event)
        take_event(client, event, message);
    else
        take_reply(client, message);
}

void qmp_client_take_messages(QmpClient *client)
{
    while (!client->gone) {
        g_auto(JsonMessage) message = { 0 };
        g_autoptr(GError) error = NULL;
        switch (json_stream_next(client->stream, &message, &error)) {
        case JSON_STREAM_MORE:
            return;
        case JSON_STREAM_MESSAGE:
            take_message(client, message.value);
            /* A callback may have freed the client; its memory is there until we return. */
            if (client->freed)
                return;
            break;
        case JSON_STREAM_INVALID:
            end(client, g_steal_pointer(&error));
            return;
        }
    }
}

bool qmp_client_read(QmpClient *client)
{
    char buffer[65536];
    ssize_t n = recv(client->fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        if (client->clogged)
            end_with(client, QMP_ERROR_TIMEOUT, "the monitor takes no commands");
        else
            end_with(client, QMP_ERROR_DISCONNECTED, "the connection to the monitor is gone");
        return false;
    }
    client->dispatching++;
    json_stream_feed(client->stream, buffer, (size_t) n);
    qmp_client_take_messages(client);
    bool alive = !client->gone;
    qmp_client_leave(client);
    return alive;
}

static gboolean readable(gint fd, GIOCondition condition, gpointer user)
{
    (void) fd;
    (void) condition;
    return qmp_client_read(user) ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* ---- sending ---- */

int qmp_left_ms(int64_t deadline)
{
    if (deadline == G_MAXINT64)
        return -1;
    return (int) CLAMP((deadline - g_get_monotonic_time() + 999) / 1000, 0, G_MAXINT);
}

int64_t qmp_deadline_after(int64_t timeout_us)
{
    return timeout_us ? g_get_monotonic_time() + timeout_us : G_MAXINT64;
}

/* What the server does not take at once is waited for: commands are small, and a monitor that takes
 * nothing for so long is dead. The descriptor goes with the first byte. */
static bool send_all(QmpClient *client, const char *data, size_t size, int passed_fd,
                     int64_t deadline)
{
    while (size) {
        ssize_t n =
            unix_socket_send(client->fd, data, size, passed_fd, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        struct pollfd wait = { .fd = client->fd, .events = POLLOUT };
        if (n < 0 && errno == EAGAIN) {
            int ready = poll(&wait, 1, qmp_left_ms(deadline));
            client->clogged = ready == 0;
            if (ready > 0 || (ready < 0 && errno == EINTR))
                continue;
        }
        if (n < 0)
            return false;
        passed_fd = -1;
        data += n;
        size -= (size_t) n;
    }
    return true;
}

/* A reply never comes before send has returned, so a failure waits for the main loop too. The
 * socket is shut down, and reading it then tells the same. */
static void fail_sending(QmpClient *client)
{
    shutdown(client->fd, SHUT_RDWR);
}

static gboolean fail_late(gpointer user)
{
    QmpClient *client = user;
    client->dispatching++;
    g_clear_pointer(&client->failing, g_source_unref);
    fail_pending(client);
    qmp_client_leave(client);
    return G_SOURCE_REMOVE;
}

/* A call on a dead connection fails from the main loop, like one that the server answers. */
static void fail_soon(QmpClient *client)
{
    if (client->failing)
        return;
    client->failing = g_idle_source_new();
    g_source_set_priority(client->failing, G_PRIORITY_DEFAULT);
    g_source_set_callback(client->failing, fail_late, client, NULL);
    g_source_attach(client->failing, client->context);
}

static char *command_text(const char *command, cJSON *arguments, int64_t id, bool oob)
{
    g_autoptr(cJSON) object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, oob ? "exec-oob" : "execute", command);
    if (arguments)
        cJSON_AddItemToObject(object, "arguments", arguments);
    cJSON_AddItemToObject(object, "id", json_new_int64(id));
    char *text = cJSON_PrintUnformatted(object);
    return text;
}

void qmp_client_send_full(QmpClient *client, const char *command, cJSON *arguments,
                          QmpCallFlags flags, int64_t deadline, QmpReplyFunc reply, void *user)
{
    Pending *pending = g_new0(Pending, 1);
    int passed_fd = client->next_fd;
    client->next_fd = -1;
    if (g_queue_is_empty(&client->pending))
        client->last_id = 0; /* QEMU reads byte by byte: a short number saves time */
    pending->id = ++client->last_id;
    pending->reply = reply;
    pending->user = user;
    bool oob = (flags & QMP_CALL_OOB) && client->has_oob;
    char *text = command_text(command, arguments, pending->id, oob);
    g_queue_push_tail(&client->pending, pending);
    if (client->gone)
        fail_soon(client);
    else if (!send_all(client, text, strlen(text), passed_fd, deadline))
        fail_sending(client);
    cJSON_free(text);
}

void qmp_client_send(QmpClient *client, const char *command, cJSON *arguments, QmpReplyFunc reply,
                     void *user)
{
    qmp_client_send_full(client, command, arguments, 0, qmp_deadline_after(client->timeout_us),
                         reply, user);
}

/* ---- beginning ---- */

QmpClient *qmp_client_new(int fd, GMainContext *context, const QmpClientOps *ops, void *user)
{
    QmpClient *client = g_new0(QmpClient, 1);
    client->fd = fd;
    client->next_fd = -1;
    client->context = context ? g_main_context_ref(context) : g_main_context_new();
    client->is_private = !context;
    client->ops = ops;
    client->user = user;
    client->stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    client->timeout_us = DEFAULT_TIMEOUT_US;
    client->source = g_unix_fd_source_new(fd, G_IO_IN | G_IO_HUP);
    g_source_set_callback(client->source, G_SOURCE_FUNC(readable), client, NULL);
    /* A callback may wait for the answer to a command of its own. */
    g_source_set_can_recurse(client->source, TRUE);
    g_source_attach(client->source, client->context);
    return client;
}

static bool is_greeted(void *user)
{
    return ((QmpClient *) user)->greeted;
}

bool qmp_client_negotiate(QmpClient *client, int64_t timeout_us, GError **error)
{
    if (!qmp_client_pump(client, is_greeted, client, timeout_us, error))
        return false;
    cJSON *arguments = cJSON_CreateObject();
    cJSON *enable = cJSON_AddArrayToObject(arguments, "enable");
    if (client->offers_oob)
        cJSON_AddItemToArray(enable, cJSON_CreateString("oob"));
    client->has_oob = false;
    if (!qmp_client_call(client, "qmp_capabilities", arguments, NULL, error))
        return false;
    client->has_oob = client->offers_oob;
    return true;
}

QmpClient *qmp_client_connect(const char *path, int64_t timeout_us, GError **error)
{
    int fd = unix_socket_connect(path, timeout_us, error);
    if (fd < 0)
        return NULL;
    g_autoptr(QmpClient) client = qmp_client_new(fd, NULL, NULL, NULL);
    return qmp_client_negotiate(client, timeout_us, error) ? g_steal_pointer(&client) : NULL;
}

void qmp_client_free(QmpClient *client)
{
    if (!client || client->freed)
        return;
    client->freed = true;
    client->dispatching++;
    if (client->failing) {
        g_source_destroy(client->failing);
        g_clear_pointer(&client->failing, g_source_unref);
    }
    fail_if_gone(client);
    end_with(client, QMP_ERROR_DISCONNECTED, "the connection to the monitor was closed");
    qmp_client_leave(client);
}

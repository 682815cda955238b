/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's one monitor, shared by any number of QMP clients. */
#include "core/vm/monitor.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/vm/channel.h"
#include "core/vm/client-name.h"
#include "qapi/generated/qmp-types.h"
#include "qapi/json-stream.h"

/* A client that has so much waiting is dropped. */
#define CLIENT_QUEUE_BYTES (32 * 1024 * 1024)

/* What a client asks beyond so many requests under way waits here, so that nobody fills QEMU's own
 * queue for all. Source: QEMU monitor/monitor-internal.h, QMP_REQ_QUEUE_LEN_MAX */
#define CLIENT_REQUESTS 8

typedef struct {
    Monitor *monitor; /* borrowed */
    Channel *channel;
    JsonStream *stream;
    bool negotiated;
    bool dropped;
    unsigned under_way;
    guint resuming; /* source; 0 unless what waits here is gone on with */
    GArray *fds;    /* descriptors that came and no command has used yet */
} MonitorClient;

/* A request outlives its client: QEMU answers it all the same. */
struct MonitorRequest {
    MonitorClient *client; /* NULL once the client is gone, or for the monitor itself */
    char *id;              /* what the client called it, JSON text; or NULL */
    guint64 number;        /* what QEMU knows it by */
};

struct Monitor {
    const MonitorOps *ops;
    void *user;
    int version;
    char *greeting;
    Channel *qemu; /* NULL before monitor_attach() and after QEMU is gone */
    JsonStream *from_qemu;
    bool ready; /* QEMU has left negotiation mode */
    bool ended;
    GHashTable *requests; /* number -> MonitorRequest (owned) under way in QEMU */
    GPtrArray *others;    /* of MonitorRequest (borrowed) under way elsewhere */
    GPtrArray *clients;   /* (owned) of MonitorClient */
    GQueue waiting;       /* of Waiting: what came before QEMU was ready */
    guint64 last_number;
};

/* A command that waits for QEMU to come up. */
typedef struct {
    char *text;
    int fd;
} Waiting;

/* Commands that end, reset or stop the machine for everybody. */
static const char *const noted_commands[] = {
    "quit",
    "system_reset",
    "system_powerdown",
    "stop",
    "cont",
    "system_wakeup",
    "snapshot-load",
    "device_del",
    "blockdev-del",
    "eject",
    "blockdev-change-medium",
    "human-monitor-command",
    "migrate",
    "inject-nmi",
    "set_link",
    "set-action",
    NULL,
};

static void client_free(MonitorClient *client);
static gboolean resume(gpointer user);

static MonitorRequest *request_new(MonitorClient *client, Span id)
{
    MonitorRequest *request = g_new0(MonitorRequest, 1);
    request->client = client;
    request->id = id.start ? g_strndup(id.start, id.len) : NULL;
    if (client)
        client->under_way++;
    return request;
}

static void request_free(MonitorRequest *request)
{
    g_free(request->id);
    g_free(request);
}

/* A client that does not read is shut down here and goes in its own time, from the main loop:
 * somebody further up may be busy with it. */
static void client_send_sized(MonitorClient *client, const char *text, size_t len)
{
    if (client->dropped)
        return;
    channel_send(client->channel, text, len, -1);
    if (channel_queued(client->channel) <= CLIENT_QUEUE_BYTES)
        return;
    client->dropped = true;
    g_autoptr(cJSON) data = client_name(channel_fd(client->channel));
    cJSON_AddStringToObject(data, "reason", "it does not read");
    client->monitor->ops->note("x-utm-client-dropped", data, client->monitor->user);
    shutdown(channel_fd(client->channel), SHUT_RDWR);
}

static void client_send(MonitorClient *client, const char *text)
{
    client_send_sized(client, text, strlen(text));
}

static void request_end(MonitorRequest *request, char *text)
{
    MonitorClient *client = request->client;
    if (client) {
        client_send(client, text);
        /* Not at once: who answers may be in the middle of something. */
        if (client->under_way-- == CLIENT_REQUESTS && !client->resuming)
            client->resuming = g_idle_add_full(G_PRIORITY_DEFAULT, resume, client, NULL);
        Monitor *monitor = client->monitor;
        g_ptr_array_remove_fast(monitor->others, request);
    }
    g_free(text);
    request_free(request);
}

bool monitor_is_orphan(const MonitorRequest *request)
{
    return !request->client;
}

void monitor_answer_message(MonitorRequest *request, const Message *reply)
{
    request_end(request, message_reply(reply, request->id));
}

void monitor_answer(MonitorRequest *request, cJSON *result)
{
    g_autofree char *text = result ? cJSON_PrintUnformatted(result) : g_strdup("{}");
    cJSON_Delete(result);
    Message reply = { .result = { text, strlen(text) } };
    monitor_answer_message(request, &reply);
}

void monitor_answer_error(MonitorRequest *request, const char *error_class, const char *desc)
{
    request_end(request, message_error(error_class, desc, request->id));
}

/* ---- QEMU's side ---- */

static void send_to_qemu(Monitor *monitor, const char *text, int fd)
{
    if (monitor->ready) {
        channel_send(monitor->qemu, text, strlen(text), fd);
        return;
    }
    Waiting *waiting = g_new0(Waiting, 1);
    waiting->text = g_strdup(text);
    waiting->fd = fd >= 0 ? dup(fd) : -1;
    g_queue_push_tail(&monitor->waiting, waiting);
}

static void waiting_free(Waiting *waiting)
{
    if (waiting->fd >= 0)
        close(waiting->fd);
    g_free(waiting->text);
    g_free(waiting);
}

static void set_ready(Monitor *monitor)
{
    monitor->ready = true;
    for (Waiting *w; (w = g_queue_pop_head(&monitor->waiting));) {
        channel_send(monitor->qemu, w->text, strlen(w->text), w->fd);
        waiting_free(w);
    }
}

static void broadcast(Monitor *monitor, const char *text, size_t len)
{
    for (guint i = 0; i < monitor->clients->len; i++) {
        MonitorClient *client = monitor->clients->pdata[i];
        if (client->negotiated)
            client_send_sized(client, text, len);
    }
}

static int64_t event_time(const cJSON *event)
{
    const cJSON *stamp = cJSON_GetObjectItem(event, "timestamp");
    int64_t seconds = 0, microseconds = 0;
    if (!json_get_int64(cJSON_GetObjectItem(stamp, "seconds"), &seconds) ||
        !json_get_int64(cJSON_GetObjectItem(stamp, "microseconds"), &microseconds) || seconds < 0)
        return g_get_real_time();
    return seconds * G_USEC_PER_SEC + microseconds;
}

static void take_event(Monitor *monitor, const char *text, size_t len)
{
    g_autoptr(cJSON) event = json_parse(text, len, NULL, NULL);
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(event, "event"));
    if (!name)
        return;
    monitor->ops->event(name, cJSON_GetObjectItem(event, "data"), event_time(event), monitor->user);
    g_autofree char *line = g_strdup_printf("%.*s\r\n", (int) len, text);
    broadcast(monitor, line, len + 2);
}

/* A command that QEMU could not read is answered in its turn, but without a number. */
static guint64 oldest_number(const Monitor *monitor)
{
    guint64 oldest = G_MAXUINT64;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, monitor->requests);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        oldest = MIN(oldest, ((MonitorRequest *) value)->number);
    return oldest;
}

static void take_reply(Monitor *monitor, const Message *message)
{
    guint64 number =
        message->id.start ? g_ascii_strtoull(message->id.start, NULL, 10) : oldest_number(monitor);
    MonitorRequest *request = NULL;
    if (!g_hash_table_steal_extended(monitor->requests, &number, NULL, (gpointer *) &request))
        return;
    /* Before that there is nothing but our own qmp_capabilities. */
    if (!monitor->ready)
        set_ready(monitor);
    monitor_answer_message(request, message);
}

static void forward(Monitor *monitor, MonitorRequest *request, const Message *command, int fd)
{
    if (!g_hash_table_size(monitor->requests))
        monitor->last_number = 0; /* a short number is read sooner */
    request->number = ++monitor->last_number;
    g_hash_table_insert(monitor->requests, &request->number, request);
    g_autofree char *id = g_strdup_printf("%" G_GUINT64_FORMAT, request->number);
    g_autofree char *text = message_command(command->execute, command->oob, command->arguments, id);
    send_to_qemu(monitor, text, fd);
}

static void take_greeting(Monitor *monitor, const char *text, size_t len)
{
    g_free(monitor->greeting);
    monitor->greeting = g_strdup_printf("%.*s\r\n", (int) len, text);
    QmpQMPCapability oob[] = { QMP_QMP_CAPABILITY_OOB };
    QmpQMPCapabilityList enable = { G_N_ELEMENTS(oob), oob };
    const QmpQmpCapabilitiesArgs arguments = { .enable = &enable };
    cJSON *json = qmp_qmp_capabilities_args_to_json(&arguments, NULL);
    g_autofree char *command = message_typed("qmp_capabilities", json, "0");
    MonitorRequest *request = request_new(NULL, (Span){ 0 });
    g_hash_table_insert(monitor->requests, &request->number, request);
    channel_send(monitor->qemu, command, strlen(command), -1);
}

static void take_from_qemu(Monitor *monitor, const char *text, size_t len)
{
    Message message = message_scan(text, len);
    if (message.event.start)
        take_event(monitor, text, len);
    else if (message.result.start || message.error.start)
        take_reply(monitor, &message);
    else if (!monitor->ready)
        take_greeting(monitor, text, len);
}

static void fail_requests(Monitor *monitor)
{
    monitor->ended = true;
    monitor->ready = false;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, monitor->requests);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        g_hash_table_iter_steal(&iter);
        monitor_answer_error(value, "GenericError", "the virtual machine has ended");
    }
    for (Waiting *w; (w = g_queue_pop_head(&monitor->waiting));)
        waiting_free(w);
}

static void qemu_closed(Channel *channel, void *user)
{
    (void) channel;
    Monitor *monitor = user;
    g_clear_pointer(&monitor->qemu, channel_free);
    fail_requests(monitor);
    monitor->ops->closed(monitor->user);
}

static bool qemu_data(Channel *channel, const char *data, size_t size, const int *fds, size_t n_fds,
                      void *user)
{
    (void) channel;
    Monitor *monitor = user;
    for (size_t i = 0; i < n_fds; i++)
        close(fds[i]);
    json_stream_feed(monitor->from_qemu, data, size);
    for (;;) {
        g_auto(JsonMessage) message = { 0 };
        JsonStreamResult result = json_stream_next(monitor->from_qemu, &message, NULL);
        if (result == JSON_STREAM_MORE)
            return true;
        if (result == JSON_STREAM_MESSAGE)
            take_from_qemu(monitor, message.text, message.length);
    }
}

void monitor_attach(Monitor *monitor, int fd)
{
    static const ChannelOps ops = { .data = qemu_data, .closed = qemu_closed };
    monitor->qemu = channel_new(fd, &ops, monitor);
}

/* ---- clients' side ---- */

static void note_command(Monitor *monitor, MonitorClient *client, const char *name,
                         const cJSON *arguments)
{
    const char *line = cJSON_GetStringValue(cJSON_GetObjectItem(arguments, "command-line"));
    /* "info" of the old monitor changes nothing, and may be asked often. */
    if (!g_strv_contains(noted_commands, name) || (line && g_str_has_prefix(line, "info ")))
        return;
    g_autoptr(cJSON) data = client_name(channel_fd(client->channel));
    cJSON_AddStringToObject(data, "command", name);
    if (arguments)
        cJSON_AddItemToObject(data, "arguments", cJSON_Duplicate(arguments, true));
    monitor->ops->note("x-utm-command", data, monitor->user);
}

/* A descriptor belongs to the command that it came with. */
static int take_fd(MonitorClient *client)
{
    if (!client->fds->len)
        return -1;
    int fd = g_array_index(client->fds, int, 0);
    g_array_remove_index(client->fds, 0);
    return fd;
}

static void dispatch(MonitorClient *client, const Message *command, const char *name,
                     const cJSON *value, const JsonMessage *raw)
{
    Monitor *monitor = client->monitor;
    const cJSON *arguments = cJSON_GetObjectItem(value, "arguments");
    MonitorRequest *request = request_new(client, command->id);
    if (g_str_has_prefix(name, "x-utm-")) {
        g_ptr_array_add(monitor->others, request);
        monitor->ops->own_command(request, name, arguments, monitor->user);
        return;
    }
    if (monitor->ended) {
        monitor_answer_error(request, "GenericError", "the virtual machine has ended");
        return;
    }
    if (g_str_has_prefix(name, "guest-")) {
        g_ptr_array_add(monitor->others, request);
        monitor->ops->agent_command(request, raw->text, raw->length, monitor->user);
        return;
    }
    note_command(monitor, client, name, arguments);
    bool wants_fd = strcmp(name, "getfd") == 0 || strcmp(name, "add-fd") == 0;
    int fd = wants_fd ? take_fd(client) : -1;
    forward(monitor, request, command, fd);
    if (fd >= 0)
        close(fd);
}

static void reply_error(MonitorClient *client, Span id, const char *error_class, const char *desc)
{
    monitor_answer_error(request_new(client, id), error_class, desc);
}

/* Source: QEMU docs/interop/qmp-spec.txt, "Capabilities Negotiation" */
static void negotiate(MonitorClient *client, const Message *command, const char *name)
{
    if (client->negotiated) {
        reply_error(client, command->id, "CommandNotFound",
                    "Capabilities negotiation is already complete, command ignored");
        return;
    }
    if (strcmp(name, "qmp_capabilities") != 0) {
        reply_error(client, command->id, "CommandNotFound",
                    "Expecting capabilities negotiation with 'qmp_capabilities'");
        return;
    }
    client->negotiated = true;
    monitor_answer(request_new(client, command->id), NULL);
}

static void take_from_client(MonitorClient *client, const JsonMessage *raw)
{
    Message command = message_scan(raw->text, raw->length);
    g_autofree char *name = message_span_string(command.execute);
    const cJSON *arguments = cJSON_GetObjectItem(raw->value, "arguments");
    if (!cJSON_IsObject(raw->value))
        reply_error(client, command.id, "GenericError", "QMP input must be a JSON object");
    else if (!name)
        reply_error(client, command.id, "GenericError", "QMP input lacks member 'execute'");
    else if (arguments && !cJSON_IsObject(arguments))
        reply_error(client, command.id, "GenericError",
                    "QMP input member 'arguments' must be an object");
    else if (!client->negotiated || strcmp(name, "qmp_capabilities") == 0)
        negotiate(client, &command, name);
    else
        dispatch(client, &command, name, raw->value, raw);
}

/* What is not worked off stays in the stream, which is bounded by the piece that was read. */
static void process_client(MonitorClient *client)
{
    while (!client->dropped && client->under_way < CLIENT_REQUESTS) {
        g_auto(JsonMessage) message = { 0 };
        g_autoptr(GError) error = NULL;
        JsonStreamResult result = json_stream_next(client->stream, &message, &error);
        if (result == JSON_STREAM_MORE)
            break;
        if (result == JSON_STREAM_MESSAGE)
            take_from_client(client, &message);
        else
            reply_error(client, (Span){ 0 }, "GenericError", error->message);
    }
    channel_set_reading(client->channel, client->under_way < CLIENT_REQUESTS);
}

static gboolean resume(gpointer user)
{
    MonitorClient *client = user;
    client->resuming = 0;
    process_client(client);
    return G_SOURCE_REMOVE;
}

static bool client_data(Channel *channel, const char *data, size_t size, const int *fds,
                        size_t n_fds, void *user)
{
    (void) channel;
    MonitorClient *client = user;
    g_array_append_vals(client->fds, fds, (guint) n_fds);
    json_stream_feed(client->stream, data, size);
    process_client(client);
    return true;
}

static void client_closed(Channel *channel, void *user)
{
    (void) channel;
    MonitorClient *client = user;
    g_ptr_array_remove_fast(client->monitor->clients, client);
}

void monitor_add_client(Monitor *monitor, int fd)
{
    static const ChannelOps ops = { .data = client_data, .closed = client_closed };
    static const JsonLimits limits = { .max_bytes = 64 * 1024 * 1024,
                                       .max_depth = 512,
                                       .max_values = 256 * 1024 };
    MonitorClient *client = g_new0(MonitorClient, 1);
    client->monitor = monitor;
    client->stream = json_stream_new(&limits, JSON_STREAM_DEFAULT);
    client->fds = g_array_new(FALSE, FALSE, sizeof(int));
    client->channel = channel_new(fd, &ops, client);
    g_ptr_array_add(monitor->clients, client);
    client_send(client, monitor->greeting);
}

static void forget_client(MonitorRequest *request, MonitorClient *client)
{
    if (request->client == client)
        request->client = NULL;
}

static void client_free(MonitorClient *client)
{
    Monitor *monitor = client->monitor;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, monitor->requests);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        forget_client(value, client);
    for (guint i = monitor->others->len; i-- > 0;) {
        MonitorRequest *request = monitor->others->pdata[i];
        forget_client(request, client);
        if (!request->client)
            g_ptr_array_remove_index_fast(monitor->others, i);
    }
    g_clear_handle_id(&client->resuming, g_source_remove);
    channel_free(client->channel);
    json_stream_free(client->stream);
    for (guint i = 0; i < client->fds->len; i++)
        close(g_array_index(client->fds, int, i));
    g_array_unref(client->fds);
    g_free(client);
}

void monitor_emit(Monitor *monitor, const char *name, const cJSON *data)
{
    int64_t now = g_get_real_time();
    g_autoptr(cJSON) event = cJSON_CreateObject();
    cJSON_AddStringToObject(event, "event", name);
    if (data)
        cJSON_AddItemToObject(event, "data", cJSON_Duplicate(data, true));
    cJSON *stamp = cJSON_AddObjectToObject(event, "timestamp");
    cJSON_AddItemToObject(stamp, "seconds", json_new_int64(now / G_USEC_PER_SEC));
    cJSON_AddItemToObject(stamp, "microseconds", json_new_int64(now % G_USEC_PER_SEC));
    g_autofree char *text = cJSON_PrintUnformatted(event);
    g_autofree char *line = g_strconcat(text, "\r\n", NULL);
    broadcast(monitor, line, strlen(line));
}

Monitor *monitor_new(int version, const MonitorOps *ops, void *user)
{
    Monitor *monitor = g_new0(Monitor, 1);
    monitor->ops = ops;
    monitor->user = user;
    monitor->greeting = g_strdup_printf(
        "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": %d, \"minor\": %d, \"major\": %d}, "
        "\"package\": \"\"}, \"capabilities\": [\"oob\"]}}\r\n",
        version % 100, version / 100 % 100, version / 10000);
    monitor->from_qemu = json_stream_new(NULL, JSON_STREAM_SPLIT_ONLY);
    monitor->requests = g_hash_table_new(g_int64_hash, g_int64_equal);
    monitor->others = g_ptr_array_new();
    monitor->clients = g_ptr_array_new_with_free_func((GDestroyNotify) client_free);
    return monitor;
}

void monitor_free(Monitor *monitor)
{
    if (!monitor)
        return;
    channel_free(monitor->qemu);
    fail_requests(monitor);
    g_ptr_array_unref(monitor->clients);
    json_stream_free(monitor->from_qemu);
    g_hash_table_unref(monitor->requests);
    g_ptr_array_unref(monitor->others);
    g_free(monitor->greeting);
    g_free(monitor);
}

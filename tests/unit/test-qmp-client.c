/* SPDX-License-Identifier: Apache-2.0 */
/* The QMP client against a scripted server on a socketpair. */
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "qapi/json-stream.h"
#include "qapi/qmp-client-private.h"

#define GREETING "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n"

/* One step of the server: it waits for a command that contains @expect, and then sends @reply, in
 * which "%" stands for the command's id. */
typedef struct {
    const char *expect; /* NULL: waits for nothing */
    const char *reply;  /* NULL: hangs up */
    size_t chunk;       /* bytes a write; 0: all at once */
} Step;

typedef struct {
    int fd;
    const Step *steps; /* ends with a zeroed one, which waits for the client to hang up */
    int received_fd;
    GThread *thread;
} Server;

static void send_chunks(int fd, const char *text, size_t chunk)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length; at += chunk ? chunk : length) {
        size_t n = MIN(chunk ? chunk : length, length - at);
        for (size_t sent = 0; sent < n;) {
            ssize_t done = send(fd, text + at + sent, n - sent, MSG_NOSIGNAL);
            if (done < 0)
                return;
            sent += (size_t) done;
        }
    }
}

/* Reads one command; NULL when the client has hung up. */
static cJSON *receive(Server *server, JsonStream *stream, char **out_text)
{
    for (;;) {
        g_auto(JsonMessage) message = { 0 };
        if (json_stream_next(stream, &message, NULL) == JSON_STREAM_MESSAGE) {
            *out_text = g_strndup(message.text, message.length);
            return g_steal_pointer(&message.value);
        }
        char data[4096];
        char control[CMSG_SPACE(sizeof(int))];
        struct iovec iov = { data, sizeof data };
        struct msghdr msg = { .msg_iov = &iov,
                              .msg_iovlen = 1,
                              .msg_control = control,
                              .msg_controllen = sizeof control };
        ssize_t n = recvmsg(server->fd, &msg, MSG_CMSG_CLOEXEC);
        if (n <= 0)
            return NULL;
        struct cmsghdr *header = CMSG_FIRSTHDR(&msg);
        if (header && header->cmsg_type == SCM_RIGHTS)
            memcpy(&server->received_fd, CMSG_DATA(header), sizeof(int));
        json_stream_feed(stream, data, (size_t) n);
    }
}

static void *serve(void *user)
{
    Server *server = user;
    g_autoptr(JsonStream) stream = json_stream_new(NULL, JSON_STREAM_DEFAULT);
    for (const Step *step = server->steps; step->expect || step->reply; step++) {
        g_autofree char *id = g_strdup("0");
        if (step->expect) {
            g_autofree char *text = NULL;
            g_autoptr(cJSON) command = receive(server, stream, &text);
            if (!command)
                break;
            if (!strstr(text, step->expect))
                g_error("expected %s, got %s", step->expect, text);
            char *number = cJSON_PrintUnformatted(cJSON_GetObjectItem(command, "id"));
            g_free(id);
            id = g_strdup(number ? number : "null");
            cJSON_free(number);
        }
        if (!step->reply) {
            shutdown(server->fd, SHUT_RDWR);
            return NULL;
        }
        g_auto(GStrv) parts = g_strsplit(step->reply, "%", -1);
        g_autofree char *reply = g_strjoinv(id, parts);
        send_chunks(server->fd, reply, step->chunk);
    }
    g_autofree char *text = NULL;
    cJSON_Delete(receive(server, stream, &text));
    return NULL;
}

static int start_server(Server *server, const Step *steps)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    *server = (Server){ .fd = pair[1], .steps = steps, .received_fd = -1 };
    server->thread = g_thread_new("server", serve, server);
    return pair[0];
}

static void stop_server(Server *server)
{
    g_thread_join(server->thread);
    close(server->fd);
    if (server->received_fd >= 0)
        close(server->received_fd);
}

#define NEGOTIATION                                                                                \
    { .reply = GREETING },                                                                         \
    {                                                                                              \
        "\"enable\":[\"oob\"]", "{\"return\": {}, \"id\": %}"                                      \
    }

static QmpClient *connect_client(Server *server, const Step *steps, const QmpClientOps *ops,
                                 void *user)
{
    QmpClient *client = qmp_client_new(start_server(server, steps), NULL, ops, user);
    g_autoptr(GError) error = NULL;
    g_assert_true(qmp_client_negotiate(client, 10 * G_USEC_PER_SEC, &error));
    g_assert_no_error(error);
    return client;
}

static void test_call(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "\"execute\":\"query-status\"", "{\"return\": {\"status\": \"running\"}, \"id\": %}" },
        { "\"arguments\":{\"device\":\"cd\"}",
          "{\"id\": %, \"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"no such thing\"}}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) result = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_true(client->has_oob);
    g_assert_true(qmp_client_call(client, "query-status", NULL, &result, &error));
    g_assert_cmpstr(cJSON_GetStringValue(cJSON_GetObjectItem(result, "status")), ==, "running");
    cJSON *arguments = cJSON_CreateObject();
    cJSON_AddStringToObject(arguments, "device", "cd");
    g_assert_false(qmp_client_call(client, "eject", arguments, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_FAILED);
    g_assert_cmpstr(qmp_error_class(error), ==, "DeviceNotFound");
    g_assert_cmpstr(error->message, ==, "no such thing");
    qmp_client_free(client);
    stop_server(&server);
}

/* Byte by byte, with events and answers to nobody between. */
static void count_event(QmpClient *client, const char *name, const cJSON *data, int64_t time_us,
                        void *user)
{
    (void) client;
    g_assert_cmpstr(name, ==, "RESUME");
    g_assert_null(data);
    g_assert_cmpint(time_us, ==, 1500000002);
    ++*(int *) user;
}

static const QmpClientOps counting = { .event = count_event };

static void test_chunks(void)
{
    const char *event = "{\"event\": \"RESUME\", \"timestamp\": {\"seconds\": 1500, "
                        "\"microseconds\": 2}}";
    g_autofree char *mixed =
        g_strconcat(event, "{\"return\": 1, \"id\": 4711}{\"return\": 1, \"id\": \"x\"}\r\n", event,
                    "{\"return\": [%], \"id\": %}", event, NULL);
    const Step steps[] = {
        NEGOTIATION,
        { "query-x", mixed, 1 },
        { "query-y", "{\"return\": {}, \"id\": %}", 3 },
        { 0 },
    };
    Server server;
    int events = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) result = NULL;
    QmpClient *client = connect_client(&server, steps, &counting, &events);
    g_assert_true(qmp_client_call(client, "query-x", NULL, &result, &error));
    g_assert_true(cJSON_IsArray(result));
    g_assert_true(qmp_client_call(client, "query-y", NULL, NULL, &error));
    g_assert_cmpint(events, ==, 3);
    qmp_client_free(client);
    stop_server(&server);
}

static void test_large_reply(void)
{
    const size_t size = 5 * 1024 * 1024;
    g_autofree char *filler = g_strnfill(size, 'z');
    g_autofree char *reply = g_strconcat("{\"return\": \"", filler, "\", \"id\": %}", NULL);
    const Step steps[] = { NEGOTIATION, { "guest-file-read", reply }, { 0 } };
    Server server;
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) result = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_true(qmp_client_call(client, "guest-file-read", NULL, &result, &error));
    g_assert_cmpuint(strlen(result->valuestring), ==, size);
    qmp_client_free(client);
    stop_server(&server);
}

/* The answer comes too late, while the next command waits for its own. */
static void test_timeout(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "slow", "" },
        { "quick", "{\"return\": \"late\", \"id\": 1}{\"return\": \"right\", \"id\": %}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) result = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    qmp_client_set_timeout(client, 20 * 1000);
    g_assert_false(qmp_client_call(client, "slow", NULL, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TIMEOUT);
    g_assert_true(g_str_has_prefix(error->message, "slow: "));
    g_clear_error(&error);
    qmp_client_set_timeout(client, 10 * G_USEC_PER_SEC);
    g_assert_true(qmp_client_call(client, "quick", NULL, &result, &error));
    g_assert_cmpstr(cJSON_GetStringValue(result), ==, "right");
    qmp_client_free(client);
    stop_server(&server);
}

/* A server that reads nothing holds a call up no longer than it may take, and the connection with
 * half a command on it is not used any more. */
static void test_clogged(void)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
    QmpClient *client = qmp_client_new(pair[0], NULL, NULL, NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *filler = g_strnfill(4 * 1024 * 1024, 'x');
    cJSON *arguments = cJSON_CreateObject();
    cJSON_AddStringToObject(arguments, "filler", filler);
    qmp_client_set_timeout(client, 50 * 1000);
    int64_t start = g_get_monotonic_time();
    g_assert_false(qmp_client_call(client, "long", arguments, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TIMEOUT);
    g_assert_cmpint(g_get_monotonic_time() - start, <, 10 * G_USEC_PER_SEC);
    g_clear_error(&error);
    g_assert_false(qmp_client_call(client, "next", NULL, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TIMEOUT);
    qmp_client_free(client);
    close(pair[1]);
}

static gboolean count_down(gpointer user)
{
    return --*(int *) user > 0;
}

/* In a context that others share, their sources are served while a call waits. */
static void test_shared_context(void)
{
    const Step steps[] = { NEGOTIATION, { "slow", "" }, { 0 } };
    Server server;
    g_autoptr(GError) error = NULL;
    g_autoptr(GMainContext) context = g_main_context_new();
    int left = 3;
    g_autoptr(GSource) source = g_timeout_source_new(1);
    g_source_set_callback(source, count_down, &left, NULL);
    g_source_attach(source, context);
    QmpClient *client = qmp_client_new(start_server(&server, steps), context, NULL, NULL);
    g_assert_true(qmp_client_negotiate(client, 10 * G_USEC_PER_SEC, NULL));
    qmp_client_set_timeout(client, 200 * 1000);
    g_assert_false(qmp_client_call(client, "slow", NULL, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TIMEOUT);
    g_assert_cmpint(left, ==, 0);
    qmp_client_free(client);
    stop_server(&server);
}

/* Nothing under way: the numbers of commands begin anew. */
static void test_short_numbers(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "\"id\":1}", "{\"return\": {}, \"id\": %}" },
        { "\"id\":1}", "" },
        { "\"id\":2}", "{\"return\": {}, \"id\": %}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_true(qmp_client_call(client, "one", NULL, NULL, &error));
    qmp_client_send(client, "two", NULL, NULL, NULL);
    g_assert_true(qmp_client_call(client, "three", NULL, NULL, &error));
    g_assert_no_error(error);
    qmp_client_free(client);
    stop_server(&server);
}

static void test_oob(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "\"exec-oob\":\"migrate-pause\"", "{\"return\": {}, \"id\": %}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_true(qmp_client_call_full(client, "migrate-pause", NULL, QMP_CALL_OOB, NULL, &error));
    qmp_client_free(client);
    stop_server(&server);
}

static void test_no_oob(void)
{
    const Step steps[] = {
        { .reply = "{\"QMP\": {\"version\": {}, \"capabilities\": []}}" },
        { "\"enable\":[]", "{\"return\": {}, \"id\": %}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_false(client->has_oob);
    g_assert_false(qmp_client_call_full(client, "migrate-pause", NULL, QMP_CALL_OOB, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_FAILED);
    qmp_client_free(client);
    stop_server(&server);
}

/* A command that answers only when it fails: silence, a hang-up, and a failure. */
static void test_silent(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "guest-shutdown", "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, "
                            "\"id\": %}" },
        { "guest-shutdown", "" },
        { "guest-shutdown", NULL },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_false(
        qmp_client_call_full(client, "guest-shutdown", NULL, QMP_CALL_SILENT, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_FAILED);
    g_clear_error(&error);
    qmp_client_set_timeout(client, 50 * 1000);
    g_assert_true(
        qmp_client_call_full(client, "guest-shutdown", NULL, QMP_CALL_SILENT, NULL, &error));
    qmp_client_set_timeout(client, 10 * G_USEC_PER_SEC);
    g_assert_true(
        qmp_client_call_full(client, "guest-shutdown", NULL, QMP_CALL_SILENT, NULL, &error));
    g_assert_no_error(error);
    qmp_client_free(client);
    stop_server(&server);
}

static void test_fd(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "getfd", "{\"return\": {}, \"id\": %}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    int fds[2];
    g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
    qmp_client_pass_fd(client, fds[1]);
    g_assert_true(qmp_client_call(client, "getfd", NULL, NULL, &error));
    g_assert_cmpint(server.received_fd, >=, 0);
    g_assert_cmpint(write(server.received_fd, "x", 1), ==, 1);
    char byte = 0;
    g_assert_cmpint(read(fds[0], &byte, 1), ==, 1);
    g_assert_cmpint(byte, ==, 'x');
    close(fds[0]);
    close(fds[1]);
    qmp_client_free(client);
    stop_server(&server);
}

/* ---- the connection ends ---- */

typedef struct {
    int failed;
    int disconnected;
    bool free_in_reply;
    QmpClient *client;
} Ending;

static void on_failure(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    Ending *ending = user;
    g_assert_null(result);
    g_assert_error(error, QMP_ERROR, QMP_ERROR_DISCONNECTED);
    g_assert_cmpint(ending->disconnected, ==, 0);
    ending->failed++;
    if (ending->free_in_reply)
        qmp_client_free(client);
}

static void on_disconnected(QmpClient *client, const GError *reason, void *user)
{
    (void) client;
    Ending *ending = user;
    g_assert_nonnull(reason);
    ending->disconnected++;
}

static const QmpClientOps ending_ops = { .disconnected = on_disconnected };

static bool has_ended(void *user)
{
    return ((Ending *) user)->disconnected > 0;
}

static void test_end_before_greeting(void)
{
    const Step steps[] = { { .expect = "never" }, { 0 } };
    Server server;
    Ending ending = { 0 };
    g_autoptr(GError) error = NULL;
    QmpClient *client = qmp_client_new(start_server(&server, steps), NULL, &ending_ops, &ending);
    shutdown(server.fd, SHUT_RDWR);
    g_assert_false(qmp_client_negotiate(client, 10 * G_USEC_PER_SEC, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_DISCONNECTED);
    g_assert_cmpint(ending.disconnected, ==, 1);
    qmp_client_free(client);
    stop_server(&server);
}

static void test_no_greeting(void)
{
    const Step steps[] = { { .expect = "never" }, { 0 } };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = qmp_client_new(start_server(&server, steps), NULL, NULL, NULL);
    g_assert_false(qmp_client_negotiate(client, 10 * 1000, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TIMEOUT);
    qmp_client_free(client);
    stop_server(&server);
}

static void test_end_in_negotiation(void)
{
    const Step steps[] = { { .reply = GREETING }, { "qmp_capabilities", NULL }, { 0 } };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = qmp_client_new(start_server(&server, steps), NULL, NULL, NULL);
    g_assert_false(qmp_client_negotiate(client, 10 * G_USEC_PER_SEC, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_DISCONNECTED);
    qmp_client_free(client);
    stop_server(&server);
}

/* Three commands wait; each fails once, then the listener is told; later commands fail too. */
static void test_end_with_pending(void)
{
    const Step steps[] = {
        NEGOTIATION, { "one", "{\"half\": " }, { "two", "" }, { "three", NULL }, { 0 }
    };
    Server server;
    Ending ending = { 0 };
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, &ending_ops, &ending);
    qmp_client_send(client, "one", NULL, on_failure, &ending);
    qmp_client_send(client, "two", NULL, on_failure, &ending);
    qmp_client_send(client, "three", NULL, on_failure, &ending);
    g_assert_cmpint(ending.failed, ==, 0);
    g_assert_true(qmp_client_pump(client, has_ended, &ending, 10 * G_USEC_PER_SEC, &error));
    g_assert_cmpint(ending.failed, ==, 3);
    g_assert_cmpint(ending.disconnected, ==, 1);
    g_assert_false(qmp_client_call(client, "four", NULL, NULL, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_DISCONNECTED);
    ending.disconnected = 0;
    qmp_client_send(client, "five", NULL, on_failure, &ending);
    g_assert_cmpint(ending.failed, ==, 3);
    qmp_client_free(client);
    g_assert_cmpint(ending.failed, ==, 4);
    stop_server(&server);
}

static void test_free_with_pending(void)
{
    const Step steps[] = { NEGOTIATION, { "one", "" }, { 0 } };
    Server server;
    Ending ending = { 0 };
    QmpClient *client = connect_client(&server, steps, &ending_ops, &ending);
    qmp_client_send(client, "one", NULL, on_failure, &ending);
    qmp_client_free(client);
    g_assert_cmpint(ending.failed, ==, 1);
    g_assert_cmpint(ending.disconnected, ==, 0);
    stop_server(&server);
}

/* The callback of a failed command frees the client; the others still fail, once. */
static void test_free_in_reply(void)
{
    const Step steps[] = { NEGOTIATION, { "one", "" }, { "two", NULL }, { 0 } };
    Server server;
    Ending ending = { .free_in_reply = true };
    g_autoptr(GMainContext) context = g_main_context_new();
    QmpClient *client = qmp_client_new(start_server(&server, steps), context, &ending_ops, &ending);
    g_assert_true(qmp_client_negotiate(client, 10 * G_USEC_PER_SEC, NULL));
    qmp_client_send(client, "one", NULL, on_failure, &ending);
    qmp_client_send(client, "two", NULL, on_failure, &ending);
    while (ending.failed < 2)
        g_main_context_iteration(context, TRUE);
    g_assert_cmpint(ending.failed, ==, 2);
    stop_server(&server);
}

/* ---- commands from callbacks ---- */

static void call_in_event(QmpClient *client, const char *name, const cJSON *data, int64_t time_us,
                          void *user)
{
    (void) name;
    (void) data;
    (void) time_us;
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) result = NULL;
    g_assert_true(qmp_client_call(client, "inner", NULL, &result, &error));
    g_assert_no_error(error);
    *(int *) user += (int) cJSON_GetNumberValue(result);
}

/* The answer to the inner command comes in one piece with the event and other answers. */
static void test_call_in_callback(void)
{
    const QmpClientOps ops = { .event = call_in_event };
    const Step steps[] = {
        NEGOTIATION,
        { "outer", "{\"event\": \"STOP\"}{\"return\": 5, \"id\": 2}{\"return\": 6, \"id\": %}" },
        { "inner", "" },
        { 0 },
    };
    Server server;
    int sum = 0;
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) result = NULL;
    QmpClient *client = connect_client(&server, steps, &ops, &sum);
    g_assert_true(qmp_client_call(client, "outer", NULL, &result, &error));
    g_assert_cmpint(sum, ==, 5);
    g_assert_cmpfloat(cJSON_GetNumberValue(result), ==, 6);
    qmp_client_free(client);
    stop_server(&server);
}

static void test_not_qmp(void)
{
    const char *const wrong[] = { "[1]", "12 ", "SSH-2.0-OpenSSH\r\n", "{\"a\":1,\"a\":2}" };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        const Step steps[] = { { .reply = wrong[i] }, { 0 } };
        Server server;
        g_autoptr(GError) error = NULL;
        QmpClient *client = qmp_client_new(start_server(&server, steps), NULL, NULL, NULL);
        g_assert_false(qmp_client_negotiate(client, 10 * G_USEC_PER_SEC, &error));
        g_assert_error(error, QMP_ERROR, QMP_ERROR_PROTOCOL);
        qmp_client_free(client);
        stop_server(&server);
    }
}

/* An answer without an id is to the oldest command. */
static void test_no_id(void)
{
    const Step steps[] = {
        NEGOTIATION,
        { "broken", "{\"error\": {\"class\": \"GenericError\", \"desc\": \"what?\"}}" },
        { 0 },
    };
    Server server;
    g_autoptr(GError) error = NULL;
    QmpClient *client = connect_client(&server, steps, NULL, NULL);
    g_assert_false(qmp_client_call(client, "broken", NULL, NULL, &error));
    g_assert_cmpstr(error->message, ==, "what?");
    qmp_client_free(client);
    stop_server(&server);
}

static void test_long_path(void)
{
    g_autofree char *top = g_dir_make_tmp("qmp-XXXXXX", NULL);
    g_autofree char *name = g_strnfill(120, 'd');
    g_autofree char *folder = g_build_filename(top, name, NULL);
    g_autofree char *path = g_build_filename(folder, "qmp", NULL);
    g_assert_cmpint(g_mkdir(folder, 0700), ==, 0);
    g_autoptr(GError) error = NULL;
    g_assert_null(qmp_client_connect(path, G_USEC_PER_SEC, &error));
    g_assert_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

    /* Bound by its short name from within its folder. */
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/qmp", dir);
    g_assert_cmpint(bind(listener, (struct sockaddr *) &address, sizeof address), ==, 0);
    close(dir);
    g_assert_cmpint(listen(listener, 1), ==, 0);
    g_clear_error(&error);
    g_assert_null(qmp_client_connect(path, 20 * 1000, &error));
    g_assert_error(error, QMP_ERROR, QMP_ERROR_TIMEOUT);
    close(listener);
    unlink(path);
    rmdir(folder);
    rmdir(top);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/qmp-client/call", test_call);
    g_test_add_func("/qmp-client/chunks", test_chunks);
    g_test_add_func("/qmp-client/large-reply", test_large_reply);
    g_test_add_func("/qmp-client/timeout", test_timeout);
    g_test_add_func("/qmp-client/clogged", test_clogged);
    g_test_add_func("/qmp-client/shared-context", test_shared_context);
    g_test_add_func("/qmp-client/short-numbers", test_short_numbers);
    g_test_add_func("/qmp-client/oob", test_oob);
    g_test_add_func("/qmp-client/no-oob", test_no_oob);
    g_test_add_func("/qmp-client/silent", test_silent);
    g_test_add_func("/qmp-client/fd", test_fd);
    g_test_add_func("/qmp-client/end-before-greeting", test_end_before_greeting);
    g_test_add_func("/qmp-client/no-greeting", test_no_greeting);
    g_test_add_func("/qmp-client/end-in-negotiation", test_end_in_negotiation);
    g_test_add_func("/qmp-client/end-with-pending", test_end_with_pending);
    g_test_add_func("/qmp-client/free-with-pending", test_free_with_pending);
    g_test_add_func("/qmp-client/free-in-reply", test_free_in_reply);
    g_test_add_func("/qmp-client/call-in-callback", test_call_in_callback);
    g_test_add_func("/qmp-client/not-qmp", test_not_qmp);
    g_test_add_func("/qmp-client/no-id", test_no_id);
    g_test_add_func("/qmp-client/long-path", test_long_path);
    return g_test_run();
}

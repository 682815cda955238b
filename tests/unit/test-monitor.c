/* SPDX-License-Identifier: Apache-2.0 */
/* One monitor, many clients: ids, events, descriptors, and clients that misbehave. */
#include "core/vm/monitor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qapi/json-stream.h"

/* A side of a socket. */
typedef struct {
    int fd;
    JsonStream *input;
} Peer;

typedef struct {
    Monitor *monitor;
    Peer qemu;
    GPtrArray *notes; /* of char *: event names */
    GPtrArray *events;
    MonitorRequest *agent_request;
    bool closed;
} Fixture;

static void pump(void)
{
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}

static void say(Peer *peer, const char *text)
{
    size_t size = strlen(text);
    while (size) {
        ssize_t n = send(peer->fd, text, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) {
            pump();
            continue;
        }
        g_assert_cmpint(n, >, 0);
        text += n;
        size -= (size_t) n;
    }
    pump();
}

/* The next message, or NULL when nothing has come. */
static char *hear(Peer *peer)
{
    for (;;) {
        g_auto(JsonMessage) message = { 0 };
        JsonStreamResult result = json_stream_next(peer->input, &message, NULL);
        if (result == JSON_STREAM_MESSAGE)
            return g_strndup(message.text, message.length);
        g_assert_cmpint(result, ==, JSON_STREAM_MORE);
        char buffer[65536];
        pump();
        ssize_t n = recv(peer->fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (n <= 0)
            return NULL;
        json_stream_feed(peer->input, buffer, (size_t) n);
    }
}

static void expect(Peer *peer, const char *expected)
{
    g_autofree char *line = hear(peer);
    g_assert_cmpstr(line, ==, expected);
}

static void on_event(const char *name, const cJSON *data, int64_t time_us, void *user)
{
    (void) data;
    g_assert_cmpint(time_us, >, 0);
    g_ptr_array_add(((Fixture *) user)->events, g_strdup(name));
}

static void on_note(const char *event, const cJSON *data, void *user)
{
    (void) data;
    g_ptr_array_add(((Fixture *) user)->notes, g_strdup(event));
}

static void on_agent_command(MonitorRequest *request, const char *text, size_t len, void *user)
{
    (void) text;
    (void) len;
    ((Fixture *) user)->agent_request = request;
}

static void on_own_command(MonitorRequest *request, const char *name, const cJSON *arguments,
                           void *user)
{
    (void) arguments;
    (void) user;
    cJSON *result = cJSON_CreateObject();
    cJSON_AddStringToObject(result, "you-said", name);
    monitor_answer(request, result);
}

static void on_closed(void *user)
{
    ((Fixture *) user)->closed = true;
}

static Peer peer_new(int fd)
{
    return (Peer){ .fd = fd, .input = json_stream_new(NULL, JSON_STREAM_SPLIT_ONLY) };
}

static void peer_clear(Peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    json_stream_free(peer->input);
}

static void set_up(Fixture *f, gconstpointer data)
{
    (void) data;
    static const MonitorOps ops = { on_event, on_note, on_agent_command, on_own_command,
                                    on_closed };
    f->notes = g_ptr_array_new_with_free_func(g_free);
    f->events = g_ptr_array_new_with_free_func(g_free);
    f->monitor = monitor_new(70222, &ops, f);
}

static void attach_qemu(Fixture *f)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    f->qemu = peer_new(pair[1]);
    monitor_attach(f->monitor, pair[0]);
    say(&f->qemu, "{\"QMP\": {\"version\": {}, \"capabilities\": [\"oob\"]}}\r\n");
    expect(&f->qemu,
           "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]},\"id\":0}");
}

static void tear_down(Fixture *f, gconstpointer data)
{
    (void) data;
    monitor_free(f->monitor);
    if (f->qemu.input)
        peer_clear(&f->qemu);
    g_ptr_array_unref(f->notes);
    g_ptr_array_unref(f->events);
}

static Peer connect_raw(Fixture *f)
{
    int pair[2];
    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), ==, 0);
    monitor_add_client(f->monitor, pair[0]);
    return peer_new(pair[1]);
}

static Peer connect_client(Fixture *f)
{
    Peer client = connect_raw(f);
    g_autofree char *greeting = hear(&client);
    g_assert_true(g_str_has_prefix(greeting, "{\"QMP\": "));
    say(&client, "{\"execute\": \"qmp_capabilities\"}");
    expect(&client, "{\"return\": {}}");
    return client;
}

static void test_ids(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer a = connect_client(f), b = connect_client(f);
    say(&a, "{\"execute\": \"x\", \"id\": \"same\"}");
    say(&b, "{\"execute\": \"y\", \"arguments\": {\"v\": 18446744073709551615}, \"id\": \"same\"}");
    say(&b, "{\"exec-oob\": \"z\"}");
    expect(&f->qemu, "{\"execute\":\"x\",\"id\":1}");
    expect(&f->qemu, "{\"execute\":\"y\",\"arguments\":{\"v\": 18446744073709551615},\"id\":2}");
    expect(&f->qemu, "{\"exec-oob\":\"z\",\"id\":3}");
    say(&f->qemu, "{\"return\": 3, \"id\": 3}\r\n{\"error\": {\"class\": \"A\"}, \"id\": 2}\r\n");
    say(&f->qemu, "{\"return\": 1, \"id\": 1}\r\n{\"return\": 1, \"id\": 1}\r\n");
    expect(&a, "{\"return\": 1, \"id\": \"same\"}");
    expect(&a, NULL);
    expect(&b, "{\"return\": 3}");
    expect(&b, "{\"error\": {\"class\": \"A\"}, \"id\": \"same\"}");
    /* Nothing is under way any more: numbers are short again. */
    say(&a, "{\"execute\": \"x\"}");
    expect(&f->qemu, "{\"execute\":\"x\",\"id\":1}");
    peer_clear(&a);
    peer_clear(&b);
}

/* QEMU cannot say which command it could not read, but answers it in its turn. */
static void test_unread(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer a = connect_client(f), b = connect_client(f);
    say(&a, "{\"execute\": \"x\", \"id\": \"a\"}");
    say(&b, "{\"execute\": \"y\", \"id\": \"b\"}");
    say(&f->qemu, "{\"error\": {\"class\": \"A\"}}\r\n{\"return\": 2, \"id\": 2}\r\n");
    expect(&a, "{\"error\": {\"class\": \"A\"}, \"id\": \"a\"}");
    expect(&b, "{\"return\": 2, \"id\": \"b\"}");
    say(&f->qemu, "{\"return\": 3}\r\n");
    expect(&a, NULL);
    expect(&b, NULL);
    peer_clear(&a);
    peer_clear(&b);
}

/* What comes before QEMU is up waits for it. */
static void test_early_client(Fixture *f, gconstpointer data)
{
    (void) data;
    Peer client = connect_client(f);
    say(&client, "{\"execute\": \"x\", \"id\": 5}");
    say(&client, "{\"execute\": \"x-utm-info\", \"id\": 6}");
    expect(&client, "{\"return\": {\"you-said\":\"x-utm-info\"}, \"id\": 6}");
    attach_qemu(f);
    expect(&f->qemu, NULL);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    expect(&f->qemu, "{\"execute\":\"x\",\"id\":1}");
    peer_clear(&client);
}

static void test_events(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer a = connect_client(f), b = connect_client(f), greeted = connect_raw(f);
    static const char event[] =
        "{\"timestamp\": {\"seconds\": 9, \"microseconds\": 1}, \"event\": \"STOP\"}";
    g_autofree char *line = g_strconcat(event, "\r\n", NULL);
    say(&f->qemu, line);
    expect(&a, event);
    expect(&b, event);
    g_autofree char *greeting = hear(&greeted);
    expect(&greeted, NULL);
    g_assert_cmpuint(f->events->len, ==, 1);
    peer_clear(&a);
    peer_clear(&b);
    peer_clear(&greeted);
}

static void test_negotiation(Fixture *f, gconstpointer data)
{
    (void) data;
    Peer client = connect_raw(f);
    g_autofree char *greeting = hear(&client);
    say(&client, "{\"execute\": \"query-status\", \"id\": 1}");
    g_autofree char *early = hear(&client);
    g_assert_nonnull(strstr(early, "CommandNotFound"));
    g_assert_true(g_str_has_suffix(early, ", \"id\": 1}"));
    say(&client, "{\"execute\": \"qmp_capabilities\"}");
    expect(&client, "{\"return\": {}}");
    say(&client, "{\"execute\": \"qmp_capabilities\"}");
    g_autofree char *again = hear(&client);
    g_assert_nonnull(strstr(again, "CommandNotFound"));
    peer_clear(&client);
}

static void test_bad_input(Fixture *f, gconstpointer data)
{
    (void) data;
    Peer client = connect_client(f);
    const char *const texts[] = { "[1]\n",
                                  "{\"id\": 1}\n",
                                  "{\"execute\": 3}\n",
                                  "{\"execute\": \"x\", \"arguments\": []}\n",
                                  "{\"execute\": nonsense}\n",
                                  "{\"execute\": \"\xff\"}\n" };
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        say(&client, texts[i]);
        g_autofree char *line = hear(&client);
        g_assert_nonnull(line);
        g_assert_true(g_str_has_prefix(line, "{\"error\": "));
        for (char *more; (more = hear(&client)); g_free(more))
            continue;
    }
    say(&client, "{\"execute\": \"x-utm-info\", \"id\": 6}");
    expect(&client, "{\"return\": {\"you-said\":\"x-utm-info\"}, \"id\": 6}");
    peer_clear(&client);
}

static void test_qemu_ends(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer client = connect_client(f);
    say(&client, "{\"execute\": \"x\", \"id\": 7}");
    close(f->qemu.fd);
    f->qemu.fd = -1;
    static const char ended[] =
        "{\"error\": {\"class\":\"GenericError\",\"desc\":\"the virtual machine has ended\"}, "
        "\"id\": 7}";
    expect(&client, ended);
    g_assert_true(f->closed);
    say(&client, "{\"execute\": \"y\", \"id\": 7}");
    expect(&client, ended);
    peer_clear(&client);
}

/* A client that leaves while QEMU works on its command takes nobody along. */
static void test_client_leaves(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer a = connect_client(f), b = connect_client(f);
    say(&a, "{\"execute\": \"x\", \"id\": 7}");
    say(&a, "{\"execute\": \"guest-ping\", \"id\": 8}");
    say(&b, "{\"execute\": \"x\", \"id\": 7}");
    peer_clear(&a);
    pump();
    monitor_answer(f->agent_request, NULL);
    say(&f->qemu, "{\"return\": 1, \"id\": 1}\r\n{\"return\": 2, \"id\": 2}\r\n");
    expect(&b, "{\"return\": 2, \"id\": 7}");
    peer_clear(&b);
}

static void test_slow_client(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer slow = connect_client(f), quick = connect_client(f);
    g_autofree char *filler = g_strnfill(1024 * 1024, 'x');
    g_autofree char *event =
        g_strdup_printf("{\"timestamp\": {\"seconds\": 9, \"microseconds\": 1}, "
                        "\"event\": \"BIG\", \"data\": \"%s\"}\r\n",
                        filler);
    for (int i = 0; i < 40; i++) {
        say(&f->qemu, event);
        g_autofree char *line = hear(&quick);
        g_assert_cmpuint(strlen(line) + 2, ==, strlen(event));
    }
    g_assert_cmpuint(f->notes->len, ==, 1);
    g_assert_cmpstr(f->notes->pdata[0], ==, "x-utm-client-dropped");
    say(&quick, "{\"execute\": \"x-utm-info\"}");
    expect(&quick, "{\"return\": {\"you-said\":\"x-utm-info\"}}");
    peer_clear(&slow);
    peer_clear(&quick);
}

static void send_with_fd(int socket_fd, const char *text, int fd)
{
    struct iovec iov = { (char *) text, strlen(text) };
    union {
        char buffer[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.buffer,
                          .msg_controllen = sizeof control.buffer };
    struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    g_assert_cmpint(sendmsg(socket_fd, &msg, 0), ==, (int) strlen(text));
}

static int receive_fd(int socket_fd, char *buffer, size_t size)
{
    union {
        char buffer[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    struct iovec iov = { buffer, size - 1 };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.buffer,
                          .msg_controllen = sizeof control.buffer };
    ssize_t n = recvmsg(socket_fd, &msg, MSG_DONTWAIT);
    buffer[MAX(n, 0)] = '\0';
    struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&msg) : NULL;
    int fd = -1;
    if (c)
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    return fd;
}

static void test_descriptors(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer client = connect_client(f);
    int passed[2];
    g_assert_cmpint(pipe(passed), ==, 0);
    send_with_fd(client.fd, "{\"execute\": \"getfd\", \"arguments\": {\"fdname\": \"a\"}}",
                 passed[1]);
    pump();
    char text[256];
    int fd = receive_fd(f->qemu.fd, text, sizeof text);
    g_assert_cmpstr(text, ==, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\": \"a\"},\"id\":1}");
    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, "!", 1), ==, 1);
    g_assert_cmpint(read(passed[0], text, 1), ==, 1);
    close(fd);
    close(passed[0]);
    close(passed[1]);
    peer_clear(&client);
}

/* More commands than may be under way at once. */
static void test_many(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer client = connect_client(f);
    g_autoptr(GString) commands = g_string_new(NULL);
    for (int i = 0; i < 300; i++)
        g_string_append(commands, "{\"execute\": \"x\"}\n");
    say(&client, commands->str);
    int answered = 0;
    for (char *line; (line = hear(&f->qemu)); g_free(line)) {
        g_autofree char *reply =
            g_strdup_printf("{\"return\": %d, \"id\": %d}\r\n", answered, answered + 1);
        say(&f->qemu, reply);
        answered++;
    }
    g_assert_cmpint(answered, ==, 300);
    for (int i = 0; i < 300; i++) {
        g_autofree char *expected = g_strdup_printf("{\"return\": %d}", i);
        expect(&client, expected);
    }
    peer_clear(&client);
}

/* One that sends many commands in one piece takes its turn like others. */
static void test_flood(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer greedy = connect_client(f), other = connect_client(f), last = connect_client(f);
    g_autoptr(GString) flood = g_string_new(NULL);
    for (int i = 0; i < 1000; i++)
        g_string_append(flood, "{\"execute\": \"x\"}");
    say(&greedy, flood->str);
    say(&other, "{\"execute\": \"y\"}");
    for (int i = 1; i <= 8; i++) {
        g_autofree char *expected = g_strdup_printf("{\"execute\":\"x\",\"id\":%d}", i);
        expect(&f->qemu, expected);
    }
    expect(&f->qemu, "{\"execute\":\"y\",\"id\":9}");
    expect(&f->qemu, NULL);
    say(&f->qemu, "{\"return\": 1, \"id\": 1}\r\n");
    expect(&greedy, "{\"return\": 1}");
    expect(&f->qemu, "{\"execute\":\"x\",\"id\":10}");
    /* What QEMU was not asked for yet goes with who wanted it. */
    peer_clear(&greedy);
    for (int i = 2; i <= 10; i++) {
        g_autofree char *reply = g_strdup_printf("{\"return\": 1, \"id\": %d}\r\n", i);
        say(&f->qemu, reply);
    }
    expect(&other, "{\"return\": 1}");
    say(&last, "{\"execute\": \"z\"}");
    expect(&f->qemu, "{\"execute\":\"z\",\"id\":1}");
    peer_clear(&other);
    peer_clear(&last);
}

enum { CROWD = 32, ROUNDS = 50 };

/* What QEMU is asked comes back with the number that it was asked with. */
static void answer_all(Fixture *f)
{
    for (char *line; (line = hear(&f->qemu)); g_free(line)) {
        Message command = message_scan(line, strlen(line));
        g_autofree char *reply =
            g_strdup_printf("{\"return\": %.*s, \"id\": %.*s}\r\n", (int) command.arguments.len,
                            command.arguments.start, (int) command.id.len, command.id.start);
        say(&f->qemu, reply);
    }
}

/* All at once, and each gets its own answers in its own order. */
static void test_crowd(Fixture *f, gconstpointer data)
{
    (void) data;
    attach_qemu(f);
    say(&f->qemu, "{\"return\": {}, \"id\": 0}\r\n");
    Peer clients[CROWD];
    for (int i = 0; i < CROWD; i++)
        clients[i] = connect_client(f);
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < CROWD; i++) {
            g_autofree char *command =
                g_strdup_printf("{\"execute\": \"x\", \"arguments\": {\"who\": %d, \"round\": %d}, "
                                "\"id\": %d}",
                                i, round, round);
            say(&clients[i], command);
        }
        answer_all(f);
    }
    for (int i = 0; i < CROWD; i++) {
        for (int round = 0; round < ROUNDS; round++) {
            g_autofree char *expected = g_strdup_printf(
                "{\"return\": {\"who\": %d, \"round\": %d}, \"id\": %d}", i, round, round);
            expect(&clients[i], expected);
        }
        expect(&clients[i], NULL);
        peer_clear(&clients[i]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    static const struct {
        const char *path;
        void (*test)(Fixture *f, gconstpointer data);
    } tests[] = {
        { "/monitor/ids", test_ids },
        { "/monitor/unread", test_unread },
        { "/monitor/early-client", test_early_client },
        { "/monitor/events", test_events },
        { "/monitor/negotiation", test_negotiation },
        { "/monitor/bad-input", test_bad_input },
        { "/monitor/qemu-ends", test_qemu_ends },
        { "/monitor/client-leaves", test_client_leaves },
        { "/monitor/slow-client", test_slow_client },
        { "/monitor/descriptors", test_descriptors },
        { "/monitor/many", test_many },
        { "/monitor/flood", test_flood },
        { "/monitor/crowd", test_crowd },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
        g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
    return g_test_run();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What typed calls cost: against a bare socket, and against cJSON alone.
 *
 *   bench-qmp [QEMU]                     on a QEMU of its own, without a helper
 *   bench-qmp QEMU HELPER BARE RELAYED   HELPER is the "qmp" of a running machine, BARE and RELAYED
 *                                        are two more monitors of its QEMU, see qmp.sh: then the
 *                                        typed calls go through the helper, beside a bare socket
 *                                        and a relay that only copies bytes
 *
 * Rounds are taken turn by turn. Exit status 1 when a target is missed. */
#include <gio/gio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "qapi/generated/qmp-commands.h"
#include "qapi/json.h"

#define ROUNDS 2000
#define WARM_UP 200
#define PARSES 200

static double now_ms(void)
{
    return (double) g_get_monotonic_time() / 1000;
}

/* Of this thread alone, so that a busy host does not blur parsers. */
static double cpu_ms(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (double) spent.tv_sec * 1000 + (double) spent.tv_nsec / 1000000;
}

/* Our children end with us, however we end. */
static void end_with_parent(gpointer user)
{
    (void) user;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int start_qemu(const char *path)
{
    int pair[2];
    g_autoptr(GError) error = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair failed");
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_subprocess_launcher_take_fd(launcher, pair[1], 3);
    g_subprocess_launcher_set_child_setup(launcher, end_with_parent, NULL, NULL);
    g_autoptr(GSubprocess) qemu = g_subprocess_launcher_spawn(
        launcher, &error, path, "-machine", "none", "-nodefaults", "-no-user-config", "-display",
        "none", "-chardev", "socket,id=m,fd=3", "-mon", "chardev=m,mode=control", NULL);
    if (!qemu)
        g_error("%s", error->message);
    return pair[0];
}

/* Until a line feed, as the simplest of clients would read. */
static size_t read_line(int fd, char *buffer, size_t size)
{
    size_t length = 0;
    while (length == 0 || buffer[length - 1] != '\n') {
        ssize_t n = read(fd, buffer + length, size - length);
        if (n <= 0)
            g_error("QEMU is gone");
        length += (size_t) n;
    }
    return length;
}

static int connect_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (connect(fd, (struct sockaddr *) &address, sizeof address) < 0)
        g_error("cannot connect to %s", path);
    return fd;
}

/* Negotiated, and then left to write() and read(). */
static int bare_of(int fd)
{
    static const char capabilities[] =
        "{\"execute\":\"qmp_capabilities\",\"arguments\":{\"enable\":[\"oob\"]}}";
    char buffer[65536];
    read_line(fd, buffer, sizeof buffer);
    g_assert(write(fd, capabilities, strlen(capabilities)) > 0);
    read_line(fd, buffer, sizeof buffer);
    return fd;
}

static void copy(int from, int to)
{
    char buffer[65536];
    ssize_t n = read(from, buffer, sizeof buffer);
    if (n <= 0 || write(to, buffer, (size_t) n) != n)
        _exit(0);
}

/* The least that any process between two sockets can do. Return: the socket to talk to */
static int through_relay(int qemu)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair failed");
    if (fork()) {
        close(pair[1]);
        close(qemu);
        return pair[0];
    }
    end_with_parent(NULL);
    close(pair[0]);
    struct pollfd fds[2] = { { .fd = pair[1], .events = POLLIN },
                             { .fd = qemu, .events = POLLIN } };
    while (poll(fds, 2, -1) > 0) {
        if (fds[0].revents)
            copy(pair[1], qemu);
        if (fds[1].revents)
            copy(qemu, pair[1]);
    }
    _exit(1);
}

static QmpClient *connect_typed(int fd)
{
    g_autoptr(GError) error = NULL;
    QmpClient *client = qmp_client_new(fd, NULL, NULL, NULL);
    if (!qmp_client_negotiate(client, 0, &error))
        g_error("%s", error->message);
    return client;
}

/* Medians of times that were taken turn by turn. */
static int by_value(const void *a, const void *b)
{
    double x = *(const double *) a;
    double y = *(const double *) b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return values[count / 2];
}

static double bare_round(int fd)
{
    static const char status[] = "{\"execute\":\"query-status\"}";
    char buffer[4096];
    double start = now_ms();
    g_assert(write(fd, status, strlen(status)) > 0);
    read_line(fd, buffer, sizeof buffer);
    return now_ms() - start;
}

static double typed_round(QmpClient *client)
{
    g_autoptr(QmpStatusInfo) info = NULL;
    double start = now_ms();
    if (!qmp_query_status(client, &info, NULL))
        g_error("query-status failed");
    return now_ms() - start;
}

/* @relayed is -1 for none. The first rounds are for warming up. */
static bool compare_rounds(int bare, int relayed, QmpClient *client)
{
    static double theirs[ROUNDS], between[ROUNDS], ours[ROUNDS];
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        int at = MAX(i, 0);
        theirs[at] = bare_round(bare);
        between[at] = relayed >= 0 ? bare_round(relayed) : 0;
        ours[at] = typed_round(client);
    }
    double a = median(ours, ROUNDS) * 1000;
    double b = median(theirs, ROUNDS) * 1000;
    printf("typed %.0f us, bare %.0f us: %.2f (at most 1.5)\n", a, b, a / b);
    if (relayed >= 0) {
        double c = median(between, ROUNDS) * 1000;
        printf("a relay that copies bytes %.0f us: %.2f of bare; typed is %.2f of the relay\n", c,
               c / b, a / c);
    }
    return a <= 1.5 * b;
}

static bool compare_parsers(QmpClient *client)
{
    static double theirs[PARSES], ours[PARSES];
    cJSON *schema = NULL;
    if (!qmp_client_call(client, "query-qmp-schema", NULL, &schema, NULL))
        g_error("query-qmp-schema failed");
    char *text = cJSON_PrintUnformatted(schema);
    cJSON_Delete(schema);
    size_t length = strlen(text);
    for (int i = 0; i < PARSES; i++) {
        double start = cpu_ms();
        cJSON_Delete(cJSON_Parse(text));
        double between = cpu_ms();
        g_autoptr(QmpSchemaInfoList) list = NULL;
        g_autoptr(cJSON) json = json_parse(text, length, NULL, NULL);
        if (!qapi_from_json(&qmp_schema_info_list_type, json, "return", &list, NULL))
            g_error("conversion failed");
        g_clear_pointer(&json, cJSON_Delete);
        g_clear_pointer(&list, qmp_schema_info_list_free);
        ours[i] = cpu_ms() - between;
        theirs[i] = between - start;
    }
    double a = median(ours, PARSES);
    double b = median(theirs, PARSES);
    printf("query-qmp-schema, %zu kB: parse and convert %.2f ms, cJSON parses %.2f ms: %.2f "
           "(at most 2)\n",
           length / 1000, a, b, a / b);
    cJSON_free(text);
    return a <= 2 * b;
}

static bool compare_directly(const char *qemu)
{
    int bare = bare_of(start_qemu(qemu));
    g_autoptr(QmpClient) client = connect_typed(start_qemu(qemu));
    printf("query-status without a helper: ");
    bool ok = compare_rounds(bare, -1, client);
    ok &= compare_parsers(client);
    close(bare);
    return ok;
}

static bool compare_helper(char **sockets)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpClient) client = qmp_client_connect(sockets[0], 0, &error);
    if (!client)
        g_error("%s", error->message);
    int bare = bare_of(connect_socket(sockets[1]));
    int relayed = bare_of(through_relay(connect_socket(sockets[2])));
    printf("query-status through the helper: ");
    bool ok = compare_rounds(bare, relayed, client);
    close(bare);
    close(relayed);
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = compare_directly(argc > 1 ? argv[1] : "qemu-system-x86_64");
    if (argc == 5)
        ok &= compare_helper(argv + 2);
    return ok ? 0 : 1;
}

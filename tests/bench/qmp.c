/* SPDX-License-Identifier: Apache-2.0 */
/* What typed calls cost: against a bare socket, and against cJSON alone.
 *
 *   bench-qmp [QEMU [SOCKET]]   SOCKET is the "qmp" of a running machine: then the typed calls go
 *                               through its helper; the machine should be paused */
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "qapi/generated/qmp-commands.h"
#include "qapi/json.h"

#define ROUNDS 2000
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

static int start_qemu(const char *path)
{
    int pair[2];
    g_autoptr(GError) error = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair failed");
    g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
    g_subprocess_launcher_take_fd(launcher, pair[1], 3);
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

/* Negotiated, and then left to write() and read(). */
static int connect_bare(const char *qemu)
{
    static const char capabilities[] = "{\"execute\":\"qmp_capabilities\"}";
    char buffer[65536];
    int fd = start_qemu(qemu);
    read_line(fd, buffer, sizeof buffer);
    g_assert(write(fd, capabilities, strlen(capabilities)) > 0);
    read_line(fd, buffer, sizeof buffer);
    return fd;
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

static void compare_rounds(int bare, QmpClient *client)
{
    static const char status[] = "{\"execute\":\"query-status\"}";
    static double theirs[ROUNDS], ours[ROUNDS];
    char buffer[4096];
    for (int i = 0; i < ROUNDS; i++) {
        g_autoptr(QmpStatusInfo) info = NULL;
        double start = now_ms();
        g_assert(write(bare, status, strlen(status)) > 0);
        read_line(bare, buffer, sizeof buffer);
        double between = now_ms();
        if (!qmp_query_status(client, &info, NULL))
            g_error("query-status failed");
        ours[i] = now_ms() - between;
        theirs[i] = between - start;
    }
    double a = median(ours, ROUNDS) * 1000;
    double b = median(theirs, ROUNDS) * 1000;
    printf("query-status: typed %.0f us, bare %.0f us: %.2f (at most 1.5)\n", a, b, a / b);
}

static void compare_parsers(QmpClient *client)
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
}

int main(int argc, char **argv)
{
    const char *qemu = argc > 1 ? argv[1] : "qemu-system-x86_64";
    int bare = connect_bare(qemu);
    QmpClient *client = connect_typed(start_qemu(qemu));
    compare_rounds(bare, client);
    if (argc > 2) {
        g_autoptr(GError) error = NULL;
        g_autoptr(QmpClient) helper = qmp_client_connect(argv[2], 0, &error);
        if (!helper)
            g_error("%s", error->message);
        printf("through the helper: ");
        compare_rounds(bare, helper);
    }
    compare_parsers(client);
    qmp_client_free(client);
    close(bare);
    return 0;
}

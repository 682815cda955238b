/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a program of the guest listens on a TCP port. */
#include "core/wait/wait-port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/guest/guest-file.h"
#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

#define FILE_BYTES (1024 * 1024)
#define BLOCK_BYTES (64 * 1024)

/* How often QEMU is asked what has become of a connection. */
#define LOOK_MS 20

/* Looks at one connection before another is tried: a guest whose network was down when it was made
 * is asked again only after seconds. A server with a banner may take longer to say it. */
#define LOOKS 10
#define BANNER_LOOKS 250

#define NOBODY_LISTENS "nobody listens on it"

/* ---- tables ---- */

/* 127.0.0.x or ::1 as the kernel prints them, in either byte order; also the first as an IPv6
 * address. */
static bool is_loopback(const char *address)
{
    size_t length = strlen(address);
    const char *v4 = length >= 8 ? address + length - 8 : address;
    bool v6 = length == 32 && g_str_has_prefix(address, "0000000000000000");
    if (length == 8 || (v6 && strstr(address, "FFFF")))
        return g_str_has_suffix(v4, "00007F") || g_str_has_prefix(v4, "7F0000");
    return v6 && (strcmp(address + 16, "0000000001000000") == 0 ||
                  strcmp(address + 16, "0000000000000001") == 0);
}

bool wait_port_listens(const char *table, uint16_t port)
{
    g_auto(GStrv) lines = g_strsplit(table, "\n", 0);
    for (char **line = lines; *line; line++) {
        char address[33];
        unsigned number, state;
        if (sscanf(*line, " %*u: %32[0-9A-Fa-f]:%x %*[0-9A-Fa-f:] %x", address, &number, &state) ==
                3 &&
            state == 0x0A && number == port && !is_loopback(address))
            return true;
    }
    return false;
}

/* One line of "info usernet". */
typedef struct {
    char state[20];
    char source[16], target[16];
    unsigned source_port, target_port;
} Connection;

static bool read_connection(const char *line, Connection *out)
{
    return sscanf(line, " TCP[%19[^]]] %*d %15s %u %15s %u", out->state, out->source,
                  &out->source_port, out->target, &out->target_port) == 5;
}

bool wait_port_forward(const char *usernet, uint16_t port, char **out_address,
                       uint16_t *out_host_port)
{
    g_auto(GStrv) lines = g_strsplit(usernet, "\n", 0);
    for (char **line = lines; *line; line++) {
        Connection found;
        if (!read_connection(*line, &found) || strcmp(found.state, "HOST_FORWARD") != 0 ||
            found.target_port != port)
            continue;
        bool any = strcmp(found.source, "*") == 0;
        *out_address = g_strdup(any ? "127.0.0.1" : found.source);
        *out_host_port = (uint16_t) found.source_port;
        return true;
    }
    return false;
}

bool wait_port_is_connected(const char *usernet, uint16_t host_port)
{
    g_auto(GStrv) lines = g_strsplit(usernet, "\n", 0);
    for (char **line = lines; *line; line++) {
        Connection found;
        if (read_connection(*line, &found) && found.source_port == host_port &&
            strcmp(found.state, "ESTABLISHED") == 0)
            return true;
    }
    return false;
}

/* ---- the guest's own table ---- */

bool wait_port_read_file(QmpClient *client, const char *path, char **out_text, GError **error)
{
    int64_t handle;
    g_autoptr(GString) text = g_string_new(NULL);
    if (!guest_file_open(client, path, "r", &handle, error))
        return false;
    bool ok = true;
    for (gsize size = 1; ok && size && text->len < FILE_BYTES;) {
        g_autoptr(GBytes) block = NULL;
        ok = guest_file_read(client, handle, BLOCK_BYTES, &block, error);
        const char *data = ok ? g_bytes_get_data(block, &size) : NULL;
        if (ok)
            g_string_append_len(text, data, (gssize) size);
    }
    utm_ignore(guest_file_close(client, handle, NULL));
    if (ok)
        *out_text = g_strdup(text->str);
    return ok;
}

static bool ask_table(QmpClient *client, uint16_t port, char **out_why_not)
{
    static const char *const tables[] = { "/proc/net/tcp", "/proc/net/tcp6" };
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        g_autofree char *text = NULL;
        g_autoptr(GError) error = NULL;
        if (wait_port_read_file(client, tables[i], &text, &error)) {
            if (wait_port_listens(text, port))
                return true;
            continue;
        }
        if (i == 0) {
            *out_why_not =
                g_strdup_printf("no port of this host is forwarded to it, and %s", error->message);
            return false;
        }
    }
    *out_why_not = g_strdup(NOBODY_LISTENS);
    return false;
}

/* ---- a port of this host ---- */

static char *ask_usernet(QmpClient *client)
{
    char *text = NULL;
    /* A machine without such a network says nothing, and one that is not QEMU's an error. */
    if (!qmp_human_monitor_command(client, "info usernet", false, 0, &text, NULL))
        return g_strdup("");
    return text;
}

static int connect_to(const char *address, uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    g_auto(Fd) fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || inet_pton(AF_INET, address, &to.sin_addr) != 1)
        return -1;
    if (connect(fd, (struct sockaddr *) &to, sizeof to) < 0 && errno != EINPROGRESS)
        return -1;
    return fd_steal(&fd);
}

typedef enum { LOOK_NOTHING, LOOK_DATA, LOOK_CLOSED } Look;

/* What the other side has said. It is not taken away, so that a banner adds up. */
static Look look(int fd, char *text, size_t size)
{
    struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
    if (poll(&poll_fd, 1, LOOK_MS) <= 0)
        return LOOK_NOTHING;
    ssize_t n = recv(fd, text, size - 1, MSG_PEEK | MSG_DONTWAIT);
    text[MAX(n, 0)] = '\0';
    if (n < 0 && errno == EAGAIN)
        return LOOK_NOTHING;
    return n > 0 ? LOOK_DATA : LOOK_CLOSED;
}

static bool is_accepted(const WaitPort *wait, uint16_t host_port)
{
    g_autofree char *usernet = ask_usernet(wait->client);
    return wait_port_is_connected(usernet, host_port);
}

static bool ask_forwarded(const WaitPort *wait, const char *address, uint16_t host_port,
                          const char *banner, char **out_why_not)
{
    g_auto(Fd) fd = connect_to(address, host_port);
    char text[256] = "";
    Look seen = fd < 0 ? LOOK_CLOSED : LOOK_NOTHING;
    unsigned looks = banner ? BANNER_LOOKS : LOOKS;
    for (unsigned i = 0; i < looks && seen == LOOK_NOTHING && !wait->stop(wait->user); i++) {
        seen = look(fd, text, sizeof text);
        if (seen == LOOK_NOTHING && !is_accepted(wait, host_port)) {
            looks = MIN(looks, LOOKS);
            continue;
        }
        if (seen == LOOK_NOTHING && !banner)
            return true;
    }
    if (seen == LOOK_DATA && (!banner || g_str_has_prefix(text, banner)))
        return true;
    const char *why = seen == LOOK_DATA     ? "somebody else listens on it"
                      : seen == LOOK_CLOSED ? NOBODY_LISTENS
                                            : "the guest does not answer";
    *out_why_not = g_strdup_printf("%s (through %s:%u of this host)", why, address, host_port);
    return false;
}

bool wait_port_ask(const WaitPort *wait, uint16_t port, const char *banner, char **out_why_not)
{
    g_autofree char *address = NULL;
    uint16_t host_port;
    g_autofree char *usernet = ask_usernet(wait->client);
    if (wait_port_forward(usernet, port, &address, &host_port))
        return ask_forwarded(wait, address, host_port, banner, out_why_not);
    return ask_table(wait->client, port, out_why_not);
}

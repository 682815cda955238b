/* SPDX-License-Identifier: Apache-2.0 */
/* The switch beside a machine on a Host network: its frames go to the other machines and the host. */
#include "core/vm/lan-switch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/vm/lan-frame.h"

/* Source: QEMU include/net/net.h, NET_BUFSIZE; a frame on a stream has its length before it */
#define FRAME_BYTES (4096 + 65536)
#define LENGTH_BYTES 4

/* How long a receiver may let others wait, before what is for it is dropped. */
#define PATIENCE_MS 2

/* A guest that makes up addresses must not fill the host's memory. */
#define MAX_ADDRESSES 1024

/* One of QEMU's sockets, and what has been read of the next frame. */
typedef struct {
    int fd;
    size_t filled;
    uint8_t data[LENGTH_BYTES + FRAME_BYTES];
} Wire;

typedef struct {
    uint32_t host_address;
    const char *name; /* NULL: alone */
    int peers;        /* -1: alone */
    Wire guest;
    Wire host;
    GHashTable *names; /* MAC address (gint64) -> name of the socket behind which it is */
} Switch;

typedef void (*TakeFrame)(Switch *lan, uint8_t *frame, size_t length);

/* ---- QEMU ---- */

static bool wait_writable(int fd, int timeout_ms)
{
    struct pollfd ready = { .fd = fd, .events = POLLOUT };
    return poll(&ready, 1, timeout_ms) > 0 && !(ready.revents & (POLLERR | POLLHUP));
}

/* A frame is dropped whole or sent whole. */
static void send_frame(const Wire *wire, const uint8_t *frame, size_t length)
{
    uint8_t prefix[LENGTH_BYTES] = { (uint8_t) (length >> 24), (uint8_t) (length >> 16),
                                     (uint8_t) (length >> 8), (uint8_t) length };
    size_t sent = 0, all = LENGTH_BYTES + length;
    while (sent < all) {
        size_t of_prefix = MIN(sent, LENGTH_BYTES);
        struct iovec parts[] = {
            { prefix + of_prefix, LENGTH_BYTES - of_prefix },
            { (uint8_t *) frame + (sent - of_prefix), length - (sent - of_prefix) },
        };
        ssize_t n = writev(wire->fd, parts, G_N_ELEMENTS(parts));
        if (n > 0)
            sent += (size_t) n;
        else if (errno != EAGAIN && errno != EINTR)
            return;
        else if (!wait_writable(wire->fd, sent ? -1 : PATIENCE_MS))
            return;
    }
}

/* False at the end of the stream. */
static bool read_wire(Switch *lan, Wire *wire, TakeFrame take)
{
    ssize_t n = read(wire->fd, wire->data + wire->filled, sizeof wire->data - wire->filled);
    if (n <= 0)
        return n < 0 && (errno == EAGAIN || errno == EINTR);
    wire->filled += (size_t) n;
    size_t at = 0;
    while (wire->filled - at >= LENGTH_BYTES) {
        const uint8_t *p = wire->data + at;
        size_t length = (size_t) p[0] << 24 | (size_t) p[1] << 16 | (size_t) p[2] << 8 | p[3];
        if (length > FRAME_BYTES)
            return false;
        if (wire->filled - at < LENGTH_BYTES + length)
            break;
        take(lan, wire->data + at + LENGTH_BYTES, length);
        at += LENGTH_BYTES + length;
    }
    memmove(wire->data, wire->data + at, wire->filled - at);
    wire->filled -= at;
    return true;
}

/* ---- the others ---- */

static struct sockaddr_un address_of(const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_strlcpy(address.sun_path, name, sizeof address.sun_path);
    return address;
}

/* False when nobody has that socket any more; its name is removed then. */
static bool send_to(Switch *lan, const char *name, const uint8_t *frame, size_t length)
{
    struct sockaddr_un address = address_of(name);
    if (sendto(lan->peers, frame, length, 0, (struct sockaddr *) &address, sizeof address) >= 0)
        return true;
    if (errno == ECONNREFUSED)
        unlink(name);
    return errno != ECONNREFUSED && errno != ENOENT;
}

static void send_to_all(Switch *lan, const uint8_t *frame, size_t length)
{
    DIR *folder = opendir(".");
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, lan->name) != 0)
            send_to(lan, entry->d_name, frame, length);
    if (folder)
        closedir(folder);
}

static void send_to_peers(Switch *lan, const uint8_t *frame, size_t length)
{
    gint64 to = (gint64) lan_frame_mac(frame, false);
    const char *name = g_hash_table_lookup(lan->names, &to);
    if (name && send_to(lan, name, frame, length))
        return;
    if (name)
        g_hash_table_remove(lan->names, &to);
    send_to_all(lan, frame, length);
}

static void learn(Switch *lan, const uint8_t *frame, const char *name)
{
    gint64 from = (gint64) lan_frame_mac(frame, true);
    const char *known = g_hash_table_lookup(lan->names, &from);
    if (lan_mac_is_group((uint64_t) from) || g_strcmp0(known, name) == 0)
        return;
    if (g_hash_table_size(lan->names) >= MAX_ADDRESSES)
        g_hash_table_remove_all(lan->names);
    g_hash_table_insert(lan->names, g_memdup2(&from, sizeof from), g_strdup(name));
}

static void read_peers(Switch *lan)
{
    static uint8_t frame[FRAME_BYTES];
    struct sockaddr_un from = { 0 };
    socklen_t size = sizeof from - 1;
    ssize_t n =
        recvfrom(lan->peers, frame, sizeof frame, MSG_DONTWAIT, (struct sockaddr *) &from, &size);
    if (n < 0 || lan_frame_route(frame, (size_t) n, lan->host_address) == 0)
        return;
    if (from.sun_path[0])
        learn(lan, frame, from.sun_path);
    send_frame(&lan->guest, frame, (size_t) n);
}

static int open_peers(const char *name)
{
    struct sockaddr_un address = address_of(name);
    const struct timeval patience = { .tv_usec = PATIENCE_MS * 1000 };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    unlink(name);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0 ||
        bind(fd, (struct sockaddr *) &address, sizeof address) < 0) {
        fprintf(stderr, "cannot join the network: %s\n", g_strerror(errno));
        return -1;
    }
    return fd;
}

/* ---- passing on ---- */

static void from_guest(Switch *lan, uint8_t *frame, size_t length)
{
    unsigned route = lan_frame_route(frame, length, lan->host_address);
    if (route & LAN_TO_HOST)
        send_frame(&lan->host, frame, length);
    if (route & LAN_TO_PEERS && lan->peers >= 0)
        send_to_peers(lan, frame, length);
}

static void from_host(Switch *lan, uint8_t *frame, size_t length)
{
    lan_frame_amend(frame, length);
    send_frame(&lan->guest, frame, length);
}

static void pass_on(Switch *lan)
{
    struct pollfd ready[] = { { .fd = lan->guest.fd, .events = POLLIN },
                              { .fd = lan->host.fd, .events = POLLIN },
                              { .fd = lan->peers, .events = POLLIN } };
    for (;;) {
        if (poll(ready, G_N_ELEMENTS(ready), -1) < 0 && errno != EINTR)
            return;
        if (ready[0].revents && !read_wire(lan, &lan->guest, from_guest))
            return;
        if (ready[1].revents && !read_wire(lan, &lan->host, from_host))
            return;
        if (ready[2].revents)
            read_peers(lan);
    }
}

int lan_switch_run(uint32_t host, const char *name)
{
    g_autofree Switch *lan = g_new0(Switch, 1);
    signal(SIGPIPE, SIG_IGN);
    lan->host_address = host;
    lan->name = name;
    lan->guest.fd = LAN_SWITCH_GUEST_FD;
    lan->host.fd = LAN_SWITCH_HOST_FD;
    lan->peers = name ? open_peers(name) : -1;
    if (name && lan->peers < 0)
        return 1;
    fcntl(lan->guest.fd, F_SETFL, O_NONBLOCK);
    fcntl(lan->host.fd, F_SETFL, O_NONBLOCK);
    lan->names = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free);
    pass_on(lan);
    g_hash_table_unref(lan->names);
    if (name)
        unlink(name);
    if (lan->peers >= 0)
        close(lan->peers);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One serial port of a running machine, shared by any number of clients and kept in a log. */
#include "core/vm/serial-hub.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/vm/socket-server.h"

#define RECENT_BYTES (64 * 1024)
#define CLIENT_QUEUE_BYTES (1024 * 1024)
#define GUEST_QUEUE_BYTES (64 * 1024)

struct SerialHub {
    int guest_fd;
    guint guest_in;
    guint guest_out; /* 0: nothing waits for the guest */
    GByteArray *to_guest;
    GByteArray *recent; /* at most twice RECENT_BYTES, the newest last */
    GPtrArray *clients; /* (owned) of SerialClient */
    SocketServer *server;
    LogFile *log;
};

typedef struct {
    SerialHub *hub; /* borrowed */
    int fd;
    guint in;
    guint out; /* 0: nothing waits for the client */
    GByteArray *queue;
} SerialClient;

static void client_free(SerialClient *client)
{
    if (client->in)
        g_source_remove(client->in);
    if (client->out)
        g_source_remove(client->out);
    close(client->fd);
    g_byte_array_unref(client->queue);
    g_free(client);
}

/* Write as much as goes. False when the other side is gone. */
static bool flush_queue(int fd, GByteArray *queue)
{
    while (queue->len) {
        ssize_t n = send(fd, queue->data, queue->len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        g_byte_array_remove_range(queue, 0, (guint) n);
    }
    return true;
}

static gboolean client_writable(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    SerialClient *client = user;
    if (!flush_queue(fd, client->queue)) {
        client->out = 0;
        g_ptr_array_remove(client->hub->clients, client);
        return G_SOURCE_REMOVE;
    }
    if (client->queue->len)
        return G_SOURCE_CONTINUE;
    client->out = 0;
    return G_SOURCE_REMOVE;
}

/* False when the client has to go. */
static bool client_send(SerialClient *client, const void *data, size_t size)
{
    g_byte_array_append(client->queue, data, (guint) size);
    if (!flush_queue(client->fd, client->queue) || client->queue->len > CLIENT_QUEUE_BYTES)
        return false;
    if (client->queue->len && !client->out)
        client->out = g_unix_fd_add(client->fd, G_IO_OUT, client_writable, client);
    return true;
}

static gboolean client_readable(gint fd, GIOCondition condition, gpointer user);

static void watch_clients(SerialHub *hub, bool watch)
{
    for (guint i = 0; i < hub->clients->len; i++) {
        SerialClient *client = hub->clients->pdata[i];
        if (watch && !client->in)
            client->in = g_unix_fd_add(client->fd, G_IO_IN | G_IO_HUP, client_readable, client);
        else if (!watch && client->in)
            g_clear_handle_id(&client->in, g_source_remove);
    }
}

static gboolean guest_writable(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    SerialHub *hub = user;
    bool alive = flush_queue(fd, hub->to_guest);
    if (alive && hub->to_guest->len)
        return G_SOURCE_CONTINUE;
    hub->guest_out = 0;
    watch_clients(hub, true);
    return G_SOURCE_REMOVE;
}

static void guest_send(SerialHub *hub, const void *data, size_t size)
{
    g_byte_array_append(hub->to_guest, data, (guint) size);
    if (!flush_queue(hub->guest_fd, hub->to_guest) || !hub->to_guest->len)
        return;
    if (!hub->guest_out)
        hub->guest_out = g_unix_fd_add(hub->guest_fd, G_IO_OUT, guest_writable, hub);
    if (hub->to_guest->len > GUEST_QUEUE_BYTES)
        watch_clients(hub, false);
}

static gboolean client_readable(gint fd, GIOCondition condition, gpointer user)
{
    SerialClient *client = user;
    char buffer[16384];
    ssize_t n = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (n > 0) {
        guest_send(client->hub, buffer, (size_t) n);
        /* The guest may have stopped to read; then this source is gone already. */
        return client->in ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
    }
    client->in = 0;
    /* A client may close its sending side only (a pipe that ended) and still want to see; that it
     * is gone altogether then shows when the guest next says something. */
    if (n < 0 || condition & G_IO_HUP)
        g_ptr_array_remove(client->hub->clients, client);
    return G_SOURCE_REMOVE;
}

static void remember(SerialHub *hub, const void *data, size_t size)
{
    g_byte_array_append(hub->recent, data, (guint) size);
    if (hub->recent->len > 2 * RECENT_BYTES)
        g_byte_array_remove_range(hub->recent, 0, hub->recent->len - RECENT_BYTES);
}

typedef enum { TAKE_SOME, TAKE_NONE, TAKE_END } Take;

static Take take_from_guest(SerialHub *hub)
{
    char buffer[16384];
    ssize_t n = recv(hub->guest_fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return TAKE_NONE;
    if (n <= 0)
        return TAKE_END;
    log_file_write(hub->log, buffer, (size_t) n);
    remember(hub, buffer, (size_t) n);
    for (guint i = hub->clients->len; i-- > 0;)
        if (!client_send(hub->clients->pdata[i], buffer, (size_t) n))
            g_ptr_array_remove_index(hub->clients, i);
    return TAKE_SOME;
}

static gboolean guest_readable(gint fd, GIOCondition condition, gpointer user)
{
    (void) fd;
    (void) condition;
    SerialHub *hub = user;
    if (take_from_guest(hub) != TAKE_END)
        return G_SOURCE_CONTINUE;
    hub->guest_in = 0;
    return G_SOURCE_REMOVE;
}

static void accept_client(int fd, void *user)
{
    SerialHub *hub = user;
    SerialClient *client = g_new0(SerialClient, 1);
    client->hub = hub;
    client->fd = fd;
    client->queue = g_byte_array_new();
    g_ptr_array_add(hub->clients, client);
    guint skip = hub->recent->len > RECENT_BYTES ? hub->recent->len - RECENT_BYTES : 0;
    if (!client_send(client, hub->recent->data + skip, hub->recent->len - skip)) {
        g_ptr_array_remove(hub->clients, client);
        return;
    }
    client->in = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP, client_readable, client);
}

SerialHub *serial_hub_new(int guest_fd, const char *socket_path, LogFile *log, GError **error)
{
    SerialHub *hub = g_new0(SerialHub, 1);
    hub->guest_fd = guest_fd;
    hub->to_guest = g_byte_array_new();
    hub->recent = g_byte_array_new();
    hub->clients = g_ptr_array_new_with_free_func((GDestroyNotify) client_free);
    hub->log = log;
    hub->guest_in = g_unix_fd_add(guest_fd, G_IO_IN | G_IO_HUP, guest_readable, hub);
    hub->server = socket_server_new(socket_path, accept_client, hub, error);
    if (!hub->server)
        g_clear_pointer(&hub, serial_hub_free);
    return hub;
}

void serial_hub_free(SerialHub *hub)
{
    if (!hub)
        return;
    /* QEMU is gone; its last words are still in the socket. */
    while (take_from_guest(hub) == TAKE_SOME)
        continue;
    if (hub->guest_in)
        g_source_remove(hub->guest_in);
    if (hub->guest_out)
        g_source_remove(hub->guest_out);
    socket_server_free(hub->server);
    g_ptr_array_unref(hub->clients);
    g_byte_array_unref(hub->to_guest);
    g_byte_array_unref(hub->recent);
    log_file_free(hub->log);
    close(hub->guest_fd);
    g_free(hub);
}

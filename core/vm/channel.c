/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking stream of messages with a queue and descriptors that travel with them. */
#include "core/vm/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qapi/unix-socket.h"

#define MAX_FDS 16

/* A descriptor that waits for its byte to be written. */
typedef struct {
    size_t at; /* offset in the queue */
    int fd;
} QueuedFd;

struct Channel {
    int fd;
    const ChannelOps *ops;
    void *user;
    guint in;
    guint out;
    GByteArray *queue;
    size_t queue_start; /* bytes of the queue that are written already */
    GArray *queued_fds; /* of QueuedFd, in order */
};

static gboolean readable(gint fd, GIOCondition condition, gpointer user);
static gboolean writable(gint fd, GIOCondition condition, gpointer user);

Channel *channel_new(int fd, const ChannelOps *ops, void *user)
{
    Channel *channel = g_new0(Channel, 1);
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    channel->fd = fd;
    channel->ops = ops;
    channel->user = user;
    channel->queue = g_byte_array_new();
    channel->queued_fds = g_array_new(FALSE, FALSE, sizeof(QueuedFd));
    channel_set_reading(channel, true);
    return channel;
}

/* One write that stops before the byte of the next descriptor but the first. */
static ssize_t write_some(Channel *channel)
{
    const guint8 *data = channel->queue->data + channel->queue_start;
    size_t size = channel->queue->len - channel->queue_start;
    GArray *fds = channel->queued_fds;
    bool with_fd = fds->len && g_array_index(fds, QueuedFd, 0).at == channel->queue_start;
    int fd = with_fd ? g_array_index(fds, QueuedFd, 0).fd : -1;
    if (fds->len > with_fd)
        size = g_array_index(fds, QueuedFd, with_fd).at - channel->queue_start;
    ssize_t n = unix_socket_send(channel->fd, data, size, fd, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0 && with_fd) {
        close(fd);
        g_array_remove_index(fds, 0);
    }
    return n;
}

/* What is written gives its place back also when the queue never runs empty. */
static void compact(Channel *channel)
{
    if (channel->queue_start < 256 * 1024)
        return;
    for (guint i = 0; i < channel->queued_fds->len; i++)
        g_array_index(channel->queued_fds, QueuedFd, i).at -= channel->queue_start;
    g_byte_array_remove_range(channel->queue, 0, (guint) channel->queue_start);
    channel->queue_start = 0;
}

/* False when the other side is gone. */
static bool flush(Channel *channel)
{
    while (channel->queue_start < channel->queue->len) {
        ssize_t n = write_some(channel);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        channel->queue_start += (size_t) n;
        compact(channel);
    }
    /* Everything is out: no descriptor waits, and large queues give their memory back. */
    if (channel->queue->len > 64 * 1024) {
        g_byte_array_unref(channel->queue);
        channel->queue = g_byte_array_new();
    } else {
        g_byte_array_set_size(channel->queue, 0);
    }
    channel->queue_start = 0;
    return true;
}

static gboolean writable(gint fd, GIOCondition condition, gpointer user)
{
    (void) fd;
    (void) condition;
    Channel *channel = user;
    if (!flush(channel)) {
        channel->out = 0;
        channel->ops->closed(channel, channel->user);
        return G_SOURCE_REMOVE;
    }
    if (channel_queued(channel))
        return G_SOURCE_CONTINUE;
    channel->out = 0;
    return G_SOURCE_REMOVE;
}

void channel_send(Channel *channel, const char *data, size_t size, int fd)
{
    if (fd >= 0) {
        QueuedFd queued = { channel->queue->len, fcntl(fd, F_DUPFD_CLOEXEC, 3) };
        g_array_append_val(channel->queued_fds, queued);
    }
    g_byte_array_append(channel->queue, (const guint8 *) data, (guint) size);
    if ((!flush(channel) || channel_queued(channel)) && !channel->out)
        channel->out = g_unix_fd_add(channel->fd, G_IO_OUT | G_IO_HUP, writable, channel);
}

size_t channel_queued(const Channel *channel)
{
    return channel->queue->len - channel->queue_start;
}

void channel_set_reading(Channel *channel, bool reading)
{
    if (reading && !channel->in)
        channel->in = g_unix_fd_add(channel->fd, G_IO_IN | G_IO_HUP, readable, channel);
    else if (!reading && channel->in)
        g_clear_handle_id(&channel->in, g_source_remove);
}

static size_t take_fds(struct msghdr *msg, int *fds)
{
    size_t n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds + n, CMSG_DATA(c), count * sizeof(int));
        n += count;
    }
    return n;
}

static gboolean readable(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    Channel *channel = user;
    char buffer[65536];
    int fds[MAX_FDS];
    union {
        char buffer[CMSG_SPACE(sizeof(int) * MAX_FDS)];
        struct cmsghdr align;
    } control;
    struct iovec iov = { buffer, sizeof buffer };
    struct msghdr msg = { .msg_iov = &iov,
                          .msg_iovlen = 1,
                          .msg_control = control.buffer,
                          .msg_controllen = sizeof control.buffer };
    ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (n <= 0) {
        channel->in = 0;
        channel->ops->closed(channel, channel->user);
        return G_SOURCE_REMOVE;
    }
    size_t n_fds = take_fds(&msg, fds);
    /* The callee may stop the reading, and that removes this source; telling GLib to remove it once
     * more is harmless. */
    if (!channel->ops->data(channel, buffer, (size_t) n, fds, n_fds, channel->user))
        return G_SOURCE_REMOVE;
    return channel->in ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

int channel_fd(const Channel *channel)
{
    return channel->fd;
}

void channel_free(Channel *channel)
{
    if (!channel)
        return;
    (void) flush(channel);
    if (channel->in)
        g_source_remove(channel->in);
    if (channel->out)
        g_source_remove(channel->out);
    for (guint i = 0; i < channel->queued_fds->len; i++)
        close(g_array_index(channel->queued_fds, QueuedFd, i).fd);
    g_array_unref(channel->queued_fds);
    g_byte_array_unref(channel->queue);
    close(channel->fd);
    g_free(channel);
}

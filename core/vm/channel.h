/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking stream of messages with a queue and descriptors that travel with them. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct Channel Channel;

typedef struct {
    /* Bytes have come. @fds are descriptors that came with them; the callee owns them. False: the
     * channel shall be closed; it is freed by the callee before it returns false. */
    bool (*data)(Channel *channel, const char *data, size_t size, const int *fds, size_t n_fds,
                 void *user);
    /* The other side is gone or an error came up. The callee may free the channel. */
    void (*closed)(Channel *channel, void *user);
} ChannelOps;

/**
 * channel_new() - Watch a connected unix socket in the default main context
 * @fd:  owned from now on
 * @ops: borrowed, must outlive the channel
 */
Channel *channel_new(int fd, const ChannelOps *ops, void *user);

/**
 * channel_send() - Queue bytes and write what goes at once
 * @fd: descriptor to pass with the first of these bytes, borrowed; -1 for none
 *
 * A failure shows as closed() from the main loop, never from here.
 */
void channel_send(Channel *channel, const char *data, size_t size, int fd);

/**
 * channel_queued() - Bytes that wait to be written
 */
size_t channel_queued(const Channel *channel);

/**
 * channel_set_reading() - Stop or go on to read, for a side that sends faster than is worked off
 */
void channel_set_reading(Channel *channel, bool reading);

/**
 * channel_fd() - The socket; borrowed
 */
int channel_fd(const Channel *channel);

/**
 * channel_free() - Write what still goes without waiting, close; NULL is ignored
 */
void channel_free(Channel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Channel, channel_free)

/* SPDX-License-Identifier: Apache-2.0 */
/* A QMP client from the inside, for the synchronous calls on top of it. */
#pragma once

#include "qapi/json-stream.h"
#include "qapi/qmp-client.h"

struct QmpClient {
    int fd;
    GMainContext *context;
    bool is_private; /* nobody else has the context */
    GSource *source; /* NULL once the connection is gone */
    const QmpClientOps *ops;
    void *user;
    JsonStream *stream;
    GQueue pending; /* of Pending (owned), in the order they were sent */
    int64_t last_id;
    int64_t timeout_us;
    int next_fd; /* borrowed; passed along with the next command; -1 for none */
    bool greeted;
    bool offers_oob;
    bool has_oob;
    bool clogged;     /* the server did not take a command in time */
    cJSON *message;   /* borrowed; the reply that its callback is looking at */
    GError *gone;     /* why the connection ended; NULL while it lives */
    GSource *failing; /* owned; fails what is sent on a dead connection */
    /* Freeing from a callback waits until the callback has returned. */
    unsigned dispatching;
    bool freed;
};

/**
 * qmp_client_leave() - The end of what has counted .dispatching up; frees a client that is freed
 */
void qmp_client_leave(QmpClient *client);

/**
 * qmp_client_take_messages() - Pass on the messages that have been read
 */
void qmp_client_take_messages(QmpClient *client);

/**
 * qmp_client_read() - Read what is there and pass it on
 *
 * Return: whether the connection lives; false may come with the client freed
 */
bool qmp_client_read(QmpClient *client);

/**
 * qmp_client_send_full() - qmp_client_send() in other ways
 * @deadline: when the server must have taken it, as qmp_deadline_after() has it
 */
void qmp_client_send_full(QmpClient *client, const char *command, cJSON *arguments,
                          QmpCallFlags flags, int64_t deadline, QmpReplyFunc reply, void *user);

/**
 * qmp_deadline_after() - Monotonic time at which a limit runs out
 * @timeout_us: 0 for ever
 *
 * Return: microseconds; G_MAXINT64 for never
 */
int64_t qmp_deadline_after(int64_t timeout_us);

/**
 * qmp_left_ms() - Time left for poll(): at least one millisecond while there is any; -1 for ever
 */
int qmp_left_ms(int64_t deadline);

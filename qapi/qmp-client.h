/* SPDX-License-Identifier: Apache-2.0 */
/* A QMP client: asynchronous inside, with synchronous calls on top. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/**
 * QMP_ERROR - Error domain of qapi
 *
 * A QMP_ERROR carries the class and the description that the server gave, see qmp_error_class().
 */
#define QMP_ERROR (qmp_error_quark())

typedef enum {
    QMP_ERROR_FAILED,       /* the server answered with an error */
    QMP_ERROR_DISCONNECTED, /* the connection is gone; every pending call fails with this */
    QMP_ERROR_TIMEOUT,      /* no answer in time */
    QMP_ERROR_PROTOCOL,     /* what came is not QMP */
    QMP_ERROR_TYPE,         /* a reply or value has the wrong shape; the message names the path */
} QmpError;

/**
 * qmp_error_quark() - What QMP_ERROR stands for
 */
GQuark qmp_error_quark(void);

/**
 * qmp_error_class() - QMP error class such as "GenericError" or "DeviceNotFound"
 * @error: an error of domain QMP_ERROR
 *
 * Return: borrowed from @error, or NULL
 */
const char *qmp_error_class(const GError *error);

typedef struct QmpClient QmpClient;

/* What a client reports by itself. Any member may be NULL. */
typedef struct {
    /* @data is borrowed; NULL when the event has none. @time_us is since the epoch. */
    void (*event)(QmpClient *client, const char *name, const cJSON *data, int64_t time_us,
                  void *user);
    /* Called once. Every pending call has failed already. */
    void (*disconnected)(QmpClient *client, const GError *reason, void *user);
} QmpClientOps;

/* @result is borrowed, the reply's "return"; NULL when @error is set. */
typedef void (*QmpReplyFunc)(QmpClient *client, const cJSON *result, const GError *error,
                             void *user);

/**
 * qmp_client_new() - Take over a connected socket
 * @fd:      connected stream socket; the client owns it from now on
 * @context: main context in which callbacks run; NULL for a private one that only synchronous
 *           calls pump
 * @ops:     borrowed, must outlive the client; may be NULL
 *
 * Return: a client that has not negotiated yet; free with qmp_client_free()
 */
QmpClient *qmp_client_new(int fd, GMainContext *context, const QmpClientOps *ops, void *user);

/**
 * qmp_client_connect() - Connect to a unix socket and negotiate
 * @path:       socket path; may be longer than a sun_path, then its folder is opened first
 * @timeout_us: for connecting and the greeting together; 0 for ever
 * @error:      G_IO_ERROR when nobody listens, QMP_ERROR otherwise
 */
QmpClient *qmp_client_connect(const char *path, int64_t timeout_us,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qmp_client_negotiate() - Wait for the greeting and leave negotiation mode
 * @timeout_us: 0 for ever
 *
 * Asks for out-of-band execution when the greeting offers it.
 */
bool qmp_client_negotiate(QmpClient *client, int64_t timeout_us,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qmp_client_set_timeout() - Time limit of the synchronous calls that follow
 * @timeout_us: 0 for ever; the default is 30 seconds
 */
void qmp_client_set_timeout(QmpClient *client, int64_t timeout_us);

/**
 * qmp_client_call() - Send a command and wait for its answer, pumping the client's context
 * @command:    name
 * @arguments:  an object, taken; NULL for none
 * @out_result: the reply's "return", owned by the caller; may be NULL
 * @error:      QMP_ERROR
 */
bool qmp_client_call(QmpClient *client, const char *command, cJSON *arguments, cJSON **out_result,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
    QMP_CALL_OOB = 1 << 0,    /* overtake the commands that the server is busy with */
    QMP_CALL_SILENT = 1 << 1, /* the command answers only when it fails */
} QmpCallFlags;

/**
 * qmp_client_call_full() - qmp_client_call() in other ways
 * @error: QMP_ERROR; QMP_ERROR_FAILED when the server does not execute out of band
 *
 * A silent command has succeeded when no error has come for a second, or when the connection ends
 * after it was sent: it is for commands such as shutting down what answers.
 *
 * Source: QEMU docs/interop/qmp-spec.txt, "Out-of-band execution"; qga/qapi-schema.json,
 * "success-response"
 */
bool qmp_client_call_full(QmpClient *client, const char *command, cJSON *arguments,
                          QmpCallFlags flags, cJSON **out_result,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qmp_client_pass_fd() - Pass a descriptor with the command that comes next
 * @fd: descriptor for SCM_RIGHTS; borrowed until that command has been sent
 *
 * For generated functions of commands that want one, such as "add-fd".
 */
void qmp_client_pass_fd(QmpClient *client, int fd);

/**
 * qmp_client_send() - Send a command; the answer arrives at a callback
 * @arguments: an object, taken; NULL for none
 * @reply:     called exactly once, never before this function returns; NULL: nobody cares
 */
void qmp_client_send(QmpClient *client, const char *command, cJSON *arguments, QmpReplyFunc reply,
                     void *user);

/**
 * qmp_client_pump() - Run the client's context until a condition holds
 * @done:       asked after each dispatch
 * @timeout_us: 0 for ever
 * @error:      QMP_ERROR_TIMEOUT, QMP_ERROR_DISCONNECTED
 */
bool qmp_client_pump(QmpClient *client, bool (*done)(void *user), void *user, int64_t timeout_us,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qmp_client_free() - Close the connection; pending calls fail first. NULL is ignored
 */
void qmp_client_free(QmpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QmpClient, qmp_client_free)

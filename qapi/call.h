/* SPDX-License-Identifier: Apache-2.0 */
/* Typed calls: what generated functions are made of. */
#pragma once

#include "qapi/qmp-client.h"
#include "qapi/visit.h"

typedef enum {
    QAPI_COMMAND_CONDITIONAL = 1 << 0, /* the schema has it under an "if" */
    QAPI_COMMAND_DEPRECATED = 1 << 1,
    QAPI_COMMAND_UNSTABLE = 1 << 2,
    QAPI_COMMAND_SILENT = 1 << 3,    /* it does not answer when it succeeds */
    QAPI_COMMAND_OOB = 1 << 4,       /* it may be executed out of band */
    QAPI_COMMAND_PRECONFIG = 1 << 5, /* allowed before the machine is made */
    QAPI_COMMAND_FREE_FORM = 1 << 6, /* takes arguments that the schema does not name */
} QapiCommandFlags;

typedef struct {
    const char *name;
    const char *summary;       /* one sentence; NULL when the schema has none */
    const QapiType *arguments; /* a struct; NULL for none */
    const QapiType *returns;   /* NULL for none */
    QapiCommandFlags flags;
} QapiCommand;

typedef struct {
    const char *name;
    const char *summary;
    const QapiType *data; /* a struct; NULL for none */
    QapiCommandFlags flags;
} QapiEvent;

/* All that a schema has. Commands and events are sorted by name. */
typedef struct {
    const QapiCommand *commands;
    size_t n_commands;
    const QapiEvent *events;
    size_t n_events;
    const QapiType *const *types;
    size_t n_types;
} QapiSchema;

/**
 * qapi_find_event() - An event of a schema by its name, or NULL
 */
const QapiEvent *qapi_find_event(const QapiSchema *schema, const char *name);

/**
 * qapi_read_arguments() - Arguments of a command that came, for a server
 * @type:      struct that they must be
 * @arguments: borrowed; NULL for none
 * @out_value: address of the pointer to the struct; untouched on failure
 * @error:     QMP_ERROR_TYPE
 */
bool qapi_read_arguments(const QapiType *type, const cJSON *arguments, void *out_value,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qapi_call() - Send a command and wait for its answer
 * @arguments:  address of a struct of the command's type; NULL when it takes none
 * @out_result: address of a value of what it returns; NULL: not wanted; untouched on failure
 * @error:      QMP_ERROR
 *
 * A command that does not answer when it succeeds has succeeded when no error comes.
 */
bool qapi_call(QmpClient *client, const QapiCommand *command, const void *arguments,
               void *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qapi_call_oob() - qapi_call() that overtakes the commands that the server is busy with
 */
bool qapi_call_oob(QmpClient *client, const QapiCommand *command, const void *arguments,
                   void *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qapi_call_json() - qapi_call() of a command whose arguments the schema does not name
 * @arguments: an object; borrowed; NULL for none
 */
bool qapi_call_json(QmpClient *client, const QapiCommand *command, const cJSON *arguments,
                    void *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qapi_send() - Send a command; the answer arrives at a callback
 * @reply: see qmp_client_send(); not called when this fails
 * @error: QMP_ERROR_TYPE when the arguments cannot be sent
 */
bool qapi_send(QmpClient *client, const QapiCommand *command, const void *arguments,
               QmpReplyFunc reply, void *user, GError **error) G_GNUC_WARN_UNUSED_RESULT;

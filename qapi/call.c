/* SPDX-License-Identifier: Apache-2.0 */
/* Typed calls: what generated functions are made of. */
#include "qapi/call.h"

#include <string.h>

const QapiEvent *qapi_find_event(const QapiSchema *schema, const char *name)
{
    size_t low = 0, high = schema->n_events;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, schema->events[middle].name);
        if (order == 0)
            return &schema->events[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

bool qapi_read_arguments(const QapiType *type, const cJSON *arguments, void *out_value,
                         GError **error)
{
    g_autoptr(cJSON) none = arguments ? NULL : cJSON_CreateObject();
    return qapi_from_json(type, arguments ? arguments : none, "arguments", out_value, error);
}

/* @out_json is NULL when there is nothing to send. */
static bool arguments_json(const QapiCommand *command, const void *arguments, cJSON **out_json,
                           GError **error)
{
    *out_json = NULL;
    if (!command->arguments || !arguments)
        return true;
    *out_json = qapi_to_json(command->arguments, &arguments, "arguments", error);
    if (*out_json)
        return true;
    g_prefix_error(error, "%s: ", command->name);
    return false;
}

static bool take_result(const QapiCommand *command, const cJSON *json, void *out_result,
                        GError **error)
{
    if (!command->returns || !out_result)
        return true;
    if (qapi_from_json(command->returns, json, "return", out_result, error))
        return true;
    g_prefix_error(error, "%s: ", command->name);
    return false;
}

static bool call(QmpClient *client, const QapiCommand *command, cJSON *arguments,
                 QmpCallFlags flags, void *out_result, GError **error)
{
    g_autoptr(cJSON) result = NULL;
    if (command->flags & QAPI_COMMAND_SILENT)
        flags |= QMP_CALL_SILENT;
    return qmp_client_call_full(client, command->name, arguments, flags, &result, error) &&
           take_result(command, result, out_result, error);
}

bool qapi_call(QmpClient *client, const QapiCommand *command, const void *arguments,
               void *out_result, GError **error)
{
    cJSON *json = NULL;
    return arguments_json(command, arguments, &json, error) &&
           call(client, command, json, 0, out_result, error);
}

bool qapi_call_oob(QmpClient *client, const QapiCommand *command, const void *arguments,
                   void *out_result, GError **error)
{
    cJSON *json = NULL;
    return arguments_json(command, arguments, &json, error) &&
           call(client, command, json, QMP_CALL_OOB, out_result, error);
}

bool qapi_call_json(QmpClient *client, const QapiCommand *command, const cJSON *arguments,
                    void *out_result, GError **error)
{
    cJSON *copy = arguments ? cJSON_Duplicate(arguments, true) : NULL;
    return call(client, command, copy, 0, out_result, error);
}

bool qapi_send(QmpClient *client, const QapiCommand *command, const void *arguments,
               QmpReplyFunc reply, void *user, GError **error)
{
    cJSON *json = NULL;
    if (!arguments_json(command, arguments, &json, error))
        return false;
    qmp_client_send(client, command->name, json, reply, user);
    return true;
}

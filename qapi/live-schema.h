/* SPDX-License-Identifier: Apache-2.0 */
/* What the QEMU at the other end understands: for arguments typed by a human, and for telling. */
#pragma once

#include "qapi/generated/qmp-types.h"
#include "qapi/json-auto.h"

typedef struct LiveSchema LiveSchema;

/**
 * live_schema_new() - Index the answer of query-qmp-schema
 * @live: taken
 */
LiveSchema *live_schema_new(QmpSchemaInfoList *live);

void live_schema_free(LiveSchema *schema);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LiveSchema, live_schema_free)

/**
 * live_schema_own() - The commands of the guest agent and of the helper, as our schema has them
 *
 * QEMU does not know them, so its answer does not have them.
 *
 * Return: to be passed to live_schema_new() or live_schema_add()
 */
QmpSchemaInfoList *live_schema_own(void);

/**
 * live_schema_add() - Add what another schema has
 * @more: taken
 */
void live_schema_add(LiveSchema *schema, QmpSchemaInfoList *more);

/**
 * live_schema_commands() - Names of the commands, sorted
 *
 * Return: (container) of const char *
 */
GPtrArray *live_schema_commands(const LiveSchema *schema);

/**
 * live_schema_has() - Whether there is a command
 */
bool live_schema_has(const LiveSchema *schema, const char *command);

/**
 * live_schema_arguments() - Arguments of a command from words such as "id=cd0" and "addr.type=unix"
 * @words:  NULL-terminated. "key=value", where dots in the key lead into objects and numbers into
 *          arrays; a value that begins with "{" or "[" is JSON. Or one word that is a JSON object
 * @error:  QMP_ERROR_TYPE naming the word: unknown member, wrong type, unknown value of an enum;
 *          mandatory members that are missing. QMP_ERROR_FAILED when there is no such command
 *
 * Each value gets the type that the command wants at its place. Numbers take K, M, G and T.
 *
 * Return: an object; free with cJSON_Delete()
 */
cJSON *live_schema_arguments(const LiveSchema *schema, const char *command, char **words,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A member as it is told to a human. */
typedef struct {
    char *name; /* with dots for members of members, "[]" for arrays */
    char *type; /* "str", "int", "bool", or the values of an enum with "|" between */
    bool optional;
    bool deprecated;
    bool unstable;
    char *condition; /* "type=unix" for a member of a union's branch, or NULL */
} LiveMember;

void live_member_free(LiveMember *member);

/**
 * live_schema_members() - Arguments or results of a command, members of members below them
 * @results: those of the result rather than the arguments
 * @error:   QMP_ERROR_FAILED when there is no such command
 *
 * Return: (owned) of LiveMember; a result that is no object is one member without a name
 */
GPtrArray *live_schema_members(const LiveSchema *schema, const char *command, bool results,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

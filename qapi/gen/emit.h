/* SPDX-License-Identifier: Apache-2.0 */
/* Writes C out of a resolved schema. */
#pragma once

#include "qapi/gen/model.h"

/* What is being written, and under which names. */
typedef struct {
    Schema *schema;
    const char *folder; /* where the files go */
    const char *prefix; /* "qmp": of files and functions */
    const char *camel;  /* "Qmp": of types */
    const char *upper;  /* "QMP": of constants */
    GHashTable *names;  /* C names of file scope that are taken */
    GPtrArray *arrays;  /* of Type: array types that need a C type of their own */
} Emitter;

/**
 * emitter_init() - Give every type, command and event its C names
 * @prefix: letters and digits that begin with a small letter
 * @error:  GEN_ERROR_SCHEMA when two things would have one name
 */
bool emitter_init(Emitter *emitter, Schema *schema, const char *folder, const char *prefix,
                  GError **error);

/**
 * emit_all() - Write every file
 *
 * Their names are PREFIX-types, -visit, -commands, -events and -schema, each with .c and all but
 * -visit with .h, and PREFIX-commands.json.
 */
bool emit_all(Emitter *emitter, GError **error);

/* ---- one file each; the text goes to @out ---- */

/**
 * emit_types_header() - PREFIX-types.h: a C type for each of the schema
 */
void emit_types_header(const Emitter *emitter, GString *out);

/**
 * emit_types() - PREFIX-types.c: their names, and what frees them
 */
void emit_types(const Emitter *emitter, GString *out);

/**
 * emit_visit() - PREFIX-visit.c: tables of their members
 */
void emit_visit(const Emitter *emitter, GString *out);

/**
 * emit_commands_header() - PREFIX-commands.h: a function for each command
 */
void emit_commands_header(const Emitter *emitter, GString *out);

/**
 * emit_commands() - PREFIX-commands.c
 */
void emit_commands(const Emitter *emitter, GString *out);

/**
 * emit_events_header() - PREFIX-events.h: a struct and a handler for each event
 */
void emit_events_header(const Emitter *emitter, GString *out);

/**
 * emit_events() - PREFIX-events.c
 */
void emit_events(const Emitter *emitter, GString *out);

/**
 * emit_schema_header() - PREFIX-schema.h: the whole schema as data
 */
void emit_schema_header(const Emitter *emitter, GString *out);

/**
 * emit_schema() - PREFIX-schema.c
 */
void emit_schema(const Emitter *emitter, GString *out);

/**
 * emit_command_list() - PREFIX-commands.json: commands and events, for other programs
 */
void emit_command_list(const Emitter *emitter, GString *out);

/* ---- what they share ---- */

/**
 * emit_claim() - Take a C name of file scope
 *
 * Return: the name, with "_" behind it as often as it takes to be the only one
 */
const char *emit_claim(Emitter *emitter, const char *name);

/**
 * emit_c_type() - Type of a value as a member: "bool ", "char *", "QmpStatusInfo *"
 */
const char *emit_c_type(const Emitter *emitter, const Type *type);

/**
 * emit_c_param() - Type of a value as a parameter: "const QmpStatusInfo *"
 */
const char *emit_c_param(const Emitter *emitter, const Type *type);

/**
 * emit_table() - C name of a type's table: "qmp_status_info_type"
 */
const char *emit_table(const Emitter *emitter, const Type *type);

/**
 * emit_is_pointer() - Whether a value of a type is a pointer
 */
bool emit_is_pointer(const Type *type);

/**
 * emit_has() - Whether a member needs a has_ member beside it
 */
bool emit_has(const Member *member);

/**
 * emit_branch_is_there() - Whether a branch of a union or alternate holds anything
 */
bool emit_branch_is_there(const Type *type, const Member *branch);

/**
 * emit_sorted() - Commands or events by name, which is their order in every table
 *
 * Return: (owned) of Call
 */
GPtrArray *emit_sorted(const GPtrArray *calls);

/**
 * emit_flags() - C text of the flags that a condition and features make
 * @prefix: "QAPI" or "QAPI_COMMAND"
 * @first:  flags to begin with, or NULL
 */
char *emit_flags(const Emitter *emitter, const char *prefix, const char *first,
                 const char *condition, const GPtrArray *features);

/**
 * emit_c_string() - A C string literal, or NULL as a word
 */
char *emit_c_string(const Emitter *emitter, const char *text);

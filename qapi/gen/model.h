/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema means: types, commands and events, with every name resolved. */
#pragma once

#include "qapi/gen/parser.h"

typedef struct Type Type;

typedef struct {
    const char *name;
    const char *condition; /* e.g. "all(CONFIG_A, not(CONFIG_B))"; NULL when it is always there */
    Place place;
} Feature;

/* A value of an enum. */
typedef struct {
    const char *name;
    const char *condition;
    GPtrArray *features; /* of Feature */
    Place place;
    const char *in_c; /* "QMP_RUN_STATE_PAUSED" */
} EnumValue;

/* A member of a struct, or a branch of a union or alternate. */
typedef struct {
    const char *name;
    const char *type_name;
    bool is_array; /* of @type_name */
    bool optional;
    const char *condition;
    GPtrArray *features; /* of Feature */
    Place place;
    Type *type;  /* resolved */
    Type *owner; /* type that the schema gives it to */
} Member;

typedef enum { TYPE_BUILTIN, TYPE_ENUM, TYPE_ARRAY, TYPE_OBJECT, TYPE_ALTERNATE } TypeKind;

/* What a JSON value is, as far as an alternate can tell; in the order of QEMU's QType. */
typedef enum {
    JSON_NONE,
    JSON_NULL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_BOOL,
    JSON_KINDS
} JsonKind;

typedef struct {
    const char *name;
    const char *c_type;   /* with a blank at its end where one is needed */
    const char *c_param;  /* c_type as a parameter */
    const char *run_time; /* how the run time calls it: "int64" in qapi_int64_type */
    const char *c_list;   /* type of an array of it */
    bool is_pointer;
    JsonKind json;
} Builtin;

struct Type {
    TypeKind kind;
    const char *name;
    Place place;
    const char *condition;
    GPtrArray *features; /* of Feature */
    const Doc *doc;
    bool is_base;     /* implicit, and nothing but a base: its members are in the union itself */
    bool is_implicit; /* made for the members that a command, an event or a base has inline */
    /* TYPE_BUILTIN */
    const Builtin *builtin;
    /* TYPE_ENUM */
    GPtrArray *values; /* of EnumValue */
    const char *prefix;
    /* TYPE_ARRAY */
    Type *element;
    /* TYPE_OBJECT */
    const char *base_name;
    Place base_place;
    Type *base;
    GPtrArray *members; /* of Member: its own */
    const char *tag_name;
    Place tag_place;
    Member *tag;
    /* TYPE_OBJECT and TYPE_ALTERNATE */
    GPtrArray *branches; /* of Member; NULL for a struct */
    enum { UNCHECKED, CHECKING, CHECKED } state;
    /* in C */
    const char *c_type;  /* "QmpRunState" */
    const char *c_lower; /* "qmp_run_state" */
    const char *c_upper; /* "QMP_RUN_STATE" */
    bool is_used_as_array;
};

/* A command or an event. */
typedef struct {
    const char *name;
    Place place;
    const char *condition;
    GPtrArray *features; /* of Feature */
    const Doc *doc;
    const char *data_name; /* NULL when the members are inline, or none */
    Place data_place;
    Type *data; /* TYPE_OBJECT or TYPE_ALTERNATE; NULL for none */
    bool boxed;
    /* of a command only */
    const char *returns_name;
    bool returns_array;
    Place returns_place;
    Type *returns; /* NULL for none */
    bool gen;
    bool success_response;
    bool allow_oob;
    bool allow_preconfig;
    bool coroutine;
    /* in C */
    const char *c_lower; /* "qmp_query_status" */
    const char *c_send;  /* "qmp_query_status_send" */
    const char *c_oob;   /* "qmp_query_status_oob" */
    const char *c_upper; /* of an event: "QMP_EVENT_SHUTDOWN" */
} Call;

typedef struct {
    Arena *arena;
    const Definitions *definitions;
    GPtrArray *types;    /* of Type, in the order of the schema; no arrays, no built-in ones */
    GPtrArray *commands; /* of Call */
    GPtrArray *events;   /* of Call */
    GHashTable *by_name; /* name -> Type */
    GHashTable *places;  /* name of any definition -> Place */
    GHashTable *arrays;  /* name of the element -> Type */
} Schema;

/**
 * schema_build() - Make types, commands and events out of checked definitions
 *
 * Refuses a name that is defined twice. Names of types are not resolved yet.
 */
Schema *schema_build(Arena *arena, const Definitions *definitions, GError **error);

/**
 * schema_resolve() - Resolve every name and refuse what the language does not allow
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst
 */
bool schema_resolve(Schema *schema, GError **error);

/**
 * schema_load() - parse_definitions(), check_definitions(), schema_build() and schema_resolve()
 *
 * Return: NULL on failure; lives as long as the arena
 */
Schema *schema_load(Arena *arena, const char *path, SchemaReader reader, GError **error);

/**
 * schema_array_of() - The array type of an element
 */
Type *schema_array_of(Schema *schema, Type *element);

/**
 * schema_builtin_types() - Every type that the language has by itself
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Built-in Types"
 */
const Builtin *schema_builtin_types(size_t *out_count);

/**
 * type_flat_members() - Members of a struct or union, those of its bases first
 *
 * Return: (owned) of Member
 */
GPtrArray *type_flat_members(const Type *type);

/**
 * type_describe() - A type in words, e.g. "enum type \"RunState\""
 */
char *type_describe(Arena *arena, const Type *type);

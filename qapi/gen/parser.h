/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a schema and what it includes into a list of definitions. */
#pragma once

#include "qapi/gen/doc.h"
#include "qapi/gen/node.h"

/* What the schema asks of itself. Each list is a table of names. */
typedef struct {
    bool doc_required;
    GHashTable *command_name_exceptions;
    GHashTable *command_returns_exceptions;
    GHashTable *documentation_exceptions;
    GHashTable *member_name_exceptions;
} Pragma;

/* One top-level expression. @meta and @name are there once check_definitions() has passed. */
typedef struct {
    Node *expression;
    const Doc *doc; /* or NULL */
    const char *meta;
    const char *name;
    Place place;
} Definition;

typedef struct {
    GPtrArray *definitions; /* of Definition */
    GPtrArray *files;       /* of char *: every file that was read */
    Pragma pragma;
} Definitions;

/* Reads a file; the answer is free'd with g_free(). */
typedef char *(*SchemaReader)(const char *path, size_t *out_length, GError **error);

/**
 * schema_read_file() - The SchemaReader that reads files
 */
char *schema_read_file(const char *path, size_t *out_length, GError **error);

/**
 * parse_definitions() - Read a schema file and everything that it includes
 * @arena:  owner of the answer
 * @path:   file to begin with
 * @reader: how to read files
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Include directives", "Pragma directives"
 * Return: NULL on failure
 */
Definitions *parse_definitions(Arena *arena, const char *path, SchemaReader reader, GError **error);

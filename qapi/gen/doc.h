/* SPDX-License-Identifier: Apache-2.0 */
/* Documentation comments of a schema, as far as the language has rules for them. */
#pragma once

#include "qapi/gen/lexer.h"

typedef struct {
    const char *name;
    Place place;
} DocItem;

typedef struct {
    Place place;
    const char *symbol;  /* what it documents; NULL for free text */
    GPtrArray *members;  /* of DocItem: @member: sections */
    GPtrArray *features; /* of DocItem */
    bool has_returns;
    const char *summary; /* first paragraph; NULL when there is none */
} Doc;

/**
 * doc_parse() - Read a documentation comment, from its "##" to the token after it
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Documentation comments"
 * Return: NULL on failure
 */
Doc *doc_parse(Lexer *lexer, GError **error);

/**
 * doc_has() - Whether a list of sections has one of this name
 */
bool doc_has(const GPtrArray *items, const char *name);

/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts the text of a schema into tokens. */
#pragma once

#include "qapi/gen/arena.h"
#include "qapi/gen/place.h"

typedef enum {
    TOKEN_END = 0,
    TOKEN_STRING = '\'',
    TOKEN_TRUE = 't',
    TOKEN_FALSE = 'f',
    TOKEN_COMMENT = '#', /* a line of a documentation comment, "##" included */
    /* { } [ ] : , stand for themselves */
} TokenKind;

typedef struct {
    Arena *arena;
    const char *text;
    size_t length;
    size_t cursor;
    size_t line_start;
    unsigned line;
    /* the current token */
    int kind;          /* a TokenKind or the character itself */
    const char *value; /* of a string or a comment line */
    Place place;
} Lexer;

/**
 * lexer_init() - Begin at the start of a text; lexer_next() reads the first token
 * @file: for messages; must live as long as the arena
 */
void lexer_init(Lexer *lexer, Arena *arena, const char *file, const char *text, size_t length);

/**
 * lexer_next() - Read the next token outside documentation comments
 *
 * Ordinary comments are skipped; a line that begins a documentation comment is a token.
 *
 * Source: QEMU docs/devel/qapi-code-gen.rst, "Schema syntax"
 */
bool lexer_next(Lexer *lexer, GError **error);

/**
 * lexer_next_in_comment() - lexer_next() that gives every comment line
 */
bool lexer_next_in_comment(Lexer *lexer, GError **error);

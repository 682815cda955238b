/* SPDX-License-Identifier: Apache-2.0 */
/* Cuts the text of a schema into tokens. */
#include "qapi/gen/lexer.h"

#include <string.h>

void lexer_init(Lexer *lexer, Arena *arena, const char *file, const char *text, size_t length)
{
    *lexer = (Lexer){ .arena = arena, .text = text, .length = length, .line = 1 };
    lexer->place.file = file;
}

static int peek(const Lexer *lexer)
{
    return lexer->cursor < lexer->length ? (unsigned char) lexer->text[lexer->cursor] : -1;
}

static bool read_string(Lexer *lexer, GError **error)
{
    g_autoptr(GString) string = g_string_new(NULL);
    for (;;) {
        int c = peek(lexer);
        lexer->cursor++;
        if (c < 0 || c == '\n')
            return place_error(error, &lexer->place, "missing terminating \"'\"");
        if (c == '\'')
            break;
        /* Two backslashes are the one escape that the language has. */
        if (c == '\\') {
            c = peek(lexer);
            lexer->cursor++;
            if (c != '\\')
                return place_error(error, &lexer->place, "unknown escape \"\\%c\"",
                                   g_ascii_isprint((char) c) ? c : '?');
        }
        if (c < 32 || c >= 127)
            return place_error(error, &lexer->place, "funny character in string");
        g_string_append_c(string, (char) c);
    }
    lexer->value = arena_take(lexer->arena, g_string_free(g_steal_pointer(&string), FALSE));
    lexer->kind = TOKEN_STRING;
    return true;
}

static void read_comment(Lexer *lexer)
{
    size_t start = lexer->cursor - 1;
    const char *end = memchr(lexer->text + start, '\n', lexer->length - start);
    size_t length = end ? (size_t) (end - lexer->text) - start : lexer->length - start;
    lexer->cursor = start + length;
    if (length && lexer->text[start + length - 1] == '\r')
        length--;
    lexer->value = arena_take(lexer->arena, g_strndup(lexer->text + start, length));
    lexer->kind = TOKEN_COMMENT;
}

static bool read_word(Lexer *lexer, GError **error)
{
    static const struct {
        const char *word;
        int kind;
    } words[] = { { "true", TOKEN_TRUE }, { "false", TOKEN_FALSE } };
    const char *start = lexer->text + lexer->cursor - 1;
    size_t left = lexer->length - lexer->cursor + 1;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        size_t length = strlen(words[i].word);
        if (left < length || memcmp(start, words[i].word, length) != 0)
            continue;
        lexer->cursor += length - 1;
        lexer->kind = words[i].kind;
        return true;
    }
    size_t length = 1;
    while (length < left && length < 40 && !strchr("[]{}:,' \t\r\n", start[length]))
        length++;
    g_autofree char *stray = g_strndup(start, length);
    g_autofree char *shown = g_strescape(stray, NULL);
    return place_error(error, &lexer->place, "stray \"%s\"", shown);
}

static bool next(Lexer *lexer, bool every_comment, GError **error)
{
    lexer->value = NULL;
    for (;;) {
        lexer->place.line = lexer->line;
        lexer->place.column = (unsigned) (lexer->cursor - lexer->line_start) + 1;
        int c = peek(lexer);
        lexer->kind = TOKEN_END;
        if (c < 0)
            return true;
        lexer->cursor++;
        if (c == '\n') {
            lexer->line++;
            lexer->line_start = lexer->cursor;
        } else if (c == '#') {
            bool doc = peek(lexer) == '#';
            read_comment(lexer);
            if (doc || every_comment)
                return true;
        } else if (c && strchr("{}[]:,", c)) {
            lexer->kind = c;
            return true;
        } else if (c == '\'') {
            return read_string(lexer, error);
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\v') {
            return read_word(lexer, error);
        }
    }
}

bool lexer_next(Lexer *lexer, GError **error)
{
    return next(lexer, false, error);
}

bool lexer_next_in_comment(Lexer *lexer, GError **error)
{
    return next(lexer, true, error);
}

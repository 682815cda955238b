/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a schema and what it includes into a list of definitions. */
#include "qapi/gen/parser.h"

#include <string.h>

/* No construct of the language nests deeper than conditions do; this only bounds the stack. */
#define MAX_DEPTH 64
#define MAX_INCLUDES 64

typedef struct {
    Arena *arena;
    SchemaReader reader;
    Definitions *result;
    GHashTable *seen; /* canonical paths of files that were included or are being read */
    GPtrArray *stack; /* canonical paths of the files that are being read */
} Parser;

static bool parse_file(Parser *parser, const char *path, const Place *from, GError **error);

char *schema_read_file(const char *path, size_t *out_length, GError **error)
{
    char *text = NULL;
    return g_file_get_contents(path, &text, out_length, error) ? text : NULL;
}

/* ---- expressions ---- */

static Node *parse_value(Lexer *lexer, unsigned depth, GError **error);

static Node *parse_member(Lexer *lexer, Node *object, unsigned depth, GError **error)
{
    if (lexer->kind != TOKEN_STRING) {
        place_error(error, &lexer->place, "expected string");
        return NULL;
    }
    Node *key = node_new(lexer->arena, NODE_STRING, &lexer->place);
    key->text = lexer->value;
    if (!lexer_next(lexer, error))
        return NULL;
    if (lexer->kind != ':') {
        place_error(error, &lexer->place, "expected \":\"");
        return NULL;
    }
    if (node_get(object, key->text)) {
        place_error(error, &key->place, "duplicate key \"%s\"", key->text);
        return NULL;
    }
    if (!lexer_next(lexer, error))
        return NULL;
    Node *value = parse_value(lexer, depth, error);
    if (!value)
        return NULL;
    g_ptr_array_add(object->keys, key);
    g_ptr_array_add(object->items, value);
    return value;
}

static Node *parse_element(Lexer *lexer, Node *list, unsigned depth, GError **error)
{
    Node *value = parse_value(lexer, depth, error);
    if (value)
        g_ptr_array_add(list->items, value);
    return value;
}

/* The brackets of @node and what is between them. */
static bool parse_inside(Lexer *lexer, Node *node, int close, unsigned depth, GError **error)
{
    if (!lexer_next(lexer, error))
        return false;
    if (lexer->kind == close)
        return lexer_next(lexer, error);
    if (node->kind == NODE_OBJECT && lexer->kind != TOKEN_STRING)
        return place_error(error, &lexer->place, "expected string or \"}\"");
    for (;;) {
        Node *added = node->kind == NODE_OBJECT ? parse_member(lexer, node, depth, error)
                                                : parse_element(lexer, node, depth, error);
        if (!added)
            return false;
        if (lexer->kind == close)
            return lexer_next(lexer, error);
        if (lexer->kind != ',')
            return place_error(error, &lexer->place, "expected \",\" or \"%c\"", close);
        if (!lexer_next(lexer, error))
            return false;
    }
}

static Node *parse_value(Lexer *lexer, unsigned depth, GError **error)
{
    if (depth > MAX_DEPTH) {
        place_error(error, &lexer->place, "nested too deeply");
        return NULL;
    }
    Node *node = NULL;
    bool ok;
    switch (lexer->kind) {
    case '{':
        node = node_new(lexer->arena, NODE_OBJECT, &lexer->place);
        ok = parse_inside(lexer, node, '}', depth + 1, error);
        break;
    case '[':
        node = node_new(lexer->arena, NODE_LIST, &lexer->place);
        ok = parse_inside(lexer, node, ']', depth + 1, error);
        break;
    case TOKEN_STRING:
        node = node_new(lexer->arena, NODE_STRING, &lexer->place);
        node->text = lexer->value;
        ok = lexer_next(lexer, error);
        break;
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        node = node_new(lexer->arena, NODE_BOOL, &lexer->place);
        node->boolean = lexer->kind == TOKEN_TRUE;
        ok = lexer_next(lexer, error);
        break;
    default:
        ok = place_error(error, &lexer->place, "expected \"{\", \"[\", string, or boolean");
    }
    return ok ? node : NULL;
}

/* ---- directives ---- */

static bool pragma_list(GHashTable *names, const char *key, const Node *value, GError **error)
{
    bool ok = value->kind == NODE_LIST;
    for (guint i = 0; ok && i < value->items->len; i++) {
        const Node *item = value->items->pdata[i];
        ok = item->kind == NODE_STRING;
        if (ok)
            g_hash_table_add(names, (gpointer) item->text);
    }
    return ok || place_error(error, &value->place, "pragma \"%s\" must be a list of strings", key);
}

static bool one_pragma(Pragma *pragma, const Node *key, const Node *value, GError **error)
{
    const struct {
        const char *name;
        GHashTable *names;
    } lists[] = {
        { "command-name-exceptions", pragma->command_name_exceptions },
        { "command-returns-exceptions", pragma->command_returns_exceptions },
        { "documentation-exceptions", pragma->documentation_exceptions },
        { "member-name-exceptions", pragma->member_name_exceptions },
    };
    if (strcmp(key->text, "doc-required") == 0) {
        if (value->kind != NODE_BOOL)
            return place_error(error, &value->place, "pragma \"doc-required\" must be boolean");
        pragma->doc_required = value->boolean;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
        if (strcmp(key->text, lists[i].name) == 0)
            return pragma_list(lists[i].names, key->text, value, error);
    return place_error(error, &key->place, "unknown pragma \"%s\"", key->text);
}

static bool take_pragma(Parser *parser, const Node *expression, GError **error)
{
    const Node *value = node_get(expression, "pragma");
    if (expression->keys->len != 1)
        return place_error(error, &expression->place, "invalid \"pragma\" directive");
    if (value->kind != NODE_OBJECT)
        return place_error(error, &value->place, "value of \"pragma\" must be an object");
    for (guint i = 0; i < value->keys->len; i++)
        if (!one_pragma(&parser->result->pragma, value->keys->pdata[i], value->items->pdata[i],
                        error))
            return false;
    return true;
}

static bool take_include(Parser *parser, const Node *expression, GError **error)
{
    const Node *value = node_get(expression, "include");
    if (expression->keys->len != 1)
        return place_error(error, &expression->place, "invalid \"include\" directive");
    if (value->kind != NODE_STRING)
        return place_error(error, &value->place, "value of \"include\" must be a string");
    g_autofree char *folder = g_path_get_dirname(value->place.file);
    g_autofree char *path = g_path_is_absolute(value->text) || strcmp(folder, ".") == 0
                                ? g_strdup(value->text)
                                : g_build_filename(folder, value->text, NULL);
    return parse_file(parser, path, &value->place, error);
}

/* ---- files ---- */

static bool reject_doc(const Doc *doc, GError **error)
{
    return !doc || !doc->symbol ||
           place_error(error, &doc->place,
                       "documentation for \"%s\" is not followed by the definition", doc->symbol);
}

static bool take_expression(Parser *parser, Node *expression, const Doc *doc, GError **error)
{
    if (expression->kind != NODE_OBJECT)
        return place_error(error, &expression->place, "top-level expression must be an object");
    if (node_get(expression, "include"))
        return reject_doc(doc, error) && take_include(parser, expression, error);
    if (node_get(expression, "pragma"))
        return reject_doc(doc, error) && take_pragma(parser, expression, error);
    if (doc && !doc->symbol)
        return place_error(error, &doc->place, "definition documentation required");
    Definition *definition = arena_new0(parser->arena, Definition);
    definition->expression = expression;
    definition->doc = doc;
    definition->place = expression->place;
    g_ptr_array_add(parser->result->definitions, definition);
    return true;
}

static bool parse_text(Parser *parser, Lexer *lexer, GError **error)
{
    const Doc *doc = NULL;
    if (!lexer_next(lexer, error))
        return false;
    while (lexer->kind != TOKEN_END) {
        if (lexer->kind == TOKEN_COMMENT) {
            if (!reject_doc(doc, error) || !(doc = doc_parse(lexer, error)))
                return false;
            continue;
        }
        Node *expression = parse_value(lexer, 0, error);
        if (!expression || !take_expression(parser, expression, doc, error))
            return false;
        doc = NULL;
    }
    return reject_doc(doc, error);
}

static bool is_being_read(const Parser *parser, const char *canonical)
{
    for (guint i = 0; i < parser->stack->len; i++)
        if (strcmp(parser->stack->pdata[i], canonical) == 0)
            return true;
    return false;
}

static bool parse_file(Parser *parser, const char *path, const Place *from, GError **error)
{
    char *canonical = arena_take(parser->arena, g_canonicalize_filename(path, NULL));
    if (is_being_read(parser, canonical))
        return place_error(error, from, "inclusion loop for \"%s\"", path);
    if (parser->stack->len >= MAX_INCLUDES)
        return place_error(error, from, "files are included too deeply");
    if (!g_hash_table_add(parser->seen, canonical))
        return true;
    size_t length = 0;
    g_autoptr(GError) reason = NULL;
    g_autofree char *text = parser->reader(path, &length, &reason);
    if (!text && from)
        return place_error(error, from, "cannot read \"%s\": %s", path, reason->message);
    if (!text) {
        g_set_error(error, GEN_ERROR, GEN_ERROR_FILE, "cannot read \"%s\": %s", path,
                    reason->message);
        return false;
    }
    char *file = arena_printf(parser->arena, "%s", path);
    g_ptr_array_add(parser->result->files, file);
    g_ptr_array_add(parser->stack, canonical);
    Lexer lexer;
    lexer_init(&lexer, parser->arena, file, text, length);
    bool ok = parse_text(parser, &lexer, error);
    g_ptr_array_set_size(parser->stack, (gint) parser->stack->len - 1);
    return ok;
}

Definitions *parse_definitions(Arena *arena, const char *path, SchemaReader reader, GError **error)
{
    Definitions *result = arena_new0(arena, Definitions);
    result->definitions = arena_array(arena);
    result->files = arena_array(arena);
    result->pragma.command_name_exceptions = arena_table(arena);
    result->pragma.command_returns_exceptions = arena_table(arena);
    result->pragma.documentation_exceptions = arena_table(arena);
    result->pragma.member_name_exceptions = arena_table(arena);
    Parser parser = { .arena = arena,
                      .reader = reader,
                      .result = result,
                      .seen = arena_table(arena),
                      .stack = arena_array(arena) };
    return parse_file(&parser, path, NULL, error) ? result : NULL;
}

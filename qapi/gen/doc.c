/* SPDX-License-Identifier: Apache-2.0 */
/* Documentation comments of a schema, as far as the language has rules for them. */
#include "qapi/gen/doc.h"

#include <string.h>

/* What the lines that come belong to. */
typedef enum { IN_BODY, IN_MEMBERS, IN_FEATURES, IN_OTHER } Section;

typedef struct {
    Arena *arena;
    Doc *doc;
    Section section;
    GString *summary;
    bool summary_over;
    bool has_text;
} DocReader;

bool doc_has(const GPtrArray *items, const char *name)
{
    for (guint i = 0; i < items->len; i++)
        if (strcmp(((DocItem *) items->pdata[i])->name, name) == 0)
            return true;
    return false;
}

static bool add_item(DocReader *reader, GPtrArray *items, const char *name, size_t length,
                     const Place *place, GError **error)
{
    if (!length)
        return place_error(error, place, "invalid parameter name");
    DocItem *item = arena_new0(reader->arena, DocItem);
    item->name = arena_take(reader->arena, g_strndup(name, length));
    item->place = *place;
    if (doc_has(items, item->name))
        return place_error(error, place, "\"%s\" parameter name duplicated", item->name);
    g_ptr_array_add(items, item);
    return true;
}

static bool is_tag(const char *line)
{
    static const char *const tags[] = { "Returns:", "Errors:",   "Since:", "Note:", "Notes:",
                                        "Example:", "Examples:", "TODO:",  NULL };
    for (const char *const *tag = tags; *tag; tag++)
        if (g_str_has_prefix(line, *tag))
            return true;
    return false;
}

static void add_to_summary(DocReader *reader, const char *line)
{
    if (reader->section != IN_BODY)
        reader->summary_over = true;
    if (reader->summary_over)
        return;
    if (!*line && reader->summary->len) {
        reader->summary_over = true;
        return;
    }
    if (reader->summary->len)
        g_string_append_c(reader->summary, ' ');
    g_string_append(reader->summary, line);
}

static bool symbol_line(DocReader *reader, const char *line, const Place *place, GError **error)
{
    size_t length = strlen(line);
    if (line[length - 1] != ':')
        return place_error(error, place, "line should end with \":\"");
    if (length == 2)
        return place_error(error, place, "name required after \"@\"");
    reader->doc->symbol = arena_take(reader->arena, g_strndup(line + 1, length - 2));
    return true;
}

static bool definition_line(DocReader *reader, const char *line, const Place *place, GError **error)
{
    Doc *doc = reader->doc;
    const char *end = strchr(line, ' ');
    size_t length = end ? (size_t) (end - line) : strlen(line);
    if (length > 1 && line[0] == '@' && line[length - 1] == ':') {
        bool feature = reader->section == IN_FEATURES;
        if (!feature)
            reader->section = IN_MEMBERS;
        return add_item(reader, feature ? doc->features : doc->members, line + 1, length - 2, place,
                        error);
    }
    if (strcmp(line, "Features:") == 0) {
        reader->section = IN_FEATURES;
    } else if (is_tag(line)) {
        reader->section = IN_OTHER;
        doc->has_returns |= g_str_has_prefix(line, "Returns:");
    } else {
        add_to_summary(reader, line);
    }
    return true;
}

static bool take_line(DocReader *reader, const char *line, const Place *place, GError **error)
{
    if (!*line) {
        add_to_summary(reader, "");
        return true;
    }
    if (*line != ' ')
        return place_error(error, place, "missing space after \"#\"");
    line++;
    bool first = !reader->has_text;
    reader->has_text = true;
    if (first && line[0] == '@')
        return symbol_line(reader, line, place, error);
    if (line[0] == '=' && reader->doc->symbol)
        return place_error(error, place, "unexpected \"=\" markup in definition documentation");
    return !reader->doc->symbol || definition_line(reader, line, place, error);
}

static bool read_lines(DocReader *reader, Lexer *lexer, GError **error)
{
    while (lexer->kind == TOKEN_COMMENT) {
        if (g_str_has_prefix(lexer->value, "##")) {
            if (lexer->value[2])
                return place_error(error, &lexer->place,
                                   "junk after \"##\" at end of documentation comment");
            return lexer_next(lexer, error);
        }
        if (!take_line(reader, lexer->value + 1, &lexer->place, error) ||
            !lexer_next_in_comment(lexer, error))
            return false;
    }
    return place_error(error, &lexer->place, "documentation comment must end with \"##\"");
}

Doc *doc_parse(Lexer *lexer, GError **error)
{
    if (lexer->value[2]) {
        place_error(error, &lexer->place, "junk after \"##\" at start of documentation comment");
        return NULL;
    }
    Doc *doc = arena_new0(lexer->arena, Doc);
    doc->place = lexer->place;
    doc->members = arena_array(lexer->arena);
    doc->features = arena_array(lexer->arena);
    DocReader reader = { .arena = lexer->arena, .doc = doc, .summary = g_string_new(NULL) };
    bool ok = lexer_next_in_comment(lexer, error) && read_lines(&reader, lexer, error);
    char *summary = arena_take(lexer->arena, g_string_free(reader.summary, FALSE));
    if (*summary)
        doc->summary = summary;
    return ok ? doc : NULL;
}

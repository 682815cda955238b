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
    bool after_blank;
    bool seen[2];      /* of tags that may come once */
    const char *empty; /* tag that has no text yet; NULL for none */
    Place empty_place;
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

/* The first two may come once. */
static const char *const tags[] = { "Returns:", "Since:",    "Errors:", "Note:", "Notes:",
                                    "Example:", "Examples:", "TODO:",   NULL };

/* Which tag begins a line, or -1. */
static int find_tag(const char *line)
{
    for (int i = 0; tags[i]; i++)
        if (g_str_has_prefix(line, tags[i]))
            return i;
    return -1;
}

/* A tag needs a text, behind it or in the lines that follow. */
static bool end_section(const DocReader *reader, GError **error)
{
    return !reader->empty ||
           place_error(error, &reader->empty_place, "empty doc section \"%s\"", reader->empty);
}

static bool tag_line(DocReader *reader, int tag, const char *line, const Place *place,
                     GError **error)
{
    if (!end_section(reader, error))
        return false;
    if (tag < 2 && reader->seen[tag])
        return place_error(error, place, "duplicated \"%s\" section", tags[tag]);
    if (tag < 2)
        reader->seen[tag] = true;
    reader->section = IN_OTHER;
    reader->doc->has_returns = reader->seen[0];
    bool has_text = line[strlen(tags[tag]) + strspn(line + strlen(tags[tag]), " ")] != '\0';
    reader->empty = has_text ? NULL : tags[tag];
    reader->empty_place = *place;
    return true;
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

static bool member_line(DocReader *reader, const char *line, size_t length, const Place *place,
                        GError **error)
{
    GPtrArray *items =
        reader->section == IN_FEATURES ? reader->doc->features : reader->doc->members;
    if (reader->section == IN_OTHER)
        return place_error(error, place, "\"%.*s\" can't follow another section", (int) length,
                           line);
    if (reader->section == IN_BODY)
        reader->section = IN_MEMBERS;
    return add_item(reader, items, line + 1, length - 2, place, error);
}

static bool definition_line(DocReader *reader, const char *line, const Place *place, GError **error)
{
    size_t length = strcspn(line, " ");
    int tag = find_tag(line);
    if (length > 1 && line[0] == '@' && line[length - 1] == ':')
        return member_line(reader, line, length, place, error);
    if (tag >= 0)
        return tag_line(reader, tag, line, place, error);
    reader->empty = NULL;
    if (strcmp(line, "Features:") == 0)
        reader->section = IN_FEATURES;
    else if (reader->section != IN_BODY && reader->after_blank && line[0] != ' ')
        reader->section = IN_OTHER;
    else
        add_to_summary(reader, line);
    return true;
}

static bool take_line(DocReader *reader, const char *line, const Place *place, GError **error)
{
    if (*line && *line != ' ')
        return place_error(error, place, "missing space after \"#\"");
    line += *line == ' ';
    if (!line[strspn(line, " ")]) {
        add_to_summary(reader, "");
        reader->after_blank = true;
        return true;
    }
    bool first = !reader->has_text;
    reader->has_text = true;
    if (first && line[0] == '@')
        return symbol_line(reader, line, place, error);
    if (line[0] == '=' && reader->doc->symbol)
        return place_error(error, place, "unexpected \"=\" markup in definition documentation");
    bool ok = !reader->doc->symbol || definition_line(reader, line, place, error);
    reader->after_blank = false;
    return ok;
}

static bool read_lines(DocReader *reader, Lexer *lexer, GError **error)
{
    while (lexer->kind == TOKEN_COMMENT) {
        if (g_str_has_prefix(lexer->value, "##")) {
            if (lexer->value[2])
                return place_error(error, &lexer->place,
                                   "junk after \"##\" at end of documentation comment");
            return end_section(reader, error) && lexer_next(lexer, error);
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

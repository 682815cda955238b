/* SPDX-License-Identifier: Apache-2.0 */
/* A strict reader of XML property lists that knows line and key path of everything it refuses. */
#include "bundles/plist-private.h"

#include <stdarg.h>
#include <string.h>

#include "bundles/bundle.h"
#include "bundles/problem.h"

typedef struct {
    const char *at;
    const char *end;
    const char *counted; /* lines before this are in .line */
    int line;
    guint nodes;
    GPtrArray *problems; /* borrowed, or NULL */
    GError **error;
} Reader;

/* A tag: "<name …>", "<name …/>" or "</name>". */
typedef struct {
    const char *name;
    size_t length;
    bool closing;
    bool empty;
} Tag;

static PlistNode *read_element(Reader *r, const Tag *tag, const PlistPlace *place, int depth);

static int current_line(Reader *r)
{
    for (const char *p = r->counted; (p = memchr(p, '\n', (size_t) (r->at - p)));) {
        r->line++;
        p++;
        r->counted = p;
    }
    return r->line;
}

static void fail(Reader *r, const PlistPlace *place, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void fail(Reader *r, const PlistPlace *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *reason = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *path = plist_place_path(place);
    g_set_error(r->error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "line %d: %s%s%s", current_line(r),
                path, path[0] ? ": " : "", reason);
}

static bool starts(const Reader *r, const char *text)
{
    size_t length = strlen(text);
    return (size_t) (r->end - r->at) >= length && memcmp(r->at, text, length) == 0;
}

static void skip_space(Reader *r)
{
    while (r->at < r->end && g_ascii_isspace(*r->at))
        r->at++;
}

/* Moves behind the next @text; false when there is none. */
static bool skip_past(Reader *r, const char *text)
{
    const char *found = memmem(r->at, (size_t) (r->end - r->at), text, strlen(text));
    if (!found)
        return false;
    r->at = found + strlen(text);
    return true;
}

/* Skips blanks, comments and processing instructions. */
static bool skip_misc(Reader *r, const PlistPlace *place)
{
    for (;;) {
        skip_space(r);
        bool is_comment = starts(r, "<!--");
        if (!is_comment && !starts(r, "<?"))
            return true;
        const char *begin = r->at;
        r->at += is_comment ? 4 : 2;
        if (!skip_past(r, is_comment ? "-->" : "?>")) {
            r->at = begin;
            fail(r, place, "comment is not closed");
            return false;
        }
    }
}

static bool skip_doctype(Reader *r)
{
    if (!starts(r, "<!DOCTYPE"))
        return true;
    const char *close = memchr(r->at, '>', (size_t) (r->end - r->at));
    if (!close || memchr(r->at, '[', (size_t) (close - r->at))) {
        fail(r, NULL,
             close ? "document type with own declarations is refused"
                   : "document type is not closed");
        return false;
    }
    r->at = close + 1;
    return true;
}

static bool read_tag(Reader *r, const PlistPlace *place, Tag *out_tag)
{
    if (!skip_misc(r, place))
        return false;
    if (r->at >= r->end) {
        fail(r, place, "file ends too early");
        return false;
    }
    if (*r->at != '<') {
        fail(r, place, "text where an element is expected");
        return false;
    }
    const char *close = memchr(r->at, '>', (size_t) (r->end - r->at));
    if (!close) {
        fail(r, place, "file ends within a tag");
        return false;
    }
    const char *p = r->at + 1;
    out_tag->closing = *p == '/';
    p += out_tag->closing;
    out_tag->name = p;
    while (p < close && g_ascii_isalpha(*p))
        p++;
    out_tag->length = (size_t) (p - out_tag->name);
    out_tag->empty = close[-1] == '/' && close > out_tag->name;
    const char *rest = close - out_tag->empty;
    /* Only <plist> has attributes; nothing in them matters here. */
    bool has_rest = p < rest && !g_ascii_isspace(*p);
    if (out_tag->length == 0 || has_rest || (out_tag->closing && out_tag->empty)) {
        fail(r, place, "malformed tag");
        return false;
    }
    r->at = close + 1;
    return true;
}

static bool tag_is(const Tag *tag, const char *name)
{
    return strlen(name) == tag->length && memcmp(tag->name, name, tag->length) == 0;
}

/* One reference such as "&amp;" or "&#x41;" at r->at; appends what it stands for. */
static bool read_reference(Reader *r, const PlistPlace *place, GString *text)
{
    static const struct {
        const char *name;
        char c;
    } named[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }
    };
    for (size_t i = 0; i < G_N_ELEMENTS(named); i++)
        if (starts(r, named[i].name)) {
            r->at += strlen(named[i].name);
            g_string_append_c(text, named[i].c);
            return true;
        }
    const char *semicolon = memchr(r->at, ';', MIN((size_t) (r->end - r->at), 12));
    if (!semicolon || r->at[1] != '#') {
        fail(r, place, "unknown entity");
        return false;
    }
    bool is_hex = r->at[2] == 'x';
    g_autofree char *digits =
        g_strndup(r->at + 2 + is_hex, (size_t) (semicolon - r->at) - 2 - (is_hex ? 1 : 0));
    guint64 code;
    if (!g_ascii_string_to_unsigned(digits, is_hex ? 16 : 10, 1, 0x10ffff, &code, NULL) ||
        !g_unichar_validate((gunichar) code)) {
        fail(r, place, "malformed character reference");
        return false;
    }
    g_string_append_unichar(text, (gunichar) code);
    r->at = semicolon + 1;
    return true;
}

static bool skip_to_markup(Reader *r, const PlistPlace *place)
{
    while (r->at < r->end && *r->at != '<' && *r->at != '&')
        r->at++;
    if (r->at < r->end)
        return true;
    fail(r, place, "file ends too early");
    return false;
}

static bool read_close(Reader *r, const Tag *tag, const PlistPlace *place)
{
    Tag close;
    if (!read_tag(r, place, &close))
        return false;
    if (close.closing && close.length == tag->length &&
        memcmp(close.name, tag->name, tag->length) == 0)
        return true;
    fail(r, place, "element within <%.*s>", (int) tag->length, tag->name);
    return false;
}

/* The text up to the closing tag of @tag, references and CDATA resolved. NULL on failure. */
static char *read_text(Reader *r, const Tag *tag, const PlistPlace *place)
{
    if (tag->empty)
        return g_strdup("");
    const char *begin = r->at;
    if (!skip_to_markup(r, place))
        return NULL;
    /* Nearly every text is plain. */
    if (starts(r, "</")) {
        size_t length = (size_t) (r->at - begin);
        return read_close(r, tag, place) ? g_strndup(begin, length) : NULL;
    }
    r->at = begin;
    g_autoptr(GString) text = g_string_new(NULL);
    for (;;) {
        const char *from = r->at;
        if (!skip_to_markup(r, place))
            return NULL;
        g_string_append_len(text, from, r->at - from);
        if (*r->at == '&') {
            if (!read_reference(r, place, text))
                return NULL;
        } else if (starts(r, "<![CDATA[")) {
            r->at += strlen("<![CDATA[");
            const char *raw = r->at;
            if (!skip_past(r, "]]>")) {
                fail(r, place, "CDATA is not closed");
                return NULL;
            }
            g_string_append_len(text, raw, r->at - raw - 3);
        } else {
            return read_close(r, tag, place) ? g_string_free(g_steal_pointer(&text), FALSE) : NULL;
        }
    }
}

/* A value that is none: remembered as a problem, or the end. Takes @text. */
static PlistNode *malformed_take(Reader *r, const PlistPlace *place, int line, char *text,
                                 const char *what)
{
    if (!r->problems) {
        g_autofree char *path = plist_place_path(place);
        g_set_error(r->error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "line %d: %s%s\"%.80s\" is not %s", line, path, path[0] ? ": " : "", text,
                    what);
        g_free(text);
        return NULL;
    }
    g_autofree char *path = plist_place_path(place);
    problems_add(r->problems, PROBLEM_FATAL, path, line, text, "is not %s", what);
    PlistNode *node = plist_node_new(PLIST_TYPE_MALFORMED, line);
    node->text = text;
    return node;
}

/* Decimal or hexadecimal with an optional sign, and nothing else. */
static bool parse_integer(const char *text, PlistNode *node)
{
    bool negative = *text == '-';
    text += *text == '-' || *text == '+';
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    text += is_hex ? 2 : 0;
    guint64 magnitude;
    if (!g_ascii_isxdigit(*text) ||
        !g_ascii_string_to_unsigned(text, is_hex ? 16 : 10, 0, G_MAXUINT64, &magnitude, NULL))
        return false;
    if (negative && magnitude > (guint64) G_MAXINT64 + 1)
        return false;
    node->integer.is_unsigned = !negative && magnitude > G_MAXINT64;
    node->integer.value = (int64_t) (negative ? 0 - magnitude : magnitude);
    return true;
}

static PlistNode *read_number(Reader *r, const Tag *tag, const PlistPlace *place, int line)
{
    bool is_integer = tag_is(tag, "integer");
    char *text = read_text(r, tag, place);
    if (!text)
        return NULL;
    g_strstrip(text);
    g_autoptr(PlistNode) node = plist_node_new(PLIST_TYPE_INTEGER, line);
    if (is_integer ? !parse_integer(text, node) : !plist_real_is_valid(text))
        return malformed_take(r, place, line, text, is_integer ? "an integer" : "a number");
    if (is_integer) {
        g_free(text);
    } else {
        node->type = PLIST_TYPE_REAL;
        node->text = text;
    }
    return g_steal_pointer(&node);
}

static PlistNode *read_date(Reader *r, const Tag *tag, const PlistPlace *place, int line)
{
    char *text = read_text(r, tag, place);
    if (!text)
        return NULL;
    g_strstrip(text);
    int64_t time;
    if (!plist_date_parse(text, &time))
        return malformed_take(r, place, line, text, "a date");
    PlistNode *node = plist_node_new(PLIST_TYPE_DATE, line);
    node->text = text;
    return node;
}

/* Base64 with blanks anywhere; the number of digits and the padding must fit. */
static bool base64_is_valid(char *text)
{
    size_t length = 0;
    for (const char *p = text; *p; p++)
        if (!g_ascii_isspace(*p))
            text[length++] = *p;
    text[length] = '\0';
    size_t digits =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    size_t padding = strspn(text + digits, "=");
    return digits + padding == length && length % 4 == 0 && padding <= 2;
}

static PlistNode *read_data(Reader *r, const Tag *tag, const PlistPlace *place, int line)
{
    char *text = read_text(r, tag, place);
    if (!text)
        return NULL;
    if (!base64_is_valid(text))
        return malformed_take(r, place, line, text, "base64");
    PlistNode *node = plist_node_new(PLIST_TYPE_DATA, line);
    gsize size = 0;
    guchar *data = text[0] ? g_base64_decode(text, &size) : NULL;
    node->data = g_bytes_new_take(data, size);
    g_free(text);
    return node;
}

static PlistNode *read_array(Reader *r, const Tag *tag, const PlistPlace *place, int depth,
                             int line)
{
    g_autoptr(PlistNode) node = plist_node_new_array();
    node->line = line;
    PlistPlace inner = { .up = place };
    while (!tag->empty) {
        Tag next;
        if (!read_tag(r, &inner, &next))
            return NULL;
        if (next.closing && tag_is(&next, "array"))
            break;
        PlistNode *element = read_element(r, &next, &inner, depth + 1);
        if (!element)
            return NULL;
        g_ptr_array_add(node->array, element);
        inner.index++;
    }
    return g_steal_pointer(&node);
}

static PlistNode *read_dict(Reader *r, const Tag *tag, const PlistPlace *place, int depth, int line)
{
    g_autoptr(PlistNode) node = plist_node_new_dict_take(plist_dict_new());
    node->line = line;
    while (!tag->empty) {
        Tag next;
        if (!read_tag(r, place, &next))
            return NULL;
        if (next.closing && tag_is(&next, "dict"))
            break;
        if (next.closing || !tag_is(&next, "key")) {
            fail(r, place, "<%s%.*s> where a key is expected", next.closing ? "/" : "",
                 (int) next.length, next.name);
            return NULL;
        }
        g_autofree char *key = read_text(r, &next, place);
        if (!key)
            return NULL;
        PlistPlace inner = { .up = place, .key = key };
        if (!read_tag(r, &inner, &next))
            return NULL;
        PlistNode *value = read_element(r, &next, &inner, depth + 1);
        if (!value)
            return NULL;
        plist_dict_set_take(node->dict, key, value);
        if (plist_dict_size(node->dict) > PLIST_MAX_KEYS) {
            fail(r, place, "too many keys");
            return NULL;
        }
    }
    return g_steal_pointer(&node);
}

static PlistNode *read_boolean(Reader *r, const Tag *tag, const PlistPlace *place, int line)
{
    bool value = tag_is(tag, "true");
    g_autofree char *text = read_text(r, tag, place);
    if (!text)
        return NULL;
    if (*g_strstrip(text)) {
        fail(r, place, "text within <%.*s>", (int) tag->length, tag->name);
        return NULL;
    }
    PlistNode *node = plist_node_new_boolean(value);
    node->line = line;
    return node;
}

static PlistNode *read_string(Reader *r, const Tag *tag, const PlistPlace *place, int line)
{
    char *text = read_text(r, tag, place);
    if (!text)
        return NULL;
    PlistNode *node = plist_node_new(PLIST_TYPE_STRING, line);
    node->text = text;
    return node;
}

static PlistNode *read_element(Reader *r, const Tag *tag, const PlistPlace *place, int depth)
{
    int line = current_line(r);
    if (depth > PLIST_MAX_DEPTH || ++r->nodes > PLIST_MAX_NODES) {
        fail(r, depth > PLIST_MAX_DEPTH ? NULL : place,
             depth > PLIST_MAX_DEPTH ? "nested too deep" : "too many values");
        return NULL;
    }
    if (tag->closing) {
        fail(r, place, "</%.*s> where a value is expected", (int) tag->length, tag->name);
        return NULL;
    }
    if (tag_is(tag, "string"))
        return read_string(r, tag, place, line);
    if (tag_is(tag, "true") || tag_is(tag, "false"))
        return read_boolean(r, tag, place, line);
    if (tag_is(tag, "integer") || tag_is(tag, "real"))
        return read_number(r, tag, place, line);
    if (tag_is(tag, "dict"))
        return read_dict(r, tag, place, depth, line);
    if (tag_is(tag, "array"))
        return read_array(r, tag, place, depth, line);
    if (tag_is(tag, "data"))
        return read_data(r, tag, place, line);
    if (tag_is(tag, "date"))
        return read_date(r, tag, place, line);
    fail(r, place, "unknown element <%.*s>", (int) tag->length, tag->name);
    return NULL;
}

/* UTF-8 without NUL, which also keeps every string a C string. */
static bool check_encoding(Reader *r)
{
    const char *bad;
    if (g_utf8_validate_len(r->at, (gsize) (r->end - r->at), &bad))
        return true;
    r->at = bad;
    fail(r, NULL, "file is not UTF-8 text");
    return false;
}

PlistNode *plist_parse_xml(const char *data, size_t size, GPtrArray *problems, GError **error)
{
    Reader r = { .at = data,
                 .end = data + size,
                 .counted = data,
                 .line = 1,
                 .problems = problems,
                 .error = error };
    Tag tag, close;
    if (!check_encoding(&r))
        return NULL;
    if (starts(&r, "\xef\xbb\xbf"))
        r.at += 3;
    skip_space(&r);
    if (r.at == r.end || *r.at != '<') {
        fail(&r, NULL, r.at == r.end ? "file is empty" : "file is not an XML property list");
        return NULL;
    }
    if (!skip_misc(&r, NULL) || !skip_doctype(&r) || !read_tag(&r, NULL, &tag))
        return NULL;
    if (tag.closing || !tag_is(&tag, "plist") || tag.empty) {
        fail(&r, NULL, "file is not a property list");
        return NULL;
    }
    if (!read_tag(&r, NULL, &tag))
        return NULL;
    g_autoptr(PlistNode) root = read_element(&r, &tag, NULL, 0);
    if (!root || !read_tag(&r, NULL, &close))
        return NULL;
    if (!close.closing || !tag_is(&close, "plist") || !skip_misc(&r, NULL) || r.at != r.end) {
        if (!error || !*error)
            fail(&r, NULL, "something follows the property list");
        return NULL;
    }
    return g_steal_pointer(&root);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A strict JSON parser with limits that makes cJSON values, and exact integers in them. */
#include "qapi/json.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "qapi/qmp-error.h"

/* cJSON prints a double with %1.15g: up to here an integer comes out as its digits. */
#define MAX_PLAIN_DIGITS 15

/* Up to so many members, comparing each with each is cheaper than hashing. */
#define FEW_MEMBERS 12

const JsonLimits json_default_limits = {
    .max_bytes = 64 * 1024 * 1024,
    .max_depth = 1000,
    .max_values = 1024 * 1024,
};

typedef struct {
    const char *start;
    const char *at;
    const char *end;
    const JsonLimits *limits;
    size_t values;
    GError **error;
} Parser;

static bool parse_value(Parser *p, cJSON *item, unsigned depth);

G_GNUC_PRINTF(2, 3) static bool fail(Parser *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    qmp_error_set(p->error, QMP_ERROR_PROTOCOL, NULL, "invalid JSON at byte %zu: %s",
                  (size_t) (p->at - p->start), what);
    return false;
}

/* cJSON frees with its own hooks, so what it will free must come from them. */
static void *alloc(size_t size)
{
    void *memory = cJSON_malloc(size);
    if (!memory)
        g_error("out of memory: %zu bytes", size);
    return memory;
}

static cJSON *new_item(void)
{
    cJSON *item = alloc(sizeof(*item));
    memset(item, 0, sizeof(*item));
    return item;
}

static char *copy_text(const char *text, size_t length)
{
    char *copy = alloc(length + 1);
    memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static void skip_space(Parser *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool parse_hex4(Parser *p, unsigned *out_unit)
{
    if (p->end - p->at < 4)
        return fail(p, "\\u needs four hexadecimal digits");
    unsigned unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = g_ascii_xdigit_value(p->at[i]);
        if (digit < 0)
            return fail(p, "\\u needs four hexadecimal digits");
        unit = unit << 4 | (unsigned) digit;
    }
    p->at += 4;
    *out_unit = unit;
    return true;
}

/* After "\u": one character, from one escape or from two that make a surrogate pair. */
static bool parse_unicode(Parser *p, char **out)
{
    unsigned unit = 0;
    if (!parse_hex4(p, &unit))
        return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF)
        return fail(p, "second half of a surrogate pair without the first");
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        unsigned low = 0;
        if (p->end - p->at < 6 || p->at[0] != '\\' || p->at[1] != 'u')
            return fail(p, "first half of a surrogate pair without the second");
        p->at += 2;
        if (!parse_hex4(p, &low))
            return false;
        if (low < 0xDC00 || low > 0xDFFF)
            return fail(p, "first half of a surrogate pair without the second");
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    *out += g_unichar_to_utf8(unit ? unit : 0xFFFD, *out);
    return true;
}

static bool parse_escape(Parser *p, char **out)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";

    char c = *p->at++;
    if (c == 'u')
        return parse_unicode(p, out);
    const char *found = c ? strchr(names, c) : NULL;
    if (!found)
        return fail(p, "unknown escape in a string");
    *(*out)++ = values[found - names];
    return true;
}

static bool unescape(Parser *p, const char *close, char *out)
{
    while (p->at < close) {
        if (*p->at != '\\') {
            *out++ = *p->at++;
            continue;
        }
        p->at++;
        if (!parse_escape(p, &out))
            return false;
    }
    *out = '\0';
    return true;
}

/* With p->at behind the opening quote: finds the closing one. */
static const char *find_close(Parser *p, bool *out_escaped, bool *out_ascii)
{
    unsigned char seen = 0;
    for (const char *s = p->at; s < p->end; s++) {
        unsigned char c = (unsigned char) *s;
        seen |= c;
        if (c == '"') {
            *out_ascii = !(seen & 0x80);
            return s;
        }
        if (c == '\\') {
            *out_escaped = true;
            s++;
        } else if (c < 0x20) {
            p->at = s;
            (void) fail(p, "control character 0x%02x in a string", c);
            return NULL;
        }
    }
    (void) fail(p, "string does not end");
    return NULL;
}

static char *parse_string(Parser *p)
{
    bool escaped = false;
    bool ascii = true;
    p->at++;
    const char *close = find_close(p, &escaped, &ascii);
    if (!close)
        return NULL;
    size_t length = (size_t) (close - p->at);
    /* A byte behind a backslash escapes the mask above, so an escaped string is looked at whole. */
    const char *bad = NULL;
    if ((!ascii || escaped) && !g_utf8_validate_len(p->at, length, &bad)) {
        p->at = bad;
        (void) fail(p, "not UTF-8");
        return NULL;
    }
    char *text;
    if (escaped) {
        text = alloc(length + 1);
        if (!unescape(p, close, text)) {
            cJSON_free(text);
            return NULL;
        }
    } else {
        text = copy_text(p->at, length);
    }
    p->at = close + 1;
    return text;
}

static int saturate(double value)
{
    return value >= INT_MAX ? INT_MAX : value <= INT_MIN ? INT_MIN : (int) value;
}

static void set_number(cJSON *item, double value)
{
    item->type = cJSON_Number;
    item->valuedouble = value;
    item->valueint = saturate(value);
}

/* Steps over digits; their count. */
static size_t skip_digits(Parser *p)
{
    const char *from = p->at;
    while (p->at < p->end && g_ascii_isdigit(*p->at))
        p->at++;
    return (size_t) (p->at - from);
}

static bool parse_fraction(Parser *p, cJSON *item, const char *from)
{
    if (p->at < p->end && *p->at == '.') {
        p->at++;
        if (!skip_digits(p))
            return fail(p, "digit expected behind the decimal point");
    }
    if (p->at < p->end && (*p->at == 'e' || *p->at == 'E')) {
        p->at++;
        if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
            p->at++;
        if (!skip_digits(p))
            return fail(p, "digit expected in the exponent");
    }
    g_autofree char *text = g_strndup(from, (size_t) (p->at - from));
    double value = g_ascii_strtod(text, NULL);
    if (!isfinite(value))
        return fail(p, "number is too large");
    set_number(item, value);
    return true;
}

static bool parse_number(Parser *p, cJSON *item)
{
    const char *from = p->at;
    bool negative = *p->at == '-';
    p->at += negative;
    const char *first = p->at;
    size_t digits = skip_digits(p);
    if (!digits)
        return fail(p, negative ? "digit expected" : "value expected");
    if (digits > 1 && *first == '0')
        return fail(p, "number begins with 0");
    if (p->at < p->end && (*p->at == '.' || *p->at == 'e' || *p->at == 'E'))
        return parse_fraction(p, item, from);
    if (digits <= MAX_PLAIN_DIGITS) {
        int64_t value = 0;
        for (const char *s = first; s < p->at; s++)
            value = value * 10 + (*s - '0');
        set_number(item, (double) (negative ? -value : value));
        return true;
    }
    item->type = cJSON_Raw;
    item->valuestring = copy_text(from, (size_t) (p->at - from));
    item->valuedouble = g_ascii_strtod(item->valuestring, NULL);
    item->valueint = saturate(item->valuedouble);
    return true;
}

static bool parse_literal(Parser *p, cJSON *item, const char *word, int type)
{
    size_t length = strlen(word);
    if ((size_t) (p->end - p->at) < length || memcmp(p->at, word, length) != 0)
        return fail(p, "value expected");
    p->at += length;
    item->type = type;
    item->valueint = type == cJSON_True;
    return true;
}

static void append(cJSON *parent, cJSON *child)
{
    if (!parent->child) {
        parent->child = child;
    } else {
        parent->child->prev->next = child;
        child->prev = parent->child->prev;
    }
    parent->child->prev = child;
}

static bool parse_array(Parser *p, cJSON *item, unsigned depth)
{
    item->type = cJSON_Array;
    p->at++;
    skip_space(p);
    if (p->at < p->end && *p->at == ']') {
        p->at++;
        return true;
    }
    for (;;) {
        cJSON *child = new_item();
        append(item, child);
        if (!parse_value(p, child, depth))
            return false;
        skip_space(p);
        if (p->at >= p->end)
            return fail(p, "array does not end");
        if (*p->at == ']') {
            p->at++;
            return true;
        }
        if (*p->at != ',')
            return fail(p, "\",\" or \"]\" expected");
        p->at++;
    }
}

static bool duplicate(Parser *p, const cJSON *member)
{
    return fail(p, "member \"%.100s\" is there twice", member->string);
}

static bool members_differ(Parser *p, const cJSON *object, size_t count)
{
    if (count <= FEW_MEMBERS) {
        for (const cJSON *a = object->child; a; a = a->next)
            for (const cJSON *b = a->next; b; b = b->next)
                if (a->string[0] == b->string[0] && strcmp(a->string, b->string) == 0)
                    return duplicate(p, b);
        return true;
    }
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (const cJSON *a = object->child; a; a = a->next)
        if (!g_hash_table_add(seen, a->string))
            return duplicate(p, a);
    return true;
}

/* Names that most of QMP's traffic consists of, by their length: they need no memory of their own. */
static const char *const frequent[][10] = {
    [2] = { "id" },
    [3] = { "tag" },
    [4] = { "name", "type", "data", "case", "size", "file" },
    [5] = { "event", "error", "class", "state" },
    [6] = { "return", "status", "device", "values", "format" },
    [7] = { "default", "members", "seconds", "execute" },
    [8] = { "features", "variants", "arg-type", "ret-type", "filename", "exec-oob" },
    [9] = { "meta-type", "json-type", "timestamp", "arguments", "node-name" },
    [12] = { "element-type", "microseconds", "virtual-size" },
};

/* A frequent name behind the opening quote at p->at, which is stepped over; or NULL. */
static const char *parse_frequent(Parser *p)
{
    const char *name = p->at + 1;
    const char *close = memchr(name, '"', MIN(G_N_ELEMENTS(frequent), (size_t) (p->end - name)));
    size_t length = close ? (size_t) (close - name) : G_N_ELEMENTS(frequent);
    if (length >= G_N_ELEMENTS(frequent))
        return NULL;
    for (const char *const *found = frequent[length]; *found; found++) {
        if (memcmp(*found, name, length) == 0) {
            p->at = close + 1;
            return *found;
        }
    }
    return NULL;
}

static bool parse_member(Parser *p, cJSON *child, unsigned depth)
{
    skip_space(p);
    if (p->at >= p->end || *p->at != '"')
        return fail(p, "member name expected");
    const char *shared = parse_frequent(p);
    child->string = shared ? (char *) shared : parse_string(p);
    if (!child->string)
        return false;
    if (shared)
        child->type = cJSON_StringIsConst;
    skip_space(p);
    if (p->at >= p->end || *p->at != ':')
        return fail(p, "\":\" expected");
    p->at++;
    bool ok = parse_value(p, child, depth);
    if (shared)
        child->type |= cJSON_StringIsConst;
    return ok;
}

static bool parse_object(Parser *p, cJSON *item, unsigned depth)
{
    item->type = cJSON_Object;
    p->at++;
    skip_space(p);
    if (p->at < p->end && *p->at == '}') {
        p->at++;
        return true;
    }
    for (size_t count = 1;; count++) {
        cJSON *child = new_item();
        append(item, child);
        if (!parse_member(p, child, depth))
            return false;
        skip_space(p);
        if (p->at >= p->end)
            return fail(p, "object does not end");
        if (*p->at == '}') {
            p->at++;
            return members_differ(p, item, count);
        }
        if (*p->at != ',')
            return fail(p, "\",\" or \"}\" expected");
        p->at++;
    }
}

static bool parse_value(Parser *p, cJSON *item, unsigned depth)
{
    skip_space(p);
    if (p->at >= p->end)
        return fail(p, "value expected");
    if (++p->values > p->limits->max_values)
        return fail(p, "more than %zu values", p->limits->max_values);
    switch (*p->at) {
    case '{':
    case '[':
        if (depth >= p->limits->max_depth)
            return fail(p, "nested deeper than %u", p->limits->max_depth);
        return *p->at == '{' ? parse_object(p, item, depth + 1) : parse_array(p, item, depth + 1);
    case '"':
        item->type = cJSON_String;
        item->valuestring = parse_string(p);
        return item->valuestring != NULL;
    case 't':
        return parse_literal(p, item, "true", cJSON_True);
    case 'f':
        return parse_literal(p, item, "false", cJSON_False);
    case 'n':
        return parse_literal(p, item, "null", cJSON_NULL);
    default:
        return parse_number(p, item);
    }
}

cJSON *json_parse(const char *text, size_t length, const JsonLimits *limits, GError **error)
{
    Parser p = { .start = text,
                 .at = text,
                 .end = text + length,
                 .limits = limits ? limits : &json_default_limits,
                 .error = error };
    if (length > p.limits->max_bytes) {
        (void) fail(&p, "longer than %zu bytes", p.limits->max_bytes);
        return NULL;
    }
    g_autoptr(cJSON) value = new_item();
    if (!parse_value(&p, value, 0))
        return NULL;
    skip_space(&p);
    if (p.at < p.end) {
        (void) fail(&p, "something follows the value");
        return NULL;
    }
    return g_steal_pointer(&value);
}

bool json_is_number(const cJSON *value)
{
    if (!value)
        return false;
    int type = value->type & 0xFF;
    return type == cJSON_Number ||
           (type == cJSON_Raw && value->valuestring &&
            (g_ascii_isdigit(value->valuestring[0]) || value->valuestring[0] == '-'));
}

bool json_get_int64(const cJSON *value, int64_t *out_int)
{
    if (!json_is_number(value))
        return false;
    if ((value->type & 0xFF) == cJSON_Number) {
        double d = value->valuedouble;
        /* -2^63 is a double, 2^63 - 1 is not: the upper bound is exclusive. */
        if (!(d >= -0x1p63 && d < 0x1p63) || d != trunc(d))
            return false;
        *out_int = (int64_t) d;
        return true;
    }
    char *end = NULL;
    errno = 0;
    int64_t result = g_ascii_strtoll(value->valuestring, &end, 10);
    if (errno || *end)
        return false;
    *out_int = result;
    return true;
}

bool json_get_uint64(const cJSON *value, uint64_t *out_int)
{
    if (!json_is_number(value))
        return false;
    if ((value->type & 0xFF) == cJSON_Number) {
        double d = value->valuedouble;
        if (!(d >= 0 && d < 0x1p64) || d != trunc(d))
            return false;
        *out_int = (uint64_t) d;
        return true;
    }
    char *end = NULL;
    errno = 0;
    uint64_t result = g_ascii_strtoull(value->valuestring, &end, 10);
    if (errno || *end || value->valuestring[0] == '-')
        return false;
    *out_int = result;
    return true;
}

bool json_get_double(const cJSON *value, double *out_double)
{
    if (!json_is_number(value))
        return false;
    if ((value->type & 0xFF) == cJSON_Number)
        *out_double = value->valuedouble;
    else
        *out_double = g_ascii_strtod(value->valuestring, NULL);
    return true;
}

static cJSON *new_raw(const char *text)
{
    cJSON *item = new_item();
    item->type = cJSON_Raw;
    item->valuestring = copy_text(text, strlen(text));
    item->valuedouble = g_ascii_strtod(text, NULL);
    item->valueint = saturate(item->valuedouble);
    return item;
}

cJSON *json_new_int64(int64_t value)
{
    if (value >= -999999999999999 && value <= 999999999999999) {
        cJSON *item = new_item();
        set_number(item, (double) value);
        return item;
    }
    char text[32];
    g_snprintf(text, sizeof(text), "%" G_GINT64_FORMAT, value);
    return new_raw(text);
}

cJSON *json_new_uint64(uint64_t value)
{
    if (value <= INT64_MAX)
        return json_new_int64((int64_t) value);
    char text[32];
    g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, value);
    return new_raw(text);
}

cJSON *json_new_double(double value)
{
    g_assert(isfinite(value));
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    return new_raw(g_ascii_dtostr(text, sizeof(text), value));
}

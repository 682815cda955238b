/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of a property list: nodes, dictionaries, and reading a file into it. */
#include "bundles/plist.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundles/bundle.h"
#include "bundles/plist-private.h"

typedef struct {
    char *key;
    PlistNode *node;
} Entry;

/* In file order; the dictionaries of a machine are small enough for linear search. */
struct PlistDict {
    GArray *entries; /* (owned) of Entry */
};

static void entry_clear(gpointer data)
{
    Entry *entry = data;
    g_free(entry->key);
    plist_node_free(entry->node);
}

PlistNode *plist_node_new(PlistType type, int line)
{
    PlistNode *node = g_new0(PlistNode, 1);
    node->type = type;
    node->line = line;
    return node;
}

void plist_node_free(PlistNode *node)
{
    if (!node)
        return;
    switch (node->type) {
    case PLIST_TYPE_DICT:
        plist_dict_free(node->dict);
        break;
    case PLIST_TYPE_ARRAY:
        g_clear_pointer(&node->array, g_ptr_array_unref);
        break;
    case PLIST_TYPE_DATA:
        g_clear_pointer(&node->data, g_bytes_unref);
        break;
    case PLIST_TYPE_STRING:
    case PLIST_TYPE_REAL:
    case PLIST_TYPE_DATE:
    case PLIST_TYPE_MALFORMED:
        g_free(node->text);
        break;
    case PLIST_TYPE_INTEGER:
    case PLIST_TYPE_BOOLEAN:
        break;
    }
    g_free(node);
}

void plist_dict_free(PlistDict *dict)
{
    if (!dict)
        return;
    g_array_unref(dict->entries);
    g_free(dict);
}

PlistNode *plist_node_new_dict_take(PlistDict *dict)
{
    PlistNode *node = plist_node_new(PLIST_TYPE_DICT, 0);
    node->dict = dict;
    return node;
}

PlistNode *plist_node_new_array(void)
{
    PlistNode *node = plist_node_new(PLIST_TYPE_ARRAY, 0);
    node->array = g_ptr_array_new_with_free_func((GDestroyNotify) plist_node_free);
    return node;
}

PlistNode *plist_node_new_string(const char *text)
{
    PlistNode *node = plist_node_new(PLIST_TYPE_STRING, 0);
    node->text = g_strdup(text);
    return node;
}

PlistNode *plist_node_new_integer(int64_t value)
{
    PlistNode *node = plist_node_new(PLIST_TYPE_INTEGER, 0);
    node->integer.value = value;
    return node;
}

PlistNode *plist_node_new_real(double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    PlistNode *node = plist_node_new(PLIST_TYPE_REAL, 0);
    /* Apple writes zero as 0.0 and every other number as short as it can. */
    node->text = g_strdup(value == 0 ? "0.0" : g_ascii_dtostr(text, sizeof text, value));
    return node;
}

PlistNode *plist_node_new_boolean(bool value)
{
    PlistNode *node = plist_node_new(PLIST_TYPE_BOOLEAN, 0);
    node->boolean = value;
    return node;
}

PlistNode *plist_node_new_data(const void *data, size_t size)
{
    PlistNode *node = plist_node_new(PLIST_TYPE_DATA, 0);
    node->data = g_bytes_new(data, size);
    return node;
}

PlistNode *plist_node_new_date(int64_t unix_time)
{
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(unix_time);
    PlistNode *node = plist_node_new(PLIST_TYPE_DATE, 0);
    node->text =
        time ? g_date_time_format(time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("1970-01-01T00:00:00Z");
    return node;
}

PlistNode *plist_node_copy(const PlistNode *node)
{
    if (!node)
        return NULL;
    PlistNode *copy = plist_node_new(node->type, node->line);
    switch (node->type) {
    case PLIST_TYPE_DICT:
        copy->dict = plist_dict_copy(node->dict);
        break;
    case PLIST_TYPE_ARRAY:
        copy->array = g_ptr_array_new_with_free_func((GDestroyNotify) plist_node_free);
        for (guint i = 0; i < node->array->len; i++)
            g_ptr_array_add(copy->array, plist_node_copy(node->array->pdata[i]));
        break;
    case PLIST_TYPE_DATA:
        copy->data = g_bytes_ref(node->data);
        break;
    case PLIST_TYPE_INTEGER:
        copy->integer = node->integer;
        break;
    case PLIST_TYPE_BOOLEAN:
        copy->boolean = node->boolean;
        break;
    default:
        copy->text = g_strdup(node->text);
    }
    return copy;
}

static bool dict_equal(const PlistDict *a, const PlistDict *b)
{
    if (a->entries->len != b->entries->len)
        return false;
    for (guint i = 0; i < a->entries->len; i++) {
        const Entry *entry = &g_array_index(a->entries, Entry, i);
        if (!plist_node_equal(entry->node, plist_dict_get(b, entry->key)))
            return false;
    }
    return true;
}

static bool array_equal(const GPtrArray *a, const GPtrArray *b)
{
    if (a->len != b->len)
        return false;
    for (guint i = 0; i < a->len; i++)
        if (!plist_node_equal(a->pdata[i], b->pdata[i]))
            return false;
    return true;
}

bool plist_node_equal(const PlistNode *a, const PlistNode *b)
{
    if (!a || !b || a->type != b->type)
        return a == b;
    switch (a->type) {
    case PLIST_TYPE_DICT:
        return dict_equal(a->dict, b->dict);
    case PLIST_TYPE_ARRAY:
        return array_equal(a->array, b->array);
    case PLIST_TYPE_INTEGER:
        return a->integer.value == b->integer.value &&
               a->integer.is_unsigned == b->integer.is_unsigned;
    case PLIST_TYPE_REAL:
        return g_ascii_strtod(a->text, NULL) == g_ascii_strtod(b->text, NULL);
    case PLIST_TYPE_BOOLEAN:
        return a->boolean == b->boolean;
    case PLIST_TYPE_DATA:
        return g_bytes_equal(a->data, b->data);
    default:
        return strcmp(a->text, b->text) == 0;
    }
}

const char *plist_node_type_name(const PlistNode *node)
{
    static const char *const names[] = {
        [PLIST_TYPE_DICT] = "a dictionary",   [PLIST_TYPE_ARRAY] = "an array",
        [PLIST_TYPE_STRING] = "a string",     [PLIST_TYPE_INTEGER] = "an integer",
        [PLIST_TYPE_REAL] = "a real",         [PLIST_TYPE_BOOLEAN] = "a boolean",
        [PLIST_TYPE_DATA] = "data",           [PLIST_TYPE_DATE] = "a date",
        [PLIST_TYPE_MALFORMED] = "malformed",
    };
    return names[node->type];
}

char *plist_node_text(const PlistNode *node)
{
    switch (node->type) {
    case PLIST_TYPE_DICT:
        return g_strdup("dictionary");
    case PLIST_TYPE_ARRAY:
        return g_strdup("array");
    case PLIST_TYPE_INTEGER:
        return node->integer.is_unsigned
                   ? g_strdup_printf("%" G_GUINT64_FORMAT, (guint64) node->integer.value)
                   : g_strdup_printf("%" G_GINT64_FORMAT, (gint64) node->integer.value);
    case PLIST_TYPE_BOOLEAN:
        return g_strdup(node->boolean ? "true" : "false");
    case PLIST_TYPE_DATA: {
        size_t size;
        const guchar *data = g_bytes_get_data(node->data, &size);
        return size ? g_base64_encode(data, size) : g_strdup("");
    }
    default:
        return g_strdup(node->text);
    }
}

bool plist_node_real(const PlistNode *node, double *out_value)
{
    if (node && node->type == PLIST_TYPE_REAL)
        *out_value = g_ascii_strtod(node->text, NULL);
    else if (node && node->type == PLIST_TYPE_INTEGER)
        *out_value = node->integer.is_unsigned ? (double) (uint64_t) node->integer.value
                                               : (double) node->integer.value;
    else
        return false;
    return true;
}

bool plist_node_date(const PlistNode *node, int64_t *out_unix_time)
{
    return node && node->type == PLIST_TYPE_DATE && plist_date_parse(node->text, out_unix_time);
}

bool plist_node_integer(const PlistNode *node, int64_t *out_value)
{
    if (node->type == PLIST_TYPE_INTEGER && !node->integer.is_unsigned) {
        *out_value = node->integer.value;
        return true;
    }
    if (node->type != PLIST_TYPE_REAL)
        return false;
    double value = g_ascii_strtod(node->text, NULL);
    /* 2^63 is exact as a double; NaN fails both comparisons. */
    if (!(value >= -9223372036854775808.0 && value < 9223372036854775808.0) ||
        value != trunc(value))
        return false;
    *out_value = (int64_t) value;
    return true;
}

PlistDict *plist_dict_new(void)
{
    PlistDict *dict = g_new0(PlistDict, 1);
    dict->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
    g_array_set_clear_func(dict->entries, entry_clear);
    return dict;
}

PlistDict *plist_dict_copy(const PlistDict *dict)
{
    if (!dict)
        return NULL;
    PlistDict *copy = plist_dict_new();
    for (guint i = 0; i < dict->entries->len; i++) {
        const Entry *entry = &g_array_index(dict->entries, Entry, i);
        Entry twin = { g_strdup(entry->key), plist_node_copy(entry->node) };
        g_array_append_val(copy->entries, twin);
    }
    return copy;
}

static Entry *find(const PlistDict *dict, const char *key, guint *out_index)
{
    for (guint i = 0; dict && i < dict->entries->len; i++) {
        Entry *entry = &g_array_index(dict->entries, Entry, i);
        if (strcmp(entry->key, key) == 0) {
            if (out_index)
                *out_index = i;
            return entry;
        }
    }
    return NULL;
}

const PlistNode *plist_dict_get(const PlistDict *dict, const char *key)
{
    const Entry *entry = find(dict, key, NULL);
    return entry ? entry->node : NULL;
}

static const PlistNode *get_typed(const PlistDict *dict, const char *key, PlistType type)
{
    const PlistNode *node = plist_dict_get(dict, key);
    return node && node->type == type ? node : NULL;
}

const char *plist_dict_get_string(const PlistDict *dict, const char *key)
{
    const PlistNode *node = get_typed(dict, key, PLIST_TYPE_STRING);
    return node ? node->text : NULL;
}

const PlistDict *plist_dict_get_dict(const PlistDict *dict, const char *key)
{
    const PlistNode *node = get_typed(dict, key, PLIST_TYPE_DICT);
    return node ? node->dict : NULL;
}

const GPtrArray *plist_dict_get_array(const PlistDict *dict, const char *key)
{
    const PlistNode *node = get_typed(dict, key, PLIST_TYPE_ARRAY);
    return node ? node->array : NULL;
}

int64_t plist_dict_get_integer(const PlistDict *dict, const char *key, int64_t fallback)
{
    const PlistNode *node = plist_dict_get(dict, key);
    int64_t value;
    return node && plist_node_integer(node, &value) ? value : fallback;
}

bool plist_dict_get_boolean(const PlistDict *dict, const char *key, bool fallback)
{
    const PlistNode *node = get_typed(dict, key, PLIST_TYPE_BOOLEAN);
    return node ? node->boolean : fallback;
}

void plist_dict_set_take(PlistDict *dict, const char *key, PlistNode *node)
{
    Entry *entry = find(dict, key, NULL);
    if (entry) {
        plist_node_free(entry->node);
        entry->node = node;
        return;
    }
    Entry added = { g_strdup(key), node };
    g_array_append_val(dict->entries, added);
}

void plist_dict_set_string(PlistDict *dict, const char *key, const char *text)
{
    if (text)
        plist_dict_set_take(dict, key, plist_node_new_string(text));
    else
        (void) plist_dict_remove(dict, key);
}

bool plist_dict_remove(PlistDict *dict, const char *key)
{
    guint index;
    if (!find(dict, key, &index))
        return false;
    g_array_remove_index(dict->entries, index);
    return true;
}

guint plist_dict_size(const PlistDict *dict)
{
    return dict ? dict->entries->len : 0;
}

const char *plist_dict_key_at(const PlistDict *dict, guint index, const PlistNode **out_node)
{
    const Entry *entry = &g_array_index(dict->entries, Entry, index);
    if (out_node)
        *out_node = entry->node;
    return entry->key;
}

bool plist_real_is_valid(const char *text)
{
    const char *p = text + (*text == '-' || *text == '+');
    static const char *const words[] = { "nan", "inf", "infinity" };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(p, words[i]) == 0)
            return true;
    bool digits = false;
    for (; g_ascii_isdigit(*p); p++)
        digits = true;
    if (*p == '.')
        for (p++; g_ascii_isdigit(*p); p++)
            digits = true;
    if (!digits)
        return false;
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '-' || *p == '+';
        if (!g_ascii_isdigit(*p))
            return false;
        while (g_ascii_isdigit(*p))
            p++;
    }
    return *p == '\0';
}

bool plist_date_parse(const char *text, int64_t *out_unix_time)
{
    if (strlen(text) != 20 || text[19] != 'Z')
        return false;
    g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, NULL);
    if (!time)
        return false;
    *out_unix_time = g_date_time_to_unix(time);
    return true;
}

PlistNode *plist_parse(const char *data, size_t size, GPtrArray *problems, GError **error)
{
    if (size > PLIST_MAX_BYTES) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "property list is larger than %d MiB", PLIST_MAX_BYTES >> 20);
        return NULL;
    }
    if (size == 0)
        data = ""; /* so that it may be NULL */
    if (size >= 8 && memcmp(data, "bplist", 6) == 0)
        return plist_parse_binary(data, size, error);
    return plist_parse_xml(data, size, problems, error);
}

/* Reads a whole regular file. Not g_file_get_contents(): a FIFO or a huge file must not hang us. */
static char *read_file(const char *path, size_t *out_size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        int code = errno == ENOENT || errno == ENOTDIR ? BUNDLE_ERROR_NOT_FOUND : BUNDLE_ERROR_IO;
        g_set_error(error, BUNDLE_ERROR, code, "cannot open \"%s\": %s", path, g_strerror(errno));
        return NULL;
    }
    struct stat st;
    g_autofree char *data = NULL;
    size_t used = 0;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "\"%s\" is not a regular file",
                    path);
    } else if (st.st_size > PLIST_MAX_BYTES) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "\"%s\" is larger than %d MiB", path,
                    PLIST_MAX_BYTES >> 20);
    } else {
        data = g_malloc((size_t) st.st_size + 1);
        ssize_t got = 0;
        while (used < (size_t) st.st_size &&
               ((got = read(fd, data + used, (size_t) st.st_size - used)) > 0 ||
                (got < 0 && errno == EINTR)))
            used += got > 0 ? (size_t) got : 0;
        if (got < 0) {
            g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_IO, "cannot read \"%s\": %s", path,
                        g_strerror(errno));
            g_clear_pointer(&data, g_free);
        }
    }
    close(fd);
    *out_size = used;
    return g_steal_pointer(&data);
}

PlistNode *plist_parse_file(const char *path, GPtrArray *problems, GError **error)
{
    size_t size;
    g_autofree char *data = read_file(path, &size, error);
    return data ? plist_parse(data, size, problems, error) : NULL;
}

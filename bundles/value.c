/* SPDX-License-Identifier: Apache-2.0 */
/* Finding, reading and changing values by key path. */
#include "bundles/value.h"

#include <string.h>

#include "bundles/bundle.h"
#include "bundles/record.h"

static bool not_found(const char *path, const char *reason, GError **error)
{
    g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_NOT_FOUND, "key \"%s\" %s", path, reason);
    return false;
}

static bool invalid(const char *path, const char *reason, GError **error)
{
    g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "key \"%s\" %s", path, reason);
    return false;
}

/* Splits "Name[3]" into name and index (-1 without brackets). */
static bool split_step(char *step, int *out_index)
{
    char *open = strchr(step, '[');
    *out_index = -1;
    if (!open)
        return *step != '\0';
    guint64 index;
    size_t length = strlen(open);
    if (length < 3 || open[length - 1] != ']')
        return false;
    open[length - 1] = '\0';
    if (!g_ascii_string_to_unsigned(open + 1, 10, 0, G_MAXINT, &index, NULL))
        return false;
    *open = '\0';
    *out_index = (int) index;
    return true;
}

static char **strings_of(const ConfigRef *ref)
{
    return *(char ***) record_field(ref->key, ref->record);
}

static bool has_element(const ConfigRef *ref)
{
    guint index = (guint) ref->index;
    if (ref->key->type == CONFIG_RECORDS) {
        const GPtrArray *array = record_array(ref->key, ref->record);
        return array && index < array->len;
    }
    return ref->key->type == CONFIG_STRINGS && index < g_strv_length(strings_of(ref));
}

/* The record that a reference to one stands for. */
static void *ref_record(const ConfigRef *ref)
{
    if (ref->key->type == CONFIG_RECORDS)
        return record_array(ref->key, ref->record)->pdata[ref->index];
    return record_sub(ref->key, ref->record);
}

/* @may_make: an optional record on the way is made when it is absent. */
static bool find(const UtmConfig *config, const char *path, bool may_make, ConfigRef *out_ref,
                 GError **error)
{
    g_auto(GStrv) steps = g_strsplit(path, ".", -1);
    ConfigRef ref = { .table = config_table(config), .record = (void *) config };
    if (!*steps)
        return not_found(path, "is empty", error);
    for (char **step = steps; *step; step++) {
        if (!split_step(*step, &ref.index))
            return not_found(path, "is malformed", error);
        ref.key = config_key_find(ref.table, *step);
        if (!ref.key)
            return not_found(path, "does not exist", error);
        if (ref.index >= 0 && !has_element(&ref))
            return not_found(path, "has no such element", error);
        if (!step[1])
            break;
        bool is_record =
            ref.key->type == CONFIG_RECORD || (ref.key->type == CONFIG_RECORDS && ref.index >= 0);
        if (!is_record)
            return not_found(path, "does not exist", error);
        if (!ref_record(&ref) && may_make)
            *(void **) record_field(ref.key, ref.record) = record_new(ref.key->table);
        ref.record = ref_record(&ref);
        if (!ref.record)
            return not_found(path, "is not set", error);
        ref.table = ref.key->table;
    }
    *out_ref = ref;
    return true;
}

bool config_find(const UtmConfig *config, const char *path, ConfigRef *out_ref, GError **error)
{
    return find(config, path, false, out_ref, error);
}

/* --- Reading ------------------------------------------------------------------------------- */

/* ["a","b"], with what JSON escapes escaped. */
static char *strings_text(char **strings)
{
    GString *text = g_string_new("[");
    for (char **string = strings; string && *string; string++) {
        g_string_append(text, string == strings ? "\"" : ",\"");
        for (const char *c = *string; *c; c++) {
            if (*c == '"' || *c == '\\')
                g_string_append_printf(text, "\\%c", *c);
            else if ((unsigned char) *c < 0x20)
                g_string_append_printf(text, "\\u%04x", (unsigned) *c);
            else
                g_string_append_c(text, *c);
        }
        g_string_append_c(text, '"');
    }
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

static char *data_text(GBytes *data)
{
    gsize size;
    const guchar *bytes = g_bytes_get_data(data, &size);
    return size ? g_base64_encode(bytes, size) : g_strdup("");
}

char *config_ref_text(const ConfigRef *ref)
{
    const ConfigKey *key = ref->key;
    if (key->type == CONFIG_RECORD || key->type == CONFIG_RECORDS || !record_has(key, ref->record))
        return NULL;
    int64_t number;
    switch (key->type) {
    case CONFIG_BOOL:
        return g_strdup(record_number(key, ref->record) ? "true" : "false");
    case CONFIG_INT:
        number = record_number(key, ref->record);
        return g_strdup_printf("%" G_GINT64_FORMAT, (gint64) number);
    case CONFIG_ENUM:
        return g_strdup(config_word(key->words, (unsigned) record_number(key, ref->record)));
    case CONFIG_STRINGS:
        return ref->index >= 0 ? g_strdup(strings_of(ref)[ref->index])
                               : strings_text(strings_of(ref));
    case CONFIG_DATA:
        return data_text(*(GBytes **) record_field(key, ref->record));
    default:
        return g_strdup(*(char **) record_field(key, ref->record));
    }
}

char *config_get(const UtmConfig *config, const char *path, GError **error)
{
    ConfigRef ref;
    if (!config_find(config, path, &ref, error))
        return NULL;
    if (ref.key->type == CONFIG_RECORD || ref.key->type == CONFIG_RECORDS) {
        (void) invalid(path, "is a group of keys, not a value", error);
        return NULL;
    }
    char *text = config_ref_text(&ref);
    return text ? text : g_strdup("");
}

static void add_values(const ConfigTable *table, const void *record, const char *prefix,
                       GPtrArray *values);

static void add_value(const ConfigKey *key, const void *record, const char *path, GPtrArray *values)
{
    if (key->type == CONFIG_RECORD) {
        if (record_has(key, record))
            add_values(key->table, record_sub(key, record), path, values);
        return;
    }
    if (key->type == CONFIG_RECORDS) {
        const GPtrArray *array = record_array(key, record);
        for (guint i = 0; array && i < array->len; i++) {
            g_autofree char *inner = g_strdup_printf("%s[%u]", path, i);
            add_values(key->table, array->pdata[i], inner, values);
        }
        return;
    }
    ConfigRef ref = { .key = key, .record = (void *) record, .index = -1 };
    char *text = config_ref_text(&ref);
    if (text) {
        g_ptr_array_add(values, g_strdup(path));
        g_ptr_array_add(values, text);
    }
}

static void add_values(const ConfigTable *table, const void *record, const char *prefix,
                       GPtrArray *values)
{
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        g_autofree char *path =
            *prefix ? g_strdup_printf("%s.%s", prefix, key->name) : g_strdup(key->name);
        add_value(key, record, path, values);
    }
}

GPtrArray *config_values(const UtmConfig *config)
{
    GPtrArray *values = g_ptr_array_new_with_free_func(g_free);
    add_values(config_table(config), config, "", values);
    return values;
}

/* --- Changing ------------------------------------------------------------------------------ */

static bool parse_bool(const char *text, int64_t *out_value)
{
    static const char *const words[] = { "false", "true", "no", "yes", "off", "on", "0", "1" };
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (g_ascii_strcasecmp(text, words[i]) == 0) {
            *out_value = i % 2;
            return true;
        }
    return false;
}

/* Keys that count MiB take a unit: 4G is 4096. */
static bool parse_int(const ConfigKey *key, const char *text, int64_t *out_value)
{
    static const char units[] = "MGT";
    bool is_mib = strcmp(key->name, "MemorySize") == 0 || strcmp(key->name, "VgaRamMib") == 0 ||
                  strcmp(key->name, "JITCacheSize") == 0;
    g_autofree char *digits = g_strdup(text);
    size_t length = strlen(digits);
    const char *unit =
        is_mib && length > 1 ? strchr(units, g_ascii_toupper(digits[length - 1])) : NULL;
    if (unit)
        digits[length - 1] = '\0';
    int shift = unit ? 10 * (int) (unit - units) : 0;
    gint64 value;
    if (!g_ascii_string_to_signed(digits, 10, G_MININT64 >> shift, G_MAXINT64 >> shift, &value,
                                  NULL))
        return false;
    *out_value = value * (1LL << shift);
    return true;
}

static bool parse_word(const char *const *words, const char *text, int64_t *out_value)
{
    for (unsigned i = 0; words[i]; i++)
        if (g_ascii_strcasecmp(words[i], text) == 0) {
            *out_value = i;
            return true;
        }
    return false;
}

static bool set_number(const ConfigRef *ref, const char *path, const char *text, GError **error)
{
    const ConfigKey *key = ref->key;
    int64_t value;
    if (key->type == CONFIG_BOOL && !parse_bool(text, &value)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "%s: \"%s\" is neither true nor false", path, text);
        return false;
    }
    if (key->type == CONFIG_ENUM && !parse_word(key->words, text, &value)) {
        g_autofree char *words = g_strjoinv(", ", (char **) key->words);
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "%s: \"%s\" is not one of %s", path,
                    text, words);
        return false;
    }
    if (key->type == CONFIG_INT && !parse_int(key, text, &value)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "%s: \"%s\" is not a number", path,
                    text);
        return false;
    }
    bool is_limited = key->minimum || key->maximum;
    if (is_limited && (value < key->minimum || value > key->maximum)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "%s: %s is not in the range %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, path,
                    text, (gint64) key->minimum, (gint64) key->maximum);
        return false;
    }
    record_set_number(key, ref->record, value);
    if (key->has_offset)
        *(bool *) ((char *) ref->record + key->has_offset) = true;
    return true;
}

/* A list written as ["a","b"]; NULL when @text is no such list. */
static char **parse_strings(const char *text)
{
    g_autoptr(GVariant) list = g_variant_parse(G_VARIANT_TYPE_STRING_ARRAY, text, NULL, NULL, NULL);
    return list ? g_variant_dup_strv(list, NULL) : NULL;
}

static bool set_strings(const ConfigRef *ref, const char *path, const char *text, GError **error)
{
    char ***strings = record_field(ref->key, ref->record);
    if (!g_utf8_validate(text, -1, NULL))
        return invalid(path, "must be UTF-8 text", error);
    if (ref->index >= 0) {
        g_free((*strings)[ref->index]);
        (*strings)[ref->index] = g_strdup(text);
        return true;
    }
    char **list = NULL;
    if (text[0] == '[') {
        list = parse_strings(text);
        if (!list)
            return invalid(path, "takes a list such as [\"a\",\"b\"]", error);
    } else {
        list = g_new0(char *, 2);
        list[0] = *text ? g_strdup(text) : NULL;
    }
    g_strfreev(*strings);
    *strings = list;
    return true;
}

static bool set_string(const ConfigRef *ref, const char *path, const char *text, GError **error)
{
    const ConfigKey *key = ref->key;
    ProblemKind kind;
    int64_t word = -1;
    const char *reason = !g_utf8_validate(text, -1, NULL) ? "is not UTF-8 text"
                                                          : config_value_problem(key, text, &kind);
    bool is_mac = strcmp(key->name, "MacAddress") == 0;
    if (!reason && is_mac && !config_mac_is_valid(text))
        reason = "is not a unicast MAC address such as 52:54:00:12:34:56";
    if (!reason && key->words && !parse_word(key->words, text, &word))
        reason = "is not known to UTM";
    if (!reason && !*text && (key->flags & CONFIG_KEY_REQUIRED))
        reason = "is empty";
    if (reason) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "%s: \"%s\" %s", path, text, reason);
        return false;
    }
    char **field = record_field(key, ref->record);
    g_free(*field);
    *field = word >= 0                            ? g_strdup(key->words[word])
             : key->type == CONFIG_UUID || is_mac ? g_ascii_strup(text, -1)
                                                  : g_strdup(text);
    return true;
}

static bool set_data(const ConfigRef *ref, const char *path, const char *text, GError **error)
{
    gsize size;
    g_autofree guchar *data = *text ? g_base64_decode(text, &size) : NULL;
    if (!data)
        return invalid(path, "takes base64", error);
    GBytes **field = record_field(ref->key, ref->record);
    g_clear_pointer(field, g_bytes_unref);
    *field = g_bytes_new(data, size);
    return true;
}

static bool set_ref(const ConfigRef *ref, const char *path, const char *text, GError **error)
{
    if (ref->key->flags & CONFIG_KEY_FIXED)
        return invalid(path, "is not for changing", error);
    switch (ref->key->type) {
    case CONFIG_BOOL:
    case CONFIG_INT:
    case CONFIG_ENUM:
        return set_number(ref, path, text, error);
    case CONFIG_STRINGS:
        return set_strings(ref, path, text, error);
    case CONFIG_STRING:
    case CONFIG_UUID:
        return set_string(ref, path, text, error);
    case CONFIG_DATA:
        return set_data(ref, path, text, error);
    default:
        return invalid(path, "is a group of keys, not a value", error);
    }
}

bool config_set(UtmConfig *config, const char *path, const char *text, GError **error)
{
    ConfigRef ref;
    /* Tried on a copy first, because finding may make a record. */
    g_autoptr(UtmConfig) trial = utm_config_copy(config);
    if (!find(trial, path, true, &ref, error) || !set_ref(&ref, path, text, error))
        return false;
    return find(config, path, true, &ref, error) && set_ref(&ref, path, text, error);
}

bool config_unset(UtmConfig *config, const char *path, GError **error)
{
    ConfigRef ref;
    if (!config_find(config, path, &ref, error))
        return false;
    const ConfigKey *key = ref.key;
    void *field = record_field(key, ref.record);
    bool is_required = key->flags & CONFIG_KEY_REQUIRED;
    if (key->flags & CONFIG_KEY_FIXED || ref.index >= 0)
        return invalid(path, "cannot be unset", error);
    switch (key->type) {
    case CONFIG_RECORDS:
        g_ptr_array_set_size(record_array(key, ref.record), 0);
        return true;
    case CONFIG_RECORD:
        if (!(key->flags & CONFIG_KEY_POINTER))
            return invalid(path, "is in every machine", error);
        record_free(key->table, *(void **) field);
        *(void **) field = NULL;
        return true;
    case CONFIG_BOOL:
    case CONFIG_INT:
    case CONFIG_ENUM:
        record_set_number(key, ref.record,
                          is_required       ? key->base
                          : key->absent_for ? key->absent_for(ref.record)
                                            : key->absent);
        if (key->has_offset)
            *(bool *) ((char *) ref.record + key->has_offset) = false;
        return true;
    case CONFIG_STRINGS:
        g_strfreev(*(char ***) field);
        *(char ***) field = g_new0(char *, 1);
        return true;
    case CONFIG_DATA:
        if (is_required)
            return invalid(path, "is in every machine", error);
        g_clear_pointer((GBytes **) field, g_bytes_unref);
        return true;
    default:
        if (is_required && !key->base_text)
            return invalid(path, "is in every machine", error);
        g_free(*(char **) field);
        *(char **) field = is_required ? g_strdup(key->base_text) : NULL;
        return true;
    }
}

/* What must differ from record to record. */
static void make_unique(const ConfigTable *table, void *record)
{
    const ConfigKey *identifier = config_key_find(table, "Identifier");
    const ConfigKey *mac = config_key_find(table, "MacAddress");
    if (identifier)
        *(char **) record_field(identifier, record) = config_new_uuid();
    if (mac)
        *(char **) record_field(mac, record) = config_new_mac();
}

bool config_add(UtmConfig *config, const char *path, guint *out_index, GError **error)
{
    ConfigRef ref;
    if (!config_find(config, path, &ref, error))
        return false;
    if (ref.key->type != CONFIG_RECORDS || ref.index >= 0)
        return invalid(path, "is not a list that something can be added to", error);
    void *record = record_new(ref.key->table);
    make_unique(ref.key->table, record);
    GPtrArray *array = record_array(ref.key, ref.record);
    g_ptr_array_add(array, record);
    if (out_index)
        *out_index = array->len - 1;
    return true;
}

bool config_remove(UtmConfig *config, const char *path, GError **error)
{
    ConfigRef ref;
    if (!config_find(config, path, &ref, error))
        return false;
    if (ref.index < 0)
        return invalid(path, "does not name one element, such as Drive[1]", error);
    if (ref.key->type == CONFIG_RECORDS) {
        g_ptr_array_remove_index(record_array(ref.key, ref.record), (guint) ref.index);
        return true;
    }
    char **at = strings_of(&ref) + ref.index;
    g_free(*at);
    for (; *at; at++)
        at[0] = at[1];
    return true;
}

/* --- Keys ---------------------------------------------------------------------------------- */

static void key_path_free(gpointer data)
{
    ConfigKeyPath *path = data;
    g_free(path->path);
    g_free(path);
}

static void add_key_paths(const ConfigTable *table, const char *prefix, GPtrArray *paths)
{
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        bool is_array = key->type == CONFIG_RECORDS;
        ConfigKeyPath *entry = g_new0(ConfigKeyPath, 1);
        entry->key = key;
        entry->path =
            g_strconcat(prefix, *prefix ? "." : "", key->name, is_array ? "[]" : "", NULL);
        g_ptr_array_add(paths, entry);
        if (key->table)
            add_key_paths(key->table, entry->path, paths);
    }
}

GPtrArray *config_key_paths(const ConfigTable *table)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(key_path_free);
    add_key_paths(table, "", paths);
    return paths;
}

char *config_key_default(const ConfigKey *key)
{
    switch (key->type) {
    case CONFIG_BOOL:
        return g_strdup(key->base ? "true" : "false");
    case CONFIG_INT:
        return key->has_offset ? NULL : g_strdup_printf("%" G_GINT64_FORMAT, (gint64) key->base);
    case CONFIG_ENUM:
        return g_strdup(config_word(key->words, (unsigned) key->base));
    case CONFIG_STRINGS:
        return g_strdup("[]");
    default:
        return g_strdup(key->base_text);
    }
}

const char *config_key_type_name(const ConfigKey *key)
{
    static const char *const names[] = {
        [CONFIG_BOOL] = "boolean",
        [CONFIG_INT] = "integer",
        [CONFIG_ENUM] = "word",
        [CONFIG_STRING] = "string",
        [CONFIG_UUID] = "UUID",
        [CONFIG_STRINGS] = "list of strings",
        [CONFIG_DATA] = "data",
        [CONFIG_RECORD] = "group of keys",
        [CONFIG_RECORDS] = "list of groups",
    };
    return names[key->type];
}

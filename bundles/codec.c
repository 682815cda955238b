/* SPDX-License-Identifier: Apache-2.0 */
/* Between dictionaries and records: reading with every problem noted, writing without losing
 * anything. */
#include <string.h>

#include "bundles/record.h"

/* The value of a boolean, number or enum key in @node; false when it is of another type. */
static bool read_number(const ConfigKey *key, const PlistDict *dict, const PlistNode *node,
                        int64_t *out_value)
{
    unsigned word;
    if (key->read_old && key->read_old(dict, node, out_value))
        return true;
    switch (key->type) {
    case CONFIG_BOOL:
        if (node->type != PLIST_TYPE_BOOLEAN)
            return false;
        *out_value = node->boolean;
        return true;
    case CONFIG_INT:
        return plist_node_integer(node, out_value);
    default:
        if (node->type != PLIST_TYPE_STRING || !config_word_value(key->words, node->text, &word))
            return false;
        *out_value = word;
        return true;
    }
}

static const char *expected(const ConfigKey *key)
{
    static const char *const names[] = {
        [CONFIG_BOOL] = "a boolean",
        [CONFIG_INT] = "an integer",
        [CONFIG_ENUM] = "a string",
        [CONFIG_STRING] = "a string",
        [CONFIG_UUID] = "a string",
        [CONFIG_STRINGS] = "an array of strings",
        [CONFIG_DATA] = "data",
        [CONFIG_RECORD] = "a dictionary",
        [CONFIG_RECORDS] = "an array of dictionaries",
    };
    return names[key->type];
}

static void wrong_type(const ConfigKey *key, const PlistNode *node, const PlistPlace *place,
                       GPtrArray *problems)
{
    /* A malformed value has been noted by the parser. */
    if (node->type == PLIST_TYPE_MALFORMED)
        return;
    problems_add_at(problems, PROBLEM_FATAL, place, node->line, NULL, "is %s where %s is needed",
                    plist_node_type_name(node), expected(key));
}

static void unknown_word(const ConfigKey *key, const PlistNode *node, const PlistPlace *place,
                         GPtrArray *problems)
{
    g_autofree char *words = g_strjoinv(", ", (char **) key->words);
    problems_add_at(problems, PROBLEM_FATAL, place, node->line, node->text, "is not one of %s",
                    words);
}

static void decode_number(const ConfigKey *key, void *record, const PlistDict *dict,
                          const PlistNode *node, const PlistPlace *place, GPtrArray *problems)
{
    int64_t value;
    if (read_number(key, dict, node, &value)) {
        record_set_number(key, record, value);
        if (key->has_offset)
            *(bool *) ((char *) record + key->has_offset) = true;
    } else if (key->type == CONFIG_ENUM && node->type == PLIST_TYPE_STRING) {
        unknown_word(key, node, place, problems);
    } else {
        wrong_type(key, node, place, problems);
    }
}

static void decode_string(const ConfigKey *key, void *record, const PlistNode *node,
                          const PlistPlace *place, GPtrArray *problems)
{
    if (node->type != PLIST_TYPE_STRING) {
        wrong_type(key, node, place, problems);
        return;
    }
    ProblemKind kind;
    unsigned unused;
    const char *reason = config_value_problem(key, node->text, &kind);
    /* Semantic problems are for record_validate(): a file that has them still opens. */
    if (reason && kind == PROBLEM_FATAL)
        problems_add_at(problems, kind, place, node->line, node->text, "%s", reason);
    else if (key->words && !config_word_value(key->words, node->text, &unused))
        unknown_word(key, node, place, problems);
    else
        *(char **) record_field(key, record) =
            key->type == CONFIG_UUID ? g_ascii_strup(node->text, -1) : g_strdup(node->text);
}

static void decode_strings(const ConfigKey *key, void *record, const PlistNode *node,
                           const PlistPlace *place, GPtrArray *problems)
{
    if (node->type != PLIST_TYPE_ARRAY) {
        wrong_type(key, node, place, problems);
        return;
    }
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (guint i = 0; i < node->array->len; i++) {
        const PlistNode *element = node->array->pdata[i];
        if (element->type == PLIST_TYPE_STRING) {
            g_strv_builder_add(builder, element->text);
        } else if (element->type != PLIST_TYPE_MALFORMED) {
            PlistPlace inner = { .up = place, .index = i };
            problems_add_at(problems, PROBLEM_FATAL, &inner, element->line, NULL,
                            "is %s where a string is needed", plist_node_type_name(element));
        }
    }
    *(char ***) record_field(key, record) = g_strv_builder_end(builder);
}

/* Takes the dictionary out of a node, leaving an empty one that marks the place. */
static PlistDict *take_dict(PlistNode *node)
{
    PlistDict *dict = node->dict;
    node->dict = plist_dict_new();
    return dict;
}

static void decode_record(const ConfigKey *key, void *record, PlistNode *node,
                          const PlistPlace *place, GPtrArray *problems)
{
    if (node->type != PLIST_TYPE_DICT) {
        wrong_type(key, node, place, problems);
        return;
    }
    void *sub = record_field(key, record);
    if (key->flags & CONFIG_KEY_POINTER)
        sub = *(void **) sub = g_malloc0(key->table->size);
    record_decode(key->table, sub, take_dict(node), place, node->line, problems);
}

static void decode_records(const ConfigKey *key, void *record, PlistNode *node,
                           const PlistPlace *place, GPtrArray *problems)
{
    if (node->type != PLIST_TYPE_ARRAY) {
        wrong_type(key, node, place, problems);
        return;
    }
    GPtrArray *array = record_array(key, record);
    for (guint i = 0; i < node->array->len; i++) {
        PlistNode *element = node->array->pdata[i];
        PlistPlace inner = { .up = place, .index = i };
        if (element->type != PLIST_TYPE_DICT) {
            problems_add_at(problems, PROBLEM_FATAL, &inner, element->line, NULL,
                            "is %s where a dictionary is needed", plist_node_type_name(element));
            continue;
        }
        void *sub = g_malloc0(key->table->size);
        g_ptr_array_add(array, sub);
        record_decode(key->table, sub, take_dict(element), &inner, element->line, problems);
    }
    g_ptr_array_set_size(node->array, 0);
}

static void decode_data(const ConfigKey *key, void *record, const PlistNode *node,
                        const PlistPlace *place, GPtrArray *problems)
{
    if (node->type == PLIST_TYPE_DATA)
        *(GBytes **) record_field(key, record) = g_bytes_ref(node->data);
    else
        wrong_type(key, node, place, problems);
}

static void decode_value(const ConfigKey *key, void *record, const PlistDict *dict, PlistNode *node,
                         const PlistPlace *place, GPtrArray *problems)
{
    switch (key->type) {
    case CONFIG_BOOL:
    case CONFIG_INT:
    case CONFIG_ENUM:
        decode_number(key, record, dict, node, place, problems);
        break;
    case CONFIG_STRING:
    case CONFIG_UUID:
        decode_string(key, record, node, place, problems);
        break;
    case CONFIG_STRINGS:
        decode_strings(key, record, node, place, problems);
        break;
    case CONFIG_DATA:
        decode_data(key, record, node, place, problems);
        break;
    case CONFIG_RECORD:
        decode_record(key, record, node, place, problems);
        break;
    case CONFIG_RECORDS:
        decode_records(key, record, node, place, problems);
        break;
    }
}

/* A key's node; one that says "$null" counts as absent, as it does for Apple's decoder. */
static const PlistNode *lookup(const ConfigKey *key, const PlistDict *dict, bool old_spelling)
{
    const char *name = old_spelling && key->old_name ? key->old_name : key->name;
    const PlistNode *node = plist_dict_get(dict, name);
    bool is_null = node && node->type == PLIST_TYPE_STRING && strcmp(node->text, "$null") == 0;
    return is_null ? NULL : node;
}

static bool is_old_spelling(const ConfigTable *table, const PlistDict *dict)
{
    return dict && table->is_old_spelling && table->is_old_spelling(dict);
}

/* What must be there even in a record that could not be read whole, so that it can be shown. */
static void settle_absent(const ConfigKey *key, void *record)
{
    void *at = record_field(key, record);
    if (key->type == CONFIG_STRINGS)
        *(char ***) at = g_new0(char *, 1);
    else if (key->type == CONFIG_RECORDS)
        return;
    else if (key->type == CONFIG_RECORD && !(key->flags & CONFIG_KEY_POINTER))
        record_init(key->table, at);
    else if (key->type == CONFIG_BOOL || key->type == CONFIG_INT)
        record_set_number(key, record, key->absent);
}

void record_decode(const ConfigTable *table, void *record, PlistDict *dict, const PlistPlace *place,
                   int line, GPtrArray *problems)
{
    *record_origin(record) = dict;
    bool old_spelling = is_old_spelling(table, dict);
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        PlistPlace inner = { .up = place, .key = key->name };
        /* The origin is ours: its nested dictionaries are moved into their own records. */
        PlistNode *node = (PlistNode *) lookup(key, dict, old_spelling);
        if (key->type == CONFIG_RECORDS)
            *(GPtrArray **) record_field(key, record) =
                g_ptr_array_new_with_free_func(key->table->destroy);
        if (node)
            decode_value(key, record, dict, node, &inner, problems);
        else
            settle_absent(key, record);
        if (!node && (key->flags & CONFIG_KEY_REQUIRED))
            problems_add_at(problems, PROBLEM_FATAL, &inner, line, NULL,
                            "is missing, but every machine has it");
        if (node && key->type == CONFIG_STRINGS && !record_has(key, record))
            settle_absent(key, record);
    }
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        if (key->absent_for && !lookup(key, dict, old_spelling))
            record_set_number(key, record, key->absent_for(record));
    }
}

static PlistNode *encode_value(const ConfigKey *key, const void *record)
{
    const void *at = record_field(key, (void *) record);
    switch (key->type) {
    case CONFIG_BOOL:
        return plist_node_new_boolean(record_number(key, record) != 0);
    case CONFIG_INT:
        return plist_node_new_integer(record_number(key, record));
    case CONFIG_ENUM:
        return plist_node_new_string(
            config_word(key->words, (unsigned) record_number(key, record)));
    case CONFIG_STRING:
    case CONFIG_UUID:
        return plist_node_new_string(*(char *const *) at);
    case CONFIG_STRINGS: {
        PlistNode *node = plist_node_new_array();
        for (char **text = *(char **const *) at; text && *text; text++)
            g_ptr_array_add(node->array, plist_node_new_string(*text));
        return node;
    }
    case CONFIG_DATA: {
        size_t size;
        const void *data = g_bytes_get_data(*(GBytes *const *) at, &size);
        return plist_node_new_data(data, size);
    }
    case CONFIG_RECORD:
        return plist_node_new_dict_take(record_encode(key->table, record_sub(key, record)));
    case CONFIG_RECORDS: {
        PlistNode *node = plist_node_new_array();
        const GPtrArray *array = record_array(key, record);
        for (guint i = 0; array && i < array->len; i++)
            g_ptr_array_add(node->array,
                            plist_node_new_dict_take(record_encode(key->table, array->pdata[i])));
        return node;
    }
    }
    g_assert_not_reached();
}

/* Whether the file already says what the record says, in whatever form. */
static bool says_the_same(const ConfigKey *key, const void *record, const PlistDict *origin,
                          const PlistNode *node)
{
    int64_t number;
    if (!record_has(key, record))
        return false;
    switch (key->type) {
    case CONFIG_BOOL:
    case CONFIG_INT:
    case CONFIG_ENUM:
        return read_number(key, origin, node, &number) && number == record_number(key, record);
    case CONFIG_UUID:
        return node->type == PLIST_TYPE_STRING &&
               g_ascii_strcasecmp(node->text, *(char **) record_field(key, (void *) record)) == 0;
    case CONFIG_RECORD:
    case CONFIG_RECORDS:
        return false;
    default: {
        g_autoptr(PlistNode) now = encode_value(key, record);
        return plist_node_equal(node, now);
    }
    }
}

/* Whether a key goes into the file, given that nothing in the file says it yet. */
static bool is_written(const ConfigKey *key, const void *record, bool was_there)
{
    if (!record_has(key, record))
        return false;
    if (was_there)
        return true;
    if (key->type == CONFIG_RECORD && (key->flags & CONFIG_KEY_POINTER))
        was_there = *record_origin(record_sub(key, record)) != NULL;
    if (key->written && !was_there && !key->written(record))
        return false;
    bool is_number = key->type <= CONFIG_ENUM;
    bool is_optional = !(key->flags & CONFIG_KEY_REQUIRED) && !key->has_offset;
    bool from_file = *record_origin((void *) record) != NULL;
    if (!is_number || !is_optional || !from_file)
        return true;
    /* A key that a file of an older UTM lacks stays away while it says what its absence says. */
    int64_t absent = key->absent_for ? key->absent_for(record) : key->absent;
    return record_number(key, record) != absent;
}

static bool is_unchanged(const ConfigTable *table, const void *record, const PlistDict *origin,
                         bool old_spelling)
{
    for (guint i = 0; i < table->n_keys; i++) {
        const PlistNode *node = lookup(&table->keys[i], origin, old_spelling);
        bool same = node ? says_the_same(&table->keys[i], record, origin, node)
                         : !is_written(&table->keys[i], record, false);
        if (!same)
            return false;
    }
    return true;
}

/* What UTM writes for a value that it forces: only disks and CDs have an interface. */
static PlistNode *encode_forced(const ConfigKey *key, const ConfigTable *table, const void *record)
{
    if (table == &config_table_drive && strcmp(key->name, "Interface") == 0) {
        const ConfigDrive *drive = record;
        if (drive->image_type != IMAGE_TYPE_DISK && drive->image_type != IMAGE_TYPE_CD)
            return plist_node_new_string(config_words_interface[DRIVE_INTERFACE_NONE]);
    }
    return encode_value(key, record);
}

PlistDict *record_encode(const ConfigTable *table, const void *record)
{
    const PlistDict *origin = *record_origin((void *) record);
    PlistDict *dict = origin ? plist_dict_copy(origin) : plist_dict_new();
    bool old_spelling = is_old_spelling(table, origin);
    if (old_spelling && is_unchanged(table, record, origin, true))
        return dict;
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        const PlistNode *node = lookup(key, origin, false);
        if (old_spelling && key->old_name)
            (void) plist_dict_remove(dict, key->old_name);
        if (node && says_the_same(key, record, origin, node))
            continue;
        if (is_written(key, record, node != NULL))
            plist_dict_set_take(dict, key->name, encode_forced(key, table, record));
        else
            (void) plist_dict_remove(dict, key->name);
    }
    return dict;
}

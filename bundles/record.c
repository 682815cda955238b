/* SPDX-License-Identifier: Apache-2.0 */
/* Making, freeing and copying the records that the key tables describe. */
#include "bundles/record.h"

#include <string.h>

void *record_field(const ConfigKey *key, void *record)
{
    return (char *) record + key->offset;
}

static const void *field(const ConfigKey *key, const void *record)
{
    return (const char *) record + key->offset;
}

PlistDict **record_origin(void *record)
{
    return record;
}

int64_t record_number(const ConfigKey *key, const void *record)
{
    if (key->type == CONFIG_BOOL)
        return *(const bool *) field(key, record);
    if (key->type == CONFIG_INT)
        return *(const int64_t *) field(key, record);
    unsigned value;
    memcpy(&value, field(key, record), sizeof value);
    return value;
}

void record_set_number(const ConfigKey *key, void *record, int64_t value)
{
    void *to = record_field(key, record);
    unsigned word = (unsigned) value;
    if (key->type == CONFIG_BOOL)
        *(bool *) to = value != 0;
    else if (key->type == CONFIG_INT)
        *(int64_t *) to = value;
    else
        memcpy(to, &word, sizeof word);
}

void *record_sub(const ConfigKey *key, const void *record)
{
    if (key->flags & CONFIG_KEY_POINTER)
        return *(void *const *) field(key, record);
    return (char *) record + key->offset;
}

GPtrArray *record_array(const ConfigKey *key, const void *record)
{
    return *(GPtrArray *const *) field(key, record);
}

bool record_has(const ConfigKey *key, const void *record)
{
    switch (key->type) {
    case CONFIG_BOOL:
    case CONFIG_INT:
    case CONFIG_ENUM:
        return !key->has_offset || *(const bool *) ((const char *) record + key->has_offset);
    case CONFIG_RECORD:
        return record_sub(key, record) != NULL;
    default:
        return *(const void *const *) field(key, record) != NULL;
    }
}

void record_init(const ConfigTable *table, void *record)
{
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        void *to = record_field(key, record);
        switch (key->type) {
        case CONFIG_BOOL:
        case CONFIG_INT:
        case CONFIG_ENUM:
            record_set_number(key, record, key->base);
            break;
        case CONFIG_STRING:
            *(char **) to = g_strdup(key->base_text);
            break;
        case CONFIG_STRINGS:
            *(char ***) to = g_new0(char *, 1);
            break;
        case CONFIG_RECORD:
            if (!(key->flags & CONFIG_KEY_POINTER))
                record_init(key->table, to);
            break;
        case CONFIG_RECORDS:
            *(GPtrArray **) to = g_ptr_array_new_with_free_func(key->table->destroy);
            break;
        case CONFIG_UUID:
        case CONFIG_DATA:
            break;
        }
    }
}

void *record_new(const ConfigTable *table)
{
    void *record = g_malloc0(table->size);
    record_init(table, record);
    return record;
}

static void clear_value(const ConfigKey *key, void *record)
{
    void *at = record_field(key, record);
    switch (key->type) {
    case CONFIG_BOOL:
    case CONFIG_INT:
    case CONFIG_ENUM:
        break;
    case CONFIG_STRING:
    case CONFIG_UUID:
        g_clear_pointer((char **) at, g_free);
        break;
    case CONFIG_STRINGS:
        g_clear_pointer((char ***) at, g_strfreev);
        break;
    case CONFIG_DATA:
        g_clear_pointer((GBytes **) at, g_bytes_unref);
        break;
    case CONFIG_RECORD:
        if (key->flags & CONFIG_KEY_POINTER) {
            record_free(key->table, *(void **) at);
            *(void **) at = NULL;
        } else {
            record_clear(key->table, at);
        }
        break;
    case CONFIG_RECORDS:
        g_clear_pointer((GPtrArray **) at, g_ptr_array_unref);
        break;
    }
}

void record_clear(const ConfigTable *table, void *record)
{
    for (guint i = 0; i < table->n_keys; i++)
        clear_value(&table->keys[i], record);
    g_clear_pointer(record_origin(record), plist_dict_free);
}

void record_free(const ConfigTable *table, void *record)
{
    if (!record)
        return;
    record_clear(table, record);
    g_free(record);
}

static GPtrArray *copy_records(const ConfigKey *key, const GPtrArray *from)
{
    GPtrArray *to = g_ptr_array_new_with_free_func(key->table->destroy);
    for (guint i = 0; from && i < from->len; i++) {
        void *record = g_malloc0(key->table->size);
        record_copy_into(key->table, record, from->pdata[i]);
        g_ptr_array_add(to, record);
    }
    return to;
}

static void copy_sub(const ConfigKey *key, void *to, const void *from)
{
    const void *sub = record_sub(key, from);
    if (!(key->flags & CONFIG_KEY_POINTER)) {
        record_copy_into(key->table, record_field(key, to), sub);
    } else if (sub) {
        void *copy = g_malloc0(key->table->size);
        record_copy_into(key->table, copy, sub);
        *(void **) record_field(key, to) = copy;
    }
}

void record_copy_into(const ConfigTable *table, void *to, const void *from)
{
    *record_origin(to) = plist_dict_copy(*(PlistDict *const *) from);
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        const void *source = field(key, from);
        void *target = record_field(key, to);
        if (key->has_offset)
            *(bool *) ((char *) to + key->has_offset) =
                *(const bool *) ((const char *) from + key->has_offset);
        switch (key->type) {
        case CONFIG_BOOL:
        case CONFIG_INT:
        case CONFIG_ENUM:
            record_set_number(key, to, record_number(key, from));
            break;
        case CONFIG_STRING:
        case CONFIG_UUID:
            *(char **) target = g_strdup(*(char *const *) source);
            break;
        case CONFIG_STRINGS:
            *(char ***) target = g_strdupv(*(char **const *) source);
            break;
        case CONFIG_DATA:
            if (*(GBytes *const *) source)
                *(GBytes **) target = g_bytes_ref(*(GBytes *const *) source);
            break;
        case CONFIG_RECORD:
            copy_sub(key, to, from);
            break;
        case CONFIG_RECORDS:
            *(GPtrArray **) target = copy_records(key, *(GPtrArray *const *) source);
            break;
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A machine as `list --json` and `show --json` give it. */
#include "cmd/machine-json.h"

#include <string.h>

#include "bundles/keys.h"
#include "cmd/output.h"

#define MIB (1024 * 1024)

const char *machine_state_macos(const char *state)
{
    if (strcmp(state, "saving") == 0)
        return "pausing";
    if (strcmp(state, "restoring") == 0)
        return "resuming";
    return state;
}

cJSON *machine_json_entry(const LibraryEntry *entry, const char *state)
{
    cJSON *object = cJSON_CreateObject();
    output_json_add_text(object, "uuid", entry->uuid);
    output_json_add_text(object, "name", entry->name);
    g_autofree char *path = g_utf8_make_valid(entry->path, -1);
    output_json_add_text(object, "path", path);
    output_json_add_text(object, "state", state);
    output_json_add_text(object, "backend", entry->backend);
    output_json_add_text(object, "architecture", entry->architecture);
    output_json_add_uint(object, "memory", (uint64_t) MAX(entry->memory_mib, 0) * MIB);
    cJSON_AddBoolToObject(object, "protected", entry->is_protected);
    cJSON_AddBoolToObject(object, "suspended", entry->suspended);
    if (entry->problem)
        output_json_add_text(object, "problem", entry->problem);
    return object;
}

/* "CPUFlagsAdd": a word begins at a capital after a small letter, and at the last capital of
 * several when a small letter follows. */
/* A plist key in lower_snake_case: "cpu_flags_add" for "CPUFlagsAdd". */
static char *snake_case(const char *key)
{
    GString *name = g_string_new(NULL);
    for (const char *c = key; *c; c++) {
        bool begins =
            g_ascii_isupper(*c) && c > key && (!g_ascii_isupper(c[-1]) || g_ascii_islower(c[1]));
        if (begins)
            g_string_append_c(name, '_');
        g_string_append_c(name, g_ascii_tolower(*c));
    }
    return g_string_free(name, FALSE);
}

static const struct {
    const char *key;
    const char *name;
} mib_keys[] = {
    { "MemorySize", "memory_size" },
    { "JITCacheSize", "jit_cache_size" },
    { "VgaRamMib", "vga_ram" },
};

static const char *mib_name(const char *key)
{
    for (size_t i = 0; i < G_N_ELEMENTS(mib_keys); i++)
        if (strcmp(mib_keys[i].key, key) == 0)
            return mib_keys[i].name;
    return NULL;
}

static void add_record(cJSON *object, const ConfigTable *table, const char *record);

static cJSON *new_record(const ConfigTable *table, const void *record)
{
    cJSON *object = cJSON_CreateObject();
    add_record(object, table, record);
    return object;
}

static cJSON *new_records(const ConfigTable *table, const GPtrArray *records)
{
    cJSON *all = cJSON_CreateArray();
    for (guint i = 0; records && i < records->len; i++)
        cJSON_AddItemToArray(all, new_record(table, records->pdata[i]));
    return all;
}

static cJSON *new_number(const ConfigKey *key, const void *value)
{
    int64_t number = *(const int64_t *) value;
    if (mib_name(key->name))
        number *= MIB;
    g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, (gint64) number);
    return cJSON_CreateRaw(text);
}

static cJSON *new_data(GBytes *data)
{
    gsize size;
    const guchar *bytes = g_bytes_get_data(data, &size);
    g_autofree char *text = g_base64_encode(bytes, size);
    return cJSON_CreateString(text);
}

static cJSON *new_value(const ConfigKey *key, const char *value)
{
    const void *pointer =
        key->type == CONFIG_BOOL || key->type == CONFIG_INT || key->type == CONFIG_ENUM
            ? NULL
            : *(const void *const *) value;
    switch (key->type) {
    case CONFIG_BOOL:
        return cJSON_CreateBool(*(const bool *) value);
    case CONFIG_INT:
        return new_number(key, value);
    case CONFIG_ENUM:
        return cJSON_CreateString(config_word(key->words, *(const unsigned *) value));
    case CONFIG_STRINGS: {
        char *const *strings = pointer;
        return cJSON_CreateStringArray((const char **) strings,
                                       strings ? (int) g_strv_length((char **) strings) : 0);
    }
    case CONFIG_RECORDS:
        return new_records(key->table, pointer);
    case CONFIG_DATA:
        return pointer ? new_data((GBytes *) pointer) : cJSON_CreateNull();
    case CONFIG_RECORD:
        if (!(key->flags & CONFIG_KEY_POINTER))
            return new_record(key->table, value);
        return pointer ? new_record(key->table, pointer) : cJSON_CreateNull();
    default:
        return pointer ? cJSON_CreateString(pointer) : cJSON_CreateNull();
    }
}

static void add_record(cJSON *object, const ConfigTable *table, const char *record)
{
    for (guint i = 0; i < table->n_keys; i++) {
        const ConfigKey *key = &table->keys[i];
        g_autofree char *snake = snake_case(key->name);
        const char *mib = mib_name(key->name);
        bool absent = key->has_offset && !*(const bool *) (record + key->has_offset);
        cJSON_AddItemToObject(object, mib ? mib : snake,
                              absent ? cJSON_CreateNull() : new_value(key, record + key->offset));
    }
}

void machine_json_add_config(cJSON *object, const UtmConfig *config)
{
    add_record(object, config_table(config), (const char *) config);
}

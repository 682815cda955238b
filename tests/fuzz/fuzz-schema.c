/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a schema: refused, or turned into C. */
#include <glib.h>
#include <string.h>

#include "qapi/gen/emit.h"
#include "tests/fuzz/fuzz.h"

/* A SchemaReader is given a path only. */
static const char *schema_text;
static size_t schema_length;

/* Every file that is included is the same text under another name; the third level ends it. */
static char *read_schema(const char *path, size_t *out_length, GError **error)
{
    if (strlen(path) > 64) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "no such file");
        return NULL;
    }
    *out_length = schema_length;
    char *copy = g_malloc(schema_length + 1);
    /* An input without bytes may come without an address. */
    if (schema_length)
        memcpy(copy, schema_text, schema_length);
    return copy;
}

static void emit_everything(Schema *schema)
{
    static void (*const emit[])(const Emitter *emitter, GString *out) = {
        emit_types_header,  emit_types,  emit_visit,         emit_commands_header, emit_commands,
        emit_events_header, emit_events, emit_schema_header, emit_schema,          emit_command_list
    };
    Emitter emitter;
    if (!emitter_init(&emitter, schema, ".", "qmp", NULL))
        return;
    g_autoptr(GString) out = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(emit); i++) {
        g_string_truncate(out, 0);
        emit[i](&emitter, out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    schema_text = (const char *) data;
    schema_length = size;
    g_autoptr(Arena) arena = arena_new();
    g_autoptr(GError) error = NULL;
    Schema *schema = schema_load(arena, "schema", read_schema, &error);
    g_assert((schema == NULL) == (error != NULL));
    if (schema)
        emit_everything(schema);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what a program can ask about a whole schema: one table, and one JSON file. */
#include "qapi/gen/emit.h"

void emit_schema_header(const Emitter *emitter, GString *out)
{
    g_string_append_printf(out,
                           "#pragma once\n\n#include \"qapi/call.h\"\n\n"
                           "extern const QapiSchema %s_schema;\n",
                           emitter->prefix);
}

void emit_schema(const Emitter *emitter, GString *out)
{
    const char *p = emitter->prefix;
    const GPtrArray *types = emitter->schema->types;
    g_string_append_printf(out,
                           "#include \"%s-schema.h\"\n\n#include \"%s-commands.h\"\n"
                           "#include \"%s-events.h\"\n\nstatic const QapiType *const types[] = {\n",
                           p, p, p);
    for (guint i = 0; i < types->len; i++) {
        const Type *type = types->pdata[i];
        if (!type->is_base)
            g_string_append_printf(out, "    &%s,\n", emit_table(emitter, type));
    }
    for (guint i = 0; i < emitter->arrays->len; i++)
        g_string_append_printf(out, "    &%s,\n", emit_table(emitter, emitter->arrays->pdata[i]));
    g_string_append_printf(out,
                           "};\n\nconst QapiSchema %s_schema = {\n"
                           "    .commands = %s_command_table,\n    .n_commands = %u,\n"
                           "    .events = %s_event_table,\n    .n_events = %u,\n"
                           "    .types = types,\n"
                           "    .n_types = sizeof types / sizeof types[0],\n};\n",
                           p, p, emitter->schema->commands->len, p, emitter->schema->events->len);
}

/* ---- JSON ---- */

static void json_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *p = text; *p; p++) {
        if (*p == '"' || *p == '\\')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
}

static void json_pair(GString *out, const char *key, const char *value)
{
    if (!value)
        return;
    g_string_append_printf(out, ", \"%s\": ", key);
    json_string(out, value);
}

static void json_type(GString *out, const char *key, const Type *type)
{
    if (!type)
        return;
    if (type->kind == TYPE_ARRAY)
        g_string_append_printf(out, ", \"%s\": [\"%s\"]", key, type->element->name);
    else
        json_pair(out, key, type->name);
}

static void json_arguments(GString *out, const Type *type)
{
    g_autoptr(GPtrArray) members = type ? type_flat_members(type) : g_ptr_array_new();
    g_string_append(out, ", \"arguments\": [");
    for (guint i = 0; i < members->len; i++) {
        const Member *member = members->pdata[i];
        g_string_append_printf(out, "%s{\"name\": \"%s\"", i ? ", " : "", member->name);
        json_type(out, "type", member->type);
        g_string_append_printf(out, ", \"optional\": %s", member->optional ? "true" : "false");
        json_pair(out, "if", member->condition);
        g_string_append_c(out, '}');
    }
    g_string_append_c(out, ']');
}

static void json_call(const Call *call, bool is_command, GString *out)
{
    g_string_append_printf(out, "  {\"%s\": \"%s\"", is_command ? "command" : "event", call->name);
    json_pair(out, "summary", call->doc ? call->doc->summary : NULL);
    json_arguments(out, call->data);
    json_type(out, "returns", call->returns);
    json_pair(out, "if", call->condition);
    if (call->features->len) {
        g_string_append(out, ", \"features\": [");
        for (guint i = 0; i < call->features->len; i++)
            g_string_append_printf(out, "%s\"%s\"", i ? ", " : "",
                                   ((Feature *) call->features->pdata[i])->name);
        g_string_append_c(out, ']');
    }
    if (is_command && !call->success_response)
        g_string_append(out, ", \"success-response\": false");
    if (call->allow_oob)
        g_string_append(out, ", \"allow-oob\": true");
    if (call->allow_preconfig)
        g_string_append(out, ", \"allow-preconfig\": true");
    if (is_command && !call->gen)
        g_string_append(out, ", \"gen\": false");
    g_string_append_c(out, '}');
}

void emit_command_list(const Emitter *emitter, GString *out)
{
    g_autoptr(GPtrArray) commands = emit_sorted(emitter->schema->commands);
    g_autoptr(GPtrArray) events = emit_sorted(emitter->schema->events);
    g_string_append(out, "[\n");
    for (guint i = 0; i < commands->len; i++) {
        json_call(commands->pdata[i], true, out);
        g_string_append(out, i + 1 < commands->len || events->len ? ",\n" : "\n");
    }
    for (guint i = 0; i < events->len; i++) {
        json_call(events->pdata[i], false, out);
        g_string_append(out, i + 1 < events->len ? ",\n" : "\n");
    }
    g_string_append(out, "]\n");
}

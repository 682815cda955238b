/* SPDX-License-Identifier: Apache-2.0 */
/* Writes events as a tagged union, and how they are handed out. */
#include "qapi/gen/emit.h"
#include "qapi/gen/names.h"

/* Name of an event's member in the union and among the handlers. */
static const char *field_name(const Emitter *emitter, const Call *event)
{
    Arena *arena = emitter->schema->arena;
    return c_name(arena, arena_take(arena, g_ascii_strdown(event->name, -1)));
}

static void emit_kinds(const Emitter *emitter, const GPtrArray *events, GString *out)
{
    g_string_append_printf(out, "typedef enum {\n    %s_EVENT__UNKNOWN = -1,\n", emitter->upper);
    for (guint i = 0; i < events->len; i++)
        g_string_append_printf(out, "    %s,\n", ((Call *) events->pdata[i])->c_upper);
    g_string_append_printf(out, "} %sEventKind;\n\n", emitter->camel);
}

static void emit_union(const Emitter *emitter, const GPtrArray *events, GString *out)
{
    g_autoptr(GString) inside = g_string_new(NULL);
    for (guint i = 0; i < events->len; i++) {
        const Call *event = events->pdata[i];
        if (event->data)
            g_string_append_printf(inside, "        %s *%s;\n", event->data->c_type,
                                   field_name(emitter, event));
    }
    g_string_append_printf(out,
                           "/* One event; @u has nothing for one without data. */\n"
                           "typedef struct {\n    %sEventKind kind;\n    int64_t time_us; "
                           "/* since the epoch */\n",
                           emitter->camel);
    if (inside->len)
        g_string_append_printf(out, "    union {\n%s    } u; /* owned */\n", inside->str);
    g_string_append_printf(out, "} %sEvent;\n\n", emitter->camel);
}

static void emit_handlers(const Emitter *emitter, const GPtrArray *events, GString *out)
{
    g_string_append(out,
                    "/* Who takes which event. Any member may be NULL. */\ntypedef struct {\n");
    for (guint i = 0; i < events->len; i++) {
        const Call *event = events->pdata[i];
        if (event->data)
            g_string_append_printf(out,
                                   "    void (*%s)(const %s *data, int64_t time_us, void *user);\n",
                                   field_name(emitter, event), event->data->c_type);
        else
            g_string_append_printf(out, "    void (*%s)(int64_t time_us, void *user);\n",
                                   field_name(emitter, event));
    }
    g_string_append_printf(out,
                           "    /* an event that the schema does not have */\n"
                           "    void (*unknown_event)(const char *name, const cJSON *data, "
                           "int64_t time_us, void *user);\n} %sEventHandlers;\n\n",
                           emitter->camel);
}

void emit_events_header(const Emitter *emitter, GString *out)
{
    g_autoptr(GPtrArray) events = emit_sorted(emitter->schema->events);
    const char *p = emitter->prefix;
    const char *c = emitter->camel;
    g_string_append_printf(out,
                           "#pragma once\n\n#include \"qapi/call.h\"\n#include \"%s-types.h\"\n\n"
                           "extern const QapiEvent %s_event_table[%u];\n\n",
                           p, p, events->len);
    emit_kinds(emitter, events, out);
    emit_union(emitter, events, out);
    emit_handlers(emitter, events, out);
    g_string_append_printf(
        out,
        "/* Makes an event out of JSON. One that the schema does not have is no failure: its kind "
        "is\n * %s_EVENT__UNKNOWN. */\n"
        "bool %s_event_from_json(const char *name, const cJSON *data, int64_t time_us, "
        "%sEvent *out_event, GError **error) G_GNUC_WARN_UNUSED_RESULT;\n\n"
        "void %s_event_clear(%sEvent *event);\n"
        "G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(%sEvent, %s_event_clear)\n\n"
        "/* Hands an event to the one who takes it. */\n"
        "bool %s_event_dispatch(const %sEventHandlers *handlers, const char *name, "
        "const cJSON *data, int64_t time_us, void *user, GError **error) "
        "G_GNUC_WARN_UNUSED_RESULT;\n",
        emitter->upper, p, c, p, c, c, p, p, c);
}

static void emit_table_of_events(const Emitter *emitter, const GPtrArray *events, GString *out)
{
    g_string_append_printf(out, "const QapiEvent %s_event_table[%u] = {\n", emitter->prefix,
                           events->len);
    for (guint i = 0; i < events->len; i++) {
        const Call *event = events->pdata[i];
        g_autofree char *data = event->data
                                    ? g_strdup_printf("&%s", emit_table(emitter, event->data))
                                    : g_strdup("NULL");
        g_string_append_printf(
            out, "    { \"%s\", %s, %s, %s },\n", event->name,
            emit_c_string(emitter, event->doc ? event->doc->summary : NULL), data,
            emit_flags(emitter, "QAPI_COMMAND", NULL, event->condition, event->features));
    }
    g_string_append(out, "};\n\n");
}

/* Every pointer of the union is at the union's address, so that one of them does for all. */
static const char *any_field(const Emitter *emitter, const GPtrArray *events)
{
    for (guint i = 0; i < events->len; i++)
        if (((Call *) events->pdata[i])->data)
            return field_name(emitter, events->pdata[i]);
    return NULL;
}

static void emit_from_json(const Emitter *emitter, const char *field, GString *out)
{
    const char *p = emitter->prefix;
    const char *c = emitter->camel;
    g_string_append_printf(
        out,
        "static const QapiSchema schema = { .events = %s_event_table, .n_events = "
        "sizeof %s_event_table / sizeof(QapiEvent) };\n\n"
        "bool %s_event_from_json(const char *name, const cJSON *data, int64_t time_us, "
        "%sEvent *out_event, GError **error)\n{\n"
        "    const QapiEvent *event = qapi_find_event(&schema, name);\n"
        "    %sEvent result = { .kind = event ? (%sEventKind) (event - %s_event_table) : "
        "%s_EVENT__UNKNOWN, .time_us = time_us };\n",
        p, p, p, c, c, c, p, emitter->upper);
    if (field)
        g_string_append_printf(out,
                               "    if (event && event->data && "
                               "!qapi_from_json(event->data, data, \"data\", &result.u.%s, error)) "
                               "{\n        g_prefix_error(error, \"%%s: \", name);\n"
                               "        return false;\n    }\n",
                               field);
    else
        g_string_append(out, "    (void) data;\n    (void) error;\n");
    g_string_append(out, "    *out_event = result;\n    return true;\n}\n\n");
    g_string_append_printf(out, "void %s_event_clear(%sEvent *event)\n{\n", p, c);
    if (field)
        g_string_append_printf(out,
                               "    if (event->kind >= 0 && %s_event_table[event->kind].data)\n"
                               "        qapi_clear(%s_event_table[event->kind].data, "
                               "&event->u.%s);\n",
                               p, p, field);
    g_string_append_printf(out, "    *event = (%sEvent){ .kind = %s_EVENT__UNKNOWN };\n}\n\n", c,
                           emitter->upper);
}

static void emit_dispatch(const Emitter *emitter, const GPtrArray *events, GString *out)
{
    const char *p = emitter->prefix;
    const char *c = emitter->camel;
    g_string_append_printf(
        out,
        "bool %s_event_dispatch(const %sEventHandlers *handlers, const char *name, "
        "const cJSON *data, int64_t time_us, void *user, GError **error)\n{\n"
        "    g_auto(%sEvent) event = { .kind = %s_EVENT__UNKNOWN };\n"
        "    if (!%s_event_from_json(name, data, time_us, &event, error))\n"
        "        return false;\n    switch (event.kind) {\n"
        "    case %s_EVENT__UNKNOWN:\n        if (handlers->unknown_event)\n"
        "            handlers->unknown_event(name, data, time_us, user);\n        break;\n",
        p, c, c, emitter->upper, p, emitter->upper);
    for (guint i = 0; i < events->len; i++) {
        const Call *event = events->pdata[i];
        const char *field = field_name(emitter, event);
        g_string_append_printf(out, "    case %s:\n        if (handlers->%s)\n", event->c_upper,
                               field);
        if (event->data)
            g_string_append_printf(out, "            handlers->%s(event.u.%s, time_us, user);\n",
                                   field, field);
        else
            g_string_append_printf(out, "            handlers->%s(time_us, user);\n", field);
        g_string_append(out, "        break;\n");
    }
    g_string_append(out, "    }\n    return true;\n}\n");
}

void emit_events(const Emitter *emitter, GString *out)
{
    g_autoptr(GPtrArray) events = emit_sorted(emitter->schema->events);
    g_string_append_printf(out, "#include \"%s-events.h\"\n\n", emitter->prefix);
    emit_table_of_events(emitter, events, out);
    emit_from_json(emitter, any_field(emitter, events), out);
    emit_dispatch(emitter, events, out);
}

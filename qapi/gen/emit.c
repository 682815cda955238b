/* SPDX-License-Identifier: Apache-2.0 */
/* C names for a schema, and the files that are written. */
#include "qapi/gen/emit.h"

#include <string.h>

#include "qapi/gen/names.h"

/* ---- names ---- */

const char *emit_claim(Emitter *emitter, const char *name)
{
    Arena *arena = emitter->schema->arena;
    char *free_name = arena_printf(arena, "%s", name);
    while (g_hash_table_contains(emitter->names, free_name))
        free_name = arena_printf(arena, "%s_", free_name);
    g_hash_table_add(emitter->names, free_name);
    return free_name;
}

/* What the run time and generated files declare themselves. */
static void claim_own_names(Emitter *emitter)
{
    static const char *const types[] = { "Client",    "ClientOps", "Error",     "ReplyFunc",
                                         "CallFlags", "Event",     "EventKind", "EventHandlers" };
    static const char *const functions[] = { "client", "error", "event" };
    Arena *arena = emitter->schema->arena;
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        emit_claim(emitter, arena_printf(arena, "%s%s", emitter->camel, types[i]));
    for (size_t i = 0; i < G_N_ELEMENTS(functions); i++)
        emit_claim(emitter, arena_printf(arena, "%s_%s_free", emitter->prefix, functions[i]));
}

static void name_values(Emitter *emitter, Type *type)
{
    Arena *arena = emitter->schema->arena;
    for (guint i = 0; i < type->values->len; i++) {
        EnumValue *value = type->values->pdata[i];
        g_autofree char *upper = g_ascii_strup(value->name, -1);
        for (char *p = upper; *p; p++)
            if (!g_ascii_isalnum(*p))
                *p = '_';
        value->in_c = emit_claim(emitter, arena_printf(arena, "%s_%s", type->c_upper, upper));
    }
}

/* @camel and @lower are the name without a prefix. */
static void name_type(Emitter *emitter, Type *type, const char *camel, const char *lower)
{
    Arena *arena = emitter->schema->arena;
    type->c_type = emit_claim(emitter, arena_printf(arena, "%s%s", emitter->camel, camel));
    const char *release =
        emit_claim(emitter, arena_printf(arena, "%s_%s_free", emitter->prefix, lower));
    /* "_" behind the last word of a name that is taken goes before it. */
    const char *extra = release + strlen(emitter->prefix) + strlen(lower) + strlen("__free");
    type->c_lower = arena_printf(arena, "%s_%s%s", emitter->prefix, lower, extra);
    type->c_upper = arena_printf(arena, "%s_%s", emitter->upper,
                                 type->prefix ? type->prefix : c_upper(arena, camel));
    if (type->kind == TYPE_ENUM)
        name_values(emitter, type);
}

static void name_types(Emitter *emitter)
{
    Arena *arena = emitter->schema->arena;
    const GPtrArray *types = emitter->schema->types;
    for (guint i = 0; i < types->len; i++) {
        Type *type = types->pdata[i];
        if (!type->is_implicit)
            name_type(emitter, type, g_strdelimit(arena_printf(arena, "%s", type->name), ".-", '_'),
                      c_lower(arena, type->name));
    }
}

static void name_calls(Emitter *emitter, const GPtrArray *calls, const char *what)
{
    Arena *arena = emitter->schema->arena;
    for (guint i = 0; i < calls->len; i++) {
        Call *call = calls->pdata[i];
        char *lower = g_strdelimit(arena_take(arena, g_ascii_strdown(call->name, -1)), ".-", '_');
        char *upper = arena_take(arena, g_ascii_strup(lower, -1));
        call->c_lower = arena_printf(arena, "%s_%s", emitter->prefix, lower);
        call->c_upper = arena_printf(arena, "%s_EVENT_%s", emitter->upper, upper);
        if (call->data && call->data->is_implicit)
            name_type(emitter, call->data,
                      arena_printf(arena, "%s%s", c_camel(arena, call->name),
                                   *what == 'e' ? "Event" : "Args"),
                      arena_printf(arena, "%s_%s", lower, *what == 'e' ? "event" : "args"));
        if (*what == 'e')
            continue;
        call->c_lower = emit_claim(emitter, call->c_lower);
        call->c_send = emit_claim(emitter, arena_printf(arena, "%s_send", call->c_lower));
        call->c_oob = emit_claim(emitter, arena_printf(arena, "%s_oob", call->c_lower));
    }
}

static gint by_type_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(Type *const *) a)->name, (*(Type *const *) b)->name);
}

static void name_arrays(Emitter *emitter)
{
    Arena *arena = emitter->schema->arena;
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, emitter->schema->arrays);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        Type *array = value;
        if (array->element->kind == TYPE_BUILTIN) {
            const Builtin *builtin = array->element->builtin;
            array->c_type = builtin->c_list;
            array->c_lower = arena_printf(arena, "qapi_%s_list", builtin->run_time);
        } else {
            g_ptr_array_add(emitter->arrays, array);
        }
    }
    g_ptr_array_sort(emitter->arrays, by_type_name);
    for (guint i = 0; i < emitter->arrays->len; i++) {
        Type *array = emitter->arrays->pdata[i];
        array->c_type = emit_claim(emitter, arena_printf(arena, "%sList", array->element->c_type));
        array->c_lower = arena_printf(arena, "%s_list", array->element->c_lower);
    }
}

bool emitter_init(Emitter *emitter, Schema *schema, const char *folder, const char *prefix,
                  GError **error)
{
    Arena *arena = schema->arena;
    bool ok = g_ascii_islower(*prefix) && strcmp(prefix, "qapi") != 0;
    for (const char *p = prefix; *p; p++)
        ok &= g_ascii_islower(*p) || g_ascii_isdigit(*p);
    if (!ok) {
        g_set_error(error, GEN_ERROR, GEN_ERROR_SCHEMA,
                    "\"%s\" cannot be a prefix: it takes small letters and digits, and \"qapi\" "
                    "belongs to the run time",
                    prefix);
        return false;
    }
    *emitter = (Emitter){ .schema = schema, .folder = folder, .prefix = prefix };
    emitter->camel = c_camel(arena, prefix);
    emitter->upper = arena_take(arena, g_ascii_strup(prefix, -1));
    emitter->names = arena_table(arena);
    emitter->arrays = arena_array(arena);
    claim_own_names(emitter);
    name_types(emitter);
    name_calls(emitter, schema->commands, "command");
    name_calls(emitter, schema->events, "event");
    name_arrays(emitter);
    return true;
}

/* ---- what the files share ---- */

bool emit_is_pointer(const Type *type)
{
    return type->kind == TYPE_BUILTIN ? type->builtin->is_pointer : type->kind != TYPE_ENUM;
}

const char *emit_c_type(const Emitter *emitter, const Type *type)
{
    if (type->kind == TYPE_BUILTIN)
        return type->builtin->c_type;
    return arena_printf(emitter->schema->arena, "%s %s", type->c_type,
                        emit_is_pointer(type) ? "*" : "");
}

const char *emit_c_param(const Emitter *emitter, const Type *type)
{
    if (type->kind == TYPE_BUILTIN)
        return type->builtin->c_param;
    const char *constant = emit_is_pointer(type) ? "const " : "";
    return arena_printf(emitter->schema->arena, "%s%s", constant, emit_c_type(emitter, type));
}

const char *emit_table(const Emitter *emitter, const Type *type)
{
    if (type->kind == TYPE_BUILTIN)
        return arena_printf(emitter->schema->arena, "qapi_%s_type", type->builtin->run_time);
    return arena_printf(emitter->schema->arena, "%s_type", type->c_lower);
}

bool emit_has(const Member *member)
{
    return member->optional && !emit_is_pointer(member->type);
}

bool emit_branch_is_there(const Type *type, const Member *branch)
{
    if (type->kind == TYPE_ALTERNATE || branch->type->branches)
        return true;
    g_autoptr(GPtrArray) members = type_flat_members(branch->type);
    return members->len > 0;
}

static gint by_call_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(Call *const *) a)->name, (*(Call *const *) b)->name);
}

GPtrArray *emit_sorted(const GPtrArray *calls)
{
    GPtrArray *sorted = g_ptr_array_new();
    for (guint i = 0; i < calls->len; i++)
        g_ptr_array_add(sorted, calls->pdata[i]);
    g_ptr_array_sort(sorted, by_call_name);
    return sorted;
}

char *emit_flags(const Emitter *emitter, const char *prefix, const char *first,
                 const char *condition, const GPtrArray *features)
{
    g_autoptr(GString) text = g_string_new(first ? first : "");
    const char *names[3] = { condition ? "CONDITIONAL" : NULL, NULL, NULL };
    for (guint i = 0; features && i < features->len; i++) {
        const char *name = ((Feature *) features->pdata[i])->name;
        if (strcmp(name, "deprecated") == 0)
            names[1] = "DEPRECATED";
        else if (strcmp(name, "unstable") == 0)
            names[2] = "UNSTABLE";
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (names[i])
            g_string_append_printf(text, "%s%s_%s", text->len ? " | " : "", prefix, names[i]);
    return arena_printf(emitter->schema->arena, "%s", text->len ? text->str : "0");
}

char *emit_c_string(const Emitter *emitter, const char *text)
{
    if (!text)
        return arena_printf(emitter->schema->arena, "NULL");
    g_autofree char *escaped = g_strescape(text, NULL);
    return arena_printf(emitter->schema->arena, "\"%s\"", escaped);
}

/* ---- files ---- */

static bool write_file(const char *path, const GString *text, GError **error)
{
    g_autoptr(GError) reason = NULL;
    if (g_file_set_contents(path, text->str, (gssize) text->len, &reason))
        return true;
    g_set_error(error, GEN_ERROR, GEN_ERROR_FILE, "cannot write \"%s\": %s", path, reason->message);
    return false;
}

bool emit_all(Emitter *emitter, GError **error)
{
    static const struct {
        const char *name;
        const char *what;
        void (*emit)(const Emitter *emitter, GString *out);
    } files[] = {
        { "types.h", "Types of a QAPI schema.", emit_types_header },
        { "types.c", "Types of a QAPI schema: freeing, JSON, names of values.", emit_types },
        { "visit.c", "Types of a QAPI schema as tables.", emit_visit },
        { "commands.h", "Commands of a QAPI schema.", emit_commands_header },
        { "commands.c", "Commands of a QAPI schema.", emit_commands },
        { "events.h", "Events of a QAPI schema.", emit_events_header },
        { "events.c", "Events of a QAPI schema.", emit_events },
        { "schema.h", "A QAPI schema as one table.", emit_schema_header },
        { "schema.c", "A QAPI schema as one table.", emit_schema },
        { "commands.json", NULL, emit_command_list },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path =
            g_strdup_printf("%s/%s-%s", emitter->folder, emitter->prefix, files[i].name);
        g_autoptr(GString) text = g_string_new(NULL);
        if (files[i].what)
            g_string_printf(text, "/* %s Generated by utm-qapi-gen; do not edit. */\n",
                            files[i].what);
        files[i].emit(emitter, text);
        if (!write_file(path, text, error))
            return false;
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes one function, or a few, for each command. */
#include <string.h>

#include "qapi/gen/emit.h"
#include "qapi/gen/names.h"

/* The ways to call a command. */
typedef enum { FORM_CALL, FORM_OOB, FORM_SEND } Form;

/* A member as a parameter; the function's own ones keep their names. */
static const char *param_name(const Emitter *emitter, const Member *member)
{
    static const char *const own[] = { "client", "arguments", "out_result", "error",
                                       "reply",  "user",      "commands",   NULL };
    char *name = c_name(emitter->schema->arena, member->name);
    return g_strv_contains(own, name) ? arena_printf(emitter->schema->arena, "%s_", name) : name;
}

static void emit_params(const Emitter *emitter, const Call *command, GString *out)
{
    if (!command->gen) {
        g_string_append(out, ", const cJSON *arguments");
        return;
    }
    if (!command->data)
        return;
    if (command->boxed) {
        g_string_append_printf(out, ", const %s *arguments", command->data->c_type);
        return;
    }
    g_autoptr(GPtrArray) members = type_flat_members(command->data);
    for (guint i = 0; i < members->len; i++) {
        const Member *member = members->pdata[i];
        const char *name = param_name(emitter, member);
        if (emit_has(member))
            g_string_append_printf(out, ", bool has_%s", name);
        g_string_append_printf(out, ", %s%s", emit_c_param(emitter, member->type), name);
    }
}

static void emit_prototype(const Emitter *emitter, const Call *command, Form form, GString *out)
{
    const char *const names[] = { command->c_lower, command->c_oob, command->c_send };
    g_string_append_printf(out, "bool %s(QmpClient *client", names[form]);
    emit_params(emitter, command, out);
    if (form == FORM_SEND)
        g_string_append(out, ", QmpReplyFunc reply, void *user");
    else if (command->returns)
        g_string_append_printf(out, ", %s*out_result", emit_c_type(emitter, command->returns));
    g_string_append(out, ", GError **error)");
}

/* The struct that the parameters are put into. */
static void emit_arguments(const Emitter *emitter, const Call *command, GString *out)
{
    g_autoptr(GPtrArray) members = type_flat_members(command->data);
    g_string_append_printf(out, "    const %s arguments = {\n", command->data->c_type);
    for (guint i = 0; i < members->len; i++) {
        const Member *member = members->pdata[i];
        const char *param = param_name(emitter, member);
        const char *field = c_name(emitter->schema->arena, member->name);
        if (emit_has(member))
            g_string_append_printf(out, "        .has_%s = has_%s,\n", field, param);
        g_autofree char *cast = emit_is_pointer(member->type)
                                    ? g_strdup_printf("(%s) ", emit_c_type(emitter, member->type))
                                    : g_strdup("");
        g_string_append_printf(out, "        .%s = %s%s,\n", field, cast, param);
    }
    if (!members->len)
        g_string_append(out, "        .empty = 0,\n");
    g_string_append(out, "    };\n");
}

static void emit_function(const Emitter *emitter, const Call *command, Form form, unsigned index,
                          GString *out)
{
    static const char *const calls[] = { "qapi_call", "qapi_call_oob", "qapi_send" };
    bool flat = command->gen && command->data && !command->boxed;
    const char *arguments = "NULL";
    if (flat)
        arguments = "&arguments";
    else if (command->data || !command->gen)
        arguments = "arguments";
    g_string_append_c(out, '\n');
    emit_prototype(emitter, command, form, out);
    g_string_append(out, "\n{\n");
    if (flat)
        emit_arguments(emitter, command, out);
    g_string_append_printf(out, "    return %s(client, &%s_command_table[%u], %s, ",
                           command->gen ? calls[form] : "qapi_call_json", emitter->prefix, index,
                           arguments);
    if (form == FORM_SEND)
        g_string_append(out, "reply, user, error);\n}\n");
    else
        g_string_append_printf(out, "%s, error);\n}\n", command->returns ? "out_result" : "NULL");
}

static bool has_form(const Call *command, Form form)
{
    if (form == FORM_OOB)
        return command->allow_oob && command->gen;
    return form == FORM_CALL || command->gen;
}

void emit_commands_header(const Emitter *emitter, GString *out)
{
    g_autoptr(GPtrArray) commands = emit_sorted(emitter->schema->commands);
    g_string_append_printf(out,
                           "#pragma once\n\n#include \"qapi/call.h\"\n#include \"%s-types.h\"\n\n"
                           "extern const QapiCommand %s_command_table[%u];\n",
                           emitter->prefix, emitter->prefix, commands->len);
    for (guint i = 0; i < commands->len; i++) {
        const Call *command = commands->pdata[i];
        g_string_append_printf(out, "\n/* %s%s%s */\n", command->name,
                               command->doc && command->doc->summary ? ": " : "",
                               command->doc && command->doc->summary ? command->doc->summary : "");
        for (Form form = FORM_CALL; form <= FORM_SEND; form++) {
            if (!has_form(command, form))
                continue;
            emit_prototype(emitter, command, form, out);
            g_string_append(out, " G_GNUC_WARN_UNUSED_RESULT;\n");
        }
    }
}

static const char *command_flags(const Emitter *emitter, const Call *command)
{
    g_autoptr(GString) first = g_string_new(NULL);
    const struct {
        bool is;
        const char *name;
    } flags[] = { { !command->success_response, "SILENT" },
                  { command->allow_oob, "OOB" },
                  { command->allow_preconfig, "PRECONFIG" },
                  { !command->gen, "FREE_FORM" } };
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++)
        if (flags[i].is)
            g_string_append_printf(first, "%sQAPI_COMMAND_%s", first->len ? " | " : "",
                                   flags[i].name);
    return emit_flags(emitter, "QAPI_COMMAND", first->str, command->condition, command->features);
}

static const char *table_or_null(const Emitter *emitter, const Type *type)
{
    return type ? arena_printf(emitter->schema->arena, "&%s", emit_table(emitter, type)) : "NULL";
}

void emit_commands(const Emitter *emitter, GString *out)
{
    g_autoptr(GPtrArray) commands = emit_sorted(emitter->schema->commands);
    g_string_append_printf(out,
                           "#include \"%s-commands.h\"\n\n"
                           "const QapiCommand %s_command_table[%u] = {\n",
                           emitter->prefix, emitter->prefix, commands->len);
    for (guint i = 0; i < commands->len; i++) {
        const Call *command = commands->pdata[i];
        g_string_append_printf(out, "    { \"%s\", %s, %s, %s, %s },\n", command->name,
                               emit_c_string(emitter, command->doc ? command->doc->summary : NULL),
                               table_or_null(emitter, command->data),
                               table_or_null(emitter, command->returns),
                               command_flags(emitter, command));
    }
    g_string_append(out, "};\n");
    for (guint i = 0; i < commands->len; i++)
        for (Form form = FORM_CALL; form <= FORM_SEND; form++)
            if (has_form(commands->pdata[i], form))
                emit_function(emitter, commands->pdata[i], form, i, out);
}

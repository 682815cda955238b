/* SPDX-License-Identifier: Apache-2.0 */
/* Writes C types, and the functions that every type has. */
#include "qapi/gen/emit.h"
#include "qapi/gen/names.h"

static void emit_summary(const Doc *doc, GString *out)
{
    if (!doc || !doc->summary)
        return;
    g_autofree char *safe = g_strdup(doc->summary);
    for (char *p = safe; *p; p++)
        if (p[0] == '*' && p[1] == '/')
            *p = ' ';
    for (char *p = safe; *p; p++)
        if (p[0] == '/' && p[1] == '*')
            *p = ' ';
    g_string_append_printf(out, "/* %s */\n", safe);
}

static void emit_enum(const Type *type, GString *out)
{
    emit_summary(type->doc, out);
    g_string_append_printf(out, "typedef enum {\n    %s__UNKNOWN = -1,\n", type->c_upper);
    for (guint i = 0; i < type->values->len; i++)
        g_string_append_printf(out, "    %s,\n", ((EnumValue *) type->values->pdata[i])->in_c);
    g_string_append_printf(out, "} %s;\n#define %s__COUNT %u\n\n", type->c_type, type->c_upper,
                           type->values->len);
}

static void emit_member(const Emitter *emitter, const Member *member, GString *out)
{
    const char *name = c_name(emitter->schema->arena, member->name);
    if (emit_has(member))
        g_string_append_printf(out, "    bool has_%s;\n", name);
    g_string_append_printf(out, "    %s%s;%s\n", emit_c_type(emitter, member->type), name,
                           member->optional && !emit_has(member) ? " /* or NULL */" : "");
}

static void emit_branches(const Emitter *emitter, const Type *type, GString *out)
{
    g_autoptr(GString) inside = g_string_new(NULL);
    for (guint i = 0; i < type->branches->len; i++) {
        const Member *branch = type->branches->pdata[i];
        if (emit_branch_is_there(type, branch))
            g_string_append_printf(inside, "        %s%s;\n", emit_c_type(emitter, branch->type),
                                   c_name(emitter->schema->arena, branch->name));
    }
    if (inside->len)
        g_string_append_printf(out, "    union {\n%s    } u;\n", inside->str);
}

static void emit_struct(const Emitter *emitter, const Type *type, GString *out)
{
    g_autoptr(GPtrArray) members = type_flat_members(type);
    gsize start;
    emit_summary(type->doc, out);
    g_string_append_printf(out, "struct %s {\n", type->c_type);
    start = out->len;
    if (type->kind == TYPE_ALTERNATE)
        g_string_append(out, "    QapiQType type;\n");
    for (guint i = 0; i < members->len; i++)
        emit_member(emitter, members->pdata[i], out);
    if (type->branches)
        emit_branches(emitter, type, out);
    if (out->len == start)
        g_string_append(out, "    char empty; /* C has no struct without members */\n");
    g_string_append(out, "};\n\n");
}

static void emit_object_functions(const Type *type, GString *out)
{
    const char *t = type->c_type;
    const char *f = type->c_lower;
    g_string_append_printf(out,
                           "void %s_free(%s *value);\n"
                           "G_DEFINE_AUTOPTR_CLEANUP_FUNC(%s, %s_free)\n"
                           "%s *%s_from_json(const cJSON *json, GError **error) "
                           "G_GNUC_WARN_UNUSED_RESULT;\n"
                           "cJSON *%s_to_json(const %s *value, GError **error) "
                           "G_GNUC_WARN_UNUSED_RESULT;\n"
                           "extern const QapiType %s_type;\n\n",
                           f, t, t, f, t, f, f, t, f);
}

static void emit_enum_functions(const Type *type, GString *out)
{
    g_string_append_printf(out,
                           "const char *%s_name(%s value);\n"
                           "bool %s_parse(const char *name, %s *out_value);\n"
                           "extern const QapiType %s_type;\n\n",
                           type->c_lower, type->c_type, type->c_lower, type->c_type, type->c_lower);
}

/* A type that is written: not a base that only one union has. */
static bool is_written(const Type *type)
{
    return !type->is_base;
}

static void emit_forward(const Emitter *emitter, GString *out)
{
    const GPtrArray *types = emitter->schema->types;
    for (guint i = 0; i < types->len; i++) {
        const Type *type = types->pdata[i];
        if (is_written(type) && type->kind != TYPE_ENUM)
            g_string_append_printf(out, "typedef struct %s %s;\n", type->c_type, type->c_type);
    }
    g_string_append_c(out, '\n');
    for (guint i = 0; i < emitter->arrays->len; i++) {
        const Type *array = emitter->arrays->pdata[i];
        g_string_append_printf(out, "typedef struct {\n    size_t len;\n    %s*items;\n} %s;\n\n",
                               emit_c_type(emitter, array->element), array->c_type);
    }
}

void emit_types_header(const Emitter *emitter, GString *out)
{
    const GPtrArray *types = emitter->schema->types;
    g_string_append(out, "#pragma once\n\n#include \"qapi/visit.h\"\n\n");
    for (guint i = 0; i < types->len; i++)
        if (((Type *) types->pdata[i])->kind == TYPE_ENUM)
            emit_enum(types->pdata[i], out);
    emit_forward(emitter, out);
    for (guint i = 0; i < types->len; i++) {
        const Type *type = types->pdata[i];
        if (is_written(type) && type->kind != TYPE_ENUM)
            emit_struct(emitter, type, out);
    }
    for (guint i = 0; i < types->len; i++) {
        const Type *type = types->pdata[i];
        if (type->kind == TYPE_ENUM)
            emit_enum_functions(type, out);
        else if (is_written(type))
            emit_object_functions(type, out);
    }
    for (guint i = 0; i < emitter->arrays->len; i++)
        emit_object_functions(emitter->arrays->pdata[i], out);
}

static void emit_object(const Type *type, GString *out)
{
    const char *t = type->c_type;
    const char *f = type->c_lower;
    g_string_append_printf(out,
                           "\nvoid %s_free(%s *value)\n{\n"
                           "    qapi_clear(&%s_type, &value);\n}\n\n"
                           "%s *%s_from_json(const cJSON *json, GError **error)\n{\n"
                           "    %s *value = NULL;\n"
                           "    return qapi_from_json(&%s_type, json, \"%s\", &value, error) "
                           "? value : NULL;\n}\n\n"
                           "cJSON *%s_to_json(const %s *value, GError **error)\n{\n"
                           "    return qapi_to_json(&%s_type, &value, \"%s\", error);\n}\n",
                           f, t, f, t, f, t, f, type->name, f, t, f, type->name);
}

static void emit_enum_lookup(const Type *type, GString *out)
{
    const char *t = type->c_type;
    const char *f = type->c_lower;
    g_string_append_printf(out,
                           "\nconst char *%s_name(%s value)\n{\n"
                           "    return qapi_enum_name(&%s_type, (int) value);\n}\n\n"
                           "bool %s_parse(const char *name, %s *out_value)\n{\n"
                           "    int value = qapi_enum_value(&%s_type, name);\n"
                           "    if (value < 0)\n        return false;\n"
                           "    *out_value = (%s) value;\n    return true;\n}\n",
                           f, t, f, f, t, f, t);
}

void emit_types(const Emitter *emitter, GString *out)
{
    const GPtrArray *types = emitter->schema->types;
    g_string_append_printf(out, "#include \"%s-types.h\"\n", emitter->prefix);
    for (guint i = 0; i < types->len; i++) {
        const Type *type = types->pdata[i];
        if (type->kind == TYPE_ENUM)
            emit_enum_lookup(type, out);
        else if (is_written(type))
            emit_object(type, out);
    }
    for (guint i = 0; i < emitter->arrays->len; i++)
        emit_object(emitter->arrays->pdata[i], out);
}

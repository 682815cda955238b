/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the tables that the visitors of the run time walk along. */
#include <string.h>

#include "qapi/gen/emit.h"
#include "qapi/gen/names.h"

static void emit_enum(const Type *type, GString *out)
{
    g_string_append_printf(out, "\nstatic const char *const %s_values[] = {\n", type->c_lower);
    for (guint i = 0; i < type->values->len; i++) {
        const EnumValue *value = type->values->pdata[i];
        g_string_append_printf(out, "    [%s] = \"%s\",\n", value->in_c, value->name);
    }
    g_string_append_printf(out,
                           "};\nconst QapiType %s_type = { .name = \"%s\", .kind = QAPI_ENUM, "
                           ".size = sizeof(%s), .values = %s_values, .count = %u };\n",
                           type->c_lower, type->name, type->c_type, type->c_lower,
                           type->values->len);
}

static void emit_list(const Emitter *emitter, const Type *type, GString *out)
{
    g_string_append_printf(out,
                           "\nconst QapiType %s_type = { .name = \"%s\", .kind = QAPI_LIST, "
                           ".size = sizeof(%s), .element = &%s };\n",
                           type->c_lower, type->name, type->c_type,
                           emit_table(emitter, type->element));
}

static void emit_members(const Emitter *emitter, const Type *type, const GPtrArray *members,
                         GString *out)
{
    g_string_append_printf(out, "\nstatic const QapiMember %s_members[] = {\n", type->c_lower);
    for (guint i = 0; i < members->len; i++) {
        const Member *member = members->pdata[i];
        const char *name = c_name(emitter->schema->arena, member->name);
        g_string_append_printf(out, "    { \"%s\", &%s, offsetof(%s, %s), ", member->name,
                               emit_table(emitter, member->type), type->c_type, name);
        if (emit_has(member))
            g_string_append_printf(out, "offsetof(%s, has_%s), ", type->c_type, name);
        else
            g_string_append(out, "0, ");
        g_string_append_printf(out, "%s },\n",
                               emit_flags(emitter, "QAPI",
                                          member->optional ? "QAPI_OPTIONAL" : NULL,
                                          member->condition, member->features));
    }
    g_string_append(out, "};\n");
}

/* Name of the index of a branch: a value of the tag, or what JSON it is. */
static const char *branch_index(const Type *type, const Member *branch)
{
    if (type->kind == TYPE_OBJECT) {
        const GPtrArray *values = type->tag->type->values;
        for (guint i = 0; i < values->len; i++) {
            const EnumValue *value = values->pdata[i];
            if (strcmp(value->name, branch->name) == 0)
                return value->in_c;
        }
    }
    switch (branch->type->kind) {
    case TYPE_ARRAY:
        return "QAPI_QTYPE_QLIST";
    case TYPE_ENUM:
        return "QAPI_QTYPE_QSTRING";
    case TYPE_BUILTIN:
        break;
    default:
        return "QAPI_QTYPE_QDICT";
    }
    switch (branch->type->builtin->json) {
    case JSON_NULL:
        return "QAPI_QTYPE_QNULL";
    case JSON_BOOL:
        return "QAPI_QTYPE_QBOOL";
    case JSON_STRING:
        return "QAPI_QTYPE_QSTRING";
    default:
        return "QAPI_QTYPE_QNUM";
    }
}

/* Return: how many branches hold anything */
static unsigned emit_branches(const Emitter *emitter, const Type *type, GString *out)
{
    g_autoptr(GString) table = g_string_new(NULL);
    unsigned count = 0;
    for (guint i = 0; i < type->branches->len; i++) {
        const Member *branch = type->branches->pdata[i];
        if (!emit_branch_is_there(type, branch))
            continue;
        g_string_append_printf(table, "    [%s] = &%s,\n", branch_index(type, branch),
                               emit_table(emitter, branch->type));
        count++;
    }
    if (count)
        g_string_append_printf(out, "\nstatic const QapiType *const %s_branches[] = {\n%s};\n",
                               type->c_lower, table->str);
    return count;
}

static void emit_struct(const Emitter *emitter, const Type *type, GString *out)
{
    g_autoptr(GPtrArray) members = type_flat_members(type);
    bool alternate = type->kind == TYPE_ALTERNATE;
    if (members->len)
        emit_members(emitter, type, members, out);
    unsigned branches = type->branches ? emit_branches(emitter, type, out) : 0;
    g_string_append_printf(out,
                           "\nconst QapiType %s_type = {\n    .name = \"%s\",\n    .kind = %s,\n"
                           "    .size = sizeof(%s),\n",
                           type->c_lower, type->name, alternate ? "QAPI_ALTERNATE" : "QAPI_STRUCT",
                           type->c_type);
    if (members->len)
        g_string_append_printf(out, "    .members = %s_members,\n    .count = %u,\n", type->c_lower,
                               members->len);
    if (branches) {
        const char *tag = alternate ? "type" : c_name(emitter->schema->arena, type->tag->name);
        g_string_append_printf(out,
                               "    .branches = %s_branches,\n"
                               "    .n_branches = G_N_ELEMENTS(%s_branches),\n"
                               "    .tag_offset = offsetof(%s, %s),\n"
                               "    .branch_offset = offsetof(%s, u),\n",
                               type->c_lower, type->c_lower, type->c_type, tag, type->c_type);
    }
    g_string_append(out, "};\n");
}

void emit_visit(const Emitter *emitter, GString *out)
{
    const GPtrArray *types = emitter->schema->types;
    g_string_append_printf(out, "#include \"%s-types.h\"\n", emitter->prefix);
    for (guint i = 0; i < types->len; i++) {
        const Type *type = types->pdata[i];
        if (type->kind == TYPE_ENUM)
            emit_enum(type, out);
        else if (!type->is_base)
            emit_struct(emitter, type, out);
    }
    for (guint i = 0; i < emitter->arrays->len; i++)
        emit_list(emitter, emitter->arrays->pdata[i], out);
}

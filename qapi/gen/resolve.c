/* SPDX-License-Identifier: Apache-2.0 */
/* Resolves the names of a schema and refuses what the language does not allow. */
#include <string.h>

#include "qapi/gen/model.h"
#include "qapi/gen/names.h"

GPtrArray *type_flat_members(const Type *type)
{
    GPtrArray *all = type->base ? type_flat_members(type->base) : g_ptr_array_new();
    for (guint i = 0; i < type->members->len; i++)
        g_ptr_array_add(all, type->members->pdata[i]);
    return all;
}

char *type_describe(Arena *arena, const Type *type)
{
    static const char *const words[] = { "built-in", "enum", "array", "struct", "alternate" };
    const char *word = words[type->kind];
    if (type->kind == TYPE_OBJECT && type->branches)
        word = "union";
    return arena_printf(arena, "%s type \"%s\"", word, type->name);
}

Type *schema_array_of(Schema *schema, Type *element)
{
    Type *array = g_hash_table_lookup(schema->arrays, element->name);
    if (array)
        return array;
    array = arena_new0(schema->arena, Type);
    array->kind = TYPE_ARRAY;
    array->name = arena_printf(schema->arena, "%sList", element->name);
    array->place = element->place;
    array->element = element;
    array->features = arena_array(schema->arena);
    element->is_used_as_array = true;
    g_hash_table_insert(schema->arrays, (gpointer) element->name, array);
    return array;
}

static Type *resolve_name(Schema *schema, const char *name, bool is_array, const Place *place,
                          const char *what, GError **error)
{
    Type *type = g_hash_table_lookup(schema->by_name, name);
    if (!type) {
        place_error(error, place, "%s uses unknown type \"%s\"", what, name);
        return NULL;
    }
    return is_array ? schema_array_of(schema, type) : type;
}

/* ---- names that would become one in C ---- */

/* @seen: C name -> the name it came from */
static bool check_clash(Schema *schema, GHashTable *seen, const char *name, const char *what,
                        const Place *place, GError **error)
{
    char *in_c = c_name(schema->arena, name);
    const char *other = g_hash_table_lookup(seen, in_c);
    if (other)
        return place_error(error, place, "%s \"%s\" collides with \"%s\"", what, name, other);
    g_hash_table_insert(seen, in_c, (gpointer) name);
    return true;
}

static bool check_features(Schema *schema, const GPtrArray *features, const Doc *doc,
                           GError **error)
{
    GHashTable *seen = arena_table(schema->arena);
    for (guint i = 0; i < features->len; i++) {
        const Feature *feature = features->pdata[i];
        if (!check_clash(schema, seen, feature->name, "feature", &feature->place, error))
            return false;
        if (doc && !doc_has(doc->features, feature->name))
            return place_error(error, &feature->place, "feature \"%s\" lacks documentation",
                               feature->name);
    }
    return true;
}

static GHashTable *copy_table(Schema *schema, GHashTable *table)
{
    GHashTable *copy = arena_table(schema->arena);
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, table);
    while (g_hash_table_iter_next(&iter, &key, &value))
        g_hash_table_insert(copy, key, value);
    return copy;
}

/* All members of @type, those of its branches as well, against what is in @seen. */
static bool check_member_clashes(Schema *schema, const Type *type, GHashTable *seen,
                                 const Place *place, GError **error)
{
    g_autoptr(GPtrArray) members = type_flat_members(type);
    for (guint i = 0; i < members->len; i++) {
        const Member *member = members->pdata[i];
        if (!check_clash(schema, seen, member->name, "member", place ? place : &member->place,
                         error))
            return false;
    }
    for (guint i = 0; type->branches && i < type->branches->len; i++) {
        const Member *branch = type->branches->pdata[i];
        if (!check_member_clashes(schema, branch->type, copy_table(schema, seen),
                                  place ? place : &branch->place, error))
            return false;
    }
    return true;
}

/* ---- types ---- */

static bool resolve_object(Schema *schema, Type *type, GError **error);

static bool resolve_enum(Schema *schema, const Type *type, GError **error)
{
    GHashTable *seen = arena_table(schema->arena);
    for (guint i = 0; i < type->values->len; i++) {
        const EnumValue *value = type->values->pdata[i];
        if (!check_clash(schema, seen, value->name, "value", &value->place, error) ||
            !check_features(schema, value->features, type->doc, error))
            return false;
    }
    return true;
}

static bool resolve_members(Schema *schema, const GPtrArray *members, const char *what,
                            const Doc *doc, GError **error)
{
    for (guint i = 0; i < members->len; i++) {
        Member *member = members->pdata[i];
        g_autofree char *source = g_strdup_printf("%s \"%s\"", what, member->name);
        member->type = resolve_name(schema, member->type_name, member->is_array, &member->place,
                                    source, error);
        if (!member->type || !check_features(schema, member->features, doc, error))
            return false;
    }
    return true;
}

static bool resolve_base(Schema *schema, Type *type, GError **error)
{
    if (!type->base_name)
        return true;
    type->base = resolve_name(schema, type->base_name, false, &type->base_place, "\"base\"", error);
    if (!type->base)
        return false;
    if (type->base->kind != TYPE_OBJECT || type->base->branches)
        return place_error(error, &type->base_place, "\"base\" requires a struct type, %s is none",
                           type_describe(schema->arena, type->base));
    return resolve_object(schema, type->base, error);
}

static bool resolve_tag(Schema *schema, Type *type, GError **error)
{
    const char *where = type->base->is_implicit
                            ? "\"base\""
                            : arena_printf(schema->arena, "base type \"%s\"", type->base_name);
    g_autoptr(GPtrArray) members = type_flat_members(type);
    for (guint i = 0; i < members->len && !type->tag; i++)
        if (strcmp(((Member *) members->pdata[i])->name, type->tag_name) == 0)
            type->tag = members->pdata[i];
    const Place *place = &type->tag_place;
    if (!type->tag)
        return place_error(error, place, "discriminator \"%s\" is not a member of %s",
                           type->tag_name, where);
    if (type->tag->type->kind != TYPE_ENUM && strcmp(type->tag->type->name, "QType") != 0)
        return place_error(error, place, "discriminator member \"%s\" of %s must be of enum type",
                           type->tag_name, where);
    if (type->tag->optional)
        return place_error(error, place, "discriminator member \"%s\" of %s must not be optional",
                           type->tag_name, where);
    if (type->tag->condition)
        return place_error(error, place,
                           "discriminator member \"%s\" of %s must not be conditional",
                           type->tag_name, where);
    return true;
}

static bool enum_has(const Type *type, const char *name)
{
    for (guint i = 0; type->values && i < type->values->len; i++)
        if (strcmp(((EnumValue *) type->values->pdata[i])->name, name) == 0)
            return true;
    return false;
}

static bool resolve_branches(Schema *schema, const Type *type, GError **error)
{
    const Type *tag_type = type->tag->type;
    if (!type->branches->len && !(tag_type->values && tag_type->values->len))
        return place_error(error, &type->place, "union has no branches");
    for (guint i = 0; i < type->branches->len; i++) {
        const Member *branch = type->branches->pdata[i];
        if (!enum_has(tag_type, branch->name))
            return place_error(error, &branch->place, "branch \"%s\" is not a value of %s",
                               branch->name, type_describe(schema->arena, tag_type));
        if (branch->type->kind != TYPE_OBJECT)
            return place_error(error, &branch->place, "branch \"%s\" cannot use %s", branch->name,
                               type_describe(schema->arena, branch->type));
        if (!resolve_object(schema, branch->type, error))
            return false;
    }
    return true;
}

static bool resolve_object(Schema *schema, Type *type, GError **error)
{
    if (type->state == CHECKED)
        return true;
    if (type->state == CHECKING)
        return place_error(error, &type->place, "object \"%s\" contains itself", type->name);
    type->state = CHECKING;
    if (!resolve_base(schema, type, error) ||
        !resolve_members(schema, type->members, "member", type->doc, error))
        return false;
    if (type->branches && (!resolve_tag(schema, type, error) ||
                           !resolve_members(schema, type->branches, "branch", NULL, error) ||
                           !resolve_branches(schema, type, error)))
        return false;
    type->state = CHECKED;
    return check_member_clashes(schema, type, arena_table(schema->arena), NULL, error);
}

/* ---- alternates ---- */

static JsonKind json_kind(const Type *type)
{
    switch (type->kind) {
    case TYPE_BUILTIN:
        return type->builtin->json;
    case TYPE_ENUM:
        return JSON_STRING;
    case TYPE_ARRAY:
        return JSON_ARRAY;
    case TYPE_OBJECT:
        return JSON_OBJECT;
    case TYPE_ALTERNATE:
        break;
    }
    return JSON_NONE;
}

/* Bits of JsonKind that a branch takes: on a command line "on" and "1" are strings too. */
static unsigned kinds_taken(const Type *type)
{
    JsonKind kind = json_kind(type);
    unsigned taken = 1u << kind;
    if (kind != JSON_STRING)
        return taken;
    if (!type->values)
        return taken | 1u << JSON_NUMBER | 1u << JSON_BOOL;
    for (guint i = 0; i < type->values->len; i++) {
        const char *name = ((EnumValue *) type->values->pdata[i])->name;
        if (strcmp(name, "on") == 0 || strcmp(name, "off") == 0)
            taken |= 1u << JSON_BOOL;
        if (strchr("-+0123456789.", name[0]))
            taken |= 1u << JSON_NUMBER;
    }
    return taken;
}

static bool resolve_alternate(Schema *schema, const Type *type, GError **error)
{
    const Member *takers[JSON_KINDS] = { NULL };
    GHashTable *seen = arena_table(schema->arena);
    if (!resolve_members(schema, type->branches, "branch", NULL, error))
        return false;
    for (guint i = 0; i < type->branches->len; i++) {
        const Member *branch = type->branches->pdata[i];
        if (!check_clash(schema, seen, branch->name, "branch", &branch->place, error))
            return false;
        if (json_kind(branch->type) == JSON_NONE)
            return place_error(error, &branch->place, "branch \"%s\" cannot use %s", branch->name,
                               type_describe(schema->arena, branch->type));
        unsigned taken = kinds_taken(branch->type);
        for (unsigned kind = 0; kind < JSON_KINDS; kind++) {
            if (!(taken & 1u << kind))
                continue;
            if (takers[kind])
                return place_error(error, &branch->place,
                                   "branch \"%s\" can't be distinguished from \"%s\"", branch->name,
                                   takers[kind]->name);
            takers[kind] = branch;
        }
    }
    return true;
}

/* ---- commands and events ---- */

static bool resolve_data(Schema *schema, Call *call, const char *what, GError **error)
{
    if (!check_features(schema, call->features, call->doc, error))
        return false;
    if (!call->data_name)
        return true;
    g_autofree char *source = g_strdup_printf("%s's \"data\"", what);
    call->data = resolve_name(schema, call->data_name, false, &call->data_place, source, error);
    if (!call->data)
        return false;
    if (call->data->kind != TYPE_OBJECT)
        return place_error(error, &call->data_place, "%s cannot take %s", source,
                           type_describe(schema->arena, call->data));
    if (call->data->branches && !call->boxed)
        return place_error(error, &call->data_place, "%s can take %s only with \"boxed\": true",
                           source, type_describe(schema->arena, call->data));
    return true;
}

static bool resolve_returns(Schema *schema, Call *command, GError **error)
{
    if (!command->returns_name)
        return true;
    const Place *place = &command->returns_place;
    command->returns = resolve_name(schema, command->returns_name, command->returns_array, place,
                                    "command's \"returns\"", error);
    if (!command->returns)
        return false;
    if (g_hash_table_contains(schema->definitions->pragma.command_returns_exceptions,
                              command->name))
        return true;
    const Type *type = command->returns;
    if (type->kind == TYPE_ARRAY)
        type = type->element;
    return type->kind == TYPE_OBJECT ||
           place_error(error, place, "command's \"returns\" cannot take %s",
                       type_describe(schema->arena, command->returns));
}

/* ---- documentation ---- */

static bool has_member(const Type *type, const char *name)
{
    if (type->kind == TYPE_ENUM)
        return enum_has(type, name);
    for (guint i = 0; i < type->members->len; i++)
        if (strcmp(((Member *) type->members->pdata[i])->name, name) == 0)
            return true;
    for (guint i = 0; type->branches && i < type->branches->len; i++)
        if (strcmp(((Member *) type->branches->pdata[i])->name, name) == 0)
            return true;
    return type->base && type->base->is_implicit && has_member(type->base, name);
}

static bool has_feature(const GPtrArray *features, const char *name)
{
    for (guint i = 0; i < features->len; i++)
        if (strcmp(((Feature *) features->pdata[i])->name, name) == 0)
            return true;
    return false;
}

static bool type_has_feature(const Type *type, const char *name)
{
    bool found = has_feature(type->features, name);
    for (guint i = 0; type->members && i < type->members->len; i++)
        found |= has_feature(((Member *) type->members->pdata[i])->features, name);
    for (guint i = 0; type->values && i < type->values->len; i++)
        found |= has_feature(((EnumValue *) type->values->pdata[i])->features, name);
    return found || (type->base && type->base->is_implicit && type_has_feature(type->base, name));
}

/* What a comment documents must be there. @type may be NULL. */
static bool check_doc(const Doc *doc, const Type *type, const GPtrArray *features, GError **error)
{
    for (guint i = 0; doc && i < doc->members->len; i++) {
        const DocItem *item = doc->members->pdata[i];
        if (!type || !has_member(type, item->name))
            return place_error(error, &item->place, "documented member \"%s\" does not exist",
                               item->name);
    }
    for (guint i = 0; doc && i < doc->features->len; i++) {
        const DocItem *item = doc->features->pdata[i];
        if (!has_feature(features, item->name) && !(type && type_has_feature(type, item->name)))
            return place_error(error, &item->place, "documented feature \"%s\" does not exist",
                               item->name);
    }
    return true;
}

static bool resolve_type(Schema *schema, Type *type, GError **error)
{
    if (!check_features(schema, type->features, type->doc, error))
        return false;
    switch (type->kind) {
    case TYPE_ENUM:
        return resolve_enum(schema, type, error);
    case TYPE_ALTERNATE:
        return resolve_alternate(schema, type, error);
    case TYPE_OBJECT:
        return resolve_object(schema, type, error);
    case TYPE_BUILTIN:
    case TYPE_ARRAY:
        break;
    }
    return true;
}

bool schema_resolve(Schema *schema, GError **error)
{
    for (guint i = 0; i < schema->types->len; i++)
        if (!resolve_type(schema, schema->types->pdata[i], error))
            return false;
    for (guint i = 0; i < schema->types->len; i++) {
        const Type *type = schema->types->pdata[i];
        if (!check_doc(type->doc, type, type->features, error))
            return false;
    }
    for (guint i = 0; i < schema->commands->len; i++) {
        Call *command = schema->commands->pdata[i];
        if (!resolve_data(schema, command, "command", error) ||
            !resolve_returns(schema, command, error))
            return false;
        const Type *inline_data =
            command->data && command->data->is_implicit ? command->data : NULL;
        if (!check_doc(command->doc, inline_data, command->features, error))
            return false;
    }
    for (guint i = 0; i < schema->events->len; i++) {
        Call *event = schema->events->pdata[i];
        if (!resolve_data(schema, event, "event", error))
            return false;
        const Type *inline_data = event->data && event->data->is_implicit ? event->data : NULL;
        if (!check_doc(event->doc, inline_data, event->features, error))
            return false;
    }
    return true;
}

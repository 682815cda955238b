/* SPDX-License-Identifier: Apache-2.0 */
/* Makes types, commands and events out of checked definitions. */
#include <string.h>

#include "qapi/gen/check.h"
#include "qapi/gen/model.h"

const Builtin *schema_builtin_types(size_t *out_count)
{
    static const Builtin builtins[] = {
        { "str", "char *", "const char *", "str", "QapiStrList", true, JSON_STRING },
        { "number", "double ", "double ", "number", "QapiNumberList", false, JSON_NUMBER },
        { "int", "int64_t ", "int64_t ", "int64", "QapiInt64List", false, JSON_NUMBER },
        { "int8", "int8_t ", "int8_t ", "int8", "QapiInt8List", false, JSON_NUMBER },
        { "int16", "int16_t ", "int16_t ", "int16", "QapiInt16List", false, JSON_NUMBER },
        { "int32", "int32_t ", "int32_t ", "int32", "QapiInt32List", false, JSON_NUMBER },
        { "int64", "int64_t ", "int64_t ", "int64", "QapiInt64List", false, JSON_NUMBER },
        { "uint8", "uint8_t ", "uint8_t ", "uint8", "QapiUint8List", false, JSON_NUMBER },
        { "uint16", "uint16_t ", "uint16_t ", "uint16", "QapiUint16List", false, JSON_NUMBER },
        { "uint32", "uint32_t ", "uint32_t ", "uint32", "QapiUint32List", false, JSON_NUMBER },
        { "uint64", "uint64_t ", "uint64_t ", "uint64", "QapiUint64List", false, JSON_NUMBER },
        { "size", "uint64_t ", "uint64_t ", "uint64", "QapiUint64List", false, JSON_NUMBER },
        { "bool", "bool ", "bool ", "bool", "QapiBoolList", false, JSON_BOOL },
        { "any", "cJSON *", "const cJSON *", "any", "QapiAnyList", true, JSON_NONE },
        { "null", "QapiNull ", "QapiNull ", "null", "QapiNullList", false, JSON_NULL },
        { "QType", "QapiQType ", "QapiQType ", "qtype", "QapiQTypeList", false, JSON_STRING },
    };
    *out_count = G_N_ELEMENTS(builtins);
    return builtins;
}

static char *condition_text(Arena *arena, const Node *node)
{
    if (!node)
        return NULL;
    if (node->kind == NODE_STRING)
        return arena_printf(arena, "%s", node->text);
    const char *operation = ((Node *) node->keys->pdata[0])->text;
    const Node *operand = node->items->pdata[0];
    if (operand->kind != NODE_LIST)
        return arena_printf(arena, "%s(%s)", operation, condition_text(arena, operand));
    g_autoptr(GString) text = g_string_new(operation);
    for (guint i = 0; i < operand->items->len; i++)
        g_string_append_printf(text, "%s%s", i ? ", " : "(",
                               condition_text(arena, operand->items->pdata[i]));
    return arena_printf(arena, "%s)", text->str);
}

static char *condition_of(Arena *arena, const Node *node)
{
    return condition_text(arena, node_get(node, "if"));
}

static GPtrArray *build_features(Arena *arena, const Node *node)
{
    GPtrArray *features = arena_array(arena);
    const Node *list = node_get(node, "features");
    for (guint i = 0; list && i < list->items->len; i++) {
        const Node *item = list->items->pdata[i];
        Feature *feature = arena_new0(arena, Feature);
        feature->name = node_get(item, "name")->text;
        feature->place = node_get(item, "name")->place;
        feature->condition = condition_of(arena, item);
        g_ptr_array_add(features, feature);
    }
    return features;
}

/* A type name, or a list with one in it. */
static const char *type_name_of(const Node *node, bool *out_array)
{
    *out_array = node->kind == NODE_LIST;
    return *out_array ? ((Node *) node->items->pdata[0])->text : node->text;
}

/* Members of a struct, or branches. */
static GPtrArray *build_members(Schema *schema, const Node *data, Type *owner)
{
    GPtrArray *members = arena_array(schema->arena);
    for (guint i = 0; i < data->keys->len; i++) {
        const Node *key = data->keys->pdata[i];
        const Node *item = data->items->pdata[i];
        Member *member = arena_new0(schema->arena, Member);
        member->optional = key->text[0] == '*';
        member->name = key->text + member->optional;
        member->type_name = type_name_of(node_get(item, "type"), &member->is_array);
        member->condition = condition_of(schema->arena, item);
        member->features = build_features(schema->arena, item);
        member->place = key->place;
        member->owner = owner;
        g_ptr_array_add(members, member);
    }
    return members;
}

static Type *new_type(Schema *schema, TypeKind kind, const char *name, const Place *place,
                      const Node *expression)
{
    Type *type = arena_new0(schema->arena, Type);
    type->kind = kind;
    type->name = name;
    type->place = *place;
    type->condition = condition_of(schema->arena, expression);
    type->features = build_features(schema->arena, expression);
    return type;
}

static bool claim(Schema *schema, const char *name, const Place *place, GError **error)
{
    const Place *other = g_hash_table_lookup(schema->places, name);
    if (other)
        return place_error(error, place, "\"%s\" is already defined at %s:%u:%u", name, other->file,
                           other->line, other->column);
    if (g_hash_table_contains(schema->by_name, name))
        return place_error(error, place, "built-in type \"%s\" is already defined", name);
    g_hash_table_insert(schema->places, (gpointer) name, (gpointer) place);
    return true;
}

static void add_type(Schema *schema, Type *type)
{
    g_ptr_array_add(schema->types, type);
    g_hash_table_insert(schema->by_name, (gpointer) type->name, type);
}

/* @parent: what the members belong to; @what: which part of it */
static Type *add_implicit(Schema *schema, const char *parent, const char *what, const Node *data,
                          const char *condition)
{
    char *name = arena_printf(schema->arena, "q_obj_%s-%s", parent, what);
    Type *type = new_type(schema, TYPE_OBJECT, name, &data->place, NULL);
    type->is_implicit = true;
    type->condition = condition;
    type->members = build_members(schema, data, type);
    add_type(schema, type);
    return type;
}

static void build_enum(Schema *schema, const Definition *definition)
{
    const Node *expression = definition->expression;
    Type *type = new_type(schema, TYPE_ENUM, definition->name, &definition->place, expression);
    const Node *prefix = node_get(expression, "prefix");
    type->prefix = prefix ? prefix->text : NULL;
    type->doc = definition->doc;
    type->values = arena_array(schema->arena);
    const Node *data = node_get(expression, "data");
    for (guint i = 0; i < data->items->len; i++) {
        const Node *item = data->items->pdata[i];
        EnumValue *value = arena_new0(schema->arena, EnumValue);
        value->name = node_get(item, "name")->text;
        value->place = node_get(item, "name")->place;
        value->condition = condition_of(schema->arena, item);
        value->features = build_features(schema->arena, item);
        g_ptr_array_add(type->values, value);
    }
    add_type(schema, type);
}

static void build_object(Schema *schema, const Definition *definition)
{
    const Node *expression = definition->expression;
    const Node *base = node_get(expression, "base");
    const Node *tag = node_get(expression, "discriminator");
    const Node *data = node_get(expression, "data");
    bool is_union = strcmp(definition->meta, "union") == 0;
    bool is_alternate = strcmp(definition->meta, "alternate") == 0;
    Type *type = new_type(schema, is_alternate ? TYPE_ALTERNATE : TYPE_OBJECT, definition->name,
                          &definition->place, expression);
    type->doc = definition->doc;
    if (tag) {
        type->tag_name = tag->text;
        type->tag_place = tag->place;
    }
    if (base) {
        type->base_place = base->place;
        type->base_name = base->text;
        if (base->kind == NODE_OBJECT) {
            Type *implicit = add_implicit(schema, type->name, "base", base, type->condition);
            implicit->is_base = true;
            type->base_name = implicit->name;
        }
    }
    GPtrArray *members = build_members(schema, data, type);
    if (is_union || is_alternate)
        type->branches = members;
    type->members = type->branches ? arena_array(schema->arena) : members;
    add_type(schema, type);
}

static Call *build_call(Schema *schema, const Definition *definition, const char *what)
{
    const Node *expression = definition->expression;
    const Node *data = node_get(expression, "data");
    Call *call = arena_new0(schema->arena, Call);
    call->name = definition->name;
    call->place = definition->place;
    call->doc = definition->doc;
    call->condition = condition_of(schema->arena, expression);
    call->features = build_features(schema->arena, expression);
    call->boxed = node_get(expression, "boxed") != NULL;
    if (data) {
        call->data_place = data->place;
        call->data_name = data->kind == NODE_STRING
                              ? data->text
                              : add_implicit(schema, call->name, what, data, call->condition)->name;
    }
    return call;
}

static void build_command(Schema *schema, const Definition *definition)
{
    const Node *expression = definition->expression;
    const Node *returns = node_get(expression, "returns");
    Call *command = build_call(schema, definition, "arg");
    if (returns) {
        command->returns_name = type_name_of(returns, &command->returns_array);
        command->returns_place = returns->place;
    }
    command->gen = !node_get(expression, "gen");
    command->success_response = !node_get(expression, "success-response");
    command->allow_oob = node_get(expression, "allow-oob") != NULL;
    command->allow_preconfig = node_get(expression, "allow-preconfig") != NULL;
    command->coroutine = node_get(expression, "coroutine") != NULL;
    g_ptr_array_add(schema->commands, command);
}

static void add_builtins(Schema *schema)
{
    size_t count = 0;
    const Builtin *builtins = schema_builtin_types(&count);
    static const Place nowhere = { "(built in)", 0, 0 };
    for (size_t i = 0; i < count; i++) {
        Type *type = new_type(schema, TYPE_BUILTIN, builtins[i].name, &nowhere, NULL);
        type->builtin = &builtins[i];
        g_hash_table_insert(schema->by_name, (gpointer) type->name, type);
    }
}

static void build_definition(Schema *schema, const Definition *definition)
{
    if (strcmp(definition->meta, "enum") == 0)
        build_enum(schema, definition);
    else if (strcmp(definition->meta, "command") == 0)
        build_command(schema, definition);
    else if (strcmp(definition->meta, "event") == 0)
        g_ptr_array_add(schema->events, build_call(schema, definition, "data"));
    else
        build_object(schema, definition);
}

Schema *schema_build(Arena *arena, const Definitions *definitions, GError **error)
{
    Schema *schema = arena_new0(arena, Schema);
    schema->arena = arena;
    schema->definitions = definitions;
    schema->types = arena_array(arena);
    schema->commands = arena_array(arena);
    schema->events = arena_array(arena);
    schema->by_name = arena_table(arena);
    schema->places = arena_table(arena);
    schema->arrays = arena_table(arena);
    add_builtins(schema);
    for (guint i = 0; i < definitions->definitions->len; i++) {
        const Definition *definition = definitions->definitions->pdata[i];
        if (!claim(schema, definition->name, &definition->place, error))
            return NULL;
        build_definition(schema, definition);
    }
    return schema;
}

Schema *schema_load(Arena *arena, const char *path, SchemaReader reader, GError **error)
{
    Definitions *definitions = parse_definitions(arena, path, reader, error);
    if (!definitions || !check_definitions(arena, definitions, error))
        return NULL;
    Schema *schema = schema_build(arena, definitions, error);
    return schema && schema_resolve(schema, error) ? schema : NULL;
}

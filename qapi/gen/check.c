/* SPDX-License-Identifier: Apache-2.0 */
/* Checks each expression of a schema by itself, before names mean anything. */
#include "qapi/gen/check.h"

#include <string.h>

#include "qapi/gen/names.h"

typedef struct {
    Arena *arena;
    const Pragma *pragma;
} Checker;

/* ---- pieces ---- */

/* @required and @optional are lists of words. */
static bool check_keys(const Node *node, const char *what, const char *const *required,
                       const char *const *optional, GError **error)
{
    if (node->kind != NODE_OBJECT)
        return place_error(error, &node->place, "%s must be an object", what);
    for (const char *const *key = required; *key; key++)
        if (!node_get(node, *key))
            return place_error(error, &node->place, "%s misses key \"%s\"", what, *key);
    for (guint i = 0; i < node->keys->len; i++) {
        const Node *key = node->keys->pdata[i];
        if (!g_strv_contains(required, key->text) && !g_strv_contains(optional, key->text))
            return place_error(error, &key->place, "%s has unknown key \"%s\"", what, key->text);
    }
    return true;
}

#define KEYS(...) ((const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static bool check_string(const Node *node, const char *what, GError **error)
{
    return node->kind == NODE_STRING ||
           place_error(error, &node->place, "%s requires a string name", what);
}

static bool check_valid_name(const Node *node, const char *name, const char *what,
                             const char **out_stem, GError **error)
{
    return name_is_valid(name, out_stem) ||
           place_error(error, &node->place, "%s has an invalid name", what);
}

static bool check_lower_name(const Node *node, const char *name, const char *what, bool allow_upper,
                             bool allow_underscore, GError **error)
{
    const char *stem = NULL;
    if (!check_valid_name(node, name, what, &stem, error))
        return false;
    return name_is_lower(stem, allow_upper, allow_underscore) ||
           place_error(error, &node->place, "name of %s must not use uppercase or \"_\"", what);
}

static bool check_condition(const Node *node, const char *what, GError **error)
{
    if (node->kind == NODE_STRING) {
        const char *p = node->text;
        bool ok = g_ascii_isupper(*p);
        for (; *p; p++)
            ok &= g_ascii_isupper(*p) || g_ascii_isdigit(*p) || *p == '_';
        return ok || place_error(error, &node->place,
                                 "\"if\" condition \"%s\" of %s is not a valid identifier",
                                 node->text, what);
    }
    if (node->kind != NODE_OBJECT)
        return place_error(error, &node->place,
                           "\"if\" condition of %s must be a string or an object", what);
    g_autofree char *source = g_strdup_printf("\"if\" condition of %s", what);
    if (!check_keys(node, source, KEYS(), KEYS("all", "any", "not"), error))
        return false;
    if (node->keys->len != 1)
        return place_error(error, &node->place, "\"if\" condition of %s has conflicting keys",
                           what);
    const char *operation = ((Node *) node->keys->pdata[0])->text;
    const Node *operand = node->items->pdata[0];
    if (strcmp(operation, "not") == 0)
        return check_condition(operand, what, error);
    if (operand->kind != NODE_LIST)
        return place_error(error, &operand->place, "\"%s\" condition of %s must be an array",
                           operation, what);
    if (!operand->items->len)
        return place_error(error, &operand->place, "\"if\" condition [] of %s is useless", what);
    for (guint i = 0; i < operand->items->len; i++)
        if (!check_condition(operand->items->pdata[i], what, error))
            return false;
    return true;
}

static bool check_if(const Node *node, const char *what, GError **error)
{
    const Node *condition = node_get(node, "if");
    return !condition || check_condition(condition, what, error);
}

/* Turns the elements of a list that are not objects into { "name": element }. */
static void make_named(Checker *checker, Node *list)
{
    for (guint i = 0; i < list->items->len; i++) {
        Node *item = list->items->pdata[i];
        if (item->kind == NODE_OBJECT)
            continue;
        Node *key = node_new(checker->arena, NODE_STRING, &item->place);
        key->text = "name";
        Node *object = node_new(checker->arena, NODE_OBJECT, &item->place);
        g_ptr_array_add(object->keys, key);
        g_ptr_array_add(object->items, item);
        list->items->pdata[i] = object;
    }
}

/* Turns the members of an object that are not objects into { "type": member }. */
static void make_typed(Checker *checker, Node *object)
{
    if (!node_is(object, NODE_OBJECT))
        return;
    for (guint i = 0; i < object->items->len; i++) {
        Node *item = object->items->pdata[i];
        if (item->kind == NODE_OBJECT)
            continue;
        Node *key = node_new(checker->arena, NODE_STRING, &item->place);
        key->text = "type";
        Node *typed = node_new(checker->arena, NODE_OBJECT, &item->place);
        g_ptr_array_add(typed->keys, key);
        g_ptr_array_add(typed->items, item);
        object->items->pdata[i] = typed;
    }
}

static bool check_features(Checker *checker, const Node *node, GError **error)
{
    Node *features = node_get(node, "features");
    if (!features)
        return true;
    if (features->kind != NODE_LIST)
        return place_error(error, &features->place, "\"features\" must be an array");
    make_named(checker, features);
    for (guint i = 0; i < features->items->len; i++) {
        const Node *feature = features->items->pdata[i];
        if (!check_keys(feature, "\"features\" member", KEYS("name"), KEYS("if"), error))
            return false;
        const Node *name = node_get(feature, "name");
        if (!check_string(name, "\"features\" member", error))
            return false;
        g_autofree char *what = g_strdup_printf("\"features\" member \"%s\"", name->text);
        if (!check_lower_name(name, name->text, what, false, false, error) ||
            !check_if(feature, what, error))
            return false;
    }
    return true;
}

static bool check_type_name(const Node *node, const char *what, GError **error)
{
    return !node || node->kind == NODE_STRING ||
           place_error(error, &node->place, "%s should be a type name", what);
}

static bool check_type_or_array(const Node *node, const char *what, GError **error)
{
    if (!node || node->kind == NODE_STRING)
        return true;
    if (node->kind != NODE_LIST)
        return place_error(error, &node->place, "%s should be a type name or array", what);
    if (node->items->len != 1 || !node_is(node->items->pdata[0], NODE_STRING))
        return place_error(error, &node->place, "%s: array type must contain single type name",
                           what);
    return true;
}

static bool check_member(Checker *checker, const Node *key, const Node *member, const char *what,
                         bool permissive, GError **error)
{
    const char *name = key->text + (key->text[0] == '*');
    if (!check_lower_name(key, name, what, permissive, permissive, error))
        return false;
    if (strcmp(name, "u") == 0 || g_str_has_prefix(name, "has-") || g_str_has_prefix(name, "has_"))
        return place_error(error, &key->place, "%s uses reserved name", what);
    return check_keys(member, what, KEYS("type"), KEYS("if", "features"), error) &&
           check_if(member, what, error) && check_features(checker, member, error) &&
           check_type_or_array(node_get(member, "type"), what, error);
}

/* @parent: name of the type whose members these are; NULL for the arguments of a command */
static bool check_members(Checker *checker, Node *node, const char *what, const char *parent,
                          GError **error)
{
    if (node->kind != NODE_OBJECT)
        return place_error(error, &node->place, "%s should be an object or type name", what);
    bool permissive =
        parent && g_hash_table_contains(checker->pragma->member_name_exceptions, parent);
    make_typed(checker, node);
    for (guint i = 0; i < node->keys->len; i++) {
        const Node *key = node->keys->pdata[i];
        g_autofree char *source = g_strdup_printf("%s member \"%s\"", what, key->text);
        if (!check_member(checker, key, node->items->pdata[i], source, permissive, error))
            return false;
    }
    return true;
}

static bool check_type_or_members(Checker *checker, Node *node, const char *what,
                                  const char *parent, GError **error)
{
    return !node || node->kind == NODE_STRING || check_members(checker, node, what, parent, error);
}

/* ---- definitions ---- */

static bool check_enum_value(Checker *checker, const Node *value, bool permissive, GError **error)
{
    if (!check_keys(value, "\"data\" member", KEYS("name"), KEYS("if", "features"), error))
        return false;
    const Node *name = node_get(value, "name");
    if (!check_string(name, "\"data\" member", error))
        return false;
    g_autofree char *what = g_strdup_printf("\"data\" member \"%s\"", name->text);
    /* A value, unlike other names, may begin with a digit. */
    g_autofree char *checked =
        g_strdup_printf("%s%s", g_ascii_isdigit(name->text[0]) ? "d" : "", name->text);
    return check_lower_name(name, checked, what, permissive, permissive, error) &&
           check_if(value, what, error) && check_features(checker, value, error);
}

static bool check_enum(Checker *checker, const Definition *definition, GError **error)
{
    const Node *expression = definition->expression;
    const Node *prefix = node_get(expression, "prefix");
    Node *data = node_get(expression, "data");
    bool permissive =
        g_hash_table_contains(checker->pragma->member_name_exceptions, definition->name);
    if (data->kind != NODE_LIST)
        return place_error(error, &data->place, "\"data\" must be an array");
    if (prefix && prefix->kind != NODE_STRING)
        return place_error(error, &prefix->place, "\"prefix\" must be a string");
    make_named(checker, data);
    for (guint i = 0; i < data->items->len; i++)
        if (!check_enum_value(checker, data->items->pdata[i], permissive, error))
            return false;
    return true;
}

static bool check_struct(Checker *checker, const Definition *definition, GError **error)
{
    const Node *expression = definition->expression;
    return check_members(checker, node_get(expression, "data"), "\"data\"", definition->name,
                         error) &&
           check_type_name(node_get(expression, "base"), "\"base\"", error);
}

static bool check_union(Checker *checker, const Definition *definition, GError **error)
{
    const Node *expression = definition->expression;
    Node *data = node_get(expression, "data");
    if (!check_type_or_members(checker, node_get(expression, "base"), "\"base\"", definition->name,
                               error) ||
        !check_string(node_get(expression, "discriminator"), "\"discriminator\"", error))
        return false;
    if (data->kind != NODE_OBJECT)
        return place_error(error, &data->place, "\"data\" must be an object");
    make_typed(checker, data);
    for (guint i = 0; i < data->keys->len; i++) {
        const Node *branch = data->items->pdata[i];
        g_autofree char *what =
            g_strdup_printf("\"data\" member \"%s\"", ((Node *) data->keys->pdata[i])->text);
        if (!check_keys(branch, what, KEYS("type"), KEYS("if"), error) ||
            !check_if(branch, what, error) ||
            !check_type_name(node_get(branch, "type"), what, error))
            return false;
    }
    return true;
}

static bool check_alternate(Checker *checker, const Definition *definition, GError **error)
{
    Node *data = node_get(definition->expression, "data");
    if (data->kind != NODE_OBJECT)
        return place_error(error, &data->place, "\"data\" must be an object");
    if (!data->keys->len)
        return place_error(error, &data->place, "\"data\" must not be empty");
    make_typed(checker, data);
    for (guint i = 0; i < data->keys->len; i++) {
        const Node *key = data->keys->pdata[i];
        const Node *branch = data->items->pdata[i];
        g_autofree char *what = g_strdup_printf("\"data\" member \"%s\"", key->text);
        if (!check_lower_name(key, key->text, what, false, false, error) ||
            !check_keys(branch, what, KEYS("type"), KEYS("if"), error) ||
            !check_if(branch, what, error) ||
            !check_type_or_array(node_get(branch, "type"), what, error))
            return false;
    }
    return true;
}

static bool check_data(Checker *checker, const Node *expression, GError **error)
{
    Node *data = node_get(expression, "data");
    const Node *boxed = node_get(expression, "boxed");
    if (!boxed)
        return check_type_or_members(checker, data, "\"data\"", NULL, error);
    if (!data)
        return place_error(error, &boxed->place, "\"boxed\": true requires \"data\"");
    return check_type_name(data, "\"data\"", error);
}

static bool check_command(Checker *checker, const Definition *definition, GError **error)
{
    const Node *expression = definition->expression;
    return check_data(checker, expression, error) &&
           check_type_or_array(node_get(expression, "returns"), "\"returns\"", error);
}

static bool check_event(Checker *checker, const Definition *definition, GError **error)
{
    return check_data(checker, definition->expression, error);
}

static bool check_flags(const Node *expression, GError **error)
{
    static const struct {
        const char *key;
        bool value;
    } flags[] = { { "gen", false },      { "success-response", false }, { "boxed", true },
                  { "allow-oob", true }, { "allow-preconfig", true },   { "coroutine", true } };
    for (size_t i = 0; i < G_N_ELEMENTS(flags); i++) {
        const Node *flag = node_get(expression, flags[i].key);
        if (flag && (flag->kind != NODE_BOOL || flag->boolean != flags[i].value))
            return place_error(error, &flag->place, "flag \"%s\" may only use %s value",
                               flags[i].key, flags[i].value ? "true" : "false");
    }
    if (node_get(expression, "allow-oob") && node_get(expression, "coroutine"))
        return place_error(error, &node_key(expression, "coroutine")->place,
                           "flags \"allow-oob\" and \"coroutine\" are incompatible");
    return true;
}

/* What each kind of definition consists of. */
typedef struct {
    const char *meta;
    const char *required[5];
    const char *optional[11];
    bool (*check)(Checker *checker, const Definition *definition, GError **error);
} Form;

static const Form forms[] = {
    { "enum", { "enum", "data" }, { "if", "features", "prefix" }, check_enum },
    { "struct", { "struct", "data" }, { "base", "if", "features" }, check_struct },
    { "union", { "union", "base", "discriminator", "data" }, { "if", "features" }, check_union },
    { "alternate", { "alternate", "data" }, { "if", "features" }, check_alternate },
    { "command",
      { "command" },
      { "data", "returns", "boxed", "if", "features", "gen", "success-response", "allow-oob",
        "allow-preconfig", "coroutine" },
      check_command },
    { "event", { "event" }, { "data", "boxed", "if", "features" }, check_event },
};

static const Form *find_form(const Definition *definition, GError **error)
{
    const Form *found = NULL;
    unsigned count = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (!node_get(definition->expression, forms[i].meta))
            continue;
        found = &forms[i];
        count++;
    }
    if (count == 1)
        return found;
    place_error(error, &definition->place,
                "expression must have exactly one key \"enum\", \"struct\", \"union\", "
                "\"alternate\", \"command\", \"event\"");
    return NULL;
}

static bool check_definition_name(const Checker *checker, const Form *form, const Node *node,
                                  GError **error)
{
    const char *stem = NULL;
    if (!check_valid_name(node, node->text, form->meta, &stem, error))
        return false;
    if (form->check == check_event)
        return name_is_upper(stem) ||
               place_error(error, &node->place, "name of event must not use lowercase or \"-\"");
    if (form->check == check_command)
        return check_lower_name(
            node, node->text, form->meta, false,
            g_hash_table_contains(checker->pragma->command_name_exceptions, node->text), error);
    if (!name_is_camel(stem))
        return place_error(error, &node->place, "name of %s must use CamelCase", form->meta);
    return !g_str_has_suffix(node->text, "List") ||
           place_error(error, &node->place, "%s name should not end in \"List\"", form->meta);
}

static bool check_doc(const Checker *checker, const Definition *definition, GError **error)
{
    const Doc *doc = definition->doc;
    if (!doc)
        return !checker->pragma->doc_required ||
               place_error(error, &definition->place, "documentation comment required");
    if (strcmp(doc->symbol, definition->name) != 0)
        return place_error(error, &definition->place, "documentation comment is for \"%s\"",
                           doc->symbol);
    return !doc->has_returns || strcmp(definition->meta, "command") == 0 ||
           place_error(error, &doc->place, "\"Returns:\" is only valid for commands");
}

static bool check_definition(Checker *checker, Definition *definition, GError **error)
{
    const Form *form = find_form(definition, error);
    if (!form)
        return false;
    const Node *name = node_get(definition->expression, form->meta);
    g_autofree char *quoted = g_strdup_printf("\"%s\"", form->meta);
    if (!check_string(name, quoted, error) || !check_definition_name(checker, form, name, error))
        return false;
    definition->meta = form->meta;
    definition->name = name->text;
    definition->place = name->place;
    return check_doc(checker, definition, error) &&
           check_keys(definition->expression, form->meta, form->required, form->optional, error) &&
           form->check(checker, definition, error) &&
           check_if(definition->expression, form->meta, error) &&
           check_features(checker, definition->expression, error) &&
           check_flags(definition->expression, error);
}

bool check_definitions(Arena *arena, Definitions *definitions, GError **error)
{
    Checker checker = { .arena = arena, .pragma = &definitions->pragma };
    for (guint i = 0; i < definitions->definitions->len; i++)
        if (!check_definition(&checker, definitions->definitions->pdata[i], error))
            return false;
    return true;
}

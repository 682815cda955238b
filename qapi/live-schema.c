/* SPDX-License-Identifier: Apache-2.0 */
/* What the QEMU at the other end understands: for arguments typed by a human, and for telling. */
#include "qapi/live-schema.h"

#include <errno.h>
#include <string.h>

#include "qapi/generated/qmp-schema.h"
#include "qapi/json.h"
#include "qapi/qmp-error.h"

/* Members of members are told so deep; block nodes contain each other without end. */
#define MAX_TOLD_DEPTH 4

/* So many values of an enum fit into an error or a line. */
#define MAX_TOLD_VALUES 16

struct LiveSchema {
    GPtrArray *lists; /* (owned) of QmpSchemaInfoList */
    GHashTable *names;
};

void live_member_free(LiveMember *member)
{
    if (!member)
        return;
    g_free(member->name);
    g_free(member->type);
    g_free(member->condition);
    g_free(member);
}

LiveSchema *live_schema_new(QmpSchemaInfoList *live)
{
    LiveSchema *schema = g_new0(LiveSchema, 1);
    schema->lists = g_ptr_array_new_with_free_func((GDestroyNotify) qmp_schema_info_list_free);
    schema->names = g_hash_table_new(g_str_hash, g_str_equal);
    live_schema_add(schema, live);
    return schema;
}

void live_schema_free(LiveSchema *schema)
{
    if (!schema)
        return;
    g_hash_table_unref(schema->names);
    g_ptr_array_unref(schema->lists);
    g_free(schema);
}

void live_schema_add(LiveSchema *schema, QmpSchemaInfoList *more)
{
    g_ptr_array_add(schema->lists, more);
    for (size_t i = 0; i < more->len; i++)
        g_hash_table_insert(schema->names, more->items[i]->name, more->items[i]);
}

static const QmpSchemaInfo *lookup(const LiveSchema *schema, const char *name)
{
    return g_hash_table_lookup(schema->names, name);
}

static const QmpSchemaInfoCommand *command_info(const LiveSchema *schema, const char *command)
{
    const QmpSchemaInfo *info = lookup(schema, command);
    return info && info->meta_type == QMP_SCHEMA_META_TYPE_COMMAND ? info->u.command : NULL;
}

bool live_schema_has(const LiveSchema *schema, const char *command)
{
    return command_info(schema, command) != NULL;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *live_schema_commands(const LiveSchema *schema)
{
    GPtrArray *names = g_ptr_array_new();
    GHashTableIter iter;
    void *name;
    g_hash_table_iter_init(&iter, schema->names);
    while (g_hash_table_iter_next(&iter, &name, NULL))
        if (live_schema_has(schema, name))
            g_ptr_array_add(names, name);
    g_ptr_array_sort(names, by_text);
    return names;
}

/* ---- our own schema in QEMU's form ---- */

static char *own_type(GHashTable *done, cJSON *list, const QapiType *type);

static const char *builtin_word(QapiKind kind)
{
    switch (kind) {
    case QAPI_STR:
        return "string";
    case QAPI_BOOL:
        return "boolean";
    case QAPI_NUMBER:
        return "number";
    case QAPI_NULL:
        return "null";
    case QAPI_INT:
    case QAPI_UINT:
        return "int";
    default:
        return "value";
    }
}

static cJSON *own_info(cJSON *list, const char *name, const char *meta_type)
{
    cJSON *info = cJSON_CreateObject();
    cJSON_AddStringToObject(info, "name", name);
    cJSON_AddStringToObject(info, "meta-type", meta_type);
    cJSON_AddItemToArray(list, info);
    return info;
}

static void own_members(GHashTable *done, cJSON *list, cJSON *info, const QapiType *type)
{
    cJSON *members = cJSON_AddArrayToObject(info, "members");
    for (unsigned i = 0; i < type->count; i++) {
        const QapiMember *from = &type->members[i];
        g_autofree char *of = own_type(done, list, from->type);
        cJSON *member = cJSON_CreateObject();
        cJSON_AddStringToObject(member, "name", from->name);
        cJSON_AddStringToObject(member, "type", of);
        if (from->flags & QAPI_OPTIONAL)
            cJSON_AddNullToObject(member, "default");
        cJSON_AddItemToArray(members, member);
    }
}

static void own_branches(GHashTable *done, cJSON *list, cJSON *info, const QapiType *type)
{
    const QapiMember *tag = NULL;
    for (unsigned i = 0; i < type->count; i++)
        if (type->members[i].offset == type->tag_offset)
            tag = &type->members[i];
    cJSON_AddStringToObject(info, "tag", tag->name);
    cJSON *variants = cJSON_AddArrayToObject(info, "variants");
    for (unsigned i = 0; i < type->n_branches; i++) {
        if (!type->branches[i])
            continue;
        g_autofree char *of = own_type(done, list, type->branches[i]);
        cJSON *variant = cJSON_CreateObject();
        cJSON_AddStringToObject(variant, "case", qapi_enum_name(tag->type, (int) i));
        cJSON_AddStringToObject(variant, "type", of);
        cJSON_AddItemToArray(variants, variant);
    }
}

static void own_enum(cJSON *info, const QapiType *type)
{
    cJSON *members = cJSON_AddArrayToObject(info, "members");
    for (unsigned i = 0; i < type->count; i++) {
        cJSON *member = cJSON_CreateObject();
        cJSON_AddStringToObject(member, "name", type->values[i]);
        cJSON_AddItemToArray(members, member);
    }
}

static void own_alternate(GHashTable *done, cJSON *list, cJSON *info, const QapiType *type)
{
    cJSON *members = cJSON_AddArrayToObject(info, "members");
    for (unsigned i = 0; i < type->n_branches; i++) {
        if (!type->branches[i])
            continue;
        g_autofree char *of = own_type(done, list, type->branches[i]);
        cJSON *member = cJSON_CreateObject();
        cJSON_AddStringToObject(member, "type", of);
        cJSON_AddItemToArray(members, member);
    }
}

/* Adds a type once; the name that it gets, which no type of QEMU's has. */
static char *own_type(GHashTable *done, cJSON *list, const QapiType *type)
{
    char *name = g_strdup_printf("utm:%s", type ? type->name : "none");
    if (!g_hash_table_add(done, g_strdup(name)))
        return name;
    if (!type) {
        cJSON_AddArrayToObject(own_info(list, name, "object"), "members");
    } else if (type->kind == QAPI_STRUCT) {
        cJSON *info = own_info(list, name, "object");
        own_members(done, list, info, type);
        if (type->n_branches)
            own_branches(done, list, info, type);
    } else if (type->kind == QAPI_LIST) {
        g_autofree char *of = own_type(done, list, type->element);
        cJSON_AddStringToObject(own_info(list, name, "array"), "element-type", of);
    } else if (type->kind == QAPI_ENUM) {
        own_enum(own_info(list, name, "enum"), type);
    } else if (type->kind == QAPI_ALTERNATE) {
        own_alternate(done, list, own_info(list, name, "alternate"), type);
    } else {
        cJSON_AddStringToObject(own_info(list, name, "builtin"), "json-type",
                                builtin_word(type->kind));
    }
    return name;
}

QmpSchemaInfoList *live_schema_own(void)
{
    g_autoptr(GHashTable) done = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(cJSON) list = cJSON_CreateArray();
    for (size_t i = 0; i < qmp_schema.n_commands; i++) {
        const QapiCommand *command = &qmp_schema.commands[i];
        if (!g_str_has_prefix(command->name, "guest-") &&
            !g_str_has_prefix(command->name, "x-utm-"))
            continue;
        g_autofree char *arguments = own_type(done, list, command->arguments);
        g_autofree char *returns = own_type(done, list, command->returns);
        cJSON *info = own_info(list, command->name, "command");
        cJSON_AddStringToObject(info, "arg-type", arguments);
        cJSON_AddStringToObject(info, "ret-type", returns);
    }
    QmpSchemaInfoList *own = NULL;
    bool ok = qapi_from_json(&qmp_schema_info_list_type, list, "own", &own, NULL);
    g_assert(ok);
    return own;
}

/* ---- telling ---- */

static bool has_feature(const QapiStrList *features, const char *name)
{
    for (size_t i = 0; features && i < features->len; i++)
        if (strcmp(features->items[i], name) == 0)
            return true;
    return false;
}

static size_t enum_count(const QmpSchemaInfoEnum *info)
{
    return info->members ? info->members->len : info->values ? info->values->len : 0;
}

static const char *enum_value(const QmpSchemaInfoEnum *info, size_t i)
{
    return info->members ? info->members->items[i]->name : info->values->items[i];
}

static char *enum_words(const QmpSchemaInfoEnum *info, const char *between)
{
    g_autoptr(GString) words = g_string_new(NULL);
    size_t count = enum_count(info);
    for (size_t i = 0; i < count && i < MAX_TOLD_VALUES; i++)
        g_string_append_printf(words, "%s%s", i ? between : "", enum_value(info, i));
    if (count > MAX_TOLD_VALUES)
        g_string_append_printf(words, "%s…", between);
    return g_string_free(g_steal_pointer(&words), FALSE);
}

static char *type_words(const LiveSchema *schema, const char *type)
{
    const QmpSchemaInfo *info = lookup(schema, type);
    if (!info)
        return g_strdup("unknown");
    switch (info->meta_type) {
    case QMP_SCHEMA_META_TYPE_BUILTIN:
        return g_strdup(info->u.builtin->json_type < 0
                            ? "unknown"
                            : qmp_json_type_name(info->u.builtin->json_type));
    case QMP_SCHEMA_META_TYPE_ENUM:
        return enum_words(info->u.q_enum, "|");
    case QMP_SCHEMA_META_TYPE_ARRAY: {
        g_autofree char *element = type_words(schema, info->u.array->element_type);
        return g_strdup_printf("[%s]", element);
    }
    case QMP_SCHEMA_META_TYPE_OBJECT:
        return g_strdup("object");
    case QMP_SCHEMA_META_TYPE_ALTERNATE: {
        g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
        const QmpSchemaInfoAlternateMemberList *members = info->u.alternate->members;
        for (size_t i = 0; i < members->len; i++)
            g_ptr_array_add(words, type_words(schema, members->items[i]->type));
        g_ptr_array_add(words, NULL);
        return g_strjoinv(" or ", (char **) words->pdata);
    }
    default:
        return g_strdup("unknown");
    }
}

typedef struct {
    const LiveSchema *schema;
    GPtrArray *members;
    GPtrArray *inside; /* types that are being told; they are not told in themselves */
} Telling;

static void tell_type(Telling *t, const char *type, const char *path, const char *condition);

static void tell_object(Telling *t, const QmpSchemaInfoObject *object, const char *path,
                        const char *condition)
{
    for (size_t i = 0; i < object->members->len; i++) {
        const QmpSchemaInfoObjectMember *from = object->members->items[i];
        LiveMember *member = g_new0(LiveMember, 1);
        member->name = g_strdup_printf("%s%s%s", path, *path ? "." : "", from->name);
        member->type = type_words(t->schema, from->type);
        member->optional = from->q_default != NULL;
        member->deprecated = has_feature(from->features, "deprecated");
        member->unstable = has_feature(from->features, "unstable");
        member->condition = g_strdup(condition);
        g_ptr_array_add(t->members, member);
        tell_type(t, from->type, member->name, NULL);
    }
    for (size_t i = 0; object->variants && i < object->variants->len; i++) {
        const QmpSchemaInfoObjectVariant *variant = object->variants->items[i];
        g_autofree char *when = g_strdup_printf("%s=%s", object->tag, variant->q_case);
        tell_type(t, variant->type, path, when);
    }
}

static bool is_inside(const Telling *t, const char *type)
{
    for (guint i = 0; i < t->inside->len; i++)
        if (strcmp(t->inside->pdata[i], type) == 0)
            return true;
    return t->inside->len >= MAX_TOLD_DEPTH;
}

static void tell_type(Telling *t, const char *type, const char *path, const char *condition)
{
    const QmpSchemaInfo *info = lookup(t->schema, type);
    if (!info || is_inside(t, type))
        return;
    if (info->meta_type == QMP_SCHEMA_META_TYPE_ARRAY) {
        g_autofree char *deeper = g_strdup_printf("%s[]", path);
        tell_type(t, info->u.array->element_type, deeper, condition);
    } else if (info->meta_type == QMP_SCHEMA_META_TYPE_OBJECT) {
        g_ptr_array_add(t->inside, info->name);
        tell_object(t, info->u.object, path, condition);
        g_ptr_array_set_size(t->inside, (int) t->inside->len - 1);
    }
}

static bool no_command(const char *command, GError **error)
{
    qmp_error_set(error, QMP_ERROR_FAILED, "CommandNotFound", "there is no command \"%s\"",
                  command);
    return false;
}

GPtrArray *live_schema_members(const LiveSchema *schema, const char *command, bool results,
                               GError **error)
{
    const QmpSchemaInfoCommand *info = command_info(schema, command);
    if (!info) {
        (void) no_command(command, error);
        return NULL;
    }
    const char *type = results ? info->ret_type : info->arg_type;
    const QmpSchemaInfo *whole = lookup(schema, type);
    g_autoptr(GPtrArray) inside = g_ptr_array_new();
    Telling t = { schema, g_ptr_array_new_with_free_func((GDestroyNotify) live_member_free),
                  inside };
    if (whole && whole->meta_type != QMP_SCHEMA_META_TYPE_OBJECT) {
        LiveMember *member = g_new0(LiveMember, 1);
        member->name = g_strdup("");
        member->type = type_words(schema, type);
        g_ptr_array_add(t.members, member);
    }
    tell_type(&t, type, "", NULL);
    return t.members;
}

/* ---- arguments from words ---- */

typedef struct {
    const LiveSchema *schema;
    const char *word; /* for errors */
    bool free_form;   /* members that the schema does not name are allowed at the top */
    GError **error;
} Building;

G_GNUC_PRINTF(2, 3) static bool wrong(const Building *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    qmp_error_set(b->error, QMP_ERROR_TYPE, NULL, "\"%s\": %s", b->word, what);
    return false;
}

static bool text_to_int(const char *text, cJSON **out_value)
{
    static const char units[] = "KMGT";
    char *end = NULL;
    bool negative = *text == '-';
    if (!g_ascii_isdigit(text[negative]))
        return false;
    bool hex = text[negative] == '0' && (text[negative + 1] | 0x20) == 'x';
    errno = 0;
    uint64_t value = g_ascii_strtoull(text + negative, &end, hex ? 16 : 10);
    const char *unit = *end ? strchr(units, g_ascii_toupper(*end)) : NULL;
    unsigned shift = unit ? 10 * (unsigned) (unit - units + 1) : 0;
    if (errno || (*end && (!unit || end[1])) || value << shift >> shift != value)
        return false;
    value <<= shift;
    if (negative && value > (uint64_t) INT64_MAX + 1)
        return false;
    *out_value = negative ? json_new_int64((int64_t) (0 - value)) : json_new_uint64(value);
    return true;
}

static bool text_to_bool(const char *text, cJSON **out_value)
{
    static const char *const yes[] = { "true", "on", "yes", NULL };
    static const char *const no[] = { "false", "off", "no", NULL };
    if (!g_strv_contains(yes, text) && !g_strv_contains(no, text))
        return false;
    *out_value = cJSON_CreateBool(g_strv_contains(yes, text));
    return true;
}

static bool text_to_number(const char *text, cJSON **out_value)
{
    if (text_to_int(text, out_value))
        return true;
    g_autoptr(cJSON) value = json_parse(text, strlen(text), NULL, NULL);
    if (!json_is_number(value))
        return false;
    *out_value = g_steal_pointer(&value);
    return true;
}

/* JSON where it is some, a string otherwise. */
static bool text_to_any(const char *text, cJSON **out_value)
{
    *out_value = json_parse(text, strlen(text), NULL, NULL);
    if (!*out_value)
        *out_value = cJSON_CreateString(text);
    return true;
}

static bool text_to_builtin(QmpJSONType type, const char *text, cJSON **out_value)
{
    switch (type) {
    case QMP_JSON_TYPE_STRING:
        *out_value = cJSON_CreateString(text);
        return true;
    case QMP_JSON_TYPE_INT:
        return text_to_int(text, out_value);
    case QMP_JSON_TYPE_NUMBER:
        return text_to_number(text, out_value);
    case QMP_JSON_TYPE_BOOLEAN:
        return text_to_bool(text, out_value);
    case QMP_JSON_TYPE_NULL:
        *out_value = strcmp(text, "null") == 0 ? cJSON_CreateNull() : NULL;
        return *out_value != NULL;
    default:
        return text_to_any(text, out_value);
    }
}

static cJSON *make_value(const Building *b, const char *type, const char *text);

static bool enum_has(const QmpSchemaInfoEnum *info, const char *value)
{
    for (size_t i = 0; i < enum_count(info); i++)
        if (strcmp(enum_value(info, i), value) == 0)
            return true;
    return false;
}

static cJSON *make_enum(const Building *b, const QmpSchemaInfoEnum *info, const char *text)
{
    if (enum_has(info, text))
        return cJSON_CreateString(text);
    g_autofree char *words = enum_words(info, ", ");
    (void) wrong(b, "not one of %s", words);
    return NULL;
}

/* "a,b,c" for an array of scalars. */
static cJSON *make_array(const Building *b, const QmpSchemaInfoArray *info, const char *text)
{
    g_autoptr(cJSON) array = cJSON_CreateArray();
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    for (char **part = parts; *part; part++) {
        cJSON *item = make_value(b, info->element_type, *part);
        if (!item)
            return NULL;
        cJSON_AddItemToArray(array, item);
    }
    return g_steal_pointer(&array);
}

/* The first branch that the text can be, a string last. */
static cJSON *make_alternate(const Building *b, const QmpSchemaInfoAlternate *info,
                             const char *text)
{
    const char *string = NULL;
    for (size_t i = 0; i < info->members->len; i++) {
        const QmpSchemaInfo *branch = lookup(b->schema, info->members->items[i]->type);
        cJSON *value = NULL;
        if (branch && branch->meta_type == QMP_SCHEMA_META_TYPE_ENUM &&
            enum_has(branch->u.q_enum, text))
            return cJSON_CreateString(text);
        if (!branch || branch->meta_type != QMP_SCHEMA_META_TYPE_BUILTIN)
            continue;
        if (branch->u.builtin->json_type == QMP_JSON_TYPE_STRING)
            string = text;
        else if (text_to_builtin(branch->u.builtin->json_type, text, &value))
            return value;
    }
    if (string)
        return cJSON_CreateString(string);
    (void) wrong(b, "is none of the kinds of value that go there");
    return NULL;
}

static cJSON *make_json(const Building *b, const char *text)
{
    g_autoptr(GError) local = NULL;
    cJSON *value = json_parse(text, strlen(text), NULL, &local);
    if (!value)
        (void) wrong(b, "%s", local->message);
    return value;
}

static cJSON *make_value(const Building *b, const char *type, const char *text)
{
    const QmpSchemaInfo *info = lookup(b->schema, type);
    cJSON *value = NULL;
    bool is_string = info && info->meta_type == QMP_SCHEMA_META_TYPE_BUILTIN &&
                     info->u.builtin->json_type == QMP_JSON_TYPE_STRING;
    if (!is_string && (*text == '{' || *text == '['))
        return make_json(b, text);
    if (!info)
        return cJSON_CreateString(text);
    switch (info->meta_type) {
    case QMP_SCHEMA_META_TYPE_BUILTIN:
        if (!text_to_builtin(info->u.builtin->json_type, text, &value))
            (void) wrong(b, "%s expected", qmp_json_type_name(info->u.builtin->json_type));
        return value;
    case QMP_SCHEMA_META_TYPE_ENUM:
        return make_enum(b, info->u.q_enum, text);
    case QMP_SCHEMA_META_TYPE_ARRAY:
        return make_array(b, info->u.array, text);
    case QMP_SCHEMA_META_TYPE_ALTERNATE:
        return make_alternate(b, info->u.alternate, text);
    default:
        (void) wrong(b, "an object is expected: name its members with a dot, or write {…}");
        return NULL;
    }
}

static const char *find_member(const Building *b, const char *type, const char *name,
                               const cJSON *object);

/* In the branch that the tag has chosen, or in any while it has not been given yet. */
static const char *find_in_branches(const Building *b, const QmpSchemaInfoObject *info,
                                    const char *name, const cJSON *object)
{
    const char *tag = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, info->tag));
    const char *found = NULL;
    for (size_t i = 0; !found && info->variants && i < info->variants->len; i++)
        if (!tag || strcmp(tag, info->variants->items[i]->q_case) == 0)
            found = find_member(b, info->variants->items[i]->type, name, object);
    return found;
}

/* Type of a member; NULL when there is none. */
static const char *find_member(const Building *b, const char *type, const char *name,
                               const cJSON *object)
{
    const QmpSchemaInfo *info = lookup(b->schema, type);
    if (!info)
        return NULL;
    if (info->meta_type == QMP_SCHEMA_META_TYPE_ALTERNATE) {
        const char *found = NULL;
        for (size_t i = 0; !found && i < info->u.alternate->members->len; i++)
            found = find_member(b, info->u.alternate->members->items[i]->type, name, object);
        return found;
    }
    if (info->meta_type != QMP_SCHEMA_META_TYPE_OBJECT)
        return NULL;
    for (size_t i = 0; i < info->u.object->members->len; i++)
        if (strcmp(info->u.object->members->items[i]->name, name) == 0)
            return info->u.object->members->items[i]->type;
    return info->u.object->tag ? find_in_branches(b, info->u.object, name, object) : NULL;
}

static bool add_to_object(const Building *b, cJSON *object, const char *type, char **path,
                          const char *text);

static bool is_index(const char *step)
{
    return *step && strspn(step, "0123456789") == strlen(step);
}

/* Adds below a value that is there or is made now. */
static bool add_below(const Building *b, cJSON **value, const char *type, char **path,
                      const char *text);

static bool add_to_array(const Building *b, cJSON *array, const char *element, char **path,
                         const char *text)
{
    if (!is_index(*path))
        return wrong(b, "a number is expected for \"%s\"", *path);
    int count = cJSON_GetArraySize(array);
    uint64_t index = g_ascii_strtoull(*path, NULL, 10);
    if (index > (uint64_t) count)
        return wrong(b, "element %d comes before element %s", count, *path);
    cJSON *item = cJSON_GetArrayItem(array, (int) index);
    if (item && !path[1])
        return wrong(b, "is there twice");
    bool is_new = !item;
    if (!add_below(b, &item, element, path + 1, text))
        return false;
    if (is_new)
        cJSON_AddItemToArray(array, item);
    return true;
}

static bool add_below(const Building *b, cJSON **value, const char *type, char **path,
                      const char *text)
{
    if (!*path) {
        *value = make_value(b, type, text);
        return *value != NULL;
    }
    const QmpSchemaInfo *info = lookup(b->schema, type);
    bool is_array = info && info->meta_type == QMP_SCHEMA_META_TYPE_ARRAY;
    g_autoptr(cJSON) made = NULL;
    if (!*value)
        made = is_array ? cJSON_CreateArray() : cJSON_CreateObject();
    cJSON *into = *value ? *value : made;
    if (is_array ? !cJSON_IsArray(into) : !cJSON_IsObject(into))
        return wrong(b, "\"%s\" leads into something that is there already", *path);
    bool ok = is_array ? add_to_array(b, into, info->u.array->element_type, path, text)
                       : add_to_object(b, into, type, path, text);
    if (ok && made)
        *value = g_steal_pointer(&made);
    return ok;
}

static bool add_to_object(const Building *b, cJSON *object, const char *type, char **path,
                          const char *text)
{
    const char *member = find_member(b, type, *path, object);
    cJSON *value = cJSON_GetObjectItemCaseSensitive(object, *path);
    if (!member && !(b->free_form && !path[1]))
        return wrong(b, "there is no member \"%s\"", *path);
    if (value && !path[1])
        return wrong(b, "is there twice");
    bool is_new = !value;
    if (member ? !add_below(b, &value, member, path + 1, text) : !text_to_any(text, &value))
        return false;
    if (is_new)
        cJSON_AddItemToObject(object, *path, value);
    return true;
}

static bool add_word(Building *b, cJSON *object, const char *type, const char *word)
{
    const char *equals = strchr(word, '=');
    b->word = word;
    if (!equals || equals == word)
        return wrong(b, "key=value is expected");
    g_autofree char *key = g_strndup(word, (size_t) (equals - word));
    g_auto(GStrv) path = g_strsplit(key, ".", -1);
    return add_to_object(b, object, type, path, equals + 1);
}

/* What the command cannot do without. */
static bool is_complete(const Building *b, const char *command, const char *type,
                        const cJSON *object)
{
    const QmpSchemaInfo *info = lookup(b->schema, type);
    if (!info || info->meta_type != QMP_SCHEMA_META_TYPE_OBJECT)
        return true;
    for (size_t i = 0; i < info->u.object->members->len; i++) {
        const QmpSchemaInfoObjectMember *member = info->u.object->members->items[i];
        if (member->q_default || cJSON_GetObjectItemCaseSensitive(object, member->name))
            continue;
        g_autofree char *words = type_words(b->schema, member->type);
        qmp_error_set(b->error, QMP_ERROR_TYPE, NULL, "%s needs \"%s\" (%s)", command, member->name,
                      words);
        return false;
    }
    return true;
}

cJSON *live_schema_arguments(const LiveSchema *schema, const char *command, char **words,
                             GError **error)
{
    const QmpSchemaInfoCommand *info = command_info(schema, command);
    if (!info) {
        (void) no_command(command, error);
        return NULL;
    }
    /* Source: QEMU qapi/qdev.json: "Additional arguments depend on the type" */
    Building b = { schema, "", strcmp(command, "device_add") == 0, error };
    g_autoptr(cJSON) object = NULL;
    if (words && *words && **words == '{' && !words[1]) {
        b.word = *words;
        object = make_json(&b, *words);
        if (!object)
            return NULL;
    } else {
        object = cJSON_CreateObject();
        for (char **word = words; word && *word; word++)
            if (!add_word(&b, object, info->arg_type, *word))
                return NULL;
    }
    return is_complete(&b, command, info->arg_type, object) ? g_steal_pointer(&object) : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the schema that this program was built with fits the QEMU that is really there. */
#include "qapi/conformance.h"

#include <string.h>

/* Which way a value goes decides which differences matter. */
typedef enum { SENT, RECEIVED } Way;

typedef struct {
    GHashTable *live; /* name -> const QmpSchemaInfo *, borrowed */
    GHashTable *seen; /* pairs of types that have been compared, owned strings */
    GPtrArray *found; /* of Difference */
    GString *path;
} Compare;

void difference_free(Difference *difference)
{
    if (!difference)
        return;
    g_free(difference->where);
    g_free(difference->what);
    g_free(difference);
}

G_GNUC_PRINTF(3, 4) static void report(Compare *c, bool matters, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Difference *difference = g_new0(Difference, 1);
    difference->where = g_strdup(c->path->str);
    difference->what = g_strdup_vprintf(format, args);
    difference->matters = matters;
    va_end(args);
    g_ptr_array_add(c->found, difference);
}

static const QmpSchemaInfo *lookup(const Compare *c, const char *name)
{
    return g_hash_table_lookup(c->live, name);
}

static void compare_type(Compare *c, const QapiType *ours, const char *theirs, Way way);

/* ---- scalars and enums ---- */

static bool enum_has(const QmpSchemaInfoEnum *theirs, const char *value)
{
    for (size_t i = 0; theirs->members && i < theirs->members->len; i++)
        if (strcmp(theirs->members->items[i]->name, value) == 0)
            return true;
    for (size_t i = 0; !theirs->members && theirs->values && i < theirs->values->len; i++)
        if (strcmp(theirs->values->items[i], value) == 0)
            return true;
    return false;
}

static void compare_enum(Compare *c, const QapiType *ours, const QmpSchemaInfoEnum *theirs, Way way)
{
    for (unsigned i = 0; way == SENT && i < ours->count; i++)
        if (!enum_has(theirs, ours->values[i]))
            report(c, false, "value \"%s\" is missing", ours->values[i]);
    for (size_t i = 0; way == RECEIVED && theirs->members && i < theirs->members->len; i++)
        if (qapi_enum_value(ours, theirs->members->items[i]->name) < 0)
            report(c, false, "value \"%s\" is new", theirs->members->items[i]->name);
}

static const char *kind_word(QapiKind kind)
{
    static const char *const words[] = {
        [QAPI_NULL] = "null",     [QAPI_BOOL] = "boolean",        [QAPI_INT] = "int",
        [QAPI_UINT] = "int",      [QAPI_NUMBER] = "number",       [QAPI_ENUM] = "enum",
        [QAPI_STR] = "string",    [QAPI_ANY] = "value",           [QAPI_LIST] = "array",
        [QAPI_STRUCT] = "object", [QAPI_ALTERNATE] = "alternate",
    };
    return words[kind];
}

static bool scalar_fits(QapiKind ours, QmpJSONType theirs, Way way)
{
    switch (theirs) {
    case QMP_JSON_TYPE_STRING:
        return ours == QAPI_STR;
    case QMP_JSON_TYPE_INT:
        return ours == QAPI_INT || ours == QAPI_UINT || (way == RECEIVED && ours == QAPI_NUMBER);
    case QMP_JSON_TYPE_NUMBER:
        return ours == QAPI_NUMBER || (way == SENT && (ours == QAPI_INT || ours == QAPI_UINT));
    case QMP_JSON_TYPE_BOOLEAN:
        return ours == QAPI_BOOL;
    case QMP_JSON_TYPE_NULL:
        return ours == QAPI_NULL;
    default:
        return ours == QAPI_ANY || way == SENT;
    }
}

/* ---- objects ---- */

static const QmpSchemaInfoObjectMember *find_member(const QmpSchemaInfoObject *object,
                                                    const char *name)
{
    for (size_t i = 0; i < object->members->len; i++)
        if (strcmp(object->members->items[i]->name, name) == 0)
            return object->members->items[i];
    return NULL;
}

static const QapiMember *find_own(const QapiType *type, const char *name)
{
    for (unsigned i = 0; i < type->count; i++)
        if (strcmp(type->members[i].name, name) == 0)
            return &type->members[i];
    return NULL;
}

static bool is_optional(const QmpSchemaInfoObjectMember *theirs)
{
    return theirs->q_default != NULL;
}

static void compare_member(Compare *c, const QapiMember *ours,
                           const QmpSchemaInfoObjectMember *theirs, Way way)
{
    bool conditional = ours->flags & QAPI_CONDITIONAL;
    bool optional = ours->flags & QAPI_OPTIONAL;
    if (!theirs) {
        report(c, !conditional && (way == SENT || !optional), "is missing");
        return;
    }
    if (way == SENT && optional && !is_optional(theirs))
        report(c, true, "has become mandatory");
    if (way == RECEIVED && !optional && is_optional(theirs))
        report(c, true, "has become optional");
    compare_type(c, ours->type, theirs->type, way);
}

static void compare_branches(Compare *c, const QapiType *ours, const QmpSchemaInfoObject *theirs,
                             Way way)
{
    const QapiMember *tag = theirs->tag ? find_own(ours, theirs->tag) : NULL;
    if (!tag || tag->offset != ours->tag_offset) {
        report(c, true, "is not chosen by the same member any more");
        return;
    }
    for (unsigned i = 0; i < ours->n_branches; i++) {
        if (!ours->branches[i])
            continue;
        const char *name = qapi_enum_name(tag->type, (int) i);
        size_t k = 0;
        size_t count = theirs->variants ? theirs->variants->len : 0;
        while (k < count && strcmp(theirs->variants->items[k]->q_case, name) != 0)
            k++;
        if (k < count)
            compare_type(c, ours->branches[i], theirs->variants->items[k]->type, way);
        else
            report(c, false, "branch \"%s\" is missing", name);
    }
}

/* A mandatory member that we do not send; those of a branch count only where we have the branch. */
static void report_new_mandatory(Compare *c, const QapiType *ours,
                                 const QmpSchemaInfoObject *theirs)
{
    for (size_t i = 0; i < theirs->members->len; i++) {
        const QmpSchemaInfoObjectMember *member = theirs->members->items[i];
        if (!is_optional(member) && !find_own(ours, member->name))
            report(c, true, "\"%s\" has become mandatory", member->name);
    }
}

static void compare_object(Compare *c, const QapiType *ours, const QmpSchemaInfoObject *theirs,
                           Way way)
{
    for (unsigned i = 0; i < ours->count; i++) {
        size_t length = c->path->len;
        g_string_append_printf(c->path, ".%s", ours->members[i].name);
        compare_member(c, &ours->members[i], find_member(theirs, ours->members[i].name), way);
        g_string_truncate(c->path, length);
    }
    if (way == SENT)
        report_new_mandatory(c, ours, theirs);
    if (ours->n_branches)
        compare_branches(c, ours, theirs, way);
}

/* ---- alternates ---- */

/* Whether a value of one of our types can look like a value of one of theirs. */
static bool looks_alike(const Compare *c, const QapiType *ours, const char *theirs)
{
    const QmpSchemaInfo *info = lookup(c, theirs);
    if (!info)
        return false;
    switch (info->meta_type) {
    case QMP_SCHEMA_META_TYPE_BUILTIN:
        return scalar_fits(ours->kind, info->u.builtin->json_type, SENT) &&
               info->u.builtin->json_type != QMP_JSON_TYPE_VALUE;
    case QMP_SCHEMA_META_TYPE_ENUM:
        return ours->kind == QAPI_ENUM;
    case QMP_SCHEMA_META_TYPE_ARRAY:
        return ours->kind == QAPI_LIST;
    case QMP_SCHEMA_META_TYPE_OBJECT:
        return ours->kind == QAPI_STRUCT;
    default:
        return false;
    }
}

static void compare_alternate(Compare *c, const QapiType *ours,
                              const QmpSchemaInfoAlternate *theirs, Way way)
{
    for (unsigned i = 0; i < ours->n_branches; i++) {
        const QapiType *branch = ours->branches[i];
        if (!branch)
            continue;
        size_t k = 0;
        while (k < theirs->members->len && !looks_alike(c, branch, theirs->members->items[k]->type))
            k++;
        if (k < theirs->members->len)
            compare_type(c, branch, theirs->members->items[k]->type, way);
        else
            report(c, true, "cannot be %s any more", kind_word(branch->kind));
    }
}

/* ---- all ---- */

static void mismatch(Compare *c, const QapiType *ours, const QmpSchemaInfo *theirs)
{
    const char *word = theirs->meta_type == QMP_SCHEMA_META_TYPE_BUILTIN
                           ? qmp_json_type_name(theirs->u.builtin->json_type)
                           : qmp_schema_meta_type_name(theirs->meta_type);
    report(c, true, "is %s and not %s", word ? word : "something new", kind_word(ours->kind));
}

/* Recursion ends because a pair is compared once. */
static bool is_first_time(Compare *c, const QapiType *ours, const char *theirs, Way way)
{
    return g_hash_table_add(c->seen, g_strdup_printf("%p %s %d", (const void *) ours, theirs, way));
}

static void compare_info(Compare *c, const QapiType *ours, const QmpSchemaInfo *theirs, Way way)
{
    if (theirs->meta_type == QMP_SCHEMA_META_TYPE_BUILTIN) {
        if (!scalar_fits(ours->kind, theirs->u.builtin->json_type, way))
            mismatch(c, ours, theirs);
    } else if (theirs->meta_type == QMP_SCHEMA_META_TYPE_ENUM && ours->kind == QAPI_ENUM) {
        compare_enum(c, ours, theirs->u.q_enum, way);
    } else if (theirs->meta_type == QMP_SCHEMA_META_TYPE_ENUM && ours->kind == QAPI_STR &&
               way == RECEIVED) {
        return;
    } else if (theirs->meta_type == QMP_SCHEMA_META_TYPE_ARRAY && ours->kind == QAPI_LIST) {
        size_t length = c->path->len;
        g_string_append(c->path, "[]");
        compare_type(c, ours->element, theirs->u.array->element_type, way);
        g_string_truncate(c->path, length);
    } else if (theirs->meta_type == QMP_SCHEMA_META_TYPE_OBJECT && ours->kind == QAPI_STRUCT) {
        compare_object(c, ours, theirs->u.object, way);
    } else if (theirs->meta_type == QMP_SCHEMA_META_TYPE_ALTERNATE &&
               ours->kind == QAPI_ALTERNATE) {
        compare_alternate(c, ours, theirs->u.alternate, way);
    } else {
        mismatch(c, ours, theirs);
    }
}

static void compare_type(Compare *c, const QapiType *ours, const char *theirs, Way way)
{
    const QmpSchemaInfo *info = lookup(c, theirs);
    if (!info)
        report(c, true, "has a type that the schema does not explain");
    else if (is_first_time(c, ours, theirs, way))
        compare_info(c, ours, info, way);
}

static bool is_qemus(const char *name)
{
    return !g_str_has_prefix(name, "guest-") && !g_str_has_prefix(name, "x-utm-") &&
           !g_str_has_prefix(name, "X_UTM_");
}

static void compare_command(Compare *c, const QapiCommand *ours)
{
    const QmpSchemaInfo *theirs = lookup(c, ours->name);
    g_string_assign(c->path, ours->name);
    if (!theirs || theirs->meta_type != QMP_SCHEMA_META_TYPE_COMMAND) {
        report(c, !(ours->flags & QAPI_COMMAND_CONDITIONAL), "the command is missing");
        return;
    }
    const QmpSchemaInfo *arguments = lookup(c, theirs->u.command->arg_type);
    g_string_append(c->path, ": arguments");
    if (ours->arguments)
        compare_type(c, ours->arguments, theirs->u.command->arg_type, SENT);
    else if (arguments && arguments->meta_type == QMP_SCHEMA_META_TYPE_OBJECT)
        report_new_mandatory(c, &(const QapiType){ .kind = QAPI_STRUCT }, arguments->u.object);
    g_string_printf(c->path, "%s: return", ours->name);
    if (ours->returns)
        compare_type(c, ours->returns, theirs->u.command->ret_type, RECEIVED);
}

static void compare_event(Compare *c, const QapiEvent *ours)
{
    const QmpSchemaInfo *theirs = lookup(c, ours->name);
    g_string_assign(c->path, ours->name);
    if (!theirs || theirs->meta_type != QMP_SCHEMA_META_TYPE_EVENT) {
        report(c, !(ours->flags & QAPI_COMMAND_CONDITIONAL), "the event is missing");
        return;
    }
    g_string_append(c->path, ": data");
    if (ours->data)
        compare_type(c, ours->data, theirs->u.event->arg_type, RECEIVED);
}

static int by_importance(const void *a, const void *b)
{
    const Difference *const *one = a;
    const Difference *const *two = b;
    if ((*one)->matters != (*two)->matters)
        return (*one)->matters ? -1 : 1;
    return strcmp((*one)->where, (*two)->where);
}

GPtrArray *conformance_compare(const QapiSchema *schema, const QmpSchemaInfoList *live)
{
    g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Compare c = { .live = names, .seen = seen, .path = g_string_new(NULL) };
    c.found = g_ptr_array_new_with_free_func((GDestroyNotify) difference_free);
    for (size_t i = 0; i < live->len; i++)
        g_hash_table_insert(names, live->items[i]->name, live->items[i]);
    for (size_t i = 0; i < schema->n_commands; i++)
        if (is_qemus(schema->commands[i].name))
            compare_command(&c, &schema->commands[i]);
    for (size_t i = 0; i < schema->n_events; i++)
        if (is_qemus(schema->events[i].name))
            compare_event(&c, &schema->events[i]);
    g_string_free(c.path, TRUE);
    g_ptr_array_sort(c.found, by_importance);
    return c.found;
}

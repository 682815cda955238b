/* SPDX-License-Identifier: Apache-2.0 */
/* Makes JSON out of C values. */
#include <math.h>

#include "qapi/json.h"
#include "qapi/visit-path.h"
#include "qapi/visit.h"

static cJSON *write_value(const QapiType *type, const void *value, const VisitPath *path,
                          GError **error);

static cJSON *write_int(const QapiType *type, const void *value)
{
    switch (type->size) {
    case 1:
        return json_new_int64(*(const int8_t *) value);
    case 2:
        return json_new_int64(*(const int16_t *) value);
    case 4:
        return json_new_int64(*(const int32_t *) value);
    default:
        return json_new_int64(*(const int64_t *) value);
    }
}

static cJSON *write_uint(const QapiType *type, const void *value)
{
    switch (type->size) {
    case 1:
        return json_new_uint64(*(const uint8_t *) value);
    case 2:
        return json_new_uint64(*(const uint16_t *) value);
    case 4:
        return json_new_uint64(*(const uint32_t *) value);
    default:
        return json_new_uint64(*(const uint64_t *) value);
    }
}

static cJSON *write_number(double value, const VisitPath *path, GError **error)
{
    if (isfinite(value))
        return json_new_double(value);
    visit_fail(error, path, "the number is not finite");
    return NULL;
}

static cJSON *write_enum(const QapiType *type, int value, const VisitPath *path, GError **error)
{
    const char *name = qapi_enum_name(type, value);
    if (name)
        return cJSON_CreateString(name);
    visit_fail(error, path, "%d is no value of %s", value, type->name);
    return NULL;
}

static cJSON *write_str(const char *text, const VisitPath *path, GError **error)
{
    if (g_utf8_validate(text, -1, NULL))
        return cJSON_CreateString(text);
    visit_fail(error, path, "the text is not UTF-8");
    return NULL;
}

typedef struct {
    size_t len;
    const char *items;
} AnyList;

static cJSON *write_list(const QapiType *type, const AnyList *list, const VisitPath *path,
                         GError **error)
{
    g_autoptr(cJSON) array = cJSON_CreateArray();
    size_t size = qapi_value_size(type->element);
    for (size_t i = 0; i < list->len; i++) {
        VisitPath inner = { .parent = path, .index = i };
        cJSON *item = write_value(type->element, list->items + i * size, &inner, error);
        if (!item)
            return NULL;
        cJSON_AddItemToArray(array, item);
    }
    return g_steal_pointer(&array);
}

/* Adds to @json, which the union has begun when @type is one of its branches. */
static bool write_members(const QapiType *type, const char *object, cJSON *json,
                          const VisitPath *path, GError **error)
{
    for (unsigned i = 0; i < type->count; i++) {
        const QapiMember *member = &type->members[i];
        VisitPath inner = { .parent = path, .name = member->name };
        if (member->flags & QAPI_OPTIONAL && !qapi_has_member(member, object))
            continue;
        cJSON *item = write_value(member->type, object + member->offset, &inner, error);
        if (!item)
            return false;
        cJSON_AddItemToObject(json, member->name, item);
    }
    const QapiType *branch = qapi_branch(type, object);
    if (!branch)
        return true;
    const char *inside = *(const char *const *) (object + type->branch_offset);
    if (inside)
        return write_members(branch, inside, json, path, error);
    visit_fail(error, path, "the branch of the union is missing");
    return false;
}

static cJSON *write_struct(const QapiType *type, const void *object, const VisitPath *path,
                           GError **error)
{
    g_autoptr(cJSON) json = cJSON_CreateObject();
    return write_members(type, object, json, path, error) ? g_steal_pointer(&json) : NULL;
}

static cJSON *write_alternate(const QapiType *type, const char *object, const VisitPath *path,
                              GError **error)
{
    const QapiType *branch = qapi_branch(type, object);
    if (branch)
        return write_value(branch, object + type->branch_offset, path, error);
    visit_fail(error, path, "no branch of %s is chosen", type->name);
    return NULL;
}

static cJSON *write_pointer(const QapiType *type, const void *pointer, const VisitPath *path,
                            GError **error)
{
    if (!pointer) {
        visit_fail(error, path, "is missing");
        return NULL;
    }
    switch (type->kind) {
    case QAPI_STR:
        return write_str(pointer, path, error);
    case QAPI_ANY:
        return cJSON_Duplicate(pointer, true);
    case QAPI_LIST:
        return write_list(type, pointer, path, error);
    case QAPI_STRUCT:
        return write_struct(type, pointer, path, error);
    default:
        return write_alternate(type, pointer, path, error);
    }
}

static cJSON *write_value(const QapiType *type, const void *value, const VisitPath *path,
                          GError **error)
{
    switch (type->kind) {
    case QAPI_NULL:
        return cJSON_CreateNull();
    case QAPI_BOOL:
        return cJSON_CreateBool(*(const bool *) value);
    case QAPI_INT:
        return write_int(type, value);
    case QAPI_UINT:
        return write_uint(type, value);
    case QAPI_NUMBER:
        return write_number(*(const double *) value, path, error);
    case QAPI_ENUM:
        return write_enum(type, *(const int *) value, path, error);
    default:
        return write_pointer(type, *(void *const *) value, path, error);
    }
}

cJSON *qapi_to_json(const QapiType *type, const void *value, const char *root, GError **error)
{
    VisitPath path = { .name = root };
    return write_value(type, value, &path, error);
}

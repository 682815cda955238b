/* SPDX-License-Identifier: Apache-2.0 */
/* Makes C values out of JSON. */
#include <string.h>

#include "qapi/json.h"
#include "qapi/visit-path.h"
#include "qapi/visit.h"

static bool read_value(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                       GError **error);

static const char *json_word(const cJSON *json)
{
    if (cJSON_IsNull(json))
        return "null";
    if (cJSON_IsBool(json))
        return "a boolean";
    if (json_is_number(json))
        return "a number";
    if (cJSON_IsString(json))
        return "a string";
    return cJSON_IsArray(json) ? "an array" : "an object";
}

static bool wrong_type(GError **error, const VisitPath *path, const char *wanted, const cJSON *json)
{
    visit_fail(error, path, "expected %s, got %s", wanted, json_word(json));
    return false;
}

/* ---- scalars ---- */

static bool read_int(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                     GError **error)
{
    int64_t value = 0;
    if (!json_get_int64(json, &value)) {
        if (!json_is_number(json))
            return wrong_type(error, path, "an integer", json);
        visit_fail(error, path, "expected an integer that fits in %u bits", type->size * 8);
        return false;
    }
    int64_t limit = (int64_t) (UINT64_MAX >> (65 - 8 * type->size));
    if (value > limit || value < -limit - 1) {
        visit_fail(error, path, "%" G_GINT64_FORMAT " does not fit in %u bits", value,
                   type->size * 8);
        return false;
    }
    switch (type->size) {
    case 1:
        *(int8_t *) out = (int8_t) value;
        break;
    case 2:
        *(int16_t *) out = (int16_t) value;
        break;
    case 4:
        *(int32_t *) out = (int32_t) value;
        break;
    default:
        *(int64_t *) out = value;
    }
    return true;
}

static bool read_uint(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                      GError **error)
{
    uint64_t value = 0;
    if (!json_get_uint64(json, &value)) {
        if (!json_is_number(json))
            return wrong_type(error, path, "an integer", json);
        visit_fail(error, path, "expected an integer from 0 that fits in %u bits", type->size * 8);
        return false;
    }
    if (value > UINT64_MAX >> (64 - 8 * type->size)) {
        visit_fail(error, path, "%" G_GUINT64_FORMAT " does not fit in %u bits", value,
                   type->size * 8);
        return false;
    }
    switch (type->size) {
    case 1:
        *(uint8_t *) out = (uint8_t) value;
        break;
    case 2:
        *(uint16_t *) out = (uint16_t) value;
        break;
    case 4:
        *(uint32_t *) out = (uint32_t) value;
        break;
    default:
        *(uint64_t *) out = value;
    }
    return true;
}

static bool read_enum(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                      GError **error)
{
    if (!cJSON_IsString(json))
        return wrong_type(error, path, "a string", json);
    *(int *) out = qapi_enum_value(type, json->valuestring);
    return true;
}

/* ---- structs ---- */

static bool read_members(const QapiType *type, const cJSON *json, const VisitPath *path,
                         char *object, GError **error)
{
    for (unsigned i = 0; i < type->count; i++) {
        const QapiMember *member = &type->members[i];
        VisitPath inner = { .parent = path, .name = member->name };
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, member->name);
        bool optional = member->flags & QAPI_OPTIONAL;
        if (!item && optional)
            continue;
        if (!item) {
            visit_fail(error, &inner, "is missing");
            return false;
        }
        if (!read_value(member->type, item, &inner, object + member->offset, error))
            return false;
        if (optional && !qapi_is_pointer(member->type))
            *(bool *) (object + member->has_offset) = true;
    }
    return true;
}

/* The members of a branch stand beside those of the union. */
static bool fill_struct(const QapiType *type, const cJSON *json, const VisitPath *path,
                        char *object, GError **error)
{
    if (!read_members(type, json, path, object, error))
        return false;
    const QapiType *branch = qapi_branch(type, object);
    return !branch || read_value(branch, json, path, object + type->branch_offset, error);
}

static bool read_struct(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                        GError **error)
{
    if (!cJSON_IsObject(json))
        return wrong_type(error, path, "an object", json);
    void *object = g_malloc0(type->size ? type->size : 1);
    if (!fill_struct(type, json, path, object, error)) {
        qapi_clear(type, &object);
        return false;
    }
    *(void **) out = object;
    return true;
}

static QapiQType qtype_of(const cJSON *json)
{
    if (cJSON_IsNull(json))
        return QAPI_QTYPE_QNULL;
    if (cJSON_IsBool(json))
        return QAPI_QTYPE_QBOOL;
    if (json_is_number(json))
        return QAPI_QTYPE_QNUM;
    if (cJSON_IsString(json))
        return QAPI_QTYPE_QSTRING;
    return cJSON_IsArray(json) ? QAPI_QTYPE_QLIST : QAPI_QTYPE_QDICT;
}

static bool read_alternate(const QapiType *type, const cJSON *json, const VisitPath *path,
                           void *out, GError **error)
{
    void *object = g_malloc0(type->size);
    *(QapiQType *) ((char *) object + type->tag_offset) = qtype_of(json);
    const QapiType *branch = qapi_branch(type, object);
    if (!branch) {
        visit_fail(error, path, "cannot be %s", json_word(json));
        g_free(object);
        return false;
    }
    if (!read_value(branch, json, path, (char *) object + type->branch_offset, error)) {
        g_free(object);
        return false;
    }
    *(void **) out = object;
    return true;
}

/* ---- lists ---- */

typedef struct {
    size_t len;
    char *items;
} AnyList;

static bool read_list(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                      GError **error)
{
    if (!cJSON_IsArray(json))
        return wrong_type(error, path, "an array", json);
    size_t size = qapi_value_size(type->element);
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach (item, json)
        count++;
    AnyList *list = g_new0(AnyList, 1);
    list->items = g_malloc0_n(count, size);
    cJSON_ArrayForEach (item, json) {
        VisitPath inner = { .parent = path, .index = list->len };
        if (!read_value(type->element, item, &inner, list->items + list->len * size, error)) {
            qapi_clear(type, &list);
            return false;
        }
        list->len++;
    }
    *(AnyList **) out = list;
    return true;
}

static bool read_value(const QapiType *type, const cJSON *json, const VisitPath *path, void *out,
                       GError **error)
{
    switch (type->kind) {
    case QAPI_NULL:
        *(QapiNull *) out = true;
        return cJSON_IsNull(json) || wrong_type(error, path, "null", json);
    case QAPI_BOOL:
        *(bool *) out = cJSON_IsTrue(json);
        return cJSON_IsBool(json) || wrong_type(error, path, "a boolean", json);
    case QAPI_INT:
        return read_int(type, json, path, out, error);
    case QAPI_UINT:
        return read_uint(type, json, path, out, error);
    case QAPI_NUMBER:
        return json_get_double(json, out) || wrong_type(error, path, "a number", json);
    case QAPI_ENUM:
        return read_enum(type, json, path, out, error);
    case QAPI_STR:
        if (!cJSON_IsString(json))
            return wrong_type(error, path, "a string", json);
        *(char **) out = g_strdup(json->valuestring);
        return true;
    case QAPI_ANY:
        *(cJSON **) out = cJSON_Duplicate(json, true);
        return true;
    case QAPI_LIST:
        return read_list(type, json, path, out, error);
    case QAPI_STRUCT:
        return read_struct(type, json, path, out, error);
    case QAPI_ALTERNATE:
        return read_alternate(type, json, path, out, error);
    }
    g_assert_not_reached();
}

bool qapi_from_json(const QapiType *type, const cJSON *json, const char *root, void *out_value,
                    GError **error)
{
    VisitPath path = { .name = root };
    if (!json) {
        visit_fail(error, &path, "is missing");
        return false;
    }
    union {
        void *pointer;
        uint64_t integer;
        double number;
    } value = { 0 };
    if (!read_value(type, json, &path, &value, error))
        return false;
    memcpy(out_value, &value, qapi_value_size(type));
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What every visitor needs: built-in types, enums, members, and freeing. */
#include "qapi/visit.h"

#include <string.h>

static const char *const qtype_values[] = { "none",  "qnull", "qnum", "qstring",
                                            "qdict", "qlist", "qbool" };

#define BUILTIN(LOWER, LIST, NAME, KIND, SIZE)                                                     \
    const QapiType LOWER##_type = { .name = NAME, .kind = KIND, .size = SIZE };                    \
    const QapiType LOWER##_list_type = {                                                           \
        .name = NAME "List", .kind = QAPI_LIST, .size = sizeof(LIST), .element = &LOWER##_type     \
    };                                                                                             \
    void LOWER##_list_free(LIST *list)                                                             \
    {                                                                                              \
        qapi_clear(&LOWER##_list_type, &list);                                                     \
    }

BUILTIN(qapi_str, QapiStrList, "str", QAPI_STR, 0)
BUILTIN(qapi_any, QapiAnyList, "any", QAPI_ANY, 0)
BUILTIN(qapi_number, QapiNumberList, "number", QAPI_NUMBER, sizeof(double))
BUILTIN(qapi_bool, QapiBoolList, "bool", QAPI_BOOL, sizeof(bool))
BUILTIN(qapi_null, QapiNullList, "null", QAPI_NULL, sizeof(QapiNull))
BUILTIN(qapi_int8, QapiInt8List, "int8", QAPI_INT, 1)
BUILTIN(qapi_int16, QapiInt16List, "int16", QAPI_INT, 2)
BUILTIN(qapi_int32, QapiInt32List, "int32", QAPI_INT, 4)
BUILTIN(qapi_int64, QapiInt64List, "int64", QAPI_INT, 8)
BUILTIN(qapi_uint8, QapiUint8List, "uint8", QAPI_UINT, 1)
BUILTIN(qapi_uint16, QapiUint16List, "uint16", QAPI_UINT, 2)
BUILTIN(qapi_uint32, QapiUint32List, "uint32", QAPI_UINT, 4)
BUILTIN(qapi_uint64, QapiUint64List, "uint64", QAPI_UINT, 8)

const QapiType qapi_qtype_type = { .name = "QType",
                                   .kind = QAPI_ENUM,
                                   .size = sizeof(QapiQType),
                                   .values = qtype_values,
                                   .count = QAPI_QTYPE__COUNT };
const QapiType qapi_qtype_list_type = { .name = "QTypeList",
                                        .kind = QAPI_LIST,
                                        .size = sizeof(QapiQTypeList),
                                        .element = &qapi_qtype_type };

void qapi_qtype_list_free(QapiQTypeList *list)
{
    qapi_clear(&qapi_qtype_list_type, &list);
}

bool qapi_is_pointer(const QapiType *type)
{
    return type->kind >= QAPI_STR;
}

size_t qapi_value_size(const QapiType *type)
{
    return qapi_is_pointer(type) ? sizeof(void *) : type->size;
}

const char *qapi_enum_name(const QapiType *type, int value)
{
    return value >= 0 && (unsigned) value < type->count ? type->values[value] : NULL;
}

int qapi_enum_value(const QapiType *type, const char *name)
{
    for (unsigned i = 0; i < type->count; i++)
        if (strcmp(type->values[i], name) == 0)
            return (int) i;
    return -1;
}

bool qapi_has_member(const QapiMember *member, const void *object)
{
    const char *base = object;
    if (qapi_is_pointer(member->type))
        return *(void *const *) (base + member->offset) != NULL;
    return !(member->flags & QAPI_OPTIONAL) || *(const bool *) (base + member->has_offset);
}

const QapiType *qapi_branch(const QapiType *type, const void *object)
{
    if (!type->branches)
        return NULL;
    int tag = *(const int *) ((const char *) object + type->tag_offset);
    return tag >= 0 && (unsigned) tag < type->n_branches ? type->branches[tag] : NULL;
}

void qapi_clear_members(const QapiType *type, void *object)
{
    char *base = object;
    const QapiType *branch = qapi_branch(type, object);
    if (branch)
        qapi_clear(branch, base + type->branch_offset);
    for (unsigned i = 0; i < type->count; i++)
        if (qapi_is_pointer(type->members[i].type))
            qapi_clear(type->members[i].type, base + type->members[i].offset);
}

/* A list of any element looks like this one. */
typedef struct {
    size_t len;
    char *items;
} AnyList;

static void clear_items(const QapiType *type, AnyList *list)
{
    size_t size = qapi_value_size(type->element);
    for (size_t i = 0; qapi_is_pointer(type->element) && i < list->len; i++)
        qapi_clear(type->element, list->items + i * size);
    g_free(list->items);
}

void qapi_clear(const QapiType *type, void *value)
{
    if (!qapi_is_pointer(type)) {
        memset(value, 0, type->size);
        return;
    }
    void *pointer = *(void **) value;
    *(void **) value = NULL;
    if (!pointer)
        return;
    if (type->kind == QAPI_ANY) {
        cJSON_Delete(pointer);
        return;
    }
    if (type->kind == QAPI_LIST)
        clear_items(type, pointer);
    else if (type->kind != QAPI_STR)
        qapi_clear_members(type, pointer);
    g_free(pointer);
}

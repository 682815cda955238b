/* SPDX-License-Identifier: Apache-2.0 */
/* Types of a QAPI schema as tables, and how values of them become JSON and back. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "qapi/json-auto.h"

typedef enum {
    QAPI_NULL,   /* QapiNull */
    QAPI_BOOL,   /* bool */
    QAPI_INT,    /* int8_t … int64_t */
    QAPI_UINT,   /* uint8_t … uint64_t */
    QAPI_NUMBER, /* double */
    QAPI_ENUM,   /* a C enum; -1 is a value that the schema does not have */
    /* From here on a value is a pointer, and NULL is a value that is not there. */
    QAPI_STR,       /* char * */
    QAPI_ANY,       /* cJSON * */
    QAPI_LIST,      /* struct { size_t len; T *items; } * */
    QAPI_STRUCT,    /* struct *, of a union as well */
    QAPI_ALTERNATE, /* struct * */
} QapiKind;

typedef struct QapiType QapiType;

typedef enum {
    QAPI_OPTIONAL = 1 << 0,
    QAPI_CONDITIONAL = 1 << 1, /* the schema has it under an "if" */
    QAPI_DEPRECATED = 1 << 2,
    QAPI_UNSTABLE = 1 << 3,
} QapiFlags;

typedef struct {
    const char *name; /* in JSON */
    const QapiType *type;
    unsigned offset;
    unsigned has_offset; /* of the has_ member that an optional scalar has */
    QapiFlags flags;
} QapiMember;

/* Generated for every type. All of it is constant: nothing runs when a program starts. */
struct QapiType {
    const char *name;
    QapiKind kind;
    unsigned size;                   /* of the scalar, or of what the pointer points to */
    unsigned count;                  /* of members or values */
    const char *const *values;       /* of an enum, by its C value */
    const QapiMember *members;       /* of a struct, those of its bases first */
    const QapiType *element;         /* of a list */
    const QapiType *const *branches; /* by the tag's value; NULL for one without members */
    unsigned n_branches;
    unsigned tag_offset;    /* of the enum that chooses the branch */
    unsigned branch_offset; /* of the C union; a branch of a union is a pointer in it */
};

/* JSON null needs no storage, but C wants a type. */
typedef bool QapiNull;

/* What JSON a value of an alternate is. Source: QEMU include/qapi/qmp/qobject.h, QType */
typedef enum {
    QAPI_QTYPE__UNKNOWN = -1,
    QAPI_QTYPE_NONE,
    QAPI_QTYPE_QNULL,
    QAPI_QTYPE_QNUM,
    QAPI_QTYPE_QSTRING,
    QAPI_QTYPE_QDICT,
    QAPI_QTYPE_QLIST,
    QAPI_QTYPE_QBOOL,
} QapiQType;
#define QAPI_QTYPE__COUNT 7

/* Lists of what the language has built in. */
#define QAPI_BUILTIN_LIST(LIST, ITEM, LOWER)                                                       \
    typedef struct {                                                                               \
        size_t len;                                                                                \
        ITEM *items; /* owned */                                                                   \
    } LIST;                                                                                        \
    void LOWER##_list_free(LIST *list);                                                            \
    G_DEFINE_AUTOPTR_CLEANUP_FUNC(LIST, LOWER##_list_free)                                         \
    extern const QapiType LOWER##_type, LOWER##_list_type;

QAPI_BUILTIN_LIST(QapiStrList, char *, qapi_str)
QAPI_BUILTIN_LIST(QapiAnyList, cJSON *, qapi_any)
QAPI_BUILTIN_LIST(QapiNumberList, double, qapi_number)
QAPI_BUILTIN_LIST(QapiBoolList, bool, qapi_bool)
QAPI_BUILTIN_LIST(QapiNullList, QapiNull, qapi_null)
QAPI_BUILTIN_LIST(QapiInt8List, int8_t, qapi_int8)
QAPI_BUILTIN_LIST(QapiInt16List, int16_t, qapi_int16)
QAPI_BUILTIN_LIST(QapiInt32List, int32_t, qapi_int32)
QAPI_BUILTIN_LIST(QapiInt64List, int64_t, qapi_int64)
QAPI_BUILTIN_LIST(QapiUint8List, uint8_t, qapi_uint8)
QAPI_BUILTIN_LIST(QapiUint16List, uint16_t, qapi_uint16)
QAPI_BUILTIN_LIST(QapiUint32List, uint32_t, qapi_uint32)
QAPI_BUILTIN_LIST(QapiUint64List, uint64_t, qapi_uint64)
QAPI_BUILTIN_LIST(QapiQTypeList, QapiQType, qapi_qtype)

/**
 * qapi_is_pointer() - Whether a value of a type is a pointer to it
 */
bool qapi_is_pointer(const QapiType *type);

/**
 * qapi_value_size() - Bytes of a value where it is kept: a scalar's own, or a pointer's
 */
size_t qapi_value_size(const QapiType *type);

/**
 * qapi_enum_name() - Name of a value of an enum
 *
 * Return: static; NULL when the enum has no such value
 */
const char *qapi_enum_name(const QapiType *type, int value);

/**
 * qapi_enum_value() - Value of an enum that has a name
 *
 * Return: -1 when the enum has no such name
 */
int qapi_enum_value(const QapiType *type, const char *name);

/**
 * qapi_has_member() - Whether a member of a struct is there
 * @object: the struct
 */
bool qapi_has_member(const QapiMember *member, const void *object);

/**
 * qapi_branch() - Type of the branch that a union or an alternate has chosen
 *
 * Return: NULL when it has none
 */
const QapiType *qapi_branch(const QapiType *type, const void *object);

/**
 * qapi_clear() - Free what a value holds, and zero it
 * @value: address of the scalar or of the pointer
 */
void qapi_clear(const QapiType *type, void *value);

/**
 * qapi_clear_members() - Free what the members of a struct hold, but not the struct
 */
void qapi_clear_members(const QapiType *type, void *object);

/**
 * qapi_from_json() - Make a C value out of JSON
 * @type:      what it must be
 * @json:      borrowed; may be NULL, which is an error
 * @root:      what an error calls the whole value, e.g. "return"
 * @out_value: address of the scalar or of the pointer; untouched on failure
 * @error:     QMP_ERROR_TYPE; the message begins with the path, e.g.
 *             "return[2].inserted.image.virtual-size: "
 *
 * Members that the schema does not have are ignored. An enum value that it does not have becomes
 * -1, which every generated enum calls …__UNKNOWN; a union with such a tag has no branch.
 */
bool qapi_from_json(const QapiType *type, const cJSON *json, const char *root, void *out_value,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * qapi_to_json() - Make JSON out of a C value
 * @value: address of the scalar or of the pointer
 * @error: QMP_ERROR_TYPE with the path, when something mandatory is NULL, an enum is out of its
 *         range, a string is not UTF-8 or a number is not finite
 *
 * Return: free with cJSON_Delete(); NULL on failure
 */
cJSON *qapi_to_json(const QapiType *type, const void *value, const char *root,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

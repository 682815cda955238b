/* SPDX-License-Identifier: Apache-2.0 */
/* Random values of any QAPI type, and a check that they survive JSON. */
#include "tests/unit/qapi-random.h"

#include <string.h>

#include "qapi/json.h"

/* Deeper than this only what is mandatory is made. */
#define MAX_DEPTH 4
#define VALUES_OF_EACH 20

static void make(const QapiType *type, GRand *rand, unsigned depth, void *out);

static uint64_t random_bits(GRand *rand)
{
    static const uint64_t edges[] = { 0, 1, INT64_MAX, UINT64_MAX, (uint64_t) 1 << 53, 1u << 31 };
    if (g_rand_boolean(rand))
        return edges[g_rand_int_range(rand, 0, G_N_ELEMENTS(edges))];
    return (uint64_t) g_rand_int(rand) << 32 | g_rand_int(rand);
}

static char *random_text(GRand *rand)
{
    static const char *const pieces[] = { "a", "-", "ä", "\"", "\\", "\n", "\x01", "😀", "0", " " };
    GString *text = g_string_new(NULL);
    for (int n = g_rand_int_range(rand, 0, 8); n > 0; n--)
        g_string_append(text, pieces[g_rand_int_range(rand, 0, G_N_ELEMENTS(pieces))]);
    return g_string_free(text, FALSE);
}

static void make_members(const QapiType *type, GRand *rand, unsigned depth, char *object)
{
    for (unsigned i = 0; i < type->count; i++) {
        const QapiMember *member = &type->members[i];
        bool optional = member->flags & QAPI_OPTIONAL;
        if (optional && (depth > MAX_DEPTH || g_rand_boolean(rand)))
            continue;
        make(member->type, rand, depth + 1, object + member->offset);
        if (optional && !qapi_is_pointer(member->type))
            *(bool *) (object + member->has_offset) = true;
    }
}

/* Beyond the depth a branch that holds nothing or no object is chosen where there is one. */
static void choose_branch(const QapiType *type, GRand *rand, unsigned depth, char *object)
{
    int *tag = (int *) (object + type->tag_offset);
    if (type->kind == QAPI_ALTERNATE)
        do
            *tag = g_rand_int_range(rand, 0, (gint32) type->n_branches);
        while (!type->branches[*tag]);
    for (unsigned i = 0; depth > MAX_DEPTH && i < type->n_branches; i++) {
        const QapiType *branch = type->branches[i];
        if (type->kind == QAPI_ALTERNATE ? branch && branch->kind < QAPI_LIST : !branch)
            *tag = (int) i;
    }
    const QapiType *branch = qapi_branch(type, object);
    if (branch)
        make(branch, rand, depth + 1, object + type->branch_offset);
}

static void make_list(const QapiType *type, GRand *rand, unsigned depth, void *out)
{
    struct {
        size_t len;
        char *items;
    } *list = g_malloc0(type->size);
    size_t size = qapi_value_size(type->element);
    list->len = depth > MAX_DEPTH ? 0 : (size_t) g_rand_int_range(rand, 0, 4);
    list->items = g_malloc0_n(list->len, size);
    for (size_t i = 0; i < list->len; i++)
        make(type->element, rand, depth + 1, list->items + i * size);
    *(void **) out = list;
}

static void make_object(const QapiType *type, GRand *rand, unsigned depth, void *out)
{
    char *object = g_malloc0(type->size);
    make_members(type, rand, depth, object);
    if (type->branches)
        choose_branch(type, rand, depth, object);
    *(void **) out = object;
}

static void make(const QapiType *type, GRand *rand, unsigned depth, void *out)
{
    uint64_t bits = random_bits(rand);
    switch (type->kind) {
    case QAPI_NULL:
    case QAPI_BOOL:
        *(bool *) out = type->kind == QAPI_NULL || bits & 1;
        break;
    case QAPI_INT:
    case QAPI_UINT:
        memcpy(out, &bits, type->size); /* of a little-endian integer the low bytes */
        break;
    case QAPI_NUMBER:
        *(double *) out = g_rand_double_range(rand, -1e18, 1e18);
        break;
    case QAPI_ENUM:
        *(int *) out = type->count ? g_rand_int_range(rand, 0, (gint32) type->count) : -1;
        break;
    case QAPI_STR:
        *(char **) out = random_text(rand);
        break;
    case QAPI_ANY:
        *(cJSON **) out = json_new_uint64(bits);
        break;
    case QAPI_LIST:
        make_list(type, rand, depth, out);
        break;
    case QAPI_STRUCT:
    case QAPI_ALTERNATE:
        make_object(type, rand, depth, out);
        break;
    }
}

void qapi_random(const QapiType *type, GRand *rand, void *out_value)
{
    make(type, rand, 0, out_value);
}

static char *to_text(const QapiType *type, const void *value)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(cJSON) json = qapi_to_json(type, value, type->name, &error);
    g_assert_no_error(error);
    return cJSON_PrintUnformatted(json);
}

void qapi_check_round_trip(const QapiType *type, const void *value)
{
    g_autoptr(GError) error = NULL;
    char *text = to_text(type, value);
    g_autoptr(cJSON) parsed = json_parse(text, strlen(text), NULL, &error);
    g_assert_no_error(error);
    uint64_t copy = 0;
    bool ok = qapi_from_json(type, parsed, type->name, &copy, &error);
    g_assert_no_error(error);
    g_assert_true(ok);
    char *again = to_text(type, &copy);
    g_assert_cmpstr(again, ==, text);
    qapi_clear(type, &copy);
    cJSON_free(text);
    cJSON_free(again);
}

void qapi_check_schema(const QapiSchema *schema)
{
    GRand *rand = g_rand_new_with_seed(20);
    for (size_t i = 0; i < schema->n_types; i++) {
        const QapiType *type = schema->types[i];
        /* An enum without values has no value that could be sent. */
        for (int n = 0; n < VALUES_OF_EACH && !(type->kind == QAPI_ENUM && !type->count); n++) {
            uint64_t value = 0;
            qapi_random(type, rand, &value);
            qapi_check_round_trip(type, &value);
            qapi_clear(type, &value);
        }
    }
    g_rand_free(rand);
}

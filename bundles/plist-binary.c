/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded reader of binary property lists ("bplist00"). */
#include "bundles/plist-private.h"

#include <string.h>

#include "bundles/bundle.h"

/* Seconds from 1970 to 2001, where binary dates begin. */
#define APPLE_EPOCH 978307200

typedef struct {
    const guchar *data;
    size_t table;  /* where the offset table begins; objects lie before it */
    guint64 count; /* number of objects */
    guint offset_size;
    guint reference_size;
    guint nodes;
    GError **error;
} Reader;

static PlistNode *read_object(Reader *r, guint64 reference, const PlistPlace *place, int depth);

static PlistNode *fail(Reader *r, const PlistPlace *place, const char *reason)
{
    g_autofree char *path = plist_place_path(place);
    g_set_error(r->error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "%s%sbinary property list: %s", path,
                path[0] ? ": " : "", reason);
    return NULL;
}

/* Big-endian, 1 to 8 bytes; the caller has checked that they are there. */
static guint64 read_be(const guchar *p, guint size)
{
    guint64 value = 0;
    while (size--)
        value = value << 8 | *p++;
    return value;
}

/* The length in the marker's low half, or in the integer object behind it. Moves *@at to the
 * content. */
static bool read_length(const Reader *r, size_t *at, guint64 *out_length)
{
    guint low = r->data[*at] & 0x0f;
    (*at)++;
    *out_length = low;
    if (low != 0x0f)
        return true;
    if (*at >= r->table || (r->data[*at] & 0xf0) != 0x10 || (r->data[*at] & 0x0f) > 3)
        return false;
    guint size = 1u << (r->data[*at] & 0x0f);
    (*at)++;
    if (r->table - *at < size)
        return false;
    *out_length = read_be(r->data + *at, size);
    *at += size;
    return true;
}

static PlistNode *read_integer(Reader *r, size_t at, guint power, const PlistPlace *place)
{
    guint size = 1u << power;
    if (power > 4 || r->table - at < size)
        return fail(r, place, "malformed integer");
    PlistNode *node = plist_node_new_integer(0);
    /* 16 bytes hold what does not fit into 8 signed ones; only the low half counts. */
    node->integer.value = (int64_t) read_be(r->data + at + (power == 4 ? 8 : 0), MIN(size, 8));
    node->integer.is_unsigned = power == 4 && node->integer.value < 0 && r->data[at] == 0;
    return node;
}

static PlistNode *read_real(Reader *r, size_t at, guint power, const PlistPlace *place,
                            bool is_date)
{
    guint size = 1u << power;
    if ((power != 2 && power != 3) || r->table - at < size)
        return fail(r, place, "malformed number");
    guint64 bits = read_be(r->data + at, size);
    double value;
    if (power == 3) {
        memcpy(&value, &bits, sizeof value);
    } else {
        guint32 half = (guint32) bits;
        float single;
        memcpy(&single, &half, sizeof single);
        value = (double) single;
    }
    if (!is_date)
        return plist_node_new_real(value);
    if (!(value > -1e11 && value < 1e11))
        return fail(r, place, "date out of range");
    return plist_node_new_date((int64_t) value + APPLE_EPOCH);
}

static PlistNode *read_ascii(Reader *r, size_t at, guint64 length, const PlistPlace *place)
{
    if (length > r->table - at || memchr(r->data + at, 0, length))
        return fail(r, place, "malformed string");
    for (guint64 i = 0; i < length; i++)
        if (r->data[at + i] >= 0x80)
            return fail(r, place, "malformed string");
    PlistNode *node = plist_node_new(PLIST_TYPE_STRING, 0);
    node->text = g_strndup((const char *) r->data + at, length);
    return node;
}

static PlistNode *read_utf16(Reader *r, size_t at, guint64 length, const PlistPlace *place)
{
    if (length > (r->table - at) / 2)
        return fail(r, place, "malformed string");
    g_autofree gunichar2 *units = g_new(gunichar2, length + 1);
    bool has_nul = false;
    for (guint64 i = 0; i < length; i++) {
        units[i] = (gunichar2) read_be(r->data + at + 2 * i, 2);
        has_nul |= units[i] == 0;
    }
    units[length] = 0;
    char *text = has_nul ? NULL : g_utf16_to_utf8(units, (glong) length, NULL, NULL, NULL);
    if (!text)
        return fail(r, place, "malformed string");
    PlistNode *node = plist_node_new(PLIST_TYPE_STRING, 0);
    node->text = text;
    return node;
}

static PlistNode *read_data(Reader *r, size_t at, guint64 length, const PlistPlace *place)
{
    if (length > r->table - at)
        return fail(r, place, "malformed data");
    return plist_node_new_data(r->data + at, length);
}

static guint64 reference_at(const Reader *r, size_t at, guint64 index)
{
    return read_be(r->data + at + index * r->reference_size, r->reference_size);
}

static PlistNode *read_array(Reader *r, size_t at, guint64 length, const PlistPlace *place,
                             int depth)
{
    if (length > (r->table - at) / r->reference_size)
        return fail(r, place, "malformed array");
    g_autoptr(PlistNode) node = plist_node_new_array();
    for (guint64 i = 0; i < length; i++) {
        PlistPlace inner = { .up = place, .index = (guint) i };
        PlistNode *element = read_object(r, reference_at(r, at, i), &inner, depth + 1);
        if (!element)
            return NULL;
        g_ptr_array_add(node->array, element);
    }
    return g_steal_pointer(&node);
}

static PlistNode *read_dict(Reader *r, size_t at, guint64 length, const PlistPlace *place,
                            int depth)
{
    if (length > (r->table - at) / r->reference_size / 2 || length > PLIST_MAX_KEYS)
        return fail(r, place, "malformed dictionary");
    g_autoptr(PlistNode) node = plist_node_new_dict_take(plist_dict_new());
    for (guint64 i = 0; i < length; i++) {
        g_autoptr(PlistNode) key = read_object(r, reference_at(r, at, i), place, depth + 1);
        if (!key)
            return NULL;
        if (key->type != PLIST_TYPE_STRING)
            return fail(r, place, "a key is not a string");
        PlistPlace inner = { .up = place, .key = key->text };
        PlistNode *value = read_object(r, reference_at(r, at, length + i), &inner, depth + 1);
        if (!value)
            return NULL;
        plist_dict_set_take(node->dict, key->text, value);
    }
    return g_steal_pointer(&node);
}

/* A keyed archiver's UID, which the XML form shows as a dictionary of one key. */
static PlistNode *read_uid(Reader *r, size_t at, guint size, const PlistPlace *place)
{
    if (size > 8 || r->table - at < size)
        return fail(r, place, "malformed UID");
    PlistDict *dict = plist_dict_new();
    plist_dict_set_take(dict, "CF$UID",
                        plist_node_new_integer((int64_t) read_be(r->data + at, size)));
    return plist_node_new_dict_take(dict);
}

static PlistNode *read_container(Reader *r, size_t at, guint kind, const PlistPlace *place,
                                 int depth)
{
    guint64 length;
    if (!read_length(r, &at, &length))
        return fail(r, place, "malformed length");
    switch (kind) {
    case 0x4:
        return read_data(r, at, length, place);
    case 0x5:
        return read_ascii(r, at, length, place);
    case 0x6:
        return read_utf16(r, at, length, place);
    case 0xa:
        return read_array(r, at, length, place, depth);
    case 0xd:
        return read_dict(r, at, length, place, depth);
    default:
        return fail(r, place, "unknown kind of object");
    }
}

static PlistNode *read_object(Reader *r, guint64 reference, const PlistPlace *place, int depth)
{
    /* Objects may be shared, so that a small file can describe a huge tree. */
    if (depth > PLIST_MAX_DEPTH)
        return fail(r, NULL, "nested too deep");
    if (++r->nodes > PLIST_MAX_NODES)
        return fail(r, NULL, "too many values");
    if (reference >= r->count)
        return fail(r, place, "reference to no object");
    guint64 offset = read_be(r->data + r->table + reference * r->offset_size, r->offset_size);
    if (offset < 8 || offset >= r->table)
        return fail(r, place, "object outside of the file");
    size_t at = (size_t) offset;
    guint kind = r->data[at] >> 4;
    guint low = r->data[at] & 0x0f;
    switch (kind) {
    case 0x0:
        if (low != 8 && low != 9)
            return fail(r, place, "unknown kind of object");
        return plist_node_new_boolean(low == 9);
    case 0x1:
        return read_integer(r, at + 1, low, place);
    case 0x2:
    case 0x3:
        return read_real(r, at + 1, low, place, kind == 0x3);
    case 0x8:
        return read_uid(r, at + 1, low + 1, place);
    default:
        return read_container(r, at, kind, place, depth);
    }
}

PlistNode *plist_parse_binary(const char *data, size_t size, GError **error)
{
    Reader r = { .data = (const guchar *) data, .error = error };
    if (size < 8 + 32)
        return fail(&r, NULL, "file ends too early");
    const guchar *trailer = r.data + size - 32;
    r.offset_size = trailer[6];
    r.reference_size = trailer[7];
    r.count = read_be(trailer + 8, 8);
    guint64 top = read_be(trailer + 16, 8);
    guint64 table = read_be(trailer + 24, 8);
    if (r.offset_size < 1 || r.offset_size > 8 || r.reference_size < 1 || r.reference_size > 8 ||
        table < 9 || table > size - 32 || r.count > (size - 32 - table) / r.offset_size)
        return fail(&r, NULL, "damaged or cut short");
    r.table = (size_t) table;
    return read_object(&r, top, NULL, 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Writing PNG files. */
#include <gio/gio.h>
#include <string.h>

#include "core/screen/picture.h"
#include "core/screen/png-private.h"

const uint8_t png_signature[PNG_SIGNATURE_BYTES] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n' };

uint32_t png_crc(const uint8_t *data, size_t length)
{
    uint32_t so_far = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        so_far ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            so_far = so_far & 1 ? 0xedb88320 ^ (so_far >> 1) : so_far >> 1;
    }
    return ~so_far;
}

static void add_uint(GByteArray *file, uint32_t value)
{
    uint32_t big = GUINT32_TO_BE(value);
    g_byte_array_append(file, (const guint8 *) &big, sizeof big);
}

static void add_chunk(GByteArray *file, const char type[5], const guint8 *data, size_t length)
{
    add_uint(file, (uint32_t) length);
    guint begin = file->len;
    g_byte_array_append(file, (const guint8 *) type, 4);
    if (length)
        g_byte_array_append(file, data, (guint) length);
    add_uint(file, png_crc(file->data + begin, file->len - begin));
}

/* What differs from the row above: on screens that is mostly nothing. */
static guint8 *filter_rows(const Picture *picture, size_t *out_length)
{
    size_t stride = (size_t) picture->width * 3;
    guint8 *rows = g_malloc((stride + 1) * picture->height), *to = rows;
    for (unsigned y = 0; y < picture->height; y++) {
        const uint8_t *row = picture->rgb + y * stride;
        *to++ = PNG_FILTER_UP;
        for (size_t i = 0; i < stride; i++)
            *to++ = (guint8) (row[i] - (y ? row[i - stride] : 0));
    }
    *out_length = (stride + 1) * picture->height;
    return rows;
}

/* Deflating memory into memory cannot fail. */
static GByteArray *deflate_all(const guint8 *data, size_t length)
{
    g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 6);
    GByteArray *out = g_byte_array_new();
    GConverterResult result = G_CONVERTER_CONVERTED;
    for (size_t at = 0; result != G_CONVERTER_FINISHED;) {
        guint8 block[32 * 1024];
        gsize took = 0, gave = 0;
        result = g_converter_convert(G_CONVERTER(zlib), data + at, length - at, block, sizeof block,
                                     G_CONVERTER_INPUT_AT_END, &took, &gave, NULL);
        g_assert(result != G_CONVERTER_ERROR);
        g_byte_array_append(out, block, (guint) gave);
        at += took;
    }
    return out;
}

GBytes *picture_to_png(const Picture *picture)
{
    const uint32_t size[2] = { GUINT32_TO_BE(picture->width), GUINT32_TO_BE(picture->height) };
    /* 8 bits, true colour, and the only methods of packing and of not interlacing that there are */
    guint8 head[13] = { [8] = 8, [9] = 2 };
    memcpy(head, size, sizeof size);
    size_t length;
    g_autofree guint8 *rows = filter_rows(picture, &length);
    g_autoptr(GByteArray) packed = deflate_all(rows, length);
    GByteArray *file = g_byte_array_new();
    g_byte_array_append(file, png_signature, sizeof png_signature);
    add_chunk(file, "IHDR", head, sizeof head);
    add_chunk(file, "IDAT", packed->data, packed->len);
    add_chunk(file, "IEND", NULL, 0);
    return g_byte_array_free_to_bytes(file);
}

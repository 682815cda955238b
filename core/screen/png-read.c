/* SPDX-License-Identifier: Apache-2.0 */
/* Reading PNG files. */
#include <gio/gio.h>
#include <string.h>

#include "core/error.h"
#include "core/screen/picture.h"
#include "core/screen/png-private.h"

enum { COLOR_GRAY = 0, COLOR_RGB = 2, COLOR_PALETTE = 3, COLOR_GRAY_ALPHA = 4, COLOR_RGBA = 6 };
enum { CHUNK_FRAME = 12, HEAD_BYTES = 13, PALETTE_COLORS = 256 };

/* Source: zlib, "Technical Details", "Maximum Compression Factor" */
enum { MOST_INFLATED = 1032 };

typedef struct {
    unsigned width, height, depth, color, samples;
    bool interlaced;
    uint8_t palette[PALETTE_COLORS * 3];
    unsigned palette_size;
    GByteArray *packed; /* all IDAT chunks; owned */
} Png;

static void png_clear(Png *png)
{
    g_clear_pointer(&png->packed, g_byte_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Png, png_clear)

static bool refuse(GError **error, const char *why)
{
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "not a picture: %s", why);
    return false;
}

static uint32_t read_uint(const uint8_t *at)
{
    return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
}

/* ---- chunks ---- */

/* Samples a pixel, 0 for a colour type or depth that there is not. */
static unsigned count_samples(unsigned color, unsigned depth)
{
    bool whole = depth == 8 || depth == 16;
    switch (color) {
    case COLOR_GRAY:
        return whole || depth == 1 || depth == 2 || depth == 4 ? 1 : 0;
    case COLOR_PALETTE:
        return depth == 1 || depth == 2 || depth == 4 || depth == 8 ? 1 : 0;
    case COLOR_RGB:
        return whole ? 3 : 0;
    case COLOR_GRAY_ALPHA:
        return whole ? 2 : 0;
    case COLOR_RGBA:
        return whole ? 4 : 0;
    default:
        return 0;
    }
}

static bool read_head(Png *png, const uint8_t *data, size_t length, GError **error)
{
    if (length != HEAD_BYTES)
        return refuse(error, "the head of the PNG has a wrong size");
    png->width = read_uint(data);
    png->height = read_uint(data + 4);
    png->depth = data[8];
    png->color = data[9];
    png->interlaced = data[12] == 1;
    png->samples = count_samples(png->color, png->depth);
    if (!png->width || !png->height || png->width > PICTURE_MAXIMUM_SIDE ||
        png->height > PICTURE_MAXIMUM_SIDE)
        return refuse(error, "impossible size");
    if (!png->samples || data[10] || data[11] || data[12] > 1)
        return refuse(error, "a kind of PNG that there is not");
    png->packed = g_byte_array_new();
    return true;
}

static bool read_palette(Png *png, const uint8_t *data, size_t length, GError **error)
{
    if (length % 3 || length > sizeof png->palette)
        return refuse(error, "the palette of the PNG has a wrong size");
    memcpy(png->palette, data, length);
    png->palette_size = (unsigned) length / 3;
    return true;
}

static bool read_chunk(Png *png, const uint8_t *type, const uint8_t *data, size_t length,
                       GError **error)
{
    bool is_head = memcmp(type, "IHDR", 4) == 0;
    if (is_head != !png->packed)
        return refuse(error, "the head of the PNG is not where it belongs");
    if (is_head)
        return read_head(png, data, length, error);
    if (memcmp(type, "PLTE", 4) == 0)
        return read_palette(png, data, length, error);
    if (memcmp(type, "IDAT", 4) == 0)
        g_byte_array_append(png->packed, data, (guint) length);
    else if (!(type[0] & 0x20) && memcmp(type, "IEND", 4) != 0)
        return refuse(error, "the PNG has a critical part that nobody knows");
    return true;
}

static bool read_chunks(Png *png, const uint8_t *file, size_t length, GError **error)
{
    if (length < PNG_SIGNATURE_BYTES || length > G_MAXINT32 ||
        memcmp(file, png_signature, PNG_SIGNATURE_BYTES) != 0)
        return refuse(error, "neither PNG nor PPM");
    for (size_t at = PNG_SIGNATURE_BYTES; length - at >= CHUNK_FRAME;) {
        const uint8_t *chunk = file + at;
        size_t size = read_uint(chunk);
        if (size > length - at - CHUNK_FRAME)
            break;
        if (png_crc(chunk + 4, size + 4) != read_uint(chunk + 8 + size))
            return refuse(error, "a checksum of the PNG is wrong");
        if (!read_chunk(png, chunk + 4, chunk + 8, size, error))
            return false;
        if (memcmp(chunk + 4, "IEND", 4) == 0)
            return true;
        at += size + CHUNK_FRAME;
    }
    return refuse(error, "it ends early");
}

/* ---- rows ---- */

/* Every nth pixel of every mth row: a PNG that is not interlaced has only one such grid. */
typedef struct {
    unsigned x, y, step_x, step_y;
} Grid;

static const Grid whole_grid = { 0, 0, 1, 1 };

/* Source: PNG specification, section 8.2 */
static const Grid interlaced_grids[] = {
    { 0, 0, 8, 8 }, { 4, 0, 8, 8 }, { 0, 4, 4, 8 }, { 2, 0, 4, 4 },
    { 0, 2, 2, 4 }, { 1, 0, 2, 2 }, { 0, 1, 1, 2 },
};

static unsigned grid_columns(const Png *png, const Grid *grid)
{
    return png->width > grid->x ? (png->width - grid->x - 1) / grid->step_x + 1 : 0;
}

static size_t row_bytes(const Png *png, const Grid *grid)
{
    return ((size_t) grid_columns(png, grid) * png->samples * png->depth + 7) / 8;
}

static uint8_t paeth(int left, int above, int corner)
{
    int guess = left + above - corner;
    int to_left = ABS(guess - left), to_above = ABS(guess - above), to_corner = ABS(guess - corner);
    if (to_left <= to_above && to_left <= to_corner)
        return (uint8_t) left;
    return (uint8_t) (to_above <= to_corner ? above : corner);
}

/* What a filter says that a byte will be, given those around it. */
static int guess_byte(unsigned filter, int left, int above, int corner)
{
    switch (filter) {
    case PNG_FILTER_SUB:
        return left;
    case PNG_FILTER_UP:
        return above;
    case PNG_FILTER_AVERAGE:
        return (left + above) / 2;
    case PNG_FILTER_PAETH:
        return paeth(left, above, corner);
    default:
        return 0;
    }
}

/* @above is a row of zeros for the first one. */
static bool unfilter(unsigned filter, uint8_t *row, const uint8_t *above, size_t length,
                     size_t pixel)
{
    for (size_t i = 0; filter != PNG_FILTER_NONE && i < length; i++) {
        int left = i >= pixel ? row[i - pixel] : 0, corner = i >= pixel ? above[i - pixel] : 0;
        row[i] = (uint8_t) (row[i] + guess_byte(filter, left, above[i], corner));
    }
    return filter <= PNG_FILTER_PAETH;
}

/* Sample @i of a row: the upper 8 bits of 16, or as many bits as there are. */
static unsigned sample(const Png *png, const uint8_t *row, size_t i)
{
    if (png->depth >= 8)
        return row[i * png->depth / 8];
    unsigned shift = 8 - png->depth - (unsigned) (i * png->depth % 8);
    return row[i * png->depth / 8] >> shift & ((1u << png->depth) - 1);
}

static bool put_pixel(const Png *png, const uint8_t *row, size_t column, uint8_t *to)
{
    size_t first = column * png->samples;
    if (png->color == COLOR_PALETTE) {
        unsigned index = sample(png, row, first);
        if (index >= png->palette_size)
            return false;
        memcpy(to, png->palette + 3 * index, 3);
        return true;
    }
    bool gray = png->samples < 3;
    unsigned most = png->depth < 8 ? (1u << png->depth) - 1 : 255;
    for (size_t c = 0; c < 3; c++)
        to[c] = (uint8_t) (sample(png, row, first + (gray ? 0 : c)) * 255 / most);
    return true;
}

/* Takes the rows of a grid off @rest. */
static bool read_grid(const Png *png, const Grid *grid, uint8_t **rest, Picture *picture,
                      GError **error)
{
    size_t length = row_bytes(png, grid), pixel = MAX(1, png->samples * png->depth / 8);
    g_autofree uint8_t *zeros = g_malloc0(length);
    const uint8_t *above = zeros;
    unsigned columns = grid_columns(png, grid);
    for (unsigned y = grid->y; columns && y < png->height; y += grid->step_y) {
        uint8_t *row = *rest + 1;
        if (!unfilter(**rest, row, above, length, pixel))
            return refuse(error, "a row of the PNG has a filter that there is not");
        for (unsigned i = 0; i < columns; i++) {
            size_t x = grid->x + (size_t) i * grid->step_x;
            if (!put_pixel(png, row, i, picture->rgb + 3 * ((size_t) y * png->width + x)))
                return refuse(error, "the PNG has a colour that its palette lacks");
        }
        above = row;
        *rest = row + length;
    }
    return true;
}

static size_t grid_bytes(const Png *png, const Grid *grid)
{
    if (!grid_columns(png, grid) || png->height <= grid->y)
        return 0;
    return (row_bytes(png, grid) + 1) * ((png->height - grid->y - 1) / grid->step_y + 1);
}

/* All rows of all grids, still filtered. */
static uint8_t *inflate_all(const Png *png, size_t expected, GError **error)
{
    g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);
    /* Before memory is asked for that so few bytes could never fill. */
    if (expected / MOST_INFLATED > png->packed->len) {
        refuse(error, "the pixels of the PNG are damaged");
        return NULL;
    }
    g_autofree uint8_t *rows = g_malloc(expected);
    size_t from = 0, to = 0;
    while (to < expected) {
        gsize took = 0, gave = 0;
        GConverterResult result = g_converter_convert(
            G_CONVERTER(zlib), png->packed->data + from, png->packed->len - from, rows + to,
            expected - to, G_CONVERTER_INPUT_AT_END, &took, &gave, NULL);
        from += took;
        to += gave;
        if (result == G_CONVERTER_ERROR || (result == G_CONVERTER_FINISHED && to < expected)) {
            refuse(error, "the pixels of the PNG are damaged");
            return NULL;
        }
    }
    return g_steal_pointer(&rows);
}

static Picture *read_pixels(const Png *png, GError **error)
{
    const Grid *grids = png->interlaced ? interlaced_grids : &whole_grid;
    size_t count = png->interlaced ? G_N_ELEMENTS(interlaced_grids) : 1, expected = 0;
    for (size_t i = 0; i < count; i++)
        expected += grid_bytes(png, &grids[i]);
    g_autofree uint8_t *rows = inflate_all(png, expected, error);
    if (!rows)
        return NULL;
    g_autoptr(Picture) picture = picture_new(png->width, png->height);
    uint8_t *rest = rows;
    for (size_t i = 0; i < count; i++)
        if (!read_grid(png, &grids[i], &rest, picture, error))
            return NULL;
    return g_steal_pointer(&picture);
}

Picture *picture_from_png(const void *file, size_t length, GError **error)
{
    g_auto(Png) png = { 0 };
    if (!read_chunks(&png, file, length, error))
        return NULL;
    return read_pixels(&png, error);
}

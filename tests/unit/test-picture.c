/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/screen/picture.c and png.c. */
#include "core/screen/picture.h"

#include <gio/gio.h>
#include <string.h>

#include "core/error.h"

static Picture *gradient(unsigned width, unsigned height)
{
    Picture *picture = picture_new(width, height);
    for (size_t i = 0; i < (size_t) width * height * 3; i++)
        picture->rgb[i] = (uint8_t) (i * 7 + i / 64);
    return picture;
}

static void assert_same(const Picture *one, const Picture *two)
{
    g_assert_cmpuint(one->width, ==, two->width);
    g_assert_cmpuint(one->height, ==, two->height);
    size_t size = (size_t) one->width * one->height * 3;
    g_assert_cmpmem(one->rgb, size, two->rgb, size);
}

static void test_ppm(void)
{
    g_autoptr(Picture) picture = gradient(37, 11);
    g_autoptr(GBytes) file = picture_to_ppm(picture);
    gsize length;
    const void *data = g_bytes_get_data(file, &length);
    g_autoptr(GError) error = NULL;
    g_autoptr(Picture) again = picture_from_ppm(data, length, &error);
    g_assert_no_error(error);
    assert_same(picture, again);
}

static void test_bad_ppm(void)
{
    static const char *const files[] = {
        "",
        "P6",
        "P5 1 1 255\nxxx",
        "P6 1 1 255",
        "P6 1 1 255\nxx",
        "P6 0 1 255\nxxx",
        "P6 1 1 65535\nxxxxxx",
        "P6 99999 99999 255\nxxx",
        "P6 -1 1 255\nxxx",
        "P6 999999999999 1 255\nxxx",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(picture_from_ppm(files[i], strlen(files[i]), &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    }
}

/* The rows of a PNG with one IDAT, still filtered. */
static GBytes *unpack(const guint8 *file)
{
    guint32 length;
    memcpy(&length, file + 33, sizeof length);
    g_assert_cmpmem(file + 37, 4, "IDAT", 4);
    g_autoptr(GConverter) zlib =
        G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB));
    guint8 *rows = g_malloc(1 << 20);
    gsize took, gave;
    g_autoptr(GError) error = NULL;
    GConverterResult result =
        g_converter_convert(zlib, file + 41, GUINT32_FROM_BE(length), rows, 1 << 20,
                            G_CONVERTER_INPUT_AT_END, &took, &gave, &error);
    g_assert_no_error(error);
    g_assert_cmpint(result, ==, G_CONVERTER_FINISHED);
    return g_bytes_new_take(rows, gave);
}

static void test_png(void)
{
    static const guint8 head[] = { 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n', 0, 0,
                                   0,    13,  'I', 'H', 'D',  'R',  0,    0,    0, 37,
                                   0,    0,   0,   11,  8,    2,    0,    0,    0 };
    static const guint8 end[] = { 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82 };
    g_autoptr(Picture) picture = gradient(37, 11);
    g_autoptr(GBytes) file = picture_to_png(picture);
    gsize length;
    const guint8 *data = g_bytes_get_data(file, &length);
    g_assert_cmpmem(data, sizeof head, head, sizeof head);
    g_assert_cmpmem(data + length - sizeof end, sizeof end, end, sizeof end);
    g_autoptr(GBytes) packed = unpack(data);
    gsize size;
    const guint8 *rows = g_bytes_get_data(packed, &size);
    size_t stride = 37 * 3;
    g_assert_cmpuint(size, ==, (stride + 1) * 11);
    g_autoptr(Picture) again = picture_new(37, 11);
    for (size_t y = 0; y < 11; y++) {
        g_assert_cmpuint(rows[y * (stride + 1)], ==, 2);
        for (size_t i = 0; i < stride; i++)
            again->rgb[y * stride + i] = (uint8_t) (rows[y * (stride + 1) + 1 + i] +
                                                    (y ? again->rgb[(y - 1) * stride + i] : 0));
    }
    assert_same(picture, again);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/picture/ppm", test_ppm);
    g_test_add_func("/picture/bad-ppm", test_bad_ppm);
    g_test_add_func("/picture/png", test_png);
    return g_test_run();
}

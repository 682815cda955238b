/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of core/screen/picture*.c and png*.c. */
#include "core/screen/picture.h"

#include <gio/gio.h>
#include <string.h>

#include "core/error.h"
#include "core/screen/picture-compare.h"

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

/* Files of every colour type and depth, with what libpng reads out of them. */
static void test_read_png(void)
{
    g_autofree char *folder = g_build_filename(UTMCTL_SOURCE_DIR, "tests", "data", "png", NULL);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
    g_assert_no_error(error);
    unsigned count = 0;
    for (const char *name; (name = g_dir_read_name(dir));) {
        if (!g_str_has_suffix(name, ".png"))
            continue;
        g_test_message("%s", name);
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *reference = g_strdup(path);
        memcpy(reference + strlen(reference) - 3, "ppm", 3);
        g_autoptr(Picture) picture = picture_read(path, &error);
        g_assert_no_error(error);
        g_autoptr(Picture) expected = picture_read(reference, &error);
        g_assert_no_error(error);
        assert_same(picture, expected);
        count++;
    }
    g_assert_cmpuint(count, ==, 28);
}

static void test_own_png(void)
{
    g_autoptr(Picture) picture = gradient(37, 11);
    g_autoptr(GBytes) file = picture_to_png(picture);
    g_autoptr(GError) error = NULL;
    g_autoptr(Picture) again =
        picture_from_png(g_bytes_get_data(file, NULL), g_bytes_get_size(file), &error);
    g_assert_no_error(error);
    assert_same(picture, again);
}

static void assert_no_png(const guint8 *file, gsize length)
{
    g_autofree guint8 *copy = g_memdup2(file, length); /* so that a sanitizer sees its end */
    g_autoptr(GError) error = NULL;
    g_assert_null(picture_from_png(copy, length, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
}

/* Cut off anywhere, or with any bit turned over, it is refused: that is what checksums are for. */
static void test_bad_png(void)
{
    g_autoptr(Picture) picture = gradient(5, 4);
    g_autoptr(GBytes) bytes = picture_to_png(picture);
    gsize length = g_bytes_get_size(bytes);
    g_autofree guint8 *file = g_memdup2(g_bytes_get_data(bytes, NULL), length);
    for (gsize i = 0; i < length; i++) {
        assert_no_png(file, i);
        file[i] ^= (guint8) (1 << i % 8);
        assert_no_png(file, length);
        file[i] ^= (guint8) (1 << i % 8);
    }
}

static void test_bad_file(void)
{
    g_autoptr(GError) error = NULL;
    g_assert_null(picture_read("/nonexistent/picture.png", &error));
    g_assert_cmpint(utm_error_code(error), ==, UTM_ERROR_NOT_FOUND);
    g_clear_error(&error);
    g_assert_null(picture_read("/dev/null", &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    g_assert_nonnull(strstr(error->message, "\"/dev/null\""));
}

/* ---- comparing ---- */

static void set_pixel(Picture *picture, unsigned x, unsigned y)
{
    picture->rgb[3 * ((size_t) y * picture->width + x) + 1] ^= 1;
}

static void test_compare(void)
{
    g_autoptr(Picture) one = gradient(100, 50);
    g_autoptr(Picture) other = gradient(100, 50);
    PictureDifference none = picture_compare(one, other);
    g_assert_false(none.size);
    g_assert_cmpuint(none.pixels, ==, 0);
    set_pixel(other, 99, 7);
    set_pixel(other, 20, 11);
    set_pixel(other, 50, 49);
    PictureDifference found = picture_compare(one, other);
    g_assert_cmpuint(found.pixels, ==, 3);
    g_assert_cmpuint(found.left, ==, 20);
    g_assert_cmpuint(found.top, ==, 7);
    g_assert_cmpuint(found.width, ==, 80);
    g_assert_cmpuint(found.height, ==, 43);
}

static void test_compare_sizes(void)
{
    g_autoptr(Picture) one = picture_new(10, 20);
    g_autoptr(Picture) other = picture_new(20, 10);
    g_assert_true(picture_compare(one, other).size);
    g_assert_false(picture_is_like(one, other, 100));
    g_assert_false(picture_is_like(one, other, -1));
}

static void test_like_percent(void)
{
    g_autoptr(Picture) one = gradient(100, 50);
    g_autoptr(Picture) other = gradient(100, 50);
    g_assert_true(picture_is_like(one, other, 0));
    for (unsigned i = 0; i < 50; i++)
        set_pixel(other, 2 * i, i);
    g_assert_false(picture_is_like(one, other, 0));
    g_assert_false(picture_is_like(one, other, 0.99));
    g_assert_true(picture_is_like(one, other, 1));
}

/* A spot as large as a text cursor is nothing; two places are something. */
static void test_like_cursor(void)
{
    g_autoptr(Picture) one = gradient(100, 50);
    g_autoptr(Picture) other = gradient(100, 50);
    for (unsigned y = 0; y < TEXT_CURSOR_HEIGHT; y++)
        for (unsigned x = 0; x < TEXT_CURSOR_WIDTH; x++)
            set_pixel(other, 60 + x, 10 + y);
    g_assert_true(picture_is_like(one, other, -1));
    set_pixel(other, 60 + TEXT_CURSOR_WIDTH, 10);
    g_assert_false(picture_is_like(one, other, -1));
    set_pixel(other, 60 + TEXT_CURSOR_WIDTH, 10);
    g_assert_true(picture_is_like(one, other, -1));
    set_pixel(other, 60, 10 + TEXT_CURSOR_HEIGHT);
    g_assert_false(picture_is_like(one, other, -1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/picture/ppm", test_ppm);
    g_test_add_func("/picture/bad-ppm", test_bad_ppm);
    g_test_add_func("/picture/png", test_png);
    g_test_add_func("/picture/read-png", test_read_png);
    g_test_add_func("/picture/own-png", test_own_png);
    g_test_add_func("/picture/bad-png", test_bad_png);
    g_test_add_func("/picture/bad-file", test_bad_file);
    g_test_add_func("/picture/compare", test_compare);
    g_test_add_func("/picture/compare-sizes", test_compare_sizes);
    g_test_add_func("/picture/like-percent", test_like_percent);
    g_test_add_func("/picture/like-cursor", test_like_cursor);
    return g_test_run();
}

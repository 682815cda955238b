/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: formats, damage, copying and scaling, and what a hostile server might say. */
#include "display/canvas.h"

#include <glib.h>
#include <limits.h>
#include <string.h>

enum { FORMAT_1_A = 1, FORMAT_8_A = 8, FORMAT_555 = 16, FORMAT_XRGB = 32, FORMAT_565 = 80 };
enum { FORMAT_ARGB = 96 };

/* A picture in memory that ends exactly where the picture does, for the address sanitizer. */
static CanvasImage image_new(pixman_format_code_t format, int width, int height)
{
    int stride = (width * (int) PIXMAN_FORMAT_BPP(format) / 8 + 3) & ~3;
    return (CanvasImage){ format, width, height, stride,
                          g_malloc0((gsize) stride * (gsize) height) };
}

static void image_clear(CanvasImage *image)
{
    g_free(image->pixels);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CanvasImage, image_clear)

static uint32_t *pixel(const CanvasImage *image, int x, int y)
{
    return (uint32_t *) (void *) (image->pixels + (gsize) y * (gsize) image->stride) + x;
}

static uint32_t colour(const CanvasImage *image, int x, int y)
{
    return *pixel(image, x, y) & 0xffffff;
}

static void paint(const CanvasImage *image)
{
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            *pixel(image, x, y) = (uint32_t) (x << 8 | y | 0x550000);
}

static void test_formats(void)
{
    static uint32_t memory[64];
    CanvasImage image;
    g_assert_true(canvas_source(FORMAT_XRGB, 4, 4, 16, memory, &image));
    g_assert_cmpuint(image.format, ==, PIXMAN_x8r8g8b8);
    g_assert_true(canvas_source(FORMAT_ARGB, 4, 4, 16, memory, &image));
    g_assert_true(canvas_source(FORMAT_555, 5, 4, 12, memory, &image));
    g_assert_cmpuint(image.format, ==, PIXMAN_x1r5g5b5);
    g_assert_true(canvas_source(FORMAT_565, 5, 4, 12, memory, &image));
    g_assert_cmpuint(image.format, ==, PIXMAN_r5g6b5);
    g_assert_false(canvas_source(FORMAT_1_A, 4, 4, 16, memory, &image));
    g_assert_false(canvas_source(FORMAT_8_A, 4, 4, 16, memory, &image));
    g_assert_null(image.pixels);
}

static void test_hostile_sizes(void)
{
    static uint32_t memory[64];
    CanvasImage image;
    static const struct {
        int width, height, stride;
    } bad[] = { { 0, 4, 16 },         { 4, 0, 16 },
                { -4, 4, 16 },        { 4, -4, 16 },
                { 4, 4, 15 },         { 4, 4, 12 },
                { 4, 4, -16 },        { 4, 4, INT_MAX },
                { 16385, 1, 65540 },  { 4, 16385, 16 },
                { INT_MAX, 1, 16 },   { INT_MAX, INT_MAX, INT_MAX },
                { 0x40000001, 1, 4 }, { INT_MIN, INT_MIN, INT_MIN } };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++)
        g_assert_false(
            canvas_source(FORMAT_XRGB, bad[i].width, bad[i].height, bad[i].stride, memory, &image));
    g_assert_false(canvas_source(FORMAT_XRGB, 4, 4, 16, NULL, &image));
    g_assert_false(canvas_source(INT_MIN, 4, 4, 16, memory, &image));
}

static int64_t area_of(pixman_region32_t *region)
{
    int n;
    int64_t area = 0;
    const pixman_box32_t *boxes = pixman_region32_rectangles(region, &n);
    for (int i = 0; i < n; i++)
        area += (int64_t) (boxes[i].x2 - boxes[i].x1) * (boxes[i].y2 - boxes[i].y1);
    return area;
}

static void test_damage(void)
{
    const Rect within = { 10, 10, 100, 50 };
    pixman_region32_t damage;
    pixman_region32_init(&damage);
    canvas_damage(&damage, &within, 0, 0, 20, 20);
    g_assert_cmpint(area_of(&damage), ==, 100);
    canvas_damage(&damage, &within, 0, 0, 20, 20);
    canvas_damage(&damage, &within, 200, 0, 20, 20);
    canvas_damage(&damage, &within, 20, 20, 0, 5);
    canvas_damage(&damage, &within, 20, 20, -5, 5);
    g_assert_cmpint(area_of(&damage), ==, 100);
    canvas_damage(&damage, &within, INT_MIN, INT_MIN, INT_MAX, INT_MAX);
    canvas_damage(&damage, &within, INT_MAX, INT_MAX, INT_MAX, INT_MAX);
    g_assert_cmpint(area_of(&damage), ==, 100);
    canvas_damage(&damage, &within, -1, -1, INT_MAX, INT_MAX);
    g_assert_cmpint(area_of(&damage), ==, 5000);
    pixman_region32_fini(&damage);
}

/* A server that sends single pixels all over the screen does not make the list grow. */
static void test_damage_is_bounded(void)
{
    const Rect within = { 0, 0, 1000, 1000 };
    pixman_region32_t damage;
    pixman_region32_init(&damage);
    for (int i = 0; i < 5000; i++) {
        canvas_damage(&damage, &within, i * 37 % 1000, i * 91 % 1000, 1, 1);
        g_assert_cmpint(pixman_region32_n_rects(&damage), <=, CANVAS_RECTS_MAX);
        pixman_box32_t box;
        pixman_box32_t point = { i * 37 % 1000, i * 91 % 1000, i * 37 % 1000 + 1,
                                 i * 91 % 1000 + 1 };
        g_assert_true(pixman_region32_contains_point(&damage, point.x1, point.y1, &box));
    }
    pixman_region32_fini(&damage);
}

static void test_copy(void)
{
    g_auto(CanvasImage) from = image_new(PIXMAN_x8r8g8b8, 40, 30);
    g_auto(CanvasImage) to = image_new(PIXMAN_x8r8g8b8, 20, 20);
    const pixman_box32_t boxes[] = { { 10, 10, 20, 15 }, { 15, 12, 40, 30 } };
    paint(&from);
    canvas_copy(&from, &to, boxes, 2, -10, -10);
    for (int y = 0; y < 20; y++) {
        for (int x = 0; x < 20; x++) {
            bool copied = (y < 5 && x < 10) || (y >= 2 && x >= 5);
            g_assert_cmphex(colour(&to, x, y), ==, copied ? colour(&from, x + 10, y + 10) : 0);
        }
    }
}

static void test_copy_stays_inside(void)
{
    g_auto(CanvasImage) from = image_new(PIXMAN_x8r8g8b8, 8, 8);
    g_auto(CanvasImage) to = image_new(PIXMAN_x8r8g8b8, 4, 4);
    g_auto(CanvasImage) small = image_new(PIXMAN_r5g6b5, 3, 3);
    static const pixman_box32_t boxes[] = { { -100, -100, 100, 100 },
                                            { INT_MIN / 2, 0, INT_MAX / 2, 4 },
                                            { 7, 7, 9, 9 },
                                            { 4, 4, 2, 2 },
                                            { 100, 100, 200, 200 } };
    static const int shifts[] = { 0, 1, -5, 100, -100, 20000, -20000 };
    paint(&from);
    for (size_t i = 0; i < G_N_ELEMENTS(shifts); i++) {
        canvas_copy(&from, &to, boxes, G_N_ELEMENTS(boxes), shifts[i], -shifts[i]);
        canvas_copy(&small, &to, boxes, G_N_ELEMENTS(boxes), shifts[i], shifts[i]);
        canvas_copy(&from, &small, boxes, G_N_ELEMENTS(boxes), shifts[i], shifts[i]);
    }
}

static void test_copy_converts(void)
{
    g_auto(CanvasImage) from = image_new(PIXMAN_r5g6b5, 2, 1);
    g_auto(CanvasImage) five = image_new(PIXMAN_x1r5g5b5, 2, 1);
    g_auto(CanvasImage) to = image_new(PIXMAN_x8r8g8b8, 2, 1);
    const pixman_box32_t box = { 0, 0, 2, 1 };
    ((uint16_t *) (void *) from.pixels)[0] = 0xf800;
    ((uint16_t *) (void *) from.pixels)[1] = 0x07ff;
    canvas_copy(&from, &to, &box, 1, 0, 0);
    g_assert_cmphex(colour(&to, 0, 0), ==, 0xff0000);
    g_assert_cmphex(colour(&to, 1, 0), ==, 0x00ffff);
    ((uint16_t *) (void *) five.pixels)[0] = 0x7c00;
    ((uint16_t *) (void *) five.pixels)[1] = 0x801f;
    canvas_copy(&five, &to, &box, 1, 0, 0);
    g_assert_cmphex(colour(&to, 0, 0), ==, 0xff0000);
    g_assert_cmphex(colour(&to, 1, 0), ==, 0x0000ff);
}

static void test_scale_nearest(void)
{
    g_auto(CanvasImage) from = image_new(PIXMAN_x8r8g8b8, 10, 10);
    g_auto(CanvasImage) to = image_new(PIXMAN_x8r8g8b8, 30, 30);
    const Rect part = { 2, 2, 5, 5 }, place = { 5, 5, 20, 20 }, box = { 0, 0, 30, 30 };
    paint(&from);
    canvas_scale(&from, &part, &to, &place, &box, false);
    for (int y = 0; y < 30; y++) {
        for (int x = 0; x < 30; x++) {
            bool inside = x >= 5 && x < 25 && y >= 5 && y < 25;
            uint32_t want = inside ? colour(&from, 2 + (x - 5) / 4, 2 + (y - 5) / 4) : 0;
            g_assert_cmphex(colour(&to, x, y), ==, want);
        }
    }
}

/* What is drawn in pieces looks as if it had been drawn at once. */
static void test_scale_in_pieces(void)
{
    g_auto(CanvasImage) from = image_new(PIXMAN_x8r8g8b8, 37, 23);
    g_auto(CanvasImage) whole = image_new(PIXMAN_x8r8g8b8, 101, 67);
    g_auto(CanvasImage) pieces = image_new(PIXMAN_x8r8g8b8, 101, 67);
    const Rect part = { 0, 0, 37, 23 }, place = { 0, 0, 101, 67 };
    paint(&from);
    canvas_scale(&from, &part, &whole, &place, &place, true);
    for (int y = 0; y < 67; y += 10) {
        for (int x = 0; x < 101; x += 13) {
            const Rect box = { x, y, 13, 10 };
            canvas_scale(&from, &part, &pieces, &place, &box, true);
        }
    }
    g_assert_cmpmem(whole.pixels, (gsize) whole.stride * 67, pieces.pixels,
                    (gsize) pieces.stride * 67);
}

static void test_scale_stays_inside(void)
{
    g_auto(CanvasImage) from = image_new(PIXMAN_r5g6b5, 9, 7);
    g_auto(CanvasImage) to = image_new(PIXMAN_x8r8g8b8, 6, 6);
    const Rect parts[] = { { 0, 0, 9, 7 }, { 1, 1, 100, 100 }, { -5, -5, 8, 8 }, { 50, 0, 5, 5 } };
    const Rect places[] = { { 0, 0, 6, 6 }, { -50, -50, 200, 200 }, { 3, 3, 1, 1 } };
    const Rect box = { -100, -100, 300, 300 };
    for (size_t i = 0; i < G_N_ELEMENTS(parts); i++)
        for (size_t k = 0; k < G_N_ELEMENTS(places); k++)
            for (int smooth = 0; smooth < 2; smooth++)
                canvas_scale(&from, &parts[i], &to, &places[k], &box, smooth);
}

static void test_blend(void)
{
    static const uint8_t rgba[] = {
        255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 128, 255, 255, 255, 255
    };
    g_auto(CanvasImage) to = image_new(PIXMAN_x8r8g8b8, 4, 4);
    const Rect place = { 1, 1, 2, 2 }, box = { 0, 0, 4, 2 };
    *pixel(&to, 2, 1) = 0x123456;
    canvas_blend(rgba, 2, 2, &to, &place, &box);
    g_assert_cmphex(colour(&to, 1, 1), ==, 0xff0000);
    g_assert_cmphex(colour(&to, 2, 1), ==, 0x123456);
    g_assert_cmphex(colour(&to, 1, 2), ==, 0);
    const Rect rest = { 0, 2, 4, 2 };
    canvas_blend(rgba, 2, 2, &to, &place, &rest);
    g_assert_cmphex(colour(&to, 1, 2), ==, 0x008000);
    g_assert_cmphex(colour(&to, 2, 2), ==, 0xffffff);
    const Rect outside = { 3, -1, 2, 2 };
    canvas_blend(rgba, 2, 2, &to, &outside, &outside);
    g_assert_cmphex(colour(&to, 3, 0), ==, 0x008000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/canvas/formats", test_formats);
    g_test_add_func("/canvas/hostile-sizes", test_hostile_sizes);
    g_test_add_func("/canvas/damage", test_damage);
    g_test_add_func("/canvas/damage-is-bounded", test_damage_is_bounded);
    g_test_add_func("/canvas/copy", test_copy);
    g_test_add_func("/canvas/copy-stays-inside", test_copy_stays_inside);
    g_test_add_func("/canvas/copy-converts", test_copy_converts);
    g_test_add_func("/canvas/scale-nearest", test_scale_nearest);
    g_test_add_func("/canvas/scale-in-pieces", test_scale_in_pieces);
    g_test_add_func("/canvas/scale-stays-inside", test_scale_stays_inside);
    g_test_add_func("/canvas/blend", test_blend);
    return g_test_run();
}

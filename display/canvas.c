/* SPDX-License-Identifier: Apache-2.0 */
/* Copying and scaling with pixman, within bounds. */
#include "display/canvas.h"

#include <glib.h>
#include <string.h>

/* Numbers of the protocol, so that this file needs no SPICE. Surfaces of alpha alone (1 and 8) are
 * masks and no pictures. */
static const struct {
    int spice;
    pixman_format_code_t pixman;
} formats[] = {
    { 16, PIXMAN_x1r5g5b5 },
    { 32, PIXMAN_x8r8g8b8 },
    { 80, PIXMAN_r5g6b5 },
    { 96, PIXMAN_x8r8g8b8 }, /* a screen has nothing behind it that alpha could show */
};

static bool find_format(int spice_format, pixman_format_code_t *out_format)
{
    for (size_t i = 0; i < G_N_ELEMENTS(formats); i++) {
        if (formats[i].spice == spice_format) {
            *out_format = formats[i].pixman;
            return true;
        }
    }
    return false;
}

static int bytes_per_pixel(pixman_format_code_t format)
{
    return (int) PIXMAN_FORMAT_BPP(format) / 8;
}

bool canvas_source(int spice_format, int width, int height, int stride, void *pixels,
                   CanvasImage *out_image)
{
    CanvasImage image = { .width = width, .height = height, .stride = stride, .pixels = pixels };
    *out_image = (CanvasImage){ 0 };
    if (!pixels || !find_format(spice_format, &image.format))
        return false;
    if (width < 1 || height < 1 || width > CANVAS_SIDE_MAX || height > CANVAS_SIDE_MAX)
        return false;
    /* pixman reads rows as 32 bit words. */
    if (stride < width * bytes_per_pixel(image.format) || stride > CANVAS_SIDE_MAX * 4 ||
        stride % 4 != 0)
        return false;
    *out_image = image;
    return true;
}

void canvas_damage(pixman_region32_t *damage, const Rect *within, int x, int y, int width,
                   int height)
{
    Rect asked = { x, y, width, height };
    Rect clipped = rect_clip(&asked, within);
    if (width <= 0 || height <= 0 || clipped.width == 0)
        return;
    pixman_region32_union_rect(damage, damage, clipped.x, clipped.y, (unsigned) clipped.width,
                               (unsigned) clipped.height);
    if (pixman_region32_n_rects(damage) > CANVAS_RECTS_MAX) {
        pixman_box32_t all = *pixman_region32_extents(damage);
        pixman_region32_fini(damage);
        pixman_region32_init_with_extents(damage, &all);
    }
}

static pixman_image_t *wrap(const CanvasImage *image)
{
    return pixman_image_create_bits_no_clear(image->format, image->width, image->height,
                                             (uint32_t *) (void *) image->pixels, image->stride);
}

static void copy_rows(const CanvasImage *from, const CanvasImage *to, const Rect *rect, int dx,
                      int dy)
{
    int bpp = bytes_per_pixel(from->format);
    const uint8_t *in = from->pixels + (size_t) rect->y * from->stride + (size_t) rect->x * bpp;
    uint8_t *out =
        to->pixels + (size_t) (rect->y + dy) * to->stride + (size_t) (rect->x + dx) * bpp;
    size_t row = (size_t) rect->width * bpp;
    if (row == (size_t) from->stride && from->stride == to->stride) {
        memcpy(out, in, row * rect->height);
        return;
    }
    for (int y = 0; y < rect->height; y++, in += from->stride, out += to->stride)
        memcpy(out, in, row);
}

/* The part of a box that is in both pictures; in @from's coordinates. */
static Rect common(const CanvasImage *from, const CanvasImage *to, const pixman_box32_t *box,
                   int dx, int dy)
{
    Rect rect = { box->x1, box->y1, box->x2 - box->x1, box->y2 - box->y1 };
    Rect in = { 0, 0, from->width, from->height };
    Rect out = { -dx, -dy, to->width, to->height };
    rect = rect_clip(&rect, &in);
    return rect_clip(&rect, &out);
}

void canvas_copy(const CanvasImage *from, const CanvasImage *to, const pixman_box32_t *boxes,
                 int n_boxes, int dx, int dy)
{
    if (from->format == to->format) {
        for (int i = 0; i < n_boxes; i++) {
            Rect rect = common(from, to, &boxes[i], dx, dy);
            if (rect.width > 0)
                copy_rows(from, to, &rect, dx, dy);
        }
        return;
    }
    pixman_image_t *source = wrap(from), *target = wrap(to);
    for (int i = 0; i < n_boxes; i++) {
        Rect rect = common(from, to, &boxes[i], dx, dy);
        if (rect.width > 0)
            pixman_image_composite32(PIXMAN_OP_SRC, source, NULL, target, rect.x, rect.y, 0, 0,
                                     rect.x + dx, rect.y + dy, rect.width, rect.height);
    }
    pixman_image_unref(source);
    pixman_image_unref(target);
}

/* From pixels of @place to pixels of a picture that is @width by @height. */
static void set_scale(pixman_image_t *image, const Rect *place, int width, int height, bool smooth)
{
    pixman_transform_t transform;
    pixman_transform_init_scale(&transform, pixman_double_to_fixed((double) width / place->width),
                                pixman_double_to_fixed((double) height / place->height));
    pixman_image_set_transform(image, &transform);
    pixman_image_set_filter(image, smooth ? PIXMAN_FILTER_BILINEAR : PIXMAN_FILTER_NEAREST, NULL,
                            0);
}

static Rect clip_to_image(const Rect *box, const Rect *place, const CanvasImage *to)
{
    Rect whole = { 0, 0, to->width, to->height };
    Rect clipped = rect_clip(box, place);
    return rect_clip(&clipped, &whole);
}

void canvas_scale(const CanvasImage *from, const Rect *part, const CanvasImage *to,
                  const Rect *place, const Rect *box, bool smooth)
{
    Rect whole = { 0, 0, from->width, from->height };
    Rect source_part = rect_clip(part, &whole);
    Rect target = clip_to_image(box, place, to);
    if (source_part.width == 0 || target.width == 0)
        return;
    /* Only the part, so that nothing beside it is mixed in at its edges. */
    CanvasImage seen = *from;
    seen.pixels += (size_t) source_part.y * from->stride +
                   (size_t) source_part.x * bytes_per_pixel(from->format);
    seen.width = source_part.width;
    seen.height = source_part.height;
    /* Rows must begin at words; with 16 bits and an odd column they do not. */
    if ((uintptr_t) seen.pixels % 4 != 0)
        seen = *from;
    pixman_image_t *source = wrap(&seen), *out = wrap(to);
    set_scale(source, place, seen.width, seen.height, smooth);
    pixman_image_set_repeat(source, PIXMAN_REPEAT_PAD);
    pixman_image_composite32(PIXMAN_OP_SRC, source, NULL, out, target.x - place->x,
                             target.y - place->y, 0, 0, target.x, target.y, target.width,
                             target.height);
    pixman_image_unref(source);
    pixman_image_unref(out);
}

static uint32_t premultiplied(const uint8_t *rgba)
{
    uint32_t alpha = rgba[3];
    uint32_t red = rgba[0] * alpha / 255, green = rgba[1] * alpha / 255;
    uint32_t blue = rgba[2] * alpha / 255;
    return alpha << 24 | red << 16 | green << 8 | blue;
}

void canvas_blend(const uint8_t *rgba, int width, int height, const CanvasImage *to,
                  const Rect *place, const Rect *box)
{
    Rect target = clip_to_image(box, place, to);
    if (target.width == 0 || width < 1 || height < 1)
        return;
    size_t count = (size_t) width * height;
    g_autofree uint32_t *pixels = g_new(uint32_t, count);
    for (size_t i = 0; i < count; i++)
        pixels[i] = premultiplied(rgba + i * 4);
    pixman_image_t *over =
        pixman_image_create_bits_no_clear(PIXMAN_a8r8g8b8, width, height, pixels, width * 4);
    pixman_image_t *out = wrap(to);
    if (place->width != width || place->height != height)
        set_scale(over, place, width, height, false);
    pixman_image_composite32(PIXMAN_OP_OVER, over, NULL, out, target.x - place->x,
                             target.y - place->y, 0, 0, target.x, target.y, target.width,
                             target.height);
    pixman_image_unref(over);
    pixman_image_unref(out);
}

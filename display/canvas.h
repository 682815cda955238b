/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: what a server says of a surface is checked here, and pixels are carried to a window. Pure.
 *
 * Sizes and rectangles come from a server that nobody has to trust: whatever they are, nothing is
 * read or written outside of the two pictures.
 */
#pragma once

#include <pixman.h>
#include <stdbool.h>
#include <stdint.h>

#include "display/geometry.h"

/* Larger than any screen there is, and small enough for pixman's 16.16 coordinates. */
#define CANVAS_SIDE_MAX 16384
/* Damage of more rectangles than this is treated as one around them all. */
#define CANVAS_RECTS_MAX 32

typedef struct {
    pixman_format_code_t format;
    int width, height;
    int stride;      /* bytes from row to row */
    uint8_t *pixels; /* borrowed; NULL when there is no picture */
} CanvasImage;

/**
 * canvas_source() - Describe a surface of the server's
 * @spice_format: SPICE_SURFACE_FMT_X as the server gave it
 * @out_image:    emptied on failure
 *
 * Source: spice-protocol, spice/enums.h, SpiceSurfaceFmt
 * Return: false when it is not a picture of colours, or its sizes contradict each other
 */
bool canvas_source(int spice_format, int width, int height, int stride, void *pixels,
                   CanvasImage *out_image);

/**
 * canvas_damage() - Add to what has to be drawn again
 * @damage: at most CANVAS_RECTS_MAX rectangles
 * @within: nothing outside of it is added
 *
 * The rectangle may be anything: negative, empty, or as large as int can say.
 */
void canvas_damage(pixman_region32_t *damage, const Rect *within, int x, int y, int width,
                   int height);

/**
 * canvas_copy() - Copy rectangles from a picture to another, pixel by pixel
 * @boxes: in @from's coordinates
 * @dx:    what is at (0, 0) in @from goes to (@dx, @dy) in @to
 * @dy:    likewise
 */
void canvas_copy(const CanvasImage *from, const CanvasImage *to, const pixman_box32_t *boxes,
                 int n_boxes, int dx, int dy);

/**
 * canvas_scale() - Draw a part of a picture larger or smaller into a part of another
 * @part:   of @from, what is scaled
 * @place:  of @to, where @part as a whole would go
 * @box:    of @to, the only pixels that are written
 * @smooth: mix neighbouring pixels; otherwise take the nearest
 */
void canvas_scale(const CanvasImage *from, const Rect *part, const CanvasImage *to,
                  const Rect *place, const Rect *box, bool smooth);

/**
 * canvas_blend() - Lay a small picture with transparency over another
 * @rgba:   bytes red, green, blue, alpha; colours not multiplied with alpha
 * @width:  of it
 * @height: likewise
 * @place:  where on @to, and how large
 * @box:    of @to, the only pixels that are written
 */
void canvas_blend(const uint8_t *rgba, int width, int height, const CanvasImage *to,
                  const Rect *place, const Rect *box);

/* SPDX-License-Identifier: Apache-2.0 */
/* Fitting, scaling and finding pixels. Sizes are below 2^15, so that no product leaves int64_t. */
#include "display/geometry.h"

#include <math.h>
#include <stdint.h>

static int scaled(int value, int by, int of)
{
    return (int) ((int64_t) value * by / of);
}

static int scaled_up(int value, int by, int of)
{
    return (int) (((int64_t) value * by + of - 1) / of);
}

static bool is_empty(Size size)
{
    return size.width <= 0 || size.height <= 0;
}

static int at_least_1(int value)
{
    return value < 1 ? 1 : value;
}

void geometry_set(Geometry *geometry, Size guest, Size points, Size pixels)
{
    *geometry = (Geometry){ .guest = guest, .points = points, .pixels = pixels };
    if (is_empty(guest) || is_empty(points) || is_empty(pixels))
        return;
    Size size = pixels;
    if ((int64_t) pixels.width * guest.height > (int64_t) pixels.height * guest.width)
        size.width = at_least_1(scaled(pixels.height, guest.width, guest.height));
    else
        size.height = at_least_1(scaled(pixels.width, guest.height, guest.width));
    geometry->image = (Rect){ (pixels.width - size.width) / 2, (pixels.height - size.height) / 2,
                              size.width, size.height };
}

bool geometry_is_exact(const Geometry *geometry)
{
    return geometry->image.width == geometry->guest.width &&
           geometry->image.height == geometry->guest.height;
}

bool geometry_is_enlarged(const Geometry *geometry)
{
    return geometry->image.width > geometry->guest.width;
}

static int clamp(int value, int below)
{
    return value < 0 ? 0 : value >= below ? below - 1 : value;
}

bool geometry_to_guest(const Geometry *geometry, int x, int y, int *out_x, int *out_y)
{
    const Geometry *g = geometry;
    if (g->image.width <= 0 || g->image.height <= 0) {
        *out_x = *out_y = 0;
        return false;
    }
    /* The middle of the point, so that both ways agree whatever the factor is. */
    double pixel_x = (x + 0.5) * g->pixels.width / g->points.width - g->image.x;
    double pixel_y = (y + 0.5) * g->pixels.height / g->points.height - g->image.y;
    int guest_x = (int) floor(pixel_x * g->guest.width / g->image.width);
    int guest_y = (int) floor(pixel_y * g->guest.height / g->image.height);
    *out_x = clamp(guest_x, g->guest.width);
    *out_y = clamp(guest_y, g->guest.height);
    return guest_x == *out_x && guest_y == *out_y;
}

Rect geometry_from_guest(const Geometry *geometry, const Rect *part)
{
    const Geometry *g = geometry;
    if (is_empty(g->guest) || g->image.width <= 0)
        return (Rect){ 0 };
    Rect screen = { 0, 0, g->guest.width, g->guest.height };
    Rect seen = *part;
    if (!geometry_is_exact(g))
        seen = (Rect){ part->x - 1, part->y - 1, part->width + 2, part->height + 2 };
    seen = rect_clip(&seen, &screen);
    int left = scaled(seen.x, g->image.width, g->guest.width);
    int top = scaled(seen.y, g->image.height, g->guest.height);
    int right = scaled_up(seen.x + seen.width, g->image.width, g->guest.width);
    int bottom = scaled_up(seen.y + seen.height, g->image.height, g->guest.height);
    if (seen.width == 0)
        return (Rect){ 0 };
    return (Rect){ g->image.x + left, g->image.y + top, right - left, bottom - top };
}

Size geometry_window_size(Size guest, double scale, double ratio, bool native, Size room)
{
    double factor = native ? scale / ratio : scale;
    if (!is_empty(room)) {
        factor = fmin(factor, (double) room.width / guest.width);
        factor = fmin(factor, (double) room.height / guest.height);
    }
    return (Size){ at_least_1((int) lround(guest.width * factor)),
                   at_least_1((int) lround(guest.height * factor)) };
}

Rect rect_clip(const Rect *a, const Rect *b)
{
    int64_t left = a->x > b->x ? a->x : b->x;
    int64_t top = a->y > b->y ? a->y : b->y;
    int64_t right_a = (int64_t) a->x + a->width, right_b = (int64_t) b->x + b->width;
    int64_t bottom_a = (int64_t) a->y + a->height, bottom_b = (int64_t) b->y + b->height;
    int64_t right = right_a < right_b ? right_a : right_b;
    int64_t bottom = bottom_a < bottom_b ? bottom_a : bottom_b;
    if (right <= left || bottom <= top)
        return (Rect){ 0 };
    return (Rect){ (int) left, (int) top, (int) (right - left), (int) (bottom - top) };
}

/* SPDX-License-Identifier: Apache-2.0 */
/* In what two pictures differ. */
#include "core/screen/picture-compare.h"

#include <string.h>

/* The box while it is searched: of what is differing so far, its edges included. */
typedef struct {
    unsigned left, top, right, bottom;
    uint64_t pixels;
} Search;

static void compare_row(Search *search, const uint8_t *one, const uint8_t *other, unsigned y,
                        unsigned width)
{
    if (memcmp(one, other, (size_t) width * 3) == 0)
        return;
    if (!search->pixels)
        search->top = y;
    search->bottom = y;
    for (unsigned x = 0; x < width; x++)
        if (memcmp(one + 3 * (size_t) x, other + 3 * (size_t) x, 3) != 0) {
            search->left = MIN(search->left, x);
            search->right = MAX(search->right, x);
            search->pixels++;
        }
}

PictureDifference picture_compare(const Picture *one, const Picture *other)
{
    if (one->width != other->width || one->height != other->height)
        return (PictureDifference){ .size = true };
    Search search = { .left = one->width };
    for (unsigned y = 0; y < one->height; y++) {
        size_t row = (size_t) y * one->width * 3;
        compare_row(&search, one->rgb + row, other->rgb + row, y, one->width);
    }
    if (!search.pixels)
        return (PictureDifference){ 0 };
    return (PictureDifference){ .pixels = search.pixels,
                                .left = search.left,
                                .top = search.top,
                                .width = search.right - search.left + 1,
                                .height = search.bottom - search.top + 1 };
}

bool picture_is_like(const Picture *one, const Picture *other, double tolerance)
{
    PictureDifference difference = picture_compare(one, other);
    if (difference.size)
        return false;
    if (tolerance < 0)
        return difference.width <= TEXT_CURSOR_WIDTH && difference.height <= TEXT_CURSOR_HEIGHT;
    double all = (double) one->width * one->height;
    return (double) difference.pixels * 100 <= tolerance * all;
}

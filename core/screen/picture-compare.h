/* SPDX-License-Identifier: Apache-2.0 */
/* In what two pictures differ. */
#pragma once

#include "core/screen/picture.h"

typedef struct {
    bool size;       /* they have not the same; nothing else is known then */
    uint64_t pixels; /* how many differ */
    /* The smallest box around them, from the top left; all 0 when none do. */
    unsigned left, top, width, height;
} PictureDifference;

/**
 * picture_compare() - Find out in what two pictures differ
 */
PictureDifference picture_compare(const Picture *one, const Picture *other);

/* The most that a text cursor covers. */
enum { TEXT_CURSOR_WIDTH = 16, TEXT_CURSOR_HEIGHT = 32 };

/**
 * picture_is_like() - Whether two pictures show the same, give or take a little
 * @tolerance: how many percent of the pixels may differ; below 0: those in one spot as large as a
 *             text cursor, which blinks
 */
bool picture_is_like(const Picture *one, const Picture *other, double tolerance);

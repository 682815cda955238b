/* SPDX-License-Identifier: Apache-2.0 */
/* When a window is drawn next, and how long damage waited. Pure. */
#pragma once

#include <stdint.h>

/* How long after damage came in it was shown. */
typedef struct {
    uint64_t count;
    uint32_t
        tenths[512]; /* count by tenths of a millisecond; the last holds all that took longer */
} Timing;

/* When a window was drawn. Pieces of one picture may follow each other quickly, but over a while
 * there are no more of them than a monitor shows. */
typedef struct {
    int64_t last_us; /* 0 for never */
    int64_t paid_us; /* up to when the pictures so far would keep a monitor busy */
} Pace;

/**
 * pace_due() - When a window may be drawn again
 * @now_us: the time
 *
 * At once after a pause.
 */
int64_t pace_due(const Pace *pace, int64_t now_us);

/**
 * pace_shown() - A window has been drawn
 */
void pace_shown(Pace *pace, int64_t now_us);

/**
 * timing_add() - Count a damage
 * @took_us: until it was shown
 */
void timing_add(Timing *timing, int64_t took_us);

/**
 * timing_median_us() - The time that half of them stayed below; 0 for none
 */
int64_t timing_median_us(const Timing *timing);

/* SPDX-License-Identifier: Apache-2.0 */
/* When a window is drawn next, and how long pictures took. Pure. */
#pragma once

#include <stdint.h>

/* How long after damage came in it was shown. */
typedef struct {
    uint64_t count;
    uint32_t
        tenths[512]; /* count by tenths of a millisecond; the last holds all that took longer */
} Timing;

/**
 * timing_due() - When a window may be drawn again
 * @last_us:     when it was drawn, 0 for never
 * @interval_us: the least between two pictures
 * @now_us:      the time
 *
 * At once after a pause, and never faster than somebody could see.
 */
int64_t timing_due(int64_t last_us, int64_t interval_us, int64_t now_us);

/**
 * timing_add() - Count a damage
 * @took_us: until it was shown
 */
void timing_add(Timing *timing, int64_t took_us);

/**
 * timing_median_us() - The time that half of them stayed below; 0 for none
 */
int64_t timing_median_us(const Timing *timing);

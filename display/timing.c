/* SPDX-License-Identifier: Apache-2.0 */
/* Pacing and a histogram. */
#include "display/timing.h"

#include <glib.h>

#define STEP_US 100

/* Between two pictures at least, for each picture on the average, and how much of it in advance. */
#define LEAST_US 3000
#define PICTURE_US 16667
#define ADVANCE_US 100000

int64_t pace_due(const Pace *pace, int64_t now_us)
{
    if (pace->last_us == 0)
        return now_us;
    return MAX(now_us, MAX(pace->last_us + LEAST_US, pace->paid_us - ADVANCE_US));
}

void pace_shown(Pace *pace, int64_t now_us)
{
    pace->last_us = now_us;
    pace->paid_us = MAX(pace->paid_us, now_us) + PICTURE_US;
}

void timing_add(Timing *timing, int64_t took_us)
{
    int64_t last = (int64_t) G_N_ELEMENTS(timing->tenths) - 1;
    timing->count++;
    timing->tenths[CLAMP(took_us / STEP_US, 0, last)]++;
}

int64_t timing_median_us(const Timing *timing)
{
    uint64_t seen = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(timing->tenths); i++) {
        seen += timing->tenths[i];
        if (seen * 2 >= timing->count && seen > 0)
            return (int64_t) i * STEP_US + STEP_US / 2;
    }
    return 0;
}

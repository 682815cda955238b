/* SPDX-License-Identifier: Apache-2.0 */
/* Pacing and a histogram. */
#include "display/timing.h"

#include <glib.h>

#define STEP_US 100

int64_t timing_due(int64_t last_us, int64_t interval_us, int64_t now_us)
{
    int64_t due = last_us + interval_us;
    return last_us == 0 || due < now_us ? now_us : due;
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

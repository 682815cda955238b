/* SPDX-License-Identifier: Apache-2.0 */
/* Retention: which snapshots to keep. */
#include "core/snapshot/snapshot.h"

#include <string.h>

enum { SECONDS_A_DAY = 24 * 60 * 60 };

/* Days since the epoch; weeks since the Monday before it, which was a Thursday. */
static int64_t day_of(int64_t time)
{
    return time / SECONDS_A_DAY;
}

static int64_t week_of(int64_t time)
{
    return (day_of(time) + 3) / 7;
}

/* The newest snapshot of each of the last @count periods that have one. */
static void keep_periods(const GPtrArray *candidates, GHashTable *kept, unsigned count,
                         int64_t (*period_of)(int64_t time))
{
    int64_t last = -1;
    for (guint i = candidates->len; i-- > 0 && count;) {
        Snapshot *snapshot = candidates->pdata[i];
        if (period_of(snapshot->created) == last)
            continue;
        last = period_of(snapshot->created);
        g_hash_table_add(kept, snapshot);
        count--;
    }
}

GPtrArray *snapshot_prune_list(const GPtrArray *snapshots, const SnapshotPrune *rule, int64_t now)
{
    g_autoptr(GPtrArray) candidates = g_ptr_array_new();
    g_autoptr(GHashTable) kept = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < snapshots->len; i++) {
        Snapshot *snapshot = snapshots->pdata[i];
        /* What lies in the future was made with another clock; it is nobody's to delete. */
        if ((rule->prefix && !g_str_has_prefix(snapshot->name, rule->prefix)) ||
            snapshot->created > now)
            continue;
        g_ptr_array_add(candidates, snapshot);
        if (snapshot->current)
            g_hash_table_add(kept, snapshot);
    }
    for (guint i = 0; i < MIN(rule->last, candidates->len); i++)
        g_hash_table_add(kept, candidates->pdata[candidates->len - 1 - i]);
    keep_periods(candidates, kept, rule->daily, day_of);
    keep_periods(candidates, kept, rule->weekly, week_of);

    GPtrArray *doomed = g_ptr_array_new();
    for (guint i = 0; i < candidates->len; i++)
        if (!g_hash_table_contains(kept, candidates->pdata[i]))
            g_ptr_array_add(doomed, candidates->pdata[i]);
    return doomed;
}

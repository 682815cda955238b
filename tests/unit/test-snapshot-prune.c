/* SPDX-License-Identifier: Apache-2.0 */
/* Which snapshots retention keeps. */
#include "core/snapshot/snapshot.h"

#define DAY (24 * 60 * 60)
/* A Wednesday, noon. */
#define NOW (INT64_C(1700049600))

static void add(GPtrArray *snapshots, const char *name, int64_t created, bool current)
{
    Snapshot *snapshot = g_new0(Snapshot, 1);
    snapshot->tag = g_strdup(name);
    snapshot->name = g_strdup(name);
    snapshot->created = created;
    snapshot->current = current;
    snapshot->disks = g_ptr_array_new();
    g_ptr_array_add(snapshots, snapshot);
}

static char *names(const GPtrArray *snapshots)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < snapshots->len; i++)
        g_string_append_printf(list, "%s%s", i ? " " : "",
                               ((const Snapshot *) snapshots->pdata[i])->name);
    return g_strdup(list->str);
}

static void expect(const GPtrArray *snapshots, SnapshotPrune rule, const char *expected)
{
    g_autoptr(GPtrArray) doomed = snapshot_prune_list(snapshots, &rule, NOW);
    g_autofree char *list = names(doomed);
    g_assert_cmpstr(list, ==, expected);
}

static GPtrArray *days(void)
{
    GPtrArray *snapshots = g_ptr_array_new_with_free_func((GDestroyNotify) snapshot_free);
    /* d9 is nine days ago; two on the day before yesterday. */
    add(snapshots, "d9", NOW - 9 * DAY, false);
    add(snapshots, "d8", NOW - 8 * DAY, false);
    add(snapshots, "d2a", NOW - 2 * DAY - 3600, false);
    add(snapshots, "d2b", NOW - 2 * DAY, false);
    add(snapshots, "d1", NOW - DAY, false);
    add(snapshots, "d0", NOW, false);
    return snapshots;
}

static void test_rules(void)
{
    g_autoptr(GPtrArray) snapshots = days();
    expect(snapshots, (SnapshotPrune){ .last = 2 }, "d9 d8 d2a d2b");
    expect(snapshots, (SnapshotPrune){ .last = 100 }, "");
    expect(snapshots, (SnapshotPrune){ .daily = 3 }, "d9 d8 d2a");
    expect(snapshots, (SnapshotPrune){ .weekly = 2 }, "d9 d2a d2b d1");
    expect(snapshots, (SnapshotPrune){ .last = 1, .daily = 2, .weekly = 2 }, "d9 d2a d2b");
    expect(snapshots, (SnapshotPrune){ .last = 1, .prefix = "d2" }, "d2a");
}

static void test_spared(void)
{
    g_autoptr(GPtrArray) snapshots = days();
    ((Snapshot *) snapshots->pdata[0])->current = true;
    add(snapshots, "future", NOW + DAY, false);
    expect(snapshots, (SnapshotPrune){ .last = 1 }, "d8 d2a d2b d1");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/snapshot-prune/rules", test_rules);
    g_test_add_func("/snapshot-prune/spared", test_spared);
    return g_test_run();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl snapshot delete, prune and flatten: what gives snapshots up. */
#include <stdio.h>

#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/snapshot.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *name, *prefix;
    gboolean children;
    gint64 keep_last, keep_daily, keep_weekly;
} opt;

static const CmdArg vm_args[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };

/* What is merged is the same at every moment: it can be left off anywhere. */
static const LibexecWatch merging = { .progress = progress_step, .user = (void *) "merging" };

/* ---- delete ---- */

static const CmdArg delete_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "NAME", .kind = ARG_WORD, .value = &opt.name },
    { 0 },
};

static const CmdOption delete_options[] = {
    { .name = "children",
      .kind = OPT_FLAG,
      .value = &opt.children,
      .help = "Delete the snapshots that were made after it as well" },
    { 0 },
};

static bool plan_delete(const Bundle *bundle, GError **error)
{
    g_auto(GStrv) names = snapshot_delete_names(bundle, opt.name, opt.children, error);
    for (char **name = names; name && *name; name++)
        printf("would delete %s\n", *name);
    return names != NULL;
}

static bool run_delete(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (bundle && command_global.dry_run)
        return plan_delete(bundle, error);
    interrupt_catch();
    bool ok = bundle && snapshot_delete(bundle, opt.name, opt.children, &merging, error);
    output_progress_end();
    return ok;
}

const Command cmd_snapshot_delete = {
    .name = "delete",
    .summary = "Forget a snapshot",
    .description = "Only the way back goes: the machine stays as it is, and snapshots that were "
                   "made after this one stay as well. The images of an external snapshot are "
                   "merged into their neighbours, also while the machine runs; Ctrl-C leaves that "
                   "to the next delete.",
    .args = delete_args,
    .options = delete_options,
    .shared = SHARED_DRY_RUN,
    .run = run_delete,
};

/* ---- prune ---- */

static const CmdOption prune_options[] = {
    { .name = "keep-last",
      .kind = OPT_INT,
      .value = &opt.keep_last,
      .arg = "N",
      .help = "Keep the N newest" },
    { .name = "keep-daily",
      .kind = OPT_INT,
      .value = &opt.keep_daily,
      .arg = "N",
      .help = "Keep the newest of each of the last N days that have one" },
    { .name = "keep-weekly",
      .kind = OPT_INT,
      .value = &opt.keep_weekly,
      .arg = "N",
      .help = "Keep the newest of each of the last N weeks that have one" },
    { .name = "prefix",
      .kind = OPT_STRING,
      .value = &opt.prefix,
      .arg = "PREFIX",
      .help = "Look only at names that begin so" },
    { 0 },
};

static bool check_prune(GError **error)
{
    bool sane = opt.keep_last >= 0 && opt.keep_daily >= 0 && opt.keep_weekly >= 0;
    if (sane && opt.keep_last + opt.keep_daily + opt.keep_weekly > 0)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "say what to keep: --keep-last, --keep-daily or --keep-weekly above 0");
    return false;
}

static bool run_prune(GError **error)
{
    g_autoptr(Bundle) bundle = check_prune(error) ? library_open(opt.vm, error) : NULL;
    g_autoptr(GPtrArray) snapshots = bundle ? snapshot_list(bundle, error) : NULL;
    if (!snapshots)
        return false;
    const SnapshotPrune rule = { .last = (unsigned) MIN(opt.keep_last, G_MAXINT),
                                 .daily = (unsigned) MIN(opt.keep_daily, G_MAXINT),
                                 .weekly = (unsigned) MIN(opt.keep_weekly, G_MAXINT),
                                 .prefix = opt.prefix };
    g_autoptr(GPtrArray) doomed =
        snapshot_prune_list(snapshots, &rule, g_get_real_time() / G_USEC_PER_SEC);
    if (command_global.json)
        output_json(snapshot_list_json(doomed));
    interrupt_catch();
    for (guint i = 0; i < doomed->len; i++) {
        const Snapshot *snapshot = doomed->pdata[i];
        if (!command_global.dry_run &&
            !snapshot_delete(bundle, snapshot->tag, false, &merging, error))
            return false;
        if (!command_global.json)
            printf("%s %s\n", command_global.dry_run ? "would delete" : "deleted", snapshot->name);
    }
    return true;
}

const Command cmd_snapshot_prune = {
    .name = "prune",
    .summary = "Delete the snapshots that no rule keeps",
    .description = "What any of the rules keeps is kept, and so is the current one. With --json "
                   "the answer is the list of those that go.",
    .args = vm_args,
    .options = prune_options,
    .shared = SHARED_DRY_RUN,
    .run = run_prune,
};

/* ---- flatten ---- */

/* ---- flatten ---- */

static bool confirm_flatten(const Bundle *bundle, GError **error)
{
    unsigned count = 0;
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    for (guint i = 0; snapshots && i < snapshots->len; i++)
        count += ((const Snapshot *) snapshots->pdata[i])->layers != NULL;
    if (!snapshots || !count)
        return snapshots != NULL;
    g_autofree char *question = g_strdup_printf("Give up the external snapshots (%u) of VM \"%s\"?",
                                                count, bundle->config->information.name);
    return command_confirm(question, error);
}

static bool run_flatten(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle || !confirm_flatten(bundle, error))
        return false;
    interrupt_catch();
    bool ok = snapshot_flatten(bundle, &merging, error);
    output_progress_end();
    return ok;
}

const Command cmd_snapshot_flatten = {
    .name = "flatten",
    .summary = "Give every disk one image that needs no other",
    .description = "Also while the machine runs. External snapshots are given up for that, which "
                   "is asked before; what a linked clone or a fork stands on is copied into it.",
    .args = vm_args,
    .shared = SHARED_YES,
    .run = run_flatten,
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Going back to snapshots, of running and of stopped machines. */
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/guard.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-access.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/snapshot/snapshot-store.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/warm.h"
#include "core/vm/launch-plan.h"
#include "core/vm/saved-state.h"
#include "core/vm/vm.h"

static bool check_complete(const Bundle *bundle, const Snapshot *snapshot, GError **error)
{
    g_autoptr(GString) missing = g_string_new(NULL);
    for (guint i = 0; i < snapshot->disks->len; i++) {
        const SnapshotDisk *disk = snapshot->disks->pdata[i];
        if (!disk->present)
            g_string_append_printf(missing, "%s\"%s\"", missing->len ? ", " : "", disk->path);
    }
    if (!missing->len)
        return true;
    g_autofree char *vm = argv_shell_quote(bundle->config->information.name);
    g_autofree char *name = argv_shell_quote(snapshot->name);
    g_autofree char *hint =
        g_strdup_printf("utmctl snapshot delete %s %s%s removes what is left of it", vm,
                        snapshot->name[0] == '-' ? "-- " : "", name);
    utm_error_set(error, UTM_ERROR_INVALID, hint,
                  "snapshot \"%s\" is not in every image of the machine; it is missing in %s",
                  snapshot->name, missing->str);
    return false;
}

/* The disks of a stopped machine go back: what the mark says is carried through, now or by whoever
 * has the machine next. */
static bool restore_disks(const Bundle *bundle, const Snapshot *snapshot, GError **error)
{
    g_autoptr(KeepStopped) claim = snapshot_take(bundle, error);
    bool changed = false;
    if (!claim || (snapshot->layers && !layers_check(bundle, error)))
        return false;
    return snapshot_mark(bundle, SNAPSHOT_RESTORING, snapshot->tag, error) &&
           snapshot_recover(bundle, &changed, error);
}

/* Leaves the warm image out when it cannot be read. */
static void use_warm(VmStartOptions *options, const char *folder)
{
    g_auto(WarmIndex) index = { 0 };
    if (!folder || !warm_index_read(folder, &index, NULL))
        return;
    options->warm = folder;
    options->accel = warm_accel(&index);
}

/* How it is started: from memory, where there is some, else from its disks. */
static VmStartOptions start_options(const char *load_tag, const char *warm, bool paused)
{
    VmStartOptions options = { .load_tag = load_tag, .paused = paused, .force = true };
    use_warm(&options, warm);
    return options;
}

static bool start_from(const Bundle *bundle, const char *load_tag, bool paused,
                       VmStarted *out_started, GError **error)
{
    /* The configuration may have gone back too. */
    g_autoptr(Bundle) now = bundle_open(bundle->path, error);
    g_auto(VmStarted) ignored = { 0 };
    g_autofree char *warm = load_tag ? warm_find(bundle->config->information.uuid, load_tag) : NULL;
    const VmStartOptions options = start_options(load_tag, warm, paused);
    return now && vm_start(now, &options, 0, out_started ? out_started : &ignored, error);
}

/* Before the disks go back: afterwards there would be neither what was nor what was wanted. */
static bool check_memory(const Bundle *bundle, const char *tag, GError **error)
{
    g_autofree char *warm = warm_find(bundle->config->information.uuid, tag);
    const VmStartOptions options = start_options(tag, warm, false);
    g_autoptr(Bundle) kept = snapshot_store_open(bundle, tag, error);
    g_autoptr(LaunchPlan) plan = kept ? launch_plan_new(kept, &options, error) : NULL;
    g_autofree char *now = plan ? saved_state_fingerprint(plan) : NULL;
    return now && saved_state_fits(bundle, now, tag, error);
}

static bool restore_stopped(const Bundle *bundle, const Snapshot *snapshot,
                            const SnapshotRestore *how, VmStarted *out_started, GError **error)
{
    bool with_ram = snapshot->kind != SNAPSHOT_DISK && !how->cold;
    if ((with_ram && !check_memory(bundle, snapshot->tag, error)) ||
        !restore_disks(bundle, snapshot, error))
        return false;
    if (how->then == SNAPSHOT_THEN_AS_KEPT && !with_ram)
        return true;
    return start_from(bundle, with_ram ? snapshot->tag : NULL, how->then == SNAPSHOT_THEN_PAUSED,
                      out_started, error);
}

static bool restore_running(const Bundle *bundle, const Snapshot *snapshot,
                            const SnapshotRestore *how, GError **error)
{
    g_auto(VmStatus) status = { 0 };
    if (snapshot->kind == SNAPSHOT_DISK || how->cold) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl stop --request, then restore again",
                      "%s: a running guest would not notice that its disks have changed",
                      how->cold ? "it runs" : "the snapshot has no memory in it");
        return false;
    }
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client || !vm_status(bundle, &status, error) ||
        !saved_state_fits(bundle, status.fingerprint, snapshot->tag, error) ||
        !snapshot_ask_helper(client, QMP_UTM_SNAPSHOT_ACTION_LOAD, snapshot->tag, false, 0, error))
        return false;
    return how->then == SNAPSHOT_THEN_PAUSED ? vm_pause(bundle, error) : vm_resume(bundle, error);
}

bool snapshot_restore(const Bundle *bundle, const char *name, const SnapshotRestore *how,
                      VmStarted *out_started, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    bool ok = snapshot && check_complete(bundle, snapshot, error) &&
              guard_check_change(bundle->path, NULL, error) &&
              (vm_is_running(bundle) ? restore_running(bundle, snapshot, how, error)
                                     : restore_stopped(bundle, snapshot, how, out_started, error));
    return snapshot_with_prefix(bundle, "restore the snapshot", ok, error);
}

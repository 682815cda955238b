/* SPDX-License-Identifier: Apache-2.0 */
/* What all that work on snapshots share: who has the machine, and how errors begin. */
#include "core/snapshot/snapshot-access.h"

#include "core/disk-room.h"
#include "core/error.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/vm/unclean.h"
#include "core/vm/vm.h"

bool snapshot_ask_helper(QmpClient *client, QmpUtmSnapshotAction action, const char *tag,
                         bool disk_only, int64_t timeout_us, GError **error)
{
    g_autoptr(GError) local = NULL;
    /* The helper keeps to the time limit. */
    qmp_client_set_timeout(client, 0);
    if (qmp_x_utm_snapshot(client, action, tag, true, disk_only, true, timeout_us, &local))
        return true;
    vm_helper_error(error, local);
    return false;
}

KeepStopped *snapshot_take(const Bundle *bundle, GError **error)
{
    g_autofree char *damaged = NULL;
    bool changed = false;
    g_autoptr(KeepStopped) claim = keep_stopped(bundle, error);
    if (!claim || !unclean_repair(bundle, false, &damaged, error) ||
        !snapshot_recover(bundle, &changed, error))
        return NULL;
    if (!changed)
        return g_steal_pointer(&claim);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL,
                  "a restore that had been cut short has been finished just now; try again");
    return NULL;
}

void snapshot_access_clear(SnapshotAccess *way)
{
    g_clear_pointer(&way->client, qmp_client_free);
    g_clear_pointer(&way->claim, keep_stopped_free);
}
bool snapshot_access_get(const Bundle *bundle, SnapshotAccess *out_way, GError **error)
{
    if (vm_is_running(bundle))
        out_way->client = vm_connect(bundle, error);
    else
        out_way->claim = snapshot_take(bundle, error);
    return out_way->client || out_way->claim;
}

bool snapshot_with_prefix(const Bundle *bundle, const char *what, bool ok, GError **error)
{
    if (ok)
        return true;
    disk_room_explain(bundle->path, 0, error);
    g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return ok;
}

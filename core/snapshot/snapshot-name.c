/* SPDX-License-Identifier: Apache-2.0 */
/* Names of snapshots: what they may be, and giving another one. */
#include <string.h>

#include "bundles/sidecar.h"
#include "core/error.h"
#include "core/snapshot/snapshot-access.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/snapshot/snapshot.h"
#include "core/vm/saved-state.h"

/* QEMU keeps names in 256 bytes. Source: QEMU include/block/snapshot.h */
#define NAME_BYTES 255

bool snapshot_check_name(const char *name, GError **error)
{
    const char *why = NULL;
    if (!*name)
        why = "it is empty";
    else if (strlen(name) > NAME_BYTES)
        why = "it is longer than 255 bytes";
    else if (!g_utf8_validate(name, -1, NULL))
        why = "it is not UTF-8";
    else if (strcmp(name, SAVED_STATE_TAG) == 0)
        why = "this is what the state of a suspended machine is called";
    else if (strspn(name, "0123456789") == strlen(name))
        why = "a number could be taken for the id of another snapshot";
    for (const char *p = name; *p && !why; p++)
        if (g_ascii_iscntrl(*p))
            why = "it has control characters";
    if (!why)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, NULL, "\"%s\" is no name for a snapshot: %s", name, why);
    return false;
}

bool snapshot_check_free(const Bundle *bundle, const char *name, GError **error)
{
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    if (!snapshots)
        return false;
    for (guint i = 0; i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        if (strcmp(snapshot->tag, name) == 0 || strcmp(snapshot->name, name) == 0) {
            utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "there is a snapshot \"%s\" already",
                          name);
            return false;
        }
    }
    return true;
}

typedef struct {
    const char *tag;
    const char *name;
} Renamed;

static void note_renamed(Sidecar *sidecar, void *user)
{
    const Renamed *renamed = user;
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, renamed->tag);
    if (!record)
        record = g_new0(SidecarSnapshot, 1);
    g_free(record->label);
    record->label = strcmp(renamed->tag, renamed->name) == 0 ? NULL : g_strdup(renamed->name);
    sidecar_set_snapshot(sidecar, renamed->tag, record);
}

bool snapshot_rename(const Bundle *bundle, const char *name, const char *new_name, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    if (!snapshot)
        return snapshot_with_prefix(bundle, "rename the snapshot", false, error);
    Renamed renamed = { snapshot->tag, new_name };
    bool back = strcmp(snapshot->tag, new_name) == 0;
    bool ok = snapshot_check_name(new_name, error) &&
              (back || snapshot_check_free(bundle, new_name, error)) &&
              snapshot_change_sidecar(bundle, note_renamed, &renamed, error);
    return snapshot_with_prefix(bundle, "rename the snapshot", ok, error);
}

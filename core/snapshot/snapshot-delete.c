/* SPDX-License-Identifier: Apache-2.0 */
/* Forgetting snapshots, of running and of stopped machines. */
#include "core/error.h"
#include "core/guard.h"
#include "core/snapshot/external.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-access.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/snapshot/snapshot.h"
#include "core/trust.h"
#include "core/vm/vm.h"

static bool delete_inside(const Bundle *bundle, const char *tag, GError **error)
{
    if (vm_is_running(bundle)) {
        g_autoptr(QmpClient) client = vm_connect(bundle, error);
        return client &&
               snapshot_ask_helper(client, QMP_UTM_SNAPSHOT_ACTION_DELETE, tag, false, 0, error);
    }
    g_autoptr(KeepStopped) claim = snapshot_take(bundle, error);
    g_autoptr(GPtrArray) images = claim ? snapshot_images(bundle, error) : NULL;
    return images && snapshot_mark(bundle, SNAPSHOT_DELETING, tag, error) &&
           snapshot_images_delete(images, tag, error) &&
           snapshot_mark_done(bundle, SNAPSHOT_DELETING, tag, error);
}

static bool delete_external(const Bundle *bundle, const char *const *tags,
                            const LibexecWatch *watch, GError **error)
{
    g_auto(SnapshotAccess) way = { 0 };
    return guard_check_change(bundle->path, NULL, error) &&
           snapshot_access_get(bundle, &way, error) &&
           external_forget(bundle, way.client, tags, watch, error);
}

/* Children first, so that what is left when it is cut short is a tree all the same. */
static void list_tree(const GPtrArray *snapshots, const Snapshot *top, bool children,
                      GPtrArray *list)
{
    for (guint i = 0; i < snapshots->len && children; i++) {
        const Snapshot *child = snapshots->pdata[i];
        if (g_strcmp0(child->parent, top->tag) == 0)
            list_tree(snapshots, child, true, list);
    }
    g_ptr_array_add(list, (gpointer) top);
}

/* External ones together: what their layers are merged into is decided once. */
static bool delete_all(const Bundle *bundle, const GPtrArray *list, const LibexecWatch *watch,
                       GError **error)
{
    g_autoptr(GPtrArray) external = g_ptr_array_new();
    for (guint i = 0; i < list->len; i++) {
        const Snapshot *snapshot = list->pdata[i];
        if (snapshot->layers)
            g_ptr_array_add(external, snapshot->tag);
        else if (!delete_inside(bundle, snapshot->tag, error))
            return false;
    }
    bool any = external->len > 0;
    g_ptr_array_add(external, NULL);
    return !any || delete_external(bundle, (const char *const *) external->pdata, watch, error);
}

char **snapshot_delete_names(const Bundle *bundle, const char *name, bool children, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    g_autoptr(GPtrArray) snapshots = snapshot ? snapshot_list(bundle, error) : NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    g_autoptr(GStrvBuilder) names = g_strv_builder_new();
    if (!snapshot_with_prefix(bundle, "delete the snapshot", snapshots != NULL, error))
        return NULL;
    list_tree(snapshots, snapshot, children, list);
    for (guint i = 0; i < list->len; i++)
        g_strv_builder_add(names, ((const Snapshot *) list->pdata[i])->name);
    return g_strv_builder_end(names);
}

bool snapshot_delete(const Bundle *bundle, const char *name, bool children,
                     const LibexecWatch *watch, GError **error)
{
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    g_autoptr(GPtrArray) snapshots = snapshot ? snapshot_list(bundle, error) : NULL;
    g_autoptr(GPtrArray) list = g_ptr_array_new();
    if (snapshots)
        list_tree(snapshots, snapshot, children, list);
    return snapshot_with_prefix(bundle, "delete the snapshot",
                                snapshots && delete_all(bundle, list, watch, error), error);
}

static bool flatten(const Bundle *bundle, const LibexecWatch *watch, GError **error)
{
    g_auto(SnapshotAccess) way = { 0 };
    g_autoptr(GPtrArray) tags = g_ptr_array_new();
    if (!guard_check_change(bundle->path, NULL, error) || !layers_check(bundle, error) ||
        !trust_check_copy(bundle, true, error) || !snapshot_access_get(bundle, &way, error))
        return false;
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    for (guint i = 0; snapshots && i < snapshots->len; i++) {
        const Snapshot *snapshot = snapshots->pdata[i];
        if (snapshot->layers)
            g_ptr_array_add(tags, snapshot->tag);
    }
    g_ptr_array_add(tags, NULL);
    return snapshots &&
           external_flatten(bundle, way.client, (const char *const *) tags->pdata, watch, error);
}

bool snapshot_flatten(const Bundle *bundle, const LibexecWatch *watch, GError **error)
{
    return snapshot_with_prefix(bundle, "flatten the disks", flatten(bundle, watch, error), error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Marks in the sidecar for what is being done with snapshots, so that what is cut short is noticed. */
#include "core/snapshot/snapshot-marks.h"

#include <string.h>

#include "core/error.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-store.h"
#include "core/snapshot/warm.h"
#include "core/vm/saved-state.h"

static const char *const keys[] = {
    [SNAPSHOT_CREATING] = "Creating",
    [SNAPSHOT_DELETING] = "Deleting",
    [SNAPSHOT_RESTORING] = "Restoring",
};

typedef struct {
    SnapshotMark mark;
    const char *tag;
} Step;

bool snapshot_change_sidecar(const Bundle *bundle, SidecarChange change, void *user, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    change(sidecar, user);
    return sidecar_save(sidecar, error);
}

/* ---- what the record says ---- */

/* Its children become children of its parent. */
static void note_deleted(Sidecar *sidecar, const char *tag)
{
    g_autoptr(SidecarSnapshot) gone = sidecar_snapshot(sidecar, tag);
    const char *parent = gone ? gone->parent : NULL;
    g_auto(GStrv) tags = sidecar_snapshot_tags(sidecar);
    for (char **other = tags; *other; other++) {
        g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, *other);
        if (g_strcmp0(record->parent, tag) != 0)
            continue;
        g_free(record->parent);
        record->parent = g_strdup(parent);
        sidecar_set_snapshot(sidecar, *other, record);
    }
    if (g_strcmp0(sidecar_text(sidecar, "Current"), tag) == 0)
        sidecar_set_text(sidecar, "Current", parent);
    sidecar_set_snapshot(sidecar, tag, NULL);
}

static void note_done(Sidecar *sidecar, void *user)
{
    const Step *step = user;
    sidecar_set_text(sidecar, keys[step->mark], NULL);
    if (step->mark == SNAPSHOT_DELETING)
        note_deleted(sidecar, step->tag);
    else
        sidecar_set_text(sidecar, "Current", step->tag);
    /* A state that was saved later would not fit the disks any more. */
    if (step->mark == SNAPSHOT_RESTORING)
        sidecar_set_suspended(sidecar, NULL);
}

static void note_undone(Sidecar *sidecar, void *user)
{
    const Step *step = user;
    sidecar_set_text(sidecar, keys[step->mark], NULL);
    if (step->mark == SNAPSHOT_CREATING)
        sidecar_set_snapshot(sidecar, step->tag, NULL);
}

void snapshot_mark_in(Sidecar *sidecar, SnapshotMark mark, const char *tag)
{
    sidecar_set_text(sidecar, keys[mark], tag);
}

bool snapshot_mark(const Bundle *bundle, SnapshotMark mark, const char *tag, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    if (g_strcmp0(sidecar_text(sidecar, keys[mark]), tag) == 0)
        return true;
    snapshot_mark_in(sidecar, mark, tag);
    return sidecar_save(sidecar, error);
}

bool snapshot_mark_done(const Bundle *bundle, SnapshotMark mark, const char *tag, GError **error)
{
    Step step = { mark, tag };
    if (mark == SNAPSHOT_DELETING) {
        snapshot_store_delete(bundle, tag);
        warm_forget(bundle->config->information.uuid, tag);
    }
    return snapshot_change_sidecar(bundle, note_done, &step, error);
}

static void note_forgotten(Sidecar *sidecar, void *user)
{
    note_deleted(sidecar, user);
}

bool snapshot_forget(const Bundle *bundle, const char *tag, GError **error)
{
    if (!snapshot_change_sidecar(bundle, note_forgotten, (void *) tag, error))
        return false;
    snapshot_store_delete(bundle, tag);
    warm_forget(bundle->config->information.uuid, tag);
    return true;
}

void snapshot_mark_undone(const Bundle *bundle, SnapshotMark mark, const char *tag)
{
    Step step = { mark, tag };
    if (mark == SNAPSHOT_CREATING)
        snapshot_store_delete(bundle, tag);
    utm_ignore(snapshot_change_sidecar(bundle, note_undone, &step, NULL));
}

/* ---- after a crash ---- */

/* Memory is in the first image, and is there when it was asked for or not at all. */
static bool is_complete(const GPtrArray *images, const char *tag, bool with_ram)
{
    uint64_t vm_state_size = 0;
    for (guint i = 0; i < images->len; i++) {
        const ImageSnapshot *entry = snapshot_image_entry(images->pdata[i], tag);
        if (!entry)
            return false;
        vm_state_size = MAX(vm_state_size, entry->vm_state_size);
    }
    return images->len && (vm_state_size || !with_ram);
}

static bool finish_creating(const Bundle *bundle, const Sidecar *sidecar, const char *tag,
                            GError **error)
{
    g_autoptr(GPtrArray) images = snapshot_images(bundle, error);
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, tag);
    if (!images)
        return false;
    if (record && is_complete(images, tag, record->fingerprint != NULL))
        return snapshot_mark_done(bundle, SNAPSHOT_CREATING, tag, error);
    if (!snapshot_images_delete(images, tag, error))
        return false;
    snapshot_mark_undone(bundle, SNAPSHOT_CREATING, tag);
    return true;
}

static bool finish_deleting(const Bundle *bundle, const char *tag, GError **error)
{
    g_autoptr(GPtrArray) images = snapshot_images(bundle, error);
    return images && snapshot_images_delete(images, tag, error) &&
           snapshot_mark_done(bundle, SNAPSHOT_DELETING, tag, error);
}

static bool apply_inside(const Bundle *bundle, const char *tag, GError **error)
{
    g_autoptr(GPtrArray) images = snapshot_images(bundle, error);
    return images && snapshot_images_apply(images, tag, error) &&
           snapshot_images_delete(images, SAVED_STATE_TAG, error) &&
           snapshot_store_apply(bundle, tag, error);
}

/* Each step may be repeated. */
static bool finish_restoring(const Bundle *bundle, const Sidecar *sidecar, const char *tag,
                             GError **error)
{
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, tag);
    bool ok = record && record->layers ? layers_restore(bundle, tag, record->layers, error)
                                       : apply_inside(bundle, tag, error);
    return ok && snapshot_mark_done(bundle, SNAPSHOT_RESTORING, tag, error);
}

static bool finish(const Bundle *bundle, const Sidecar *sidecar, SnapshotMark mark, const char *tag,
                   GError **error)
{
    static const char *const words[] = {
        [SNAPSHOT_CREATING] = "making",
        [SNAPSHOT_DELETING] = "deleting",
        [SNAPSHOT_RESTORING] = "restoring",
    };
    bool ok = mark == SNAPSHOT_CREATING   ? finish_creating(bundle, sidecar, tag, error)
              : mark == SNAPSHOT_DELETING ? finish_deleting(bundle, tag, error)
                                          : finish_restoring(bundle, sidecar, tag, error);
    if (!ok)
        g_prefix_error(
            error, "%s snapshot \"%s\" was cut short and cannot be finished: ", words[mark], tag);
    return ok;
}

bool snapshot_recover(const Bundle *bundle, bool *out_changed, GError **error)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar)
        return false;
    *out_changed = sidecar_text(sidecar, keys[SNAPSHOT_RESTORING]) != NULL;
    for (SnapshotMark mark = 0; mark < G_N_ELEMENTS(keys); mark++) {
        const char *tag = sidecar_text(sidecar, keys[mark]);
        if (tag && !finish(bundle, sidecar, mark, tag, error))
            return false;
    }
    layer_sweep(bundle, false);
    return true;
}

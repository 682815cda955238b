/* SPDX-License-Identifier: Apache-2.0 */
/* What snapshots there are: the images' own tables, with what the sidecar adds. */
#include <string.h>

#include "bundles/sidecar.h"
#include "core/error.h"
#include "core/near-miss.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot.h"
#include "core/vm/saved-state.h"

static void disk_free(SnapshotDisk *disk)
{
    g_free(disk->drive);
    g_free(disk->path);
    g_free(disk);
}

void snapshot_free(Snapshot *snapshot)
{
    if (!snapshot)
        return;
    g_free(snapshot->tag);
    g_free(snapshot->name);
    g_free(snapshot->parent);
    g_free(snapshot->description);
    g_clear_pointer(&snapshot->layers, g_hash_table_unref);
    g_ptr_array_unref(snapshot->disks);
    g_free(snapshot);
}

static void add_disk(Snapshot *snapshot, const SnapshotImage *image)
{
    const ImageSnapshot *entry = snapshot_image_entry(image, snapshot->tag);
    SnapshotDisk *disk = g_new0(SnapshotDisk, 1);
    disk->drive = g_strdup(image->drive);
    disk->path = g_strdup(image->path);
    disk->present = entry != NULL;
    disk->size = entry ? entry->disk_size : 0;
    g_ptr_array_add(snapshot->disks, disk);
    snapshot->complete &= entry != NULL;
    if (!entry)
        return;
    snapshot->vm_state_size = MAX(snapshot->vm_state_size, entry->vm_state_size);
    if (!snapshot->created || entry->time < snapshot->created)
        snapshot->created = entry->time;
}

static void add_layer(const Bundle *bundle, Snapshot *snapshot, const char *drive, const char *file)
{
    g_autoptr(ImageInfo) info = NULL;
    SnapshotDisk *disk = g_new0(SnapshotDisk, 1);
    disk->drive = g_strdup(drive);
    disk->path = layer_path(bundle, file);
    disk->present = image_probe(disk->path, &info, NULL);
    disk->size = disk->present ? info->virtual_size : 0;
    g_ptr_array_add(snapshot->disks, disk);
    snapshot->complete &= disk->present;
}

static void add_layers(const Bundle *bundle, Snapshot *snapshot, GHashTable *layers)
{
    g_autoptr(GList) drives = g_list_sort(g_hash_table_get_keys(layers), (GCompareFunc) strcmp);
    snapshot->layers = g_hash_table_ref(layers);
    for (GList *at = drives; at; at = at->next)
        add_layer(bundle, snapshot, at->data, g_hash_table_lookup(layers, at->data));
}

static Snapshot *make_snapshot(const Bundle *bundle, const char *tag, const GPtrArray *images,
                               const Sidecar *sidecar)
{
    Snapshot *snapshot = g_new0(Snapshot, 1);
    g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, tag);
    snapshot->tag = g_strdup(tag);
    snapshot->complete = true;
    snapshot->disks = g_ptr_array_new_with_free_func((GDestroyNotify) disk_free);
    if (record && record->layers)
        add_layers(bundle, snapshot, record->layers);
    for (guint i = 0; i < images->len && !snapshot->layers; i++)
        add_disk(snapshot, images->pdata[i]);
    snapshot->kind = snapshot->vm_state_size ? SNAPSHOT_FULL : SNAPSHOT_DISK;
    snapshot->current = g_strcmp0(sidecar_text(sidecar, "Current"), tag) == 0;
    if (record) {
        snapshot->parent = g_steal_pointer(&record->parent);
        snapshot->description = g_steal_pointer(&record->description);
        snapshot->name = g_steal_pointer(&record->label);
        if (record->warm_ram && snapshot->kind == SNAPSHOT_FULL)
            snapshot->kind = SNAPSHOT_WARM;
        /* Two in one second are in the order in which they were made here. */
        if (record->created)
            snapshot->created = record->created;
    }
    if (!snapshot->name)
        snapshot->name = g_strdup(tag);
    return snapshot;
}

static bool has_tag(const GPtrArray *snapshots, const char *tag)
{
    for (guint i = 0; i < snapshots->len; i++)
        if (strcmp(((const Snapshot *) snapshots->pdata[i])->tag, tag) == 0)
            return true;
    return false;
}

/* A parent that is gone, by another tool, is no parent: the nearest that is left is not known. */
static void drop_dead_parents(GPtrArray *snapshots)
{
    for (guint i = 0; i < snapshots->len; i++) {
        Snapshot *snapshot = snapshots->pdata[i];
        if (snapshot->parent && !has_tag(snapshots, snapshot->parent))
            g_clear_pointer(&snapshot->parent, g_free);
    }
}

static int by_time(gconstpointer a, gconstpointer b)
{
    const Snapshot *one = *(const Snapshot *const *) a, *other = *(const Snapshot *const *) b;
    if (one->created != other->created)
        return one->created < other->created ? -1 : 1;
    return strcmp(one->tag, other->tag);
}

/* Those are known by the record alone. */
static void add_external(const Bundle *bundle, const GPtrArray *images, const Sidecar *sidecar,
                         GPtrArray *snapshots)
{
    g_auto(GStrv) tags = sidecar_snapshot_tags(sidecar);
    for (char **tag = tags; *tag; tag++) {
        g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, *tag);
        if (layer_record_holds(bundle, record) && !has_tag(snapshots, *tag))
            g_ptr_array_add(snapshots, make_snapshot(bundle, *tag, images, sidecar));
    }
}

GPtrArray *snapshot_list(const Bundle *bundle, GError **error)
{
    /* Which images there are changes with external snapshots. */
    g_autoptr(Bundle) now = bundle_open(bundle->path, error);
    g_autoptr(GPtrArray) images = now ? snapshot_images(now, error) : NULL;
    g_autoptr(Sidecar) sidecar = images ? sidecar_open(bundle->path, error) : NULL;
    if (!sidecar)
        return NULL;
    GPtrArray *snapshots = g_ptr_array_new_with_free_func((GDestroyNotify) snapshot_free);
    for (guint i = 0; i < images->len; i++) {
        const GPtrArray *table = ((const SnapshotImage *) images->pdata[i])->info->snapshots;
        for (guint k = 0; k < table->len; k++) {
            const char *tag = ((const ImageSnapshot *) table->pdata[k])->tag;
            if (strcmp(tag, SAVED_STATE_TAG) != 0 && !has_tag(snapshots, tag))
                g_ptr_array_add(snapshots, make_snapshot(now, tag, images, sidecar));
        }
    }
    add_external(now, images, sidecar, snapshots);
    drop_dead_parents(snapshots);
    g_ptr_array_sort(snapshots, by_time);
    return snapshots;
}

static void set_not_found(const GPtrArray *snapshots, const char *name, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (guint i = 0; i < snapshots->len; i++)
        g_ptr_array_add(names, ((Snapshot *) snapshots->pdata[i])->name);
    g_ptr_array_add(names, NULL);
    g_autofree char *near = near_miss(name, (char **) names->pdata);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_NOT_FOUND, hint ? hint : "utmctl snapshot list VM",
                  "it has no snapshot \"%s\"", name);
}

Snapshot *snapshot_find(const Bundle *bundle, const char *name, GError **error)
{
    g_autoptr(GPtrArray) snapshots = snapshot_list(bundle, error);
    if (!snapshots)
        return NULL;
    /* A name that was given later wins over a tag that nobody sees any more. */
    for (int by_tag = 0; by_tag <= 1; by_tag++)
        for (guint i = 0; i < snapshots->len; i++) {
            Snapshot *snapshot = snapshots->pdata[i];
            if (strcmp(by_tag ? snapshot->tag : snapshot->name, name) == 0) {
                g_ptr_array_set_free_func(snapshots, NULL);
                g_ptr_array_remove_index(snapshots, i);
                g_ptr_array_set_free_func(snapshots, (GDestroyNotify) snapshot_free);
                return snapshot;
            }
        }
    set_not_found(snapshots, name, error);
    return NULL;
}

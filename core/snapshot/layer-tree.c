/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of external snapshots: which images there are, and what stands on what. */
#include "core/snapshot/layer-tree.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/snapshot/snapshot-marks.h"

#define FOLDER "Snapshots"
#define MERGED_NAME ".merged"

/* The part of a name before its number, so that what is added fits into 255 bytes. */
#define STEM_BYTES 200

char *layer_path(const Bundle *bundle, const char *name)
{
    return g_build_filename(bundle->path, FOLDER, name, NULL);
}

bool layer_drive_is_writable(const ConfigDrive *drive)
{
    return drive->image_name && !drive->read_only && drive->image_type == IMAGE_TYPE_DISK;
}

static bool has_image(const Bundle *bundle, const char *name)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++)
        if (g_strcmp0(((const ConfigDrive *) drives->pdata[i])->image_name, name) == 0)
            return true;
    return false;
}

bool layer_record_holds(const Bundle *bundle, const SidecarSnapshot *record)
{
    GHashTableIter iter;
    gpointer name;
    if (!record->layers)
        return false;
    g_hash_table_iter_init(&iter, record->layers);
    while (g_hash_table_iter_next(&iter, NULL, &name))
        if (has_image(bundle, name))
            return false;
    return true;
}

/* ---- reading ---- */

static void image_free(gpointer data)
{
    LayerImage *image = data;
    g_free(image->name);
    g_free(image->path);
    g_free(image->drive);
    image_info_free(image->info);
    g_free(image);
}

static bool add(GPtrArray *tree, const char *name, char *path_taken, const char *drive,
                GError **error)
{
    LayerImage *image = g_new0(LayerImage, 1);
    image->name = g_strdup(name);
    image->path = path_taken;
    image->drive = g_strdup(drive);
    g_ptr_array_add(tree, image);
    return image_probe(image->path, &image->info, error);
}

static bool add_drives(const Bundle *bundle, GPtrArray *tree, GError **error)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (layer_drive_is_writable(drive) &&
            !add(tree, drive->image_name, bundle_data_path(bundle, drive->image_name),
                 drive->identifier, error))
            return false;
    }
    return true;
}

/* Folders there are those of other snapshots. */
static bool add_layers(const Bundle *bundle, GPtrArray *tree, GError **error)
{
    g_autofree char *folder = layer_path(bundle, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        struct stat st;
        g_autofree char *path = layer_path(bundle, name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
            !add(tree, name, g_steal_pointer(&path), NULL, error))
            return false;
    }
    return true;
}

static void link_up(const GPtrArray *tree)
{
    for (guint i = 0; i < tree->len; i++) {
        LayerImage *image = tree->pdata[i];
        const char *backing = image->info->backing_file;
        g_autofree char *folder = g_path_get_dirname(image->path);
        g_autofree char *path = backing ? g_canonicalize_filename(backing, folder) : NULL;
        for (guint k = 0; k < tree->len && path; k++) {
            LayerImage *below = tree->pdata[k];
            if (!below->drive && strcmp(below->path, path) == 0)
                image->below = below;
        }
    }
}

static LayerImage *find_layer(const GPtrArray *tree, const char *name)
{
    for (guint i = 0; i < tree->len; i++) {
        LayerImage *image = tree->pdata[i];
        if (!image->drive && strcmp(image->name, name) == 0)
            return image;
    }
    return NULL;
}

static void name_them(const Bundle *bundle, const Sidecar *sidecar, const GPtrArray *tree)
{
    g_auto(GStrv) tags = sidecar_snapshot_tags(sidecar);
    for (char **tag = tags; *tag; tag++) {
        g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, *tag);
        GHashTableIter iter;
        gpointer name;
        if (!layer_record_holds(bundle, record))
            continue;
        g_hash_table_iter_init(&iter, record->layers);
        while (g_hash_table_iter_next(&iter, NULL, &name)) {
            LayerImage *image = find_layer(tree, name);
            if (image)
                image->named = true;
        }
    }
}

static void mark_used(const GPtrArray *tree)
{
    for (guint i = 0; i < tree->len; i++) {
        LayerImage *image = tree->pdata[i];
        if (!image->named && !image->drive)
            continue;
        for (; image && !image->used; image = image->below)
            image->used = true;
    }
    for (guint i = 0; i < tree->len; i++) {
        const LayerImage *image = tree->pdata[i];
        if (image->used && image->below)
            image->below->children++;
    }
}

GPtrArray *layer_tree_read(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) tree = g_ptr_array_new_with_free_func(image_free);
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, error);
    if (!sidecar || !add_drives(bundle, tree, error) || !add_layers(bundle, tree, error))
        return NULL;
    link_up(tree);
    name_them(bundle, sidecar, tree);
    mark_used(tree);
    return g_steal_pointer(&tree);
}

/* ---- names ---- */

static char *stem_of(const char *name)
{
    g_autofree char *stem = g_strdup(name);
    char *dot = strrchr(stem, '.');
    if (dot && dot != stem)
        *dot = '\0';
    char *dash = strrchr(stem, '-');
    if (dash && dash != stem && dash[1] && strspn(dash + 1, "0123456789") == strlen(dash + 1))
        *dash = '\0';
    if (strlen(stem) > STEM_BYTES)
        *g_utf8_find_prev_char(stem, stem + STEM_BYTES) = '\0';
    return g_steal_pointer(&stem);
}

static bool is_free(const Bundle *bundle, const char *name)
{
    g_autofree char *in_data = bundle_data_path(bundle, name);
    g_autofree char *in_layers = layer_path(bundle, name);
    return access(in_data, F_OK) < 0 && access(in_layers, F_OK) < 0;
}

char *layer_new_name(const Bundle *bundle, const char *name)
{
    g_autofree char *stem = stem_of(name);
    for (unsigned number = 2;; number++) {
        g_autofree char *candidate = g_strdup_printf("%s-%u.qcow2", stem, number);
        if (is_free(bundle, candidate))
            return g_steal_pointer(&candidate);
    }
}

/* ---- places ---- */

bool layer_is_same_file(const char *one, const char *other)
{
    struct stat a, b;
    return lstat(one, &a) == 0 && lstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool place_failed(const char *path, GError **error)
{
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot replace \"%s\": %s", path,
                  g_strerror(errno));
    return false;
}

bool layer_prepare_place(const Bundle *bundle, const char *layer, GError **error)
{
    g_autofree char *path = layer_path(bundle, layer);
    g_autofree char *merged = layer_path(bundle, MERGED_NAME);
    (void) g_unlink(merged);
    return link(path, merged) == 0 || place_failed(path, error);
}

bool layer_take_place(const Bundle *bundle, const char *image, GError **error)
{
    g_autofree char *merged = layer_path(bundle, MERGED_NAME);
    return g_rename(merged, image) == 0 || place_failed(image, error);
}

/* ---- what is left over ---- */

static bool forget_unmade(const Bundle *bundle)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    g_auto(GStrv) tags = sidecar ? sidecar_snapshot_tags(sidecar) : NULL;
    for (char **tag = tags; tag && *tag; tag++) {
        g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, *tag);
        if (record->layers && !layer_record_holds(bundle, record) &&
            !snapshot_forget(bundle, *tag, NULL))
            return false;
    }
    return sidecar != NULL;
}

/* An image that was a drive's, or was to be, has its name in the other folder as well. */
static void sweep_data(const Bundle *bundle)
{
    g_autofree char *folder = bundle_data_path(bundle, NULL);
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = bundle_data_path(bundle, name);
        g_autofree char *layer = layer_path(bundle, name);
        if (!has_image(bundle, name) && layer_is_same_file(path, layer))
            (void) g_unlink(path);
    }
}

/* QEMU may open an image again by the name that it had when the machine was started. */
static bool is_open(const GPtrArray *tree, const LayerImage *layer)
{
    for (guint i = 0; i < tree->len; i++) {
        const LayerImage *image = tree->pdata[i];
        if (image->used && layer_is_same_file(image->path, layer->path))
            return true;
    }
    return false;
}

static void remove_layer(const Bundle *bundle, const LayerImage *layer)
{
    g_autofree char *old = bundle_data_path(bundle, layer->name);
    if (!has_image(bundle, layer->name) && layer_is_same_file(old, layer->path))
        (void) g_unlink(old);
    (void) g_unlink(layer->path);
}

void layer_sweep(const Bundle *bundle, bool running)
{
    g_autofree char *folder = layer_path(bundle, NULL);
    if (access(folder, F_OK) < 0)
        return;
    g_autoptr(Bundle) now = bundle_open(bundle->path, NULL);
    if (!now || (!running && !forget_unmade(now)))
        return;
    g_autoptr(GPtrArray) tree = layer_tree_read(now, NULL);
    if (!tree)
        return;
    if (!running)
        sweep_data(now);
    for (guint i = 0; i < tree->len; i++) {
        const LayerImage *image = tree->pdata[i];
        if (!image->drive && !image->used && !(running && is_open(tree, image)))
            remove_layer(now, image);
    }
    if (!running)
        (void) g_rmdir(folder);
}

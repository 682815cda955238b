/* SPDX-License-Identifier: Apache-2.0 */
/* Merging layers that no snapshot needs any more into their neighbours. */
#include "core/snapshot/layer-merge.h"

#include <string.h>

#include "core/error.h"
#include "core/qemu-img.h"
#include "core/snapshot/layer-live.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/snapshot-marks.h"

/* Two images that become one. */
typedef struct {
    const Bundle *bundle;
    const GPtrArray *tree;
    LayerImage *upper;
    LayerImage *lower;
} Pair;

/* ---- which ---- */

static bool has_snapshots(const LayerImage *image)
{
    return image->info->snapshots->len > 0;
}

static bool pick(Pair *pair)
{
    for (guint i = 0; i < pair->tree->len; i++) {
        LayerImage *upper = pair->tree->pdata[i];
        LayerImage *lower = upper->below;
        if (!upper->used || !lower || lower->named || lower->children != 1 ||
            has_snapshots(upper) || has_snapshots(lower))
            continue;
        pair->upper = upper;
        pair->lower = lower;
        return true;
    }
    return false;
}

/* QEMU has those open that the drives stand on. */
static const LayerImage *root_above(const Pair *pair, const LayerImage *image)
{
    for (guint i = 0; i < pair->tree->len; i++) {
        const LayerImage *root = pair->tree->pdata[i];
        for (const LayerImage *at = root; root->drive && at; at = at->below)
            if (at == image)
                return root;
    }
    return NULL;
}

/* ---- what is below is written into what is above ---- */

static bool pull_with_qemu_img(const LayerImage *upper, const char *backing, const char *format,
                               const LibexecWatch *watch, GError **error)
{
    const char *alone[] = {
        "qemu-img", "rebase", "-p", "-f", "qcow2", "-b", "", upper->path, NULL
    };
    const char *over[] = { "qemu-img", "rebase", "-p",   "-f",        "qcow2", "-b",
                           backing,    "-F",     format, upper->path, NULL };
    return qemu_img_watch(backing ? over : alone, upper->info->virtual_size, watch, error);
}

/* The format that an image has to be opened with, as the header says or as it is. */
static char *backing_format(const LayerImage *image, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (image->info->backing_format)
        return g_strdup(image->info->backing_format);
    g_autofree char *folder = g_path_get_dirname(image->path);
    g_autofree char *path = g_canonicalize_filename(image->info->backing_file, folder);
    return image_probe(path, &info, error) ? g_strdup(image_format_driver(info->format)) : NULL;
}

static bool pull(const Pair *pair, const LayerMerge *how, GError **error)
{
    const ImageInfo *below = pair->lower->info;
    g_autofree char *format = below->backing_file ? backing_format(pair->lower, error) : NULL;
    if (below->backing_file && !format)
        return false;
    if (how->client && root_above(pair, pair->upper))
        return layer_live_pull(how->client, pair->upper, pair->lower, how->watch, error);
    return pull_with_qemu_img(pair->upper, below->backing_file, format, how->watch, error);
}

/* ---- what is above is written into what is below ---- */

typedef struct {
    const char *from;
    const char *to;
} Moved;

static void note_moved(Sidecar *sidecar, void *user)
{
    const Moved *moved = user;
    g_auto(GStrv) tags = sidecar_snapshot_tags(sidecar);
    for (char **tag = tags; *tag; tag++) {
        g_autoptr(SidecarSnapshot) record = sidecar_snapshot(sidecar, *tag);
        GHashTableIter iter;
        gpointer file;
        bool any = false;
        if (!record->layers)
            continue;
        g_hash_table_iter_init(&iter, record->layers);
        while (g_hash_table_iter_next(&iter, NULL, &file))
            if (strcmp(file, moved->from) == 0) {
                g_hash_table_iter_replace(&iter, g_strdup(moved->to));
                any = true;
            }
        if (any)
            sidecar_set_snapshot(sidecar, *tag, record);
    }
}

/* Whoever stood on the upper image stands on the lower one from now on; both say the same. */
static bool lift_children(const Pair *pair, bool running, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(pair->lower->path);
    g_autofree char *folder_name = g_path_get_basename(folder);
    g_autofree char *backing = g_build_filename("..", folder_name, pair->lower->name, NULL);
    const char *format = image_format_driver(pair->lower->info->format);
    for (guint i = 0; i < pair->tree->len; i++) {
        const LayerImage *child = pair->tree->pdata[i];
        if (child->below != pair->upper || (running && root_above(pair, child)))
            continue;
        const char *argv[] = { "qemu-img", "rebase", "-u",   "-f",        "qcow2", "-b",
                               backing,    "-F",     format, child->path, NULL };
        if (!qemu_img_run(argv, error))
            return false;
    }
    Moved moved = { pair->upper->name, pair->lower->name };
    return snapshot_change_sidecar(pair->bundle, note_moved, &moved, error);
}

static bool take_place(const Pair *pair, GError **error)
{
    return layer_prepare_place(pair->bundle, pair->lower->name, error) &&
           layer_take_place(pair->bundle, pair->upper->path, error);
}

static bool push_with_qemu_img(const Pair *pair, const LibexecWatch *watch, GError **error)
{
    const char *argv[] = {
        "qemu-img", "commit", "-p", "-d", "-f", "qcow2", pair->upper->path, NULL
    };
    return qemu_img_watch(argv, pair->upper->info->virtual_size, watch, error);
}

static bool push(const Pair *pair, const LayerMerge *how, GError **error)
{
    const LayerImage *root = how->client ? root_above(pair, pair->upper) : NULL;
    bool ok = root ? layer_live_push(how->client, root, pair->upper, pair->lower, how->watch, error)
                   : push_with_qemu_img(pair, how->watch, error);
    if (!ok)
        return false;
    if (!pair->upper->drive)
        return lift_children(pair, root != NULL, error);
    return root ||
           take_place(pair, error); /* the helper has done so, while the guest stood still */
}

/* ---- all ---- */

static bool merge(const Pair *pair, const LayerMerge *how, GError **error)
{
    bool smaller = pair->upper->info->allocated < pair->lower->info->allocated;
    return smaller ? push(pair, how, error) : pull(pair, how, error);
}

static bool merge_layers(const Bundle *bundle, const LayerMerge *how, GError **error)
{
    for (;;) {
        g_autoptr(GPtrArray) tree = layer_tree_read(bundle, error);
        Pair pair = { .bundle = bundle, .tree = tree };
        if (!tree)
            return false;
        if (!pick(&pair))
            return true;
        if (!merge(&pair, how, error))
            return false;
        layer_sweep(bundle, how->client != NULL);
    }
}

/* What is left below is not this bundle's to write to: all of it is copied. */
static bool pull_rest(const Bundle *bundle, const LayerMerge *how, GError **error)
{
    g_autoptr(GPtrArray) tree = layer_tree_read(bundle, error);
    for (guint i = 0; tree && i < tree->len; i++) {
        const LayerImage *image = tree->pdata[i];
        if (!image->drive || !image->info->backing_file)
            continue;
        bool ok = how->client ? layer_live_pull(how->client, image, NULL, how->watch, error)
                              : pull_with_qemu_img(image, NULL, NULL, how->watch, error);
        if (!ok)
            return false;
    }
    return tree != NULL;
}

bool layer_merge(const Bundle *bundle, const LayerMerge *how, GError **error)
{
    layer_sweep(bundle, how->client != NULL);
    return merge_layers(bundle, how, error) && (!how->flatten || pull_rest(bundle, how, error));
}

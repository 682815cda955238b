/* SPDX-License-Identifier: Apache-2.0 */
/* Images of a QEMU that did not close them: noticing, and giving back what they lost track of. */
#include "core/vm/unclean.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include "core/error.h"
#include "core/fd.h"
#include "core/paths.h"
#include "core/qemu-img.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/snapshot-images.h"
#include "qapi/json-auto.h"

#define MARK_NAME "images-open"

/* A QEMU whose helper was killed gets this long to end. */
#define PATIENCE_US (10 * G_USEC_PER_SEC)
#define PAUSE_US 20000

#define STATUS_DAMAGED 2

/* Less than this behind the end of an image is not worth cutting off. */
#define LOOSE_BYTES (1024 * 1024)

/* What is read of an image is a ten-thousandth of this; on a slow disk it takes some seconds. */
#define QUICK_BYTES (G_GUINT64_CONSTANT(32) << 30)

static char *mark_of(const char *uuid)
{
    g_autofree char *folder = paths_state(uuid);
    return g_build_filename(folder, MARK_NAME, NULL);
}

void unclean_mark(const char *uuid)
{
    g_autofree char *path = mark_of(uuid);
    g_auto(Fd) fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void unclean_clear(const char *uuid)
{
    g_autofree char *path = mark_of(uuid);
    (void) g_unlink(path);
}

/* The status is that of qemu-img. */
static bool check(const char *path, int64_t patience_us, char **out_json, int *out_status,
                  GError **error)
{
    const char *argv[] = { "qemu-img", "check", "--output=json", "-r", "leaks", "-f", "qcow2",
                           path,       NULL };
    int64_t patience = g_get_monotonic_time() + patience_us;
    for (;;) {
        g_autoptr(GError) local = NULL;
        if (qemu_img_read(argv, out_json, out_status, &local))
            return true;
        if (!g_error_matches(local, UTM_ERROR, UTM_ERROR_LOCKED) ||
            g_get_monotonic_time() > patience) {
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
        g_usleep(PAUSE_US);
    }
}

/* A state that could not be saved leaves a file that is longer than what is in it: on a disk that is
 * full nothing else could be done before that is given back.
 *
 * Source: QEMU block/qcow2.c, preallocation and shrinking end the file behind its last cluster */
static void cut_end(const char *path, const ImageInfo *info, const char *check_json)
{
    g_autoptr(cJSON) json = cJSON_Parse(check_json);
    double end = cJSON_GetNumberValue(cJSON_GetObjectItem(json, "image-end-offset"));
    if (end > 0 && (double) info->file_size > end + LOOSE_BYTES)
        (void) truncate(path, (off_t) end);
}

/* Only after a check, which has the image to itself. */
static bool repair_image(const char *path, const ImageInfo *info, int64_t patience_us,
                         int *out_status, GError **error)
{
    g_autofree char *json = NULL;
    bool dropped = false;
    if (!check(path, patience_us, &json, out_status, error) || *out_status ||
        !image_drop_vm_state(path, &dropped, error))
        return *out_status != 0;
    if (dropped) {
        g_clear_pointer(&json, g_free);
        if (!check(path, patience_us, &json, out_status, error))
            return false;
    }
    cut_end(path, info, json);
    return true;
}

static void note_damage(GString *damaged, int status, const char *path)
{
    if (status == STATUS_DAMAGED)
        g_string_append_printf(damaged, "%s\"%s\"", damaged->len ? ", " : "", path);
}

static bool repair_all(const GPtrArray *images, GString *damaged, GError **error)
{
    for (guint i = 0; i < images->len; i++) {
        const SnapshotImage *image = images->pdata[i];
        int status = 0;
        if (image->info->format != IMAGE_QCOW2)
            continue;
        if (!repair_image(image->path, image->info, PATIENCE_US, &status, error))
            return false;
        note_damage(damaged, status, image->path);
    }
    return true;
}

/* ---- layers ---- */

/* The image of a drive has the name of a layer too while the one takes the place of the other. */
static bool is_layer(const GPtrArray *images, const LayerImage *layer)
{
    for (guint i = 0; i < images->len; i++)
        if (layer_is_same_file(((const SnapshotImage *) images->pdata[i])->path, layer->path))
            return false;
    return !layer->drive && layer->info->format == IMAGE_QCOW2;
}

/* What is merged is written to a layer, also by a QEMU that is killed. One that is in use is left
 * alone: linked clones stand on it, which only read it. */
static bool repair_layers(const GPtrArray *images, const GPtrArray *tree, GString *damaged,
                          GError **error)
{
    for (guint i = 0; tree && i < tree->len; i++) {
        const LayerImage *layer = tree->pdata[i];
        g_autoptr(GError) local = NULL;
        int status = 0;
        if (!is_layer(images, layer))
            continue;
        if (!repair_image(layer->path, layer->info, 0, &status, &local) &&
            !g_error_matches(local, UTM_ERROR, UTM_ERROR_LOCKED)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
        note_damage(damaged, status, layer->path);
    }
    return true;
}

/* ---- all of it ---- */

static bool is_large(const GPtrArray *images, const GPtrArray *tree)
{
    uint64_t sum = 0;
    for (guint i = 0; i < images->len; i++)
        sum += ((const SnapshotImage *) images->pdata[i])->info->allocated;
    for (guint i = 0; tree && i < tree->len; i++)
        if (is_layer(images, tree->pdata[i]))
            sum += ((const LayerImage *) tree->pdata[i])->info->allocated;
    return sum > QUICK_BYTES;
}

bool unclean_repair(const Bundle *bundle, bool quick, char **out_damaged, GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autofree char *mark = mark_of(uuid);
    *out_damaged = NULL;
    if (access(mark, F_OK) < 0)
        return true;
    g_autoptr(GString) damaged = g_string_new(NULL);
    g_autoptr(GPtrArray) images = snapshot_images(bundle, error);
    /* What cannot be read there is not what the machine starts with, or is told of then. */
    g_autoptr(GPtrArray) tree = images ? layer_tree_read(bundle, NULL) : NULL;
    if (images && quick && is_large(images, tree))
        return true;
    if (!images || !repair_all(images, damaged, error) ||
        !repair_layers(images, tree, damaged, error)) {
        g_prefix_error(error, "its images were not closed properly, and cannot be checked: ");
        return false;
    }
    unclean_clear(uuid);
    if (damaged->len)
        *out_damaged = g_strdup(damaged->str);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Switching a machine's disks to new images over layers, all of them or none. */
#include "core/snapshot/layers.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bundles/sidecar.h"
#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/snapshot/snapshot-store.h"
#include "core/vm/saved-state.h"

static void step_free(gpointer data)
{
    LayerStep *step = data;
    g_free(step->drive);
    g_free(step->layer);
    g_free(step->overlay);
    g_free(step);
}

static bool fail(GError **error, const char *what, const char *path)
{
    bool no_links = errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS || errno == EXDEV;
    utm_error_set(error, no_links ? UTM_ERROR_UNSUPPORTED : UTM_ERROR_FAILED, NULL,
                  "cannot %s \"%s\": %s", what, path,
                  no_links ? "its file system has no hard links" : g_strerror(errno));
    return false;
}

static bool make_folder(const Bundle *bundle, GError **error)
{
    g_autofree char *folder = layer_path(bundle, NULL);
    return g_mkdir(folder, 0755) == 0 || errno == EEXIST || fail(error, "create", folder);
}

int layers_lock(const Bundle *bundle, GError **error)
{
    g_autofree char *folder = layer_path(bundle, NULL);
    if (!make_folder(bundle, error))
        return -1;
    g_auto(Fd) fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd_steal(&fd);
    if (fd >= 0 && errno == EWOULDBLOCK)
        utm_error_set(error, UTM_ERROR_LOCKED, NULL,
                      "another command works on its snapshots just now");
    else
        fail(error, "lock", folder);
    return -1;
}

/* ---- what is in the way ---- */

/* @tags gets each once, however many disks have it. */
static void list_tags(const SnapshotImage *image, GPtrArray *tags)
{
    const GPtrArray *table = image->info->snapshots;
    for (guint i = 0; i < table->len; i++) {
        char *tag = ((const ImageSnapshot *) table->pdata[i])->tag;
        if (strcmp(tag, SAVED_STATE_TAG) != 0 &&
            !g_ptr_array_find_with_equal_func(tags, tag, g_str_equal, NULL))
            g_ptr_array_add(tags, tag);
    }
}

/*
 * QEMU would make a layer of such an image. But to go back to a snapshot inside of it is to write to
 * it, and with that to change what the external one above it has kept.
 */
static void refuse_inside(const Bundle *bundle, GPtrArray *tags, GError **error)
{
    const char *tag = tags->pdata[0];
    g_autofree char *name = argv_shell_quote(bundle->config->information.name);
    g_autofree char *at = g_strdup_printf("%s@%s", bundle->config->information.name, tag);
    g_autofree char *file = g_strdup_printf("%s.utm", tag);
    g_autofree char *quoted = argv_shell_quote(tag);
    g_autofree char *quoted_at = argv_shell_quote(at);
    g_autofree char *quoted_file = argv_shell_quote(file);
    g_autofree char *hint =
        g_strdup_printf("\"utmctl snapshot export %s -o %s\" makes a machine of it, and then "
                        "\"utmctl snapshot delete %s %s\" makes way",
                        quoted_at, quoted_file, name, quoted);
    g_ptr_array_add(tags, NULL);
    g_autofree char *list = g_strjoinv("\", \"", (char **) tags->pdata);
    utm_error_set(error, UTM_ERROR_WRONG_STATE, hint,
                  "there are snapshots inside of its images, which would be out of reach: \"%s\"",
                  list);
}

static bool is_disk(const Bundle *bundle, const char *identifier)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (g_strcmp0(drive->identifier, identifier) == 0)
            return layer_drive_is_writable(drive);
    }
    return false;
}

bool layers_check(const Bundle *bundle, GError **error)
{
    if (bundle->is_legacy) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl config migrate VM",
                      "its configuration is that of an old UTM, and cannot be changed");
        return false;
    }
    g_autoptr(Bundle) now = bundle_open(bundle->path, error);
    g_autoptr(GPtrArray) images = now ? snapshot_images(now, error) : NULL;
    g_autoptr(GPtrArray) inside = g_ptr_array_new();
    bool any = false;
    for (guint i = 0; images && i < images->len; i++) {
        const SnapshotImage *image = images->pdata[i];
        if (!is_disk(now, image->drive))
            continue;
        any = true;
        list_tags(image, inside);
    }
    if (images && !any)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "it has no disk that can be written");
    else if (images && inside->len)
        refuse_inside(bundle, inside, error);
    return images && any && !inside->len;
}

/* ---- preparing ---- */

/* The second name in Snapshots tells layer_sweep() that the image is ours to remove. */
static bool make_overlay(const Bundle *bundle, const LayerStep *step, GError **error)
{
    g_autofree char *below = layer_path(bundle, step->layer);
    g_autofree char *path = layer_path(bundle, step->overlay);
    g_autofree char *place = bundle_data_path(bundle, step->overlay);
    g_autofree char *folder = layer_path(bundle, NULL);
    g_autofree char *name = g_path_get_basename(folder);
    g_autofree char *backing = g_build_filename("..", name, step->layer, NULL);
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(below, &info, error) ||
        !image_create_overlay(path, backing, info->format,
                              info->virtual_size ? info->virtual_size : info->file_size, error))
        return false;
    g_auto(Fd) fd = open(path, O_RDONLY | O_CLOEXEC);
    return (fd >= 0 && fsync(fd) == 0 && link(path, place) == 0) || fail(error, "create", place);
}

static LayerStep *step_new(const Bundle *bundle, const char *drive, const char *layer,
                           const char *name)
{
    LayerStep *step = g_new0(LayerStep, 1);
    step->drive = g_strdup(drive);
    step->layer = g_strdup(layer);
    step->overlay = layer_new_name(bundle, name);
    return step;
}

static bool prepare_drive(const Bundle *bundle, const ConfigDrive *drive, GPtrArray *steps,
                          GError **error)
{
    g_autofree char *image = bundle_data_path(bundle, drive->image_name);
    g_autofree char *layer = layer_path(bundle, drive->image_name);
    if (link(image, layer) < 0)
        return fail(error, "make a layer of", image);
    LayerStep *step = step_new(bundle, drive->identifier, drive->image_name, drive->image_name);
    g_ptr_array_add(steps, step);
    return make_overlay(bundle, step, error);
}

GPtrArray *layers_prepare_create(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(step_free);
    const GPtrArray *drives = bundle->config->drives;
    bool ok = make_folder(bundle, error);
    for (guint i = 0; i < drives->len && ok; i++)
        if (layer_drive_is_writable(drives->pdata[i]))
            ok = prepare_drive(bundle, drives->pdata[i], steps, error);
    if (ok)
        return g_steal_pointer(&steps);
    layers_undo_create(bundle, steps, NULL);
    return NULL;
}

/* ---- the configuration ---- */

/* A configuration that was changed while the machine ran is changed, and not replaced. */
static bool switch_config(const Bundle *bundle, const GPtrArray *steps, bool back, GError **error)
{
    g_autoptr(Bundle) now = bundle_open(bundle->path, error);
    if (!now)
        return false;
    for (guint i = 0; i < steps->len; i++) {
        const LayerStep *step = steps->pdata[i];
        for (guint k = 0; k < now->config->drives->len; k++) {
            ConfigDrive *drive = now->config->drives->pdata[k];
            if (g_strcmp0(drive->identifier, step->drive) != 0)
                continue;
            g_free(drive->image_name);
            drive->image_name = g_strdup(back ? step->layer : step->overlay);
        }
    }
    return bundle_save(now, error);
}

static void drop_marks(const Bundle *bundle, const GPtrArray *steps)
{
    for (guint i = 0; i < steps->len; i++) {
        g_autofree char *mark = layer_path(bundle, ((const LayerStep *) steps->pdata[i])->overlay);
        (void) g_unlink(mark);
    }
}

/* ---- making ---- */

typedef struct {
    const char *tag;
    const char *description;
    const GPtrArray *steps;
} Made;

static void note_made(Sidecar *sidecar, void *user)
{
    const Made *made = user;
    g_autoptr(GHashTable) layers = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; i < made->steps->len; i++) {
        const LayerStep *step = made->steps->pdata[i];
        g_hash_table_insert(layers, step->drive, step->layer);
    }
    g_autofree char *parent = g_strdup(sidecar_text(sidecar, "Current"));
    const SidecarSnapshot record = { .created = g_get_real_time() / G_USEC_PER_SEC,
                                     .parent = parent,
                                     .description = (char *) made->description,
                                     .layers = layers };
    sidecar_set_snapshot(sidecar, made->tag, &record);
    sidecar_set_text(sidecar, "Current", made->tag);
}

/* The names of the images reach the disk before the configuration that needs them. */
static bool sync_folders(const Bundle *bundle, GError **error)
{
    g_autofree char *data = bundle_data_path(bundle, NULL);
    g_autofree char *layers = layer_path(bundle, NULL);
    const char *const folders[] = { data, layers };
    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_auto(Fd) fd = open(folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) < 0)
            return fail(error, "write", folders[i]);
    }
    return true;
}

bool layers_commit_create(const Bundle *bundle, const GPtrArray *steps, const char *tag,
                          const char *description, GError **error)
{
    Made made = { tag, description, steps };
    if (!snapshot_store_save(bundle, tag, error) || !snapshot_store_save_vars(bundle, tag, error) ||
        !sync_folders(bundle, error) || !snapshot_change_sidecar(bundle, note_made, &made, error) ||
        !switch_config(bundle, steps, false, error))
        return false;
    drop_marks(bundle, steps);
    return true;
}

/* The record goes with the configuration: layer_record_holds(). */
void layers_undo_create(const Bundle *bundle, const GPtrArray *steps, const char *tag)
{
    if (tag && !switch_config(bundle, steps, true, NULL))
        return; /* the new images are empty, and good to go on with */
    for (guint i = 0; i < steps->len; i++) {
        const LayerStep *step = steps->pdata[i];
        g_autofree char *overlay = bundle_data_path(bundle, step->overlay);
        g_autofree char *layer = layer_path(bundle, step->layer);
        (void) g_unlink(overlay);
        (void) g_unlink(layer);
    }
    drop_marks(bundle, steps);
    if (tag)
        utm_ignore(snapshot_forget(bundle, tag, NULL));
}

/* ---- going back ---- */

/* What the drives have now gets its second name, for layer_sweep(). */
static bool mark_old(const Bundle *bundle, GError **error)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (!layer_drive_is_writable(drive))
            continue;
        g_autofree char *image = bundle_data_path(bundle, drive->image_name);
        g_autofree char *mark = layer_path(bundle, drive->image_name);
        if (link(image, mark) < 0 && errno != EEXIST && errno != ENOENT)
            return fail(error, "mark", image);
    }
    return true;
}

static GPtrArray *prepare_restore(const Bundle *bundle, GHashTable *layers, GError **error)
{
    g_autoptr(GPtrArray) steps = g_ptr_array_new_with_free_func(step_free);
    GHashTableIter iter;
    gpointer drive, layer;
    g_hash_table_iter_init(&iter, layers);
    while (g_hash_table_iter_next(&iter, &drive, &layer)) {
        LayerStep *step = step_new(bundle, drive, layer, layer);
        g_ptr_array_add(steps, step);
        if (!make_overlay(bundle, step, error))
            return NULL;
    }
    return g_steal_pointer(&steps);
}

bool layers_restore(const Bundle *bundle, const char *tag, GHashTable *layers, GError **error)
{
    layer_sweep(bundle, false);
    g_autoptr(Bundle) before = bundle_open(bundle->path, error);
    g_autoptr(GPtrArray) steps = before ? prepare_restore(bundle, layers, error) : NULL;
    bool ok = steps && mark_old(before, error) && sync_folders(bundle, error);
    g_autoptr(GHashTable) images = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; ok && i < steps->len; i++) {
        const LayerStep *step = steps->pdata[i];
        g_hash_table_insert(images, step->drive, step->overlay);
    }
    /* Without a configuration that was kept, the one of now goes on with the disks of then. */
    ok = ok && switch_config(bundle, steps, false, error) &&
         snapshot_store_apply_over(bundle, tag, images, error);
    layer_sweep(bundle, false);
    return ok;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which the disks of one machine become those of another. */
#include "core/clone.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundles/image.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/guard.h"
#include "core/qemu-img.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-images.h"
#include "core/snapshot/snapshot-store.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/warm-make.h"
#include "core/staging.h"
#include "core/trust.h"

/* A chain of images that is longer has a loop in it. */
#define CHAIN_LIMIT 64

/* What a new machine is made of. */
typedef struct {
    const Bundle *kept;       /* configuration, at the place of the original */
    const Snapshot *snapshot; /* NULL: as it is now */
    bool linked;
    const CloneOptions *options;
} Source;

/* ---- one image ---- */

static bool convert(const char *from, const char *driver, const char *tag, const char *to,
                    const CloneOptions *options, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    g_autoptr(GString) inside = g_string_new(tag);
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    const LibexecWatch watch = { .progress = options->progress, .user = options->user };
    const char *head[] = {
        "qemu-img", "convert", "-p", "-U",
        "-f",       driver,    "-O", strcmp(driver, "raw") == 0 ? "raw" : "qcow2"
    };
    if (!image_probe(from, &info, error))
        return false;
    for (gsize i = 0; i < G_N_ELEMENTS(head); i++)
        g_ptr_array_add(argv, (gpointer) head[i]);
    g_string_replace(inside, ",", ",,", 0);
    g_string_prepend(inside, "snapshot.name=");
    if (tag) {
        g_ptr_array_add(argv, (gpointer) "-l");
        g_ptr_array_add(argv, inside->str);
    }
    g_ptr_array_add(argv, (gpointer) from);
    g_ptr_array_add(argv, (gpointer) to);
    g_ptr_array_add(argv, NULL);
    return qemu_img_watch((const char *const *) argv->pdata, info->virtual_size, &watch, error);
}

/* The name of the image below is right from where the clone will be, not from where it is made. */
static bool link_disk(const char *from, const char *to, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    g_autofree char *real = realpath(from, NULL);
    return real && image_probe(real, &info, error) &&
           image_create_overlay(to, real, info->format,
                                info->virtual_size ? info->virtual_size : info->file_size, error);
}

static bool add_disk(const Source *source, const ConfigDrive *drive, const char *to, GError **error)
{
    const Snapshot *snapshot = source->snapshot;
    const char *layer = snapshot && snapshot->layers
                            ? g_hash_table_lookup(snapshot->layers, drive->identifier)
                            : NULL;
    g_autofree char *from =
        layer ? layer_path(source->kept, layer) : bundle_data_path(source->kept, drive->image_name);
    g_autoptr(ImageInfo) info = NULL;
    if (source->linked)
        return link_disk(from, to, error);
    if (!image_probe(from, &info, error))
        return false;
    const char *driver = image_format_driver(info->format);
    const char *tag = snapshot && !snapshot->layers ? snapshot->tag : NULL;
    return convert(from, driver ? driver : "raw", tag, to, source->options, error);
}

static bool add_file(const char *from, const char *to, GError **error)
{
    return access(from, F_OK) < 0 || tree_copy_file(from, to, NULL, NULL, error);
}

/* ---- all of it ---- */

static bool add_drives(const Source *source, const Bundle *target, GError **error)
{
    const GPtrArray *drives = source->kept->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (!drive->image_name)
            continue;
        g_autofree char *from = bundle_data_path(source->kept, drive->image_name);
        g_autofree char *to = bundle_data_path(target, drive->image_name);
        bool ok = layer_drive_is_writable(drive) ? add_disk(source, drive, to, error)
                  : source->linked               ? warm_add_file(from, to, error)
                                                 : add_file(from, to, error);
        if (!ok)
            return false;
    }
    return true;
}

/* Inside of the store itself, kept beside it, or as it is now. */
static bool add_vars(const Source *source, const Bundle *target, GError **error)
{
    const Snapshot *snapshot = source->snapshot;
    g_autofree char *now = bundle_efi_vars_path(source->kept);
    g_autofree char *to = bundle_efi_vars_path(target);
    if (!source->kept->config->qemu.uefi_boot)
        return true;
    if (snapshot && !snapshot->layers && image_has_snapshot(now, snapshot->tag))
        return convert(now, "qcow2", snapshot->tag, to, source->options, error);
    g_autofree char *store = snapshot ? snapshot_store_folder(source->kept, snapshot->tag) : NULL;
    g_autofree char *then = store ? g_build_filename(store, EFI_VARS_NAME, NULL) : NULL;
    return add_file(then && access(then, F_OK) == 0 ? then : now, to, error);
}

static bool add_rest(const Source *source, const Bundle *target, GError **error)
{
    const Snapshot *snapshot = source->snapshot;
    const ConfigInformation *information = &source->kept->config->information;
    const char *icon = information->icon_custom ? information->icon : NULL;
    g_autofree char *store = snapshot ? snapshot_store_folder(source->kept, snapshot->tag) : NULL;
    g_autofree char *tpm = store ? g_build_filename(store, "tpmdata", NULL)
                                 : bundle_data_path(source->kept, "tpmdata");
    g_autofree char *tpm_copy = bundle_data_path(target, "tpmdata");
    g_autofree char *picture = icon ? bundle_data_path(source->kept, icon) : NULL;
    g_autofree char *picture_copy = icon ? bundle_data_path(target, icon) : NULL;
    return add_file(tpm, tpm_copy, error) && (!icon || add_file(picture, picture_copy, error));
}

static bool fill(const Source *source, const char *folder, GError **error)
{
    g_autoptr(Bundle) target = bundle_new_take(folder, utm_config_copy(source->kept->config));
    g_autofree char *data = bundle_data_path(target, NULL);
    if (g_mkdir(folder, 0755) < 0 || g_mkdir(data, 0755) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot create \"%s\": %s", folder,
                      g_strerror(errno));
        return false;
    }
    return add_drives(source, target, error) && add_vars(source, target, error) &&
           add_rest(source, target, error) && bundle_save(target, error);
}

bool clone_fill(const Bundle *bundle, const char *folder, const CloneOptions *options,
                GError **error)
{
    if (!options->linked && !options->full)
        return tree_copy(bundle->path, folder, options->progress, options->user, error);
    const Source source = { .kept = bundle, .linked = options->linked, .options = options };
    return fill(&source, folder, error);
}

/* ---- what stands on files elsewhere ---- */

/* Both in one folder can be moved together. */
static char *name_from(const Bundle *clone, const char *real, const char *owner)
{
    g_autofree char *parent = g_path_get_dirname(clone->path);
    g_autofree char *real_parent = realpath(parent, NULL);
    g_autofree char *beside = owner ? g_path_get_dirname(owner) : NULL;
    if (!beside || g_strcmp0(beside, real_parent) != 0)
        return g_strdup(real);
    return g_build_filename("..", "..", real + strlen(beside) + 1, NULL);
}

static bool is_inside(const char *backing)
{
    return g_str_has_prefix(backing, "../Snapshots/") || g_str_has_prefix(backing, "../Base/");
}

/* The lowest image of a drive that is in the bundle itself. A new string. */
static char *lowest_image(const Bundle *clone, const ConfigDrive *drive, ImageInfo **out_info,
                          GError **error)
{
    g_autofree char *path = bundle_data_path(clone, drive->image_name);
    for (int depth = 0; depth < CHAIN_LIMIT; depth++) {
        g_autoptr(ImageInfo) info = NULL;
        if (!image_probe(path, &info, error))
            return NULL;
        if (!info->backing_file || !is_inside(info->backing_file)) {
            *out_info = g_steal_pointer(&info);
            return g_steal_pointer(&path);
        }
        g_autofree char *folder = g_path_get_dirname(path);
        g_free(path);
        path = g_canonicalize_filename(info->backing_file, folder);
    }
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" has a chain of images without an end",
                  path);
    return NULL;
}

/* What an image of the original stands on, wherever it is in the bundle. A real path, or NULL. */
static char *resolve(const Bundle *bundle, const char *backing)
{
    g_autofree char *folder = bundle_data_path(bundle, NULL);
    g_autofree char *path = g_canonicalize_filename(backing, folder);
    return realpath(path, NULL);
}

static bool point_to(const Bundle *clone, const char *image, const ImageInfo *info,
                     const char *real, const char *owner, GError **error)
{
    g_autofree char *backing = name_from(clone, real, owner);
    const char *format = info->backing_format ? info->backing_format : "qcow2";
    const char *argv[] = { "qemu-img", "rebase", "-u",   "-f",  "qcow2", "-b",
                           backing,    "-F",     format, image, NULL };
    return strcmp(backing, info->backing_file) == 0 || qemu_img_run(argv, error);
}

/* The bundle that a file belongs to; NULL for none. */
static char *owner_of(const char *file)
{
    for (g_autofree char *folder = g_path_get_dirname(file); strlen(folder) > 1;) {
        if (g_str_has_suffix(folder, ".utm"))
            return g_steal_pointer(&folder);
        char *parent = g_path_get_dirname(folder);
        g_free(folder);
        folder = parent;
    }
    return NULL;
}

/* One that stands alone has no below; nor one whose original cannot be used either. */
typedef struct {
    char *image; /* the lowest in the clone itself */
    ImageInfo *info;
    char *below; /* real path of the file outside that it stands on, or NULL */
    char *owner; /* bundle that this file belongs to, or NULL */
} Footing;

static void footing_clear(Footing *footing)
{
    g_free(footing->image);
    image_info_free(footing->info);
    g_free(footing->below);
    g_free(footing->owner);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Footing, footing_clear)

static bool find_footing(const Bundle *bundle, const Bundle *clone, const ConfigDrive *drive,
                         Footing *footing, GError **error)
{
    if (!layer_drive_is_writable(drive))
        return true;
    footing->image = lowest_image(clone, drive, &footing->info, error);
    if (!footing->image)
        return false;
    if (footing->info->backing_file)
        footing->below = resolve(bundle, footing->info->backing_file);
    if (footing->below)
        footing->owner = owner_of(footing->below);
    return true;
}

bool clone_guard(const Bundle *bundle, const Bundle *clone, const char *place, GError **error)
{
    const GPtrArray *drives = clone->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        g_auto(Footing) footing = { 0 };
        if (!find_footing(bundle, clone, drives->pdata[i], &footing, error) ||
            (footing.owner &&
             !guard_add_clone(footing.owner, clone->config->information.uuid, place, error)))
            return false;
    }
    return true;
}

static bool settle_drive(const Bundle *bundle, const Bundle *clone, const ConfigDrive *drive,
                         bool *any, GError **error)
{
    g_auto(Footing) footing = { 0 };
    if (!find_footing(bundle, clone, drive, &footing, error))
        return false;
    *any |= footing.below != NULL;
    return !footing.below ||
           point_to(clone, footing.image, footing.info, footing.below, footing.owner, error);
}

bool clone_settle(const Bundle *bundle, const Bundle *clone, GError **error)
{
    const GPtrArray *drives = clone->config->drives;
    bool trusted = trust_check(bundle, NULL);
    bool any = false;
    for (guint i = 0; i < drives->len; i++)
        if (!settle_drive(bundle, clone, drives->pdata[i], &any, error))
            return false;
    return !any || !trusted || trust_grant(clone, error);
}

/* ---- of a snapshot ---- */

static bool check_complete(const Snapshot *snapshot, GError **error)
{
    if (snapshot->complete)
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, NULL,
                  "snapshot \"%s\" is not in every image of the machine", snapshot->name);
    return false;
}

static bool fill_snapshot(const Bundle *bundle, const Snapshot *snapshot,
                          const CloneOptions *options, const char *partial, CloneResult *result,
                          GError **error)
{
    g_auto(Fd) lock = snapshot->layers ? layers_lock(bundle, error) : -1;
    g_autoptr(Bundle) kept = snapshot_store_open(bundle, snapshot->tag, error);
    const Source source = { .kept = kept, .snapshot = snapshot, .options = options };
    if ((snapshot->layers && lock < 0) || !kept || !fill(&source, partial, error))
        return false;
    /* One that was deleted meanwhile is not what was copied. */
    g_autoptr(Snapshot) still = snapshot_find(bundle, snapshot->tag, error);
    g_autoptr(Bundle) copy = still ? bundle_open(partial, error) : NULL;
    if (!copy)
        return false;
    machine_renew_identity(copy->config, result);
    return bundle_save(copy, error) && tree_move(partial, result->path, error);
}

bool clone_snapshot(const Bundle *bundle, const char *name, const CloneOptions *options,
                    bool dry_run, CloneResult *out_result, GError **error)
{
    g_auto(CloneResult) result = { 0 };
    g_autoptr(Snapshot) snapshot = snapshot_find(bundle, name, error);
    bool ok = snapshot && check_complete(snapshot, error) &&
              trust_check_copy(bundle, true, error) &&
              machine_clone_target(bundle, options, &result, error);
    if (ok && !dry_run) {
        g_autoptr(Staging) staging = staging_new(result.path, error);
        ok = staging && fill_snapshot(bundle, snapshot, options, staging->path, &result, error);
    }
    if (!ok) {
        g_prefix_error(error,
                       "VM \"%s\": cannot export the snapshot: ", bundle->config->information.name);
        return false;
    }
    result.dropped_suspend = snapshot->kind != SNAPSHOT_DISK;
    *out_result = result;
    result = (CloneResult){ 0 };
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Giving a machine another disk, and taking one away. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "bundles/value.h"
#include "core/config-edit.h"
#include "core/config-files.h"
#include "core/convert.h"
#include "core/create-plan.h"
#include "core/disk.h"
#include "core/error.h"
#include "core/guard.h"
#include "core/import-private.h"
#include "core/vm/launch-plan.h"
#include "core/vm/vm.h"

void disk_added_clear(DiskAdded *added)
{
    g_free(added->identifier);
    g_free(added->interface);
    g_free(added->path);
    g_free(added->later);
}

static bool check_bundle(const Bundle *bundle, GError **error)
{
    if (bundle->config->backend == CONFIG_BACKEND_APPLE)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "the disks of an Apple machine are changed on a Mac");
    else if (bundle->is_legacy)
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl config migrate VM",
                      "it is of an older version and has to be migrated first");
    else
        return true;
    return false;
}

/* ---- the new drive ---- */

/* UTM's word for an interface in any case. */
static const char *interface_word(const char *word, GError **error)
{
    static const char *const words[] = { "VirtIO", "NVMe", "USB", "SCSI", "IDE", NULL };
    for (size_t i = 0; words[i]; i++)
        if (g_ascii_strcasecmp(words[i], word) == 0)
            return words[i];
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "\"%s\" is no interface for a disk: there is virtio, nvme, usb, scsi and ide",
                  word);
    return NULL;
}

/* That of the first disk: the guest has a driver for it. */
static DriveInterface usual_interface(const UtmConfig *config)
{
    for (guint i = 0; i + 1 < config->drives->len; i++) {
        const ConfigDrive *drive = config->drives->pdata[i];
        if (drive->image_type == IMAGE_TYPE_DISK && drive->interface != DRIVE_INTERFACE_NONE &&
            drive->interface != DRIVE_INTERFACE_FLOPPY)
            return drive->interface;
    }
    return create_drive_interface(config, IMAGE_TYPE_DISK);
}

static bool set_interface(ConfigEdit *edit, guint index, const char *word, GError **error)
{
    UtmConfig *config = edit->bundle->config;
    ConfigDrive *drive = config->drives->pdata[index];
    if (!word) {
        drive->interface = usual_interface(config);
        return true;
    }
    const char *known = interface_word(word, error);
    g_autofree char *assignment =
        known ? g_strdup_printf("Drive[%u].Interface=%s", index, known) : NULL;
    return assignment && config_edit_set(edit, assignment, error);
}

/* Whether QEMU could be started with it, if it could be started without. */
static bool check_fits(const ConfigEdit *edit, GError **error)
{
    static const VmStartOptions options;
    Bundle before = { .path = edit->bundle->path, .config = edit->before };
    g_autoptr(LaunchPlan) old = launch_plan_preview(&before, &options, HOST_LINUX, NULL);
    if (!old)
        return true;
    g_autoptr(LaunchPlan) now = launch_plan_preview(edit->bundle, &options, HOST_LINUX, error);
    return now != NULL;
}

static bool make_drive(ConfigEdit *edit, const DiskAdd *options, guint *out_index, GError **error)
{
    char *words[] = { (char *) "ImageType=Disk", NULL };
    g_autofree char *path = NULL;
    if (!config_edit_add(edit, "Drive", words, &path, error))
        return false;
    UtmConfig *config = edit->bundle->config;
    guint index = config->drives->len - 1;
    ConfigDrive *drive = config->drives->pdata[index];
    g_free(drive->image_name);
    drive->image_name = g_strconcat(drive->identifier, ".qcow2", NULL);
    drive->read_only = options->read_only;
    if (!set_interface(edit, index, options->interface, error) || !check_fits(edit, error))
        return false;
    *out_index = index;
    return true;
}

/* ---- its image ---- */

static bool copy_image(const DiskAdd *options, const char *to, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(options->image, &info, error))
        return false;
    const LibexecWatch *watch = &options->watch;
    return info->format == IMAGE_QCOW2
               ? tree_copy_file(options->image, to, watch->progress, watch->user, error)
               : convert_image(options->image, image_format_driver(info->format), to, watch, error);
}

static void flush_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fsync(fd) == 0)
        g_debug("flushed \"%s\"", path);
    if (fd >= 0)
        close(fd);
}

static bool make_image(const DiskAdd *options, const char *path, GError **error)
{
    bool ok = options->image ? copy_image(options, path, error)
                             : image_create_qcow2(path, options->size_bytes, error);
    if (ok)
        flush_file(path);
    else
        (void) g_unlink(path);
    return ok;
}

static bool check_source(const DiskAdd *options, GError **error)
{
    if (!options->image)
        return true;
    g_autofree char *label = g_path_get_basename(options->image);
    return import_check_image(options->image, label, error);
}

/* What saving a configuration has to say names the machine already. */
static void add_context(const ConfigEdit *edit, const char *what, GError **error)
{
    if (error && !g_str_has_prefix((*error)->message, "VM \""))
        g_prefix_error(error, "VM \"%s\": cannot %s: ", edit->before->information.name, what);
}

/* ---- adding ---- */

/* First only what could be in the way, then with the image in its place. */
static bool save(ConfigEdit *edit, bool dry_run, GError **error)
{
    const ConfigSave save = { .force = vm_is_running(edit->bundle), .dry_run = dry_run };
    g_ptr_array_set_size(edit->warnings, 0);
    return config_edit_save(edit, &save, error);
}

static bool add_to(ConfigEdit *edit, const DiskAdd *options, DiskAdded *added, GError **error)
{
    Bundle *bundle = edit->bundle;
    if (!check_bundle(bundle, error) || !check_source(options, error) ||
        !make_drive(edit, options, &added->index, error) || !save(edit, true, error))
        return false;
    const ConfigDrive *drive = bundle->config->drives->pdata[added->index];
    g_autofree char *key = g_strdup_printf("Drive[%u].Interface", added->index);
    added->identifier = g_strdup(drive->identifier);
    added->interface = config_get(bundle->config, key, NULL);
    added->path = bundle_data_path(bundle, drive->image_name);
    if (options->dry_run)
        return true;
    if (!make_image(options, added->path, error))
        return false;
    if (save(edit, false, error))
        return true;
    (void) g_unlink(added->path);
    return false;
}

bool disk_add(const char *vm, const DiskAdd *options, DiskAdded *out_added, GError **error)
{
    g_autoptr(ConfigEdit) edit = config_edit_open(vm, error);
    g_auto(DiskAdded) added = { 0 };
    if (!edit)
        return false;
    if (!add_to(edit, options, &added, error)) {
        g_prefix_error(error, "VM \"%s\": cannot add a disk: ", edit->before->information.name);
        return false;
    }
    g_autoptr(GError) why = NULL;
    if (!options->dry_run && vm_is_running(edit->bundle)) {
        added.plugged = disk_plug(edit->bundle, added.index, &why);
        added.later = why ? g_strdup(why->message) : NULL;
    }
    *out_added = added;
    added = (DiskAdded){ 0 };
    return true;
}

/* ---- removing ---- */

/* The machine runs, but this image is not open any more. */
static bool part_with_image(ConfigEdit *edit, const DiskRemove *options, GPtrArray *notes,
                            GError **error)
{
    g_autoptr(ConfigFiles) files =
        config_files_begin(edit->bundle, edit->before, options->delete_image, error);
    if (!files || !bundle_save(edit->bundle, error))
        return false;
    config_files_finish(files, notes);
    return true;
}

static bool remove_stopped(ConfigEdit *edit, const DiskRemove *options, GPtrArray *notes,
                           GError **error)
{
    const ConfigSave save = { .delete_images = options->delete_image, .dry_run = options->dry_run };
    if (!config_edit_save(edit, &save, error))
        return false;
    for (guint i = 0; i < edit->notes->len; i++)
        g_ptr_array_add(notes, g_strdup(edit->notes->pdata[i]));
    return true;
}

static bool remove_from(ConfigEdit *edit, const char *word, const DiskRemove *options,
                        GPtrArray *notes, GError **error)
{
    g_autoptr(Disk) disk =
        check_bundle(edit->bundle, error) && guard_check_change(edit->bundle->path, NULL, error)
            ? disk_find(edit->bundle, word, error)
            : NULL;
    if (!disk)
        return false;
    g_autofree char *path = g_strdup_printf("Drive[%u]", disk->index);
    char *paths[] = { path, NULL };
    bool running = vm_is_running(edit->bundle);
    if (!config_edit_remove(edit, paths, error))
        return false;
    if (!running)
        return remove_stopped(edit, options, notes, error);
    return options->dry_run || (disk_unplug(edit->bundle, disk, options->timeout_us, error) &&
                                part_with_image(edit, options, notes, error));
}

bool disk_remove(const char *vm, const char *word, const DiskRemove *options, GPtrArray *notes,
                 GError **error)
{
    g_autoptr(ConfigEdit) edit = config_edit_open(vm, error);
    if (!edit)
        return false;
    if (remove_from(edit, word, options, notes, error))
        return true;
    add_context(edit, "remove the disk", error);
    return false;
}

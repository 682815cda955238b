/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a stopped machine that its snapshots are in. */
#include "core/snapshot/snapshot-images.h"

#include <string.h>
#include <unistd.h>

#include "core/efi-vars.h"
#include "core/error.h"
#include "core/qemu-img.h"

static void image_free(SnapshotImage *image)
{
    g_free(image->drive);
    g_free(image->path);
    image_info_free(image->info);
    g_free(image);
}

static bool add_image(GPtrArray *images, const char *drive, const char *path, GError **error)
{
    SnapshotImage *image = g_new0(SnapshotImage, 1);
    image->drive = g_strdup(drive);
    image->path = g_strdup(path);
    g_ptr_array_add(images, image);
    return image_probe(path, &image->info, error);
}

GPtrArray *snapshot_images(const Bundle *bundle, GError **error)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func((GDestroyNotify) image_free);
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        if (!drive->image_name || drive->read_only || drive->image_type != IMAGE_TYPE_DISK)
            continue;
        g_autofree char *path = bundle_data_path(bundle, drive->image_name);
        if (!add_image(images, drive->identifier, path, error))
            return NULL;
    }
    g_autofree char *vars = bundle_efi_vars_path(bundle);
    if (bundle->config->qemu.uefi_boot && access(vars, F_OK) == 0 &&
        !add_image(images, "efi_vars", vars, error))
        return NULL;
    return g_steal_pointer(&images);
}

static void add_obstacle(GString *list, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add_obstacle(GString *list, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_string_append(list, list->len ? "; " : "");
    g_string_append_vprintf(list, format, args);
    va_end(args);
}

static bool is_gl(const char *hardware)
{
    return g_str_has_suffix(hardware, "-gl") || strstr(hardware, "-gl-");
}

static void list_devices(const UtmConfig *config, GString *list)
{
    for (guint i = 0; i < config->drives->len; i++)
        if (((const ConfigDrive *) config->drives->pdata[i])->interface == DRIVE_INTERFACE_NVME)
            add_obstacle(list, "Drive[%u] is on NVMe, whose state QEMU cannot save (use VirtIO)",
                         i);
    for (guint i = 0; i < config->displays->len; i++) {
        const ConfigDisplay *display = config->displays->pdata[i];
        if (is_gl(display->hardware))
            add_obstacle(list, "Display[%u] \"%s\" has its state in the host's GPU", i,
                         display->hardware);
    }
}

bool snapshot_images_check(const Bundle *bundle, const GPtrArray *images, bool with_ram,
                           GError **error)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < images->len; i++) {
        const SnapshotImage *image = images->pdata[i];
        bool is_vars = strcmp(image->drive, "efi_vars") == 0;
        if (image->info->format != IMAGE_QCOW2)
            add_obstacle(
                list, "\"%s\" is %s, and only qcow2 holds snapshots%s", image->path,
                image_format_name(image->info->format),
                is_vars ? " (it is converted when one is made while the machine is stopped)" : "");
    }
    if (!images->len)
        add_obstacle(list, "it has no disk that can be written");
    if (with_ram)
        list_devices(bundle->config, list);
    if (!list->len)
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                  with_ram ? "utmctl snapshot create --disk-only leaves memory and devices out"
                           : "utmctl snapshot create --external leaves the images as they are",
                  "%s", list->str);
    return false;
}

const ImageSnapshot *snapshot_image_entry(const SnapshotImage *image, const char *tag)
{
    const GPtrArray *table = image->info->snapshots;
    for (guint i = 0; i < table->len; i++) {
        const ImageSnapshot *entry = table->pdata[i];
        if (strcmp(entry->tag, tag) == 0)
            return entry;
    }
    return NULL;
}

/* qemu-img takes ids for tags, so the tag must not be the id of another one: names of digits only
 * are refused when a snapshot is made. */
static bool change(const SnapshotImage *image, const char *how, const char *tag, GError **error)
{
    const char *argv[] = { "qemu-img", "snapshot", how, tag, image->path, NULL };
    return qemu_img_run(argv, error);
}

bool snapshot_images_create(const GPtrArray *images, const char *tag, GError **error)
{
    guint done = 0;
    while (done < images->len && change(images->pdata[done], "-c", tag, error))
        done++;
    if (done == images->len)
        return true;
    while (done-- > 0)
        utm_ignore(change(images->pdata[done], "-d", tag, NULL));
    return false;
}

bool snapshot_images_apply(const GPtrArray *images, const char *tag, GError **error)
{
    for (guint i = 0; i < images->len; i++)
        if (!change(images->pdata[i], "-a", tag, error))
            return false;
    return true;
}

bool snapshot_images_delete(const GPtrArray *images, const char *tag, GError **error)
{
    for (guint i = 0; i < images->len; i++) {
        const SnapshotImage *image = images->pdata[i];
        if (snapshot_image_entry(image, tag) && !change(image, "-d", tag, error))
            return false;
    }
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Work on the image of a disk in its place: its size, and whether it is sound. */
#include <cjson/cJSON.h>
#include <string.h>

#include "core/disk.h"
#include "core/error.h"
#include "core/guard.h"
#include "core/qemu-img.h"
#include "core/vm/keep-stopped.h"
#include "core/vm/saved-state.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json-auto.h"

enum { SECTOR = 512 };

static bool check_readable(const Disk *disk, GError **error)
{
    if (!disk->info)
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "%s", disk->problem);
    else if (!image_format_driver(disk->info->format))
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "QEMU cannot read \"%s\": it is %s",
                      disk->path, image_format_name(disk->info->format));
    else
        return true;
    return false;
}

static bool check_writable(const Disk *disk, GError **error)
{
    if (!check_readable(disk, error))
        return false;
    if (!disk->read_only)
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "drive %u is read-only", disk->index);
    return false;
}

static bool check_not_suspended(const Bundle *bundle, GError **error)
{
    if (!saved_state_exists(bundle))
        return true;
    utm_error_set(error, UTM_ERROR_WRONG_STATE, "start it and shut it down first",
                  "it is suspended, and its memory knows the disk as it is");
    return false;
}

/* What a name such as "json:…" means to qemu-img must not depend on the name. */
static char *file_name(const Disk *disk)
{
    return g_strconcat("file:", disk->path, NULL);
}

/* ---- size ---- */

/* Bytes of data behind an offset. */
static bool data_behind(const Disk *disk, uint64_t offset, uint64_t *out_bytes, GError **error)
{
    g_autofree char *name = file_name(disk);
    g_autofree char *from = g_strdup_printf("--start-offset=%" G_GUINT64_FORMAT, offset);
    const char *argv[] = { "qemu-img", "map", "--output=json",
                           from,       "-f",  image_format_driver(disk->info->format),
                           name,       NULL };
    g_autofree char *text = NULL;
    int status = 0;
    if (!qemu_img_read(argv, &text, &status, error))
        return false;
    g_autoptr(cJSON) map = cJSON_Parse(text);
    const cJSON *extent;
    *out_bytes = 0;
    cJSON_ArrayForEach (extent, map) {
        bool data = cJSON_IsTrue(cJSON_GetObjectItem(extent, "data")) &&
                    !cJSON_IsTrue(cJSON_GetObjectItem(extent, "zero"));
        if (data)
            *out_bytes += (uint64_t) cJSON_GetNumberValue(cJSON_GetObjectItem(extent, "length"));
    }
    return true;
}

static bool check_sound(const Bundle *bundle, const Disk *disk, GError **error);

static bool check_shrink(const Bundle *bundle, const Disk *disk, uint64_t size,
                         const DiskResize *options, GError **error)
{
    uint64_t lost = 0;
    if (!options->force) {
        utm_error_set(error, UTM_ERROR_USAGE, "make the guest's partitions smaller, then --force",
                      "it would become smaller, and what lies at its end would be lost");
        return false;
    }
    if (vm_is_running(bundle)) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl stop --request",
                      "a disk becomes smaller only while the machine is stopped");
        return false;
    }
    if (!check_sound(bundle, disk, error) || !data_behind(disk, size, &lost, error))
        return false;
    if (!lost || options->cut_data)
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "add --yes to cut them off",
                  "there are %" G_GUINT64_FORMAT " bytes of data behind its new end", lost);
    return false;
}

static bool resize_running(const Bundle *bundle, const Disk *disk, uint64_t size, GError **error)
{
    g_autofree char *device = g_strconcat("drive", disk->identifier, NULL);
    /* Source: QEMU 7.2 hw/nvme/ns.c: it shares nothing of its image */
    if (strcmp(disk->interface, "NVMe") == 0) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "stop it first",
                      "QEMU resizes no disk on NVMe while the machine runs");
        return false;
    }
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    return client && qmp_block_resize(client, device, NULL, (int64_t) size, error);
}

static bool resize_stopped(const Bundle *bundle, const Disk *disk, uint64_t size, bool shrink,
                           GError **error)
{
    g_autoptr(KeepStopped) stopped = keep_stopped(bundle, error);
    g_autofree char *name = file_name(disk);
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, size);
    const char *argv[] = {
        "qemu-img", "resize", "-q", "-f", image_format_driver(disk->info->format),
        name,       text,     NULL, NULL
    };
    if (shrink) {
        /* Options go before names. */
        argv[5] = "--shrink";
        argv[6] = name;
        argv[7] = text;
    }
    return stopped && qemu_img_run(argv, error);
}

/* QEMU tells a guest only over these. Source: QEMU 7.2 resize_cb in hw/block, hw/scsi */
static bool tells_guest(const Disk *disk)
{
    static const char *const words[] = { "VirtIO", "SCSI", "USB", NULL };
    return g_strv_contains(words, disk->interface);
}

static bool new_size(const Disk *disk, const DiskResize *options, uint64_t *out_size,
                     GError **error)
{
    uint64_t before = disk_size(disk);
    uint64_t size = (uint64_t) options->size_bytes + (options->is_relative ? before : 0);
    if (options->size_bytes <= 0 || size > G_MAXINT64 - SECTOR) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "that is no size for a disk");
        return false;
    }
    *out_size = (size + SECTOR - 1) / SECTOR * SECTOR;
    return true;
}

static bool resize(const Bundle *bundle, const Disk *disk, const DiskResize *options,
                   DiskResized *resized, GError **error)
{
    resized->before = disk_size(disk);
    if (!check_writable(disk, error) || !guard_check_change(bundle->path, NULL, error) ||
        !check_not_suspended(bundle, error) || !new_size(disk, options, &resized->after, error))
        return false;
    bool shrink = resized->after < resized->before;
    if (shrink && !check_shrink(bundle, disk, resized->after, options, error))
        return false;
    if (options->dry_run || resized->after == resized->before)
        return true;
    if (!vm_is_running(bundle))
        return resize_stopped(bundle, disk, resized->after, shrink, error);
    resized->guest_told = tells_guest(disk);
    return resize_running(bundle, disk, resized->after, error);
}

static bool done(const Bundle *bundle, const char *what, bool ok, GError **error)
{
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot %s: ", bundle->config->information.name, what);
    return ok;
}

bool disk_resize(const Bundle *bundle, const Disk *disk, const DiskResize *options,
                 DiskResized *out_resized, GError **error)
{
    DiskResized resized = { 0 };
    bool ok = resize(bundle, disk, options, &resized, error);
    if (ok)
        *out_resized = resized;
    return done(bundle, "resize the disk", ok, error);
}

/* ---- soundness ---- */

static int64_t number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);
    return cJSON_IsNumber(item) ? (int64_t) item->valuedouble : 0;
}

/* Raw images and others without tables have nothing that could be checked. */
static bool has_tables(const Disk *disk)
{
    ImageFormat format = disk->info->format;
    return format == IMAGE_QCOW2 || format == IMAGE_QED || format == IMAGE_VDI ||
           format == IMAGE_VMDK || format == IMAGE_VHDX;
}

static bool run_check(const Disk *disk, bool repair, DiskCheck *out_check, GError **error)
{
    g_autofree char *name = file_name(disk);
    const char *argv[] = { "qemu-img",
                           "check",
                           "--output=json",
                           "-f",
                           image_format_driver(disk->info->format),
                           name,
                           repair ? "-r" : NULL,
                           "all",
                           NULL };
    g_autofree char *text = NULL;
    int status = 0;
    if (!qemu_img_read(argv, &text, &status, error))
        return false;
    g_autoptr(cJSON) json = cJSON_Parse(text);
    out_check->errors = number(json, "corruptions") + number(json, "check-errors");
    out_check->leaks = number(json, "leaks");
    out_check->errors_fixed = number(json, "corruptions-fixed");
    out_check->leaks_fixed = number(json, "leaks-fixed");
    return true;
}

static bool check_sound(const Bundle *bundle, const Disk *disk, GError **error)
{
    DiskCheck check = { 0 };
    g_autoptr(KeepStopped) stopped = keep_stopped(bundle, error);
    if (!stopped || (has_tables(disk) && !run_check(disk, false, &check, error)))
        return false;
    if (check.errors)
        utm_error_set(error, UTM_ERROR_INVALID, "utmctl disk check --repair",
                      "its image is damaged in %" G_GINT64_FORMAT " places", check.errors);
    return !check.errors;
}

static bool check(const Bundle *bundle, const Disk *disk, bool repair, DiskCheck *out_check,
                  GError **error)
{
    if (!(repair ? check_writable(disk, error) && guard_check_change(bundle->path, NULL, error)
                 : check_readable(disk, error)))
        return false;
    out_check->can_check = has_tables(disk);
    if (!out_check->can_check)
        return true;
    g_autoptr(KeepStopped) stopped = keep_stopped(bundle, error);
    return stopped && run_check(disk, repair, out_check, error);
}

bool disk_check(const Bundle *bundle, const Disk *disk, bool repair, DiskCheck *out_check,
                GError **error)
{
    DiskCheck found = { 0 };
    bool ok = check(bundle, disk, repair, &found, error);
    if (ok)
        *out_check = found;
    return done(bundle, "check the disk", ok, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl disk: the disks of a machine. */
#include "cmd/disk.h"

#include <string.h>

#include "cmd/commands.h"
#include "cmd/interrupt.h"
#include "cmd/output.h"
#include "cmd/progress.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *disk;
    char *image, *interface;
    gint64 size;
    gboolean read_only, delete_image;
} opt;

static const CmdArg args_vm[] = { { .name = "VM", .kind = ARG_VM, .value = &opt.vm }, { 0 } };
static const CmdArg args_disk[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "DISK", .kind = ARG_WORD, .value = &opt.disk, .help = DISK_HELP },
    { 0 },
};

/* ---- what the verbs share ---- */

/* What was made so far is removed on the way out. */
LibexecWatch cmd_disk_watch(const char *what)
{
    interrupt_catch();
    return (LibexecWatch){ .progress = progress_step, .user = (void *) what };
}

const char *cmd_disk_would(void)
{
    return command_global.dry_run ? "would have " : "";
}

/* ---- list ---- */

static cJSON *snapshots_json(const ImageInfo *info)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; info && i < info->snapshots->len; i++) {
        const ImageSnapshot *snapshot = info->snapshots->pdata[i];
        cJSON_AddItemToArray(array, cJSON_CreateString(snapshot->tag));
    }
    return array;
}

static cJSON *disk_json(const Disk *disk)
{
    const ImageInfo *info = disk->info;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "drive", disk->index);
    cJSON_AddStringToObject(object, "identifier", disk->identifier);
    cJSON_AddStringToObject(object, "type", disk->type);
    cJSON_AddStringToObject(object, "interface", disk->interface);
    cJSON_AddBoolToObject(object, "read_only", disk->read_only);
    cJSON_AddStringToObject(object, "path", disk->path);
    output_json_add_text(object, "format", info ? image_format_name(info->format) : NULL);
    output_json_add_uint(object, "virtual_size", disk_size(disk));
    output_json_add_uint(object, "file_size", info ? info->file_size : 0);
    output_json_add_uint(object, "allocated", info ? info->allocated : 0);
    cJSON *chain = cJSON_AddArrayToObject(object, "chain");
    for (guint i = 0; i < disk->chain->len; i++)
        cJSON_AddItemToArray(chain, cJSON_CreateString(disk->chain->pdata[i]));
    cJSON_AddItemToObject(object, "snapshots", snapshots_json(info));
    cJSON_AddBoolToObject(object, "dirty", info && info->is_dirty);
    cJSON_AddBoolToObject(object, "corrupt", info && info->is_corrupt);
    output_json_add_text(object, "used_by", disk->used_by);
    output_json_add_text(object, "problem", disk->problem);
    return object;
}

/* What else there is to say of a disk, in its last column. */
static char *remarks(const Disk *disk)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    const ImageInfo *info = disk->info;
    if (disk->problem)
        g_ptr_array_add(words, g_strdup(disk->problem));
    if (disk->read_only)
        g_ptr_array_add(words, g_strdup("read-only"));
    if (info && info->is_corrupt)
        g_ptr_array_add(words, g_strdup("corrupt"));
    if (info && info->snapshots->len)
        g_ptr_array_add(words, g_strdup_printf("%u snapshots", info->snapshots->len));
    if (disk->chain->len)
        g_ptr_array_add(words, g_strdup_printf("over %s", (char *) disk->chain->pdata[0]));
    if (disk->used_by)
        g_ptr_array_add(words, g_strdup_printf("used by %s", disk->used_by));
    g_ptr_array_add(words, NULL);
    return g_strjoinv("; ", (char **) words->pdata);
}

static char **disk_row(const Disk *disk)
{
    char **row = g_new0(char *, 8);
    const char *slash = strrchr(disk->path, '/');
    row[0] = g_strdup_printf("%u", disk->index);
    row[1] = g_strdup(disk->interface);
    row[2] = g_strdup(disk->info ? image_format_name(disk->info->format) : "?");
    row[3] = value_format_size(disk_size(disk));
    row[4] = value_format_size(disk->info ? disk->info->allocated : 0);
    row[5] = g_strdup(slash ? slash + 1 : disk->path);
    row[6] = remarks(disk);
    return row;
}

static bool run_list(GError **error)
{
    static const char *const header[] = { "Drive",   "Interface", "Format", "Size",
                                          "On disk", "Image",     "",       NULL };
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    if (!bundle)
        return false;
    g_autoptr(GPtrArray) list = disk_list(bundle);
    if (command_global.json) {
        cJSON *array = cJSON_CreateArray();
        for (guint i = 0; i < list->len; i++)
            cJSON_AddItemToArray(array, disk_json(list->pdata[i]));
        output_json(array);
        return true;
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    for (guint i = 0; i < list->len; i++)
        g_ptr_array_add(rows, disk_row(list->pdata[i]));
    output_table(header, rows);
    return true;
}

static const Command disk_list_command = {
    .name = "list",
    .summary = "Show the disks of a virtual machine",
    .description = "Their images in the bundle, with the size that the guest sees and the room "
                   "that they take. `utmctl mount VM` shows what is in removable drives.",
    .args = args_vm,
    .run = run_list,
};

/* ---- add ---- */

static const CmdOption add_options[] = {
    { .name = "size",
      .kind = OPT_SIZE,
      .value = &opt.size,
      .arg = "SIZE",
      .help = "Size of an empty disk, such as 10G" },
    { .name = "image",
      .kind = OPT_PATH,
      .value = &opt.image,
      .arg = "FILE",
      .help = "Copy this image into the bundle; what is not qcow2 is converted" },
    { .name = "interface",
      .kind = OPT_STRING,
      .value = &opt.interface,
      .arg = "BUS",
      .help = "virtio, nvme, usb, scsi or ide; without it that of its first disk" },
    { .name = "read-only",
      .kind = OPT_FLAG,
      .value = &opt.read_only,
      .help = "The guest may not write to it" },
    { 0 },
};

static bool check_add(GError **error)
{
    if ((opt.size > 0) != (opt.image != NULL))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "utmctl disk add VM --size 10G",
                  "say what the disk is to be: either --size or --image");
    return false;
}

static void print_added(const DiskAdded *added)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "drive", added->index);
        cJSON_AddStringToObject(object, "identifier", added->identifier);
        cJSON_AddStringToObject(object, "interface", added->interface);
        cJSON_AddStringToObject(object, "path", added->path);
        cJSON_AddBoolToObject(object, "plugged", added->plugged);
        output_json_add_text(object, "later", added->later);
        output_json(object);
    }
    output_note("%sadded drive %u (%s)%s", cmd_disk_would(), added->index, added->interface,
                added->plugged ? "; the guest has it" : "");
    if (added->later)
        output_note("it comes with the next start: %s", added->later);
}

static bool run_add(GError **error)
{
    if (!check_add(error))
        return false;
    const DiskAdd options = { .size_bytes = (uint64_t) opt.size,
                              .image = opt.image,
                              .interface = opt.interface,
                              .read_only = opt.read_only,
                              .dry_run = command_global.dry_run,
                              .watch = cmd_disk_watch("copying") };
    g_auto(DiskAdded) added = { 0 };
    bool ok = disk_add(opt.vm, &options, &added, error);
    output_progress_end();
    if (ok)
        print_added(&added);
    return ok;
}

static const Command disk_add_command = {
    .name = "add",
    .summary = "Give a virtual machine another disk",
    .description = "A running machine gets it at once over VirtIO, NVMe, SCSI or USB where it has "
                   "room for that; otherwise it comes with the next start, which is said.",
    .args = args_vm,
    .options = add_options,
    .shared = SHARED_DRY_RUN,
    .run = run_add,
};

/* ---- remove ---- */

static const CmdOption remove_options[] = {
    { .name = "delete-image",
      .kind = OPT_FLAG,
      .value = &opt.delete_image,
      .help = "Delete the image instead of keeping it in the folder Unused of the bundle" },
    { 0 },
};

static bool confirm_delete(GError **error)
{
    g_autofree char *question =
        g_strdup_printf("Delete the image of disk \"%s\" for good?", opt.disk);
    return !opt.delete_image || command_global.dry_run || command_confirm(question, error);
}

static bool run_remove(GError **error)
{
    const DiskRemove options = { .delete_image = opt.delete_image,
                                 .dry_run = command_global.dry_run,
                                 .timeout_us = command_global.timeout_us };
    g_autoptr(GPtrArray) notes = g_ptr_array_new_with_free_func(g_free);
    if (!confirm_delete(error) || !disk_remove(opt.vm, opt.disk, &options, notes, error))
        return false;
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON *array = cJSON_AddArrayToObject(object, "notes");
        for (guint i = 0; i < notes->len; i++)
            cJSON_AddItemToArray(array, cJSON_CreateString(notes->pdata[i]));
        output_json(object);
    }
    output_note("%sremoved disk \"%s\"", cmd_disk_would(), opt.disk);
    for (guint i = 0; i < notes->len; i++)
        output_note("%s", (const char *) notes->pdata[i]);
    return true;
}

static const Command disk_remove_command = {
    .name = "remove",
    .summary = "Take a disk from a virtual machine",
    .description = "A running guest is asked to let go of it; unmount it there first. The image is "
                   "kept in the folder Unused of the bundle, and `config add VM Drive "
                   "ImageName=NAME` brings it back.",
    .args = args_disk,
    .options = remove_options,
    .shared = SHARED_DRY_RUN | SHARED_YES | SHARED_TIMEOUT,
    .timeout_us = 15 * G_USEC_PER_SEC,
    .run = run_remove,
};

static const Command *const children[] = {
    &disk_list_command, &disk_add_command, &disk_remove_command, &cmd_disk_resize,
    &cmd_disk_compact,  &cmd_disk_check,   &cmd_disk_convert,    NULL,
};

static const char *const examples[] = {
    "utmctl disk add web --size 10G",
    "Give a machine another disk, also while it runs",
    "utmctl disk resize web 0 +5G",
    "Make its first disk larger",
    "utmctl disk compact web 0",
    "Have its image take less room",
    NULL,
};

const Command cmd_disk = {
    .name = "disk",
    .group = GROUP_MEDIA,
    .summary = "Show, add, remove and look after the disks of a virtual machine",
    .examples = examples,
    .children = children,
};

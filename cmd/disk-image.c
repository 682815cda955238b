/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl disk resize, compact, check and convert: work on an image. */
#include <stdio.h>

#include "cmd/disk.h"
#include "cmd/output.h"
#include "cmd/values.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *disk, *size_text, *format;
    gboolean force, repair;
} opt;

static const CmdArg args_disk[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "DISK", .kind = ARG_WORD, .value = &opt.disk, .help = DISK_HELP },
    { 0 },
};

static Disk *find_disk(const Bundle *bundle, GError **error)
{
    Disk *disk = disk_find(bundle, opt.disk, error);
    if (!disk)
        g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
    return disk;
}

/* ---- resize ---- */

static const CmdArg resize_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "DISK", .kind = ARG_WORD, .value = &opt.disk, .help = DISK_HELP },
    { .name = "SIZE",
      .kind = ARG_WORD,
      .value = &opt.size_text,
      .help = "New size, such as 20G, or what it grows by, such as +5G" },
    { 0 },
};

static const CmdOption resize_options[] = {
    { .name = "force",
      .letter = 'f',
      .kind = OPT_FLAG,
      .value = &opt.force,
      .help = "Let it become smaller; --yes also when data are cut off" },
    { 0 },
};

static bool run_resize(GError **error)
{
    DiskResize options = { .is_relative = opt.size_text[0] == '+',
                           .force = opt.force,
                           .cut_data = command_global.yes,
                           .dry_run = command_global.dry_run };
    g_autoptr(Bundle) bundle =
        value_parse_size(opt.size_text + options.is_relative, &options.size_bytes, error)
            ? library_open(opt.vm, error)
            : NULL;
    g_autoptr(Disk) disk = bundle ? find_disk(bundle, error) : NULL;
    DiskResized resized = { 0 };
    if (!disk || !disk_resize(bundle, disk, &options, &resized, error))
        return false;
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "drive", disk->index);
        output_json_add_uint(object, "before", resized.before);
        output_json_add_uint(object, "after", resized.after);
        cJSON_AddBoolToObject(object, "guest_told", resized.guest_told);
        output_json(object);
    }
    g_autofree char *before = value_format_size(resized.before);
    g_autofree char *after = value_format_size(resized.after);
    if (resized.before == resized.after) {
        output_note("disk \"%s\" has this size", opt.disk);
        return true;
    }
    output_note("%sresized disk \"%s\" from %s to %s%s", cmd_disk_would(), opt.disk, before, after,
                resized.guest_told ? "; the guest sees it" : "");
    return true;
}

const Command cmd_disk_resize = {
    .name = "resize",
    .summary = "Make a disk larger, or smaller",
    .description = "A disk grows also while the machine runs. Partitions and file systems are the "
                   "guest's own to change. It becomes smaller only with --force, while the machine "
                   "is stopped and when its image is sound; where that would cut data off, --yes "
                   "is needed too.",
    .args = resize_args,
    .options = resize_options,
    .shared = SHARED_DRY_RUN | SHARED_YES,
    .run = run_resize,
};

/* ---- compact ---- */

static bool run_compact(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(Disk) disk = bundle ? find_disk(bundle, error) : NULL;
    const LibexecWatch how = cmd_disk_watch("compacting");
    uint64_t saved = 0;
    bool ok = disk && disk_compact(bundle, disk, command_global.dry_run, &how, &saved, error);
    output_progress_end();
    if (!ok)
        return false;
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "drive", disk->index);
        output_json_add_uint(object, "saved", saved);
        output_json(object);
    }
    g_autofree char *size = value_format_size(saved);
    if (command_global.dry_run)
        output_note("would have compacted disk \"%s\"", opt.disk);
    else
        output_note(saved ? "compacted disk \"%s\", which takes %s less"
                          : "disk \"%s\" has nothing to give back",
                    opt.disk, size);
    return true;
}

const Command cmd_disk_compact = {
    .name = "compact",
    .summary = "Give back to the host what a disk does not use",
    .description = "A new image is written without what the guest has freed or filled with zeros, "
                   "compared with the old one, and takes its name. The machine is stopped. An "
                   "image with snapshots is refused, because they would be lost.",
    .args = args_disk,
    .shared = SHARED_DRY_RUN,
    .run = run_compact,
};

/* ---- check ---- */

static const CmdOption check_options[] = {
    { .name = "repair",
      .kind = OPT_FLAG,
      .value = &opt.repair,
      .help = "Repair what can be repaired" },
    { 0 },
};

static void print_check(const Disk *disk, const DiskCheck *check)
{
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "drive", disk->index);
        cJSON_AddBoolToObject(object, "can_check", check->can_check);
        cJSON_AddNumberToObject(object, "errors", (double) check->errors);
        cJSON_AddNumberToObject(object, "leaks", (double) check->leaks);
        cJSON_AddNumberToObject(object, "errors_fixed", (double) check->errors_fixed);
        cJSON_AddNumberToObject(object, "leaks_fixed", (double) check->leaks_fixed);
        output_json(object);
        return;
    }
    if (!check->can_check)
        printf("a %s image has nothing that could be checked\n",
               image_format_name(disk->info->format));
    else if (!check->errors && !check->leaks)
        printf("the image is sound\n");
    else
        printf("%" G_GINT64_FORMAT " damaged places, %" G_GINT64_FORMAT " leaked clusters\n",
               check->errors, check->leaks);
    if (check->errors_fixed || check->leaks_fixed)
        printf("repaired: %" G_GINT64_FORMAT " damaged places, %" G_GINT64_FORMAT
               " leaked clusters\n",
               check->errors_fixed, check->leaks_fixed);
}

static bool run_check(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(Disk) disk = bundle ? find_disk(bundle, error) : NULL;
    DiskCheck check = { 0 };
    if (!disk || !disk_check(bundle, disk, opt.repair, &check, error))
        return false;
    print_check(disk, &check);
    if (!check.errors)
        return true;
    utm_error_set(error, UTM_ERROR_INVALID,
                  opt.repair ? "go back to a snapshot or a copy" : "utmctl disk check --repair",
                  "VM \"%s\": the image of disk \"%s\" is damaged",
                  bundle->config->information.name, opt.disk);
    return false;
}

const Command cmd_disk_check = {
    .name = "check",
    .summary = "Look for damage in the image of a disk",
    .description = "Whether its tables are sound, not what the guest has written. The machine is "
                   "stopped. Exit status 9 says that it is damaged; leaked clusters only take "
                   "room.",
    .args = args_disk,
    .options = check_options,
    .run = run_check,
};

/* ---- convert ---- */

static const char *const formats[] = { "qcow2", "raw", NULL };
/* clang-format off */
static const CmdOption convert_options[] = {
    { .name = "format",
      .kind = OPT_CHOICE,
      .value = &opt.format,
      .arg = "FORMAT",
      .choices = formats,
      .help = "Format of the new image, by default qcow2, which has snapshots" },
    { 0 },
};
/* clang-format on */

static bool run_convert(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    g_autoptr(Disk) disk = bundle ? find_disk(bundle, error) : NULL;
    const LibexecWatch how = cmd_disk_watch("converting");
    g_autofree char *name = NULL;
    bool ok = disk && disk_convert(bundle, disk, opt.format ? opt.format : "qcow2",
                                   command_global.dry_run, &how, &name, error);
    output_progress_end();
    if (!ok)
        return false;
    if (command_global.json) {
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "drive", disk->index);
        cJSON_AddStringToObject(object, "image", name);
        output_json(object);
    }
    output_note("%sconverted disk \"%s\" to \"%s\"", cmd_disk_would(), opt.disk, name);
    return true;
}

const Command cmd_disk_convert = {
    .name = "convert",
    .summary = "Have a disk in another image format",
    .description = "A new image is written and compared with the old one before the machine gets "
                   "it. The machine is stopped. An image with snapshots is refused, because they "
                   "would be lost. What was made over other images becomes whole.",
    .args = args_disk,
    .options = convert_options,
    .shared = SHARED_DRY_RUN,
    .run = run_convert,
};

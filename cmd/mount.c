/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl mount and unmount: what is in a machine's removable drives. */
#include "core/media.h"

#include "cmd/command.h"
#include "cmd/commands.h"
#include "cmd/output.h"
#include "core/error.h"
#include "core/library.h"

static struct {
    char *vm, *drive, *image;
    gboolean read_only, force, tools;
} opt;

static const CmdArg mount_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "DRIVE",
      .kind = ARG_WORD,
      .value = &opt.drive,
      .optional = true,
      .help = "Its number or Identifier, or cd, floppy, usb or disk where there is one such" },
    { .name = "IMAGE",
      .kind = ARG_PATH,
      .value = &opt.image,
      .optional = true,
      .help = "A file of this host: ISO, raw, qcow2, vmdk, vhdx…" },
    { 0 },
};

static const CmdArg unmount_args[] = {
    { .name = "VM", .kind = ARG_VM, .value = &opt.vm },
    { .name = "DRIVE", .kind = ARG_WORD, .value = &opt.drive, .help = "As for mount" },
    { 0 },
};

#define FORCE_OPTION                                                                               \
    {                                                                                              \
        .name = "force", .kind = OPT_FLAG, .value = &opt.force,                                    \
        .help = "Also when the guest keeps the tray shut"                                          \
    }

static const char *state_word(const MediaDrive *drive)
{
    if (drive->tray_open)
        return "tray open";
    return drive->locked ? "locked by the guest" : "";
}

static cJSON *list_json(const GPtrArray *list)
{
    cJSON *array = cJSON_CreateArray();
    for (guint i = 0; i < list->len; i++) {
        const MediaDrive *drive = list->pdata[i];
        cJSON *object = cJSON_CreateObject();
        cJSON_AddNumberToObject(object, "drive", drive->index);
        cJSON_AddStringToObject(object, "identifier", drive->identifier);
        cJSON_AddStringToObject(object, "kind", drive->kind);
        cJSON_AddItemToObject(object, "image",
                              drive->image ? cJSON_CreateString(drive->image) : cJSON_CreateNull());
        cJSON_AddBoolToObject(object, "tray_open", drive->tray_open);
        cJSON_AddBoolToObject(object, "locked", drive->locked);
        cJSON_AddItemToArray(array, object);
    }
    return array;
}

static bool print_drives(const Bundle *bundle, GError **error)
{
    static const char *const header[] = { "Drive", "Kind", "Identifier", "Image", "", NULL };
    g_autoptr(GPtrArray) list = media_list(bundle, error);
    if (!list)
        return false;
    if (command_global.json) {
        output_json(list_json(list));
        return true;
    }
    g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func((GDestroyNotify) g_strfreev);
    for (guint i = 0; i < list->len; i++) {
        const MediaDrive *drive = list->pdata[i];
        char **row = g_new0(char *, 6);
        row[0] = g_strdup_printf("%u", drive->index);
        row[1] = g_strdup(drive->kind);
        row[2] = g_strdup(drive->identifier);
        row[3] = g_strdup(drive->image ? drive->image : "-");
        row[4] = g_strdup(state_word(drive));
        g_ptr_array_add(rows, row);
    }
    output_table(header, rows);
    return true;
}

static MediaChange change(void)
{
    return (MediaChange){ .read_only = opt.read_only,
                          .force = opt.force,
                          .dry_run = command_global.dry_run,
                          .timeout_us = command_global.timeout_us };
}

/* Drive and image are looked up where they were not said. */
static bool take_tools(const Bundle *bundle, GError **error)
{
    if (!opt.tools)
        return true;
    opt.image = media_tools_image(bundle, error);
    if (opt.image && !opt.drive)
        opt.drive = media_tools_drive(bundle, error);
    return opt.image && opt.drive;
}

static bool check_words(GError **error)
{
    if (opt.tools && opt.image) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl mount VM --tools",
                      "with --tools no image can be said: it is the one that is configured");
        return false;
    }
    if (opt.drive && !opt.image && !opt.tools) {
        utm_error_set(error, UTM_ERROR_USAGE, "utmctl mount VM DRIVE IMAGE",
                      "an image is missing to put into \"%s\"", opt.drive);
        return false;
    }
    return true;
}

static bool run_mount(GError **error)
{
    g_autoptr(Bundle) bundle = check_words(error) ? library_open(opt.vm, error) : NULL;
    MediaChange how = change();
    if (!bundle || !take_tools(bundle, error) ||
        (opt.drive && !media_mount(bundle, opt.drive, opt.image, &how, error)))
        return false;
    if (opt.drive && command_global.dry_run)
        output_note("would put \"%s\" into drive \"%s\"", opt.image, opt.drive);
    return (opt.drive && !command_global.json) || print_drives(bundle, error);
}

static bool run_unmount(GError **error)
{
    g_autoptr(Bundle) bundle = library_open(opt.vm, error);
    MediaChange how = change();
    if (!bundle || !media_unmount(bundle, opt.drive, &how, error))
        return false;
    if (command_global.dry_run)
        output_note("would empty drive \"%s\"", opt.drive);
    return !command_global.json || print_drives(bundle, error);
}

static const CmdOption mount_options[] = {
    { .name = "read-only",
      .kind = OPT_FLAG,
      .value = &opt.read_only,
      .help = "The guest may not write to it; a CD is never written to" },
    { .name = "tools",
      .kind = OPT_FLAG,
      .value = &opt.tools,
      .help = "Put in the image with guest tools that is configured; without DRIVE into a CD "
              "drive" },
    FORCE_OPTION,
    { 0 },
};

static const CmdOption unmount_options[] = { FORCE_OPTION, { 0 } };

static const char *const examples[] = {
    "utmctl mount web cd debian-12.iso",
    "Put a CD into its only CD drive",
    "utmctl mount web --tools",
    "The configured image with guest tools, such as virtio-win.iso",
    "utmctl mount web",
    "What is in its drives",
    NULL,
};

const Command cmd_mount = {
    .name = "mount",
    .group = GROUP_MEDIA,
    .summary = "Put an image into a removable drive, or list what is in them",
    .description =
        "While the machine runs, or for its next start. What is inserted is remembered on this "
        "host, not in the bundle. A guest that keeps the tray shut is asked to open it; when it "
        "does not in time, what was in the drive stays. The format is looked up in the image.\n\n"
        "Guest tools are the image that UTMCTL_TOOLS names, or ARCHITECTURE.iso or tools.iso in "
        "$XDG_DATA_HOME/utmctl/tools.",
    .args = mount_args,
    .options = mount_options,
    .shared = SHARED_TIMEOUT | SHARED_DRY_RUN,
    .timeout_us = 10 * G_USEC_PER_SEC,
    .examples = examples,
    .run = run_mount,
};

const Command cmd_unmount = {
    .name = "unmount",
    .group = GROUP_MEDIA,
    .summary = "Empty a removable drive",
    .args = unmount_args,
    .options = unmount_options,
    .shared = SHARED_TIMEOUT | SHARED_DRY_RUN,
    .timeout_us = 10 * G_USEC_PER_SEC,
    .run = run_unmount,
};

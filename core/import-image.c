/* SPDX-License-Identifier: Apache-2.0 */
/* Machines made around an image. */
#include <string.h>

#include "bundles/image.h"
#include "core/convert.h"
#include "core/create-plan.h"
#include "core/error.h"
#include "core/import-private.h"

/* What a raw image, which has no magic number, is called. */
static const char *const raw_endings[] = { ".img", ".raw", ".dd", ".dsk", ".hda", ".bin", NULL };

/* What an image of a CD is called; those of Macintoshes have HFS alone, and none of ISO 9660. */
static const char *const cd_endings[] = { ".iso", ".cdr", ".toast", NULL };

enum { CD_SECTOR = 2048 };

static const char *const endings[] = { ".qcow2", ".qcow", ".vmdk", ".vhdx", ".vhd",   ".vdi",
                                       ".vpc",   ".iso",  ".dmg",  ".cdr",  ".toast", ".img",
                                       ".raw",   ".dd",   ".zip",  ".tar",  ".gz",    ".xz",
                                       ".zst",   ".tgz",  ".utm",  NULL };

static bool has_ending(const char *label, const char *ending)
{
    size_t length = strlen(label), tail = strlen(ending);
    return length > tail && g_ascii_strcasecmp(label + length - tail, ending) == 0;
}

char *import_label_name(const char *label)
{
    char *name = g_utf8_make_valid(label, -1);
    for (size_t i = 0; endings[i]; i++)
        if (has_ending(name, endings[i])) {
            name[strlen(name) - strlen(endings[i])] = '\0';
            i = (size_t) -1; /* "web.utm.zip" has two */
        }
    return name;
}

static bool is_named(const char *label, const char *const *list)
{
    for (size_t i = 0; list[i]; i++)
        if (has_ending(label, list[i]))
            return true;
    return false;
}

/* An image is taken only if it is whole: names in its header could be any file of this host. */
static bool check_whole(const ImageInfo *info, const char *path, GError **error)
{
    if (!image_format_driver(info->format)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "\"%s\" is %s, which QEMU cannot read",
                      path, image_format_name(info->format));
        return false;
    }
    const char *other = info->backing_file   ? info->backing_file
                        : info->data_file    ? info->data_file
                        : info->extents->len ? info->extents->pdata[0]
                                             : NULL;
    if (!other)
        return true;
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *hint = g_strdup_printf("qemu-img convert -O qcow2 %s whole.qcow2", quoted);
    utm_error_set(error, UTM_ERROR_INVALID, hint, "image \"%s\" is not whole: it needs \"%s\"",
                  path, other);
    return false;
}

static bool probe(const char *path, const char *label, ImageInfo **out_info, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, error))
        return false;
    if (info->format == IMAGE_RAW && is_named(label, cd_endings) &&
        info->file_size % CD_SECTOR == 0)
        info->format = IMAGE_ISO9660; /* so it goes into the CD drive as it is */
    if (info->format == IMAGE_RAW && !is_named(label, raw_endings)) {
        utm_error_set(error, UTM_ERROR_INVALID, "a raw image has to be called .img or .raw",
                      "\"%s\" is neither a bundle nor an archive nor an image", label);
        return false;
    }
    if (info->file_size == 0) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL, "\"%s\" is empty", path);
        return false;
    }
    if (!check_whole(info, path, error))
        return false;
    *out_info = g_steal_pointer(&info);
    return true;
}

bool import_check_image(const char *path, const char *label, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    return probe(path, label, &info, error);
}

/* UTM has disks as qcow2, without which there are no snapshots. Source: UTM 5.0.3 on macOS */
static bool place_disk(const ImportOptions *options, const ImageInfo *info, const char *from,
                       const char *to, GError **error)
{
    const LibexecWatch *watch = &options->watch;
    bool keep = info->format == IMAGE_QCOW2 || (info->format == IMAGE_RAW && options->raw);
    return keep ? tree_copy_file(from, to, watch->progress, watch->user, error)
                : convert_image(from, image_format_driver(info->format), to, watch, error);
}

static char *image_name(const ImportOptions *options, const ImageInfo *info, const char *identifier)
{
    const char *ending = info->format == IMAGE_ISO9660               ? "iso"
                         : info->format == IMAGE_RAW && options->raw ? "img"
                                                                     : "qcow2";
    return g_strdup_printf("%s.%s", identifier, ending);
}

/* An ISO image goes into the CD drive that the machine has, a disk becomes a new drive. */
static ConfigDrive *find_drive(UtmConfig *config, ImageType type)
{
    for (guint i = 0; type == IMAGE_TYPE_CD && i < config->drives->len; i++) {
        ConfigDrive *drive = config->drives->pdata[i];
        if (drive->image_type == type)
            return drive;
    }
    ConfigDrive *drive = config_drive_new(type, create_drive_interface(config, type));
    g_ptr_array_add(config->drives, drive);
    return drive;
}

static bool add_image(const ImportOptions *options, const ImageInfo *info, Bundle *bundle,
                      const char *path, GError **error)
{
    bool is_cd = info->format == IMAGE_ISO9660;
    UtmConfig *config = bundle->config;
    ConfigDrive *drive = find_drive(config, is_cd ? IMAGE_TYPE_CD : IMAGE_TYPE_DISK);
    if (drive->interface == DRIVE_INTERFACE_NONE) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "machine type \"%s\" can have no drives",
                      config->system.target);
        return false;
    }
    drive->image_name = image_name(options, info, drive->identifier);
    g_autofree char *target = bundle_data_path(bundle, drive->image_name);
    const LibexecWatch *watch = &options->watch;
    bool ok = is_cd ? tree_copy_file(path, target, watch->progress, watch->user, error)
                    : place_disk(options, info, path, target, error);
    return ok && bundle_save(bundle, error);
}

static bool create_machine(const ImportOptions *options, const char *name, bool is_cd,
                           const char *output, GPtrArray *notes, GError **error)
{
    static const char *const cdroms[] = { "empty", NULL };
    const CreateOptions create = { .name = name,
                                   .output = output,
                                   .architecture = options->architecture,
                                   .uefi = options->uefi,
                                   .no_disks = !is_cd,
                                   .cdroms = is_cd ? cdroms : NULL };
    const CreateWatch watch = { .progress = options->watch.progress, .user = options->watch.user };
    g_autoptr(CreatePlan) plan = create_plan_new(&create, error);
    if (!plan)
        return false;
    const GPtrArray *warnings = create_plan_warnings(plan);
    for (guint i = 0; i < warnings->len; i++)
        g_ptr_array_add(notes, g_strdup(warnings->pdata[i]));
    return create_run(plan, &watch, error);
}

char *import_image(const ImportOptions *options, const char *path, const char *label,
                   const char *staging, GPtrArray *notes, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!probe(path, label, &info, error))
        return NULL;
    g_autofree char *own_name = import_label_name(label);
    const char *name = options->name ? options->name : own_name;
    g_autofree char *output = g_build_filename(staging, "image.utm", NULL);
    if (!create_machine(options, name, info->format == IMAGE_ISO9660, output, notes, error))
        return NULL;
    g_autoptr(Bundle) bundle = bundle_open(output, error);
    if (!bundle || !add_image(options, info, bundle, path, error))
        return NULL;
    return g_steal_pointer(&output);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Options of `create` that bring files: disks, media, kernels, an icon. */
#include <string.h>

#include "bundles/image.h"
#include "core/create-plan.h"
#include "core/error.h"

static bool check_file(const char *path, GError **error)
{
    if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
        return true;
    bool exists = g_file_test(path, G_FILE_TEST_EXISTS);
    utm_error_set(error, exists ? UTM_ERROR_INVALID : UTM_ERROR_NOT_FOUND, NULL, "%s \"%s\"",
                  exists ? "not a regular file:" : "there is no file", path);
    return false;
}

/* Images that are not whole by themselves are not copied: the copy would name files elsewhere. */
static bool check_image(const char *path, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!check_file(path, error) || !image_probe(path, &info, error))
        return false;
    if (image_format_driver(info->format) && !info->backing_file && !info->data_file &&
        info->extents->len == 0)
        return true;
    g_autofree char *quoted = g_shell_quote(path);
    g_autofree char *hint = g_strdup_printf("qemu-img convert -O qcow2 %s disk.qcow2", quoted);
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, image_format_driver(info->format) ? hint : NULL,
                  "image \"%s\" is %s", path,
                  image_format_driver(info->format) ? "not whole: it needs another file"
                                                    : "of a format that QEMU cannot read");
    return false;
}

static ConfigDrive *add_drive(CreatePlan *plan, ImageType type)
{
    UtmConfig *config = plan->bundle->config;
    bool is_cloud_disk = plan->is_cloud && type == IMAGE_TYPE_DISK;
    ConfigDrive *drive =
        config_drive_new(type, is_cloud_disk ? create_cloud_interface(config)
                                             : create_drive_interface(config, type));
    g_ptr_array_add(config->drives, drive);
    return drive;
}

static void add_empty_disk(CreatePlan *plan, uint64_t size_bytes)
{
    ConfigDrive *drive = add_drive(plan, IMAGE_TYPE_DISK);
    g_autofree char *name = g_strconcat(drive->identifier, ".qcow2", NULL);
    drive->image_name = g_strdup(create_add_file(plan, name, size_bytes, NULL));
}

static bool add_copy(CreatePlan *plan, ImageType type, const char *path, uint64_t grow_bytes,
                     GError **error)
{
    if (!check_file(path, error))
        return false;
    g_autofree char *base = g_path_get_basename(path);
    const char *name = create_add_file(plan, base, grow_bytes, path);
    add_drive(plan, type)->image_name = g_strdup(name);
    return true;
}

static bool add_cdrom(CreatePlan *plan, const char *word, GError **error)
{
    bool empty = g_str_equal(word, "empty");
    if (!empty && !check_image(word, error))
        return false;
    ConfigDrive *drive = add_drive(plan, IMAGE_TYPE_CD);
    drive->read_only = true;
    if (!empty)
        g_hash_table_insert(plan->facts->media, g_strdup(drive->identifier),
                            g_canonicalize_filename(word, NULL));
    return true;
}

/* Sizes go to the disks of the template that nobody has made yet, before they make new ones. */
static unsigned fill_template_disks(CreatePlan *plan, const CreateOptions *options)
{
    const GPtrArray *drives = plan->bundle->config->drives;
    unsigned used = 0, count = plan->template_path && !plan->assembler ? drives->len : 0;
    for (unsigned i = 0; i < count; i++) {
        ConfigDrive *drive = g_ptr_array_index(drives, i);
        if (drive->image_type != IMAGE_TYPE_DISK || !drive->image_name)
            continue;
        g_autofree char *path =
            g_build_filename(plan->template_path, "Data", drive->image_name, NULL);
        if (g_file_test(path, G_FILE_TEST_EXISTS))
            continue;
        bool sized = used < options->n_disks && !options->disks[used].path;
        g_autofree char *name = g_steal_pointer(&drive->image_name);
        uint64_t size =
            sized ? options->disks[used].size_bytes : create_usual_disk_bytes(plan->bundle->config);
        drive->image_name = g_strdup(create_add_file(plan, name, size, NULL));
        used += sized;
    }
    return used;
}

static bool can_have_drives(const CreatePlan *plan)
{
    const UtmConfig *config = plan->bundle->config;
    return create_drive_interface(config, IMAGE_TYPE_DISK) != DRIVE_INTERFACE_NONE &&
           create_drive_interface(config, IMAGE_TYPE_CD) != DRIVE_INTERFACE_NONE;
}

static bool add_disks(CreatePlan *plan, const CreateOptions *options, GError **error)
{
    for (unsigned i = fill_template_disks(plan, options); i < options->n_disks; i++) {
        const CreateDisk *disk = &options->disks[i];
        if (!disk->path)
            add_empty_disk(plan, disk->size_bytes);
        else if (!check_image(disk->path, error) ||
                 !add_copy(plan, IMAGE_TYPE_DISK, disk->path, disk->size_bytes, error))
            return false;
    }
    bool any = options->n_disks > 0 || options->no_disks || options->template || options->kernel;
    if (!any && can_have_drives(plan))
        add_empty_disk(plan, create_usual_disk_bytes(plan->bundle->config));
    return true;
}

/* UTM writes option and value as two elements. */
static void add_argument(UtmConfig *config, const char *option, const char *value)
{
    char **old = config->qemu.additional_arguments;
    unsigned count = g_strv_length(old);
    char **arguments = g_new0(char *, count + 3);
    for (unsigned i = 0; i < count; i++)
        arguments[i] = g_steal_pointer(&old[i]);
    arguments[count] = g_strdup(option);
    arguments[count + 1] = g_strdup(value);
    g_free(old);
    config->qemu.additional_arguments = arguments;
}

/* Quotes keep the blanks together. */
static bool add_append(UtmConfig *config, const char *append, GError **error)
{
    if (strchr(append, '"') || strchr(append, '\n')) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "a kernel's command line in a bundle cannot hold quotes or newlines");
        return false;
    }
    g_autofree char *quoted = g_strdup_printf("\"%s\"", append);
    add_argument(config, "-append", quoted);
    return true;
}

/* The last of the disks, so that the others keep their names in the guest. A disk, not a CD: the
 * kernels of cloud images have no driver for CD drives. */
static bool add_seed(CreatePlan *plan, const FirstBootOptions *options, GError **error)
{
    const ConfigInformation *information = &plan->bundle->config->information;
    plan->seed = first_boot_files(options, information->name, information->uuid, error);
    if (!plan->seed)
        return false;
    if (!can_have_drives(plan)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "this machine has no drive to put the first boot's configuration in");
        return false;
    }
    ConfigDrive *drive = add_drive(plan, IMAGE_TYPE_DISK);
    drive->read_only = true;
    drive->image_name = g_strdup(create_add_file(plan, "cloud-init.iso", 0, NULL));
    plan->seed_drive = g_strdup(drive->identifier);
    plan->login_user = g_strdup(options->user);
    plan->login_key = first_boot_private_key(options);
    return true;
}

static bool add_first_boot(CreatePlan *plan, const FirstBootOptions *options, GError **error)
{
    if (options->ignition) {
        g_autofree char *value = first_boot_ignition(options->ignition, error);
        if (!value)
            return false;
        add_argument(plan->bundle->config, "-fw_cfg", value);
    }
    return !first_boot_has_seed(options) || add_seed(plan, options, error);
}

static bool add_kernel(CreatePlan *plan, const CreateOptions *options, GError **error)
{
    UtmConfig *config = plan->bundle->config;
    if (!options->kernel && (options->initrd || options->append)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "--initrd and --append need --kernel");
        return false;
    }
    if (!options->kernel)
        return true;
    /* Firmware is not run when QEMU is given a kernel. */
    if (options->uefi == CREATE_DEFAULT)
        config->qemu.uefi_boot = false;
    return add_copy(plan, IMAGE_TYPE_LINUX_KERNEL, options->kernel, 0, error) &&
           (!options->initrd ||
            add_copy(plan, IMAGE_TYPE_LINUX_INITRD, options->initrd, 0, error)) &&
           (!options->append || add_append(config, options->append, error));
}

static bool set_icon(CreatePlan *plan, const char *icon, GError **error)
{
    ConfigInformation *information = &plan->bundle->config->information;
    bool custom = strchr(icon, '/') || strchr(icon, '.');
    if (custom && !check_file(icon, error))
        return false;
    g_autofree char *base = g_path_get_basename(icon);
    g_free(information->icon);
    information->icon = g_strdup(custom ? create_add_file(plan, base, 0, icon) : icon);
    information->icon_custom = custom;
    return true;
}

/* In the boot order of UTM's wizard: media, kernel, disks. */
bool create_set_drives(CreatePlan *plan, const CreateOptions *options, GError **error)
{
    for (const char *const *word = options->cdroms; word && *word; word++) {
        if (!add_cdrom(plan, *word, error))
            return false;
    }
    bool fresh = !options->template && !options->cdroms && !options->n_disks && !options->kernel;
    if (fresh && !options->no_disks && can_have_drives(plan) && !add_cdrom(plan, "empty", error))
        return false;
    return add_kernel(plan, options, error) && add_disks(plan, options, error) &&
           add_first_boot(plan, &options->first_boot, error) &&
           (!options->icon || set_icon(plan, options->icon, error));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is decided before QEMU is started: host, images, firmware, arguments. */
#include "core/vm/launch-plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bundles/image.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/paths.h"

/* Formats by drive Identifier, and of the variable store by its own name. */
#define FORMAT_OF_VARS "efi_vars"

/* The format is told to QEMU: probing a raw image anew at each start would let a guest that writes
 * a qcow2 header into it name any file of the host as its backing file. */
static bool probe_image(GHashTable *formats, const char *id, const char *path, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, error))
        return false;
    const char *driver = image_format_driver(info->format);
    if (!driver) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "QEMU cannot read \"%s\": it is %s", path,
                      image_format_name(info->format));
        return false;
    }
    g_hash_table_insert(formats, g_strdup(id), g_strdup(driver));
    return true;
}

static bool check_image(const Bundle *bundle, const ConfigDrive *drive, guint index,
                        GHashTable *formats, GError **error)
{
    if (!drive->image_name)
        return true;
    g_autofree char *path = bundle_data_path(bundle, drive->image_name);
    if (access(path, F_OK) < 0) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "image \"%s\" of drive %u does not exist",
                      path, index);
        return false;
    }
    if (access(path, R_OK) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "image \"%s\" of drive %u: %s", path, index,
                      g_strerror(errno));
        return false;
    }
    return (drive->image_type != IMAGE_TYPE_DISK && drive->image_type != IMAGE_TYPE_CD) ||
           probe_image(formats, drive->identifier, path, error);
}

static bool check_images(const Bundle *bundle, GHashTable *formats, GError **error)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++)
        if (!check_image(bundle, drives->pdata[i], i, formats, error))
            return false;
    g_autofree char *vars = bundle_data_path(bundle, EFI_VARS_NAME);
    if (!bundle->config->qemu.uefi_boot)
        return true;
    /* A store that is not there yet will be made, and made as qcow2. */
    if (access(vars, F_OK) < 0) {
        g_hash_table_insert(formats, g_strdup(FORMAT_OF_VARS), g_strdup("qcow2"));
        return true;
    }
    return probe_image(formats, FORMAT_OF_VARS, vars, error);
}

static char **make_command(const LaunchPlan *plan)
{
    g_auto(GStrv) args = argv_strv(plan->argv);
    guint n = g_strv_length(args);
    char **command = g_new0(char *, n + 2);
    command[0] = g_strdup(plan->host->qemu->binary);
    for (guint i = 0; i < n; i++)
        command[i + 1] = g_steal_pointer(&args[i]);
    return command;
}

LaunchPlan *launch_plan_new(const Bundle *bundle, const VmStartOptions *options,
                            int first_channel_fd, GError **error)
{
    const UtmConfig *config = bundle->config;
    g_autoptr(LaunchPlan) plan = g_new0(LaunchPlan, 1);
    plan->host = host_profile_probe(config->system.architecture, config->system.target,
                                    config->qemu.tpm_device, error);
    if (!plan->host)
        return NULL;
    if (!plan->host->socket_dir)
        plan->host->socket_dir = paths_runtime(config->information.uuid);

    g_autoptr(GHashTable) formats = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!check_images(bundle, formats, error))
        return NULL;
    g_autofree char *data_dir = bundle_data_path(bundle, NULL);
    const ArgvRun run = { .data_dir = data_dir,
                          .formats = formats,
                          .disposable = options->disposable,
                          .accel = options->accel,
                          .first_channel_fd = first_channel_fd };
    plan->argv = argv_build(config, plan->host, &run, error);
    if (!plan->argv)
        return NULL;
    plan->command = make_command(plan);
    return g_steal_pointer(&plan);
}

void launch_plan_free(LaunchPlan *plan)
{
    if (!plan)
        return;
    host_profile_free(plan->host);
    argv_free(plan->argv);
    g_strfreev(plan->command);
    g_free(plan);
}

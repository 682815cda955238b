/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is decided before QEMU is started: host, images, firmware, arguments. */
#include "core/vm/launch-plan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bundles/image.h"
#include "core/argv/argv-quote.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/paths.h"
#include "core/trust.h"
#include "core/vm/direct-boot.h"

/* Formats by drive Identifier, and of the variable store by its own name. */
#define FORMAT_OF_VARS "efi_vars"

/* What is collected before the arguments are built. */
typedef struct {
    const Bundle *bundle;
    HostFacts *facts;    /* owned */
    GHashTable *formats; /* owned */
    bool lenient;        /* what is not there is no error */
    bool disposable;     /* no image is written to */
} Inputs;

static void inputs_clear(Inputs *inputs)
{
    g_clear_pointer(&inputs->facts, host_facts_free);
    g_clear_pointer(&inputs->formats, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Inputs, inputs_clear)

/* A chain of images that is longer has a loop in it. */
#define CHAIN_LIMIT 64

/* Where a name that an image has in it leads; NULL for what is no file. A new string. */
static char *below_path(const char *image, const char *name)
{
    g_autofree char *folder = g_path_get_dirname(image);
    if (g_path_is_absolute(name))
        return g_strdup(name);
    return strchr(name, ':') ? NULL : g_build_filename(folder, name, NULL);
}

/* Migration has moved the images of the machine that a linked clone stands on. */
static char *rebase_hint(const char *image, const ImageInfo *info)
{
    g_auto(GStrv) parts = g_strsplit(info->backing_file, "/Images/", 2);
    if (g_strv_length(parts) != 2)
        return NULL;
    g_autofree char *name = g_strjoinv("/Data/", parts);
    g_autofree char *path = below_path(image, name);
    if (!path || access(path, F_OK) < 0)
        return NULL;
    g_autofree char *quoted_name = argv_shell_quote(name);
    g_autofree char *quoted_image = argv_shell_quote(image);
    const char *format = info->backing_format ? info->backing_format : "qcow2";
    return g_strdup_printf("its machine was migrated, which has moved it: "
                           "qemu-img rebase -u -f qcow2 -F %s -b %s %s",
                           format, quoted_name, quoted_image);
}

/* QEMU's own words for it are long, and have no way out. */
static bool check_below(const char *image, const ImageInfo *info, int depth, GError **error)
{
    g_autofree char *path = info->backing_file ? below_path(image, info->backing_file) : NULL;
    g_autoptr(ImageInfo) below = NULL;
    if (!path || depth > CHAIN_LIMIT)
        return true;
    if (access(path, F_OK) == 0 || errno != ENOENT)
        return !image_probe(path, &below, NULL) || check_below(path, below, depth + 1, error);
    g_autofree char *hint = rebase_hint(image, info);
    g_autofree char *shown = g_canonicalize_filename(path, NULL);
    utm_error_set(error, UTM_ERROR_NOT_FOUND, hint,
                  "image \"%s\" stands on \"%s\", which is not there", image, shown);
    return false;
}

/* The format is told to QEMU: probing a raw image anew at each start would let a guest that writes
 * a qcow2 header into it name any file of the host as its backing file. */
static bool probe_format(Inputs *inputs, const char *id, const char *path, GError **error)
{
    g_autoptr(ImageInfo) info = NULL;
    if (!image_probe(path, &info, inputs->lenient ? NULL : error))
        return inputs->lenient;
    const char *driver = image_format_driver(info->format);
    if (driver)
        g_hash_table_insert(inputs->formats, g_strdup(id), g_strdup(driver));
    else if (!inputs->lenient)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "QEMU cannot read \"%s\": it is %s", path,
                      image_format_name(info->format));
    return inputs->lenient || (driver && check_below(path, info, 0, error));
}

static bool is_usable(const Inputs *inputs, const ConfigDrive *drive, const char *path, guint index,
                      GError **error)
{
    bool writes = drive->image_type == IMAGE_TYPE_DISK && !drive->read_only && !inputs->disposable;
    if (inputs->lenient || access(path, R_OK | (writes ? W_OK : 0)) == 0)
        return true;
    if (errno == ENOENT)
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "image \"%s\" of drive %u does not exist",
                      path, index);
    else if (access(path, R_OK) == 0)
        utm_error_set(error, UTM_ERROR_FAILED, "utmctl start --disposable writes nothing",
                      "image \"%s\" of drive %u cannot be written to", path, index);
    else
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "image \"%s\" of drive %u: %s", path, index,
                      g_strerror(errno));
    return false;
}

static bool check_drive(Inputs *inputs, const ConfigDrive *drive, guint index, GError **error)
{
    const char *medium = g_hash_table_lookup(inputs->facts->media, drive->identifier);
    g_autofree char *path =
        drive->image_name ? bundle_data_path(inputs->bundle, drive->image_name) : g_strdup(medium);
    if (!path)
        return true;
    if (!is_usable(inputs, drive, path, index, error))
        return false;
    return (drive->image_type != IMAGE_TYPE_DISK && drive->image_type != IMAGE_TYPE_CD) ||
           probe_format(inputs, drive->identifier, path, error);
}

static bool check_vars(Inputs *inputs, GError **error)
{
    g_autofree char *vars = bundle_efi_vars_path(inputs->bundle);
    if (!inputs->bundle->config->qemu.uefi_boot)
        return true;
    /* A store that is not there yet will be made, and made as qcow2. */
    if (access(vars, F_OK) == 0)
        return probe_format(inputs, FORMAT_OF_VARS, vars, error);
    g_hash_table_insert(inputs->formats, g_strdup(FORMAT_OF_VARS), g_strdup("qcow2"));
    return true;
}

static bool collect(Inputs *inputs, GError **error)
{
    const UtmConfig *config = inputs->bundle->config;
    inputs->formats = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    inputs->facts = host_facts_load(config->information.uuid, error);
    if (!inputs->facts)
        return false;
    for (guint i = 0; i < config->drives->len; i++)
        if (!check_drive(inputs, config->drives->pdata[i], i, error))
            return false;
    return check_vars(inputs, error);
}

static bool has_shared_network(const UtmConfig *config)
{
    for (guint i = 0; i < config->networks->len; i++)
        if (((const ConfigNetwork *) config->networks->pdata[i])->mode == NETWORK_MODE_SHARED)
            return true;
    return false;
}

static HostProfile *make_profile(const UtmConfig *config, const VmStartOptions *options,
                                 HostSystem system, GError **error)
{
    if (system == HOST_MACOS)
        return host_profile_macos();
    HostProfile *host = host_profile_probe(config->system.architecture, config->system.target,
                                           config->qemu.tpm_device, error);
    if (host && !host->socket_dir)
        host->socket_dir = paths_runtime(config->information.uuid);
    if (host)
        host->qemu_alone = options->qemu_alone;
    if (host && !host->qemu_alone && has_shared_network(config))
        host_profile_probe_passt(host);
    return host;
}

static char **make_command(const LaunchPlan *plan)
{
    g_auto(GStrv) args = argv_strv(plan->argv);
    guint n = g_strv_length(args);
    char **command = g_new0(char *, n + 2);
    command[0] = g_strdup(plan->host->qemu ? plan->host->qemu->binary : "qemu");
    for (guint i = 0; i < n; i++)
        command[i + 1] = g_steal_pointer(&args[i]);
    return command;
}

static LaunchPlan *make_plan(Inputs *inputs, const VmStartOptions *options, HostSystem system,
                             int first_channel_fd, GError **error)
{
    const UtmConfig *config = inputs->bundle->config;
    g_autoptr(LaunchPlan) plan = g_new0(LaunchPlan, 1);
    plan->host = make_profile(config, options, system, error);
    if (!plan->host || !collect(inputs, error))
        return NULL;
    g_autofree char *data_dir = bundle_data_path(inputs->bundle, NULL);
    g_autofree char *efi_vars = bundle_efi_vars_path(inputs->bundle);
    const ArgvRun run = { .data_dir = data_dir,
                          .efi_vars = efi_vars,
                          .media = inputs->facts->media,
                          .formats = inputs->formats,
                          .shares = inputs->facts->shares,
                          .disposable = options->disposable,
                          .no_forwards = options->warm_make,
                          .accel = options->accel,
                          .first_channel_fd = first_channel_fd };
    plan->argv = argv_build(config, plan->host, &run, error);
    if (!plan->argv)
        return NULL;
    plan->command = make_command(plan);
    direct_boot_amend(plan, options);
    plan->facts = g_steal_pointer(&inputs->facts);
    return g_steal_pointer(&plan);
}

LaunchPlan *launch_plan_new(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    g_auto(Inputs) inputs = { .bundle = bundle, .disposable = options->disposable };
    if (!utm_config_check(bundle->config, error) || !trust_check(bundle, error))
        return NULL;
    return make_plan(&inputs, options, HOST_LINUX, LAUNCH_FIRST_FD, error);
}

LaunchPlan *launch_plan_preview(const Bundle *bundle, const VmStartOptions *options,
                                HostSystem system, GError **error)
{
    g_auto(Inputs) inputs = { .bundle = bundle, .lenient = true };
    return make_plan(&inputs, options, system, -1, error);
}

void launch_plan_free(LaunchPlan *plan)
{
    if (!plan)
        return;
    host_profile_free(plan->host);
    host_facts_free(plan->facts);
    argv_free(plan->argv);
    g_strfreev(plan->command);
    g_free(plan);
}

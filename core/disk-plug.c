/* SPDX-License-Identifier: Apache-2.0 */
/* Disks of a running machine: plugged in as the next start would have them, and taken out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "core/disk.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/host/host.h"
#include "core/paths.h"
#include "core/vm/hot-plug.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* QEMU's name of a drive begins so. Source: UTM 5.0.3, argument mapping */
#define DEVICE_PREFIX "drive"

/* Options of the command line for one drive; borrowed from the arguments. */
typedef struct {
    const char *device;
    const char *drive;
    bool alone; /* nothing else, such as a controller, has to come with it */
} DriveOptions;

static DriveOptions options_of(const Argv *argv, guint index)
{
    DriveOptions options = { .alone = true };
    g_autofree char *prefix = g_strdup_printf("Drive[%u].", index);
    for (guint i = 0; i < argv->items->len; i++) {
        const ArgvItem *item = argv->items->pdata[i];
        if (!item->key || !g_str_has_prefix(item->key, prefix))
            continue;
        if (strcmp(item->args[0], "-drive") == 0)
            options.drive = item->args[1];
        else if (strcmp(item->args[0], "-device") == 0 && !options.device)
            options.device = item->args[1];
        else
            options.alone = false;
    }
    return options;
}

/* The drive as at the next start, but with the descriptor in place of its image. */
static Argv *build_argv(const Bundle *bundle, guint index, const char *driver, int64_t set,
                        GError **error)
{
    const UtmConfig *config = bundle->config;
    g_autoptr(UtmConfig) copy = utm_config_copy(config);
    g_autoptr(HostProfile) host =
        host_profile_probe(config->system.architecture, config->system.target, false, error);
    if (!host)
        return NULL;
    if (!host->socket_dir)
        host->socket_dir = paths_runtime(config->information.uuid);
    ConfigDrive *drive = copy->drives->pdata[index];
    g_autoptr(GHashTable) formats = g_hash_table_new(g_str_hash, g_str_equal);
    g_hash_table_insert(formats, drive->identifier, (gpointer) driver);
    g_free(drive->image_name);
    drive->image_name = g_strdup_printf("%" G_GINT64_FORMAT, set);
    copy->qemu.tpm_device = copy->qemu.uefi_boot = false;
    const ArgvRun run = { .data_dir = "/dev/fdset", .formats = formats, .first_channel_fd = 3 };
    return argv_build(copy, host, &run, error);
}

static bool is_pci(const char *device)
{
    return g_str_has_prefix(device, "virtio-blk-pci,") || g_str_has_prefix(device, "nvme,");
}

static bool check_pluggable(const DriveOptions *options, const ConfigDrive *drive, GError **error)
{
    bool can = drive->interface == DRIVE_INTERFACE_VIRTIO ||
               drive->interface == DRIVE_INTERFACE_NVME ||
               drive->interface == DRIVE_INTERFACE_SCSI || drive->interface == DRIVE_INTERFACE_USB;
    if (can && options->device && options->drive && options->alone)
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "%s",
                  can ? "its controller comes with it"
                      : "nothing can be plugged into its interface while the machine runs");
    return false;
}

/* A descriptor in QEMU has to be opened as it was: it must not begin with reading only. */
static bool add_both(QmpClient *client, const DriveOptions *options, const ConfigDrive *drive,
                     GError **error)
{
    g_autofree char *port = NULL;
    g_autofree char *name = g_strconcat(DEVICE_PREFIX, drive->identifier, NULL);
    g_autofree char *id = g_strconcat(HOT_PLUG_PREFIX, drive->identifier, NULL);
    g_autofree char *image = g_strconcat(options->drive, ",file.auto-read-only=off", NULL);
    if ((is_pci(options->device) && !hot_plug_port(client, &port, error)) ||
        !hot_plug_drive(client, image, error))
        return false;
    if (hot_plug_device(client, options->device, id, port, error))
        return true;
    hot_plug_drop_drive(client, name);
    return false;
}

static bool plug(QmpClient *client, const Bundle *bundle, guint index, int fd, const char *driver,
                 GError **error)
{
    const ConfigDrive *drive = bundle->config->drives->pdata[index];
    g_autofree char *name = g_strconcat(DEVICE_PREFIX, drive->identifier, NULL);
    int64_t set = hot_plug_pass_fd(client, fd, name, error);
    g_autoptr(Argv) argv = set < 0 ? NULL : build_argv(bundle, index, driver, set, error);
    DriveOptions options = argv ? options_of(argv, index) : (DriveOptions){ 0 };
    if (argv && check_pluggable(&options, drive, error) && add_both(client, &options, drive, error))
        return true;
    if (set >= 0)
        hot_plug_drop_fds(client, name, -1);
    return false;
}

static bool check_kept(const Bundle *bundle, GError **error)
{
    g_auto(VmStatus) status = { 0 };
    if (!vm_status(bundle, &status, error))
        return false;
    if (status.disposable)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "it runs disposably, and nothing of it is kept");
    return !status.disposable;
}

bool disk_plug(const Bundle *bundle, guint index, GError **error)
{
    const ConfigDrive *drive = bundle->config->drives->pdata[index];
    g_autofree char *path = bundle_data_path(bundle, drive->image_name);
    g_autoptr(ImageInfo) info = NULL;
    if (!check_kept(bundle, error) || !image_probe(path, &info, error))
        return false;
    g_auto(Fd) fd = open(path, (drive->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot open \"%s\": %s", path,
                      g_strerror(errno));
        return false;
    }
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    return client && plug(client, bundle, index, fd, image_format_driver(info->format), error);
}

/* ---- out ---- */

/* Path of the device that has a drive: what was there at the start has no name. USB devices let go
 * of the property, and have a disk inside. */
static char *find_device(QmpClient *client, const char *drive)
{
    g_autoptr(QmpBlockInfoList) devices = NULL;
    if (!qmp_query_block(client, &devices, NULL))
        return NULL;
    for (size_t i = 0; i < devices->len; i++) {
        const QmpBlockInfo *info = devices->items[i];
        if (strcmp(info->device, drive) != 0 || !info->qdev)
            continue;
        const char *path = info->qdev;
        const char *top = strstr(path, "/machine/peripheral");
        const char *name = top ? strchr(path + strlen("/machine/p"), '/') : NULL;
        const char *end = name ? strchr(name + 1, '/') : NULL;
        return end ? g_strndup(path, (gsize) (end - path)) : g_strdup(path);
    }
    return NULL;
}

/* A bus that takes nothing does not let go of anything either. */
static void explain(GError **error)
{
    if (!error || !*error || utm_error_code(*error) != UTM_ERROR_UNSUPPORTED)
        return;
    g_clear_error(error);
    utm_error_set(
        error, UTM_ERROR_WRONG_STATE, "stop it first",
        "the guest runs, and what was there at its start cannot be taken out of this bus");
}

/* A guest that stands still lets go of nothing. */
static bool check_goes(QmpClient *client, GError **error)
{
    g_autoptr(QmpStatusInfo) status = NULL;
    if (!qmp_query_status(client, &status, error))
        return false;
    if (!status->running)
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "utmctl resume",
                      "the guest is paused and cannot let go of it");
    return status->running;
}

bool disk_unplug(const Bundle *bundle, const Disk *disk, int64_t timeout_us, GError **error)
{
    g_autofree char *drive = g_strconcat(DEVICE_PREFIX, disk->identifier, NULL);
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client)
        return false;
    /* None: it would have come with the next start, or the guest has let go of it by now. */
    g_autofree char *device = find_device(client, drive);
    if (device &&
        (!check_goes(client, error) || !hot_plug_remove(client, device, timeout_us, error))) {
        explain(error);
        return false;
    }
    hot_plug_drop_drive(client, drive);
    hot_plug_drop_fds(client, drive, -1);
    return true;
}

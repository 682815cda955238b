/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments for looking at. */
#include "core/preview.h"

#include "bundles/image.h"
#include "core/efi-vars.h"
#include "core/host-facts.h"
#include "core/host/host.h"
#include "core/paths.h"

static void probe(GHashTable *formats, const char *id, const char *path, const char *otherwise)
{
    g_autoptr(ImageInfo) info = NULL;
    const char *driver = otherwise;
    if (image_probe(path, &info, NULL))
        driver = image_format_driver(info->format);
    if (driver)
        g_hash_table_insert(formats, g_strdup(id), g_strdup(driver));
}

static GHashTable *probe_formats(const Bundle *bundle, const HostFacts *facts)
{
    GHashTable *formats = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    const GPtrArray *drives = bundle->config->drives;
    for (unsigned i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(drives, i);
        g_autofree char *path =
            drive->image_name ? bundle_data_path(bundle, drive->image_name)
                              : g_strdup(g_hash_table_lookup(facts->media, drive->identifier));
        if (path)
            probe(formats, drive->identifier, path, NULL);
    }
    g_autofree char *vars = bundle_data_path(bundle, EFI_VARS_NAME);
    if (bundle->config->qemu.uefi_boot)
        probe(formats, "efi_vars", vars, "qcow2");
    return formats;
}

static HostProfile *profile(const UtmConfig *config, HostSystem system, GError **error)
{
    if (system == HOST_MACOS)
        return host_profile_macos();
    HostProfile *host = host_profile_probe(config->system.architecture, config->system.target,
                                           config->qemu.tpm_device, error);
    if (host && !host->socket_dir)
        host->socket_dir = paths_runtime(config->information.uuid);
    return host;
}

Argv *preview_argv(const Bundle *bundle, HostSystem system, AccelChoice accel, GError **error)
{
    g_autoptr(HostProfile) host = profile(bundle->config, system, error);
    if (!host)
        return NULL;
    g_autoptr(HostFacts) facts = host_facts_load(bundle->config->information.uuid, error);
    if (!facts)
        return NULL;
    g_autoptr(GHashTable) formats = probe_formats(bundle, facts);
    g_autofree char *data_dir = bundle_data_path(bundle, NULL);
    const ArgvRun run = { .data_dir = data_dir,
                          .media = facts->media,
                          .formats = formats,
                          .shared_dir = facts->shared_dir,
                          .accel = accel,
                          .first_channel_fd = -1 };
    return argv_build(bundle->config, host, &run, error);
}

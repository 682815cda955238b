/* SPDX-License-Identifier: Apache-2.0 */
/* What one machine needs of this host. */
#include <errno.h>
#include <unistd.h>

#include "bundles/arch.h"
#include "core/argv/argv.h"
#include "core/error.h"
#include "core/host/doctor-private.h"
#include "core/host/host.h"
#include "core/paths.h"

static void add_error(GPtrArray *checks, const char *name, const GError *error)
{
    doctor_add(checks, CHECK_FAIL, name, utm_error_hint(error), "%s", error->message);
}

static void check_drives(GPtrArray *checks, const Bundle *bundle)
{
    const GPtrArray *drives = bundle->config->drives;

    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        g_autofree char *name = g_strdup_printf("Drive[%u]", i);
        if (!drive->image_name)
            continue;
        g_autofree char *path = bundle_data_path(bundle, drive->image_name);
        if (access(path, drive->read_only ? R_OK : R_OK | W_OK) == 0)
            doctor_add(checks, CHECK_OK, name, NULL, "%s", drive->image_name);
        else
            doctor_add(checks, CHECK_FAIL, name, NULL, "%s: %s", path, g_strerror(errno));
    }
}

static void check_programs(GPtrArray *checks, const UtmConfig *config)
{
    if (config->qemu.tpm_device)
        doctor_add_program(checks, "swtpm", CHECK_FAIL, "this machine has a TPM");
    for (guint i = 0; i < config->networks->len; i++) {
        const ConfigNetwork *network = config->networks->pdata[i];
        if (network->mode == NETWORK_MODE_BRIDGED) {
            doctor_add_program(checks, "qemu-bridge-helper", CHECK_FAIL,
                               "this machine has a bridged network");
            break;
        }
    }
}

/* The arguments are built for nothing but what is said on the way. */
static void check_argv(GPtrArray *checks, const Bundle *bundle, const HostProfile *host)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *data = bundle_data_path(bundle, NULL);
    ArgvRun run = { .data_dir = data, .first_channel_fd = -1 };
    g_autoptr(Argv) argv = argv_build(bundle->config, host, &run, &error);

    if (!argv) {
        add_error(checks, "configuration", error);
        return;
    }
    for (guint i = 0; i < argv->warnings->len; i++)
        doctor_add(checks, CHECK_WARN, "configuration", NULL, "%s",
                   (const char *) argv->warnings->pdata[i]);
    doctor_add(checks, CHECK_OK, "accelerator", NULL, "%s%s%s", argv->accelerator,
               argv->accelerator_reason ? ", because " : "",
               argv->accelerator_reason ? argv->accelerator_reason : "");
}

static void check_emulator(GPtrArray *checks, const Bundle *bundle, bool secure)
{
    const ConfigSystem *system = &bundle->config->system;
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_strconcat("qemu-system-", system->architecture, NULL);
    g_autoptr(HostProfile) host =
        host_profile_probe(system->architecture, system->target, secure, &error);

    if (!host) {
        add_error(checks, name, error);
        return;
    }
    doctor_add(checks, CHECK_OK, name, NULL, "%s at %s", host->qemu->version_text,
               host->qemu->binary);
    if (!g_hash_table_contains(host->qemu->machines, system->target))
        doctor_add(checks, CHECK_FAIL, "System.Target", NULL,
                   "this QEMU has no machine type \"%s\"", system->target);
    host->socket_dir = paths_runtime(bundle->config->information.uuid);
    check_argv(checks, bundle, host);
}

GPtrArray *doctor_machine(const Bundle *bundle)
{
    GPtrArray *checks = g_ptr_array_new_with_free_func((GDestroyNotify) check_free);
    const UtmConfig *config = bundle->config;
    const GuestArch *arch = guest_arch_find(config->system.architecture);
    bool secure = config->qemu.tpm_device && arch && arch->secure_boot;

    check_emulator(checks, bundle, secure);
    doctor_add_schemas(checks, (const char *const[]){ config->system.architecture, NULL });
    if (config->qemu.uefi_boot && arch && arch->uefi_code)
        doctor_add_firmware(checks, arch->name, config->system.target, secure);
    check_programs(checks, config);
    check_drives(checks, bundle);
    return checks;
}

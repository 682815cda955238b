/* SPDX-License-Identifier: Apache-2.0 */
/* Host profiles as values: freeing them, asking them, and the Mac that is at nobody's hand. */
#include "core/host/host-profile.h"

void qemu_caps_free(QemuCaps *caps)
{
    if (!caps)
        return;
    g_free(caps->binary);
    g_free(caps->target);
    g_free(caps->version_text);
    g_clear_pointer(&caps->devices, g_hash_table_unref);
    g_clear_pointer(&caps->machines, g_hash_table_unref);
    g_clear_pointer(&caps->cpus, g_hash_table_unref);
    g_clear_pointer(&caps->commands, g_hash_table_unref);
    g_clear_pointer(&caps->features, g_hash_table_unref);
    g_free(caps);
}

void host_profile_free(HostProfile *host)
{
    if (!host)
        return;
    g_free(host->architecture);
    g_free(host->hypervisor_reason);
    qemu_caps_free(host->qemu);
    g_free(host->resource_dir);
    g_free(host->firmware_code);
    g_free(host->firmware_vars);
    g_free(host->socket_dir);
    g_free(host->bridge_default);
    g_free(host->passt);
    g_free(host->passt_reason);
    g_free(host->sound_backend);
    g_free(host);
}

HostProfile *host_profile_macos(void)
{
    HostProfile *host = g_new0(HostProfile, 1);
    host->system = HOST_MACOS;
    host->system_version = 1500;
    host->architecture = g_strdup("aarch64");
    host->physical_cores = 8;
    host->logical_cpus = 8;
    host->performance_cores = 8;
    host->performance_cpus = 8;
    host->hypervisor = true;
    host->resource_dir = g_strdup("/Users/user/Library/Containers/com.utmapp.UTM/Data/Library/"
                                  "Caches/qemu");
    host->socket_dir = g_strdup("/Users/user/Library/Group Containers/WDNLXAD4W8.com.utmapp.UTM");
    host->bridge_default = g_strdup("en0");
    host->use_file_lock = true;
    host->has_gl = true;
    host->sound_backend = g_strdup("coreaudio");
    return host;
}

bool host_has_device(const HostProfile *host, const char *name)
{
    if (!host->qemu || !host->qemu->devices)
        return true;
    return g_hash_table_contains(host->qemu->devices, name);
}

bool host_has_feature(const HostProfile *host, const char *word)
{
    if (!host->qemu || !host->qemu->features)
        return true;
    return g_hash_table_contains(host->qemu->features, word);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The profile of the real host, put together from its parts. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/host/bridge.h"
#include "core/host/cpus.h"
#include "core/host/firmware.h"
#include "core/host/host.h"
#include "core/host/kvm.h"
#include "core/host/passt.h"

/* A render node that this user may use. */
static bool has_render_node(void)
{
    g_autoptr(GDir) dir = g_dir_open("/dev/dri", 0, NULL);

    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename("/dev/dri", name, NULL);
        if (g_str_has_prefix(name, "renderD") && access(path, R_OK | W_OK) == 0)
            return true;
    }
    return false;
}

/* The first sound server that both runs here and is known to this QEMU. */
static char *sound_backend(const HostProfile *host)
{
    static const struct {
        const char *driver;
        const char *feature;
        const char *socket; /* below the user's runtime folder */
    } servers[] = {
        { "pipewire", "audiodev-pipewire", "pipewire-0" },
        { "pa", "audiodev-pa", "pulse/native" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(servers); i++) {
        g_autofree char *path = g_build_filename(g_get_user_runtime_dir(), servers[i].socket, NULL);
        if (host_has_feature(host, servers[i].feature) && access(path, F_OK) == 0)
            return g_strdup(servers[i].driver);
    }
    return g_strdup("none");
}

/* The first bridge of this host that QEMU's bridge helper may use without root, else the name that
 * QEMU itself takes for granted, if there is such a bridge.
 * Source: QEMU qemu-bridge-helper.c, DEFAULT_ACL_FILE; net/tap.c, DEFAULT_BRIDGE_INTERFACE */
static char *default_bridge(void)
{
    g_autofree char *rules = NULL;

    if (g_file_get_contents("/etc/qemu/bridge.conf", &rules, NULL, NULL)) {
        g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
        for (char **line = lines; *line; line++) {
            if (!g_str_has_prefix(g_strstrip(*line), "allow "))
                continue;
            const char *name = g_strstrip(*line + strlen("allow "));
            if (bridge_exists(name))
                return g_strdup(name);
        }
    }
    return bridge_exists("br0") ? g_strdup("br0") : NULL;
}

static void probe_cpus(HostProfile *host)
{
    CpuCounts counts = cpus_count("/sys/devices");

    host->logical_cpus = counts.logical;
    host->physical_cores = counts.physical;
    host->performance_cpus = counts.performance_logical;
    host->performance_cores = counts.performance_physical;
}

static void probe_firmware(HostProfile *host, const char *architecture, const char *target,
                           bool secure)
{
    Firmware firmware;

    if (!firmware_find(architecture, target, secure, &firmware))
        return;
    host->firmware_code = firmware.code;
    host->firmware_vars = firmware.vars;
    host->firmware_secure = firmware.secure;
}

void host_profile_probe_passt(HostProfile *host)
{
    if (!host->passt && !host->passt_reason)
        host->passt = passt_find(&host->passt_reason);
}

HostProfile *host_profile_probe(const char *architecture, const char *target, bool secure,
                                GError **error)
{
    g_autofree char *binary = host_find_qemu(architecture, error);

    if (!binary)
        return NULL;
    g_autoptr(HostProfile) host = g_new0(HostProfile, 1);
    host->qemu = qemu_caps_load(binary, error);
    if (!host->qemu)
        return NULL;
    host->system = HOST_LINUX;
    host->architecture = g_strdup(host_architecture());
    host->hypervisor = host_hypervisor_works(&host->hypervisor_reason);
    host->use_file_lock = true;
    host->has_gl = host_has_feature(host, "spice-gl") && has_render_node();
    host->sound_backend = sound_backend(host);
    host->bridge_default = default_bridge();
    probe_cpus(host);
    probe_firmware(host, architecture, target, secure);
    return g_steal_pointer(&host);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which files QEMU and its helpers may reach: what the machine was configured with, no more. */
#include "core/vm/confine.h"

#include <string.h>

#include "bundles/image.h"
#include "core/error.h"
#include "core/paths.h"
#include "core/snapshot/layer-tree.h"

#define READ_WRITE (SANDBOX_READ | SANDBOX_WRITE)
#define EVERYTHING (READ_WRITE | SANDBOX_CREATE)

typedef struct {
    const char *path;
    unsigned access;
} Rule;

/* Programs and what they need to start, wherever distributions put it. */
static const Rule system_rules[] = {
    { "/usr", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/bin", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/sbin", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/lib", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/lib64", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/opt", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/nix/store", SANDBOX_READ | SANDBOX_EXECUTE },
    { "/gnu/store", SANDBOX_READ | SANDBOX_EXECUTE },
    /* Of /etc and /proc only what libraries read: passwords and other processes are there too. */
    { "/etc/ld.so.cache", SANDBOX_READ },
    { "/etc/ld.so.conf", SANDBOX_READ },
    { "/etc/ld.so.conf.d", SANDBOX_READ },
    { "/etc/alternatives", SANDBOX_READ },
    { "/etc/localtime", SANDBOX_READ },
    { "/etc/resolv.conf", SANDBOX_READ },
    { "/etc/hosts", SANDBOX_READ },
    { "/etc/host.conf", SANDBOX_READ },
    { "/etc/nsswitch.conf", SANDBOX_READ },
    { "/etc/gai.conf", SANDBOX_READ },
    { "/etc/services", SANDBOX_READ },
    { "/etc/qemu", SANDBOX_READ },
    { "/etc/ssl/openssl.cnf", SANDBOX_READ },
    { "/etc/gnutls", SANDBOX_READ },
    { "/etc/drirc", SANDBOX_READ },
    { "/run/systemd/resolve", SANDBOX_READ },
    { "/proc/cpuinfo", SANDBOX_READ },
    { "/proc/meminfo", SANDBOX_READ },
    { "/proc/stat", SANDBOX_READ },
    { "/proc/filesystems", SANDBOX_READ },
    { "/proc/sys", SANDBOX_READ },
    { "/sys", SANDBOX_READ },
    { "/dev/null", READ_WRITE },
    { "/dev/zero", READ_WRITE },
    { "/dev/urandom", SANDBOX_READ },
    { "/dev/random", SANDBOX_READ },
};

/* Devices of the host that QEMU uses by itself. */
static const Rule device_rules[] = {
    { "/dev/kvm", READ_WRITE },       { "/dev/dri", READ_WRITE },
    { "/dev/udmabuf", READ_WRITE },   { "/dev/ptmx", READ_WRITE },
    { "/dev/pts", READ_WRITE },       { "/dev/net/tun", READ_WRITE },
    { "/dev/vhost-net", READ_WRITE }, { "/dev/bus/usb", SANDBOX_READ },
};

static void allow_rules(Sandbox *sandbox, const Rule *rules, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sandbox_allow(sandbox, rules[i].path, rules[i].access);
}

/* Images that others are made over. Those outside of the bundle have been agreed to by now. QEMU may
 * have to merge those that are layers of snapshots. */
static void allow_chain(Sandbox *sandbox, const Bundle *bundle, const char *path)
{
    g_autofree char *image = g_strdup(path);
    g_autofree char *layers = layer_path(bundle, NULL);
    for (int depth = 0; depth < 64; depth++) {
        g_autoptr(ImageInfo) info = NULL;
        if (!image_probe(image, &info, NULL) || !info->backing_file)
            return;
        g_autofree char *folder = g_path_get_dirname(image);
        g_free(image);
        image = g_canonicalize_filename(info->backing_file, folder);
        g_autofree char *below = g_path_get_dirname(image);
        sandbox_allow(sandbox, image, strcmp(below, layers) == 0 ? READ_WRITE : SANDBOX_READ);
    }
}

static void allow_drives(Sandbox *sandbox, const Bundle *bundle, const LaunchPlan *plan)
{
    const GPtrArray *drives = bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        const ConfigDrive *drive = drives->pdata[i];
        const char *medium = g_hash_table_lookup(plan->facts->media, drive->identifier);
        g_autofree char *path =
            drive->image_name ? bundle_data_path(bundle, drive->image_name) : g_strdup(medium);
        bool read_only = drive->read_only || drive->image_type != IMAGE_TYPE_DISK;
        if (!path)
            continue;
        sandbox_allow(sandbox, path, read_only ? SANDBOX_READ : READ_WRITE);
        allow_chain(sandbox, bundle, path);
    }
}

/* What passt does, QEMU need not be able to do. */
/* QEMU serves folders over 9p itself; virtiofsd serves the others, and the viewer WebDAV. */
static void allow_shares(Sandbox *sandbox, const UtmConfig *config, const GPtrArray *shares)
{
    const ConfigSharing *sharing = &config->sharing;
    for (guint i = 0; sharing->directory_share_mode == SHARE_MODE_VIRTFS && i < shares->len; i++) {
        const HostShare *share = shares->pdata[i];
        bool read_only = share->read_only || sharing->directory_share_read_only;
        if (!share->virtiofs)
            sandbox_allow(sandbox, share->path, read_only ? SANDBOX_READ : EVERYTHING);
    }
}

static bool needs_network(const UtmConfig *config, const Argv *argv)
{
    for (guint i = 0; i < config->networks->len; i++)
        if (argv->networks[i] != NETWORK_KIND_NONE && argv->networks[i] != NETWORK_KIND_PASST)
            return true;
    for (guint i = 0; i < config->serials->len; i++) {
        SerialMode mode = ((const ConfigSerial *) config->serials->pdata[i])->mode;
        if (mode == SERIAL_MODE_TCP_CLIENT || mode == SERIAL_MODE_TCP_SERVER)
            return true;
    }
    return false;
}

static void allow_program(Sandbox *sandbox, const char *program)
{
    g_autofree char *folder = g_path_get_dirname(program);
    g_autofree char *prefix = g_path_get_dirname(folder);
    /* A QEMU built by hand has its modules and firmware beside it. */
    bool own_prefix = !g_str_equal(prefix, "/");
    sandbox_allow(sandbox, own_prefix ? prefix : folder, SANDBOX_READ | SANDBOX_EXECUTE);
}

Sandbox *confine_qemu(const Bundle *bundle, const LaunchPlan *plan, const char *run_dir,
                      const char *tmp_dir, char **out_reason)
{
    const UtmConfig *config = bundle->config;
    g_autoptr(Sandbox) sandbox = sandbox_new(needs_network(config, plan->argv), out_reason);
    if (!sandbox)
        return NULL;
    allow_rules(sandbox, system_rules, G_N_ELEMENTS(system_rules));
    allow_rules(sandbox, device_rules, G_N_ELEMENTS(device_rules));
    allow_program(sandbox, plan->command[0]);
    /* It makes sockets beside the helper's, which it must not take the place of. */
    sandbox_allow(sandbox, run_dir, SANDBOX_LISTEN);
    sandbox_allow(sandbox, tmp_dir, EVERYTHING);

    g_autofree char *data = bundle_data_path(bundle, NULL);
    g_autofree char *vars = bundle_efi_vars_path(bundle);
    sandbox_allow(sandbox, data, SANDBOX_READ);
    sandbox_allow(sandbox, vars, READ_WRITE);
    allow_drives(sandbox, bundle, plan);
    if (plan->host->firmware_code)
        sandbox_allow(sandbox, plan->host->firmware_code, SANDBOX_READ);
    allow_shares(sandbox, bundle->config, plan->facts->shares);
    return g_steal_pointer(&sandbox);
}

void confine_warn(const char *reason, GPtrArray *warnings)
{
    g_autofree char *folder = paths_state(NULL);
    g_autofree char *said = g_build_filename(folder, "no-sandbox", NULL);
    g_autofree char *last = NULL;
    if (g_file_get_contents(said, &last, NULL, NULL) && g_str_equal(last, reason))
        return;
    g_ptr_array_add(warnings, g_strdup_printf("QEMU may reach everything that you may: %s. This is "
                                              "said once; see utmctl doctor",
                                              reason));
    utm_ignore(g_file_set_contents(said, reason, -1, NULL));
}

/* Where others may reach the guest, because its owner says so. */
static GArray *open_ports(const UtmConfig *config)
{
    GArray *ports = g_array_new(FALSE, FALSE, sizeof(uint16_t));
    for (guint i = 0; i < config->networks->len; i++) {
        const ConfigNetwork *network = config->networks->pdata[i];
        const GPtrArray *forwards = network->port_forwards;
        for (guint j = 0; j < forwards->len; j++) {
            uint16_t port = (uint16_t) ((const ConfigPortForward *) forwards->pdata[j])->host_port;
            g_array_append_val(ports, port);
        }
    }
    for (guint i = 0; i < config->serials->len; i++) {
        const ConfigSerial *serial = config->serials->pdata[i];
        uint16_t port = (uint16_t) serial->tcp_port;
        if (serial->mode == SERIAL_MODE_TCP_SERVER)
            g_array_append_val(ports, port);
    }
    return ports;
}

SyscallFilter confine_qemu_calls(const Bundle *bundle, const LaunchPlan *plan)
{
    return (SyscallFilter){ .network = needs_network(bundle->config, plan->argv),
                            .ask = true,
                            .ports = open_ports(bundle->config) };
}

Sandbox *confine_swtpm(const char *state_path)
{
    g_autofree char *reason = NULL;
    g_autoptr(Sandbox) sandbox = sandbox_new(false, &reason);
    if (!sandbox)
        return NULL;
    allow_rules(sandbox, system_rules, G_N_ELEMENTS(system_rules));
    sandbox_allow(sandbox, state_path, READ_WRITE);
    return g_steal_pointer(&sandbox);
}

Sandbox *confine_switch(const char *folder)
{
    g_autofree char *reason = NULL;
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autoptr(Sandbox) sandbox = sandbox_new(false, &reason);
    if (!sandbox)
        return NULL;
    allow_rules(sandbox, system_rules, G_N_ELEMENTS(system_rules));
    if (program)
        sandbox_allow(sandbox, program, SANDBOX_READ | SANDBOX_EXECUTE);
    sandbox_allow(sandbox, folder, EVERYTHING);
    return g_steal_pointer(&sandbox);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The agents' ports, the clipboard's, and shared folders. */
#include "core/argv/argv-build.h"

enum { AGENT_CHANNEL = 1 };

#define VIRTIOFS_DEVICE "vhost-user-fs-pci"

static const char sharing_key[] = "Sharing.DirectoryShareMode";

static bool wants_spice_agent(const ArgvBuild *b)
{
    const UtmConfig *c = b->config;
    if (c->sharing.clipboard_sharing || c->sharing.directory_share_mode == SHARE_MODE_WEBDAV)
        return true;
    for (unsigned i = 0; i < c->displays->len; i++) {
        const ConfigDisplay *display = g_ptr_array_index(c->displays, i);
        if (display->dynamic_resolution)
            return true;
    }
    return false;
}

/* "virtio-serial" is QEMU's name for the device on the architecture's usual bus. */
static char *serial_bus(const ArgvBuild *b)
{
    bool has_short_name = argv_has_pci(b) && !g_str_equal(b->arch->name, "or1k");
    if (!b->on_linux || has_short_name)
        return g_strdup("virtio-serial");
    return argv_virtio(b, "serial");
}

/* Boards of ARM and others without PCI have no virtio bus either; QEMU would exit. */
static bool machine_has_ports(const ArgvBuild *b)
{
    return !b->on_linux || argv_has_pci(b) || b->virt ||
           g_str_equal(b->config->system.target, "microvm");
}

bool argv_port_bus(ArgvBuild *b, const char *key, const char *rule)
{
    if (b->port_bus || !machine_has_ports(b))
        return b->port_bus;
    g_autofree char *bus = serial_bus(b);
    argv_add(b, key, rule, "-device", "%s", bus);
    b->port_bus = true;
    return true;
}

static bool add_guest_agent(ArgvBuild *b, GError **error)
{
    const char *id = "org.qemu.guest_agent";
    const char *rule = "the guest agent's port is on every machine that can have one";
    if (!argv_port_bus(b, NULL, rule)) {
        argv_warn(b, "machine type \"%s\" has no bus for a guest agent's port",
                  b->config->system.target);
        return true;
    }
    if (b->on_linux) {
        /* QEMU tells that the guest opens a port (VSERPORT_CHANGE) only of one that has an id. */
        argv_add(b, NULL, rule, "-device", "virtserialport,id=%s.0,chardev=%s,name=%s.0", id, id,
                 id);
        return argv_chardev(b, NULL, rule, id, AGENT_CHANNEL, "qga", error);
    }
    argv_add(b, NULL, rule, "-device", "virtserialport,chardev=%s,name=%s.0", id, id);
    argv_add(b, NULL, rule, "-chardev", "spiceport,name=%s.0,id=%s", id, id);
    return true;
}

static void add_spice_agent(ArgvBuild *b)
{
    const char *rule = "the SPICE agent: clipboard, folder or screen size are shared";
    argv_add(b, "Sharing.ClipboardSharing", rule, "-device",
             "virtserialport,chardev=vdagent,name=com.redhat.spice.0");
    argv_add(b, "Sharing.ClipboardSharing", rule, "-chardev",
             "spicevmc,id=vdagent,debug=0,name=vdagent");
    if (b->config->sharing.directory_share_mode != SHARE_MODE_WEBDAV)
        return;
    rule = "WebDAV: a folder that the viewer shares";
    argv_add(b, "Sharing.DirectoryShareMode", rule, "-device",
             "virtserialport,chardev=charchannel1,id=channel1,name=org.spice-space.webdav.0");
    argv_add(b, "Sharing.DirectoryShareMode", rule, "-chardev",
             "spiceport,name=org.spice-space.webdav.0,id=charchannel1");
}

/* ---- VirtFS ---- */

static bool is_read_only(const ArgvBuild *b, const HostShare *share)
{
    return b->config->sharing.directory_share_read_only || (b->on_linux && share->read_only);
}

/* UTM's name for the first folder is another one on the classic Macs. */
static const char *guest_tag(const ArgvBuild *b, const HostShare *share)
{
    bool mac = b->q800 || b->mac99;
    return mac && g_str_equal(share->tag, HOST_SHARE_TAG) ? HOST_SHARE_TAG "_1" : share->tag;
}

static void add_9p(ArgvBuild *b, const HostShare *share, unsigned n)
{
    const char *rule = "VirtFS: a folder that the guest mounts";
    g_autofree char *device = argv_virtio(b, "9p");
    bool no_bus = b->q800 && b->on_linux && !argv_has_device(b, "nubus-virtio-mmio");
    if (b->on_linux && (no_bus || !argv_has_device(b, device))) {
        argv_warn(b, "%s: this QEMU cannot share a folder with this machine", sharing_key);
        return;
    }
    g_autoptr(GString) value = g_string_new("local");
    argv_prop(value, "id=virtfs%u", n);
    argv_prop_path(value, "path", share->path);
    argv_prop(value, "security_model=mapped-xattr");
    if (is_read_only(b, share))
        argv_prop(value, "readonly=on");
    argv_add(b, sharing_key, rule, "-fsdev", "%s", value->str);
    argv_add(b, sharing_key, rule, "-device", "%s,fsdev=virtfs%u,mount_tag=%s", device, n,
             guest_tag(b, share));
}

/* The descriptor leads to the virtiofsd that the helper has started for this folder. */
static bool add_virtiofs(ArgvBuild *b, const HostShare *share, unsigned n, GError **error)
{
    const char *rule = "Linux: a folder that virtiofsd serves";
    g_autoptr(GString) value = g_string_new("socket");
    argv_prop(value, "id=" ARGV_VIRTIOFS_PREFIX "%u", n);
    if (b->run->first_channel_fd >= 0) {
        argv_prop(value, "fd=%u",
                  (unsigned) b->run->first_channel_fd + ARGV_FIRST_TERMINAL +
                      b->config->serials->len + n);
    } else {
        g_autofree char *name = g_strdup_printf("fs%u", n);
        g_autofree char *path = argv_socket_path(b, name, error);
        if (!path)
            return false;
        argv_prop_path(value, "path", path);
    }
    argv_add(b, sharing_key, rule, "-chardev", "%s", value->str);
    argv_add(b, sharing_key, rule, "-device",
             VIRTIOFS_DEVICE ",chardev=" ARGV_VIRTIOFS_PREFIX "%u,tag=%s", n, share->tag);
    return true;
}

static bool shares_folders(const ArgvBuild *b)
{
    return b->arch->sharing && b->run->shares &&
           b->config->sharing.directory_share_mode == SHARE_MODE_VIRTFS;
}

static bool add_folders(ArgvBuild *b, GError **error)
{
    unsigned n_9p = 0, n_virtiofs = 0;
    for (unsigned i = 0; i < b->run->shares->len; i++) {
        const HostShare *share = b->run->shares->pdata[i];
        /* UTM shares the first folder, and only by 9p. */
        if (!b->on_linux && i > 0)
            break;
        if (!b->on_linux || !share->virtiofs)
            add_9p(b, share, n_9p++);
        else if (!b->virtiofs)
            argv_warn(b, "folder \"%s\": this machine or QEMU has no virtiofs", share->path);
        else if (!add_virtiofs(b, share, n_virtiofs++, error))
            return false;
    }
    if (b->virtiofs)
        argv_add(b, sharing_key, "virtiofsd reads and writes the guest's memory", "-object",
                 "memory-backend-memfd,id=" ARGV_SHARED_MEMORY ",size=%" G_GINT64_FORMAT
                 "M,share=on",
                 b->config->system.memory_mib);
    return true;
}

void argv_sharing_derive(ArgvBuild *b)
{
    bool can = b->on_linux && shares_folders(b) && argv_has_pci(b) && !b->mac99 &&
               host_has_device(b->host, VIRTIOFS_DEVICE);
    for (unsigned i = 0; can && i < b->run->shares->len; i++)
        b->virtiofs |= ((const HostShare *) b->run->shares->pdata[i])->virtiofs;
    b->argv->virtiofs = b->virtiofs;
}

bool argv_sharing(ArgvBuild *b, GError **error)
{
    if (b->agent && !add_guest_agent(b, error))
        return false;
    if (b->agent && b->port_bus && b->spice && wants_spice_agent(b))
        add_spice_agent(b);
    return !shares_folders(b) || add_folders(b, error);
}

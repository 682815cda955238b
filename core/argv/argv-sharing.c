/* SPDX-License-Identifier: Apache-2.0 */
/* The agents' ports, the clipboard's, and the shared folder. */
#include "core/argv/argv-build.h"

enum { AGENT_CHANNEL = 1 };

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

static bool add_guest_agent(ArgvBuild *b, GError **error)
{
    const char *id = "org.qemu.guest_agent";
    const char *rule = "the guest agent's port is on every machine that can have one";
    g_autofree char *bus = serial_bus(b);
    argv_add(b, NULL, rule, "-device", "%s", bus);
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

static void add_folder(ArgvBuild *b)
{
    const char *rule = "VirtFS: a folder that the guest mounts";
    const char *key = "Sharing.DirectoryShareMode";
    g_autofree char *device = argv_virtio(b, "9p");
    bool no_bus = b->q800 && b->on_linux && !argv_has_device(b, "nubus-virtio-mmio");
    if (b->on_linux && (no_bus || !argv_has_device(b, device))) {
        argv_warn(b, "%s: this QEMU cannot share a folder with this machine", key);
        return;
    }
    g_autoptr(GString) value = g_string_new("local,id=virtfs0");
    argv_prop_path(value, "path", b->run->shared_dir);
    argv_prop(value, "security_model=mapped-xattr");
    if (b->config->sharing.directory_share_read_only)
        argv_prop(value, "readonly=on");
    argv_add(b, key, rule, "-fsdev", "%s", value->str);
    argv_add(b, key, rule, "-device", "%s,fsdev=virtfs0,mount_tag=%s", device,
             b->q800 || b->mac99 ? "share_1" : "share");
}

/* Boards of ARM and others without PCI have no virtio bus either; QEMU would exit. */
static bool machine_has_ports(const ArgvBuild *b)
{
    return !b->on_linux || argv_has_pci(b) || b->virt ||
           g_str_equal(b->config->system.target, "microvm");
}

bool argv_sharing(ArgvBuild *b, GError **error)
{
    if (b->agent && !machine_has_ports(b)) {
        argv_warn(b, "machine type \"%s\" has no bus for a guest agent's port",
                  b->config->system.target);
    } else if (b->agent) {
        if (!add_guest_agent(b, error))
            return false;
        if (b->spice && wants_spice_agent(b))
            add_spice_agent(b);
    }
    if (b->arch->sharing && b->run->shared_dir &&
        b->config->sharing.directory_share_mode == SHARE_MODE_VIRTFS)
        add_folder(b);
    return true;
}

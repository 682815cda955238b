/* SPDX-License-Identifier: Apache-2.0 */
/* What every machine gets: data folder, stopped start, SPICE, monitor, no default devices. */
#include "core/argv/argv-build.h"

static void add_sandbox(ArgvBuild *b)
{
    if (!b->on_linux || !host_has_feature(b->host, "sandbox"))
        return;
    if (b->bridged) {
        argv_warn(b,
                  "QEMU's own sandbox is off, because a bridged network needs qemu-bridge-helper "
                  "to gain its rights");
        return;
    }
    argv_add(b, NULL, "Linux: QEMU itself may start no program and gain no rights", "-sandbox",
             "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny");
}

static bool add_spice(ArgvBuild *b, GError **error)
{
    if (!b->spice) {
        argv_warn(b, "this QEMU has no SPICE: no viewer, no clipboard, no USB redirection");
        return true;
    }
    g_autoptr(GString) value = g_string_new("unix=on");
    if (b->on_linux) {
        g_autofree char *path = argv_socket_path(b, "spice", error);
        if (!path)
            return false;
        argv_prop_path(value, "addr", path);
    } else {
        /* A bare name: the helper starts QEMU in the folder of sockets. */
        argv_prop(value, "addr=%s.spice", b->config->information.uuid);
    }
    const char *gl = b->on_linux ? "on" : "es";
    argv_prop(value, "disable-ticketing=on,image-compression=off,playback-compression=off,"
                     "streaming-video=off");
    if (!b->on_linux || host_has_feature(b->host, "spice-gl"))
        argv_prop(value, "gl=%s", b->any_gl ? gl : "off");
    argv_add(b, b->any_gl ? "Display" : NULL,
             b->any_gl
                 ? "the display over a local socket, with OpenGL because a display asks for it"
                 : "the display over a local socket, no OpenGL display",
             "-spice", "%s", value->str);
    return true;
}

static bool add_monitor(ArgvBuild *b, GError **error)
{
    const char *rule = "the monitor that starts, stops and watches the machine";
    const char *id = "org.qemu.monitor.qmp";
    if (!b->on_linux)
        argv_add(b, NULL, rule, "-chardev", "spiceport,name=%s.0,id=%s", id, id);
    else if (!argv_chardev(b, NULL, rule, id, 0, "qmp", error))
        return false;
    argv_add(b, NULL, rule, "-mon", "chardev=%s,mode=control", id);
    return true;
}

bool argv_base(ArgvBuild *b, GError **error)
{
    if (b->on_linux)
        argv_add_flag(b, NULL, "Linux: files in /etc do not change a machine", "-no-user-config");
    if (b->host->resource_dir)
        argv_add(b, NULL, "folder of firmware and ROMs", "-L", "%s", b->host->resource_dir);
    argv_add_flag(b, NULL, "every machine starts stopped and is resumed over the monitor", "-S");
    if (b->on_linux)
        argv_add(b, NULL, "Linux: QEMU opens no window of its own", "-display", "none");
    add_sandbox(b);
    if (!add_spice(b, error) || !add_monitor(b, error))
        return false;
    if (!b->sparc) {
        const char *rule = "no devices beside those of the bundle";
        argv_add_flag(b, NULL, rule, "-nodefaults");
        argv_add(b, NULL, rule, "-vga", "none");
    }
    return true;
}

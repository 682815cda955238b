/* SPDX-License-Identifier: Apache-2.0 */
/* Display devices. */
#include <string.h>

#include "core/argv/argv-build.h"

/* Devices that take vgamem_mb; virtio-vga and bochs-display refuse it. */
static bool takes_vgamem(const char *name)
{
    static const char *const names[] = {
        "VGA",         "secondary-vga", "cirrus-vga", "isa-cirrus-vga", "isa-vga",
        "vmware-svga", "qxl",           "qxl-vga",    "ati-vga",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_str_equal(name, names[i]))
            return true;
    }
    return false;
}

/* UTM's own devices become the nearest ones that everybody has. */
static const char *replace_fork_device(const ArgvBuild *b, const char *name)
{
    static const struct {
        const char *name;
        const char *instead;
        const char *on_pc;
    } rows[] = {
        { "virtio-ramfb", "virtio-gpu-pci", "virtio-vga" },
        { "virtio-ramfb-gl", "virtio-gpu-gl-pci", "virtio-vga-gl" },
        { "apple-gfx-pci", "virtio-gpu-pci", "virtio-vga" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(name, rows[i].name))
            return b->pc ? rows[i].on_pc : rows[i].instead;
    }
    return name;
}

static char *without_gl(const char *name)
{
    if (g_str_has_suffix(name, "-gl"))
        return g_strndup(name, strlen(name) - 3);
    g_auto(GStrv) parts = g_strsplit(name, "-gl-", -1);
    return g_strjoinv("-", parts);
}

/* The device to pass, with the properties of the bundle; a new string. */
static char *linux_device(ArgvBuild *b, const char *key, const char *hardware)
{
    g_autofree char *wanted = argv_device_name(hardware);
    const char *known = argv_has_device(b, wanted) ? wanted : replace_fork_device(b, wanted);
    bool no_gl = argv_wants_gl(known) && (!b->any_gl || !argv_has_device(b, known));
    g_autofree char *name = no_gl ? without_gl(known) : g_strdup(known);
    if (!g_str_equal(name, wanted))
        argv_warn(b, "%s: using \"%s\" instead of \"%s\", %s", key, name, wanted,
                  no_gl ? "because there is no OpenGL here" : "which is in UTM's QEMU only");
    return g_strconcat(name, hardware + strlen(wanted), NULL);
}

static const ConfigDisplay *vgamem_source(const ArgvBuild *b, const ConfigDisplay *display)
{
    /* UTM gives every display the memory of the first. On Linux each has its own. */
    return b->on_linux ? display : g_ptr_array_index(b->config->displays, 0);
}

static void append_vgamem(ArgvBuild *b, GString *value, const char *key, const char *name,
                          const ConfigDisplay *display)
{
    const ConfigDisplay *source = vgamem_source(b, display);
    if (!source->has_vga_ram_mib)
        return;
    if (b->on_linux && !takes_vgamem(name)) {
        argv_warn(b, "%s: \"%s\" has no video memory to set, VgaRamMib is left out", key, name);
        return;
    }
    argv_prop(value, "vgamem_mb=%" G_GINT64_FORMAT, source->vga_ram_mib);
}

/* What -vga calls a device. UTM passes the device's own name, which QEMU refuses for all but those
 * of 32-bit SPARC. */
static const char *vga_name(const ArgvBuild *b, const char *device)
{
    static const struct {
        const char *device;
        const char *vga;
    } rows[] = {
        { "VGA", "std" },
        { "cirrus-vga", "cirrus" },
        { "virtio-vga", "virtio" },
        { "vmware-svga", "vmware" },
    };
    for (size_t i = 0; b->on_linux && i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(device, rows[i].device))
            return rows[i].vga;
    }
    return device;
}

static void add_sparc(ArgvBuild *b)
{
    const ConfigDisplay *display = g_ptr_array_index(b->config->displays, 0);
    g_autoptr(GString) value = g_string_new(vga_name(b, display->hardware));
    if (!b->on_linux)
        append_vgamem(b, value, "Display[0].VgaRamMib", display->hardware, display);
    argv_add(b, "Display[0].Hardware", "SPARC has one display, chosen with -vga", "-vga", "%s",
             value->str);
}

static bool add_display(ArgvBuild *b, unsigned i, const ConfigDisplay *display, GError **error)
{
    g_autofree char *key = argv_key("Display", i, "Hardware");
    if (g_str_equal(display->hardware, "nubus-macfb"))
        return true; /* on the board */
    if (argv_leave_out(b, key, display->hardware))
        return true;
    g_autofree char *hardware =
        b->on_linux ? linux_device(b, key, display->hardware) : g_strdup(display->hardware);
    if (!argv_check_device(b, key, hardware, error))
        return false;
    g_autofree char *name = argv_device_name(hardware);
    g_autofree char *lower = g_ascii_strdown(display->hardware, -1);
    g_autoptr(GString) value = g_string_new(hardware);
    append_vgamem(b, value, key, name, display);
    /* QEMU takes pictures of its first console by itself, of the others by name. */
    if (b->on_linux && i > 0)
        argv_prop(value, "id=display%u", i);
    if (b->mac99 && strstr(lower, "vga"))
        argv_prop(value, "edid=on");
    /* Vulkan needs UTM's QEMU or a much newer one than Linux distributions have. */
    if (!b->on_linux && argv_wants_gl(display->hardware))
        argv_prop(value, "hostmem=256M,blob=true,venus=true");
    argv_add(b, key, "a display device", "-device", "%s", value->str);
    return true;
}

bool argv_display(ArgvBuild *b, GError **error)
{
    const GPtrArray *displays = b->config->displays;
    if (displays->len == 0) {
        /* SPARC has its default devices, and -nographic would put them on standard input. */
        if (!b->on_linux || !b->sparc)
            argv_add_flag(b, "Display", "no display", "-nographic");
        return true;
    }
    if (b->sparc) {
        add_sparc(b);
        return true;
    }
    for (unsigned i = 0; i < displays->len; i++) {
        if (!add_display(b, i, g_ptr_array_index(displays, i), error))
            return false;
    }
    return true;
}

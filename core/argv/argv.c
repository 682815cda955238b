/* SPDX-License-Identifier: Apache-2.0 */
/* The mapping as a whole: what follows from the inputs, and the order of the sections. */
#include "core/argv/argv.h"

#include <string.h>

#include "core/argv/argv-build.h"
#include "core/argv/argv-user.h"
#include "core/error.h"
#include "core/near-miss.h"

/* Source: UTM 5.0.3 UTMQemuConfiguration+Arguments.swift, allArguments */
static const ArgvSection sections[] = {
    argv_base,    argv_network,     argv_display, argv_serial, argv_cpu,
    argv_machine, argv_firmware,    argv_sound,   argv_usb,    argv_drives,
    argv_sharing, argv_serial_late, argv_misc,    argv_user,   argv_ports,
};

static void argv_item_free(ArgvItem *item)
{
    g_strfreev(item->args);
    g_free(item->key);
    g_free(item->rule);
    g_free(item);
}

void argv_free(Argv *argv)
{
    if (!argv)
        return;
    g_clear_pointer(&argv->items, g_ptr_array_unref);
    g_clear_pointer(&argv->warnings, g_ptr_array_unref);
    g_clear_pointer(&argv->bridges, g_ptr_array_unref);
    g_free(argv->networks);
    g_free(argv->accelerator);
    g_free(argv->accelerator_reason);
    g_free(argv);
}

char **argv_strv(const Argv *argv)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    for (unsigned i = 0; i < argv->items->len; i++) {
        const ArgvItem *item = g_ptr_array_index(argv->items, i);
        for (char **arg = item->args; *arg; arg++)
            g_ptr_array_add(words, g_strdup(*arg));
    }
    g_ptr_array_add(words, NULL);
    return (char **) g_ptr_array_steal(words, NULL);
}

static void derive_machine(ArgvBuild *b)
{
    const char *arch = b->config->system.architecture, *target = b->config->system.target;
    bool x86 = g_str_equal(arch, "x86_64") || g_str_equal(arch, "i386");
    b->sparc = g_str_equal(arch, "sparc") || g_str_equal(arch, "sparc64");
    b->q800 = g_str_equal(arch, "m68k") && g_str_equal(target, "q800");
    b->mac99 =
        (g_str_equal(arch, "ppc") || g_str_equal(arch, "ppc64")) && g_str_equal(target, "mac99");
    b->pc = x86 && (g_str_has_prefix(target, "pc") || g_str_equal(target, "q35") ||
                    g_str_equal(target, "isapc"));
    b->i440fx = b->pc && !g_str_equal(target, "q35") && !g_str_has_prefix(target, "pc-q35");
    b->virt = guest_target_is_virt(target);
    b->virt_prefix = g_str_has_prefix(target, "virt");
}

static void derive_devices(ArgvBuild *b)
{
    const UtmConfig *c = b->config;
    bool isapc = g_str_equal(c->system.target, "isapc");
    b->usb = b->arch->usb && !isapc && c->input.usb_bus != USB_BUS_DISABLED;
    b->agent = b->arch->agent && !isapc;
    b->secure =
        b->arch->secure_boot && !g_str_equal(c->system.target, "microvm") && c->qemu.tpm_device;
    b->coreaudio = !b->on_linux && argv_has_card(b, "pcspk");
    for (unsigned i = 0; i < c->displays->len; i++) {
        const ConfigDisplay *display = g_ptr_array_index(c->displays, i);
        b->any_gl |= argv_wants_gl(display->hardware);
    }
    b->spice = !b->on_linux || host_has_feature(b->host, "spice");
    if (b->on_linux)
        b->any_gl =
            b->any_gl && b->spice && b->host->has_gl && host_has_feature(b->host, "spice-gl");
    for (unsigned i = 0; i < c->networks->len; i++) {
        const ConfigNetwork *network = g_ptr_array_index(c->networks, i);
        b->bridged |= argv_bridge(b, network) != NULL;
    }
    /* UTM: yaboot and friends read the boot device that the user gives them instead. */
    b->no_boot_index = (g_str_equal(b->arch->name, "ppc") || g_str_equal(b->arch->name, "ppc64")) &&
                       argv_user_sets_boot_device(c->qemu.additional_arguments);
}

/* QEMU gives boot index 0 to the loader of a kernel on x86, and refuses it to a drive. UTM hands it
 * out all the same, so that such a machine with a disk does not start there.
 * Source: QEMU 7.2 hw/i386/x86.c, x86_load_linux() */
static void derive_boot_index(ArgvBuild *b)
{
    const char *arch = b->arch->name;
    bool x86 = g_str_equal(arch, "x86_64") || g_str_equal(arch, "i386");
    for (unsigned i = 0; b->on_linux && x86 && i < b->config->drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(b->config->drives, i);
        if (drive->image_type == IMAGE_TYPE_LINUX_KERNEL && drive->image_name)
            b->boot_index = 1;
    }
}

static bool find_architecture(ArgvBuild *b, GError **error)
{
    /* A Linux guest of Apple's framework has a counterpart in QEMU; macOS has none. */
    if (b->config->backend == CONFIG_BACKEND_APPLE &&
        b->config->apple.system.boot.operating_system != APPLE_OS_LINUX) {
        utm_error_set(
            error, UTM_ERROR_UNSUPPORTED, NULL,
            "its guest is %s, which only Apple's Virtualization framework on a Mac can run",
            b->config->apple.system.boot.operating_system == APPLE_OS_MACOS
                ? "macOS"
                : "not known to be Linux");
        return false;
    }
    const char *name = b->config->system.architecture;
    b->arch = guest_arch_find(name);
    if (b->arch)
        return true;
    g_auto(GStrv) names = guest_arch_names();
    g_autofree char *near = near_miss(name, names);
    g_autofree char *hint = near ? g_strdup_printf("did you mean %s?", near) : NULL;
    utm_error_set(error, UTM_ERROR_INVALID, hint, "System.Architecture \"%s\" is not known", name);
    return false;
}

Argv *argv_build(const UtmConfig *config, const HostProfile *host, const ArgvRun *run,
                 GError **error)
{
    g_autoptr(Argv) argv = g_new0(Argv, 1);
    argv->items = g_ptr_array_new_with_free_func((GDestroyNotify) argv_item_free);
    argv->warnings = g_ptr_array_new_with_free_func(g_free);
    argv->bridges = g_ptr_array_new_with_free_func(g_free);
    argv->networks = g_new0(NetworkKind, config->networks->len + 1);
    ArgvBuild b = { .config = config,
                    .host = host,
                    .run = run,
                    .argv = argv,
                    .on_linux = host->system == HOST_LINUX };
    if (!find_architecture(&b, error))
        return NULL;
    derive_machine(&b);
    derive_boot_index(&b);
    derive_devices(&b);
    argv_sharing_derive(&b);
    if (!argv_choose_accelerator(&b, error))
        return NULL;
    argv_count_cpus(&b);
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
        if (!sections[i](&b, error))
            return NULL;
    }
    return g_steal_pointer(&argv);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware, what architectures need beside it, and memory. */
#include "core/argv/argv-build.h"
#include "core/error.h"
#include "core/host/host.h"

static void add_s3_off(ArgvBuild *b)
{
    static const char *const chips[] = { "PIIX4_PM", "ICH9-LPC" };
    if (!g_str_equal(b->arch->name, "x86_64") && !g_str_equal(b->arch->name, "i386"))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(chips); i++) {
        argv_add(b, NULL, "PC: no sleep state that the machine would not come back from", "-global",
                 "%s.disable_s3=1", chips[i]);
    }
}

static char *mac_code(const ArgvBuild *b)
{
    g_autofree char *name =
        g_strdup_printf("%s%s-code.fd", b->arch->uefi_code, b->secure ? "-secure" : "");
    return g_build_filename(b->host->resource_dir, name, NULL);
}

/* Of the PCs only those with PCI have flash. */
static bool has_flash(const ArgvBuild *b)
{
    const char *target = b->config->system.target;
    return !g_str_equal(target, "isapc") && !g_str_equal(target, "microvm");
}

static char *linux_code(ArgvBuild *b, GError **error)
{
    if (!has_flash(b)) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "set QEMU.UEFIBoot to false",
                      "QEMU.UEFIBoot: machine type \"%s\" has no flash for firmware",
                      b->config->system.target);
        return NULL;
    }
    if (b->host->firmware_code)
        return g_strdup(b->host->firmware_code);
    g_autofree char *what = g_strdup_printf("uefi:%s", b->arch->name);
    const char *package = host_package_for(what);
    g_autofree char *hint = package ? g_strdup_printf("sudo apt install %s", package) : NULL;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "QEMU.UEFIBoot: no UEFI firmware for %s is installed", b->arch->name);
    return NULL;
}

static void add_code(ArgvBuild *b, const char *code)
{
    bool qcow2 = b->on_linux && g_str_has_suffix(code, ".qcow2");
    g_autoptr(GString) value = g_string_new("if=pflash");
    argv_prop(value, "format=%s,unit=0", qcow2 ? "qcow2" : "raw");
    argv_prop_path(value, "file.filename", code);
    argv_prop(value, "file.locking=off,readonly=on");
    argv_add(b, "QEMU.UEFIBoot",
             b->secure ? "UEFI firmware; with secure boot, because there is a TPM"
                       : "UEFI firmware",
             "-drive", "%s", value->str);
}

static void add_vars(ArgvBuild *b)
{
    const char *format = b->run->formats ? g_hash_table_lookup(b->run->formats, "efi_vars") : NULL;
    g_autofree char *vars = b->run->efi_vars ? g_strdup(b->run->efi_vars)
                            : b->run->data_dir
                                ? g_build_filename(b->run->data_dir, "efi_vars.fd", NULL)
                                : g_strdup("/efi_vars.fd");
    g_autoptr(GString) value = g_string_new("if=pflash,unit=1");
    if (b->on_linux && format)
        argv_prop(value, "format=%s", format);
    argv_prop_path(value, "file.filename", vars);
    if (!b->host->use_file_lock)
        argv_prop(value, "file.locking=off");
    argv_add(b, "QEMU.UEFIBoot", "the variables of the firmware", "-drive", "%s", value->str);
}

static bool add_uefi(ArgvBuild *b, GError **error)
{
    if (!b->config->qemu.uefi_boot || argv_boots_without_uefi(b->config))
        return true;
    if (!b->arch->uefi_code || (!b->on_linux && !b->host->resource_dir)) {
        if (b->on_linux)
            argv_warn(b, "QEMU.UEFIBoot: there is no UEFI firmware for %s", b->arch->name);
        return true;
    }
    g_autofree char *code = b->on_linux ? linux_code(b, error) : mac_code(b);
    if (!code)
        return false;
    if (b->on_linux && b->pc && b->host->firmware_secure)
        argv_add(b, "QEMU.TPMDevice", "secure boot: only firmware may change its variables",
                 "-global", "driver=cfi.pflash01,property=secure,value=on");
    add_code(b, code);
    add_vars(b);
    return true;
}

/* The ROM is UTM's own; without it the Quadra has no virtio devices. */
static void add_q800(ArgvBuild *b)
{
    if (b->on_linux && (!b->host->resource_dir || !argv_has_device(b, "nubus-virtio-mmio"))) {
        argv_warn(b, "q800: no virtio devices, they need UTM's QEMU and its ROM");
        return;
    }
    g_autoptr(GString) value = g_string_new("nubus-virtio-mmio");
    g_autofree char *rom = g_build_filename(b->host->resource_dir, "m68k-declrom", NULL);
    argv_prop_path(value, "romfile", rom);
    argv_add(b, "System.Target", "q800: virtio devices on NuBus", "-device", "%s", value->str);
}

static void add_mac99(ArgvBuild *b)
{
    if (!b->host->resource_dir) {
        argv_warn(b, "mac99: Mac OS has no driver for the display without UTM's ppc-ndrvloader");
        return;
    }
    const char *rule = "mac99: a loader that gives Mac OS its display driver";
    g_autoptr(GString) value = g_string_new("loader,addr=0x4000000");
    g_autofree char *loader = g_build_filename(b->host->resource_dir, "ppc-ndrvloader", NULL);
    argv_prop_path(value, "file", loader);
    argv_add(b, "System.Target", rule, "-device", "%s", value->str);
    argv_add(b, "System.Target", rule, "-prom-env", "boot-command=init-program go");
}

bool argv_firmware(ArgvBuild *b, GError **error)
{
    int64_t memory = b->config->system.memory_mib;
    if (b->on_linux && memory <= 0) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL,
                      "System.MemorySize %" G_GINT64_FORMAT " is no size", memory);
        return false;
    }
    add_s3_off(b);
    if (!add_uefi(b, error))
        return false;
    if (b->q800)
        add_q800(b);
    if (b->mac99)
        add_mac99(b);
    argv_add(b, "System.MemorySize", "memory in MiB", "-m", "%" G_GINT64_FORMAT, memory);
    return true;
}

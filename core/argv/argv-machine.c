/* SPDX-License-Identifier: Apache-2.0 */
/* Machine type with its properties, and the accelerator. */
#include <string.h>

#include "core/argv/argv-build.h"
#include "core/error.h"
#include "core/near-miss.h"

enum { HIGHMEM_SINCE = 1204, TSO_SINCE = 1500, ASC_SINCE = 80200, GICV2_CPUS = 8 };

/* Families of versioned machine types, and the name of their newest. */
static const struct {
    const char *prefix;
    const char *newest;
} families[] = {
    { "pc-q35-", "q35" },
    { "pc-i440fx-", "pc" },
    { "virt-", "virt" },
    { "pseries-", "pseries" },
    { "s390-ccw-virtio-", "s390-ccw-virtio" },
};

/* The machine type to ask for; NULL with @error set. Borrowed. */
static const char *machine_type(ArgvBuild *b, GError **error)
{
    const char *target = b->config->system.target;
    GHashTable *machines = b->host->qemu ? b->host->qemu->machines : NULL;
    if (!machines || g_hash_table_size(machines) == 0 || g_hash_table_contains(machines, target))
        return target;
    for (size_t i = 0; i < G_N_ELEMENTS(families); i++) {
        if (g_str_has_prefix(target, families[i].prefix) &&
            g_hash_table_contains(machines, families[i].newest)) {
            argv_warn(b, "System.Target: this QEMU has no \"%s\", using \"%s\"", target,
                      families[i].newest);
            return families[i].newest;
        }
    }
    /* Its name before QEMU 9.0. */
    if (g_str_equal(target, "B160L") && g_hash_table_contains(machines, "hppa"))
        return "hppa";
    g_autofree char *near = near_miss_set(target, machines);
    g_autofree char *hint = near ? g_strdup_printf("this QEMU has %s", near) : NULL;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, hint,
                  "System.Target: qemu-system-%s has no machine type \"%s\"", b->arch->name,
                  target);
    return NULL;
}

/* UTM looks for the text "name=" anywhere, so "xhpet=on" hides "hpet=off". On Linux only a property
 * of that very name does. */
static bool is_overridden(const ArgvBuild *b, const GString *value, const char *name)
{
    g_autofree char *start = g_strdup_printf("%s=", name);
    if (!b->on_linux)
        return strstr(value->str, start) != NULL;
    g_auto(GStrv) properties = g_strsplit(value->str, ",", -1);
    for (char **property = properties; *property; property++) {
        if (g_str_has_prefix(*property, start))
            return true;
    }
    return false;
}

static void set_default(ArgvBuild *b, GString *value, const char *name, const char *setting)
{
    if (!is_overridden(b, value, name))
        argv_prop(value, "%s=%s", name, setting);
}

static void append_pc(ArgvBuild *b, GString *value)
{
    set_default(b, value, "vmport", "off");
    if (b->usb && !b->config->qemu.ps2_controller)
        set_default(b, value, "i8042", "off");
    if ((b->coreaudio || b->on_linux) && argv_has_card(b, "pcspk"))
        set_default(b, value, "pcspk-audiodev", "audio1");
    set_default(b, value, "hpet", "off");
}

/* On Linux the machine type of any architecture that is called virt gets what ARM's needs only
 * where it is ARM's, as in UTM, but never the limits of old versions of macOS. */
static void append_virt(ArgvBuild *b, GString *value)
{
    bool riscv = g_str_has_prefix(b->arch->name, "riscv");
    if (!b->virt || (riscv && !g_str_equal(b->config->system.target, "virt")))
        return;
    if (!b->on_linux && b->host->system_version < HIGHMEM_SINCE)
        set_default(b, value, "highmem", "off");
    if (!g_str_equal(b->arch->name, "aarch64"))
        return;
    if (!b->hypervisor)
        set_default(b, value, "virtualization", "on");
    if (b->cores > GICV2_CPUS)
        set_default(b, value, "gic-version", "3");
}

static void append_classic_mac(ArgvBuild *b, GString *value)
{
    if (b->q800 && argv_has_card(b, "asc")) {
        if (b->on_linux && b->host->qemu && b->host->qemu->version < ASC_SINCE)
            argv_warn(b, "the sound chip of q800 needs QEMU 8.2: no sound");
        else
            set_default(b, value, "audiodev", "audio0");
    }
    if (b->mac99)
        set_default(b, value, "via", "pmu");
}

/* Properties of QEMU's machines that name files, one of them for writing. */
static bool check_override(const char *override, GError **error)
{
    static const char *const names[] = { "kernel", "initrd", "dtb", "dumpdtb", "firmware" };
    g_auto(GStrv) properties = g_strsplit(override, ",", -1);
    for (char **property = properties; *property; property++) {
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
            g_autofree char *start = g_strdup_printf("%s=", names[i]);
            if (!g_str_has_prefix(*property, start))
                continue;
            utm_error_set(error, UTM_ERROR_INVALID, "give it in QEMU.AdditionalArguments instead",
                          "QEMU.MachinePropertyOverride: \"%s\" names a file", *property);
            return false;
        }
    }
    return true;
}

static bool add_machine(ArgvBuild *b, GError **error)
{
    const char *override = b->config->qemu.machine_property_override;
    const char *type = machine_type(b, error);
    if (!type || (b->on_linux && override && !check_override(override, error)))
        return false;
    g_autoptr(GString) properties = g_string_new(override);
    if (b->pc)
        append_pc(b, properties);
    append_virt(b, properties);
    append_classic_mac(b, properties);
    if (b->on_linux && b->pc && b->host->firmware_secure && b->config->qemu.uefi_boot)
        set_default(b, properties, "smm", "on");
    if (b->virtiofs)
        argv_prop(properties, "memory-backend=" ARGV_SHARED_MEMORY);
    argv_add(b, "System.Target",
             override ? "the machine type; QEMU.MachinePropertyOverride goes before the defaults"
                      : "the machine type with its defaults",
             "-machine", "%s%s%s", type, properties->len ? "," : "", properties->str);
    return true;
}

static void add_hypervisor(ArgvBuild *b)
{
    const char *rule = "hypervisor: guest and host are of one architecture";
    if (b->on_linux) {
        argv_add(b, "QEMU.Hypervisor", rule, "-accel", "kvm");
        return;
    }
    g_autoptr(GString) value = g_string_new("hvf");
    if (b->config->qemu.tso && b->host->system_version >= TSO_SINCE)
        argv_prop(value, "tso=on");
    if (b->any_gl)
        argv_prop(value, "ipa-granule-size=0x1000");
    argv_add(b, "QEMU.Hypervisor", rule, "-accel", "%s", value->str);
}

bool argv_machine(ArgvBuild *b, GError **error)
{
    const ConfigSystem *system = &b->config->system;
    if (!add_machine(b, error))
        return false;
    if (b->hypervisor) {
        add_hypervisor(b);
        return true;
    }
    int64_t cache = system->jit_cache_mib > 0 ? system->jit_cache_mib : system->memory_mib / 4;
    g_autofree char *reason = g_strdup_printf(
        "emulation: %s; code cache of %s", b->argv->accelerator_reason ?: "it was asked for",
        system->jit_cache_mib > 0 ? "System.JITCacheSize" : "a quarter of the memory");
    argv_add(b, "QEMU.Hypervisor", reason, "-accel", "tcg%s,tb-size=%" G_GINT64_FORMAT,
             system->force_multicore ? ",thread=multi" : "", cache);
    return true;
}

/* Why not, as a clause; NULL when it can. A new string. */
static char *no_hypervisor_reason(const ArgvBuild *b, bool same)
{
    if (!same)
        return g_strdup_printf("the guest is %s and this host is %s", b->arch->name,
                               b->host->architecture);
    if (!b->host->hypervisor)
        return g_strdup(b->host->hypervisor_reason ?: "this host has no hypervisor");
    if (b->on_linux && !host_has_feature(b->host, "accel-kvm"))
        return g_strdup("this QEMU was built without KVM");
    return NULL;
}

/* UTM runs i386 guests by emulation always; who asks for the hypervisor gets it. */
static bool same_architecture(const ArgvBuild *b)
{
    const char *guest = b->arch->name, *host = b->host->architecture;
    if (g_str_equal(guest, host))
        return g_str_equal(guest, "aarch64") || g_str_equal(guest, "x86_64") || b->on_linux;
    return b->on_linux && b->run->accel == ACCEL_HYPERVISOR && g_str_equal(guest, "i386") &&
           g_str_equal(host, "x86_64");
}

bool argv_choose_accelerator(ArgvBuild *b, GError **error)
{
    bool asked = b->run->accel == ACCEL_HYPERVISOR;
    bool same = same_architecture(b);
    g_autofree char *reason = NULL;
    if (b->run->accel == ACCEL_TCG) {
        b->argv->accelerator = g_strdup("tcg");
        return true;
    }
    if (!asked && !b->config->qemu.hypervisor)
        reason = g_strdup("the bundle asks for emulation");
    else
        reason = no_hypervisor_reason(b, same);
    if (!reason) {
        b->hypervisor = true;
        b->argv->accelerator = g_strdup(b->on_linux ? "kvm" : "hvf");
        return true;
    }
    if (asked) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "leave out --accel to have it emulated",
                      "no hypervisor for this machine: %s", reason);
        return false;
    }
    b->argv->accelerator = g_strdup("tcg");
    b->argv->accelerator_reason = g_steal_pointer(&reason);
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about machines and bundles that more than one section asks for. */
#include <string.h>

#include "core/argv/argv-build.h"
#include "core/argv/machine-facts.h"

bool argv_wants_gl(const char *hardware)
{
    g_autofree char *name = argv_device_name(hardware);
    return g_str_has_suffix(name, "-gl") || strstr(name, "-gl-");
}

bool argv_has_card(const ArgvBuild *b, const char *hardware)
{
    for (unsigned i = 0; i < b->config->sounds->len; i++) {
        const ConfigSound *card = g_ptr_array_index(b->config->sounds, i);
        if (g_str_equal(card->hardware, hardware))
            return true;
    }
    return false;
}

bool argv_boots_without_uefi(const UtmConfig *config)
{
    for (unsigned i = 0; i < config->drives->len; i++) {
        const ConfigDrive *drive = g_ptr_array_index(config->drives, i);
        bool medium = drive->image_type == IMAGE_TYPE_DISK || drive->image_type == IMAGE_TYPE_CD;
        if ((medium && drive->interface == DRIVE_INTERFACE_PFLASH) ||
            drive->image_type == IMAGE_TYPE_BIOS || drive->image_type == IMAGE_TYPE_LINUX_KERNEL)
            return true;
    }
    return false;
}

static bool in_list(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (g_str_equal(word, list[i]))
            return true;
    }
    return false;
}

/* QEMU can tell only of a machine that it has started, so the exceptions are listed here. ARM is
 * the other way round: most of its boards have no PCI. */
bool machine_has_pci(const char *arch, const char *target)
{
    static const char *const arm_with[] = {
        "sbsa-ref",       "versatilepb",     "versatileab", "realview-eb",   "realview-eb-mpcore",
        "realview-pb-a8", "realview-pbx-a9", "raspi4b",     "mcimx7d-sabre", "imx8mp-evk",
    };
    static const char *const without[] = {
        "isapc", "microvm",  "none",     "virtex-ml507", "ref405ep", "mipssim",
        "spike", "sifive_e", "sifive_u", "opentitan",    "shakti_c", "or1k-sim",
        "sim",   "lx60",     "lx200",    "ml605",        "kc705",    "niagara",
    };
    static const char *const archs_without[] = {
        "avr", "m68k", "microblaze", "microblazeel", "rx", "sparc", "tricore",
    };
    if (in_list(arch, archs_without, G_N_ELEMENTS(archs_without)))
        return false;
    if (g_str_equal(arch, "arm") || g_str_equal(arch, "aarch64"))
        return guest_target_is_virt(target) || in_list(target, arm_with, G_N_ELEMENTS(arm_with));
    return !in_list(target, without, G_N_ELEMENTS(without));
}

/* SPARC's has none of the DMA that sound cards need. */
static bool machine_has_isa(const char *arch, const char *target)
{
    static const char *const archs[] = { "alpha", "mips", "mipsel", "mips64", "mips64el" };
    static const char *const targets[] = { "40p", "pegasos2", "amigaone" };
    if (g_str_equal(arch, "x86_64") || g_str_equal(arch, "i386"))
        return !g_str_equal(target, "microvm") && !g_str_equal(target, "none");
    return in_list(arch, archs, G_N_ELEMENTS(archs)) ||
           in_list(target, targets, G_N_ELEMENTS(targets));
}

bool argv_has_pci(const ArgvBuild *b)
{
    return machine_has_pci(b->arch->name, b->config->system.target);
}

static bool is_pci_device(const char *name)
{
    static const char *const names[] = {
        "VGA",           "cirrus-vga",
        "bochs-display", "ati-vga",
        "secondary-vga", "vmware-svga",
        "qxl",           "qxl-vga",
        "e1000e",        "igb",
        "rtl8139",       "ne2k_pci",
        "pcnet",         "tulip",
        "vmxnet3",       "rocker",
        "sungem",        "sunhme",
        "AC97",          "ES1370",
        "intel-hda",     "ich9-intel-hda",
        "e1000",         "e1000-82544gc",
        "e1000-82545em",
    };
    return in_list(name, names, G_N_ELEMENTS(names)) || g_str_has_prefix(name, "i825") ||
           g_str_has_prefix(name, "virtio-vga") || g_str_has_prefix(name, "pci-") ||
           (g_str_has_prefix(name, "virtio-") && strstr(name, "-pci"));
}

static bool is_isa_device(const char *name)
{
    static const char *const names[] = { "sb16", "cs4231a", "gus", "adlib", "ne2k_isa" };
    return in_list(name, names, G_N_ELEMENTS(names)) || g_str_has_prefix(name, "isa-");
}

bool machine_has_ide(const char *arch, const char *target)
{
    static const char *const archs_without[] = { "hppa", "loongarch64", "riscv32", "riscv64",
                                                 "s390x" };
    static const char *const targets_with[] = { "cubieboard", "highbank",    "midway", "isapc",
                                                "sabrelite",  "xlnx-zcu102", "akita",  "spitz",
                                                "tosa",       "terrier",     "borzoi" };
    static const char *const targets_without[] = { "pseries", "powernv" };
    if (in_list(target, targets_with, G_N_ELEMENTS(targets_with)))
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(targets_without); i++) {
        if (g_str_has_prefix(target, targets_without[i]))
            return false;
    }
    return machine_has_pci(arch, target) && !guest_target_is_virt(target) &&
           !in_list(arch, archs_without, G_N_ELEMENTS(archs_without));
}

const char *machine_lacks_bus(const char *arch, const char *target, const char *device)
{
    g_autofree char *name = argv_device_name(device);
    if (is_pci_device(name) && !machine_has_pci(arch, target))
        return "PCI";
    if (is_isa_device(name) && !machine_has_isa(arch, target))
        return "ISA";
    if (g_str_equal(name, "eTSEC") && !g_str_equal(target, "ppce500"))
        return "platform";
    return NULL;
}

bool argv_leave_out(ArgvBuild *b, const char *key, const char *device)
{
    const char *bus = machine_lacks_bus(b->arch->name, b->config->system.target, device);
    if (!b->on_linux || !bus)
        return false;
    argv_warn(b, "%s: \"%s\" is left out, machine type \"%s\" has no %s bus", key, device,
              b->config->system.target, bus);
    return true;
}

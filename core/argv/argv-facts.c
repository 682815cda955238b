/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about machines and bundles that more than one section asks for. */
#include <string.h>

#include "core/argv/argv-build.h"

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
bool argv_has_pci(const ArgvBuild *b)
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
    const char *arch = b->arch->name, *target = b->config->system.target;
    if (in_list(arch, archs_without, G_N_ELEMENTS(archs_without)))
        return false;
    if (g_str_equal(arch, "arm") || g_str_equal(arch, "aarch64"))
        return b->virt || in_list(target, arm_with, G_N_ELEMENTS(arm_with));
    return !in_list(target, without, G_N_ELEMENTS(without));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The table of architectures. */
#include "bundles/arch.h"

#include <glib.h>
#include <string.h>

/* Devices that several rows begin with. */
#define PCI_SOUND .sound = "ES1370"
#define ISA_SOUND .sound = "sb16"

static const GuestArch architectures[] = {
    { "aarch64", "virt", .agent = true, .sharing = true, .usb = true, .secure_boot = true,
      .weak_memory = true, .uefi_code = "edk2-aarch64", .uefi_vars = "edk2-arm",
      .tcg_cpu = "cortex-a72", .display = "VGA", .network = "e1000e", PCI_SOUND },
    { "alpha", "clipper", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000", ISA_SOUND },
    { "arm", "virt", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .uefi_code = "edk2-arm", .uefi_vars = "edk2-arm", .tcg_cpu = "cortex-a15", .display = "VGA",
      .network = "e1000e", PCI_SOUND },
    { "avr", "mega", .sharing = true, .usb = true, .weak_memory = true },
    { "hppa", "B160L", .agent = true, .sharing = true, .usb = true, .display = "VGA",
      .network = "e1000", ISA_SOUND },
    { "i386", "q35", .agent = true, .sharing = true, .usb = true, .secure_boot = true,
      .uefi_code = "edk2-i386", .uefi_vars = "edk2-i386", .display = "VGA", .network = "e1000e",
      ISA_SOUND },
    { "loongarch64", "virt", .agent = true, .sharing = true, .usb = true,
      .uefi_code = "edk2-loongarch64", .uefi_vars = "edk2-loongarch64", .display = "VGA",
      .network = "e1000e", PCI_SOUND },
    { "m68k", "mcf5208evb", .sharing = true, .display = "nubus-macfb",
      .network = "virtio-net-device", .sound = "virtio-sound-device" },
    { "microblaze", "petalogix-s3adsp1800", .sharing = true, .usb = true },
    { "microblazeel", "petalogix-s3adsp1800", .sharing = true, .usb = true },
    { "mips", "malta", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000", ISA_SOUND },
    { "mips64", "malta", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000", ISA_SOUND },
    { "mips64el", "malta", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000e", ISA_SOUND },
    { "mipsel", "malta", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000", ISA_SOUND },
    { "or1k", "or1k-sim", .agent = true, .sharing = true, .usb = true, .display = "VGA",
      .network = "e1000", PCI_SOUND },
    { "ppc", "g3beige", .sharing = true, .usb = true, .weak_memory = true, .display = "VGA",
      .network = "eTSEC", ISA_SOUND },
    { "ppc64", "pseries-10.0", .sharing = true, .usb = true, .weak_memory = true, .display = "VGA",
      .network = "eTSEC", ISA_SOUND },
    { "riscv32", "spike", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000e", PCI_SOUND },
    { "riscv64", "virt", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .uefi_code = "edk2-riscv", .uefi_vars = "edk2-riscv", .display = "VGA", .network = "e1000e",
      PCI_SOUND },
    { "rx", "gdbsim-r5f562n7", .sharing = true, .usb = true },
    { "s390x", "s390-ccw-virtio-10.0", .agent = true, .sharing = true, .display = "virtio-gpu-ccw",
      .network = "e1000e", .sound = "virtio-sound-pci" },
    { "sh4", "none", .agent = true, .sharing = true, .usb = true, .display = "VGA",
      .network = "e1000", ISA_SOUND },
    { "sh4eb", "none", .agent = true, .sharing = true, .usb = true, .display = "VGA",
      .network = "e1000", ISA_SOUND },
    { "sparc", "SS-5", .display = "tcx", .network = "lance" },
    { "sparc64", "sun4u", .display = "VGA", .network = "e1000", ISA_SOUND },
    { "tricore", "tricore_testboard", .sharing = true, .usb = true },
    { "x86_64", "q35", .agent = true, .sharing = true, .usb = true, .secure_boot = true,
      .uefi_code = "edk2-x86_64", .uefi_vars = "edk2-i386", .display = "VGA", .network = "e1000e",
      ISA_SOUND },
    { "xtensa", "sim", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000", PCI_SOUND },
    { "xtensaeb", "sim", .agent = true, .sharing = true, .usb = true, .weak_memory = true,
      .display = "VGA", .network = "e1000", PCI_SOUND },
};

const GuestArch *guest_arch_find(const char *name)
{
    for (size_t i = 0; name && i < G_N_ELEMENTS(architectures); i++) {
        if (strcmp(architectures[i].name, name) == 0)
            return &architectures[i];
    }
    return NULL;
}

char **guest_arch_names(void)
{
    char **names = g_new0(char *, G_N_ELEMENTS(architectures) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(architectures); i++)
        names[i] = g_strdup(architectures[i].name);
    return names;
}

bool guest_target_is_virt(const char *target)
{
    return g_str_equal(target, "virt") || g_str_has_prefix(target, "virt-");
}

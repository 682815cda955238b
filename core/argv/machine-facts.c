/* SPDX-License-Identifier: Apache-2.0 */
/* The buses of machine types. */
#include "core/argv/machine-facts.h"

#include <glib.h>
#include <string.h>

#include "bundles/arch.h"

enum {
    HAS_PCI = 1 << 0,
    HAS_USB = 1 << 1,
    HAS_IDE = 1 << 2,
    HAS_ISA = 1 << 3, /* with the DMA that sound cards need */
    HAS_ALL = HAS_PCI | HAS_USB | HAS_IDE | HAS_ISA,
};

typedef struct {
    const char *target;
    unsigned buses;
} Row;

/* Most boards of ARM have none of these. */
static const Row arm_rows[] = {
    { "virt", HAS_PCI },
    { "sbsa-ref", HAS_PCI | HAS_USB | HAS_IDE },
    { "imx8mp-evk", HAS_PCI | HAS_USB },
    { "mcimx7d-sabre", HAS_PCI | HAS_USB },
    { "realview-eb", HAS_PCI | HAS_USB },
    { "realview-eb-mpcore", HAS_PCI | HAS_USB },
    { "versatileab", HAS_PCI | HAS_USB },
    { "versatilepb", HAS_PCI | HAS_USB },
    { "cubieboard", HAS_USB | HAS_IDE },
    { "xlnx-zcu102", HAS_USB | HAS_IDE },
    { "highbank", HAS_IDE },
    { "midway", HAS_IDE },
    { "akita", HAS_USB },
    { "ast2500-evb", HAS_USB },
    { "ast2600-evb", HAS_USB },
    { "bletchley-bmc", HAS_USB },
    { "borzoi", HAS_USB },
    { "fby35", HAS_USB },
    { "fby35-bmc", HAS_USB },
    { "fp5280g2-bmc", HAS_USB },
    { "fuji-bmc", HAS_USB },
    { "g220a-bmc", HAS_USB },
    { "imx25-pdk", HAS_USB },
    { "kudo-bmc", HAS_USB },
    { "mainstone", HAS_USB },
    { "mcimx6ul-evk", HAS_USB },
    { "mori-bmc", HAS_USB },
    { "n800", HAS_USB },
    { "n810", HAS_USB },
    { "npcm750-evb", HAS_USB },
    { "nuri", HAS_USB },
    { "orangepi-pc", HAS_USB },
    { "palmetto-bmc", HAS_USB },
    { "qcom-dc-scm-v1-bmc", HAS_USB },
    { "qcom-firework-bmc", HAS_USB },
    { "quanta-gbs-bmc", HAS_USB },
    { "quanta-gsj", HAS_USB },
    { "quanta-q71l-bmc", HAS_USB },
    { "rainier-bmc", HAS_USB },
    { "raspi0", HAS_USB },
    { "raspi1ap", HAS_USB },
    { "raspi2b", HAS_USB },
    { "raspi3ap", HAS_USB },
    { "raspi3b", HAS_USB },
    { "raspi4b", HAS_USB },
    { "romulus-bmc", HAS_USB },
    { "sabrelite", HAS_USB },
    { "smdkc210", HAS_USB },
    { "sonorapass-bmc", HAS_USB },
    { "spitz", HAS_USB },
    { "supermicrox11-bmc", HAS_USB },
    { "tacoma-bmc", HAS_USB },
    { "terrier", HAS_USB },
    { "witherspoon-bmc", HAS_USB },
    { "xilinx-zynq-a9", HAS_USB },
    { "xlnx-versal-virt", HAS_USB },
    { "z2", HAS_USB },
};

static const Row rows[] = {
    { "none", 0 },
    { "virt", HAS_PCI },
    { "40p", HAS_PCI | HAS_ISA },
    { "B160L", HAS_PCI },
    { "C3700", HAS_PCI },
    { "amd-microblaze-v-generic", 0 },
    { "bamboo", HAS_PCI },
    { "boston", HAS_PCI | HAS_IDE },
    { "clipper", HAS_PCI | HAS_IDE | HAS_ISA },
    { "fuloong2e", HAS_ALL },
    { "g3beige", HAS_PCI | HAS_USB | HAS_IDE },
    { "hppa", HAS_PCI },
    { "isapc", HAS_IDE | HAS_ISA },
    { "kc705", 0 },
    { "kc705-nommu", 0 },
    { "loongson3-virt", HAS_PCI },
    { "lx200", 0 },
    { "lx200-nommu", 0 },
    { "lx60", 0 },
    { "lx60-nommu", 0 },
    { "mac99", HAS_PCI | HAS_USB | HAS_IDE },
    { "magnum", HAS_ISA },
    { "microchip-icicle-kit", 0 },
    { "microvm", HAS_USB },
    { "mipssim", 0 },
    { "ml605", 0 },
    { "ml605-nommu", 0 },
    { "mpc8544ds", HAS_PCI },
    { "niagara", 0 },
    { "opentitan", 0 },
    { "or1k-sim", 0 },
    { "pica61", HAS_ISA },
    { "powernv", 0 },
    { "powernv10", 0 },
    { "powernv8", 0 },
    { "powernv9", 0 },
    { "ppce500", HAS_PCI },
    { "pseries", HAS_PCI | HAS_USB },
    { "r2d", HAS_PCI | HAS_USB | HAS_IDE },
    { "ref405ep", 0 },
    { "s390-ccw-virtio", HAS_PCI },
    { "sam460ex", HAS_PCI | HAS_USB },
    { "shakti_c", 0 },
    { "shix", 0 },
    { "sifive_e", 0 },
    { "sifive_u", 0 },
    { "sim", 0 },
    { "spike", 0 },
    { "sun4u", HAS_PCI | HAS_IDE },
    { "sun4v", HAS_PCI | HAS_IDE },
    { "virtex-ml507", 0 },
};

static bool in_list(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (g_str_equal(word, list[i]))
            return true;
    }
    return false;
}

static unsigned find_row(const Row *table, size_t count, const char *target, unsigned otherwise)
{
    for (size_t i = 0; i < count; i++) {
        if (g_str_equal(table[i].target, target))
            return table[i].buses;
    }
    return otherwise;
}

/* The buses of a versioned machine type are those of its family. */
static const char *family(const char *target)
{
    static const char *const names[] = { "virt", "pseries", "s390-ccw-virtio" };
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        size_t length = strlen(names[i]);
        if (strncmp(target, names[i], length) == 0 && target[length] == '-' &&
            g_ascii_isdigit(target[length + 1]))
            return names[i];
    }
    return target;
}

static unsigned machine_buses(const char *arch, const char *target)
{
    static const char *const none[] = { "avr", "m68k",  "microblaze", "microblazeel",
                                        "rx",  "sparc", "tricore" };
    if (in_list(arch, none, G_N_ELEMENTS(none)))
        return 0;
    if (g_str_equal(arch, "arm") || g_str_equal(arch, "aarch64"))
        return find_row(arm_rows, G_N_ELEMENTS(arm_rows), family(target), 0);
    return find_row(rows, G_N_ELEMENTS(rows), family(target), HAS_ALL);
}

bool machine_has_pci(const char *arch, const char *target)
{
    return machine_buses(arch, target) & HAS_PCI;
}

bool machine_has_usb(const char *arch, const char *target)
{
    return machine_buses(arch, target) & HAS_USB;
}

bool machine_has_ide(const char *arch, const char *target)
{
    return machine_buses(arch, target) & HAS_IDE;
}

static bool is_pci_device(const char *name)
{
    static const char *const names[] = {
        "AC97",        "ES1370", "VGA",       "ati-vga",  "bochs-display",  "cirrus-vga",
        "e1000",       "igb",    "intel-hda", "ne2k_pci", "ich9-intel-hda", "secondary-vga",
        "pcnet",       "e1000e", "qxl",       "qxl-vga",  "rocker",         "rtl8139",
        "vmware-svga", "sungem", "sunhme",    "tulip",    "vmxnet3",
    };
    return in_list(name, names, G_N_ELEMENTS(names)) || g_str_has_prefix(name, "i825") ||
           g_str_has_prefix(name, "e1000-") || g_str_has_prefix(name, "pci-") ||
           g_str_has_prefix(name, "virtio-vga") ||
           (g_str_has_prefix(name, "virtio-") && strstr(name, "-pci"));
}

static bool is_isa_device(const char *name)
{
    static const char *const names[] = { "adlib", "cs4231a", "gus", "ne2k_isa", "sb16" };
    return in_list(name, names, G_N_ELEMENTS(names)) || g_str_has_prefix(name, "isa-");
}

const char *machine_lacks_bus(const char *arch, const char *target, const char *device)
{
    g_autofree char *name = g_strndup(device, strcspn(device, ","));
    unsigned buses = machine_buses(arch, target);
    if (is_pci_device(name) && !(buses & HAS_PCI))
        return "PCI";
    if (is_isa_device(name) && !(buses & HAS_ISA))
        return "ISA";
    if (g_str_equal(name, "eTSEC") && !g_str_equal(target, "ppce500"))
        return "platform";
    return NULL;
}

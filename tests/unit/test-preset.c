/* SPDX-License-Identifier: Apache-2.0 */
/* Tests of bundles/preset.c against UTM's results for every default machine and some others. */
#include "bundles/preset.h"

#include "bundles/arch.h"

enum { NO = 0, YES = 1, ANY = 2 };

/* Display, network and sound; NULL: none. */
static const struct {
    const char *arch, *target, *display;
    int dynamic;
    const char *network, *sound;
    UsbBus usb;
    bool uefi;
    ShareMode share;
    bool clipboard;
    DriveInterface disk, cd;
} rows[] = {
#define IDE DRIVE_INTERFACE_IDE
#define SCSI DRIVE_INTERFACE_SCSI
#define VIRTIO DRIVE_INTERFACE_VIRTIO
#define USB DRIVE_INTERFACE_USB
#define PLAIN SHARE_MODE_NONE, false
#define WEBDAV SHARE_MODE_WEBDAV, true
#define VIRTFS SHARE_MODE_VIRTFS, false
    /* clang-format off */
    { "alpha", "clipper", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "arm", "virt", "virtio-ramfb", YES, "virtio-net-pci", "intel-hda", USB_BUS_3_0, YES, WEBDAV, VIRTIO, USB },
    { "aarch64", "virt", "virtio-ramfb", YES, "virtio-net-pci", "intel-hda", USB_BUS_3_0, YES, WEBDAV, VIRTIO, USB },
    { "avr", "mega", NULL, ANY, NULL, NULL, USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "hppa", "B160L", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "i386", "q35", "virtio-vga", YES, "e1000", "intel-hda", USB_BUS_3_0, YES, WEBDAV, IDE, IDE },
    { "loongarch64", "virt", "virtio-ramfb", YES, "virtio-net-pci", "intel-hda", USB_BUS_2_0, YES, PLAIN, VIRTIO, USB },
    { "m68k", "mcf5208evb", "nubus-macfb", NO, "virtio-net-device", "virtio-sound-device", USB_BUS_DISABLED, NO, PLAIN, SCSI, SCSI },
    { "microblaze", "petalogix-s3adsp1800", NULL, ANY, NULL, NULL, USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "microblazeel", "petalogix-s3adsp1800", NULL, ANY, NULL, NULL, USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "mips", "malta", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "mipsel", "malta", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "mips64", "malta", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "mips64el", "malta", "VGA", YES, "e1000e", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "or1k", "or1k-sim", "VGA", YES, "e1000", "ES1370", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "ppc", "g3beige", "VGA", NO, "eTSEC", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "ppc64", "pseries-10.0", "VGA", NO, "eTSEC", "AC97", USB_BUS_2_0, NO, PLAIN, VIRTIO, USB },
    { "riscv32", "spike", "VGA", YES, "e1000e", "ES1370", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "riscv64", "virt", "virtio-ramfb", YES, "virtio-net-pci", "intel-hda", USB_BUS_2_0, YES, PLAIN, VIRTIO, USB },
    { "rx", "gdbsim-r5f562n7", NULL, ANY, NULL, NULL, USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "s390x", "s390-ccw-virtio-10.0", "virtio-gpu-ccw", YES, "e1000e", "virtio-sound-pci", USB_BUS_DISABLED, NO, PLAIN, IDE, IDE },
    { "sh4", "none", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "sh4eb", "none", "VGA", YES, "e1000", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "sparc", "SS-5", "tcx", NO, "lance", NULL, USB_BUS_DISABLED, NO, PLAIN, SCSI, SCSI },
    { "sparc64", "sun4u", "VGA", NO, "e1000", "sb16", USB_BUS_DISABLED, NO, PLAIN, SCSI, SCSI },
    { "tricore", "tricore_testboard", NULL, ANY, NULL, NULL, USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "x86_64", "q35", "virtio-vga", YES, "e1000", "intel-hda", USB_BUS_3_0, YES, WEBDAV, IDE, IDE },
    { "xtensa", "sim", "VGA", YES, "e1000", "ES1370", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "xtensaeb", "sim", "VGA", YES, "e1000", "ES1370", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "i386", "pc", "cirrus-vga", NO, "ne2k_isa", "sb16", USB_BUS_3_0, YES, WEBDAV, IDE, IDE },
    { "x86_64", "pc", "cirrus-vga", NO, "rtl8139", "sb16", USB_BUS_3_0, YES, WEBDAV, IDE, IDE },
    { "x86_64", "pc-q35-10.0", "cirrus-vga", NO, "rtl8139", "sb16", USB_BUS_3_0, YES, WEBDAV, IDE, IDE },
    { "x86_64", "isapc", "isa-vga", NO, "ne2k_isa", "sb16", USB_BUS_DISABLED, NO, PLAIN, IDE, IDE },
    { "x86_64", "microvm", "VGA", YES, "e1000e", "sb16", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "aarch64", "sbsa-ref", "VGA", YES, "e1000e", "ES1370", USB_BUS_2_0, NO, PLAIN, IDE, IDE },
    { "ppc", "mac99", "VGA", NO, "sungem", "screamer", USB_BUS_2_0, NO, VIRTFS, IDE, IDE },
    { "ppc64", "mac99", "VGA", NO, "sungem", "screamer", USB_BUS_2_0, NO, VIRTFS, IDE, IDE },
    { "ppc64", "pseries", "VGA", NO, "eTSEC", "AC97", USB_BUS_2_0, NO, PLAIN, VIRTIO, USB },
    { "m68k", "q800", "nubus-macfb", NO, "dp8393x", "asc", USB_BUS_DISABLED, NO, VIRTFS, SCSI, SCSI },
    { "m68k", "virt", "virtio-ramfb", NO, "virtio-net-pci", "intel-hda", USB_BUS_DISABLED, NO, PLAIN, VIRTIO, USB },
    { "riscv32", "virt", "virtio-ramfb", YES, "virtio-net-pci", "intel-hda", USB_BUS_2_0, NO, PLAIN, VIRTIO, USB },
    { "s390x", "s390-ccw-virtio", "virtio-gpu-ccw", YES, "e1000e", "virtio-sound-pci", USB_BUS_DISABLED, NO, PLAIN, IDE, IDE },
    /* clang-format on */
};

static void assert_row(const UtmConfig *config, size_t i)
{
    const ConfigDisplay *display = config->displays->len ? config->displays->pdata[0] : NULL;
    const ConfigNetwork *network = config->networks->len ? config->networks->pdata[0] : NULL;
    const ConfigSound *sound = config->sounds->len ? config->sounds->pdata[0] : NULL;
    g_assert_cmpstr(display ? display->hardware : NULL, ==, rows[i].display);
    if (display)
        g_assert_cmpint(display->dynamic_resolution, ==, rows[i].dynamic);
    g_assert_cmpuint(config->serials->len, ==, rows[i].display ? 0 : 1);
    g_assert_cmpstr(network ? network->hardware : NULL, ==, rows[i].network);
    g_assert_cmpstr(sound ? sound->hardware : NULL, ==, rows[i].sound);
    g_assert_cmpint(config->input.usb_bus, ==, rows[i].usb);
    g_assert_cmpint(config->qemu.uefi_boot, ==, rows[i].uefi);
    g_assert_cmpint(config->qemu.rng_device, ==, rows[i].uefi);
    g_assert_cmpint(config->sharing.directory_share_mode, ==, rows[i].share);
    g_assert_cmpint(config->sharing.clipboard_sharing, ==, rows[i].clipboard);
    g_assert_cmpint(preset_drive_interface(config, IMAGE_TYPE_DISK), ==, rows[i].disk);
    g_assert_cmpint(preset_drive_interface(config, IMAGE_TYPE_CD), ==, rows[i].cd);
}

static void test_table(void)
{
    const PresetHost host = { 0 };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_test_message("%s %s", rows[i].arch, rows[i].target);
        g_autoptr(UtmConfig) config = utm_config_new();
        preset_apply(config, rows[i].arch, rows[i].target, &host);
        assert_row(config, i);
        g_assert_cmpstr(config->system.cpu, ==, "default");
    }
}

static void test_every_architecture_has_a_row(void)
{
    g_auto(GStrv) names = guest_arch_names();
    for (char **name = names; *name; name++) {
        bool found = false;
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
            found |= g_str_equal(rows[i].arch, *name) &&
                     g_str_equal(rows[i].target, guest_arch_find(*name)->default_target);
        g_test_message("%s", *name);
        g_assert_true(found);
    }
    g_assert_cmpuint(g_strv_length(names), ==, 29);
}

static void test_host(void)
{
    const PresetHost mac = { .is_mac = true, .hypervisor = true };
    g_autoptr(UtmConfig) config = utm_config_new();
    config->system.memory_mib = 123;
    preset_apply(config, "aarch64", NULL, &mac);
    const ConfigNetwork *network = config->networks->pdata[0];
    g_assert_cmpint(network->mode, ==, NETWORK_MODE_SHARED);
    g_assert_true(config->qemu.hypervisor);
    g_assert_cmpint(config->system.memory_mib, ==, 123);
    g_assert_cmpstr(config->system.target, ==, "virt");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/preset/table", test_table);
    g_test_add_func("/preset/every-architecture", test_every_architecture_has_a_row);
    g_test_add_func("/preset/host", test_host);
    return g_test_run();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The QEMU counterpart of an Apple machine: each of its devices as the one that a Linux guest
 * would take for it. */
#include <string.h>

#include "bundles/keys-tables.h"
#include "bundles/record.h"

static void replace(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static void fill_system(UtmConfig *config)
{
    const AppleSystem *from = &config->apple.system;
    const AppleVirtualization *devices = &config->apple.virtualization;
    bool is_pc = g_strcmp0(from->architecture, "x86_64") == 0;
    replace(&config->system.architecture, from->architecture);
    replace(&config->system.target, is_pc ? "q35" : "virt");
    config->system.cpu_count = from->cpu_count;
    config->system.memory_mib = from->memory_mib;
    config->qemu.uefi_boot = from->boot.uefi_boot;
    config->qemu.rng_device = devices->entropy;
    config->qemu.balloon_device = devices->balloon;
    config->qemu.hypervisor = true;
    config->input.usb_bus = USB_BUS_3_0;
    config->input.maximum_usb_share = 0;
    config->sharing.directory_share_mode = SHARE_MODE_VIRTFS;
    config->sharing.clipboard_sharing = devices->clipboard_sharing;
    /* Its own virtio sound card is younger than many a QEMU. */
    if (devices->audio)
        g_ptr_array_add(config->sounds, config_sound_new("intel-hda"));
}

static void add_boot_file(UtmConfig *config, ImageType type, const char *name)
{
    if (!name)
        return;
    ConfigDrive *drive = config_drive_new(type, DRIVE_INTERFACE_NONE);
    drive->image_name = g_strdup(name);
    replace(&drive->identifier, type == IMAGE_TYPE_LINUX_KERNEL ? "kernel" : "initrd");
    g_ptr_array_add(config->drives, drive);
}

static void fill_boot(UtmConfig *config)
{
    const AppleBoot *boot = &config->apple.system.boot;
    if (boot->uefi_boot)
        return;
    add_boot_file(config, IMAGE_TYPE_LINUX_KERNEL, boot->linux_kernel_path);
    add_boot_file(config, IMAGE_TYPE_LINUX_INITRD, boot->linux_initial_ramdisk_path);
    if (!boot->linux_command_line)
        return;
    /* In quotes it stays one argument although there are blanks in it. */
    g_strfreev(config->qemu.additional_arguments);
    config->qemu.additional_arguments = g_new0(char *, 3);
    config->qemu.additional_arguments[0] = g_strdup("-append");
    config->qemu.additional_arguments[1] = g_strdup_printf("\"%s\"", boot->linux_command_line);
}

static void fill_drives(UtmConfig *config)
{
    const GPtrArray *drives = config->apple.drives;
    for (guint i = 0; drives && i < drives->len; i++) {
        const AppleDrive *from = drives->pdata[i];
        bool removable = from->image_name == NULL;
        ConfigDrive *to =
            config_drive_new(removable && from->read_only ? IMAGE_TYPE_CD : IMAGE_TYPE_DISK,
                             removable    ? DRIVE_INTERFACE_USB
                             : from->nvme ? DRIVE_INTERFACE_NVME
                                          : DRIVE_INTERFACE_VIRTIO);
        to->image_name = g_strdup(from->image_name);
        to->read_only = from->read_only;
        if (from->identifier)
            replace(&to->identifier, from->identifier);
        g_ptr_array_add(config->drives, to);
    }
}

static void fill_networks(UtmConfig *config)
{
    const GPtrArray *networks = config->apple.networks;
    for (guint i = 0; networks && i < networks->len; i++) {
        const AppleNetwork *from = networks->pdata[i];
        ConfigNetwork *to = config_network_new(
            from->mode == APPLE_NETWORK_BRIDGED ? NETWORK_MODE_BRIDGED : NETWORK_MODE_SHARED,
            "virtio-net-pci");
        if (from->mac_address)
            replace(&to->mac_address, from->mac_address);
        to->bridge_interface = g_strdup(from->bridge_interface);
        g_ptr_array_add(config->networks, to);
    }
}

static void fill_displays(UtmConfig *config)
{
    const GPtrArray *displays = config->apple.displays;
    bool is_pc = g_strcmp0(config->system.target, "q35") == 0;
    for (guint i = 0; displays && i < displays->len; i++) {
        const AppleDisplay *from = displays->pdata[i];
        /* Firmware of a PC shows nothing on a card without VGA. */
        ConfigDisplay *to = config_display_new(is_pc && i == 0 ? "virtio-vga" : "virtio-gpu-pci");
        to->dynamic_resolution = from->dynamic_resolution;
        g_ptr_array_add(config->displays, to);
    }
}

/* Apple's serial port is a virtio console: guests are told console=hvc0. */
static void fill_serials(UtmConfig *config)
{
    const GPtrArray *serials = config->apple.serials;
    for (guint i = 0; serials && i < serials->len; i++) {
        const AppleSerial *from = serials->pdata[i];
        ConfigSerial *to = config_serial_new(from->mode == APPLE_SERIAL_PTTY ? SERIAL_MODE_PTTY
                                                                             : SERIAL_MODE_TERMINAL,
                                             SERIAL_TARGET_MANUAL);
        to->hardware = g_strdup("virtconsole");
        g_ptr_array_add(config->serials, to);
    }
}

void config_fill_qemu_sections(UtmConfig *config)
{
    record_init(&config_table_qemu_sections, config);
    fill_system(config);
    fill_boot(config);
    fill_drives(config);
    fill_networks(config);
    fill_displays(config);
    fill_serials(config);
}

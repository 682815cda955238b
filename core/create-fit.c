/* SPDX-License-Identifier: Apache-2.0 */
/* Presets made to fit the QEMU that is installed here. */
#include "bundles/arch.h"
#include "bundles/preset.h"
#include "core/argv/machine-facts.h"
#include "core/create-plan.h"
#include "core/host/host.h"

static int64_t usual_memory(const UtmConfig *config)
{
    /* Source: UTM 5.0.3, machine presets of its wizard; boards whose memory is fixed or limited */
    static const struct {
        const char *target;
        int64_t mib;
    } rows[] = {
        { "q35", 4096 },        { "q800", 128 },        { "SS-5", 256 },      { "raspi0", 512 },
        { "raspi1ap", 512 },    { "raspi2b", 1024 },    { "raspi3b", 1024 },  { "raspi3ap", 512 },
        { "versatilepb", 256 }, { "versatileab", 256 }, { "fuloong2e", 256 },
    };
    const char *target = config->system.target;
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (g_str_equal(target, rows[i].target))
            return rows[i].mib;
    }
    bool virt = guest_target_is_virt(target) && !g_str_equal(config->system.architecture, "m68k");
    return virt ? 4096 : 512;
}

static bool is_usable(const UtmConfig *config, const HostProfile *host, const char *device)
{
    const ConfigSystem *system = &config->system;
    bool board = g_str_equal(device, "nubus-macfb") || g_str_equal(device, "dp8393x") ||
                 g_str_equal(device, "lance") || g_str_equal(device, "tcx") ||
                 g_str_equal(device, "asc") || g_str_equal(device, "screamer") ||
                 g_str_equal(device, "pcspk");
    bool mmio = g_str_has_prefix(device, "virtio-") && g_str_has_suffix(device, "-device");
    if (machine_lacks_bus(system->architecture, system->target, device))
        return false;
    if (mmio && !guest_target_is_virt(system->target) && !g_str_equal(system->target, "microvm"))
        return false;
    return board || host_has_device(host, device);
}

static void fit_display(UtmConfig *config, const HostProfile *host)
{
    for (unsigned i = config->displays->len; i-- > 0;) {
        const ConfigDisplay *display = g_ptr_array_index(config->displays, i);
        if (!is_usable(config, host, display->hardware))
            g_ptr_array_remove_index(config->displays, i);
    }
    if (config->displays->len == 0 && config->serials->len == 0)
        g_ptr_array_add(config->serials,
                        config_serial_new(SERIAL_MODE_TERMINAL, SERIAL_TARGET_AUTO));
}

static void fit_network(UtmConfig *config, const HostProfile *host)
{
    static const char *const others[] = { "virtio-net-pci", "virtio-net-ccw", "e1000",
                                          "virtio-net-device" };
    if (config->networks->len == 0)
        return;
    ConfigNetwork *network = g_ptr_array_index(config->networks, 0);
    if (is_usable(config, host, network->hardware))
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        if (is_usable(config, host, others[i])) {
            g_free(network->hardware);
            network->hardware = g_strdup(others[i]);
            return;
        }
    }
    g_ptr_array_set_size(config->networks, 0);
}

static void fit_sound(UtmConfig *config, const HostProfile *host)
{
    for (unsigned i = config->sounds->len; i-- > 0;) {
        const ConfigSound *sound = g_ptr_array_index(config->sounds, i);
        if (!is_usable(config, host, sound->hardware))
            g_ptr_array_remove_index(config->sounds, i);
    }
}

void create_fit_firmware(CreatePlan *plan, UtmConfig *config, const CreateOptions *options)
{
    const char *arch = config->system.architecture;
    if (!config->qemu.uefi_boot || options->uefi != CREATE_DEFAULT)
        return;
    g_autoptr(HostProfile) host =
        host_profile_probe(arch, config->system.target, config->qemu.tpm_device, NULL);
    if (!host || host->firmware_code)
        return;
    g_autofree char *what = g_strconcat("uefi:", arch, NULL);
    const char *package = host_package_for(what);
    config->qemu.uefi_boot = false;
    g_ptr_array_add(plan->warnings,
                    g_strdup_printf("no UEFI firmware for %s is installed%s%s: the machine starts "
                                    "without",
                                    arch, package ? ", it is in package " : "",
                                    package ? package : ""));
}

/* Source: UTM 5.0.3, machine presets of its wizard; machines made by scripts */
uint64_t create_usual_disk_bytes(const UtmConfig *config)
{
    static const char *const small[] = { "pc", "isapc", "mac99", "q800", NULL };
    return g_strv_contains(small, config->system.target) ? G_GUINT64_CONSTANT(2) << 30
                                                         : G_GUINT64_CONSTANT(64) << 30;
}

/* UTM's own display becomes what its wizard takes for Linux, which every QEMU has. */
static void replace_ramfb(UtmConfig *config)
{
    bool pci = machine_has_pci(config->system.architecture, config->system.target);
    for (unsigned i = 0; i < config->displays->len; i++) {
        ConfigDisplay *display = g_ptr_array_index(config->displays, i);
        if (g_str_equal(display->hardware, "virtio-ramfb")) {
            g_free(display->hardware);
            display->hardware = g_strdup(pci ? "virtio-gpu-pci" : "virtio-gpu-device");
        }
    }
}

void create_fit_host(UtmConfig *config, const CreateOptions *options)
{
    const ConfigSystem *system = &config->system;
    config->system.memory_mib = usual_memory(config);
    replace_ramfb(config);
    g_autoptr(HostProfile) host =
        host_profile_probe(system->architecture, system->target, options->tpm == CREATE_ON, NULL);
    if (!host)
        return;
    if (!machine_has_pci(system->architecture, system->target) &&
        !machine_has_usb(system->architecture, system->target))
        config->input.usb_bus = USB_BUS_DISABLED;
    fit_display(config, host);
    fit_network(config, host);
    fit_sound(config, host);
}

DriveInterface create_drive_interface(const UtmConfig *config, ImageType type)
{
    const char *arch = config->system.architecture, *target = config->system.target;
    DriveInterface interface = preset_drive_interface(config, type);
    bool virtio = g_str_equal(target, "microvm") || g_str_equal(arch, "s390x");
    if (interface == DRIVE_INTERFACE_USB && config->input.usb_bus == USB_BUS_DISABLED)
        return DRIVE_INTERFACE_SCSI;
    if (g_str_equal(target, "sun4u"))
        return DRIVE_INTERFACE_IDE;
    if (interface == DRIVE_INTERFACE_SCSI && g_str_equal(target, "mcf5208evb"))
        return DRIVE_INTERFACE_NONE;
    if (interface != DRIVE_INTERFACE_IDE || machine_has_ide(arch, target))
        return interface;
    /* A virtio disk cannot be empty. */
    if (virtio)
        return type == IMAGE_TYPE_CD ? DRIVE_INTERFACE_SCSI : DRIVE_INTERFACE_VIRTIO;
    if (machine_has_pci(arch, target))
        return DRIVE_INTERFACE_SCSI;
    bool arm = g_str_equal(arch, "arm") || g_str_equal(arch, "aarch64");
    return arm && type == IMAGE_TYPE_DISK ? DRIVE_INTERFACE_SD : DRIVE_INTERFACE_NONE;
}

DriveInterface create_cloud_interface(const UtmConfig *config)
{
    if (machine_has_pci(config->system.architecture, config->system.target))
        return DRIVE_INTERFACE_VIRTIO;
    return create_drive_interface(config, IMAGE_TYPE_DISK);
}

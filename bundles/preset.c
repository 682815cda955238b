/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for new machines; of each list of them the first that fits holds. */
#include "bundles/preset.h"

#include "bundles/arch.h"

/* A machine type as the rules see it. */
typedef struct {
    const GuestArch *arch;
    const char *target;
    bool pc; /* also "pc-q35-…", which is not the q35 of the rules */
    bool q35;
    bool isapc;
    bool virt;
    bool arm_virt;
    bool mac99;
    bool q800;
    bool pseries;
} Machine;

static Machine machine_of(const GuestArch *arch, const char *target)
{
    bool arm = g_str_equal(arch->name, "arm") || g_str_equal(arch->name, "aarch64");
    bool ppc = g_str_equal(arch->name, "ppc") || g_str_equal(arch->name, "ppc64");
    return (Machine){
        .arch = arch,
        .target = target,
        .pc = g_str_has_prefix(target, "pc"),
        .q35 = g_str_has_prefix(target, "q35"),
        .isapc = g_str_equal(target, "isapc"),
        .virt = guest_target_is_virt(target),
        .arm_virt = arm && guest_target_is_virt(target),
        .mac99 = ppc && g_str_equal(target, "mac99"),
        .q800 = g_str_equal(arch->name, "m68k") && g_str_equal(target, "q800"),
        .pseries = g_str_has_prefix(target, "pseries"),
    };
}

static void set_string(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static void set_qemu(ConfigQemu *qemu, const Machine *m, const PresetHost *host)
{
    bool modern = m->pc || m->q35 || (m->arch->uefi_code && m->virt);
    qemu->debug_log = false;
    qemu->uefi_boot = modern;
    qemu->rng_device = modern;
    qemu->balloon_device = false;
    qemu->tpm_device = false;
    qemu->hypervisor = host->hypervisor;
    qemu->tso = false;
    qemu->rtc_local_time = false;
    qemu->ps2_controller = false;
    set_string(&qemu->machine_property_override, NULL);
    g_strfreev(qemu->additional_arguments);
    qemu->additional_arguments = g_new0(char *, 1);
}

static void set_input(ConfigInput *input, const Machine *m)
{
    if (!m->arch->usb || m->isapc)
        input->usb_bus = USB_BUS_DISABLED;
    else if (m->pc || m->q35 || m->arm_virt)
        input->usb_bus = USB_BUS_3_0;
    else
        input->usb_bus = USB_BUS_2_0;
    input->usb_sharing = false;
    input->maximum_usb_share = 3;
}

static void set_sharing(ConfigSharing *sharing, const Machine *m)
{
    bool agent = m->pc || m->q35 || m->arm_virt;
    sharing->directory_share_mode = SHARE_MODE_NONE;
    if (agent)
        sharing->directory_share_mode = SHARE_MODE_WEBDAV;
    else if (m->q800 || m->mac99)
        sharing->directory_share_mode = SHARE_MODE_VIRTFS;
    sharing->directory_share_read_only = false;
    sharing->clipboard_sharing = agent;
}

static const char *display_card(const Machine *m)
{
    if (m->pc)
        return "cirrus-vga";
    if (m->q35)
        return "virtio-vga";
    if (m->isapc)
        return "isa-vga";
    if (m->virt)
        return "virtio-ramfb";
    return m->q800 ? "nubus-macfb" : m->arch->display;
}

/* A machine without a display gets a terminal instead. */
static void set_display(UtmConfig *config, const Machine *m)
{
    const char *card = display_card(m);
    g_ptr_array_set_size(config->displays, 0);
    g_ptr_array_set_size(config->serials, 0);
    if (!card) {
        g_ptr_array_add(config->serials,
                        config_serial_new(SERIAL_MODE_TERMINAL, SERIAL_TARGET_AUTO));
        return;
    }
    ConfigDisplay *display = config_display_new(card);
    display->dynamic_resolution = m->arch->agent && !m->pc && !m->isapc;
    g_ptr_array_add(config->displays, display);
}

static const char *network_card(const Machine *m)
{
    if (m->pc)
        return g_str_equal(m->arch->name, "i386") ? "ne2k_isa" : "rtl8139";
    if (m->q35)
        return "e1000";
    if (m->isapc)
        return "ne2k_isa";
    if (m->virt)
        return "virtio-net-pci";
    if (m->mac99)
        return "sungem";
    return m->q800 ? "dp8393x" : m->arch->network;
}

static void set_network(UtmConfig *config, const Machine *m, const PresetHost *host)
{
    const char *card = network_card(m);
    g_ptr_array_set_size(config->networks, 0);
    if (card)
        g_ptr_array_add(
            config->networks,
            config_network_new(host->is_mac ? NETWORK_MODE_SHARED : NETWORK_MODE_EMULATED, card));
}

static const char *sound_card(const Machine *m)
{
    if (m->pc || m->isapc)
        return "sb16";
    if (m->pseries)
        return "AC97";
    if (m->q35 || m->virt)
        return "intel-hda";
    if (m->mac99)
        return "screamer";
    return m->q800 ? "asc" : m->arch->sound;
}

static void set_sound(UtmConfig *config, const Machine *m)
{
    const char *card = sound_card(m);
    g_ptr_array_set_size(config->sounds, 0);
    if (card)
        g_ptr_array_add(config->sounds, config_sound_new(card));
}

void preset_apply(UtmConfig *config, const char *architecture, const char *target,
                  const PresetHost *host)
{
    const GuestArch *arch = guest_arch_find(architecture);
    g_assert(arch);
    Machine m = machine_of(arch, target ? target : arch->default_target);
    set_string(&config->system.architecture, architecture);
    set_string(&config->system.target, m.target);
    set_string(&config->system.cpu, "default");
    set_qemu(&config->qemu, &m, host);
    set_input(&config->input, &m);
    set_sharing(&config->sharing, &m);
    set_display(config, &m);
    set_network(config, &m, host);
    set_sound(config, &m);
}

DriveInterface preset_drive_interface(const UtmConfig *config, ImageType type)
{
    const char *arch = config->system.architecture, *target = config->system.target;
    if (type != IMAGE_TYPE_DISK && type != IMAGE_TYPE_CD)
        return DRIVE_INTERFACE_NONE;
    if (guest_target_is_virt(target) || g_str_has_prefix(target, "pseries"))
        return type == IMAGE_TYPE_CD ? DRIVE_INTERFACE_USB : DRIVE_INTERFACE_VIRTIO;
    if (g_str_equal(arch, "sparc") || g_str_equal(arch, "sparc64") || g_str_equal(arch, "m68k"))
        return DRIVE_INTERFACE_SCSI;
    return DRIVE_INTERFACE_IDE;
}

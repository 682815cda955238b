/* SPDX-License-Identifier: Apache-2.0 */
/* Legacy QEMU configurations: section by section, in the order in which UTM's defaults depend on
 * each other. Values are read as leniently as Objective-C does. */
#include <string.h>

#include "bundles/arch.h"
#include "bundles/bundle.h"
#include "bundles/keys.h"
#include "bundles/legacy-private.h"
#include "bundles/problem.h"
#include "bundles/record.h"
#include "bundles/target.h"

/* --- Lenient reading ----------------------------------------------------------------------- */

static const char *get_text(const PlistDict *dict, const char *key)
{
    return plist_dict_get_string(dict, key);
}

/* A text that is neither absent nor empty. */
static const char *get_filled(const PlistDict *dict, const char *key)
{
    const char *text = get_text(dict, key);
    return text && *text ? text : NULL;
}

/* NSString's boolValue: blanks, a sign and zeros are skipped. */
static bool is_true(const char *text)
{
    text += strspn(text, " \t\n");
    text += *text == '-' || *text == '+';
    text += strspn(text, "0");
    return *text && strchr("YyTt123456789", *text);
}

static bool get_bool(const PlistDict *dict, const char *key, bool fallback)
{
    const PlistNode *node = plist_dict_get(dict, key);
    double number;
    if (!node)
        return fallback;
    if (node->type == PLIST_TYPE_BOOLEAN)
        return node->boolean;
    if (node->type == PLIST_TYPE_STRING)
        return is_true(node->text);
    return plist_node_real(node, &number) && number != 0;
}

static int64_t get_int(const PlistDict *dict, const char *key, int64_t fallback)
{
    const PlistNode *node = plist_dict_get(dict, key);
    double number;
    int64_t whole;
    if (!node)
        return fallback;
    if (plist_node_integer(node, &whole))
        return whole;
    if (node->type == PLIST_TYPE_STRING)
        return g_ascii_strtoll(node->text, NULL, 10);
    if (node->type == PLIST_TYPE_BOOLEAN)
        return node->boolean;
    return plist_node_real(node, &number) && number > -1e15 && number < 1e15 ? (int64_t) number
                                                                             : fallback;
}

static void set_text(char **field, const char *text)
{
    g_free(*field);
    *field = g_strdup(text);
}

static bool starts(const char *text, const char *prefix)
{
    return g_str_has_prefix(text, prefix);
}

static bool is_pc(const char *target)
{
    return starts(target, "pc") || starts(target, "q35");
}

/* --- Information, Debug -------------------------------------------------------------------- */

static void convert_information(LegacyWork *work, const PlistDict *root)
{
    ConfigInformation *to = &work->result->config->information;
    const PlistDict *info = plist_dict_get_dict(root, "Info");
    const char *uuid = get_filled(plist_dict_get_dict(root, "System"), "SystemUUID");
    const char *icon = get_filled(info, "Icon");
    to->name = g_strdup(work->title);
    to->notes = g_strdup(get_text(info, "Notes"));
    to->icon = g_strdup(icon);
    to->icon_custom = icon && get_bool(info, "IconCustom", false);
    if (uuid && config_uuid_is_valid(uuid)) {
        to->uuid = g_ascii_strup(uuid, -1);
    } else {
        to->uuid = legacy_uuid(work, "");
        legacy_note(work, "System.SystemUUID: %s; Information.UUID becomes %s",
                    uuid ? "is no UUID" : "is absent", to->uuid);
    }
}

/* --- System -------------------------------------------------------------------------------- */

static const struct {
    const char *architecture, *target;
} legacy_targets[] = {
    { "alpha", "clipper" },
    { "arm", "virt" },
    { "aarch64", "virt" },
    { "avr", "mega" },
    { "cris", "axis-dev88" },
    { "hppa", "hppa" },
    { "i386", "q35" },
    { "x86_64", "q35" },
    { "m68k", "mcf5208evb" },
    { "microblaze", "petalogix-s3adsp1800" },
    { "microblazeel", "petalogix-s3adsp1800" },
    { "mips", "malta" },
    { "mipsel", "malta" },
    { "mips64", "malta" },
    { "mips64el", "malta" },
    { "nios2", "10m50-ghrd" },
    { "or1k", "or1k-sim" },
    { "ppc", "g3beige" },
    { "ppc64", "pseries" },
    { "riscv32", "spike" },
    { "riscv64", "spike" },
    { "rx", "gdbsim-r5f562n7" },
    { "s390x", "s390-ccw-virtio" },
    { "sh4", "shix" },
    { "sh4eb", "shix" },
    { "sparc", "SS-5" },
    { "sparc64", "sun4u" },
    { "tricore", "tricore_testboard" },
    { "xtensa", "sim" },
    { "xtensaeb", "sim" },
};

/* The machine type before it is checked against what version 4 knows; every default that depends
 * on the machine type depends on this one. */
static const char *legacy_target(const PlistDict *system)
{
    const char *target = get_filled(system, "Target");
    const char *architecture = get_text(system, "Architecture");
    for (size_t i = 0; !target && architecture && i < G_N_ELEMENTS(legacy_targets); i++)
        if (strcmp(legacy_targets[i].architecture, architecture) == 0)
            return legacy_targets[i].target;
    return target ? target : "q35";
}

static void convert_flags(ConfigSystem *to, const PlistDict *system)
{
    const GPtrArray *flags = plist_dict_get_array(system, "CPUFlags");
    g_autoptr(GStrvBuilder) add = g_strv_builder_new();
    g_autoptr(GStrvBuilder) remove = g_strv_builder_new();
    for (guint i = 0; flags && i < flags->len; i++) {
        const PlistNode *flag = flags->pdata[i];
        if (flag->type != PLIST_TYPE_STRING)
            continue;
        bool is_signed = *flag->text == '-' || *flag->text == '+';
        g_strv_builder_add(*flag->text == '-' ? remove : add, flag->text + is_signed);
    }
    g_strfreev(to->cpu_flags_add);
    g_strfreev(to->cpu_flags_remove);
    to->cpu_flags_add = g_strv_builder_end(add);
    to->cpu_flags_remove = g_strv_builder_end(remove);
}

static void convert_machine(LegacyWork *work, const PlistDict *system, const char *target)
{
    ConfigSystem *to = &work->result->config->system;
    const char *architecture = get_text(system, "Architecture");
    const GuestArch *arch = guest_arch_find(architecture);
    if (!arch) {
        legacy_note(work, "System.Architecture: \"%s\" is gone from UTM; it makes x86_64 of it",
                    architecture ? architecture : "");
        arch = guest_arch_find("x86_64");
    }
    set_text(&to->architecture, arch->name);
    set_text(&to->target, target);
    if (!guest_target_is_known(arch->name, target)) {
        legacy_note(work, "System.Target: \"%s\" is gone from UTM; it becomes \"%s\"", target,
                    arch->default_target);
        set_text(&to->target, arch->default_target);
    }
}

static void convert_system(LegacyWork *work, const PlistDict *system, const char *target)
{
    ConfigSystem *to = &work->result->config->system;
    if (!system)
        return;
    convert_machine(work, system, target);
    const char *cpu = get_filled(system, "CPU");
    set_text(&to->cpu, cpu ? cpu : "default");
    convert_flags(to, system);
    to->cpu_count = get_int(system, "CPUCount", 0);
    to->force_multicore = get_bool(system, "ForceMulticore", false);
    to->memory_mib = get_int(system, "Memory", 512);
    to->jit_cache_mib = get_int(system, "JITCacheSize", 0);
    const char *boot = get_filled(system, "BootDevice");
    if (boot)
        legacy_note(work, "System.BootDevice: \"%s\" is dropped; machines boot in drive order",
                    boot);
}

/* One string or an array of them. */
static void convert_arguments(ConfigQemu *to, const PlistDict *system)
{
    const GPtrArray *array = plist_dict_get_array(system, "AddArgs");
    const char *single = get_text(system, "AddArgs");
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    if (single)
        g_strv_builder_add(builder, single);
    for (guint i = 0; array && i < array->len; i++) {
        const PlistNode *node = array->pdata[i];
        if (node->type == PLIST_TYPE_STRING)
            g_strv_builder_add(builder, node->text);
    }
    g_strfreev(to->additional_arguments);
    to->additional_arguments = g_strv_builder_end(builder);
}

static void convert_qemu(LegacyWork *work, const PlistDict *root, const char *target)
{
    ConfigQemu *to = &work->result->config->qemu;
    const PlistDict *system = plist_dict_get_dict(root, "System");
    to->debug_log = get_bool(plist_dict_get_dict(root, "Debug"), "DebugLog", false);
    if (!system)
        return;
    const char *architecture = get_text(system, "Architecture");
    bool is_host_kind =
        g_strcmp0(architecture, "x86_64") == 0 || g_strcmp0(architecture, "aarch64") == 0;
    /* UTM asks whether the host has this architecture. Where it has not, the flag is without
     * effect, so that it can be set for both kinds of Mac. */
    to->hypervisor = get_bool(system, "UseHypervisor", is_host_kind);
    /* "virtex-ml507" counts, as it does for UTM. */
    to->uefi_boot = get_bool(system, "BootUefi", starts(target, "virt"));
    to->rng_device = get_bool(system, "RngEnabled", is_pc(target) || starts(target, "virt"));
    to->rtc_local_time = get_bool(system, "RTCUseLocalTime", true);
    to->ps2_controller = get_bool(system, "ForcePS2Controller", is_pc(target));
    to->machine_property_override = g_strdup(get_text(system, "MachineProperties"));
    convert_arguments(to, system);
    const GuestArch *arch = guest_arch_find(work->result->config->system.architecture);
    if (to->uefi_boot && arch && !arch->uefi_code) {
        legacy_note(work, "System.BootUefi: there is no UEFI firmware for %s; UEFIBoot is off",
                    arch->name);
        to->uefi_boot = false;
    }
}

/* --- Input, Sharing ------------------------------------------------------------------------ */

static void convert_sharing(LegacyWork *work, const PlistDict *root, const char *target)
{
    ConfigInput *input = &work->result->config->input;
    ConfigSharing *to = &work->result->config->sharing;
    const PlistDict *sharing = plist_dict_get_dict(root, "Sharing");
    bool is_old_input = get_bool(plist_dict_get_dict(root, "Input"), "InputLegacy", false);
    bool usb3 = get_bool(sharing, "Usb3Support", sharing && guest_target_is_virt(target));
    input->usb_bus = is_old_input ? USB_BUS_DISABLED : usb3 ? USB_BUS_3_0 : USB_BUS_2_0;
    input->usb_sharing = sharing != NULL;
    input->maximum_usb_share = get_int(sharing, "UsbRedirectMax", 3);
    to->directory_share_mode =
        get_bool(sharing, "DirectorySharing", false) ? SHARE_MODE_WEBDAV : SHARE_MODE_NONE;
    to->directory_share_read_only = get_bool(sharing, "DirectoryReadOnly", false);
    to->clipboard_sharing = get_bool(sharing, "ClipboardSharing", false);
    const char *folder = get_filled(sharing, "DirectoryName");
    if (folder)
        legacy_note(work, "Sharing.DirectoryName: \"%s\" is dropped; share the folder again",
                    folder);
}

/* --- Display, Serial ----------------------------------------------------------------------- */

static ScalingFilter filter_of(const PlistDict *display, const char *key, ScalingFilter other)
{
    /* An absent section has no filter; an absent key means linear. */
    const char *text = get_filled(display, key);
    if (!display)
        return other;
    if (!text || strcmp(text, "linear") == 0)
        return SCALING_LINEAR;
    return strcmp(text, "nearest") == 0 ? SCALING_NEAREST : other;
}

static const char *default_card(const char *target)
{
    return is_pc(target) ? "qxl-vga" : guest_target_is_virt(target) ? "virtio-ramfb" : "VGA";
}

static ConfigDisplay *convert_display(const PlistDict *root, const char *target)
{
    const PlistDict *display = plist_dict_get_dict(root, "Display");
    const PlistDict *sharing = plist_dict_get_dict(root, "Sharing");
    const char *card = get_text(display, "DisplayCard");
    bool shares = get_bool(sharing, "ClipboardSharing", false) ||
                  get_bool(sharing, "DirectorySharing", false);
    if (!card)
        card = display ? default_card(target) : "virtio-vga";
    ConfigDisplay *to = config_display_new(card);
    to->dynamic_resolution = get_bool(display, "DisplayFitScreen", display && shares);
    to->native_resolution = get_bool(display, "DisplayRetina", false);
    to->upscaling_filter = filter_of(display, "DisplayUpscaler", SCALING_NEAREST);
    to->downscaling_filter = filter_of(display, "DisplayDownscaler", SCALING_LINEAR);
    return to;
}

static ConfigSerial *convert_console(const PlistDict *display)
{
    ConfigSerial *to = config_serial_new(SERIAL_MODE_TERMINAL, SERIAL_TARGET_AUTO);
    ConfigTerminal *terminal = to->terminal;
    const char *foreground = get_text(display, "ConsoleTextColor");
    const char *background = get_text(display, "ConsoleBackgroundColor");
    const char *font = get_filled(display, "ConsoleFont");
    int64_t size = get_int(display, "ConsoleFontSize", 12);
    if (foreground)
        set_text(&terminal->foreground_color, foreground);
    if (background)
        set_text(&terminal->background_color, background);
    /* A family's name becomes that of a font where it is known, and Menlo is on every Mac. */
    set_text(&terminal->font, font && strcmp(font, "Menlo") != 0 ? font : "Menlo-Regular");
    terminal->font_size = size ? size : 12;
    terminal->resize_command = g_strdup(get_text(display, "ConsoleResizeCommand"));
    terminal->cursor_blink = get_bool(display, "ConsoleBlink", false);
    return to;
}

static void convert_screen(LegacyWork *work, const PlistDict *root, const char *target)
{
    UtmConfig *config = work->result->config;
    const PlistDict *display = plist_dict_get_dict(root, "Display");
    if (get_bool(display, "ConsoleOnly", false))
        g_ptr_array_add(config->serials, convert_console(display));
    else
        g_ptr_array_add(config->displays, convert_display(root, target));
    const char *theme = get_filled(display, "ConsoleTheme");
    if (theme && strcmp(theme, "Default") != 0)
        legacy_note(work, "Display.ConsoleTheme: \"%s\" is dropped; its colours are kept", theme);
}

/* --- Networking ---------------------------------------------------------------------------- */

static const struct {
    const char *key;
    size_t offset;
} addresses[] = {
    { "IPSubnet", offsetof(ConfigNetwork, vlan_guest_address) },
    { "IPv6Subnet", offsetof(ConfigNetwork, vlan_guest_address_ipv6) },
    { "IPHost", offsetof(ConfigNetwork, vlan_host_address) },
    { "IPv6Host", offsetof(ConfigNetwork, vlan_host_address_ipv6) },
    { "DHCPStart", offsetof(ConfigNetwork, vlan_dhcp_start_address) },
    { "DHCPDomain", offsetof(ConfigNetwork, vlan_dhcp_domain) },
    { "IPDNS", offsetof(ConfigNetwork, vlan_dns_server_address) },
    { "IPv6DNS", offsetof(ConfigNetwork, vlan_dns_server_address_ipv6) },
    { "DNSSearch", offsetof(ConfigNetwork, vlan_dns_search_domain) },
};

static ConfigPortForward *convert_forward(LegacyWork *work, const PlistDict *from, guint index)
{
    const char *protocol = get_text(from, "Protocol");
    int64_t guest_port = get_int(from, "GuestPort", 0);
    int64_t host_port = get_int(from, "HostPort", guest_port);
    ConfigPortForward *to = config_port_forward_new(
        g_strcmp0(protocol, "udp") == 0 ? PROTOCOL_UDP : PROTOCOL_TCP, host_port, guest_port);
    to->host_address = g_strdup(get_filled(from, "HostAddress"));
    to->guest_address = g_strdup(get_filled(from, "GuestAddress"));
    if (host_port != guest_port)
        legacy_note(work,
                    "Networking.PortForward[%u].HostPort: %" G_GINT64_FORMAT
                    " is kept, where UTM puts the guest's port",
                    index, (gint64) host_port);
    return to;
}

/* NetworkEnabled is older than NetworkMode, but counts where both are there. */
static bool network_mode(const PlistDict *networking, NetworkMode *out_mode)
{
    static const char *const modes[] = { "emulated", "shared", "host", "bridged", NULL };
    const char *text = get_text(networking, "NetworkMode");
    unsigned mode;
    *out_mode = NETWORK_MODE_EMULATED;
    if (plist_dict_get(networking, "NetworkEnabled"))
        return get_bool(networking, "NetworkEnabled", false);
    if (!text || !config_word_value(modes, text, &mode))
        return false;
    *out_mode = (NetworkMode) mode;
    return true;
}

/* The same at each load until the machine is migrated. */
static char *legacy_mac(const LegacyWork *work)
{
    g_autofree char *seed = legacy_uuid(work, "mac");
    const char *d = seed;
    guint first = (guint) (g_ascii_xdigit_value(d[0]) << 4 | g_ascii_xdigit_value(d[1]));
    return g_strdup_printf("%02X:%.2s:%.2s:%.2s:%.2s:%.2s", (first & 0xfc) | 2, d + 2, d + 4, d + 6,
                           d + 24, d + 26);
}

static void convert_network(LegacyWork *work, const PlistDict *root)
{
    const PlistDict *from = plist_dict_get_dict(root, "Networking");
    const GPtrArray *forwards = plist_dict_get_array(from, "PortForward");
    const char *card = get_text(from, "NetworkCard");
    const char *mac = get_text(from, "NetworkCardMAC");
    NetworkMode mode;
    if (!network_mode(from, &mode))
        return;
    ConfigNetwork *to = config_network_new(mode, card ? card : "rtl8139");
    g_ptr_array_add(work->result->config->networks, to);
    g_autofree char *made_up = legacy_mac(work);
    set_text(&to->mac_address, mac ? mac : made_up);
    to->isolate_from_host = get_bool(from, "IsolateGuest", false);
    to->bridge_interface = g_strdup(get_filled(from, "NetworkBridgeInterface"));
    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++)
        *(char **) ((char *) to + addresses[i].offset) =
            g_strdup(get_filled(from, addresses[i].key));
    for (guint i = 0; forwards && i < forwards->len; i++) {
        const PlistNode *node = forwards->pdata[i];
        if (node->type == PLIST_TYPE_DICT)
            g_ptr_array_add(to->port_forwards, convert_forward(work, node->dict, i));
    }
}

/* --- Sound --------------------------------------------------------------------------------- */

static void convert_sound(LegacyWork *work, const PlistDict *root)
{
    const PlistDict *from = plist_dict_get_dict(root, "Sound");
    const char *card = get_text(from, "SoundCard");
    if (!get_bool(from, "SoundEnabled", false) || g_strcmp0(card, "pcspk") == 0)
        return;
    if (!card || strcmp(card, "ac97") == 0)
        card = "AC97";
    else if (strcmp(card, "hda") == 0)
        card = "intel-hda";
    g_ptr_array_add(work->result->config->sounds, config_sound_new(card));
}

/* --- Drives -------------------------------------------------------------------------------- */

static bool is_good_name(const char *name)
{
    static const char set[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._";
    return name && (!*name || (g_ascii_isalpha(*name) && !name[strspn(name, set)]));
}

/* One bad name renames all drives. */
static bool has_good_names(const GPtrArray *drives)
{
    for (guint i = 0; i < drives->len; i++) {
        const PlistNode *node = drives->pdata[i];
        if (node->type == PLIST_TYPE_DICT && !is_good_name(get_text(node->dict, "DriveName")))
            return false;
    }
    return true;
}

static ImageType image_type(const PlistDict *from)
{
    static const char *const words[] = { "none",   "disk",   "cd",  "bios",
                                         "kernel", "initrd", "dtb", NULL };
    const char *text = get_text(from, "ImageType");
    unsigned type = IMAGE_TYPE_DISK;
    if (text)
        (void) config_word_value(words, text, &type);
    else if (get_bool(from, "Cdrom", false))
        type = IMAGE_TYPE_CD;
    return (ImageType) type;
}

static DriveInterface drive_interface(const PlistDict *from)
{
    static const char *const words[] = { "none",   "ide",    "scsi", "sd",  "mtd", "floppy",
                                         "pflash", "virtio", "nvme", "usb", NULL };
    const char *text = get_text(from, "InterfaceType");
    unsigned interface = DRIVE_INTERFACE_NONE;
    if (text)
        (void) config_word_value(words, text, &interface);
    return (DriveInterface) interface;
}

static ConfigDrive *convert_drive(LegacyWork *work, const PlistDict *from, const char *name,
                                  guint index)
{
    ConfigDrive *to = config_drive_new(image_type(from), drive_interface(from));
    bool removable = get_bool(from, "Removable", false);
    const char *image = get_filled(from, "ImagePath");
    const char *identifier = starts(name, "drive") ? name + strlen("drive") : name;
    g_autofree char *what = g_strdup_printf("drive %u", index);
    g_free(to->identifier);
    to->identifier = *identifier ? g_strdup(identifier) : legacy_uuid(work, what);
    to->interface_version = 0; /* else IDE disks would move to other buses */
    to->read_only = removable;
    if (!removable)
        to->image_name = g_strdup(image);
    else if (image)
        legacy_note(work, "Drives[%u].ImagePath: \"%s\" is dropped: the drive is removable", index,
                    image);
    if (!removable && !image)
        legacy_note(work, "Drives[%u]: has no image and becomes removable", index);
    return to;
}

/* UTM listed the UEFI variables as a drive; in version 4 they are none. */
static bool is_variable_store(const ConfigDrive *drive)
{
    return g_strcmp0(drive->image_name, "efi_vars.fd") == 0;
}

static void convert_drives(LegacyWork *work, const PlistDict *root)
{
    const GPtrArray *from = plist_dict_get_array(root, "Drives");
    bool keep_names = from && has_good_names(from);
    for (guint i = 0; from && i < from->len; i++) {
        const PlistNode *node = from->pdata[i];
        if (node->type != PLIST_TYPE_DICT)
            continue;
        const char *old_name = get_text(node->dict, "DriveName");
        g_autofree char *name = keep_names ? g_strdup(old_name) : g_strdup_printf("drive%u", i);
        ConfigDrive *drive = convert_drive(work, node->dict, name, i);
        if (drive->image_name && !bundle_name_is_safe(drive->image_name)) {
            g_autofree char *key = g_strdup_printf("Drives[%u].ImagePath", i);
            problems_add(work->problems, PROBLEM_FATAL, key, node->line, drive->image_name,
                         "is not a plain file name inside the bundle");
        }
        if (is_variable_store(drive)) {
            config_drive_free(drive);
            continue;
        }
        if (old_name && *old_name)
            g_hash_table_insert(work->result->identifiers, g_strdup(old_name),
                                g_strdup(drive->identifier));
        g_ptr_array_add(work->result->config->drives, drive);
    }
    if (from && from->len && !keep_names)
        legacy_note(work, "Drives[].DriveName: missing or malformed, so that all drives are named "
                          "by number");
}

void legacy_convert_qemu(LegacyWork *work, const PlistDict *root)
{
    const PlistDict *system = plist_dict_get_dict(root, "System");
    /* Without the section there is no machine type that defaults could depend on. */
    const char *target = system ? legacy_target(system) : "";
    work->result->config = utm_config_new();
    convert_information(work, root);
    convert_system(work, system, target);
    convert_qemu(work, root, target);
    convert_sharing(work, root, target);
    convert_screen(work, root, target);
    convert_drives(work, root);
    convert_network(work, root);
    convert_sound(work, root);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The key tables of a QEMU machine.
 *
 * Source: UTM 5.0.3, Configuration/UTMQemuConfiguration*.swift, UTMConfigurationInfo.swift,
 * UTMConfigurationTerminal.swift; releases from the history of those files. */
#include "bundles/keys-tables.h"

static bool icon_written(const void *record)
{
    return ((const ConfigInformation *) record)->icon != NULL;
}

static const ConfigKey information_keys[] = {
    { KEY(CONFIG_STRING, ConfigInformation, name, "Name"), REQUIRED, .since = "4.0.0",
      .help = "Name of the machine" },
    { KEY(CONFIG_BOOL, ConfigInformation, icon_custom, "IconCustom"), REQUIRED, .since = "4.0.0",
      .help = "The icon is a file in Data, not one that is built into UTM" },
    { KEY(CONFIG_STRING, ConfigInformation, icon, "Icon"), .flags = CONFIG_KEY_FILE,
      .written = icon_written, .when = "if an icon is set", .since = "4.0.0",
      .help = "Icon: a file name with its extension when custom, else a built-in name without" },
    { KEY(CONFIG_STRING, ConfigInformation, notes, "Notes"), .flags = CONFIG_KEY_PROSE,
      .when = "if set", .since = "4.0.0", .help = "Free text" },
    { KEY(CONFIG_UUID, ConfigInformation, uuid, "UUID"), REQUIRED, .since = "4.0.0",
      .help = "Identity of the machine, also what the guest sees as its system UUID" },
};

const ConfigTable config_table_information =
    TABLE("the machine's name and identity", ConfigInformation, information_keys,
          .check = config_check_information);

static const ConfigKey system_keys[] = {
    { KEY(CONFIG_STRING, ConfigSystem, architecture, "Architecture"), .flags = CONFIG_KEY_REQUIRED,
      .words = config_architectures, .base_text = "x86_64", .since = "4.0.0",
      .help = "Processor architecture of the guest, one of UTM's 29" },
    { KEY(CONFIG_STRING, ConfigSystem, target, "Target"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_WORD, .base_text = "q35", .since = "4.0.0",
      .help = "QEMU machine type" },
    { KEY(CONFIG_STRING, ConfigSystem, cpu, "CPU"), REQUIRED, .base_text = "default",
      .since = "4.0.0", .help = "QEMU CPU model; \"default\" lets host and architecture decide" },
    { KEY(CONFIG_STRINGS, ConfigSystem, cpu_flags_add, "CPUFlagsAdd"), REQUIRED, .since = "4.0.0",
      .help = "CPU features to switch on; without effect while CPU is \"default\"" },
    { KEY(CONFIG_STRINGS, ConfigSystem, cpu_flags_remove, "CPUFlagsRemove"), REQUIRED,
      .since = "4.0.0",
      .help = "CPU features to switch off; without effect while CPU is \"default\"" },
    { KEY(CONFIG_INT, ConfigSystem, cpu_count, "CPUCount"), REQUIRED, .maximum = 4096,
      .since = "4.0.0", .help = "Number of processor cores; 0 derives it from the host" },
    { KEY(CONFIG_BOOL, ConfigSystem, force_multicore, "ForceMulticore"), REQUIRED, .since = "4.0.0",
      .help = "Emulate every core in a thread of its own" },
    { KEY(CONFIG_INT, ConfigSystem, memory_mib, "MemorySize"), REQUIRED, .base = 512,
      .maximum = 16 << 20, .since = "4.0.0", .help = "Memory in MiB" },
    { KEY(CONFIG_INT, ConfigSystem, jit_cache_mib, "JITCacheSize"), REQUIRED, .minimum = -1,
      .maximum = 1 << 20, .since = "4.0.0",
      .help = "Translation cache in MiB; 0 is a quarter of the memory" },
};

static const ConfigTable system_table = TABLE("processor, memory and machine type", ConfigSystem,
                                              system_keys, .check = config_check_system);

static const ConfigKey qemu_keys[] = {
    { KEY(CONFIG_BOOL, ConfigQemu, debug_log, "DebugLog"), REQUIRED, .since = "4.0.0",
      .help = "Log QEMU's output to Data/debug.log" },
    { KEY(CONFIG_BOOL, ConfigQemu, uefi_boot, "UEFIBoot"), REQUIRED, .since = "4.0.0",
      .help = "Boot with UEFI firmware; its variables are in Data/efi_vars.fd" },
    { KEY(CONFIG_BOOL, ConfigQemu, rng_device, "RNGDevice"), REQUIRED, .since = "4.0.0",
      .help = "Give the guest a source of entropy (virtio-rng-pci)" },
    { KEY(CONFIG_BOOL, ConfigQemu, balloon_device, "BalloonDevice"), REQUIRED, .since = "4.0.0",
      .help = "Let the host take memory back (virtio-balloon-pci)" },
    { KEY(CONFIG_BOOL, ConfigQemu, tpm_device, "TPMDevice"), REQUIRED, .since = "4.0.0",
      .help = "Software TPM 2.0 with its state in Data/tpmdata" },
    { KEY(CONFIG_BOOL, ConfigQemu, hypervisor, "Hypervisor"), REQUIRED, .since = "4.0.0",
      .help = "Use the host's hypervisor where it can run this architecture" },
    { KEY(CONFIG_BOOL, ConfigQemu, tso, "TSO"), .since = "4.3.2",
      .help = "Total store ordering under the hypervisor of an Apple processor" },
    { KEY(CONFIG_BOOL, ConfigQemu, rtc_local_time, "RTCLocalTime"), REQUIRED, .since = "4.0.0",
      .help = "The clock shows local time instead of UTC, as Windows wants it" },
    { KEY(CONFIG_BOOL, ConfigQemu, ps2_controller, "PS2Controller"), REQUIRED, .since = "4.0.0",
      .help = "Keep the PS/2 keyboard controller although the machine has USB" },
    { KEY(CONFIG_STRING, ConfigQemu, machine_property_override, "MachinePropertyOverride"),
      .flags = CONFIG_KEY_PROSE, .when = "if set", .since = "4.0.0",
      .help = "Machine properties; UTM's own are added for names that are not in it" },
    { KEY(CONFIG_STRINGS, ConfigQemu, additional_arguments, "AdditionalArguments"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_PROSE, .since = "4.0.0",
      .help = "Arguments for QEMU behind all generated ones; each is split at blanks" },
};

static const ConfigTable qemu_table = TABLE("how QEMU runs", ConfigQemu, qemu_keys);

static const ConfigKey input_keys[] = {
    { KEY(CONFIG_ENUM, ConfigInput, usb_bus, "UsbBusSupport"), REQUIRED,
      .words = config_words_usb_bus, .base = USB_BUS_2_0, .since = "4.0.0",
      .help = "USB controller" },
    { KEY(CONFIG_BOOL, ConfigInput, usb_sharing, "UsbSharing"), REQUIRED, .since = "4.0.0",
      .help = "Allow handing USB devices of the host to the guest" },
    { KEY(CONFIG_INT, ConfigInput, maximum_usb_share, "MaximumUsbShare"), REQUIRED, .base = 3,
      .maximum = 64, .since = "4.0.0", .help = "How many USB devices can be handed over at once" },
};

static const ConfigTable input_table = TABLE("USB", ConfigInput, input_keys);

static const ConfigKey sharing_keys[] = {
    { KEY(CONFIG_ENUM, ConfigSharing, directory_share_mode, "DirectoryShareMode"), REQUIRED,
      .words = config_words_share_mode, .base = SHARE_MODE_NONE, .since = "4.0.0",
      .help = "How a folder of the host is shared: over SPICE (WebDAV) or as 9p (VirtFS)" },
    { KEY(CONFIG_BOOL, ConfigSharing, directory_share_read_only, "DirectoryShareReadOnly"),
      REQUIRED, .since = "4.0.0", .help = "The guest may not change the shared folder" },
    { KEY(CONFIG_BOOL, ConfigSharing, clipboard_sharing, "ClipboardSharing"), REQUIRED,
      .since = "4.0.0", .help = "Share the clipboard through the SPICE agent" },
};

static const ConfigTable sharing_table =
    TABLE("what host and guest share", ConfigSharing, sharing_keys);

static const ConfigKey display_keys[] = {
    { KEY(CONFIG_STRING, ConfigDisplay, hardware, "Hardware"), REQUIRED, .base_text = "virtio-vga",
      .since = "4.0.0", .help = "QEMU display device; names with -gl ask for GPU acceleration" },
    { KEY(CONFIG_INT, ConfigDisplay, vga_ram_mib, "VgaRamMib"), HAS(ConfigDisplay, vga_ram_mib),
      .minimum = 1, .maximum = 1024, .when = "if set", .since = "4.0.0",
      .help = "Video memory in MiB; the first display's value goes for all" },
    { KEY(CONFIG_BOOL, ConfigDisplay, dynamic_resolution, "DynamicResolution"), REQUIRED,
      .base = true, .since = "4.0.0", .help = "The guest's screen follows the window's size" },
    { KEY(CONFIG_ENUM, ConfigDisplay, upscaling_filter, "UpscalingFilter"), REQUIRED,
      .words = config_words_filter, .base = SCALING_NEAREST, .since = "4.0.0",
      .help = "How the picture is enlarged" },
    { KEY(CONFIG_ENUM, ConfigDisplay, downscaling_filter, "DownscalingFilter"), REQUIRED,
      .words = config_words_filter, .base = SCALING_LINEAR, .since = "4.0.0",
      .help = "How the picture is made smaller" },
    { KEY(CONFIG_BOOL, ConfigDisplay, native_resolution, "NativeResolution"), REQUIRED,
      .since = "4.0.0", .help = "Show the guest physical (Retina) pixels" },
};

const ConfigTable config_table_display =
    TABLE("a screen", ConfigDisplay, display_keys, .destroy = (GDestroyNotify) config_display_free);

static int64_t absent_read_only(const void *record)
{
    return ((const ConfigDrive *) record)->image_name == NULL;
}

static const ConfigKey drive_keys[] = {
    { KEY(CONFIG_STRING, ConfigDrive, image_name, "ImageName"), .flags = CONFIG_KEY_FILE,
      .when = "if the drive is not removable", .since = "4.0.0",
      .help = "File in Data; a drive without one is removable" },
    { KEY(CONFIG_BOOL, ConfigDrive, read_only, "ReadOnly"), .absent_for = absent_read_only,
      .since = "4.1.5", .help = "The guest may not write; absent: what a removable drive is" },
    { KEY(CONFIG_ENUM, ConfigDrive, image_type, "ImageType"), REQUIRED,
      .words = config_words_image_type, .base = IMAGE_TYPE_NONE, .since = "4.0.0",
      .help = "What the image is: a disk, a CD, firmware, or a part of a Linux boot" },
    { KEY(CONFIG_ENUM, ConfigDrive, interface, "Interface"), REQUIRED,
      .words = config_words_interface, .base = DRIVE_INTERFACE_NONE, .since = "4.0.0",
      .help = "How the drive is attached; only disks and CDs are" },
    { KEY(CONFIG_INT, ConfigDrive, interface_version, "InterfaceVersion"), .base = 1, .absent = 0,
      .maximum = 1000, .since = "4.3.1", .help = "IDE numbering: 0 is one drive a bus, 1 is two" },
    { KEY(CONFIG_STRING, ConfigDrive, identifier, "Identifier"), .flags = CONFIG_KEY_REQUIRED,
      .since = "4.0.0",
      .help = "Unique in the machine; part of QEMU's id and key of the inserted medium" },
};

const ConfigTable config_table_drive =
    TABLE("a drive", ConfigDrive, drive_keys, .destroy = (GDestroyNotify) config_drive_free);

static const ConfigKey port_forward_keys[] = {
    { KEY(CONFIG_ENUM, ConfigPortForward, protocol, "Protocol"), REQUIRED, .old_name = "protocol",
      .words = config_words_protocol, .base = PROTOCOL_TCP, .since = "4.0.0",
      .help = "Protocol of the port" },
    { KEY(CONFIG_STRING, ConfigPortForward, host_address, "HostAddress"), .old_name = "hostAddress",
      .when = "if set", .since = "4.0.0", .help = "Address of the host to listen on; absent: any" },
    { KEY(CONFIG_INT, ConfigPortForward, host_port, "HostPort"), REQUIRED, .old_name = "hostPort",
      .maximum = 65535, .since = "4.0.0", .help = "Port of the host to listen on" },
    { KEY(CONFIG_STRING, ConfigPortForward, guest_address, "GuestAddress"),
      .old_name = "guestAddress", .when = "if set", .since = "4.0.0",
      .help = "Address of the guest; absent: the one it gets by DHCP" },
    { KEY(CONFIG_INT, ConfigPortForward, guest_port, "GuestPort"), REQUIRED,
      .old_name = "guestPort", .minimum = 1, .maximum = 65535, .since = "4.0.0",
      .help = "Port of the guest" },
};

/* A record that is whole in the new spelling is never read in the old one. */
static bool port_forward_is_old(const PlistDict *dict)
{
    bool is_new = true, is_old = true;
    for (guint i = 0; i < G_N_ELEMENTS(port_forward_keys); i++) {
        const ConfigKey *key = &port_forward_keys[i];
        PlistType type = key->type == CONFIG_INT ? PLIST_TYPE_INTEGER : PLIST_TYPE_STRING;
        const PlistNode *current = plist_dict_get(dict, key->name);
        const PlistNode *old = plist_dict_get(dict, key->old_name);
        bool required = key->flags & CONFIG_KEY_REQUIRED;
        is_new &= current ? current->type == type : !required;
        is_old &= old ? old->type == type : !required;
    }
    return is_old && !is_new;
}

const ConfigTable config_table_port_forward =
    TABLE("a forwarded port", ConfigPortForward, port_forward_keys,
          .is_old_spelling = port_forward_is_old, .check = config_check_port_forward,
          .destroy = (GDestroyNotify) config_port_forward_free);

static bool is_bridged(const void *record)
{
    return ((const ConfigNetwork *) record)->mode == NETWORK_MODE_BRIDGED;
}

static bool is_host(const void *record)
{
    return ((const ConfigNetwork *) record)->mode == NETWORK_MODE_HOST;
}

#define VLAN(field, key, text)                                                                     \
    {                                                                                              \
        KEY(CONFIG_STRING, ConfigNetwork, field, key), .when = "if set", .since = "4.0.0",         \
                                                       .help = text                                \
    }

static const ConfigKey network_keys[] = {
    { KEY(CONFIG_ENUM, ConfigNetwork, mode, "Mode"), REQUIRED, .words = config_words_network_mode,
      .base = NETWORK_MODE_EMULATED, .since = "4.0.0", .help = "What the adapter is connected to" },
    { KEY(CONFIG_STRING, ConfigNetwork, hardware, "Hardware"), REQUIRED, .base_text = "e1000",
      .since = "4.0.0", .help = "QEMU network device" },
    { KEY(CONFIG_STRING, ConfigNetwork, mac_address, "MacAddress"), REQUIRED, .since = "4.0.0",
      .help = "Hardware address, six hex pairs with colons" },
    { KEY(CONFIG_BOOL, ConfigNetwork, isolate_from_host, "IsolateFromHost"), REQUIRED,
      .since = "4.0.0", .help = "Keep the guest away from the host and its networks" },
    { KEY(CONFIG_RECORDS, ConfigNetwork, port_forwards, "PortForward"), REQUIRED,
      .table = &config_table_port_forward, .since = "4.0.0",
      .help = "Ports of the host that lead to the guest; used in Emulated mode" },
    { KEY(CONFIG_STRING, ConfigNetwork, bridge_interface, "BridgeInterface"), .written = is_bridged,
      .when = "in Bridged mode, if set", .since = "4.0.0",
      .help = "Host interface to bridge to; absent: the first one" },
    VLAN(vlan_guest_address, "VlanGuestAddress", "Network of the guest, such as 10.0.2.0/24"),
    VLAN(vlan_guest_address_ipv6, "VlanGuestAddressIPv6", "IPv6 network of the guest"),
    VLAN(vlan_host_address, "VlanHostAddress", "The host's address in that network"),
    VLAN(vlan_host_address_ipv6, "VlanHostAddressIPv6", "The host's IPv6 address in it"),
    VLAN(vlan_dhcp_start_address, "VlanDhcpStartAddress", "First address that DHCP gives out"),
    { KEY(CONFIG_STRING, ConfigNetwork, vlan_dhcp_end_address, "VlanDhcpEndAddress"),
      .when = "if set", .since = "4.3.0", .help = "Last address that DHCP gives out" },
    VLAN(vlan_dhcp_domain, "VlanDhcpDomain", "Domain name that DHCP announces"),
    VLAN(vlan_dns_server_address, "VlanDnsServerAddress", "Address of the name server"),
    VLAN(vlan_dns_server_address_ipv6, "VlanDnsServerAddressIPv6",
         "IPv6 address of the name server"),
    VLAN(vlan_dns_search_domain, "VlanDnsSearchDomain", "Search domain that DHCP announces"),
    { KEY(CONFIG_UUID, ConfigNetwork, host_net_uuid, "HostNetUuid"), .written = is_host,
      .when = "in Host mode, if set", .since = "4.7.0",
      .help = "Which of the user's host networks to join" },
};

const ConfigTable config_table_network =
    TABLE("a network adapter", ConfigNetwork, network_keys, .check = config_check_mac,
          .destroy = (GDestroyNotify) config_network_free);

static bool has_no_theme(const void *record)
{
    return ((const ConfigTerminal *) record)->theme == NULL;
}

static const char *const themes[] = { "Default", NULL };

static const ConfigKey terminal_keys[] = {
    { KEY(CONFIG_STRING, ConfigTerminal, theme, "Theme"), .words = themes, .when = "if set",
      .since = "4.0.0", .help = "Colour theme; only \"Default\" exists" },
    { KEY(CONFIG_STRING, ConfigTerminal, foreground_color, "ForegroundColor"),
      .base_text = "#ffffff", .written = has_no_theme, .when = "if set and there is no Theme",
      .since = "4.0.0", .help = "Text colour, # and six hex digits" },
    { KEY(CONFIG_STRING, ConfigTerminal, background_color, "BackgroundColor"),
      .base_text = "#000000", .written = has_no_theme, .when = "if set and there is no Theme",
      .since = "4.0.0", .help = "Background colour, # and six hex digits" },
    { KEY(CONFIG_STRING, ConfigTerminal, font, "Font"), REQUIRED, .base_text = "Menlo",
      .since = "4.0.0", .help = "Font of the window" },
    { KEY(CONFIG_INT, ConfigTerminal, font_size, "FontSize"), REQUIRED, .base = 12, .minimum = 1,
      .maximum = 1000, .since = "4.0.0", .help = "Font size in points" },
    { KEY(CONFIG_STRING, ConfigTerminal, resize_command, "ResizeCommand"),
      .flags = CONFIG_KEY_PROSE, .when = "if set", .since = "4.0.0",
      .help =
          "Typed into the guest when the window's size changes; $COLS and $ROWS are filled in" },
    { KEY(CONFIG_BOOL, ConfigTerminal, cursor_blink, "CursorBlink"), .base = true, .absent = true,
      .since = "4.0.3", .help = "The cursor blinks" },
};

const ConfigTable config_table_terminal = TABLE("a terminal window", ConfigTerminal, terminal_keys);

static bool is_terminal(const void *record)
{
    return ((const ConfigSerial *) record)->mode == SERIAL_MODE_TERMINAL;
}

static bool is_tcp_client(const void *record)
{
    return ((const ConfigSerial *) record)->mode == SERIAL_MODE_TCP_CLIENT;
}

static bool is_tcp_server(const void *record)
{
    return ((const ConfigSerial *) record)->mode == SERIAL_MODE_TCP_SERVER;
}

static bool is_tcp(const void *record)
{
    return is_tcp_client(record) || is_tcp_server(record);
}

static const ConfigKey serial_keys[] = {
    { KEY(CONFIG_ENUM, ConfigSerial, mode, "Mode"), REQUIRED, .words = config_words_serial_mode,
      .base = SERIAL_MODE_TERMINAL, .since = "4.0.0",
      .help = "Where the port leads: a terminal window, a TCP connection, or a pseudo terminal" },
    { KEY(CONFIG_ENUM, ConfigSerial, target, "Target"), REQUIRED,
      .words = config_words_serial_target, .base = SERIAL_TARGET_AUTO, .since = "4.0.0",
      .help = "What it is in the guest: a machine's own port (at most 4), a device, the debugger's "
              "or QEMU's monitor" },
    { KEY(CONFIG_RECORD, ConfigSerial, terminal, "Terminal"), .flags = CONFIG_KEY_POINTER,
      .table = &config_table_terminal, .written = is_terminal, .when = "in Terminal mode, if set",
      .since = "4.0.0", .help = "Look of the terminal window" },
    { KEY(CONFIG_STRING, ConfigSerial, hardware, "Hardware"), .when = "if set", .since = "4.0.0",
      .help = "QEMU device for the Manual target" },
    { KEY(CONFIG_STRING, ConfigSerial, tcp_host_address, "TcpHostAddress"),
      .written = is_tcp_client, .when = "in TcpClient mode, if set", .since = "4.0.0",
      .help = "Host to connect to" },
    { KEY(CONFIG_INT, ConfigSerial, tcp_port, "TcpPort"), HAS(ConfigSerial, tcp_port), .minimum = 1,
      .maximum = 65535, .written = is_tcp, .when = "in the Tcp modes, if set", .since = "4.0.0",
      .help = "TCP port; absent: 1234" },
    { KEY(CONFIG_BOOL, ConfigSerial, wait_for_connection, "WaitForConnection"),
      HAS(ConfigSerial, wait_for_connection), .written = is_tcp_server,
      .when = "in TcpServer mode, if set", .since = "4.0.0",
      .help = "The machine starts only when somebody has connected" },
    { KEY(CONFIG_BOOL, ConfigSerial, remote_connection_allowed, "RemoteConnectionAllowed"),
      HAS(ConfigSerial, remote_connection_allowed), .written = is_tcp_server,
      .when = "in TcpServer mode, if set", .since = "4.0.7",
      .help = "Listen on every address instead of loopback" },
};

const ConfigTable config_table_serial =
    TABLE("a serial port", ConfigSerial, serial_keys, .check = config_check_serial,
          .destroy = (GDestroyNotify) config_serial_free);

static const ConfigKey sound_keys[] = {
    { KEY(CONFIG_STRING, ConfigSound, hardware, "Hardware"), REQUIRED, .base_text = "AC97",
      .since = "4.0.0", .help = "QEMU sound device" },
};

const ConfigTable config_table_sound =
    TABLE("a sound card", ConfigSound, sound_keys, .destroy = (GDestroyNotify) config_sound_free);

static const ConfigKey root_keys[] = {
    { KEY(CONFIG_ENUM, UtmConfig, backend, "Backend"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_FIXED, .words = config_words_backend,
      .base = CONFIG_BACKEND_QEMU, .since = "4.0.0", .help = "What runs the machine" },
    { KEY(CONFIG_INT, UtmConfig, version, "ConfigurationVersion"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_FIXED, .base = 4, .minimum = 4, .maximum = 4,
      .since = "4.0.0", .help = "Version of this format" },
    { KEY(CONFIG_RECORD, UtmConfig, information, "Information"), REQUIRED,
      .table = &config_table_information, .since = "4.0.0", .help = "Name and identity" },
    { KEY(CONFIG_RECORD, UtmConfig, system, "System"), REQUIRED, .table = &system_table,
      .since = "4.0.0", .help = "Processor, memory and machine type" },
    { KEY(CONFIG_RECORD, UtmConfig, qemu, "QEMU"), REQUIRED, .table = &qemu_table, .since = "4.0.0",
      .help = "How QEMU runs" },
    { KEY(CONFIG_RECORD, UtmConfig, input, "Input"), REQUIRED, .table = &input_table,
      .since = "4.0.0", .help = "USB" },
    { KEY(CONFIG_RECORD, UtmConfig, sharing, "Sharing"), REQUIRED, .table = &sharing_table,
      .since = "4.0.0", .help = "What host and guest share" },
    { KEY(CONFIG_RECORDS, UtmConfig, displays, "Display"), REQUIRED, .table = &config_table_display,
      .since = "4.0.0", .help = "Screens; none: headless" },
    { KEY(CONFIG_RECORDS, UtmConfig, drives, "Drive"), REQUIRED, .table = &config_table_drive,
      .since = "4.0.0", .help = "Drives in boot order" },
    { KEY(CONFIG_RECORDS, UtmConfig, networks, "Network"), REQUIRED, .table = &config_table_network,
      .since = "4.0.0", .help = "Network adapters" },
    { KEY(CONFIG_RECORDS, UtmConfig, serials, "Serial"), REQUIRED, .table = &config_table_serial,
      .since = "4.0.0", .help = "Serial ports" },
    { KEY(CONFIG_RECORDS, UtmConfig, sounds, "Sound"), REQUIRED, .table = &config_table_sound,
      .since = "4.0.0", .help = "Sound cards" },
};

const ConfigTable config_table_qemu =
    TABLE("a QEMU machine", UtmConfig, root_keys, .check = config_check_qemu_root);

/* Backend, ConfigurationVersion and Information are the same for every backend. */
#define N_SHARED_KEYS 3

const ConfigTable config_table_qemu_sections = {
    .title = "what a QEMU machine has and an Apple one has not",
    .size = sizeof(UtmConfig),
    .keys = root_keys + N_SHARED_KEYS,
    .n_keys = G_N_ELEMENTS(root_keys) - N_SHARED_KEYS,
};

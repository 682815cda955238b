/* SPDX-License-Identifier: Apache-2.0 */
/* The key tables of an Apple machine.
 *
 * Source: UTM 5.0.3, Configuration/UTMAppleConfiguration*.swift */
#include "bundles/keys-tables.h"
#include "bundles/record.h"

static bool is_linux(const void *record)
{
    return ((const AppleBoot *) record)->operating_system == APPLE_OS_LINUX;
}

#define BOOT_FILE(field, key, text)                                                                \
    {                                                                                              \
        KEY(CONFIG_STRING, AppleBoot, field, key), .flags = CONFIG_KEY_FILE, .written = is_linux,  \
                                                   .when = "for Linux, if set", .since = "4.0.0",  \
                                                   .help = text                                    \
    }

static const ConfigKey boot_keys[] = {
    { KEY(CONFIG_ENUM, AppleBoot, operating_system, "OperatingSystem"), REQUIRED,
      .words = config_words_apple_os, .base = APPLE_OS_NONE, .since = "4.0.0",
      .help = "Operating system of the guest" },
    { KEY(CONFIG_BOOL, AppleBoot, uefi_boot, "UEFIBoot"), .since = "4.0.0",
      .help = "Boot Linux with UEFI firmware instead of a kernel" },
    BOOT_FILE(linux_kernel_path, "LinuxKernelPath", "Kernel, a file in Data"),
    { KEY(CONFIG_STRING, AppleBoot, linux_command_line, "LinuxCommandLine"),
      .flags = CONFIG_KEY_PROSE, .written = is_linux, .when = "for Linux, if set", .since = "4.0.0",
      .help = "Command line of the kernel" },
    BOOT_FILE(linux_initial_ramdisk_path, "LinuxInitialRamdiskPath",
              "Initial ramdisk, a file in Data"),
    BOOT_FILE(efi_variable_storage_path, "EfiVariableStoragePath",
              "UEFI variables, a file in Data"),
};

static const ConfigTable boot_table = TABLE("how the guest boots", AppleBoot, boot_keys);

static const ConfigKey mac_keys[] = {
    { KEY(CONFIG_DATA, AppleMacPlatform, hardware_model, "HardwareModel"), REQUIRED,
      .since = "4.0.0", .help = "Model, from the installer image" },
    { KEY(CONFIG_DATA, AppleMacPlatform, machine_identifier, "MachineIdentifier"), REQUIRED,
      .since = "4.0.0", .help = "Identity of this Mac" },
    { KEY(CONFIG_STRING, AppleMacPlatform, auxiliary_storage_path, "AuxiliaryStoragePath"),
      .flags = CONFIG_KEY_FILE, .when = "if set", .since = "4.0.0",
      .help = "Auxiliary storage (NVRAM), a file in Data" },
};

static const ConfigTable mac_table = TABLE("a Mac", AppleMacPlatform, mac_keys);

static const ConfigKey generic_keys[] = {
    { KEY(CONFIG_DATA, AppleGenericPlatform, machine_identifier, "machineIdentifier"),
      .when = "if set", .since = "4.0.0", .help = "Identity of this machine" },
};

static const ConfigTable generic_table =
    TABLE("a machine that is no Mac", AppleGenericPlatform, generic_keys);

static bool is_mac_guest(const void *record)
{
    return ((const AppleSystem *) record)->boot.operating_system == APPLE_OS_MACOS;
}

static bool is_linux_guest(const void *record)
{
    return ((const AppleSystem *) record)->boot.operating_system == APPLE_OS_LINUX;
}

static const ConfigKey system_keys[] = {
    { KEY(CONFIG_STRING, AppleSystem, architecture, "Architecture"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_WORD, .base_text = "aarch64", .since = "4.0.0",
      .help = "Processor architecture, that of the host" },
    { KEY(CONFIG_INT, AppleSystem, cpu_count, "CPUCount"), REQUIRED, .maximum = 4096,
      .since = "4.0.0", .help = "Number of processor cores; 0 derives it from the host" },
    { KEY(CONFIG_INT, AppleSystem, memory_mib, "MemorySize"), REQUIRED, .base = 4096,
      .maximum = 16 << 20, .since = "4.0.0", .help = "Memory in MiB" },
    { KEY(CONFIG_RECORD, AppleSystem, boot, "Boot"), REQUIRED, .table = &boot_table,
      .since = "4.0.0", .help = "How the guest boots" },
    { KEY(CONFIG_RECORD, AppleSystem, mac_platform, "MacPlatform"), .flags = CONFIG_KEY_POINTER,
      .table = &mac_table, .written = is_mac_guest, .when = "for macOS, if set", .since = "4.0.0",
      .help = "What makes the machine a Mac" },
    { KEY(CONFIG_RECORD, AppleSystem, generic_platform, "GenericPlatform"),
      .flags = CONFIG_KEY_POINTER, .table = &generic_table, .written = is_linux_guest,
      .when = "for Linux, if set", .since = "4.0.0", .help = "Identity of a Linux machine" },
};

static const ConfigTable system_table =
    TABLE("processor, memory and boot", AppleSystem, system_keys);

static bool read_bool_keyboard(const PlistDict *dict, const PlistNode *node, int64_t *out_value)
{
    (void) dict;
    if (node->type != PLIST_TYPE_BOOLEAN)
        return false;
    *out_value = node->boolean ? APPLE_KEYBOARD_GENERIC : APPLE_KEYBOARD_DISABLED;
    return true;
}

/* A trackpad that is on counts even where the pointer is off. */
static bool read_bool_pointer(const PlistDict *dict, const PlistNode *node, int64_t *out_value)
{
    if (node->type != PLIST_TYPE_BOOLEAN)
        return false;
    if (plist_dict_get_boolean(dict, "Trackpad", false))
        *out_value = APPLE_POINTER_TRACKPAD;
    else
        *out_value = node->boolean ? APPLE_POINTER_MOUSE : APPLE_POINTER_DISABLED;
    return true;
}

static const ConfigKey virtualization_keys[] = {
    { KEY(CONFIG_BOOL, AppleVirtualization, audio, "Audio"), REQUIRED, .since = "4.0.0",
      .help = "Sound card" },
    { KEY(CONFIG_BOOL, AppleVirtualization, balloon, "Balloon"), REQUIRED, .base = true,
      .since = "4.0.0", .help = "Let the host take memory back" },
    { KEY(CONFIG_BOOL, AppleVirtualization, entropy, "Entropy"), REQUIRED, .base = true,
      .since = "4.0.0", .help = "Give the guest a source of entropy" },
    { KEY(CONFIG_ENUM, AppleVirtualization, keyboard, "Keyboard"), REQUIRED,
      .words = config_words_apple_keyboard, .read_old = read_bool_keyboard, .since = "4.0.0",
      .help = "Keyboard; a boolean before 4.4.4" },
    { KEY(CONFIG_ENUM, AppleVirtualization, pointer, "Pointer"), REQUIRED,
      .words = config_words_apple_pointer, .read_old = read_bool_pointer, .since = "4.0.0",
      .help = "Pointing device; a boolean from 4.0.6 to 4.4.3" },
    { KEY(CONFIG_BOOL, AppleVirtualization, rosetta, "Rosetta"), HAS(AppleVirtualization, rosetta),
      .when = "if set", .since = "4.0.0", .help = "Run Intel programs in an ARM Linux guest" },
    { KEY(CONFIG_BOOL, AppleVirtualization, clipboard_sharing, "ClipboardSharing"),
      .since = "4.0.0", .help = "Share the clipboard through the SPICE agent" },
};

static const ConfigTable virtualization_table =
    TABLE("devices", AppleVirtualization, virtualization_keys);

static const ConfigKey display_keys[] = {
    { KEY(CONFIG_INT, AppleDisplay, width, "WidthPixels"), REQUIRED, .base = 1920, .minimum = 1,
      .maximum = 65535, .since = "4.0.0", .help = "Width in pixels" },
    { KEY(CONFIG_INT, AppleDisplay, height, "HeightPixels"), REQUIRED, .base = 1200, .minimum = 1,
      .maximum = 65535, .since = "4.0.0", .help = "Height in pixels" },
    { KEY(CONFIG_INT, AppleDisplay, pixels_per_inch, "PixelsPerInch"), REQUIRED, .base = 80,
      .minimum = 1, .maximum = 10000, .since = "4.0.0",
      .help = "Pixel density; 226 and more counts as HiDPI" },
    { KEY(CONFIG_BOOL, AppleDisplay, dynamic_resolution, "DynamicResolution"), .base = true,
      .absent = true, .since = "4.5.1", .help = "The guest's screen follows the window's size" },
};

static const ConfigTable display_table;

static void free_display(void *record)
{
    record_free(&display_table, record);
}

static const ConfigTable display_table =
    TABLE("a screen", AppleDisplay, display_keys, .destroy = free_display);

static int64_t absent_read_only(const void *record)
{
    return ((const AppleDrive *) record)->image_name == NULL;
}

static const ConfigKey drive_keys[] = {
    { KEY(CONFIG_STRING, AppleDrive, image_name, "ImageName"), .flags = CONFIG_KEY_FILE,
      .when = "if the drive is not removable", .since = "4.0.0",
      .help = "File in Data; a drive without one is removable" },
    { KEY(CONFIG_BOOL, AppleDrive, read_only, "ReadOnly"), .absent_for = absent_read_only,
      .since = "4.0.0", .help = "The guest may not write" },
    { KEY(CONFIG_BOOL, AppleDrive, nvme, "Nvme"), .since = "4.5.3",
      .help = "Attach as NVMe instead of virtio" },
    { KEY(CONFIG_STRING, AppleDrive, identifier, "Identifier"), .flags = CONFIG_KEY_REQUIRED,
      .since = "4.0.0", .help = "Unique in the machine; key of the inserted medium" },
};

static const ConfigTable drive_table;

static void free_drive(void *record)
{
    record_free(&drive_table, record);
}

static const ConfigTable drive_table =
    TABLE("a drive", AppleDrive, drive_keys, .destroy = free_drive);

static bool is_bridged(const void *record)
{
    return ((const AppleNetwork *) record)->mode == APPLE_NETWORK_BRIDGED;
}

static const ConfigKey network_keys[] = {
    { KEY(CONFIG_ENUM, AppleNetwork, mode, "Mode"), REQUIRED,
      .words = config_words_apple_network_mode, .base = APPLE_NETWORK_SHARED, .since = "4.0.0",
      .help = "What the adapter is connected to" },
    { KEY(CONFIG_STRING, AppleNetwork, mac_address, "MacAddress"), REQUIRED, .since = "4.0.0",
      .help = "Hardware address, six hex pairs with colons" },
    { KEY(CONFIG_STRING, AppleNetwork, bridge_interface, "BridgeInterface"), .written = is_bridged,
      .when = "in Bridged mode, if set", .since = "4.0.0",
      .help = "Host interface to bridge to; absent: the first one" },
};

static const ConfigTable network_table;

static void free_network(void *record)
{
    record_free(&network_table, record);
}

static const ConfigTable network_table =
    TABLE("a network adapter", AppleNetwork, network_keys, .check = config_check_apple_mac,
          .destroy = free_network);

static bool is_terminal(const void *record)
{
    return ((const AppleSerial *) record)->mode == APPLE_SERIAL_TERMINAL;
}

static const ConfigKey serial_keys[] = {
    { KEY(CONFIG_ENUM, AppleSerial, mode, "Mode"), REQUIRED,
      .words = config_words_apple_serial_mode, .base = APPLE_SERIAL_TERMINAL, .since = "4.0.0",
      .help = "Where the port leads: a terminal window or a pseudo terminal" },
    { KEY(CONFIG_RECORD, AppleSerial, terminal, "Terminal"), .flags = CONFIG_KEY_POINTER,
      .table = &config_table_terminal, .written = is_terminal, .when = "in Terminal mode, if set",
      .since = "4.0.0", .help = "Look of the terminal window" },
};

static const ConfigTable serial_table;

static void free_serial(void *record)
{
    record_free(&serial_table, record);
}

static const ConfigTable serial_table =
    TABLE("a serial port", AppleSerial, serial_keys, .destroy = free_serial);

static const ConfigKey shared_keys[] = {
    { KEY(CONFIG_BOOL, AppleSharedDirectory, read_only, "ReadOnly"), REQUIRED, .since = "4.0.0",
      .help = "The guest may not change the folder" },
    { KEY(CONFIG_DATA, AppleSharedDirectory, bookmark, "Bookmark"), REQUIRED, .since = "4.0.0",
      .help = "Apple's bookmark of the folder" },
};

static const ConfigTable shared_table;

static void free_shared(void *record)
{
    record_free(&shared_table, record);
}

static const ConfigTable shared_table =
    TABLE("a shared folder", AppleSharedDirectory, shared_keys, .destroy = free_shared);

/* UTM never writes what only its first two releases knew; what is in a file stays. */
static bool never(const void *record)
{
    (void) record;
    return false;
}

static const ConfigKey root_keys[] = {
    { KEY(CONFIG_ENUM, UtmConfig, backend, "Backend"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_FIXED, .words = config_words_backend,
      .base = CONFIG_BACKEND_APPLE, .since = "4.0.0", .help = "What runs the machine" },
    { KEY(CONFIG_INT, UtmConfig, version, "ConfigurationVersion"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_FIXED, .base = 4, .minimum = 4, .maximum = 4,
      .since = "4.0.0", .help = "Version of this format" },
    { KEY(CONFIG_RECORD, UtmConfig, information, "Information"), REQUIRED,
      .table = &config_table_information, .since = "4.0.0", .help = "Name and identity" },
    { KEY(CONFIG_RECORD, UtmConfig, apple.system, "System"), REQUIRED, .table = &system_table,
      .since = "4.0.0", .help = "Processor, memory and boot" },
    { KEY(CONFIG_RECORD, UtmConfig, apple.virtualization, "Virtualization"), REQUIRED,
      .table = &virtualization_table, .since = "4.0.0", .help = "Devices" },
    { KEY(CONFIG_RECORDS, UtmConfig, apple.displays, "Display"), REQUIRED, .table = &display_table,
      .since = "4.0.0", .help = "Screens" },
    { KEY(CONFIG_RECORDS, UtmConfig, apple.drives, "Drive"), REQUIRED, .table = &drive_table,
      .since = "4.0.0", .help = "Drives in boot order" },
    { KEY(CONFIG_RECORDS, UtmConfig, apple.networks, "Network"), REQUIRED, .table = &network_table,
      .since = "4.0.0", .help = "Network adapters" },
    { KEY(CONFIG_RECORDS, UtmConfig, apple.serials, "Serial"), REQUIRED, .table = &serial_table,
      .since = "4.0.0", .help = "Serial ports" },
    { KEY(CONFIG_RECORDS, UtmConfig, apple.shared_directories, "SharedDirectory"),
      .table = &shared_table, .written = never, .when = "only kept", .since = "4.0.0",
      .help = "Shared folders of UTM 4.0.0 and 4.0.1; without effect" },
};

const ConfigTable config_table_apple =
    TABLE("an Apple machine", UtmConfig, root_keys, .check = config_check_apple_root);

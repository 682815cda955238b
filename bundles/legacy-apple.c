/* SPDX-License-Identifier: Apache-2.0 */
/* Legacy Apple configurations (UTM 3), which were typed strictly: read through key tables. */
#include "bundles/keys-tables.h"
#include "bundles/legacy-private.h"
#include "bundles/record.h"

#define MIB 1048576

typedef struct {
    PlistDict *origin;
    AppleOs operating_system;
    char *kernel, *command_line, *ramdisk;
} OldBoot;

typedef struct {
    PlistDict *origin;
    AppleNetworkMode mode;
    char *bridge, *mac;
} OldNetwork;

typedef struct {
    PlistDict *origin;
    int64_t width, height, pixels_per_inch;
} OldDisplay;

typedef struct {
    PlistDict *origin;
    int64_t size_mib;
    bool is_read_only, is_external;
    char *image;
} OldDisk;

typedef struct {
    PlistDict *origin;
    char *name, *notes, *icon, *architecture;
    bool icon_custom;
    int64_t cpu_count, memory_bytes;
    OldBoot *boot;
    AppleMacPlatform *mac;
    GPtrArray *networks, *displays, *disks;
    bool audio, keyboard, pointing, balloon, entropy, console, serial;
    char *text_color, *background_color, *font, *resize_command;
    int64_t font_size;
    bool cursor_blink;
} OldApple;

static const char *const old_systems[] = { "None", "Linux", "macOS", NULL };

static const ConfigKey boot_keys[] = {
    { KEY(CONFIG_ENUM, OldBoot, operating_system, "operatingSystem"), REQUIRED,
      .words = old_systems },
    { KEY(CONFIG_STRING, OldBoot, kernel, "linuxKernelPath"), .flags = CONFIG_KEY_FILE },
    { KEY(CONFIG_STRING, OldBoot, command_line, "linuxCommandLine"), .flags = CONFIG_KEY_PROSE },
    { KEY(CONFIG_STRING, OldBoot, ramdisk, "linuxInitialRamdiskPath"), .flags = CONFIG_KEY_FILE },
};
static const ConfigTable boot_table = TABLE("boot", OldBoot, boot_keys);

static const ConfigKey mac_keys[] = {
    { KEY(CONFIG_DATA, AppleMacPlatform, hardware_model, "hardwareModel"), REQUIRED },
    { KEY(CONFIG_DATA, AppleMacPlatform, machine_identifier, "machineIdentifier"), REQUIRED },
    { KEY(CONFIG_STRING, AppleMacPlatform, auxiliary_storage_path, "auxiliaryStoragePath"),
      .flags = CONFIG_KEY_FILE },
};
static const ConfigTable mac_table = TABLE("Mac", AppleMacPlatform, mac_keys);

static const ConfigKey network_keys[] = {
    { KEY(CONFIG_ENUM, OldNetwork, mode, "networkMode"), REQUIRED,
      .words = config_words_apple_network_mode },
    { KEY(CONFIG_STRING, OldNetwork, bridge, "bridgeInterfaceIdentifier") },
    { KEY(CONFIG_STRING, OldNetwork, mac, "macAddress"), REQUIRED },
};
static const ConfigTable network_table;

static void free_network(void *record)
{
    record_free(&network_table, record);
}
static const ConfigTable network_table =
    TABLE("network", OldNetwork, network_keys, .destroy = free_network);

static const ConfigKey display_keys[] = {
    { KEY(CONFIG_INT, OldDisplay, width, "widthInPixels"), REQUIRED },
    { KEY(CONFIG_INT, OldDisplay, height, "heightInPixels"), REQUIRED },
    { KEY(CONFIG_INT, OldDisplay, pixels_per_inch, "pixelsPerInch"), REQUIRED },
};
static const ConfigTable display_table;

static void free_display(void *record)
{
    record_free(&display_table, record);
}
static const ConfigTable display_table =
    TABLE("display", OldDisplay, display_keys, .destroy = free_display);

static const ConfigKey disk_keys[] = {
    { KEY(CONFIG_INT, OldDisk, size_mib, "sizeMib"), REQUIRED },
    { KEY(CONFIG_BOOL, OldDisk, is_read_only, "isReadOnly"), REQUIRED },
    { KEY(CONFIG_BOOL, OldDisk, is_external, "isExternal"), REQUIRED },
    { KEY(CONFIG_STRING, OldDisk, image, "imagePath"), .flags = CONFIG_KEY_FILE },
};
static const ConfigTable disk_table;

static void free_disk(void *record)
{
    record_free(&disk_table, record);
}
static const ConfigTable disk_table = TABLE("disk", OldDisk, disk_keys, .destroy = free_disk);

static const ConfigKey root_keys[] = {
    { KEY(CONFIG_STRING, OldApple, name, "name"), REQUIRED },
    { KEY(CONFIG_STRING, OldApple, notes, "notes"), .flags = CONFIG_KEY_PROSE },
    { KEY(CONFIG_BOOL, OldApple, icon_custom, "iconCustom"), REQUIRED },
    { KEY(CONFIG_STRING, OldApple, icon, "icon"), .flags = CONFIG_KEY_FILE },
    { KEY(CONFIG_STRING, OldApple, architecture, "architecture"),
      .flags = CONFIG_KEY_REQUIRED | CONFIG_KEY_WORD },
    { KEY(CONFIG_INT, OldApple, cpu_count, "cpuCount"), REQUIRED },
    { KEY(CONFIG_INT, OldApple, memory_bytes, "memorySize"), REQUIRED },
    { KEY(CONFIG_RECORD, OldApple, boot, "bootLoader"), .flags = CONFIG_KEY_POINTER,
      .table = &boot_table },
    { KEY(CONFIG_RECORD, OldApple, mac, "macPlatform"), .flags = CONFIG_KEY_POINTER,
      .table = &mac_table },
    { KEY(CONFIG_RECORDS, OldApple, networks, "networkDevices"), REQUIRED,
      .table = &network_table },
    { KEY(CONFIG_RECORDS, OldApple, displays, "displays"), .table = &display_table },
    { KEY(CONFIG_RECORDS, OldApple, disks, "diskImages"), REQUIRED, .table = &disk_table },
    { KEY(CONFIG_BOOL, OldApple, audio, "isAudioEnabled") },
    { KEY(CONFIG_BOOL, OldApple, keyboard, "isKeyboardEnabled") },
    { KEY(CONFIG_BOOL, OldApple, pointing, "isPointingEnabled") },
    { KEY(CONFIG_BOOL, OldApple, balloon, "isBalloonEnabled"), REQUIRED },
    { KEY(CONFIG_BOOL, OldApple, entropy, "isEntropyEnabled"), REQUIRED },
    { KEY(CONFIG_BOOL, OldApple, console, "isConsoleDisplay"), REQUIRED },
    { KEY(CONFIG_BOOL, OldApple, serial, "isSerialEnabled"), REQUIRED },
    { KEY(CONFIG_STRING, OldApple, text_color, "consoleTextColor") },
    { KEY(CONFIG_STRING, OldApple, background_color, "consoleBackgroundColor") },
    { KEY(CONFIG_STRING, OldApple, font, "consoleFont") },
    { KEY(CONFIG_STRING, OldApple, resize_command, "consoleResizeCommand"),
      .flags = CONFIG_KEY_PROSE },
    { KEY(CONFIG_INT, OldApple, font_size, "consoleFontSize"), .absent = 12 },
    { KEY(CONFIG_BOOL, OldApple, cursor_blink, "consoleCursorBlink"), REQUIRED },
};
static const ConfigTable root_table = TABLE("legacy Apple machine", OldApple, root_keys);

static void convert_information(LegacyWork *work, const OldApple *from)
{
    ConfigInformation *to = &work->result->config->information;
    to->name = g_strdup(from->name);
    to->notes = g_strdup(from->notes);
    to->icon = g_strdup(from->icon);
    to->icon_custom = from->icon && from->icon_custom;
    to->uuid = legacy_uuid(work, "");
    legacy_note(work, "a UUID was not kept by UTM 3; Information.UUID becomes %s", to->uuid);
}

static void convert_boot(AppleBoot *to, const OldBoot *from)
{
    if (!from)
        return;
    to->operating_system = from->operating_system;
    to->linux_kernel_path = g_strdup(from->kernel);
    to->linux_command_line = g_strdup(from->command_line);
    to->linux_initial_ramdisk_path = g_strdup(from->ramdisk);
}

static void convert_system(const LegacyWork *work, OldApple *from)
{
    AppleSystem *to = &work->result->config->apple.system;
    g_free(to->architecture);
    to->architecture = g_strdup(from->architecture);
    to->cpu_count = from->cpu_count;
    to->memory_mib = from->memory_bytes / MIB;
    convert_boot(&to->boot, from->boot);
    if (!from->mac)
        return;
    to->mac_platform = g_steal_pointer(&from->mac);
    /* Its origin has the old spelling of the keys. */
    g_clear_pointer(&to->mac_platform->origin, plist_dict_free);
}

static void convert_devices(LegacyWork *work, const OldApple *from)
{
    AppleVirtualization *to = &work->result->config->apple.virtualization;
    to->audio = from->audio;
    to->balloon = from->balloon;
    to->entropy = from->entropy;
    to->keyboard = from->keyboard ? APPLE_KEYBOARD_GENERIC : APPLE_KEYBOARD_DISABLED;
    to->pointer = from->pointing ? APPLE_POINTER_MOUSE : APPLE_POINTER_DISABLED;
}

/* Appends a record of base values to one of the machine's arrays. */
static void *append(LegacyWork *work, const char *array)
{
    const ConfigKey *key = config_key_find(&config_table_apple, array);
    void *record = record_new(key->table);
    g_ptr_array_add(record_array(key, work->result->config), record);
    return record;
}

static void convert_disks(LegacyWork *work, const OldApple *from)
{
    for (guint i = 0; i < from->disks->len; i++) {
        OldDisk *disk = from->disks->pdata[i];
        AppleDrive *to = append(work, "Drive");
        g_autofree char *what = g_strdup_printf("drive %u", i);
        to->identifier = legacy_uuid(work, what);
        to->read_only = disk->is_read_only;
        if (!disk->is_external)
            to->image_name = g_strdup(disk->image);
        if (!disk->is_external && !disk->image)
            legacy_note(work, "diskImages[%u]: has no image and becomes removable", i);
    }
}

static void convert_networks(LegacyWork *work, const OldApple *from)
{
    for (guint i = 0; i < from->networks->len; i++) {
        const OldNetwork *network = from->networks->pdata[i];
        AppleNetwork *to = append(work, "Network");
        to->mode = network->mode;
        to->mac_address = g_strdup(network->mac);
        to->bridge_interface = g_strdup(network->bridge);
    }
}

static void convert_displays(LegacyWork *work, const OldApple *from)
{
    for (guint i = 0; i < from->displays->len; i++) {
        const OldDisplay *display = from->displays->pdata[i];
        AppleDisplay *to = append(work, "Display");
        to->width = display->width;
        to->height = display->height;
        to->pixels_per_inch = display->pixels_per_inch;
    }
}

static void convert_serial(LegacyWork *work, const OldApple *from)
{
    if (!from->console && !from->serial)
        return;
    AppleSerial *to = append(work, "Serial");
    if (!from->console) {
        to->mode = APPLE_SERIAL_PTTY;
        return;
    }
    to->terminal = config_terminal_new();
    g_free(to->terminal->foreground_color);
    g_free(to->terminal->background_color);
    to->terminal->foreground_color = g_strdup(from->text_color);
    to->terminal->background_color = g_strdup(from->background_color);
    if (from->font) {
        g_free(to->terminal->font);
        to->terminal->font = g_strdup(from->font);
    }
    to->terminal->font_size = from->font_size;
    to->terminal->resize_command = g_strdup(from->resize_command);
    to->terminal->cursor_blink = from->cursor_blink;
}

void legacy_convert_apple(LegacyWork *work, const PlistDict *root)
{
    OldApple from = { 0 };
    record_decode(&root_table, &from, plist_dict_copy(root), NULL, 1, work->problems);
    work->result->config = g_new0(UtmConfig, 1);
    record_init(&config_table_apple, work->result->config);
    convert_information(work, &from);
    convert_system(work, &from);
    convert_devices(work, &from);
    convert_disks(work, &from);
    convert_networks(work, &from);
    convert_displays(work, &from);
    convert_serial(work, &from);
    record_clear(&root_table, &from);
    config_fill_qemu_sections(work->result->config);
}

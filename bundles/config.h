/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a machine as config.plist version 4 holds it, as C structures. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Every record remembers the dictionary that it came from, so that keys which this version does
 * not know are written back. It is always the first member. */
typedef struct PlistDict PlistDict;

typedef enum { CONFIG_BACKEND_QEMU, CONFIG_BACKEND_APPLE } ConfigBackend;

typedef enum { USB_BUS_DISABLED, USB_BUS_2_0, USB_BUS_3_0 } UsbBus;

typedef enum { SHARE_MODE_NONE, SHARE_MODE_WEBDAV, SHARE_MODE_VIRTFS } ShareMode;

typedef enum { SCALING_LINEAR, SCALING_NEAREST } ScalingFilter;

typedef enum {
    IMAGE_TYPE_NONE,
    IMAGE_TYPE_DISK,
    IMAGE_TYPE_CD,
    IMAGE_TYPE_BIOS,
    IMAGE_TYPE_LINUX_KERNEL,
    IMAGE_TYPE_LINUX_INITRD,
    IMAGE_TYPE_LINUX_DTB,
} ImageType;

typedef enum {
    DRIVE_INTERFACE_NONE,
    DRIVE_INTERFACE_IDE,
    DRIVE_INTERFACE_SCSI,
    DRIVE_INTERFACE_SD,
    DRIVE_INTERFACE_MTD,
    DRIVE_INTERFACE_FLOPPY,
    DRIVE_INTERFACE_PFLASH,
    DRIVE_INTERFACE_VIRTIO,
    DRIVE_INTERFACE_NVME,
    DRIVE_INTERFACE_USB,
} DriveInterface;

typedef enum {
    NETWORK_MODE_EMULATED,
    NETWORK_MODE_SHARED,
    NETWORK_MODE_HOST,
    NETWORK_MODE_BRIDGED,
} NetworkMode;

typedef enum { PROTOCOL_TCP, PROTOCOL_UDP } Protocol;

typedef enum {
    SERIAL_MODE_TERMINAL,
    SERIAL_MODE_TCP_CLIENT,
    SERIAL_MODE_TCP_SERVER,
    SERIAL_MODE_PTTY,
} SerialMode;

typedef enum {
    SERIAL_TARGET_AUTO,
    SERIAL_TARGET_MANUAL,
    SERIAL_TARGET_GDB,
    SERIAL_TARGET_MONITOR,
} SerialTarget;

/* Strings are owned by their record. NULL means that the key is absent, which is not the same as
 * the empty string. An optional number has a has_… beside it. */

typedef struct {
    PlistDict *origin;
    char *name;
    char *uuid; /* upper case */
    bool icon_custom;
    char *icon;  /* or NULL */
    char *notes; /* or NULL */
} ConfigInformation;

typedef struct {
    PlistDict *origin;
    char *architecture;
    char *target;
    char *cpu;
    char **cpu_flags_add;    /* NULL-terminated, never NULL itself after decoding */
    char **cpu_flags_remove; /* likewise */
    int64_t cpu_count;       /* 0: derived from the host */
    bool force_multicore;
    int64_t memory_mib;
    int64_t jit_cache_mib; /* 0: a quarter of the memory */
} ConfigSystem;

typedef struct {
    PlistDict *origin;
    bool debug_log;
    bool uefi_boot;
    bool rng_device;
    bool balloon_device;
    bool tpm_device;
    bool hypervisor;
    bool tso;
    bool rtc_local_time;
    bool ps2_controller;
    char *machine_property_override; /* or NULL */
    char **additional_arguments;     /* NULL-terminated, never NULL itself after decoding */
} ConfigQemu;

typedef struct {
    PlistDict *origin;
    UsbBus usb_bus;
    bool usb_sharing;
    int64_t maximum_usb_share;
} ConfigInput;

typedef struct {
    PlistDict *origin;
    ShareMode directory_share_mode;
    bool directory_share_read_only;
    bool clipboard_sharing;
} ConfigSharing;

typedef struct {
    PlistDict *origin;
    char *hardware;
    bool has_vga_ram_mib;
    int64_t vga_ram_mib;
    bool dynamic_resolution;
    ScalingFilter upscaling_filter;
    ScalingFilter downscaling_filter;
    bool native_resolution;
} ConfigDisplay;

typedef struct {
    PlistDict *origin;
    char *image_name; /* NULL: a removable drive */
    bool read_only;
    ImageType image_type;
    DriveInterface interface;
    int64_t interface_version;
    char *identifier;
} ConfigDrive;

typedef struct {
    PlistDict *origin;
    Protocol protocol;
    char *host_address; /* or NULL: any */
    int64_t host_port;
    char *guest_address; /* or NULL: the guest's own */
    int64_t guest_port;
} ConfigPortForward;

typedef struct {
    PlistDict *origin;
    NetworkMode mode;
    char *hardware;
    char *mac_address;
    bool isolate_from_host;
    GPtrArray *port_forwards; /* (owned) of ConfigPortForward */
    /* Each of these is NULL when absent. */
    char *bridge_interface;
    char *vlan_guest_address;
    char *vlan_guest_address_ipv6;
    char *vlan_host_address;
    char *vlan_host_address_ipv6;
    char *vlan_dhcp_start_address;
    char *vlan_dhcp_end_address;
    char *vlan_dhcp_domain;
    char *vlan_dns_server_address;
    char *vlan_dns_server_address_ipv6;
    char *vlan_dns_search_domain;
    char *host_net_uuid; /* upper case */
} ConfigNetwork;

typedef struct {
    PlistDict *origin;
    char *theme;            /* or NULL */
    char *foreground_color; /* or NULL */
    char *background_color; /* or NULL */
    char *font;
    int64_t font_size;
    char *resize_command; /* or NULL */
    bool cursor_blink;
} ConfigTerminal;

typedef struct {
    PlistDict *origin;
    SerialMode mode;
    SerialTarget target;
    ConfigTerminal *terminal; /* owned, or NULL */
    char *hardware;           /* or NULL */
    char *tcp_host_address;   /* or NULL */
    bool has_tcp_port;
    int64_t tcp_port;
    bool has_wait_for_connection;
    bool wait_for_connection;
    bool has_remote_connection_allowed;
    bool remote_connection_allowed;
} ConfigSerial;

typedef struct {
    PlistDict *origin;
    char *hardware;
} ConfigSound;

/* --- An Apple machine (Virtualization framework) ------------------------------------------- */

typedef enum { APPLE_OS_NONE, APPLE_OS_LINUX, APPLE_OS_MACOS } AppleOs;

typedef enum { APPLE_KEYBOARD_DISABLED, APPLE_KEYBOARD_GENERIC, APPLE_KEYBOARD_MAC } AppleKeyboard;

typedef enum { APPLE_POINTER_DISABLED, APPLE_POINTER_MOUSE, APPLE_POINTER_TRACKPAD } ApplePointer;

typedef enum { APPLE_NETWORK_SHARED, APPLE_NETWORK_BRIDGED } AppleNetworkMode;

typedef enum { APPLE_SERIAL_TERMINAL, APPLE_SERIAL_PTTY } AppleSerialMode;

typedef struct {
    PlistDict *origin;
    AppleOs operating_system;
    bool uefi_boot;
    char *linux_kernel_path;          /* in Data, or NULL */
    char *linux_command_line;         /* or NULL */
    char *linux_initial_ramdisk_path; /* in Data, or NULL */
    char *efi_variable_storage_path;  /* in Data, or NULL */
} AppleBoot;

typedef struct {
    PlistDict *origin;
    GBytes *hardware_model;
    GBytes *machine_identifier;
    char *auxiliary_storage_path; /* in Data, or NULL */
} AppleMacPlatform;

typedef struct {
    PlistDict *origin;
    GBytes *machine_identifier; /* or NULL */
} AppleGenericPlatform;

typedef struct {
    PlistDict *origin;
    char *architecture;
    int64_t cpu_count; /* 0: derived from the host */
    int64_t memory_mib;
    AppleBoot boot;
    AppleMacPlatform *mac_platform;         /* owned, or NULL */
    AppleGenericPlatform *generic_platform; /* owned, or NULL */
} AppleSystem;

typedef struct {
    PlistDict *origin;
    bool audio;
    bool balloon;
    bool entropy;
    AppleKeyboard keyboard;
    ApplePointer pointer;
    bool has_rosetta;
    bool rosetta;
    bool clipboard_sharing;
} AppleVirtualization;

typedef struct {
    PlistDict *origin;
    int64_t width;
    int64_t height;
    int64_t pixels_per_inch;
    bool dynamic_resolution;
} AppleDisplay;

typedef struct {
    PlistDict *origin;
    char *image_name; /* NULL: a removable drive */
    bool read_only;
    bool nvme;
    char *identifier;
} AppleDrive;

typedef struct {
    PlistDict *origin;
    AppleNetworkMode mode;
    char *mac_address;
    char *bridge_interface; /* or NULL */
} AppleNetwork;

typedef struct {
    PlistDict *origin;
    AppleSerialMode mode;
    ConfigTerminal *terminal; /* owned, or NULL */
} AppleSerial;

/* Only UTM 4.0.0 and 4.0.1 wrote these; kept, without effect. */
typedef struct {
    PlistDict *origin;
    bool read_only;
    GBytes *bookmark;
} AppleSharedDirectory;

typedef struct {
    AppleSystem system;
    AppleVirtualization virtualization;
    GPtrArray *displays;           /* (owned) of AppleDisplay */
    GPtrArray *drives;             /* (owned) of AppleDrive */
    GPtrArray *networks;           /* (owned) of AppleNetwork */
    GPtrArray *serials;            /* (owned) of AppleSerial */
    GPtrArray *shared_directories; /* (owned) of AppleSharedDirectory */
} AppleConfig;

/* A machine. Array order is meaningful: boot order, net0…, term0…. */
typedef struct {
    PlistDict *origin;
    ConfigBackend backend;
    int64_t version;
    ConfigInformation information;
    ConfigSystem system;
    ConfigQemu qemu;
    ConfigInput input;
    ConfigSharing sharing;
    GPtrArray *displays; /* (owned) of ConfigDisplay */
    GPtrArray *drives;   /* (owned) of ConfigDrive */
    GPtrArray *networks; /* (owned) of ConfigNetwork */
    GPtrArray *serials;  /* (owned) of ConfigSerial */
    GPtrArray *sounds;   /* (owned) of ConfigSound */
    AppleConfig apple;   /* what an Apple machine has instead of all but .information */
} UtmConfig;

/**
 * utm_config_new() - A configuration with every section present, empty arrays and UTM's base values
 *
 * Name and UUID are unset (NULL); everything else may be saved as it is.
 *
 * Source: UTM 5.0.3, base values of its configuration records
 * Return: a new configuration; free with utm_config_free()
 */
UtmConfig *utm_config_new(void);

/**
 * utm_config_copy() - A deep copy, unknown keys included
 */
UtmConfig *utm_config_copy(const UtmConfig *config);

/**
 * utm_config_free() - Free a configuration; NULL is ignored
 */
void utm_config_free(UtmConfig *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(UtmConfig, utm_config_free)

/**
 * config_display_new() - A display that has UTM's base values otherwise
 * @hardware: QEMU's device, such as "virtio-vga"; copied
 *
 * Return: free with config_display_free(), or give it to a configuration
 */
ConfigDisplay *config_display_new(const char *hardware);

/**
 * config_drive_new() - A drive with an identifier of its own and no image yet
 *
 * Return: free with config_drive_free(), or give it to a configuration
 */
ConfigDrive *config_drive_new(ImageType type, DriveInterface interface);

/**
 * config_network_new() - A network adapter with a MAC address of its own
 * @hardware: QEMU's device, such as "virtio-net-pci"; copied
 *
 * Return: free with config_network_free(), or give it to a configuration
 */
ConfigNetwork *config_network_new(NetworkMode mode, const char *hardware);

/**
 * config_port_forward_new() - A port of this host that leads to one of the guest
 *
 * Return: free with config_port_forward_free(), or give it to an adapter
 */
ConfigPortForward *config_port_forward_new(Protocol protocol, int64_t host_port,
                                           int64_t guest_port);

/**
 * config_serial_new() - A serial port that has UTM's base values otherwise
 *
 * Return: free with config_serial_free(), or give it to a configuration
 */
ConfigSerial *config_serial_new(SerialMode mode, SerialTarget target);

/**
 * config_sound_new() - A sound card
 * @hardware: QEMU's device, such as "intel-hda"; copied
 *
 * Return: free with config_sound_free(), or give it to a configuration
 */
ConfigSound *config_sound_new(const char *hardware);

/**
 * config_terminal_new() - How a serial port's terminal looks by UTM's base values
 *
 * Return: to be given to a serial port
 */
ConfigTerminal *config_terminal_new(void);

void config_display_free(ConfigDisplay *display);
void config_drive_free(ConfigDrive *drive);
void config_network_free(ConfigNetwork *network);
void config_port_forward_free(ConfigPortForward *forward);
void config_serial_free(ConfigSerial *serial);
void config_sound_free(ConfigSound *sound);

/**
 * config_new_uuid() - A random UUID, upper case
 *
 * Return: a new string
 */
char *config_new_uuid(void);

/**
 * config_new_mac() - A random MAC address, upper case, local and unicast
 *
 * Source: UTM 5.0.3, first byte with its two low bits forced to binary 10
 * Return: a new string
 */
char *config_new_mac(void);

/**
 * utm_config_decode() - From the dictionary of a version 4 file to a configuration
 * @root:     the file's dictionary; taken, parts of it live on in the records
 * @line:     line where it begins
 * @problems: list of Problem; everything that is wrong is added
 *
 * Return: the configuration as far as it could be read, or NULL when the file is not of version 4
 * or of an unknown backend, which is then the only problem added
 */
UtmConfig *utm_config_decode(PlistDict *root, int line, GPtrArray *problems);

/**
 * utm_config_encode() - From a configuration to the dictionary that is written
 * @config: any configuration
 *
 * Keys of the origin that are not known, and known ones whose value was not changed, come back as
 * they were.
 *
 * Return: a new dictionary
 */
PlistDict *utm_config_encode(const UtmConfig *config);

/**
 * utm_config_validate() - Everything that is wrong with a configuration
 * @config:   any configuration
 * @problems: list of Problem, appended to
 *
 * Fatal: what UTM refuses, and names that leave the bundle. Semantic: duplicate identifiers, bad
 * MAC addresses, ports and sizes out of range, and other things that QEMU would refuse.
 */
void utm_config_validate(const UtmConfig *config, GPtrArray *problems);

/**
 * utm_config_check() - utm_config_validate(), and the first problem as an error
 * @config: any configuration
 * @error:  BUNDLE_ERROR_INVALID naming key, value, reason and how many more there are
 *
 * For what is about to run or was just made; a bundle with semantic problems still opens.
 */
bool utm_config_check(const UtmConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;

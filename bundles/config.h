/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a machine as config.plist version 4 holds it, as C structures. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Every record remembers the dictionary that it came from, so that keys which this version does
 * not know are written back. */
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

/* A QEMU machine. Array order is meaningful: boot order, net0…, term0…. */
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

/* New records hold UTM's base values, and are freed by config_…_free(). */
ConfigDisplay *config_display_new(const char *hardware);
ConfigDrive *config_drive_new(ImageType type, DriveInterface interface);
ConfigNetwork *config_network_new(NetworkMode mode, const char *hardware);
ConfigPortForward *config_port_forward_new(Protocol protocol, int64_t host_port,
                                           int64_t guest_port);
ConfigSerial *config_serial_new(SerialMode mode, SerialTarget target);
ConfigSound *config_sound_new(const char *hardware);

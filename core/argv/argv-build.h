/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of core/argv share: the mapping under way, and the one way to add to it. */
#pragma once

#include "bundles/arch.h"
#include "core/argv/argv.h"

/* Inputs, what follows from them once for all, and the result. */
typedef struct {
    const UtmConfig *config; /* all borrowed */
    const HostProfile *host;
    const ArgvRun *run;
    const GuestArch *arch;
    Argv *argv;

    bool on_linux;    /* else macOS: exactly what UTM runs */
    bool sparc;       /* sparc or sparc64 */
    bool q800;        /* Macintosh Quadra */
    bool mac99;       /* Power Mac G4 */
    bool pc;          /* x86 with the devices of a PC: not microvm */
    bool i440fx;      /* a PC that is no Q35 */
    bool virt;        /* "virt" or a version of it */
    bool virt_prefix; /* what UTM takes for it where it looks at the first letters only */
    bool hypervisor;
    bool usb;
    bool agent;
    bool secure;   /* firmware with secure boot */
    bool any_gl;   /* on Linux: and the host can */
    bool spice;    /* there is a SPICE server */
    bool bridged;  /* some network is */
    bool virtiofs; /* some folder is shared so, and memory has to be shared with who serves it */
    bool coreaudio;
    bool no_boot_index;
    bool port_bus; /* a controller of virtio ports is there */

    int64_t cores, cpus;    /* for -smp; 0: as many as the machine has by itself */
    unsigned boot_index;    /* next free */
    unsigned interface[16]; /* drives so far, by DriveInterface */
} ArgvBuild;

/* QEMU's name of memory that virtiofsd can reach. */
#define ARGV_SHARED_MEMORY "shared-memory"

/* One section of the mapping. False with @error set when it cannot be mapped. */
typedef bool (*ArgvSection)(ArgvBuild *b, GError **error);

/**
 * argv_base() - What every machine begins with: SPICE, the monitor, no devices by default
 */
bool argv_base(ArgvBuild *b, GError **error);

/**
 * argv_network() - Network adapters, and what of this host they are on
 */
bool argv_network(ArgvBuild *b, GError **error);

/**
 * argv_display() - Graphics cards
 */
bool argv_display(ArgvBuild *b, GError **error);

/**
 * argv_serial() - Serial ports that stand before the buses
 */
bool argv_serial(ArgvBuild *b, GError **error);

/**
 * argv_cpu() - The processor, and how many
 */
bool argv_cpu(ArgvBuild *b, GError **error);

/**
 * argv_machine() - Machine type with its properties, and the accelerator
 */
bool argv_machine(ArgvBuild *b, GError **error);

/**
 * argv_firmware() - UEFI with its variables, BIOS, kernel and RAM disk
 */
bool argv_firmware(ArgvBuild *b, GError **error);

/**
 * argv_sound() - Sound cards
 */
bool argv_sound(ArgvBuild *b, GError **error);

/**
 * argv_usb() - USB controllers, input devices, and places for what is redirected
 */
bool argv_usb(ArgvBuild *b, GError **error);

/**
 * argv_drives() - Disks, CDs and floppies
 */
bool argv_drives(ArgvBuild *b, GError **error);

/**
 * argv_sharing() - Folders of the host and the clipboard
 */
bool argv_sharing(ArgvBuild *b, GError **error);

/**
 * argv_sharing_derive() - Find out what sharing asks of other sections, before any of them
 */
void argv_sharing_derive(ArgvBuild *b);

/**
 * argv_serial_late() - Serial ports on a bus that has to be there first
 */
bool argv_serial_late(ArgvBuild *b, GError **error);

/**
 * argv_misc() - Name and UUID, clock, random numbers, memory balloon, TPM
 */
bool argv_misc(ArgvBuild *b, GError **error);

/**
 * argv_user() - AdditionalArguments, as they are
 */
bool argv_user(ArgvBuild *b, GError **error);

/**
 * argv_ports() - Free slots for what is plugged in later
 */
bool argv_ports(ArgvBuild *b, GError **error);

/**
 * argv_add() - Add one option with its value, and why
 * @key:    plist key, or NULL; copied
 * @rule:   the rule in words; copied
 * @option: such as "-device"
 * @format: the value
 */
void argv_add(ArgvBuild *b, const char *key, const char *rule, const char *option,
              const char *format, ...) G_GNUC_PRINTF(5, 6);

/**
 * argv_add_flag() - Add an option without a value, and why
 */
void argv_add_flag(ArgvBuild *b, const char *key, const char *rule, const char *option);

/**
 * argv_add_words() - Add an option of any number of words, and why
 * @words: NULL-terminated; taken
 */
void argv_add_words(ArgvBuild *b, const char *key, const char *rule, char **words);

/**
 * argv_warn() - Say what was replaced or left out
 */
void argv_warn(ArgvBuild *b, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * argv_key() - Plist key of a member of an array, such as "Drive[0].Interface"
 *
 * Return: a new string
 */
char *argv_key(const char *array, unsigned index, const char *member);

/**
 * argv_prop() - Append a property to a value, with a comma unless it is the first
 */
void argv_prop(GString *value, const char *format, ...) G_GNUC_PRINTF(2, 3);

/**
 * argv_prop_path() - Append name=path, with the commas of the path doubled
 */
void argv_prop_path(GString *value, const char *name, const char *path);

/**
 * argv_prop_text() - Append name=text for text from the bundle
 *
 * Text is not quoted for macOS, because UTM does not. Elsewhere its commas are doubled, so that a
 * bundle cannot smuggle in a property.
 */
void argv_prop_text(ArgvBuild *b, GString *value, const char *name, const char *text);

/**
 * argv_has_device() - host_has_device() that also knows QEMU's short names of virtio devices
 */
bool argv_has_device(const ArgvBuild *b, const char *name);

/**
 * argv_check_device() - Check a device that the bundle names, with properties behind it or not
 * @key:      plist key for the message
 * @hardware: its value
 *
 * Accepts anything for macOS. A property whose value names a file is refused: only
 * AdditionalArguments may do that, and those need the user's trust.
 */
bool argv_check_device(ArgvBuild *b, const char *key, const char *hardware,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * argv_device_name() - A device name without the properties behind it; a new string
 */
char *argv_device_name(const char *hardware);

/**
 * argv_virtio() - Name of a virtio device on the bus that this machine has
 * @kind: such as "blk"
 *
 * Return: such as "virtio-blk-pci", a new string
 */
char *argv_virtio(const ArgvBuild *b, const char *kind);

/**
 * argv_chardev() - Add a character device that stands for a channel of the helper
 * @index: position of its descriptor from ArgvRun.first_channel_fd
 * @name:  file name of its socket otherwise
 */
bool argv_chardev(ArgvBuild *b, const char *key, const char *rule, const char *id, unsigned index,
                  const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * argv_socket_path() - Path of a socket, refused where it is too long for the kernel
 *
 * Return: a new string
 */
char *argv_socket_path(const ArgvBuild *b, const char *name,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * argv_has_pci() - Whether the machine has a PCI bus, as far as Linux needs to know
 */
bool argv_has_pci(const ArgvBuild *b);

/**
 * argv_leave_out() - Whether a device of the bundle cannot be on this machine, which is warned of
 *
 * UTM's settings allow it, and QEMU exits. False on macOS.
 */
bool argv_leave_out(ArgvBuild *b, const char *key, const char *device);

/**
 * argv_has_card() - Whether there is a sound card of exactly this name
 */
bool argv_has_card(const ArgvBuild *b, const char *hardware);

/**
 * argv_bridge() - Bridge of this host that an adapter is to be on
 *
 * Return: borrowed; NULL on macOS, for another mode, and where the host has no bridge
 */
const char *argv_bridge(const ArgvBuild *b, const ConfigNetwork *network);

/**
 * argv_count_cpus() - Set cores and cpus from the bundle, the host and the accelerator
 */
void argv_count_cpus(ArgvBuild *b);

/**
 * argv_choose_accelerator() - Set hypervisor and the accelerator of the result
 */
bool argv_choose_accelerator(ArgvBuild *b, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * argv_port_bus() - Add a controller of virtio ports, unless there is one
 *
 * Return: whether the machine has one now
 */
bool argv_port_bus(ArgvBuild *b, const char *key, const char *rule);

/**
 * argv_wants_gl() - Whether a display's name asks for OpenGL
 */
bool argv_wants_gl(const char *hardware);

/**
 * argv_boots_without_uefi() - Whether a drive brings a BIOS or a kernel of its own
 */
bool argv_boots_without_uefi(const UtmConfig *config);

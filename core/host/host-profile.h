/* SPDX-License-Identifier: Apache-2.0 */
/* What a host offers, as plain values: the only view of a host that the argv mapping has. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { HOST_LINUX, HOST_MACOS } HostSystem;

/* What one QEMU binary can do, from QMP (see qemu-caps.h for the probe and its cache). */
typedef struct {
    char *binary;         /* absolute path */
    char *target;         /* architecture of its guests: "x86_64", "aarch64"… */
    int version;          /* major * 10000 + minor * 100 + micro: 70222 */
    char *version_text;   /* as query-version packages it, for people */
    GHashTable *devices;  /* set of device names that -device accepts */
    GHashTable *machines; /* set of machine names and aliases */
    GHashTable *cpus;     /* set of CPU model names; empty where the target cannot list them */
    GHashTable *commands; /* set of QMP command names */
    GHashTable *features; /* set of other words: "spice", "audiodev-spice", "netdev-user",
                           * "netdev-stream", "accel-kvm", "accel-tcg", "sandbox"… */
} QemuCaps;

/* A host seen from the mapping. All strings owned by the profile; NULL where not known or absent. */
typedef struct {
    HostSystem system;
    int system_version;      /* macOS: major * 100 + minor; 0 on Linux */
    char *architecture;      /* "x86_64", "aarch64" in QEMU's spelling */
    int physical_cores;      /* all of them */
    int logical_cpus;        /* all of them */
    int performance_cores;   /* physical; 0 where the host does not tell kinds apart */
    int performance_cpus;    /* logical */
    uint32_t cpu_family;     /* macOS hw.cpufamily; 0 elsewhere */
    bool hypervisor;         /* KVM or HVF works on this host for guests of its architecture */
    char *hypervisor_reason; /* one clause that says why not, for "using TCG because …" */
    QemuCaps *qemu;          /* owned; NULL: take UTM's own QEMU 10.0.2 for granted */
    char *resource_dir;      /* for -L; NULL leaves -L out */
    char *firmware_code;     /* UEFI code image that fits this machine */
    char *firmware_vars;     /* template of the variable store that fits it */
    bool firmware_secure;    /* the code image enforces secure boot and needs SMM on x86 */
    char *socket_dir;        /* where sockets are, absolute */
    char *bridge_default;    /* bridge to use when the bundle names none */
    bool qemu_alone;         /* nothing can be run beside QEMU: no passt, no switch */
    char *passt;             /* path of a passt that works here */
    char *passt_reason;      /* one clause that says why there is none */
    bool use_file_lock;      /* UTM's setting UseFileLock; true by default */
    bool has_gl;             /* a render node is there for GL displays */
    char *sound_backend;     /* audiodev driver for pcspk and screamer: "pipewire", "pa", "none" */
} HostProfile;

/**
 * host_profile_free() - Free a profile; NULL is ignored
 */
void host_profile_free(HostProfile *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostProfile, host_profile_free)

/**
 * qemu_caps_free() - Free capabilities; NULL is ignored
 */
void qemu_caps_free(QemuCaps *caps);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(QemuCaps, qemu_caps_free)

/**
 * host_profile_macos() - The Mac that golden files and `argv --host macos` speak of
 *
 * macOS 15 on an Apple silicon machine with 8 performance cores, UTM's own QEMU and its folders.
 *
 * Return: a new profile; free with host_profile_free()
 */
HostProfile *host_profile_macos(void);

/**
 * host_has_device() - Whether the host's QEMU accepts a device
 * @host: profile; without capabilities the answer is yes
 * @name: device name, without properties
 */
bool host_has_device(const HostProfile *host, const char *name);

/**
 * host_has_feature() - Whether the host's QEMU has one of the words of QemuCaps.features
 */
bool host_has_feature(const HostProfile *host, const char *word);

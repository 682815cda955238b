/* SPDX-License-Identifier: Apache-2.0 */
/* From a configuration and a host to the arguments of QEMU, each with its reason. Pure. */
#pragma once

#include "bundles/config.h"
#include "core/host-facts.h"
#include "core/host/host-profile.h"

/* Names of the empty PCI Express slots that machines have on Linux begin so. */
#define ARGV_PORT_PREFIX "hotplug"

/* QEMU's names of the connections to virtiofsd begin so. */
#define ARGV_VIRTIOFS_PREFIX "virtiofs"

/* Place of the first terminal among the descriptors of ArgvRun. */
#define ARGV_FIRST_TERMINAL 2

typedef enum { ACCEL_AUTO, ACCEL_TCG, ACCEL_HYPERVISOR } AccelChoice;

/* What is known only when a machine starts. Nothing here is saved. All pointers borrowed. */
typedef struct {
    const char *data_dir; /* the bundle's Data folder, absolute */
    GHashTable *media;    /* drive Identifier -> path of the inserted medium; may be NULL */
    GHashTable *formats;  /* drive Identifier -> probed image format ("raw", "qcow2"…); may be
                               * NULL: then format= is left out, as UTM does */
    const char *efi_vars; /* UEFI variables; NULL: efi_vars.fd in data_dir */
    GPtrArray *shares;    /* of HostShare: folders for the guest; may be NULL */
    bool disposable;      /* -snapshot */
    bool no_forwards;     /* ports of the host are left alone */
    AccelChoice accel;
    /* First of the descriptors that stand for the helper's ends of monitor, agent and terminals, in
     * this order: monitor, agent, term0, term1… Their places are fixed: Serial[i] has the one of
     * term<i>, whether or not there is an agent and whatever the other ports are. Behind the last
     * Serial[] come those that lead to a virtiofsd. Below 0: unix sockets in host->socket_dir. */
    int first_channel_fd;
} ArgvRun;

/* One option with its values, and why it is there. */
typedef struct {
    char **args; /* NULL-terminated, usually { "-device", "…", NULL } */
    char *key;   /* plist key such as "Drive[0].Interface"; NULL when no key is behind it */
    char *rule;  /* the rule in words */
} ArgvItem;

/* What is at the host's end of a network adapter. */
typedef enum {
    NETWORK_KIND_NONE,   /* the adapter is left out */
    NETWORK_KIND_USER,   /* slirp, inside QEMU */
    NETWORK_KIND_PASST,  /* a passt, which is connected to QEMU's socket "net<i>" */
    NETWORK_KIND_LAN,    /* a Host network: sockets "net<i>" and, to slirp, "net<i>.host" */
    NETWORK_KIND_BRIDGE, /* a bridge of the host */
    NETWORK_KIND_VMNET,  /* macOS */
} NetworkKind;

typedef struct {
    GPtrArray *items;         /* (owned) of ArgvItem */
    NetworkKind *networks;    /* (owned) by the adapter's index in the bundle */
    GPtrArray *bridges;       /* (owned) of char *: bridges of the host that are used */
    GPtrArray *warnings;      /* (owned) of char *: what was replaced or left out, one line each */
    bool virtiofs;            /* folders are served by virtiofsd, which can reach the memory */
    char *accelerator;        /* "kvm", "hvf" or "tcg" */
    char *accelerator_reason; /* for tcg: why, one clause; NULL where it was asked for */
} Argv;

/**
 * argv_build() - Map a configuration to the arguments of QEMU
 * @config: a decoded and validated QEMU configuration
 * @host:   the host to build for
 * @run:    what this start adds
 * @error:  UTM_ERROR_UNSUPPORTED when machine, host or QEMU cannot, naming the missing piece;
 *          UTM_ERROR_INVALID when a value cannot be put on a QEMU command line
 *
 * Opens no file and asks no program. The program name is not part of the result.
 *
 * Source: UTM 5.0.3 Configuration/UTMQemuConfiguration+Arguments.swift (macOS), its natural
 * counterpart for Linux
 * Return: the arguments; free with argv_free()
 */
Argv *argv_build(const UtmConfig *config, const HostProfile *host, const ArgvRun *run,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * argv_strv() - All arguments in order
 * @argv: built arguments
 *
 * Return: a new NULL-terminated vector; free with g_strfreev()
 */
char **argv_strv(const Argv *argv);

/**
 * argv_free() - Free arguments; NULL is ignored
 */
void argv_free(Argv *argv);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Argv, argv_free)

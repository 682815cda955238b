/* SPDX-License-Identifier: Apache-2.0 */
/* What is true of a machine on this host only: inserted media, shared folders, USB devices. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The tag of a machine's first shared folder. Source: UTM 5.0.3, argument mapping */
#define HOST_SHARE_TAG "share"

/* A folder that a guest may mount. */
typedef struct {
    char *path; /* absolute */
    char *tag;  /* what the guest calls it */
    bool read_only;
    bool virtiofs; /* where the bundle says VirtFS: by virtiofs instead of 9p */
} HostShare;

/* UTM keeps the same facts in its registry, never in the bundle. */
typedef struct {
    GHashTable *media; /* drive Identifier -> absolute path of the medium; never NULL */
    GPtrArray *shares; /* (owned) of HostShare; never NULL */
    GPtrArray *usb;    /* (owned) of char *: what devices it always gets, see usb.h; never NULL */
} HostFacts;

/**
 * host_facts_new() - Facts of a machine that this host has not seen yet
 */
HostFacts *host_facts_new(void);

/**
 * host_facts_load() - Read what this host knows of a machine
 * @uuid:  its UUID
 * @error: UTM_ERROR_INVALID when a file is damaged, UTM_ERROR_FAILED when it cannot be read
 *
 * From media.json, share.json and usb.json in paths_state(); a file that is not there says nothing.
 *
 * Return: the facts; free with host_facts_free()
 */
HostFacts *host_facts_load(const char *uuid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * host_facts_save() - Write them; a file that would say nothing is removed
 * @error: UTM_ERROR_FAILED
 */
bool host_facts_save(const HostFacts *facts, const char *uuid,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * host_facts_add_share() - Note a folder; nothing is saved yet
 * @path: absolute
 * @tag:  NULL: the first free one of "share", "share2"…
 *
 * Return: the new row, borrowed; read-only and virtiofs are off
 */
HostShare *host_facts_add_share(HostFacts *facts, const char *path, const char *tag);

/**
 * host_facts_share() - The folder of a tag; borrowed, NULL when there is none
 */
HostShare *host_facts_share(const HostFacts *facts, const char *tag);

/**
 * host_facts_free() - Free facts; NULL is ignored
 */
void host_facts_free(HostFacts *facts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostFacts, host_facts_free)

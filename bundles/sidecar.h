/* SPDX-License-Identifier: Apache-2.0 */
/* utmctl.plist in a bundle's root: what UTM has no place for. UTM leaves the file alone. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Sidecar Sidecar;

/* What a saved state needs to be loaded again. Strings owned, each may be NULL. */
typedef struct {
    int64_t time; /* seconds since 1970 */
    char *tag;    /* of the snapshot in the images */
    char *qemu_version;
    char *machine; /* versioned machine type */
    char *cpu;
    char *fingerprint; /* of the hardware as QEMU was given it */
} SidecarSuspended;

void sidecar_suspended_free(SidecarSuspended *suspended);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SidecarSuspended, sidecar_suspended_free)

/**
 * sidecar_open() - Read a bundle's sidecar; an empty one where there is none
 * @bundle_path: the .utm folder
 * @error:       BUNDLE_ERROR_INVALID, BUNDLE_ERROR_IO
 *
 * Return: the sidecar; free with sidecar_free()
 */
Sidecar *sidecar_open(const char *bundle_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * sidecar_save() - Write the sidecar atomically; one with nothing in it is removed
 *
 * Keys that this version does not know are kept.
 */
bool sidecar_save(const Sidecar *sidecar, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * sidecar_free() - Free a sidecar; NULL is ignored
 */
void sidecar_free(Sidecar *sidecar);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sidecar, sidecar_free)

/**
 * sidecar_is_protected() - Whether the machine is deleted with --force only
 */
bool sidecar_is_protected(const Sidecar *sidecar);

/**
 * sidecar_set_protected() - Have it deleted with --force only, or not
 */
void sidecar_set_protected(Sidecar *sidecar, bool is_protected);

/**
 * sidecar_clones() - Linked clones that were made of the machine
 *
 * Return: UUID -> path of the bundle then, both owned; maybe empty
 */
GHashTable *sidecar_clones(const Sidecar *sidecar);

/**
 * sidecar_set_clone() - Note a linked clone
 * @path: its bundle; NULL forgets it
 */
void sidecar_set_clone(Sidecar *sidecar, const char *uuid, const char *path);

/* What the images do not know of a snapshot. Strings owned, each may be NULL. */
typedef struct {
    int64_t created; /* seconds since 1970; 0: not known */
    char *parent;    /* tag of the snapshot that it was made after */
    char *description;
    char *label;       /* name that it was given later; its tag stays */
    char *fingerprint; /* of QEMU and hardware, where RAM is part of it */
    char *warm_ram;    /* a warm one: what QEMU calls the machine's main memory */
    /* An external one: drive Identifier -> file in the folder Snapshots that holds its state, owned;
     * NULL for one that is inside the images. */
    GHashTable *layers;
} SidecarSnapshot;

void sidecar_snapshot_free(SidecarSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SidecarSnapshot, sidecar_snapshot_free)

/**
 * sidecar_snapshot() - What is known of a snapshot
 * @tag: its tag in the images
 *
 * Return: a new record; NULL when there is none
 */
SidecarSnapshot *sidecar_snapshot(const Sidecar *sidecar, const char *tag);

/**
 * sidecar_set_snapshot() - Note a snapshot; NULL forgets it
 */
void sidecar_set_snapshot(Sidecar *sidecar, const char *tag, const SidecarSnapshot *snapshot);

/**
 * sidecar_snapshot_tags() - Tags of all snapshots that are noted
 *
 * Return: a new NULL-terminated vector, maybe empty; free with g_strfreev()
 */
char **sidecar_snapshot_tags(const Sidecar *sidecar);

/**
 * sidecar_text() - A string of the sidecar's own: "Current" (tag of the snapshot that the machine
 *                  goes on from), "Restoring" (tag that is being restored)
 *
 * Return: borrowed until the sidecar changes; NULL when there is none
 */
const char *sidecar_text(const Sidecar *sidecar, const char *key);

/**
 * sidecar_set_text() - Set such a string; NULL removes it
 */
void sidecar_set_text(Sidecar *sidecar, const char *key, const char *text);

/**
 * sidecar_suspended() - What is known of the machine's saved state
 *
 * Return: a new record; NULL when the machine is not suspended
 */
SidecarSuspended *sidecar_suspended(const Sidecar *sidecar);

/**
 * sidecar_set_suspended() - Note a saved state; NULL forgets it
 */
void sidecar_set_suspended(Sidecar *sidecar, const SidecarSuspended *suspended);

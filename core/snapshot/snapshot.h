/* SPDX-License-Identifier: Apache-2.0 */
/* Named snapshots of a machine: a tree of states that it can go back to. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "core/libexec.h"
#include "core/vm/vm.h"

typedef enum {
    SNAPSHOT_FULL, /* RAM, devices and disks */
    SNAPSHOT_DISK, /* disks only */
    SNAPSHOT_WARM, /* full, and with a RAM image in the cache that machines start from */
} SnapshotKind;

/* One image and whether it has the snapshot. */
typedef struct {
    char *drive; /* Identifier of the drive, or "efi_vars" */
    char *path;
    uint64_t size; /* bytes; virtual size at that time */
    bool present;
} SnapshotDisk;

typedef struct {
    char *tag;       /* as the images know it */
    char *name;      /* as people know it; usually the tag */
    int64_t created; /* seconds since 1970 */
    char *parent;    /* tag, or NULL */
    SnapshotKind kind;
    uint64_t vm_state_size;
    GPtrArray *disks;   /* (owned) of SnapshotDisk */
    char *description;  /* or NULL */
    GHashTable *layers; /* external: drive Identifier -> file in Snapshots; NULL: in the images */
    bool complete;      /* every image has it */
    bool current;       /* the machine goes on from it */
} Snapshot;

/**
 * snapshot_free() - Free a snapshot; NULL is ignored
 */
void snapshot_free(Snapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snapshot, snapshot_free)

/**
 * snapshot_list() - Every snapshot of a machine, oldest first
 * @bundle: the machine
 * @error:  BUNDLE_ERROR
 *
 * The images are the truth: a snapshot that UTM or qemu-img made appears, one that they deleted is
 * gone, and one that only some images have is there and not complete. The state of a suspended
 * machine is none of them.
 *
 * Return: (owned) of Snapshot
 */
GPtrArray *snapshot_list(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_find() - One snapshot by its name or tag
 * @error: UTM_ERROR_NOT_FOUND with the nearest name
 *
 * Return: a new snapshot; free with snapshot_free()
 */
Snapshot *snapshot_find(const Bundle *bundle, const char *name,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
    const char *description; /* or NULL */
    bool disk_only;          /* leave RAM and devices out */
    bool warm;               /* make a warm image too, see warm.h; the machine must run */
    bool external;           /* disks go on with new images, and memory is left out */
    bool quiesce;            /* freeze the guest's file systems meanwhile */
    int64_t timeout_us;      /* 0 for ever */
    int64_t *stood_us;       /* filled with how long the guest stood still; may be NULL */
    /* Filled with whether the guest has not mounted again what it had to unmount; may be NULL. */
    bool *mounts_lost;
} SnapshotCreate;

/**
 * snapshot_create() - Keep the state that a machine is in
 * @bundle: the machine: running, paused or stopped
 * @name:   a new name: no control characters, at most 255 bytes, not only digits
 * @error:  UTM_ERROR_UNSUPPORTED with everything that is in the way, before anything is done;
 *          UTM_ERROR_WRONG_STATE when the name is taken
 *
 * A stopped machine has its disks kept. All images show the same instant, and configuration and TPM
 * are kept beside them.
 */
bool snapshot_create(const Bundle *bundle, const char *name, const SnapshotCreate *options,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_delete() - Forget a snapshot; those made after it stay
 * @children: delete those as well
 * @watch:    progress of merging the images of an external one; false interrupts. May be NULL
 */
bool snapshot_delete(const Bundle *bundle, const char *name, bool children,
                     const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_delete_names() - What snapshot_delete() would delete, in that order
 *
 * Return: a new NULL-terminated vector of names; free with g_strfreev()
 */
char **snapshot_delete_names(const Bundle *bundle, const char *name, bool children,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_flatten() - Give every disk one image that needs no other; running or not
 * @watch: as for snapshot_delete()
 * @error: UTM_ERROR_WRONG_STATE with the snapshots inside of the images, which need what is below
 *
 * All external snapshots are forgotten for that.
 */
bool snapshot_flatten(const Bundle *bundle, const LibexecWatch *watch,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_keep_current() - Keep what a machine is now, before it goes back
 * @name:     snapshot that it is to go back to
 * @out_name: name of the new snapshot, a new string: "before-NAME", with a number where that is taken
 * @error:    as for snapshot_create()
 *
 * Of the same kind as the one to go back to: external, or inside of the images.
 */
bool snapshot_keep_current(const Bundle *bundle, const char *name, char **out_name,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
    SNAPSHOT_THEN_AS_KEPT, /* running if its RAM was kept, else stopped */
    SNAPSHOT_THEN_STARTED,
    SNAPSHOT_THEN_PAUSED,
} SnapshotThen;

typedef struct {
    SnapshotThen then; /* what the machine does afterwards */
    bool cold;         /* leave memory that is in the snapshot out: only the disks go back */
} SnapshotRestore;

/**
 * snapshot_restore() - Go back to a snapshot; what the machine is now is lost
 * @how:         borrowed
 * @out_started: filled when it was started for this; may be NULL
 * @error:       UTM_ERROR_INVALID with the images that lack it when it is not complete,
 *               UTM_ERROR_WRONG_STATE for a disk snapshot of a running machine,
 *               UTM_ERROR_UNSUPPORTED when its memory was saved by another QEMU, machine type or CPU;
 *               nothing has changed then
 *
 * A crash in the middle is made good at the next start: the same snapshot is restored to its end.
 */
bool snapshot_restore(const Bundle *bundle, const char *name, const SnapshotRestore *how,
                      VmStarted *out_started, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_rename() - Give a snapshot another name; its tag in the images stays
 */
bool snapshot_rename(const Bundle *bundle, const char *name, const char *new_name,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What to keep. A snapshot that any rule keeps is kept. */
typedef struct {
    unsigned last, daily, weekly;
    const char *prefix; /* only names that begin so are looked at; NULL: all */
} SnapshotPrune;

/**
 * snapshot_prune_list() - Which snapshots a rule would delete, oldest first
 * @snapshots: as snapshot_list() returns them
 * @now:       seconds since 1970
 *
 * A day and a week keep their newest snapshot. The current one is never in the list. Pure.
 *
 * Return: (borrowed from @snapshots) of Snapshot
 */
GPtrArray *snapshot_prune_list(const GPtrArray *snapshots, const SnapshotPrune *rule, int64_t now);

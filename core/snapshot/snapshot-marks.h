/* SPDX-License-Identifier: Apache-2.0 */
/* Marks in the sidecar for what is being done with snapshots, so that what is cut short is noticed. */
#pragma once

#include "bundles/bundle.h"
#include "bundles/sidecar.h"

/* Whoever works on the images sets the mark: the helper of a machine that runs, else utmctl. */
typedef enum {
    SNAPSHOT_CREATING,  /* undone when some image lacks the snapshot */
    SNAPSHOT_DELETING,  /* carried through */
    SNAPSHOT_RESTORING, /* likewise: some disks may have gone back already */
} SnapshotMark;

/* A change to an open sidecar. */
typedef void (*SidecarChange)(Sidecar *sidecar, void *user);

/**
 * snapshot_change_sidecar() - Open a machine's sidecar, change and save it
 * @change: is given the open sidecar and @user
 */
bool snapshot_change_sidecar(const Bundle *bundle, SidecarChange change, void *user,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_mark_in() - Set a mark in a sidecar that is saved with something else; NULL removes it
 */
void snapshot_mark_in(Sidecar *sidecar, SnapshotMark mark, const char *tag);

/**
 * snapshot_mark() - Note what is about to be done with a snapshot
 * @tag: the snapshot's
 *
 * Nothing is written when that has been noted already.
 */
bool snapshot_mark(const Bundle *bundle, SnapshotMark mark, const char *tag,
                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_mark_done() - Note that it has been done: what the record says of it holds from now on
 *
 * The machine goes on from a snapshot that was made or restored. One that was deleted leaves its
 * children to its parent, and what was kept beside the images goes.
 */
bool snapshot_mark_done(const Bundle *bundle, SnapshotMark mark, const char *tag,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_forget() - Forget a snapshot that no image has: the record first, then what was kept
 *
 * Cut short, it leaves files that nobody looks at, and never a record of what is not whole.
 */
bool snapshot_forget(const Bundle *bundle, const char *tag,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_mark_undone() - Note that it was not done and has left nothing; best effort
 *
 * A snapshot that was to be made is no longer recorded.
 */
void snapshot_mark_undone(const Bundle *bundle, SnapshotMark mark, const char *tag);

/**
 * snapshot_recover() - Make good what was cut short with the snapshots of a machine that stands still
 * @bundle:      the machine, which the caller keeps from being started
 * @out_changed: whether its configuration may have changed; then it has to be opened again
 * @error:       why something cannot be finished; the mark stays
 */
bool snapshot_recover(const Bundle *bundle, bool *out_changed,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* What all that work on snapshots share: who has the machine, and how errors begin. */
#pragma once

#include "bundles/bundle.h"
#include "core/vm/keep-stopped.h"
#include "qapi/generated/qmp-commands.h"

/**
 * snapshot_ask_helper() - Have the helper of a machine that runs act on a snapshot
 * @timeout_us: the helper keeps to it; 0 for ever
 * @error:      the helper's, with the code that it meant
 */
bool snapshot_ask_helper(QmpClient *client, QmpUtmSnapshotAction action, const char *tag,
                         bool disk_only, int64_t timeout_us,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_take() - Have a machine that stands still, with nothing left half done in it
 * @error: as for keep_stopped()
 *
 * Return: until keep_stopped_free() nobody starts it
 */
KeepStopped *snapshot_take(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How its images are worked on: through the monitor of a machine that runs, or kept stopped. */
typedef struct {
    QmpClient *client;
    KeepStopped *claim;
} SnapshotAccess;

void snapshot_access_clear(SnapshotAccess *way);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SnapshotAccess, snapshot_access_clear)

/**
 * snapshot_access_get() - Get the one or the other
 */
bool snapshot_access_get(const Bundle *bundle, SnapshotAccess *out_way,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_check_name() - Whether a snapshot may be called so
 * @error: UTM_ERROR_USAGE
 */
bool snapshot_check_name(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_check_free() - Whether no snapshot is called so
 * @error: UTM_ERROR_WRONG_STATE
 */
bool snapshot_check_free(const Bundle *bundle, const char *name,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * snapshot_with_prefix() - Begin an error with the machine's name and what cannot be done
 *
 * Return: @ok
 */
bool snapshot_with_prefix(const Bundle *bundle, const char *what, bool ok, GError **error);

/* SPDX-License-Identifier: Apache-2.0 */
/* What the verbs of utmctl snapshot share. */
#pragma once

#include "cmd/command.h"
#include "core/snapshot/snapshot.h"

extern const Command cmd_snapshot_list;
extern const Command cmd_snapshot_show;
extern const Command cmd_snapshot_delete;
extern const Command cmd_snapshot_prune;
extern const Command cmd_snapshot_flatten;
extern const Command cmd_snapshot_export;

/**
 * snapshot_kind_word() - "full", "disk" or "warm", static
 */
const char *snapshot_kind_word(SnapshotKind kind);

/**
 * snapshot_json() - What list, show and create print of a snapshot
 */
cJSON *snapshot_json(const Snapshot *snapshot);

/**
 * snapshot_list_json() - The same of several
 * @snapshots: of Snapshot
 */
cJSON *snapshot_list_json(const GPtrArray *snapshots);

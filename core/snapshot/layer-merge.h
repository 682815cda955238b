/* SPDX-License-Identifier: Apache-2.0 */
/* Merging layers that no snapshot needs any more into their neighbours. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "core/libexec.h"
#include "qapi/qmp-client.h"

typedef struct {
    QmpClient *client;         /* monitor of the machine that runs; NULL: it is kept stopped */
    bool flatten;              /* also what comes from outside of the folder Snapshots */
    const LibexecWatch *watch; /* progress of one merge at a time; may be NULL */
} LayerMerge;

/**
 * layer_merge() - Merge what can be merged
 * @error: UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED
 *
 * A layer that is no snapshot's state and that one image alone stands on becomes one with it: the
 * smaller of the two is written into the other. What the guest sees and what the snapshots hold is
 * the same at every moment, so that it may be cut short anywhere and done again.
 *
 * Source: QEMU docs/interop/live-block-operations.rst
 */
bool layer_merge(const Bundle *bundle, const LayerMerge *how,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

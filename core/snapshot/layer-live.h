/* SPDX-License-Identifier: Apache-2.0 */
/* Merging layers of a machine that runs, by QEMU's block jobs. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/libexec.h"
#include "core/snapshot/layer-tree.h"
#include "qapi/qmp-client.h"

/**
 * layer_live_pull() - Copy what an image stands on into it
 * @lower: up to this layer, which goes out of the chain; NULL: all that is below
 * @watch: progress; false cancels. May be NULL
 * @error: UTM_ERROR_INTERRUPTED with everything as it was
 *
 * Source: QEMU qapi/block-core.json, block-stream; base-node since 2.8
 */
bool layer_live_pull(QmpClient *client, const LayerImage *upper, const LayerImage *lower,
                     const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layer_live_push() - Write a layer into the one below it
 * @root:  the drive's image that stands on both
 * @upper: goes out of the chain; when it is @root itself, the layer has taken its place then
 *
 * Source: QEMU qapi/block-core.json, block-commit; top-node and base-node since 3.1
 */
bool layer_live_push(QmpClient *client, const LayerImage *root, const LayerImage *upper,
                     const LayerImage *lower, const LibexecWatch *watch,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

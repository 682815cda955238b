/* SPDX-License-Identifier: Apache-2.0 */
/* External snapshots: states of the disks in layers of their own, see layer-tree.h. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "core/libexec.h"
#include "qapi/qmp-client.h"

/**
 * external_create() - Make an external snapshot
 * @client: monitor of the machine that runs; NULL: it is kept stopped
 * @tag:    a name that is free
 * @error:  UTM_ERROR_UNSUPPORTED, UTM_ERROR_LOCKED, UTM_ERROR_FAILED with nothing changed
 */
bool external_create(const Bundle *bundle, QmpClient *client, const char *tag,
                     const char *description, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * external_forget() - Forget external snapshots, and merge the layers that nobody needs then
 * @client: as above
 * @tags:   those to forget, NULL-terminated
 * @watch:  progress of the merging; may be NULL
 * @error:  UTM_ERROR_INTERRUPTED: they are forgotten, and the next one finishes the merging
 */
bool external_forget(const Bundle *bundle, QmpClient *client, const char *const *tags,
                     const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * external_flatten() - Give every disk one image that needs no other
 * @tags: all external snapshots, which are forgotten
 *
 * Otherwise as external_forget().
 */
bool external_flatten(const Bundle *bundle, QmpClient *client, const char *const *tags,
                      const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

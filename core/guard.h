/* SPDX-License-Identifier: Apache-2.0 */
/* What guards a machine against being changed: its mark as protected, and clones that stand on it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/**
 * guard_add_clone() - Note a linked clone
 * @base_path: bundle that it stands on
 * @uuid:      the clone's
 * @place:     where the clone is, or will be
 */
bool guard_add_clone(const char *base_path, const char *uuid, const char *place,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guard_check_change() - Whether the disks of a machine may change
 * @path:  its bundle
 * @way:   command with --force for the hint; NULL where there is none
 * @error: UTM_ERROR_WRONG_STATE naming the linked clones
 */
bool guard_check_change(const char *path, const char *way,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guard_check_start() - Whether a machine may be started so that it writes to its disks
 * @error: UTM_ERROR_WRONG_STATE when it is protected, or clones stand on it
 */
bool guard_check_start(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* What guards a machine against being changed: its mark as protected, and clones that stand on it. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/**
 * guard_clones() - Linked clones that need the disks of a machine
 * @path: its bundle
 *
 * Only those that are still there and still stand on it: the record in the sidecar is what is looked
 * through, and a clone that was moved is looked for in the library.
 *
 * Return: a new NULL-terminated vector of their names, maybe empty; free with g_strfreev()
 */
char **guard_clones(const char *path);

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

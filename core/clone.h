/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which the disks of one machine become those of another. */
#pragma once

#include "bundles/bundle.h"
#include "core/machine.h"

/**
 * clone_fill() - Put what a clone consists of into its folder
 * @folder:  must not exist; the configuration in it is the original's yet
 * @options: borrowed; .linked and .full say how
 * @error:   UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED. What was written so far is left
 *
 * Without either, everything is copied, and blocks are shared where the file system can.
 */
bool clone_fill(const Bundle *bundle, const char *folder, const CloneOptions *options,
                GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * clone_guard() - Protect what a clone stands on, before there is the clone
 * @clone: still where it is made, with the identity that it will have
 * @place: where it will be
 *
 * A record of a clone that there is not guards nothing.
 */
bool clone_guard(const Bundle *bundle, const Bundle *clone, const char *place,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * clone_settle() - Make a clone usable that needs files outside of its bundle
 * @clone: at its place
 * @error: the clone cannot be used
 *
 * What it stands on is found from where it is now, and is agreed to on this host.
 */
bool clone_settle(const Bundle *bundle, const Bundle *clone,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * clone_snapshot() - Make a machine of what a snapshot holds
 * @name:       the snapshot's
 * @options:    borrowed; .output, .name and .progress matter
 * @dry_run:    find names, change nothing
 * @out_result: filled on success; .dropped_suspend: the snapshot has memory, the new machine boots
 * @error:      as for machine_clone(); UTM_ERROR_INVALID when the snapshot is not complete
 *
 * Configuration, disks, UEFI variables and TPM are as they were then. Like a clone, it has a name,
 * UUID and MAC addresses of its own, so that both can run. The original may run meanwhile.
 */
bool clone_snapshot(const Bundle *bundle, const char *name, const CloneOptions *options,
                    bool dry_run, CloneResult *out_result,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

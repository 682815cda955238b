/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a suspended machine: an internal snapshot named "suspend" in its qcow2 images. */
#pragma once

#include "bundles/bundle.h"
#include "core/vm/job.h"
#include "core/vm/launch-plan.h"

/* Source: UTM 5.0.3 names the snapshot of a suspended machine so */
#define SAVED_STATE_TAG "suspend"

/**
 * saved_state_fingerprint() - What must be the same for a state to be loaded
 *
 * QEMU itself, and machine, memory and processors as it was told them.
 *
 * Return: a new string
 */
char *saved_state_fingerprint(const LaunchPlan *plan);

/**
 * saved_state_fits() - Whether a state can be loaded by a QEMU
 * @now:   saved_state_fingerprint() of that QEMU
 * @tag:   SAVED_STATE_TAG, or that of another snapshot
 * @error: UTM_ERROR_UNSUPPORTED when it was saved by another QEMU or machine, with what can be done
 *
 * True for a state of which nothing is known, such as one that UTM has saved.
 */
bool saved_state_fits(const Bundle *bundle, const char *now, const char *tag,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * saved_state_exists() - Whether a machine has a saved state to go on from
 *
 * The record in the bundle's sidecar and the snapshot in the image must both be there.
 */
bool saved_state_exists(const Bundle *bundle);

/**
 * saved_state_save() - Save a machine that stands still
 * @bundle: the machine
 * @jobs:   its monitor
 * @plan:   what it was started with, for the fingerprint
 * @timeout_us: then saving is given up; 0 for ever
 * @error:  UTM_ERROR_UNSUPPORTED naming what cannot be saved, with the way out
 *
 * The sidecar is written last: until then an earlier saved state is not lost sight of.
 */
bool saved_state_save(const Bundle *bundle, JobClient *jobs, const LaunchPlan *plan,
                      int64_t timeout_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * saved_state_load() - Load a snapshot with RAM into a machine that has not run yet
 * @tag:   SAVED_STATE_TAG, or that of another snapshot
 * @error: UTM_ERROR_UNSUPPORTED when it was saved by another QEMU or machine; the state is kept
 */
bool saved_state_load(const Bundle *bundle, JobClient *jobs, const LaunchPlan *plan,
                      const char *tag, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * saved_state_discard() - Remove a saved state from images and sidecar
 */
bool saved_state_discard(const Bundle *bundle, JobClient *jobs,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

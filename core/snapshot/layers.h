/* SPDX-License-Identifier: Apache-2.0 */
/* Switching a machine's disks to new images over layers, all of them or none. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

/* One drive that goes on with a new image. */
typedef struct {
    char *drive;   /* Identifier */
    char *layer;   /* file in Snapshots that it goes on from */
    char *overlay; /* file in Data that it goes on with */
} LayerStep;

/**
 * layers_lock() - Have the layers of a machine to oneself, also while it runs
 * @error: UTM_ERROR_LOCKED when something is being done with them
 *
 * Return: a close-on-exec descriptor that holds the lock until it is closed, or -1
 */
int layers_lock(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layers_check() - Whether external snapshots can be made of a machine, and gone back to
 * @error: UTM_ERROR_UNSUPPORTED, or UTM_ERROR_WRONG_STATE with the snapshots inside its images,
 *         which would be out of reach
 */
bool layers_check(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layers_prepare_create() - Make new images over those that the drives have now
 * @error: UTM_ERROR_UNSUPPORTED on a file system without hard links, UTM_ERROR_FAILED
 *
 * The images that the drives have get a second name in the folder Snapshots. Nothing else changes,
 * also for a machine that runs: this is good for layers_commit() or layers_undo().
 *
 * Return: (owned) of LayerStep, one for each disk that the guest writes to
 */
GPtrArray *layers_prepare_create(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layers_commit_create() - Make an external snapshot by having the configuration name the new images
 * @steps: of layers_prepare_create()
 * @tag:   name of the snapshot
 * @description: or NULL
 *
 * Configuration, UEFI variables and TPM are kept as they are now. The guest must stand still while
 * it goes on to write to the old images, which layers_commit_create() leaves to the caller: until
 * then what it writes is part of the snapshot.
 */
bool layers_commit_create(const Bundle *bundle, const GPtrArray *steps, const char *tag,
                          const char *description, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layers_undo_create() - Go back to the old images, after a failure at whatever point
 */
void layers_undo_create(const Bundle *bundle, const GPtrArray *steps, const char *tag);

/**
 * layers_restore() - Put a stopped machine back to an external snapshot
 * @layers: drive Identifier -> layer, as the record has it
 * @error:  UTM_ERROR_FAILED
 *
 * May be repeated after it was cut short. The configuration is what makes it: what the drives had
 * before is gone from then on.
 */
bool layers_restore(const Bundle *bundle, const char *tag, GHashTable *layers,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

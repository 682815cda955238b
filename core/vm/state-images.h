/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a running machine that a snapshot of it consists of. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include <cjson/cJSON.h>

#include "core/vm/job.h"

/* Images that the guest can write. Disks come first, in the order of the bundle: the first one
 * holds the RAM, which must not go into the small variable store. */
typedef struct {
    GPtrArray *nodes;      /* (owned) of char *: node-names of qcow2 images */
    GPtrArray *devices;    /* (owned) of char *: names of their devices, in the same order */
    GPtrArray *unsuitable; /* (owned) of char *: images that cannot take part, in words */
} StateImages;

/**
 * state_images_clear() - Free what is inside
 */
void state_images_clear(StateImages *images);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(StateImages, state_images_clear)

/**
 * state_images_find() - Ask QEMU for the images
 * @out_images: empty; clear it also after a failure
 * @error:      QMP_ERROR
 *
 * Source: QEMU qapi/block-core.json, query-block
 */
bool state_images_find(QmpClient *client, StateImages *out_images,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * state_images_check() - Whether a snapshot can be made of them
 * @error: UTM_ERROR_UNSUPPORTED with every image that is in the way
 */
bool state_images_check(const StateImages *images, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What QEMU's jobs can do with a snapshot. */
typedef enum { STATE_SAVE, STATE_LOAD, STATE_DELETE } StateAction;

/**
 * state_images_run() - Save, load or delete a snapshot of RAM, devices and disks as a job
 * @tag:        name of the snapshot
 * @timeout_us: see job_run()
 * @error:      see job_run()
 */
bool state_images_run(const StateImages *images, JobClient *jobs, StateAction action,
                      const char *tag, int64_t timeout_us,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * state_images_save_disks() - Make a snapshot of the disks alone, of all of them or of none
 * @error: QMP_ERROR
 *
 * Source: QEMU qapi/transaction.json
 */
bool state_images_save_disks(const StateImages *images, QmpClient *client, const char *tag,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

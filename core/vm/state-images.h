/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a running machine that a snapshot of it consists of. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include <cjson/cJSON.h>

#include "qapi/qmp-client.h"

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

/**
 * state_images_arguments() - Arguments of snapshot-save, snapshot-load and snapshot-delete
 * @tag:      name of the snapshot
 * @with_ram: the command wants to know which image has the RAM
 *
 * Return: a new object, without "job-id"
 */
cJSON *state_images_arguments(const StateImages *images, const char *tag, bool with_ram);

/* SPDX-License-Identifier: Apache-2.0 */
/* QEMU's block nodes of layers: opening one by descriptor, and finding the node of a file. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "qapi/qmp-client.h"

/**
 * layer_node_name() - What QEMU calls the node of an image that was opened here
 * @file: name of the image's file
 *
 * Source: QEMU keeps node names in 31 characters, and the first must be a letter
 * Return: a new string
 */
char *layer_node_name(const char *file);

/**
 * layer_node_add() - Have QEMU open a qcow2 image, without what it stands on
 * @path: where it is; QEMU itself need not be allowed to open it
 * @file: its name
 *
 * QEMU is given a descriptor. It cannot open the image again to read only, and does not need to: an
 * image that others stand on has no writer.
 *
 * Source: QEMU qapi/misc.json, add-fd
 */
bool layer_node_add(QmpClient *client, const char *path, const char *file,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * layer_node_drop() - Close it again where nobody uses it, and give the descriptors back
 */
void layer_node_drop(QmpClient *client, const char *file);

/**
 * layer_node_find() - The node of an image, however QEMU came to open it
 * @path: where the file is, by any of its names
 * @file: its name as a layer
 *
 * Return: a new string; NULL with @error UTM_ERROR_NOT_FOUND when QEMU does not have it open
 */
char *layer_node_find(QmpClient *client, const char *path, const char *file,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

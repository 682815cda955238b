/* SPDX-License-Identifier: Apache-2.0 */
/* Whole folders: how big, copied, removed. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Called now and then with bytes; returns false to cancel. */
typedef bool (*TreeProgress)(uint64_t done, uint64_t all, void *user);

/**
 * tree_size() - Bytes that the files below a folder take on the disk
 * @path: folder or file; links are not followed
 */
uint64_t tree_size(const char *path);

/**
 * tree_copy() - Copy a folder with everything in it
 * @from:     folder
 * @to:       folder that does not exist; its parent does
 * @progress: may be NULL
 * @user:     for @progress
 * @error:    UTM_ERROR_FAILED; UTM_ERROR_INVALID for a device, socket or pipe in the folder;
 *            UTM_ERROR_INTERRUPTED when @progress said so. What was copied so far is left
 *
 * File systems that share blocks between files do so; elsewhere holes stay holes. A link to a file
 * becomes a copy of the file, so that the two folders never write to one image.
 */
bool tree_copy(const char *from, const char *to, TreeProgress progress, void *user,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tree_remove() - Remove a folder with everything in it
 * @path:  folder; links in it are removed, not followed. Absence is a success
 * @error: UTM_ERROR_FAILED naming the first thing that could not be removed
 */
bool tree_remove(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

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
 * tree_copy_file() - Copy one file, as tree_copy() does
 * @from: a regular file; links are followed
 * @to:   must not exist
 */
bool tree_copy_file(const char *from, const char *to, TreeProgress progress, void *user,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tree_move() - Rename a folder without ever replacing what is there
 * @to:    in the same file system
 * @error: UTM_ERROR_WRONG_STATE when @to exists, UTM_ERROR_FAILED
 */
bool tree_move(const char *from, const char *to, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * tree_hidden_sibling() - A name beside a path that no search for bundles finds
 * @path: where something is to be in the end
 * @why:  a word in the name, such as "new"
 *
 * Return: a new string; nothing is there
 */
char *tree_hidden_sibling(const char *path, const char *why);

/**
 * tree_remove() - Remove a folder with everything in it
 * @path:  folder; links in it are removed, not followed. Absence is a success
 * @error: UTM_ERROR_FAILED naming the first thing that could not be removed
 */
bool tree_remove(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

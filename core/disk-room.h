/* SPDX-License-Identifier: Apache-2.0 */
/* Saying that a disk is full, and which, where a program only speaks of an error. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * disk_room_free() - Bytes that may still be written below a path
 * @path: a file or folder, or one that is still to be made
 *
 * Return: G_MAXUINT64 when that cannot be found out
 */
uint64_t disk_room_free(const char *path);

/**
 * disk_room_check() - Whether there is room for something
 * @what:   what it is, in words
 * @error:  UTM_ERROR_FAILED naming the place, what it has and what is needed
 */
bool disk_room_check(const char *path, uint64_t needed_bytes, const char *what,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_room_reserve() - Keep room for what has to be written when the disk gets full
 * @folder: on that disk
 * @error:  UTM_ERROR_FAILED when there is none
 *
 * Return: a descriptor that keeps the room until it is closed; -1 with @error, or without where the
 *         file system cannot keep any
 */
int disk_room_reserve(const char *folder, uint64_t bytes, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * disk_room_explain() - Have an error tell that a disk is full, if that may be why
 * @path:         what was written to, or a folder that it is in
 * @needed_bytes: the most that would have been written; 0 when it is not known
 * @error:        changed when it speaks of a full disk, or of an error of input or output where
 *                there is less room than is needed; may hold nothing
 */
void disk_room_explain(const char *path, uint64_t needed_bytes, GError **error);

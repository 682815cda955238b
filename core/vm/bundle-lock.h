/* SPDX-License-Identifier: Apache-2.0 */
/* The lock on a bundle's folder, which all see that use it: other users, other runtime folders. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef enum {
    BUNDLE_LOCK_READ, /* what is in it shall not change: it is copied */
    BUNDLE_LOCK_RUN,  /* its machine runs, or the folder is about to go */
} BundleLockKind;

/**
 * bundle_lock() - Lock a bundle's folder
 * @path:  the bundle
 * @kind:  readers go together, everything else excludes each other
 * @error: UTM_ERROR_LOCKED when somebody else has it, UTM_ERROR_FAILED when it cannot be opened
 *
 * Waits a moment for those who only look. On a file system without locks there is none, and the
 * lock of the runtime folder has to do.
 *
 * Source: flock(2)
 * Return: a close-on-exec descriptor that holds the lock until it is closed, or -1
 */
int bundle_lock(const char *path, BundleLockKind kind, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* Copy files and whole folders between this host and a guest, through its agent. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qapi/qmp-client.h"

typedef struct {
    bool recursive;
    /* Bytes that have gone; @all is 0 while nobody knows. False cancels. May be NULL. */
    bool (*progress)(uint64_t done, uint64_t all, void *user);
    void (*note)(const char *text, void *user); /* what was left out; may be NULL */
    void *user;
} GuestCopy;

/**
 * guest_copy_push() - Copy a file or folder of this host into a guest
 * @from:  path on this host
 * @to:    absolute path in the guest; into it when it is a folder, else what the copy is called
 * @error: UTM_ERROR_NOT_FOUND, UTM_ERROR_USAGE for a folder without .recursive,
 *         UTM_ERROR_UNSUPPORTED for a folder and a guest without a shell and tar,
 *         UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED, also when what came is not what was sent
 *
 * With modes, times and links; the copy belongs to root. Where the guest has tar the files go as one
 * stream whose SHA-256 both sides compare, otherwise a single file goes by itself.
 */
bool guest_copy_push(QmpClient *client, const char *from, const char *to, const GuestCopy *copy,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_copy_pull() - Copy a file or folder of a guest to this host
 * @from: absolute path in the guest
 * @to:   path on this host; into it when it is a folder, else what the copy is called
 *
 * The copy belongs to the user. What a malicious guest sends stays below @to.
 */
bool guest_copy_pull(QmpClient *client, const char *from, const char *to, const GuestCopy *copy,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

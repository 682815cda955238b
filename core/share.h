/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of this host that a guest can mount. */
#pragma once

#include <stdint.h>

#include "bundles/bundle.h"
#include "core/host-facts.h"

/**
 * share_kind() - How a folder is shared, as the bundle says
 *
 * Return: "9p", "virtiofs", "webdav", or "none" while sharing is off; static
 */
const char *share_kind(const Bundle *bundle, const HostShare *share);

/**
 * share_mount_command() - What mounts a folder in a Linux guest
 *
 * Return: a new string; NULL where nothing has to be mounted by hand
 */
char *share_mount_command(const Bundle *bundle, const HostShare *share);

typedef struct {
    const char *tag; /* what the guest calls it; NULL: "share", "share2"… */
    bool read_only;
    bool virtiofs;
    bool dry_run;
} ShareAdd;

/* What has become of a folder. */
typedef struct {
    HostFacts *facts;       /* owned */
    const HostShare *share; /* borrowed from .facts */
    bool now;               /* the machine does not run, or has followed */
    char *later;            /* owned: why it follows later; NULL */
} ShareChange;

void share_change_clear(ShareChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ShareChange, share_change_clear)

/**
 * share_add() - Let a machine's guest have a folder
 * @folder:     on this host
 * @out_change: filled on success
 * @error:      UTM_ERROR_UNSUPPORTED when the bundle shares no folders, UTM_ERROR_WRONG_STATE when
 *              folder or tag are shared already, UTM_ERROR_NOT_FOUND, UTM_ERROR_USAGE for a bad tag
 *
 * Remembered on this host, not in the bundle. A running machine has it at once where that can be.
 */
bool share_add(const Bundle *bundle, const char *folder, const ShareAdd *options,
               ShareChange *out_change, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * share_remove() - Let a guest have a folder no longer
 * @word:       its tag or the folder
 * @timeout_us: for a running guest to let go of it; 0 for ever
 * @out_change: filled on success
 * @error:      UTM_ERROR_NOT_FOUND, UTM_ERROR_TIMEOUT
 */
bool share_remove(const Bundle *bundle, const char *word, int64_t timeout_us, bool dry_run,
                  ShareChange *out_change, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* Where a machine's sockets, locks, logs and per-host facts are. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * paths_runtime() - Folder of a running machine's sockets and locks
 * @uuid: machine's UUID, or NULL for the folder of all machines
 *
 * $XDG_RUNTIME_DIR/utmctl/UUID, or /run/user/UID, or /tmp/utmctl-UID where neither exists.
 * Names in it are short because a socket path ends at 107 bytes.
 *
 * Return: a new string; the folder need not exist
 */
char *paths_runtime(const char *uuid);

/**
 * paths_state() - Folder of a machine's logs, journal, last exit and per-host facts
 * @uuid: machine's UUID, or NULL for the folder of all machines
 *
 * $XDG_STATE_HOME/utmctl/UUID, by default ~/.local/state/utmctl/UUID
 */
char *paths_state(const char *uuid);

/**
 * paths_cache() - A file or folder below $XDG_CACHE_HOME/utmctl
 * @name: name below it, or NULL for the folder itself
 */
char *paths_cache(const char *name);

/**
 * paths_make_private() - Create a folder and its parents, mode 0700, and check that it is ours
 * @path:  folder
 * @error: UTM_ERROR_FAILED when it cannot be made, belongs to somebody else or is a link
 */
bool paths_make_private(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

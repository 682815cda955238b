/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of the host that a guest has mounted: put aside while its memory is saved. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "qapi/qmp-client.h"

/**
 * guest_mounts_detach() - Have a guest unmount what keeps its state from being saved
 * @agent:   whether its agent is there
 * @out_was: what was unmounted, for guest_mounts_attach(), a new string; NULL for nothing
 * @error:   UTM_ERROR_UNSUPPORTED with QEMU's reasons, which name the shares, when the agent is not
 *           there or something uses them; everything is mounted as before then
 *
 * Asks nothing of the guest when nothing is in the way.
 *
 * Source: QEMU qapi/migration.json, blocked-reasons since 6.0; hw/9pfs/9p.c, v9fs_attach()
 */
bool guest_mounts_detach(QmpClient *client, bool agent, char **out_was,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_mounts_attach() - Have it mount that again
 * @was: NULL is ignored
 *
 * Return: false when something could not be
 */
bool guest_mounts_attach(QmpClient *client, const char *was);

/* SPDX-License-Identifier: Apache-2.0 */
/* What runs beside QEMU for a machine's networks: passt, or the switch of a Host network. */
#pragma once

#include "core/vm/forward.h"
#include "core/vm/helper-private.h"

/* The host's end of an adapter. */
typedef struct {
    Helper *helper; /* borrowed */
    unsigned index; /* of the adapter in the bundle */
    NetworkKind kind;
    GArray *forwards; /* of Forward: what is forwarded now */
    Child *child;     /* passt or switch; NULL for slirp, and while it is not there */
    guint retry;      /* it will be started anew */
    unsigned failures;
} NetworkLink;

/**
 * network_link_renew() - End what runs for an adapter and start it anew, with its forwards
 *
 * The guest's connections through passt break. QEMU listens on its socket again as soon as the old
 * one has gone. Nothing happens where slirp serves the adapter.
 */
bool network_link_renew(NetworkLink *link, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * helper_network_announce() - Have QEMU tell who listens which address the guest has
 */
void helper_network_announce(Helper *helper);

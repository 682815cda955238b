/* SPDX-License-Identifier: Apache-2.0 */
/* Networks of a machine: ports that lead to its guest, and cables. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"
#include "core/vm/forward.h"

/* A forward as a user names it. */
typedef struct {
    Forward forward; /* an empty host address: not given */
    bool any_network;
} NetworkWish;

/**
 * network_parse_forward() - Read "[HOST:]PORT:GUESTPORT[/udp]"
 * @text:     such as "2222:22", "0.0.0.0:8080:80", "0:22" or "5353:53/udp"
 * @out_wish: untouched on failure
 * @error:    UTM_ERROR_USAGE
 */
bool network_parse_forward(const char *text, NetworkWish *out_wish,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * network_parse_port() - Read "[HOST:]PORT[/udp]", or a whole forward whose guest's side is ignored
 */
bool network_parse_port(const char *text, NetworkWish *out_wish,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A forward of a machine. */
typedef struct {
    Forward forward;
    bool active; /* it leads to the running guest */
    bool saved;  /* the bundle has it */
} NetworkForward;

/**
 * network_forwards() - Forwards of a machine, running or not
 *
 * Return: (owned) of NetworkForward; free with g_array_unref()
 */
GArray *network_forwards(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * network_forward_add() - Forward a port
 * @save:        also in the bundle; a machine that does not run has nothing else
 * @out_forward: as it is now, with the port that was picked
 * @error:       UTM_ERROR_WRONG_STATE when it does not run and @save is not set, UTM_ERROR_LOCKED
 *               when the port is taken, UTM_ERROR_NOT_FOUND, UTM_ERROR_UNSUPPORTED
 */
bool network_forward_add(const Bundle *bundle, const NetworkWish *wish, bool save,
                         Forward *out_forward, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * network_forward_remove() - End a forward
 * @save:        also in the bundle
 * @out_forward: what it was
 * @error:       UTM_ERROR_NOT_FOUND
 */
bool network_forward_remove(const Bundle *bundle, const NetworkWish *wish, bool save,
                            Forward *out_forward, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * network_set_link() - Plug the cable of an adapter in or out
 * @network: index of the adapter
 * @error:   UTM_ERROR_NOT_FOUND, UTM_ERROR_WRONG_STATE when it does not run
 *
 * Until the machine ends: a new start plugs it in.
 */
bool network_set_link(const Bundle *bundle, unsigned network, bool up,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

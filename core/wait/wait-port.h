/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a program of the guest listens on a TCP port. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qapi/qmp-client.h"

/**
 * wait_port_listens() - Whether a port is open in Linux' table of connections
 * @table: text of /proc/net/tcp or tcp6
 *
 * A program that listens on the loopback only is not reached from outside and does not count. Pure.
 *
 * Source: Linux Documentation/networking/proc_net_tcp.rst, state 0A
 */
bool wait_port_listens(const char *table, uint16_t port);

/**
 * wait_port_forward() - Which port of this host leads to a port of the guest
 * @usernet:     what the monitor's "info usernet" says
 * @out_address: IPv4 address of this host, a new string
 *
 * Pure. Source: libslirp src/misc.c, slirp_connection_info()
 */
bool wait_port_forward(const char *usernet, uint16_t port, char **out_address,
                       uint16_t *out_host_port);

/**
 * wait_port_is_connected() - Whether the guest has accepted a connection to a port of this host
 * @usernet: as above
 *
 * Pure.
 */
bool wait_port_is_connected(const char *usernet, uint16_t host_port);

/* @stop: asked now and then; true ends the asking. */
typedef struct {
    QmpClient *client;
    bool (*stop)(void *user);
    void *user;
} WaitPort;

/**
 * wait_port_ask() - Whether somebody listens on a TCP port of the guest
 * @banner:      what it has to say first, such as "SSH-"; NULL for nothing
 * @out_why_not: why it does not look so, a new string; untouched when it does
 *
 * Where a port of this host leads there, it is connected to, and QEMU's network is asked whether
 * the guest has accepted: it takes connections itself before. Elsewhere the agent is asked for the
 * table of a Linux guest, and nothing is known of a banner.
 */
bool wait_port_ask(const WaitPort *wait, uint16_t port, const char *banner, char **out_why_not);

/**
 * wait_port_read_file() - All of a small file of the guest
 * @out_text: a new string
 * @error:    as for guest_file_open()
 */
bool wait_port_read_file(QmpClient *client, const char *path, char **out_text,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* Which address a guest has, as far as that can be known without asking it. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "bundles/config.h"
#include "core/argv/argv.h"

/**
 * network_lease_given() - The address that DHCP gives the guest of an adapter
 * @kind:        what is at the host's end
 * @network:     the adapter
 * @out_address: untouched on failure
 *
 * Source: libslirp bootp.c: without dhcpstart the 15th of the network
 * Return: false where it is not ours to give: on a bridge
 */
bool network_lease_given(NetworkKind kind, const ConfigNetwork *network,
                         char out_address[INET_ADDRSTRLEN]);

/**
 * network_lease_from_arp() - Find the address of a MAC address in a table like /proc/net/arp
 *
 * Source: proc(5); an entry without flags is incomplete
 * Return: a new string; NULL when it is not there
 */
char *network_lease_from_arp(const char *text, const char *mac);

/**
 * network_lease_from_dnsmasq() - Find it among the leases of a dnsmasq; the last one counts
 *
 * Source: dnsmasq src/lease.c: time, MAC address, address, name, client-id
 * Return: a new string; NULL when it is not there
 */
char *network_lease_from_dnsmasq(const char *text, const char *mac);

/**
 * network_lease_find() - Find the address of a guest on a bridge of this host
 * @mac:        the guest's
 * @out_source: "arp" or "lease"; static
 *
 * Return: a new string; NULL when nothing is known
 */
char *network_lease_find(const char *mac, const char **out_source);

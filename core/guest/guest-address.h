/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a guest has, as its agent or this host knows them. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "qapi/qmp-client.h"

typedef struct {
    char *interface; /* as the guest calls it: "eth0"; NULL where it was not asked */
    char *address;
    bool is_ipv6;
    int64_t prefix;     /* bits of the network; 0 where that is not known */
    const char *source; /* "agent", "lease" or "arp"; static */
} GuestAddress;

/**
 * guest_addresses() - Ask for the addresses of a guest
 * @error: UTM_ERROR_GUEST_UNREACHABLE
 *
 * IPv4 first, otherwise in the guest's order; none of its loopback.
 *
 * Source: QEMU qga/qapi-schema.json, guest-network-get-interfaces (since 1.1); UTM's ip-address
 * Return: (owned) of GuestAddress, may be empty
 */
GPtrArray *guest_addresses(QmpClient *client, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_leases() - Find out which addresses a guest was given, without asking it
 *
 * What DHCP gives a machine behind slirp, passt or a switch follows from its configuration; one on a
 * bridge is looked for in the ARP table and the leases of this host. The guest may have chosen
 * otherwise, or not be there yet.
 *
 * Return: (owned) of GuestAddress, may be empty
 */
GPtrArray *guest_leases(QmpClient *client, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * guest_address_is_loopback() - Whether an address stays inside the guest
 * @address: IPv4 or IPv6 as text
 */
bool guest_address_is_loopback(const char *address);

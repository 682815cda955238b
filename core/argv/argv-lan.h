/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a Host network: machines of one user and their host, and nothing outside. */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/config.h"

/* In host byte order. */
typedef struct {
    uint32_t network;
    uint32_t mask;
    uint32_t host;  /* where the machine reaches the host */
    uint32_t dns;   /* a name server that QEMU insists on; nothing answers there */
    uint32_t guest; /* what DHCP gives this machine */
} ArgvLan;

/**
 * argv_lan() - Choose the addresses of an adapter on a Host network
 * @network: the adapter
 * @out_lan: untouched on failure
 * @error:   UTM_ERROR_INVALID for addresses that make no network
 *
 * Every machine has a DHCP server of its own, so that nobody has to be there first. What they give
 * away differs, because it follows from the adapter's MAC address.
 */
bool argv_lan(const ConfigNetwork *network, ArgvLan *out_lan,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * argv_lan_text() - An address as text
 * @out: where to; returned
 */
const char *argv_lan_text(uint32_t address, char out[INET_ADDRSTRLEN]);

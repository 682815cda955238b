/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a frame of a Host network goes. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LAN_TO_HOST = 1 << 0,
    LAN_TO_PEERS = 1 << 1,
};

/**
 * lan_frame_route() - Where a frame of the guest is to go
 * @host: the host's address on this network, in host byte order
 *
 * To the host goes what is for its address, and the guest's questions of who has which address; to
 * the others everything else. Nothing goes further, because only the host's side knows a way out,
 * and it sees nothing that is for anybody else.
 *
 * Return: LAN_TO_HOST and LAN_TO_PEERS; 0 for what is not a frame
 */
unsigned lan_frame_route(const uint8_t *frame, size_t length, uint32_t host);

/**
 * lan_frame_amend() - Take the way out of an answer of the host's DHCP server
 *
 * A guest that is on another network too would send everything the way that leads nowhere.
 *
 * Source: RFC 2132, options 3 (router) and 6 (name server); RFC 768: no checksum is zero
 */
void lan_frame_amend(uint8_t *frame, size_t length);

/**
 * lan_frame_mac() - An address of a frame as a number
 * @frame:  at least 14 bytes
 * @source: whose it is; otherwise whom it is for
 */
uint64_t lan_frame_mac(const uint8_t *frame, bool source);

/**
 * lan_mac_is_group() - Whether an address stands for several
 */
bool lan_mac_is_group(uint64_t mac);

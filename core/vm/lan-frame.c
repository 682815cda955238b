/* SPDX-License-Identifier: Apache-2.0 */
/* Which way a frame of a Host network goes. Pure. */
#include "core/vm/lan-frame.h"

#include <string.h>

enum {
    ETHERNET_BYTES = 14,
    IPV4_BYTES = 20,
    UDP_BYTES = 8,
    DHCP_OPTIONS = 240, /* where they begin */
    TYPE_IPV4 = 0x0800,
    TYPE_ARP = 0x0806,
    PROTOCOL_UDP = 17,
    DHCP_SERVER_PORT = 67,
    OPTION_PAD = 0,
    OPTION_ROUTER = 3,
    OPTION_DNS = 6,
    OPTION_END = 255,
};

static unsigned read16(const uint8_t *at)
{
    return (unsigned) at[0] << 8 | at[1];
}

static uint32_t read32(const uint8_t *at)
{
    return (uint32_t) read16(at) << 16 | read16(at + 2);
}

uint64_t lan_frame_mac(const uint8_t *frame, bool source)
{
    const uint8_t *at = frame + (source ? 6 : 0);
    return (uint64_t) read16(at) << 32 | read32(at + 2);
}

bool lan_mac_is_group(uint64_t mac)
{
    return mac >> 40 & 1;
}

/* The UDP header of an IPv4 packet; NULL when it is none, or a later fragment. */
static const uint8_t *find_udp(const uint8_t *frame, size_t length)
{
    if (length < ETHERNET_BYTES + IPV4_BYTES || read16(frame + 12) != TYPE_IPV4)
        return NULL;
    const uint8_t *ip = frame + ETHERNET_BYTES;
    size_t header = (size_t) (ip[0] & 15) * 4;
    bool first = (read16(ip + 6) & 0x1fff) == 0;
    if (ip[9] != PROTOCOL_UDP || !first || header < IPV4_BYTES ||
        length < ETHERNET_BYTES + header + UDP_BYTES)
        return NULL;
    return ip + header;
}

unsigned lan_frame_route(const uint8_t *frame, size_t length, uint32_t host)
{
    if (length < ETHERNET_BYTES)
        return 0;
    unsigned type = read16(frame + 12);
    if (type == TYPE_ARP)
        return LAN_TO_HOST | LAN_TO_PEERS;
    if (type != TYPE_IPV4)
        return LAN_TO_PEERS;
    if (length < ETHERNET_BYTES + IPV4_BYTES)
        return 0;
    const uint8_t *udp = find_udp(frame, length);
    /* Every machine has a DHCP server of its own. */
    if (udp && read16(udp + 2) == DHCP_SERVER_PORT)
        return LAN_TO_HOST;
    return read32(frame + ETHERNET_BYTES + 16) == host ? LAN_TO_HOST : LAN_TO_PEERS;
}

static void strike_options(uint8_t *at, const uint8_t *end)
{
    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_PAD) {
            at++;
            continue;
        }
        if (end - at < 2 || end - at < 2 + at[1])
            return;
        size_t size = 2 + (size_t) at[1];
        if (*at == OPTION_ROUTER || *at == OPTION_DNS)
            memset(at, OPTION_PAD, size);
        at += size;
    }
}

void lan_frame_amend(uint8_t *frame, size_t length)
{
    const uint8_t *udp = find_udp(frame, length);
    if (!udp || read16(udp) != DHCP_SERVER_PORT)
        return;
    uint8_t *at = frame + (udp - frame);
    if (length < (size_t) (udp - frame) + UDP_BYTES + DHCP_OPTIONS)
        return;
    strike_options(at + UDP_BYTES + DHCP_OPTIONS, frame + length);
    memset(at + 6, 0, 2);
}

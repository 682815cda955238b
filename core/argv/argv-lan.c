/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses of a Host network: machines of one user and their host, and nothing outside. */
#include "core/argv/argv-lan.h"

#include <arpa/inet.h>
#include <glib.h>

#include "core/argv/argv-subnet.h"
#include "core/error.h"

/* Wide, so that addresses made of MAC addresses hardly ever meet. */
#define DEFAULT_NETWORK "172.30.0.0/16"

/* Addresses below are for the host and what people set by hand. */
#define FIRST_GUEST 16

static bool parse(const char *text, uint32_t fallback, uint32_t *out)
{
    struct in_addr address;
    *out = fallback;
    if (!text || !text[0])
        return true;
    if (inet_pton(AF_INET, text, &address) != 1)
        return false;
    *out = ntohl(address.s_addr);
    return true;
}

static uint32_t parse_known(const char *text)
{
    uint32_t address = 0;
    g_assert(parse(text, 0, &address));
    return address;
}

static bool is_inside(const ArgvLan *lan, uint32_t address)
{
    return (address & lan->mask) == lan->network && address != lan->network &&
           address != (lan->network | ~lan->mask);
}

/* The same machine has the same address on every start. */
static uint32_t pick(const char *mac, uint32_t first, uint32_t last)
{
    g_autofree char *lower = g_ascii_strdown(mac, -1);
    return first + g_str_hash(lower) % (last - first + 1);
}

static bool refuse(GError **error, const char *key, const char *value)
{
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "Network.%s \"%s\" is no address of its network",
                  key, value);
    return false;
}

const char *argv_lan_text(uint32_t address, char out[INET_ADDRSTRLEN])
{
    struct in_addr raw = { .s_addr = htonl(address) };
    return inet_ntop(AF_INET, &raw, out, INET_ADDRSTRLEN);
}

bool argv_lan(const ConfigNetwork *network, ArgvLan *out_lan, GError **error)
{
    const char *text = network->vlan_guest_address;
    ArgvSubnet subnet;
    if (!text || !text[0])
        text = DEFAULT_NETWORK;
    if (!argv_subnet_parse(text, &subnet))
        return refuse(error, "VlanGuestAddress", text);

    uint32_t lowest = parse_known(subnet.first), highest = parse_known(subnet.last);
    ArgvLan lan = { .mask = parse_known(subnet.mask) };
    uint32_t first, last;
    lan.network = lowest & lan.mask;
    if (highest < lowest + 3)
        return refuse(error, "VlanGuestAddress", text);
    if (!parse(network->vlan_host_address, lowest, &lan.host) || !is_inside(&lan, lan.host))
        return refuse(error, "VlanHostAddress", network->vlan_host_address);
    uint32_t usual = highest - lowest > 2 * FIRST_GUEST ? lowest + FIRST_GUEST : lowest + 2;
    if (!parse(network->vlan_dhcp_start_address, usual, &first) || !is_inside(&lan, first))
        return refuse(error, "VlanDhcpStartAddress", network->vlan_dhcp_start_address);
    if (!parse(network->vlan_dhcp_end_address, highest, &last) || !is_inside(&lan, last) ||
        last < first)
        return refuse(error, "VlanDhcpEndAddress", network->vlan_dhcp_end_address);

    lan.guest = pick(network->mac_address, first, last);
    if (lan.guest == lan.host)
        lan.guest = lan.guest == last ? first : lan.guest + 1;
    for (lan.dns = lowest; lan.dns == lan.host || lan.dns == lan.guest; lan.dns++)
        continue;
    *out_lan = lan;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 subnets. */
#include "core/argv/argv-subnet.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stdint.h>
#include <string.h>

static bool parse_mask(const char *text, uint32_t *out_mask)
{
    struct in_addr dotted;
    guint64 bits;
    if (inet_pton(AF_INET, text, &dotted) == 1) {
        *out_mask = ntohl(dotted.s_addr);
        return true;
    }
    if (!g_ascii_string_to_unsigned(text, 10, 0, 31, &bits, NULL))
        return false;
    *out_mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);
    return true;
}

static void format_address(uint32_t address, char *out)
{
    struct in_addr network = { .s_addr = htonl(address) };
    inet_ntop(AF_INET, &network, out, INET_ADDRSTRLEN);
}

bool argv_subnet_parse(const char *text, ArgvSubnet *out_subnet)
{
    size_t length = strcspn(text, "/");
    g_autofree char *address_text = g_strndup(text, length);
    struct in_addr address;
    uint32_t mask = 0xffffff00;
    if (inet_pton(AF_INET, address_text, &address) != 1)
        return false;
    if (text[length] == '/' && !parse_mask(text + length + 1, &mask))
        return false;
    uint32_t network = ntohl(address.s_addr) & mask;
    format_address(network + 1, out_subnet->first);
    format_address((network | ~mask) - 1, out_subnet->last);
    format_address(mask, out_subnet->mask);
    return true;
}

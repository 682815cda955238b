/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a guest has, as its agent or this host knows them. */
#include "core/guest/guest-address.h"

#include <gio/gio.h>

#include "core/guest/guest.h"
#include "core/network-lease.h"
#include "qapi/generated/qmp-commands.h"

static void address_free(GuestAddress *address)
{
    g_free(address->interface);
    g_free(address->address);
    g_free(address);
}

bool guest_address_is_loopback(const char *address)
{
    g_autoptr(GInetAddress) parsed = g_inet_address_new_from_string(address);
    return parsed && g_inet_address_get_is_loopback(parsed);
}

static void add_family(GPtrArray *found, const QmpGuestNetworkInterfaceList *interfaces,
                       QmpGuestIpAddressType family)
{
    for (size_t i = 0; i < interfaces->len; i++) {
        const QmpGuestNetworkInterface *interface = interfaces->items[i];
        for (size_t j = 0; interface->ip_addresses && j < interface->ip_addresses->len; j++) {
            const QmpGuestIpAddress *ip = interface->ip_addresses->items[j];
            if (ip->ip_address_type != family || guest_address_is_loopback(ip->ip_address))
                continue;
            GuestAddress *address = g_new0(GuestAddress, 1);
            address->interface = g_strdup(interface->name);
            address->address = g_strdup(ip->ip_address);
            address->is_ipv6 = family == QMP_GUEST_IP_ADDRESS_TYPE_IPV6;
            address->prefix = ip->prefix;
            address->source = "agent";
            g_ptr_array_add(found, address);
        }
    }
}

GPtrArray *guest_addresses(QmpClient *client, GError **error)
{
    g_autoptr(QmpGuestNetworkInterfaceList) interfaces = NULL;
    if (!qmp_guest_network_get_interfaces(client, &interfaces, error)) {
        guest_explain(error);
        return NULL;
    }
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify) address_free);
    add_family(found, interfaces, QMP_GUEST_IP_ADDRESS_TYPE_IPV4);
    add_family(found, interfaces, QMP_GUEST_IP_ADDRESS_TYPE_IPV6);
    return found;
}

static void add_lease(GPtrArray *found, const QmpUtmNetwork *network)
{
    const char *source = "lease";
    char *text =
        network->address ? g_strdup(network->address) : network_lease_find(network->mac, &source);
    if (!text)
        return;
    GuestAddress *address = g_new0(GuestAddress, 1);
    address->address = text;
    address->source = source;
    g_ptr_array_add(found, address);
}

GPtrArray *guest_leases(QmpClient *client, GError **error)
{
    g_autoptr(QmpUtmNetworkList) networks = NULL;
    if (!qmp_x_utm_networks(client, &networks, error))
        return NULL;
    GPtrArray *found = g_ptr_array_new_with_free_func((GDestroyNotify) address_free);
    for (size_t i = 0; i < networks->len; i++)
        add_lease(found, networks->items[i]);
    return found;
}

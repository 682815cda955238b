/* SPDX-License-Identifier: Apache-2.0 */
/* Which address a guest has, as far as that can be known without asking it. */
#include "core/network-lease.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/argv/argv-lan.h"
#include "core/argv/argv-subnet.h"
#include "core/host/passt.h"

/* From the first address of the network to the one that slirp gives. */
#define SLIRP_OFFSET 14

static bool slirp_address(const ConfigNetwork *network, char *out)
{
    const char *start = network->vlan_dhcp_start_address;
    const char *net = network->vlan_guest_address;
    struct in_addr address;
    ArgvSubnet subnet;
    if (start && *start) {
        if (inet_pton(AF_INET, start, &address) != 1)
            return false;
        g_strlcpy(out, start, INET_ADDRSTRLEN);
        return true;
    }
    if (!argv_subnet_parse(net && *net ? net : PASST_GUEST "/" PASST_MASK, &subnet) ||
        inet_pton(AF_INET, subnet.first, &address) != 1)
        return false;
    argv_lan_text(ntohl(address.s_addr) + SLIRP_OFFSET, out);
    return true;
}

bool network_lease_given(NetworkKind kind, const ConfigNetwork *network,
                         char out_address[INET_ADDRSTRLEN])
{
    ArgvLan lan;
    switch (kind) {
    case NETWORK_KIND_PASST:
        g_strlcpy(out_address, PASST_GUEST, INET_ADDRSTRLEN);
        return true;
    case NETWORK_KIND_USER:
        return slirp_address(network, out_address);
    case NETWORK_KIND_LAN:
        if (!argv_lan(network, &lan, NULL))
            return false;
        argv_lan_text(lan.guest, out_address);
        return true;
    default:
        return false;
    }
}

/* The column of the last line that has the MAC address in another. */
static char *find_column(const char *text, const char *mac, guint mac_column, guint column)
{
    char *found = NULL;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_autoptr(GPtrArray) words = g_ptr_array_new();
        g_auto(GStrv) split = g_strsplit_set(*line, " \t", -1);
        for (char **word = split; *word; word++)
            if (**word)
                g_ptr_array_add(words, *word);
        if (words->len <= MAX(mac_column, column) ||
            g_ascii_strcasecmp(words->pdata[mac_column], mac) != 0)
            continue;
        g_free(found);
        found = g_strdup(words->pdata[column]);
    }
    return found;
}

char *network_lease_from_arp(const char *text, const char *mac)
{
    return find_column(text, mac, 3, 0);
}

char *network_lease_from_dnsmasq(const char *text, const char *mac)
{
    return find_column(text, mac, 1, 2);
}

static char *find_in_folder(const char *folder, const char *mac)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autofree char *text = NULL;
        if (!g_str_has_suffix(name, ".leases") || !g_file_get_contents(path, &text, NULL, NULL))
            continue;
        char *found = network_lease_from_dnsmasq(text, mac);
        if (found)
            return found;
    }
    return NULL;
}

/* Source: where dnsmasq alone, NetworkManager's and libvirt's keep their leases */
char *network_lease_find(const char *mac, const char **out_source)
{
    static const char *const folders[] = { "/var/lib/misc", "/var/lib/dnsmasq",
                                           "/var/lib/NetworkManager", "/var/lib/libvirt/dnsmasq" };
    g_autofree char *text = NULL;
    char *found = NULL;
    *out_source = "arp";
    if (g_file_get_contents("/proc/net/arp", &text, NULL, NULL))
        found = network_lease_from_arp(text, mac);
    if (found)
        return found;
    *out_source = "lease";
    for (size_t i = 0; !found && i < G_N_ELEMENTS(folders); i++)
        found = find_in_folder(folders[i], mac);
    return found;
}

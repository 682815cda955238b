/* SPDX-License-Identifier: Apache-2.0 */
/* Network adapters: the guest's device, then the host's side of it. */
#include <arpa/inet.h>
#include <string.h>

#include "core/argv/argv-build.h"
#include "core/argv/argv-lan.h"
#include "core/argv/argv-subnet.h"
#include "core/error.h"

/* An empty field of the settings was meant to be absent; QEMU refuses it. UTM passes it on. */
static bool is_given(const ArgvBuild *b, const char *text)
{
    return text && (!b->on_linux || text[0]);
}

const char *argv_bridge(const ArgvBuild *b, const ConfigNetwork *network)
{
    if (!b->on_linux || network->mode != NETWORK_MODE_BRIDGED)
        return NULL;
    return is_given(b, network->bridge_interface) ? network->bridge_interface
                                                  : b->host->bridge_default;
}

static bool mac_is_valid(const char *mac)
{
    for (int i = 0; i < 17; i++) {
        if (i % 3 == 2 ? mac[i] != ':' : !g_ascii_isxdigit(mac[i]))
            return false;
    }
    return mac[17] == '\0';
}

static bool add_device(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    g_autofree char *key = argv_key("Network", i, "Hardware");
    if (b->on_linux && !mac_is_valid(network->mac_address)) {
        utm_error_set(error, UTM_ERROR_INVALID, NULL,
                      "Network[%u].MacAddress \"%s\" is not six pairs of hex digits", i,
                      network->mac_address);
        return false;
    }
    if (b->sparc && g_str_equal(network->hardware, "lance")) {
        argv_add(b, key, "lance is on the board of this machine", "-net",
                 "nic,model=lance,macaddr=%s,netdev=net%u", network->mac_address, i);
        return true;
    }
    if (b->q800 && g_str_equal(network->hardware, "dp8393x")) {
        argv_add(b, key, "dp8393x is on the board of this machine", "-net",
                 "nic,macaddr=%s,netdev=net%u", network->mac_address, i);
        return true;
    }
    if (!argv_check_device(b, key, network->hardware, error))
        return false;
    /* The root bus of sun4u has no free slot; UTM does not name another, and QEMU exits. */
    bool sun4u = b->on_linux && g_str_equal(b->config->system.target, "sun4u");
    argv_add(b, key, "the guest's network adapter", "-device", "%s,mac=%s,netdev=net%u%s",
             network->hardware, network->mac_address, i, sun4u ? ",bus=pciB" : "");
    return true;
}

/* Source: UTM's vmnet properties; without a subnet nothing of it is passed. */
static void append_vmnet(GString *value, const ConfigNetwork *network)
{
    ArgvSubnet subnet;
    if (network->isolate_from_host)
        argv_prop(value, "isolated=on");
    if (network->vlan_guest_address && argv_subnet_parse(network->vlan_guest_address, &subnet)) {
        const char *start = network->vlan_dhcp_start_address;
        const char *end = network->vlan_dhcp_end_address;
        argv_prop(value, "start-address=%s,end-address=%s,subnet-mask=%s",
                  start ? start : subnet.first, end ? end : subnet.last, subnet.mask);
    }
    if (network->vlan_guest_address_ipv6)
        argv_prop(value, "nat66-prefix=%s", network->vlan_guest_address_ipv6);
}

static void append_user_addresses(ArgvBuild *b, GString *value, const ConfigNetwork *network)
{
    const struct {
        const char *name;
        const char *text;
    } rows[] = {
        { "net", network->vlan_guest_address },
        { "host", network->vlan_host_address },
        { "ipv6-net", network->vlan_guest_address_ipv6 },
        { "ipv6-host", network->vlan_host_address_ipv6 },
        { "dhcpstart", network->vlan_dhcp_start_address },
        { "dns", network->vlan_dns_server_address },
        { "ipv6-dns", network->vlan_dns_server_address_ipv6 },
        { "dnssearch", network->vlan_dns_search_domain },
        { "domainname", network->vlan_dhcp_domain },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (!is_given(b, rows[i].text))
            continue;
        argv_prop_text(b, value, rows[i].name, rows[i].text);
        /* In the other modes UTM reads an address without a mask as a /24; slirp guesses by the
         * address class. */
        if (i == 0 && b->on_linux && network->mode != NETWORK_MODE_EMULATED &&
            !strchr(rows[i].text, '/'))
            g_string_append(value, "/24");
    }
}

static bool port_is_valid(int64_t port)
{
    return port >= 0 && port <= G_MAXUINT16;
}

static bool address_is_valid(const char *address)
{
    struct in_addr ignored;
    return inet_pton(AF_INET, address, &ignored) == 1;
}

static bool check_forward(unsigned i, unsigned j, const ConfigPortForward *forward, GError **error)
{
    const char *problem = NULL;
    if (!port_is_valid(forward->host_port))
        problem = "HostPort is not a port number";
    else if (!port_is_valid(forward->guest_port) || forward->guest_port == 0)
        problem = "GuestPort is not a port number";
    else if (forward->host_address && forward->host_address[0] &&
             !address_is_valid(forward->host_address))
        problem = "HostAddress is not an IPv4 address";
    else if (forward->guest_address && forward->guest_address[0] &&
             !address_is_valid(forward->guest_address))
        problem = "GuestAddress is not an IPv4 address";
    if (!problem)
        return true;
    utm_error_set(error, UTM_ERROR_INVALID, NULL, "Network[%u].PortForward[%u].%s", i, j, problem);
    return false;
}

static bool append_forwards(ArgvBuild *b, GString *value, unsigned i, const ConfigNetwork *network,
                            GError **error)
{
    for (unsigned j = 0; j < network->port_forwards->len; j++) {
        const ConfigPortForward *forward = g_ptr_array_index(network->port_forwards, j);
        const char *host = forward->host_address ? forward->host_address : "";
        const char *guest = forward->guest_address ? forward->guest_address : "";
        if (b->on_linux) {
            if (!check_forward(i, j, forward, error))
                return false;
            if (!host[0])
                host = "127.0.0.1";
            if (b->run->no_forwards)
                continue;
        }
        argv_prop(value, "hostfwd=%s:%s:%" G_GINT64_FORMAT "-%s:%" G_GINT64_FORMAT,
                  forward->protocol == PROTOCOL_TCP ? "tcp" : "udp", host, forward->host_port,
                  guest, forward->guest_port);
    }
    return true;
}

static bool need_slirp(const ArgvBuild *b, const char *key, GError **error)
{
    if (!b->on_linux || host_has_feature(b->host, "netdev-user"))
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "%s: this QEMU was built without user-mode networking", key);
    return false;
}

static bool add_user(ArgvBuild *b, unsigned i, const ConfigNetwork *network, const char *rule,
                     GError **error)
{
    g_autofree char *key = argv_key("Network", i, "Mode");
    if (!need_slirp(b, key, error))
        return false;
    g_autoptr(GString) value = g_string_new("user");
    argv_prop(value, "id=net%u", i);
    if (network->isolate_from_host || network->mode == NETWORK_MODE_HOST)
        argv_prop(value, "restrict=on");
    append_user_addresses(b, value, network);
    if (!append_forwards(b, value, i, network, error))
        return false;
    argv_add(b, key, rule, "-netdev", "%s", value->str);
    b->argv->networks[i] = NETWORK_KIND_USER;
    return true;
}

/* QEMU listens, so that what is at the other end can be replaced while the machine runs. */
static bool add_stream(ArgvBuild *b, unsigned i, const char *suffix, const char *rule,
                       GError **error)
{
    g_autofree char *key = argv_key("Network", i, "Mode");
    g_autofree char *name = g_strdup_printf("net%u%s", i, suffix);
    g_autofree char *path = argv_socket_path(b, name, error);
    if (!path)
        return false;
    g_autoptr(GString) value = g_string_new("stream");
    argv_prop(value, "id=%s,server=on,addr.type=unix", name);
    argv_prop_path(value, "addr.path", path);
    argv_add(b, key, rule, "-netdev", "%s", value->str);
    return true;
}

/* What passt cannot do, in a clause; NULL when nothing is in its way. */
static const char *passt_obstacle(const ArgvBuild *b, const ConfigNetwork *network)
{
    if (b->host->qemu_alone)
        return "passt would have to run beside QEMU";
    if (!b->host->passt)
        return b->host->passt_reason ? b->host->passt_reason : "passt is not installed";
    if (!host_has_feature(b->host, "netdev-stream"))
        return "this QEMU is too old for passt";
    if (network->isolate_from_host)
        return "passt cannot isolate a machine";
    if (is_given(b, network->vlan_guest_address) || is_given(b, network->vlan_host_address) ||
        is_given(b, network->vlan_guest_address_ipv6) ||
        is_given(b, network->vlan_host_address_ipv6) ||
        is_given(b, network->vlan_dhcp_start_address) || is_given(b, network->vlan_dhcp_domain) ||
        is_given(b, network->vlan_dns_server_address) ||
        is_given(b, network->vlan_dns_server_address_ipv6) ||
        is_given(b, network->vlan_dns_search_domain))
        return "the bundle chooses addresses";
    for (unsigned j = 0; j < network->port_forwards->len; j++) {
        const ConfigPortForward *forward = g_ptr_array_index(network->port_forwards, j);
        if (is_given(b, forward->guest_address))
            return "a port forward names an address of the guest";
        if (forward->host_port == 0)
            return "a port forward leaves its port open";
    }
    return NULL;
}

static bool check_forwards(unsigned i, const ConfigNetwork *network, GError **error)
{
    for (unsigned j = 0; j < network->port_forwards->len; j++)
        if (!check_forward(i, j, g_ptr_array_index(network->port_forwards, j), error))
            return false;
    return true;
}

static bool add_passt(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    g_autofree char *key = argv_key("Network", i, "Mode");
    if (!check_forwards(i, network, error) ||
        !add_stream(b, i, "", "Linux: Shared is passt, which is connected to this socket", error))
        return false;
    if (host_has_feature(b->host, "netdev-user"))
        argv_add(b, key, "saved states fit hosts with and without passt", "-netdev",
                 "user,id=net%u.state,restrict=on", i);
    b->argv->networks[i] = NETWORK_KIND_PASST;
    return true;
}

static bool add_shared(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    const char *obstacle = passt_obstacle(b, network);
    if (!obstacle)
        return add_passt(b, i, network, error);
    g_autofree char *rule =
        g_strdup_printf("Linux: Shared becomes a network inside QEMU, because %s", obstacle);
    return add_user(b, i, network, rule, error);
}

static bool append_lan(ArgvBuild *b, GString *value, unsigned i, const ConfigNetwork *network,
                       GError **error)
{
    ArgvLan lan;
    char address[4][INET_ADDRSTRLEN], mask[INET_ADDRSTRLEN];
    if (!argv_lan(network, &lan, error))
        return false;
    argv_prop(value, "net=%s/%s,host=%s,dns=%s,dhcpstart=%s,ipv6=off",
              argv_lan_text(lan.network, address[0]), argv_lan_text(lan.mask, mask),
              argv_lan_text(lan.host, address[1]), argv_lan_text(lan.dns, address[2]),
              argv_lan_text(lan.guest, address[3]));
    return append_forwards(b, value, i, network, error);
}

/* The adapter's frames go to a switch beside QEMU, which passes on to the others on the network
 * what is for them, and to slirp, which is the host, what is for the host. */
static bool add_lan(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    g_autofree char *key = argv_key("Network", i, "Mode");
    g_autoptr(GString) value = g_string_new("user");
    argv_prop(value, "id=net%u.slirp", i);
    if (!need_slirp(b, key, error) || !append_lan(b, value, i, network, error) ||
        !add_stream(b, i, "", "Linux: Host is a switch, which is connected to this socket", error))
        return false;
    argv_add(b, key, "the host on that network", "-netdev", "%s", value->str);
    if (!add_stream(b, i, ".host", "the switch is connected here as well, to reach the host",
                    error))
        return false;
    static const char *const ends[] = { "slirp", "host" };
    for (size_t j = 0; j < G_N_ELEMENTS(ends); j++)
        argv_add(b, key, "the two are joined", "-netdev",
                 "hubport,id=net%u.hub%zu,hubid=%u,netdev=net%u.%s", i, j, i, i, ends[j]);
    b->argv->networks[i] = NETWORK_KIND_LAN;
    return true;
}

static bool add_host(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    if (b->host->qemu_alone || !host_has_feature(b->host, "netdev-stream"))
        return add_user(b, i, network,
                        b->host->qemu_alone
                            ? "Linux: Host becomes a network inside QEMU that leads nowhere else, "
                              "because a switch would have to run beside QEMU"
                            : "Linux: Host becomes a network inside QEMU that leads nowhere else, "
                              "because this QEMU is too old for a switch",
                        error);
    if (network->isolate_from_host)
        return add_user(b, i, network,
                        "IsolateFromHost: on a Host network nobody is left to talk to", error);
    return add_lan(b, i, network, error);
}

static void add_bridge(ArgvBuild *b, unsigned i, const ConfigNetwork *network, const char *bridge)
{
    g_autofree char *key = argv_key("Network", i, "BridgeInterface");
    if (network->port_forwards->len > 0)
        argv_warn(b, "Network[%u].PortForward does nothing on a bridge", i);
    if (network->isolate_from_host)
        argv_warn(b, "Network[%u].IsolateFromHost does nothing on a bridge", i);
    g_autoptr(GString) value = g_string_new("bridge");
    argv_prop(value, "id=net%u", i);
    argv_prop_path(value, "br", bridge);
    argv_add(b, key, "Linux: Bridged is qemu-bridge-helper on a bridge of the host", "-netdev",
             "%s", value->str);
    b->argv->networks[i] = NETWORK_KIND_BRIDGE;
    g_ptr_array_add(b->argv->bridges, g_strdup(bridge));
}

static void add_vmnet(ArgvBuild *b, unsigned i, const ConfigNetwork *network)
{
    g_autofree char *key = argv_key("Network", i, "Mode");
    g_autoptr(GString) value = g_string_new(NULL);
    const char *rule = "Shared: vmnet with address translation";
    switch (network->mode) {
    case NETWORK_MODE_HOST:
        rule = "Host: vmnet between host and guests";
        argv_prop(value, "vmnet-host,id=net%u", i);
        if (network->host_net_uuid)
            argv_prop(value, "net-uuid=%s", network->host_net_uuid);
        break;
    case NETWORK_MODE_BRIDGED:
        rule = "Bridged: vmnet on an interface of the host";
        argv_prop(value, "vmnet-bridged,id=net%u", i);
        argv_prop(value, "ifname=%s",
                  network->bridge_interface ? network->bridge_interface : b->host->bridge_default);
        break;
    default:
        argv_prop(value, "vmnet-shared,id=net%u", i);
        break;
    }
    append_vmnet(value, network);
    argv_add(b, key, rule, "-netdev", "%s", value->str);
    b->argv->networks[i] = NETWORK_KIND_VMNET;
}

static bool add_bridged(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    const char *bridge = argv_bridge(b, network);
    if (bridge) {
        add_bridge(b, i, network, bridge);
        return true;
    }
    argv_warn(b,
              "Network[%u].BridgeInterface is not set and this host has no bridge, using a "
              "network inside QEMU",
              i);
    return add_user(b, i, network, "Linux: Bridged without a bridge becomes a network inside QEMU",
                    error);
}

static bool add_backend(ArgvBuild *b, unsigned i, const ConfigNetwork *network, GError **error)
{
    if (network->mode == NETWORK_MODE_EMULATED)
        return add_user(b, i, network, "Emulated: a network inside QEMU", error);
    if (!b->on_linux) {
        add_vmnet(b, i, network);
        return true;
    }
    switch (network->mode) {
    case NETWORK_MODE_HOST:
        return add_host(b, i, network, error);
    case NETWORK_MODE_BRIDGED:
        return add_bridged(b, i, network, error);
    default:
        return add_shared(b, i, network, error);
    }
}

bool argv_network(ArgvBuild *b, GError **error)
{
    const GPtrArray *networks = b->config->networks;
    if (networks->len == 0)
        argv_add(b, "Network", "no network adapter", "-nic", "none");
    for (unsigned i = 0; i < networks->len; i++) {
        const ConfigNetwork *network = g_ptr_array_index(networks, i);
        g_autofree char *key = argv_key("Network", i, "Hardware");
        if (argv_leave_out(b, key, network->hardware))
            continue;
        if (!add_device(b, i, network, error) || !add_backend(b, i, network, error))
            return false;
    }
    return true;
}

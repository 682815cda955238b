/* SPDX-License-Identifier: Apache-2.0 */
/* Forwards as users write them, and addresses that are known without asking the guest. */
#include "core/error.h"
#include "core/host/bridge.h"
#include "core/network-lease.h"
#include "core/network.h"

static NetworkWish read_forward(const char *text)
{
    g_autoptr(GError) error = NULL;
    NetworkWish wish = { 0 };
    g_assert_true(network_parse_forward(text, &wish, &error));
    g_assert_no_error(error);
    g_assert_true(wish.any_network);
    return wish;
}

static void test_forward(void)
{
    NetworkWish plain = read_forward("2222:22"), any = read_forward("0:80/tcp");
    NetworkWish udp = read_forward("0.0.0.0:5353:53/UDP");
    g_assert_cmpuint(plain.forward.host_port, ==, 2222);
    g_assert_cmpuint(plain.forward.guest_port, ==, 22);
    g_assert_cmpstr(plain.forward.host_address, ==, "");
    g_assert_false(plain.forward.udp);
    g_assert_cmpuint(any.forward.host_port, ==, 0);
    g_assert_cmpstr(udp.forward.host_address, ==, "0.0.0.0");
    g_assert_cmpuint(udp.forward.guest_port, ==, 53);
    g_assert_true(udp.forward.udp);
}

static void test_bad_forwards(void)
{
    static const char *const bad[] = {
        "",        "80",  ":",          "80:",         "80:0",       "70000:1", "1:2:3",
        "1:2:3:4", "a:b", "80:80/sctp", "1.2.3:80:80", "1.2.3.4:80", "-1:80",   "80:80/udp/x"
    };
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        NetworkWish wish;
        g_assert_false(network_parse_forward(bad[i], &wish, &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
    }
}

static void test_port(void)
{
    g_autoptr(GError) error = NULL;
    NetworkWish wish = { 0 };
    g_assert_true(network_parse_port("2222", &wish, &error));
    g_assert_cmpuint(wish.forward.host_port, ==, 2222);
    g_assert_true(network_parse_port("127.0.0.1:53/udp", &wish, &error));
    g_assert_cmpstr(wish.forward.host_address, ==, "127.0.0.1");
    g_assert_true(wish.forward.udp);
    g_assert_true(network_parse_port("2222:22", &wish, &error));
    g_assert_cmpuint(wish.forward.host_port, ==, 2222);
    g_assert_false(network_parse_port("0", &wish, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_USAGE);
}

static void check_given(NetworkKind kind, const ConfigNetwork *network, const char *expected)
{
    char address[INET_ADDRSTRLEN] = "";
    g_assert_true(network_lease_given(kind, network, address));
    g_assert_cmpstr(address, ==, expected);
}

static void test_given(void)
{
    char address[INET_ADDRSTRLEN];
    const ConfigNetwork plain = { .mac_address = (char *) "52:54:00:00:00:01" };
    const ConfigNetwork net = { .vlan_guest_address = (char *) "192.168.7.0/24" };
    const ConfigNetwork start = { .vlan_guest_address = (char *) "192.168.7.0/24",
                                  .vlan_dhcp_start_address = (char *) "192.168.7.99" };
    const ConfigNetwork broken = { .vlan_guest_address = (char *) "everywhere" };
    check_given(NETWORK_KIND_PASST, &plain, "10.0.2.15");
    check_given(NETWORK_KIND_USER, &plain, "10.0.2.15");
    check_given(NETWORK_KIND_USER, &net, "192.168.7.15");
    check_given(NETWORK_KIND_USER, &start, "192.168.7.99");
    g_assert_true(network_lease_given(NETWORK_KIND_LAN, &plain, address));
    g_assert_true(g_str_has_prefix(address, "172.30."));
    g_assert_false(network_lease_given(NETWORK_KIND_USER, &broken, address));
    g_assert_false(network_lease_given(NETWORK_KIND_BRIDGE, &plain, address));
}

static void test_tables(void)
{
    static const char arp[] =
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "192.168.122.10   0x1         0x2         52:54:00:00:00:01     *        virbr0\n"
        "192.168.122.11   0x1         0x2         52:54:00:00:00:02     *        virbr0\n";
    static const char leases[] = "1700000000 52:54:00:00:00:01 192.168.122.20 web *\n"
                                 "broken\n"
                                 "1700000100 52:54:00:00:00:01 192.168.122.21 web *\n";
    g_autofree char *by_arp = network_lease_from_arp(arp, "52:54:00:00:00:02");
    g_autofree char *by_lease = network_lease_from_dnsmasq(leases, "52:54:00:00:00:01");
    g_assert_cmpstr(by_arp, ==, "192.168.122.11");
    g_assert_cmpstr(by_lease, ==, "192.168.122.21");
    g_assert_null(network_lease_from_arp(arp, "52:54:00:00:00:03"));
    g_assert_null(network_lease_from_dnsmasq("", "52:54:00:00:00:01"));
}

static void test_bridge_rules(void)
{
    g_assert_false(bridge_is_allowed("", "br0"));
    g_assert_true(bridge_is_allowed("allow br0\n", "br0"));
    g_assert_false(bridge_is_allowed("allow br0\n", "br1"));
    g_assert_true(bridge_is_allowed("# a comment\n  allow \t all", "br1"));
    g_assert_false(bridge_is_allowed("allow all\ndeny br1\n", "br1"));
    g_assert_true(bridge_is_allowed("include /etc/qemu/mine.conf\n", "br1"));
    g_assert_false(bridge_exists("lo"));
    g_assert_false(bridge_exists("../../class/net/lo"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/network/forward", test_forward);
    g_test_add_func("/network/bad-forwards", test_bad_forwards);
    g_test_add_func("/network/port", test_port);
    g_test_add_func("/network/given", test_given);
    g_test_add_func("/network/tables", test_tables);
    g_test_add_func("/network/bridge-rules", test_bridge_rules);
    return g_test_run();
}

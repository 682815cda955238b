/* SPDX-License-Identifier: Apache-2.0 */
/* Host networks: the addresses of a machine, and which way its frames go. */
#include <string.h>

#include "core/argv/argv-lan.h"
#include "core/error.h"
#include "core/vm/lan-frame.h"

#define HOST 0xac1e0001u /* 172.30.0.1 */

static ArgvLan choose(const ConfigNetwork *network)
{
    g_autoptr(GError) error = NULL;
    ArgvLan lan = { 0 };
    g_assert_true(argv_lan(network, &lan, &error));
    g_assert_no_error(error);
    return lan;
}

static void test_addresses(void)
{
    char text[INET_ADDRSTRLEN];
    ConfigNetwork network = { .mac_address = (char *) "52:54:00:00:00:01" };
    ArgvLan lan = choose(&network);
    g_assert_cmpstr(argv_lan_text(lan.network, text), ==, "172.30.0.0");
    g_assert_cmpstr(argv_lan_text(lan.mask, text), ==, "255.255.0.0");
    g_assert_cmpuint(lan.host, ==, HOST);
    g_assert_cmpuint(lan.guest & lan.mask, ==, lan.network);
    g_assert_cmpuint(lan.guest, >, lan.host);

    ConfigNetwork again = { .mac_address = (char *) "52:54:00:00:00:01" };
    ConfigNetwork other = { .mac_address = (char *) "52:54:00:00:00:02" };
    g_assert_cmpuint(choose(&again).guest, ==, lan.guest);
    g_assert_cmpuint(choose(&other).guest, !=, lan.guest);
}

static void test_range(void)
{
    char text[INET_ADDRSTRLEN];
    for (unsigned i = 0; i < 200; i++) {
        g_autofree char *mac = g_strdup_printf("52:54:00:00:00:%02x", i);
        ConfigNetwork network = { .mac_address = mac,
                                  .vlan_guest_address = (char *) "10.9.0.0/24",
                                  .vlan_host_address = (char *) "10.9.0.20",
                                  .vlan_dhcp_start_address = (char *) "10.9.0.19",
                                  .vlan_dhcp_end_address = (char *) "10.9.0.22" };
        ArgvLan lan = choose(&network);
        g_assert_cmpstr(argv_lan_text(lan.host, text), ==, "10.9.0.20");
        g_assert_cmpuint(lan.guest, !=, lan.host);
        g_assert_cmpuint(lan.dns, !=, lan.host);
        g_assert_cmpuint(lan.dns, !=, lan.guest);
        g_assert_cmpuint(lan.guest - lan.network, >=, 19);
        g_assert_cmpuint(lan.guest - lan.network, <=, 22);
    }
}

static void test_wrong(void)
{
    static const ConfigNetwork wrong[] = {
        { .vlan_guest_address = (char *) "everywhere" },
        { .vlan_guest_address = (char *) "10.0.0.0/31" },
        { .vlan_host_address = (char *) "10.9.0.1" },
        { .vlan_dhcp_start_address = (char *) "172.31.0.1" },
        { .vlan_dhcp_start_address = (char *) "172.30.0.9",
          .vlan_dhcp_end_address = (char *) "172.30.0.8" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
        g_autoptr(GError) error = NULL;
        ConfigNetwork network = wrong[i];
        ArgvLan lan;
        network.mac_address = (char *) "52:54:00:00:00:01";
        g_assert_false(argv_lan(&network, &lan, &error));
        g_assert_error(error, UTM_ERROR, UTM_ERROR_INVALID);
    }
}

/* ---- frames ---- */

typedef struct {
    uint8_t data[400];
    size_t length;
} Frame;

static Frame make_frame(unsigned type, size_t payload)
{
    static const uint8_t addresses[] = { 0x52, 0x54, 0, 0, 0, 2, 0x52, 0x54, 0, 0, 0, 1 };
    Frame frame = { .length = 14 + payload };
    memcpy(frame.data, addresses, sizeof addresses);
    frame.data[12] = (uint8_t) (type >> 8);
    frame.data[13] = (uint8_t) type;
    return frame;
}

static Frame make_ip(uint32_t to, unsigned protocol, size_t payload)
{
    Frame frame = make_frame(0x0800, 20 + payload);
    uint8_t *ip = frame.data + 14;
    ip[0] = 0x45;
    ip[9] = (uint8_t) protocol;
    for (int i = 0; i < 4; i++)
        ip[16 + i] = (uint8_t) (to >> (24 - 8 * i));
    return frame;
}

static unsigned route(const Frame *frame)
{
    return lan_frame_route(frame->data, frame->length, HOST);
}

static void test_route(void)
{
    Frame arp = make_frame(0x0806, 28), ipv6 = make_frame(0x86dd, 40);
    Frame to_host = make_ip(HOST, 6, 20), to_peer = make_ip(HOST + 9, 6, 20);
    Frame outside = make_ip(0x08080808, 17, 8), short_frame = make_frame(0x0800, 10);
    Frame dhcp = make_ip(0xffffffff, 17, 8);
    dhcp.data[14 + 20 + 3] = 67;
    g_assert_cmpuint(route(&arp), ==, LAN_TO_HOST | LAN_TO_PEERS);
    g_assert_cmpuint(route(&ipv6), ==, LAN_TO_PEERS);
    g_assert_cmpuint(route(&to_host), ==, LAN_TO_HOST);
    g_assert_cmpuint(route(&to_peer), ==, LAN_TO_PEERS);
    g_assert_cmpuint(route(&outside), ==, LAN_TO_PEERS);
    g_assert_cmpuint(route(&dhcp), ==, LAN_TO_HOST);
    g_assert_cmpuint(route(&short_frame), ==, 0);
    g_assert_cmpuint(lan_frame_route(arp.data, 13, HOST), ==, 0);
    /* A header that says it is longer than the frame. */
    to_host.data[14] = 0x4f;
    to_host.data[14 + 9] = 17;
    to_host.length = 14 + 20;
    g_assert_cmpuint(route(&to_host), ==, LAN_TO_HOST);
}

static void test_addresses_of_frames(void)
{
    Frame frame = make_frame(0x0806, 28);
    g_assert_cmphex(lan_frame_mac(frame.data, false), ==, 0x525400000002);
    g_assert_cmphex(lan_frame_mac(frame.data, true), ==, 0x525400000001);
    g_assert_false(lan_mac_is_group(0x525400000002));
    g_assert_true(lan_mac_is_group(0xffffffffffff));
    g_assert_true(lan_mac_is_group(0x01005e000001));
}

static void test_amend(void)
{
    static const uint8_t options[] = { 53,  1,  5, 3, 4, 172, 30,  0,   1, 0, 6,  4,
                                       172, 30, 0, 2, 1, 4,   255, 255, 0, 0, 255 };
    static const uint8_t amended[] = { 53, 1, 5, 0, 0, 0, 0,   0,   0, 0, 0,  0,
                                       0,  0, 0, 0, 1, 4, 255, 255, 0, 0, 255 };
    Frame frame = make_ip(0xffffffff, 17, 8 + 240 + sizeof options);
    uint8_t *udp = frame.data + 14 + 20;
    udp[1] = 67;
    udp[6] = udp[7] = 0xaa;
    memcpy(udp + 8 + 240, options, sizeof options);
    Frame other = frame;
    lan_frame_amend(frame.data, frame.length);
    g_assert_cmpmem(udp + 8 + 240, sizeof amended, amended, sizeof amended);
    g_assert_cmpuint(udp[6], ==, 0);
    g_assert_cmpuint(udp[7], ==, 0);

    /* Not from a DHCP server, and one whose last option is cut off. */
    Frame before = other;
    before.data[14 + 20 + 1] = 68;
    Frame same = before;
    lan_frame_amend(same.data, same.length);
    g_assert_cmpmem(same.data, sizeof same.data, before.data, sizeof before.data);
    other.length -= sizeof options - 5;
    lan_frame_amend(other.data, other.length);
    g_assert_cmpuint(other.data[14 + 20 + 8 + 240 + 3], ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/lan/addresses", test_addresses);
    g_test_add_func("/lan/range", test_range);
    g_test_add_func("/lan/wrong", test_wrong);
    g_test_add_func("/lan/route", test_route);
    g_test_add_func("/lan/mac", test_addresses_of_frames);
    g_test_add_func("/lan/amend", test_amend);
    return g_test_run();
}

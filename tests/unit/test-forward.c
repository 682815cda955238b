/* SPDX-License-Identifier: Apache-2.0 */
/* Port forwards: as QEMU and passt take them, and whether the host's port is free. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/forward.h"

static Forward make(bool udp, const char *host, uint16_t port)
{
    Forward forward = { .udp = udp, .host_port = port, .guest_port = 22 };
    g_strlcpy(forward.host_address, host, sizeof forward.host_address);
    return forward;
}

static void test_from_config(void)
{
    const ConfigPortForward plain = { .protocol = PROTOCOL_TCP,
                                      .host_port = 2222,
                                      .guest_port = 22 };
    const ConfigPortForward full = { .protocol = PROTOCOL_UDP,
                                     .host_port = 53,
                                     .guest_port = 5353,
                                     .host_address = (char *) "0.0.0.0",
                                     .guest_address = (char *) "10.0.2.16" };
    Forward a = forward_from_config(0, &plain), b = forward_from_config(2, &full);
    g_autofree char *whole_a = forward_slirp(&a, true);
    g_autofree char *whole_b = forward_slirp(&b, true);
    g_autofree char *host_b = forward_slirp(&b, false);
    g_assert_cmpstr(whole_a, ==, "tcp:127.0.0.1:2222-:22");
    g_assert_cmpstr(whole_b, ==, "udp:0.0.0.0:53-10.0.2.16:5353");
    g_assert_cmpstr(host_b, ==, "udp:0.0.0.0:53");
    g_assert_cmpuint(b.network, ==, 2);
}

static char *passt_words(const Forward *forwards, guint n)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) array = g_array_new(FALSE, FALSE, sizeof(Forward));
    g_array_append_vals(array, forwards, n);
    forward_passt(array, argv);
    g_ptr_array_add(argv, NULL);
    return g_strjoinv(" ", (char **) argv->pdata);
}

static void test_passt(void)
{
    const Forward forwards[] = { make(false, "127.0.0.1", 2222), make(true, "0.0.0.0", 5000) };
    g_autofree char *none = passt_words(NULL, 0);
    g_autofree char *tcp = passt_words(forwards, 1);
    g_autofree char *both = passt_words(forwards, 2);
    g_assert_cmpstr(none, ==, "--udp-ports none");
    g_assert_cmpstr(tcp, ==, "--tcp-ports 127.0.0.1/2222:22 --udp-ports none");
    g_assert_cmpstr(both, ==, "--tcp-ports 127.0.0.1/2222:22 --udp-ports 0.0.0.0/5000:22");
}

static void test_same_port(void)
{
    Forward a = make(false, "127.0.0.1", 80), b = make(false, "0.0.0.0", 80);
    Forward any = make(false, "", 80), udp = make(true, "127.0.0.1", 80);
    g_assert_true(forward_same_port(&a, &a));
    g_assert_false(forward_same_port(&a, &b));
    g_assert_true(forward_same_port(&a, &any));
    g_assert_true(forward_same_port(&b, &any));
    g_assert_false(forward_same_port(&a, &udp));
    b = a;
    b.network = 1;
    g_assert_false(forward_same_port(&a, &b));
}

static void take(bool udp)
{
    g_autoptr(GError) error = NULL;
    Forward forward = make(udp, "127.0.0.1", 0);
    g_assert_true(forward_take_port(&forward, &error));
    g_assert_cmpuint(forward.host_port, !=, 0);
    g_assert_false(forward_is_bound(&forward));

    int fd = socket(AF_INET, udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons(forward.host_port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    g_assert_cmpint(bind(fd, (struct sockaddr *) &address, sizeof address), ==, 0);
    if (!udp)
        g_assert_cmpint(listen(fd, 1), ==, 0);
    g_assert_true(forward_is_bound(&forward));
    g_assert_false(forward_take_port(&forward, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_LOCKED);
    close(fd);
}

static void test_take_port(void)
{
    take(false);
    take(true);
}

static void test_foreign_address(void)
{
    g_autoptr(GError) error = NULL;
    Forward forward = make(false, "203.0.113.77", 0);
    g_assert_false(forward_take_port(&forward, &error));
    g_assert_error(error, UTM_ERROR, UTM_ERROR_FAILED);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/forward/from-config", test_from_config);
    g_test_add_func("/forward/passt", test_passt);
    g_test_add_func("/forward/same-port", test_same_port);
    g_test_add_func("/forward/take-port", test_take_port);
    g_test_add_func("/forward/foreign-address", test_foreign_address);
    return g_test_run();
}

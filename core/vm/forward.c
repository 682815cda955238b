/* SPDX-License-Identifier: Apache-2.0 */
/* A port of the host that leads to a port of a guest. */
#include "core/vm/forward.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "core/fd.h"

Forward forward_from_config(unsigned network, const ConfigPortForward *config)
{
    Forward forward = { .network = network,
                        .udp = config->protocol == PROTOCOL_UDP,
                        .host_port = (uint16_t) config->host_port,
                        .guest_port = (uint16_t) config->guest_port };
    const char *host =
        config->host_address && *config->host_address ? config->host_address : FORWARD_LOOPBACK;
    g_strlcpy(forward.host_address, host, sizeof forward.host_address);
    if (config->guest_address)
        g_strlcpy(forward.guest_address, config->guest_address, sizeof forward.guest_address);
    return forward;
}

bool forward_same_port(const Forward *a, const Forward *b)
{
    return a->network == b->network && a->udp == b->udp && a->host_port == b->host_port &&
           (!*a->host_address || !*b->host_address ||
            strcmp(a->host_address, b->host_address) == 0);
}

/* Returns 0, or why the port cannot be had. A TCP port whose last connections are still closing is
 * free for who listens. */
static int try_bind(const Forward *forward, uint16_t *out_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(forward->host_port) };
    socklen_t size = sizeof address;
    const int on = 1;
    if (inet_pton(AF_INET, forward->host_address, &address.sin_addr) != 1)
        return EINVAL;
    g_auto(Fd) fd = socket(AF_INET, (forward->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (fd < 0 || (!forward->udp && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) ||
        bind(fd, (struct sockaddr *) &address, size) < 0 || (!forward->udp && listen(fd, 1) < 0) ||
        getsockname(fd, (struct sockaddr *) &address, &size) < 0)
        return errno;
    *out_port = ntohs(address.sin_port);
    return 0;
}

bool forward_take_port(Forward *forward, GError **error)
{
    const char *protocol = forward->udp ? "UDP" : "TCP";
    int code = try_bind(forward, &forward->host_port);
    if (code == 0)
        return true;
    if (code == EADDRINUSE)
        utm_error_set(error, UTM_ERROR_LOCKED, "port 0 picks a free one",
                      "%s port %u of %s is in use", protocol, forward->host_port,
                      forward->host_address);
    else if (code == EACCES)
        utm_error_set(error, UTM_ERROR_FAILED, "choose one from 1024 on",
                      "this user may not listen on %s port %u", protocol, forward->host_port);
    else
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot listen on %s port %u of %s: %s",
                      protocol, forward->host_port, forward->host_address, g_strerror(code));
    return false;
}

bool forward_is_bound(const Forward *forward)
{
    uint16_t port;
    return try_bind(forward, &port) == EADDRINUSE;
}

char *forward_slirp(const Forward *forward, bool whole)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(text, "%s:%s:%u", forward->udp ? "udp" : "tcp", forward->host_address,
                           forward->host_port);
    if (whole)
        g_string_append_printf(text, "-%s:%u", forward->guest_address, forward->guest_port);
    return g_strdup(text->str);
}

/* Source: passt(1): without --udp-ports, the UDP ports of TCP forwards are forwarded as well */
void forward_passt(const GArray *forwards, GPtrArray *argv)
{
    bool udp = false;
    for (guint i = 0; i < forwards->len; i++) {
        const Forward *forward = &g_array_index(forwards, Forward, i);
        g_ptr_array_add(argv, g_strdup(forward->udp ? "--udp-ports" : "--tcp-ports"));
        g_ptr_array_add(argv, g_strdup_printf("%s/%u:%u", forward->host_address, forward->host_port,
                                              forward->guest_port));
        udp |= forward->udp;
    }
    if (!udp) {
        g_ptr_array_add(argv, g_strdup("--udp-ports"));
        g_ptr_array_add(argv, g_strdup("none"));
    }
}

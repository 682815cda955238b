/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what users say of networks and ports. */
#include "core/create-words.h"

#include <arpa/inet.h>
#include <string.h>

#include "bundles/record.h"
#include "core/error.h"

static bool set_network_option(ConfigNetwork *network, const char *word, GError **error)
{
    const struct {
        const char *prefix;
        char **field;
    } rows[] = {
        { "model=", &network->hardware },
        { "mac=", &network->mac_address },
        { "bridge=", &network->bridge_interface },
    };
    if (g_str_equal(word, "isolate")) {
        network->isolate_from_host = true;
        return true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *value = word + strlen(rows[i].prefix);
        if (!g_str_has_prefix(word, rows[i].prefix) || !*value)
            continue;
        g_free(*rows[i].field);
        *rows[i].field = g_strdup(value);
        return true;
    }
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "network option \"%s\" is none of model=, mac=, bridge= and isolate", word);
    return false;
}

static bool network_mode(const char *word, NetworkMode *out_mode)
{
    static const char *const modes[] = {
        [NETWORK_MODE_EMULATED] = "emulated",
        [NETWORK_MODE_SHARED] = "shared",
        [NETWORK_MODE_HOST] = "host",
        [NETWORK_MODE_BRIDGED] = "bridged",
    };
    for (size_t i = 0; i < G_N_ELEMENTS(modes); i++) {
        if (g_ascii_strcasecmp(word, modes[i]) == 0) {
            *out_mode = (NetworkMode) i;
            return true;
        }
    }
    return false;
}

ConfigNetwork *create_parse_network(const char *text, const char *model, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    NetworkMode mode;
    if (!words[0] || !network_mode(words[0], &mode)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "network mode \"%s\" is none of emulated, shared, host, bridged and none",
                      words[0] ? words[0] : "");
        return NULL;
    }
    ConfigNetwork *network = config_network_new(mode, model);
    bool ok = true;
    for (char **word = words + 1; ok && *word; word++)
        ok = set_network_option(network, *word, error);
    if (ok && !config_mac_is_valid(network->mac_address)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "\"%s\" is not the MAC address of one network adapter", network->mac_address);
        ok = false;
    }
    if (!ok)
        g_clear_pointer(&network, config_network_free);
    return network;
}

static bool parse_port(const char *text, int64_t *out_port)
{
    guint64 port;
    if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT16, &port, NULL))
        return false;
    *out_port = (int64_t) port;
    return true;
}

static bool parse_address(const char *text)
{
    struct in_addr ignored;
    return inet_pton(AF_INET, text, &ignored) == 1;
}

ConfigPortForward *create_parse_forward(const char *text, GError **error)
{
    g_auto(GStrv) words = g_strsplit(text, ":", -1);
    char **word = words;
    Protocol protocol = PROTOCOL_TCP;
    const char *address = NULL;
    int64_t host_port = 0, guest_port = 0;
    if (*word && (g_str_equal(*word, "tcp") || g_str_equal(*word, "udp")))
        protocol = g_str_equal(*word++, "udp") ? PROTOCOL_UDP : PROTOCOL_TCP;
    if (g_strv_length(word) == 3)
        address = *word++;
    if (g_strv_length(word) != 2 || (address && !parse_address(address)) ||
        !parse_port(word[0], &host_port) || !parse_port(word[1], &guest_port)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL,
                      "\"%s\" is not [tcp:|udp:][HOSTADDR:]HOSTPORT:GUESTPORT", text);
        return NULL;
    }
    ConfigPortForward *forward = config_port_forward_new(protocol, host_port, guest_port);
    forward->host_address = g_strdup(address);
    return forward;
}

ConfigSerial *create_parse_serial(const char *text, GError **error)
{
    int64_t port;
    if (g_str_equal(text, "terminal"))
        return config_serial_new(SERIAL_MODE_TERMINAL, SERIAL_TARGET_AUTO);
    if (g_str_equal(text, "pty"))
        return config_serial_new(SERIAL_MODE_PTTY, SERIAL_TARGET_AUTO);
    if (g_str_has_prefix(text, "tcp:") && parse_port(text + strlen("tcp:"), &port)) {
        ConfigSerial *serial = config_serial_new(SERIAL_MODE_TCP_SERVER, SERIAL_TARGET_AUTO);
        serial->has_tcp_port = true;
        serial->tcp_port = port;
        return serial;
    }
    utm_error_set(error, UTM_ERROR_USAGE, NULL,
                  "serial port \"%s\" is none of terminal, pty, tcp:PORT and none", text);
    return NULL;
}

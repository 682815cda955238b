/* SPDX-License-Identifier: Apache-2.0 */
/* Networks of a machine: ports that lead to its guest, and cables. */
#include "core/network.h"

#include <arpa/inet.h>
#include <string.h>

#include "core/config-edit.h"
#include "core/error.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* ---- words ---- */

static bool parse_number(const char *text, uint16_t lowest, uint16_t *out)
{
    guint64 value;
    if (!g_ascii_string_to_unsigned(text, 10, lowest, G_MAXUINT16, &value, NULL))
        return false;
    *out = (uint16_t) value;
    return true;
}

/* Takes the protocol off the end. */
static bool parse_protocol(char *text, bool *out_udp)
{
    char *slash = strchr(text, '/');
    *out_udp = slash && g_ascii_strcasecmp(slash, "/udp") == 0;
    bool known = !slash || *out_udp || g_ascii_strcasecmp(slash, "/tcp") == 0;
    if (slash)
        *slash = '\0';
    return known;
}

static bool parse_host(const char *text, char *out)
{
    struct in_addr ignored;
    if (inet_pton(AF_INET, text, &ignored) != 1)
        return false;
    g_strlcpy(out, text, INET_ADDRSTRLEN);
    return true;
}

static bool parse(const char *text, bool guest_needed, NetworkWish *out)
{
    NetworkWish wish = { .any_network = true };
    g_autofree char *plain = g_strdup(text);
    if (!parse_protocol(plain, &wish.forward.udp))
        return false;
    g_auto(GStrv) parts = g_strsplit(plain, ":", -1);
    guint n = g_strv_length(parts);
    bool has_host = n > 1 && strchr(parts[0], '.');
    guint ports = n - has_host;
    if (ports < 1 + (guint) guest_needed || ports > 2 ||
        (has_host && !parse_host(parts[0], wish.forward.host_address)) ||
        !parse_number(parts[has_host], guest_needed ? 0 : 1, &wish.forward.host_port) ||
        (ports == 2 && !parse_number(parts[has_host + 1], 1, &wish.forward.guest_port)))
        return false;
    *out = wish;
    return true;
}

bool network_parse_forward(const char *text, NetworkWish *out_wish, GError **error)
{
    if (parse(text, true, out_wish))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "such as 2222:22, 0.0.0.0:8080:80, 0:22 or 5353:53/udp",
                  "\"%s\" is not [HOST:]PORT:GUESTPORT[/udp]", text);
    return false;
}

bool network_parse_port(const char *text, NetworkWish *out_wish, GError **error)
{
    if (parse(text, false, out_wish))
        return true;
    utm_error_set(error, UTM_ERROR_USAGE, "such as 2222, 127.0.0.1:2222 or 5353/udp",
                  "\"%s\" is not [HOST:]PORT[/udp]", text);
    return false;
}

/* ---- the bundle ---- */

static bool matches(const NetworkWish *wish, const Forward *forward)
{
    Forward wanted = wish->forward;
    if (wish->any_network)
        wanted.network = forward->network;
    return forward_same_port(&wanted, forward);
}

/* Whether the bundle has a forward, and where. */
static bool find_saved(const Bundle *bundle, const NetworkWish *wish, Forward *out, guint *out_at)
{
    const GPtrArray *networks = bundle->config->networks;
    for (guint i = 0; i < networks->len; i++) {
        const GPtrArray *forwards = ((const ConfigNetwork *) networks->pdata[i])->port_forwards;
        for (guint j = 0; j < forwards->len; j++) {
            Forward forward = forward_from_config(i, forwards->pdata[j]);
            if (!matches(wish, &forward))
                continue;
            *out = forward;
            *out_at = j;
            return true;
        }
    }
    return false;
}

/* The running machine has it already, so that the next start may as well. */
static bool save_edit(ConfigEdit *edit, GError **error)
{
    const ConfigSave how = { .force = true };
    return config_edit_save(edit, &how, error);
}

/* An address that was not asked for is not written: the bundle means loopback then. */
static bool save_added(const Bundle *bundle, const Forward *forward, bool with_address,
                       GError **error)
{
    g_autofree char *path = g_strdup_printf("Network[%u].PortForward", forward->network);
    g_autofree char *protocol = g_strdup_printf("Protocol=%s", forward->udp ? "UDP" : "TCP");
    g_autofree char *host_port = g_strdup_printf("HostPort=%u", forward->host_port);
    g_autofree char *guest_port = g_strdup_printf("GuestPort=%u", forward->guest_port);
    g_autofree char *address = g_strdup_printf("HostAddress=%s", forward->host_address);
    char *words[] = { protocol, host_port, guest_port, with_address ? address : NULL, NULL };
    g_autofree char *element = NULL;
    g_autoptr(ConfigEdit) edit = config_edit_open(bundle->path, error);
    return edit && config_edit_add(edit, path, words, &element, error) && save_edit(edit, error);
}

static bool save_removed(const Bundle *bundle, const Forward *forward, guint at, GError **error)
{
    g_autofree char *path = g_strdup_printf("Network[%u].PortForward[%u]", forward->network, at);
    char *paths[] = { path, NULL };
    g_autoptr(ConfigEdit) edit = config_edit_open(bundle->path, error);
    return edit && config_edit_remove(edit, paths, error) && save_edit(edit, error);
}

/* ---- the running machine ---- */

static Forward from_qmp(const QmpUtmForward *value)
{
    Forward forward = { .network = (unsigned) value->network,
                        .udp = value->protocol == QMP_UTM_PROTOCOL_UDP,
                        .host_port = (uint16_t) value->host_port,
                        .guest_port = (uint16_t) value->guest_port };
    g_strlcpy(forward.host_address, value->host_address, sizeof forward.host_address);
    g_strlcpy(forward.guest_address, value->guest_address, sizeof forward.guest_address);
    return forward;
}

static bool ask(const Bundle *bundle, const NetworkWish *wish, bool add, Forward *out,
                GError **error)
{
    const Forward *forward = &wish->forward;
    QmpUtmProtocol protocol = forward->udp ? QMP_UTM_PROTOCOL_UDP : QMP_UTM_PROTOCOL_TCP;
    int64_t network = wish->any_network ? -1 : (int64_t) forward->network;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(QmpUtmForward) value = NULL;
    g_autoptr(GError) local = NULL;
    if (!client)
        return false;
    bool ok =
        add ? qmp_x_utm_forward_add(client, network, protocol, forward->host_address,
                                    forward->host_port, "", forward->guest_port, &value, &local)
            : qmp_x_utm_forward_remove(client, network, protocol, forward->host_address,
                                       forward->host_port, "", 0, &value, &local);
    if (ok)
        *out = from_qmp(value);
    else
        vm_helper_error(error, local);
    if (!ok && add && error && g_error_matches(*error, UTM_ERROR, UTM_ERROR_LOCKED))
        utm_error_set_hint(*error, "0 as port of the host picks a free one");
    return ok;
}

static int compare(gconstpointer a, gconstpointer b)
{
    const Forward *left = &((const NetworkForward *) a)->forward;
    const Forward *right = &((const NetworkForward *) b)->forward;
    if (left->network != right->network)
        return left->network < right->network ? -1 : 1;
    return (int) left->host_port - (int) right->host_port;
}

static bool add_active(const Bundle *bundle, GArray *list, GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    g_autoptr(QmpUtmForwardList) active = NULL;
    if (!client || !qmp_x_utm_forward_list(client, &active, error))
        return false;
    for (size_t i = 0; i < active->len; i++) {
        const NetworkForward item = { .forward = from_qmp(active->items[i]), .active = true };
        g_array_append_val(list, item);
    }
    return true;
}

static void add_saved(const Bundle *bundle, GArray *list)
{
    const GPtrArray *networks = bundle->config->networks;
    for (guint i = 0; i < networks->len; i++) {
        const GPtrArray *forwards = ((const ConfigNetwork *) networks->pdata[i])->port_forwards;
        for (guint j = 0; j < forwards->len; j++) {
            NetworkForward item = { .forward = forward_from_config(i, forwards->pdata[j]),
                                    .saved = true };
            NetworkForward *known = NULL;
            for (guint k = 0; k < list->len && !known; k++)
                if (forward_same_port(&g_array_index(list, NetworkForward, k).forward,
                                      &item.forward))
                    known = &g_array_index(list, NetworkForward, k);
            if (known)
                known->saved = true;
            else
                g_array_append_val(list, item);
        }
    }
}

/* ---- what users ask for ---- */

GArray *network_forwards(const Bundle *bundle, GError **error)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(NetworkForward));
    if (vm_is_running(bundle) && !add_active(bundle, list, error))
        return NULL;
    add_saved(bundle, list);
    g_array_sort(list, compare);
    return g_steal_pointer(&list);
}

static bool check_network(const Bundle *bundle, const NetworkWish *wish, GError **error)
{
    guint n = bundle->config->networks->len;
    if (wish->any_network ? n > 0 : wish->forward.network < n)
        return true;
    if (wish->any_network)
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "it has no network adapter");
    else
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "it has no network adapter %u",
                      wish->forward.network);
    return false;
}

bool network_forward_add(const Bundle *bundle, const NetworkWish *wish, bool save,
                         Forward *out_forward, GError **error)
{
    Forward forward = wish->forward, known;
    guint at;
    if (!check_network(bundle, wish, error))
        return false;
    if (vm_is_running(bundle)) {
        if (!ask(bundle, wish, true, &forward, error))
            return false;
    } else if (!save) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "--save has its next start forward the port",
                      "it is not running");
        return false;
    } else if (!*forward.host_address) {
        g_strlcpy(forward.host_address, FORWARD_LOOPBACK, sizeof forward.host_address);
    }
    if (save && !forward.host_port && !forward_take_port(&forward, error))
        return false;
    const NetworkWish same = { .forward = forward };
    if (save && !find_saved(bundle, &same, &known, &at) &&
        !save_added(bundle, &forward, *wish->forward.host_address, error))
        return false;
    *out_forward = forward;
    return true;
}

bool network_forward_remove(const Bundle *bundle, const NetworkWish *wish, bool save,
                            Forward *out_forward, GError **error)
{
    guint at = 0;
    bool running = vm_is_running(bundle);
    if (!running && !save) {
        utm_error_set(error, UTM_ERROR_WRONG_STATE, "--save takes the forward out of the bundle",
                      "it is not running");
        return false;
    }
    Forward saved;
    bool is_saved = save && find_saved(bundle, wish, &saved, &at);
    g_autoptr(GError) local = NULL;
    bool ended = running && ask(bundle, wish, false, out_forward, &local);
    bool absent = g_error_matches(local, UTM_ERROR, UTM_ERROR_NOT_FOUND);
    if (running && !ended && !(absent && is_saved)) {
        g_propagate_error(error, g_steal_pointer(&local));
        return false;
    }
    if (!is_saved && !ended) {
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "%s port %u is not forwarded",
                      wish->forward.udp ? "UDP" : "TCP", wish->forward.host_port);
        return false;
    }
    if (!ended)
        *out_forward = saved;
    return !is_saved || save_removed(bundle, &saved, at, error);
}

bool network_set_link(const Bundle *bundle, unsigned network, bool up, GError **error)
{
    const NetworkWish wish = { .forward.network = network };
    g_autofree char *name = g_strdup_printf("net%u", network);
    if (!check_network(bundle, &wish, error))
        return false;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    return client && qmp_set_link(client, name, up, error);
}

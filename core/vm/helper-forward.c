/* SPDX-License-Identifier: Apache-2.0 */
/* What is said about the networks of a running machine, and ports that are forwarded meanwhile. */
#include <arpa/inet.h>
#include <string.h>

#include "core/error.h"
#include "core/network-lease.h"
#include "core/vm/helper-network.h"
#include "qapi/generated/qmp-commands.h"

/* passt listens 30 ms after it was started; a busy host may need longer. */
#define LISTEN_LIMIT_US (5 * G_USEC_PER_SEC)
#define LISTEN_LOOK_MS 2

/* A request that runs from the main loop and pumps it, so that the client that asked is not on the
 * stack. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    bool remove;
    Forward forward;
    bool any_network;
} ForwardRun;

/* ---- words ---- */

static cJSON *to_json(const Forward *forward)
{
    const QmpUtmForward value = {
        .network = forward->network,
        .protocol = forward->udp ? QMP_UTM_PROTOCOL_UDP : QMP_UTM_PROTOCOL_TCP,
        .host_address = (char *) forward->host_address,
        .host_port = forward->host_port,
        .guest_address = (char *) forward->guest_address,
        .guest_port = forward->guest_port,
    };
    cJSON *json = qmp_utm_forward_to_json(&value, NULL);
    g_assert(json);
    return json;
}

static bool is_address(const char *text)
{
    struct in_addr ignored;
    return !*text || inet_pton(AF_INET, text, &ignored) == 1;
}

static bool read_forward(const QmpUtmForward *value, ForwardRun *run, GError **error)
{
    if (value->host_port < 0 || value->host_port > G_MAXUINT16 || value->guest_port < 0 ||
        value->guest_port > G_MAXUINT16 || value->network < -1 ||
        value->protocol == QMP_UTM_PROTOCOL__UNKNOWN || !is_address(value->host_address) ||
        !is_address(value->guest_address)) {
        utm_error_set(error, UTM_ERROR_USAGE, NULL, "that is not a forward");
        return false;
    }
    Forward *forward = &run->forward;
    run->any_network = value->network == -1;
    forward->network = run->any_network ? 0 : (unsigned) value->network;
    forward->udp = value->protocol == QMP_UTM_PROTOCOL_UDP;
    forward->host_port = (uint16_t) value->host_port;
    forward->guest_port = (uint16_t) value->guest_port;
    g_strlcpy(forward->host_address, value->host_address, sizeof forward->host_address);
    g_strlcpy(forward->guest_address, value->guest_address, sizeof forward->guest_address);
    return true;
}

/* ---- slirp ---- */

static bool ask_slirp(const NetworkLink *link, const Forward *forward, bool add, GError **error)
{
    g_autofree char *words = forward_slirp(forward, add);
    g_autofree char *command =
        g_strdup_printf("hostfwd_%s net%u%s %s", add ? "add" : "remove", link->index,
                        link->kind == NETWORK_KIND_LAN ? ".slirp" : "", words);
    g_autofree char *said = NULL;
    if (add)
        child_open_port(link->helper->qemu, forward->host_port);
    if (!qmp_human_monitor_command(job_client_qmp(link->helper->self), command, false, 0, &said,
                                   error))
        return false;
    /* It has no other way to say that it failed. */
    if (add ? !*g_strstrip(said) : strstr(said, " removed") != NULL)
        return true;
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "QEMU says: %s", said);
    return false;
}

/* ---- passt ---- */

static gboolean look(gpointer user)
{
    (void) user;
    return G_SOURCE_CONTINUE;
}

/* A passt that cannot have the port ends at once. */
static bool wait_listening(const NetworkLink *link, const Forward *forward, GError **error)
{
    gint64 deadline = g_get_monotonic_time() + LISTEN_LIMIT_US;
    guint wake = g_timeout_add(LISTEN_LOOK_MS, look, NULL);
    bool bound = false;
    while (link->child && !(bound = forward_is_bound(forward)) && g_get_monotonic_time() < deadline)
        g_main_context_iteration(NULL, TRUE);
    g_source_remove(wake);
    if (bound) {
        helper_network_announce(link->helper);
        return true;
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "passt does not forward the port");
    return false;
}

static bool add_to_passt(NetworkLink *link, const Forward *forward, GError **error)
{
    g_array_append_val(link->forwards, *forward);
    if (network_link_renew(link, error) && wait_listening(link, forward, error))
        return true;
    g_array_remove_index(link->forwards, link->forwards->len - 1);
    utm_ignore(network_link_renew(link, NULL));
    return false;
}

/* ---- either ---- */

static NetworkLink *find_link(const ForwardRun *run, GError **error)
{
    const GPtrArray *links = run->helper->links;
    for (guint i = 0; i < links->len; i++) {
        NetworkLink *link = links->pdata[i];
        if (run->any_network || link->index == run->forward.network)
            return link;
    }
    if (run->any_network)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "it has no network adapter that can forward ports");
    else if (run->forward.network >= run->helper->bundle->config->networks->len)
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "it has no network adapter %u",
                      run->forward.network);
    else
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "network adapter %u is on a bridge: the guest is reached at its own address",
                      run->forward.network);
    return NULL;
}

static bool add(ForwardRun *run, GError **error)
{
    Forward *forward = &run->forward;
    NetworkLink *link = find_link(run, error);
    if (!link)
        return false;
    forward->network = link->index;
    if (!*forward->host_address)
        g_strlcpy(forward->host_address, FORWARD_LOOPBACK, sizeof forward->host_address);
    if (link->kind == NETWORK_KIND_PASST && *forward->guest_address) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "passt forwards to the machine itself only, not to \"%s\"",
                      forward->guest_address);
        return false;
    }
    if (!forward_take_port(forward, error))
        return false;
    if (link->kind == NETWORK_KIND_PASST)
        return add_to_passt(link, forward, error);
    if (!ask_slirp(link, forward, true, error))
        return false;
    g_array_append_val(link->forwards, *forward);
    return true;
}

static bool remove_from(NetworkLink *link, guint at, GError **error)
{
    const Forward gone = g_array_index(link->forwards, Forward, at);
    if (link->kind != NETWORK_KIND_PASST && !ask_slirp(link, &gone, false, error))
        return false;
    g_array_remove_index(link->forwards, at);
    return link->kind != NETWORK_KIND_PASST || network_link_renew(link, error);
}

static bool find_and_remove(ForwardRun *run, GError **error)
{
    const GPtrArray *links = run->helper->links;
    for (guint i = 0; i < links->len; i++) {
        NetworkLink *link = links->pdata[i];
        for (guint j = 0; j < link->forwards->len; j++) {
            const Forward *forward = &g_array_index(link->forwards, Forward, j);
            if (run->any_network)
                run->forward.network = link->index;
            if (!forward_same_port(forward, &run->forward))
                continue;
            run->forward = *forward;
            return remove_from(link, j, error);
        }
    }
    utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "%s port %u is not forwarded",
                  run->forward.udp ? "UDP" : "TCP", run->forward.host_port);
    return false;
}

static gboolean run_forward(gpointer user)
{
    g_autofree ForwardRun *run = user;
    g_autoptr(GError) error = NULL;
    if (run->remove ? find_and_remove(run, &error) : add(run, &error))
        monitor_answer(run->request, to_json(&run->forward));
    else
        helper_answer(run->request, error);
    return G_SOURCE_REMOVE;
}

static void change(Helper *helper, MonitorRequest *request, bool removes, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpUtmForward) wanted = NULL;
    g_autofree ForwardRun *run = g_new0(ForwardRun, 1);
    if (!qapi_read_arguments(&qmp_utm_forward_type, arguments, &wanted, &error) ||
        !read_forward(wanted, run, &error)) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_USAGE), error->message);
        return;
    }
    run->helper = helper;
    run->request = request;
    run->remove = removes;
    g_idle_add(run_forward, g_steal_pointer(&run));
}

static void answer_list(const Helper *helper, MonitorRequest *request)
{
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; i < helper->links->len; i++) {
        const NetworkLink *link = helper->links->pdata[i];
        for (guint j = 0; j < link->forwards->len; j++)
            cJSON_AddItemToArray(list, to_json(&g_array_index(link->forwards, Forward, j)));
    }
    monitor_answer(request, list);
}

static const char *kind_word(NetworkKind kind)
{
    static const char *const words[] = {
        [NETWORK_KIND_NONE] = "none",     [NETWORK_KIND_USER] = "slirp",
        [NETWORK_KIND_PASST] = "passt",   [NETWORK_KIND_LAN] = "switch",
        [NETWORK_KIND_BRIDGE] = "bridge", [NETWORK_KIND_VMNET] = "vmnet",
    };
    return words[kind];
}

static void answer_networks(const Helper *helper, MonitorRequest *request)
{
    const GPtrArray *networks = helper->bundle->config->networks;
    cJSON *list = cJSON_CreateArray();
    for (guint i = 0; i < networks->len; i++) {
        const ConfigNetwork *network = networks->pdata[i];
        NetworkKind kind = helper->plan->argv->networks[i];
        char address[INET_ADDRSTRLEN];
        bool known = network_lease_given(kind, network, address);
        const QmpUtmNetwork value = { .network = i,
                                      .kind = (char *) kind_word(kind),
                                      .mac = network->mac_address,
                                      .address = known ? address : NULL };
        cJSON_AddItemToArray(list, qmp_utm_network_to_json(&value, NULL));
    }
    monitor_answer(request, list);
}

bool helper_forward_command(Helper *helper, MonitorRequest *request, const char *name,
                            const cJSON *arguments)
{
    if (strcmp(name, "x-utm-networks") == 0)
        answer_networks(helper, request);
    else if (strcmp(name, "x-utm-forward-list") == 0)
        answer_list(helper, request);
    else if (strcmp(name, "x-utm-forward-add") == 0)
        change(helper, request, false, arguments);
    else if (strcmp(name, "x-utm-forward-remove") == 0)
        change(helper, request, true, arguments);
    else
        return false;
    return true;
}

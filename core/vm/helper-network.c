/* SPDX-License-Identifier: Apache-2.0 */
/* What runs beside QEMU for a machine's networks: passt, or the switch of a Host network. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/argv/argv-lan.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/host/bridge.h"
#include "core/host/passt.h"
#include "core/paths.h"
#include "core/vm/confine.h"
#include "core/vm/helper-network.h"
#include "core/vm/lan-switch.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/json-auto.h"

/* QEMU makes its sockets in a thread, which may be behind its first answer. */
#define SOCKET_LIMIT_US (5 * G_USEC_PER_SEC)

/* What ended is started anew, later each time. */
#define FIRST_DELAY_MS 50
#define LAST_DELAY_MS 5000

#define PASST_FD 3

static void link_free(NetworkLink *link)
{
    if (link->retry)
        g_source_remove(link->retry);
    child_free(link->child);
    g_array_unref(link->forwards);
    g_free(link);
}

/* ---- QEMU's sockets ---- */

/* By way of the folder's descriptor: a socket path ends at 107 bytes. */
static int connect_socket(const Helper *helper, const char *name)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    g_auto(Fd) folder = open(helper->run_dir->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    g_auto(Fd) fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (folder < 0 || fd < 0)
        return -1;
    g_snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", folder, name);
    if (connect(fd, (struct sockaddr *) &address, sizeof address) < 0)
        return -1;
    return fd_steal(&fd);
}

static int connect_qemu(const NetworkLink *link, const char *suffix, GError **error)
{
    g_autofree char *name = g_strdup_printf("net%u%s", link->index, suffix);
    gint64 deadline = g_get_monotonic_time() + SOCKET_LIMIT_US;
    for (;;) {
        int fd = connect_socket(link->helper, name);
        if (fd >= 0)
            return fd;
        int code = errno;
        bool early = code == ENOENT || code == ECONNREFUSED;
        if (!early || link->helper->qemu_ended || g_get_monotonic_time() >= deadline) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "cannot connect network %u: %s",
                          link->index, g_strerror(code));
            return -1;
        }
        g_usleep(500);
    }
}

/* ---- what is connected to them ---- */

static void on_link_exit(Child *child, int wait_status, void *user);

static bool start_passt(NetworkLink *link, GError **error)
{
    Helper *helper = link->helper;
    g_auto(Fd) fd = connect_qemu(link, "", error);
    if (fd < 0)
        return false;
    g_autoptr(GPtrArray) argv = passt_arguments(helper->plan->host->passt, PASST_FD);
    forward_passt(link->forwards, argv);
    g_ptr_array_add(argv, NULL);
    const ChildFd fds[] = { { fd, PASST_FD } };
    /* It confines itself, to an empty root and a few system calls; rules of ours would forbid it
     * the mounts that it needs for that. Source: passt isolation.c */
    const ChildSpec spec = { .argv = (const char *const *) argv->pdata,
                             .cwd = "/",
                             .output_fd = log_file_fd(helper->qemu_log),
                             .fds = fds,
                             .n_fds = G_N_ELEMENTS(fds),
                             .end_with_parent = true };
    link->child = child_start(&spec, on_link_exit, link, error);
    return link->child != NULL;
}

/* Machines with the same HostNetUuid meet; those without one meet each other. */
static char *make_lan_folder(const ConfigNetwork *network, GError **error)
{
    g_autofree char *name =
        network->host_net_uuid ? g_ascii_strdown(network->host_net_uuid, -1) : g_strdup("default");
    g_autofree char *root = paths_runtime("lan");
    g_autofree char *path = g_build_filename(root, name, NULL);
    return paths_make_private(path, error) ? g_steal_pointer(&path) : NULL;
}

/* A copy of a running machine has the addresses of its original. */
static bool meets_nobody(const Helper *helper)
{
    return helper->options.renew;
}

static bool start_switch(NetworkLink *link, GError **error)
{
    Helper *helper = link->helper;
    const UtmConfig *config = helper->bundle->config;
    const ConfigNetwork *network = config->networks->pdata[link->index];
    g_autofree char *folder = make_lan_folder(network, error);
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    g_autofree char *name = g_strdup_printf("%s.%u", config->information.uuid, link->index);
    char host[INET_ADDRSTRLEN];
    ArgvLan lan;
    if (!folder || !program || !argv_lan(network, &lan, error))
        return false;
    g_auto(Fd) guest_fd = connect_qemu(link, "", error);
    g_auto(Fd) host_fd = guest_fd < 0 ? -1 : connect_qemu(link, ".host", error);
    if (host_fd < 0)
        return false;
    const char *argv[] = { program, "lan-switch", argv_lan_text(lan.host, host),
                           meets_nobody(helper) ? NULL : name, NULL };
    const ChildFd fds[] = { { guest_fd, LAN_SWITCH_GUEST_FD }, { host_fd, LAN_SWITCH_HOST_FD } };
    g_autoptr(Sandbox) sandbox = confine_switch(folder);
    const ChildSpec spec = { .argv = argv,
                             .cwd = folder,
                             .sandbox = sandbox,
                             .output_fd = log_file_fd(helper->qemu_log),
                             .fds = fds,
                             .n_fds = G_N_ELEMENTS(fds),
                             .end_with_parent = true };
    link->child = child_start(&spec, on_link_exit, link, error);
    return link->child != NULL;
}

static void ignore_reply(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    (void) error;
    (void) user;
}

/* Whoever is new at the other end sends to nobody until it has heard the guest, which may have no
 * reason to say anything. QEMU speaks for it, a few times, because it may not have taken the
 * connection yet. */
void helper_network_announce(Helper *helper)
{
    static const QmpAnnounceParameters how = { .initial = 10, .max = 200, .rounds = 5, .step = 30 };
    utm_ignore(
        qmp_announce_self_send(job_client_qmp(helper->self), &how, ignore_reply, NULL, NULL));
}

static bool link_start(NetworkLink *link, GError **error)
{
    bool ok = true;
    if (link->kind == NETWORK_KIND_PASST)
        ok = start_passt(link, error);
    else if (link->kind == NETWORK_KIND_LAN)
        ok = start_switch(link, error);
    else
        return true;
    if (ok)
        helper_network_announce(link->helper);
    return ok;
}

static void start_later(NetworkLink *link);

static gboolean start_anew(gpointer user)
{
    NetworkLink *link = user;
    g_autoptr(GError) error = NULL;
    link->retry = 0;
    if (!link->helper->qemu_ended && !link_start(link, &error))
        start_later(link);
    return G_SOURCE_REMOVE;
}

static void start_later(NetworkLink *link)
{
    guint delay = FIRST_DELAY_MS << MIN(link->failures, 10);
    link->failures++;
    link->retry = g_timeout_add(MIN(delay, LAST_DELAY_MS), start_anew, link);
}

/* QEMU may have ended, which its helpers notice as soon as we do. */
static void on_link_exit(Child *child, int wait_status, void *user)
{
    NetworkLink *link = user;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    g_autofree char *text = child_status_text(wait_status);
    cJSON_AddNumberToObject(data, "network", link->index);
    cJSON_AddStringToObject(data, "program",
                            link->kind == NETWORK_KIND_PASST ? "passt" : "lan-switch");
    cJSON_AddStringToObject(data, "status", text);
    journal_add(link->helper->journal, "x-utm-network-exit", data, 0);
    link->child = NULL;
    child_free(child);
    start_later(link);
}

bool network_link_renew(NetworkLink *link, GError **error)
{
    if (link->retry)
        g_clear_handle_id(&link->retry, g_source_remove);
    g_clear_pointer(&link->child, child_free);
    return link_start(link, error);
}

/* ---- the machine's ---- */

static NetworkLink *link_new(Helper *helper, unsigned index, NetworkKind kind)
{
    const ConfigNetwork *network = helper->bundle->config->networks->pdata[index];
    NetworkLink *link = g_new0(NetworkLink, 1);
    link->helper = helper;
    link->index = index;
    link->kind = kind;
    link->forwards = g_array_new(FALSE, FALSE, sizeof(Forward));
    for (guint i = 0; i < network->port_forwards->len; i++) {
        Forward forward = forward_from_config(index, network->port_forwards->pdata[i]);
        g_array_append_val(link->forwards, forward);
    }
    return link;
}

static bool check_ports(const NetworkLink *link, GError **error)
{
    for (guint i = 0; i < link->forwards->len; i++) {
        Forward forward = g_array_index(link->forwards, Forward, i);
        if (forward.host_port && !forward_take_port(&forward, error)) {
            g_prefix_error(error, "network %u: ", link->index);
            return false;
        }
    }
    return true;
}

static void replace_mac(char **command, const char *from, const char *to)
{
    g_autofree char *old = g_strdup_printf("mac=%s,", from);
    for (char **arg = command; *arg; arg++) {
        const char *at = strstr(*arg, old);
        if (!at)
            continue;
        char *replaced =
            g_strdup_printf("%.*smac=%s,%s", (int) (at - *arg), *arg, to, at + strlen(old));
        g_free(*arg);
        *arg = replaced;
    }
}

bool helper_network_take_macs(Helper *helper, GError **error)
{
    const GPtrArray *ours = helper->bundle->config->networks;
    g_autoptr(Bundle) original = bundle_open(helper->options.warm, error);
    if (!original)
        return false;
    for (guint i = 0; i < MIN(ours->len, original->config->networks->len); i++) {
        const ConfigNetwork *mine = ours->pdata[i];
        const ConfigNetwork *theirs = original->config->networks->pdata[i];
        replace_mac(helper->plan->command, mine->mac_address, theirs->mac_address);
    }
    return true;
}

bool helper_network_prepare(Helper *helper, GError **error)
{
    const Argv *argv = helper->plan->argv;
    helper->links = g_ptr_array_new_with_free_func((GDestroyNotify) link_free);
    /* The guest of a warm image that is being made never runs. */
    if (helper->options.warm_make)
        return true;
    for (guint i = 0; i < argv->bridges->len; i++)
        if (!bridge_check(argv->bridges->pdata[i], error))
            return false;
    for (guint i = 0; i < helper->bundle->config->networks->len; i++) {
        NetworkKind kind = argv->networks[i];
        if (kind != NETWORK_KIND_USER && kind != NETWORK_KIND_PASST && kind != NETWORK_KIND_LAN)
            continue;
        NetworkLink *link = link_new(helper, i, kind);
        g_ptr_array_add(helper->links, link);
        if (!check_ports(link, error))
            return false;
        if (kind == NETWORK_KIND_LAN && meets_nobody(helper))
            g_ptr_array_add(argv->warnings,
                            g_strdup_printf("Network[%u] reaches the host only: the copy has the "
                                            "address of its original until it is started anew",
                                            i));
    }
    return true;
}

bool helper_network_start(Helper *helper, GError **error)
{
    for (guint i = 0; i < helper->links->len; i++)
        if (!link_start(helper->links->pdata[i], error))
            return false;
    return true;
}

void helper_network_end(Helper *helper)
{
    g_clear_pointer(&helper->links, g_ptr_array_unref);
}

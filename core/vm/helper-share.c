/* SPDX-License-Identifier: Apache-2.0 */
/* The folders that are served to the guest by virtiofsd. */
#include <string.h>
#include <unistd.h>

#include "core/argv/argv-quote.h"
#include "core/error.h"
#include "core/vm/helper-private.h"
#include "core/vm/hot-plug.h"
#include "core/vm/virtiofsd.h"
#include "qapi/generated/qmp-commands.h"

/* It ends by itself when QEMU has disconnected. */
#define END_LIMIT_US (2 * G_USEC_PER_SEC)

/* When QEMU finds nobody to talk to, who was to be there ends at the same time. */
#define SETTLE_MS 1000

/* One folder. */
typedef struct {
    char *tag;
    char *path;
    bool read_only;
    Helper *helper; /* borrowed */
    LogFile *log;
    Child *child;
    int fd; /* for QEMU; -1 when it has it */
    bool ended;
    int wait_status;
} ServedShare;

static void served_free(ServedShare *served)
{
    if (served->child)
        child_end(served->child, END_LIMIT_US);
    if (served->fd >= 0)
        close(served->fd);
    log_file_free(served->log);
    g_free(served->tag);
    g_free(served->path);
    g_free(served);
}

static void on_daemon_exit(Child *child, int wait_status, void *user)
{
    (void) child;
    ServedShare *served = user;
    served->ended = true;
    served->wait_status = wait_status;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    g_autofree char *text = child_status_text(wait_status);
    cJSON_AddStringToObject(data, "tag", served->tag);
    cJSON_AddStringToObject(data, "status", text);
    journal_add(served->helper->journal, "x-utm-virtiofsd-exit", data, 0);
}

static ServedShare *serve(Helper *helper, const HostShare *share, GError **error)
{
    ServedShare *served = g_new0(ServedShare, 1);
    g_autofree char *log_name = g_strdup_printf("virtiofsd-%s.log", share->tag);
    served->tag = g_strdup(share->tag);
    served->path = g_strdup(share->path);
    served->read_only = share->read_only;
    served->helper = helper;
    served->fd = -1;
    bool read_only = share->read_only || helper->bundle->config->sharing.directory_share_read_only;
    served->log = log_file_open(helper->state_dir, log_name, 0, error);
    if (served->log)
        served->child = virtiofsd_start(share, read_only, log_file_fd(served->log), &served->fd,
                                        on_daemon_exit, served, error);
    if (served->child)
        return served;
    served_free(served);
    return NULL;
}

/* ---- one that did not come up ---- */

static gboolean on_settle_limit(gpointer user)
{
    *(bool *) user = true;
    return G_SOURCE_REMOVE;
}

static void settle(const ServedShare *served)
{
    bool late = false;
    guint limit = g_timeout_add(SETTLE_MS, on_settle_limit, &late);
    while (!served->ended && !late)
        g_main_context_iteration(NULL, TRUE);
    if (!late)
        g_source_remove(limit);
}

/* Without the "[time ERROR module] " that some begin with. */
static char *last_line(const ServedShare *served)
{
    char *line = log_file_tail(log_file_path(served->log), 1);
    const char *bracket = line[0] == '[' ? strstr(line, "] ") : NULL;
    if (bracket)
        memmove(line, bracket + 2, strlen(bracket + 2) + 1);
    return line;
}

static void set_daemon_error(const ServedShare *served, GError **error)
{
    g_autofree char *words = last_line(served);
    g_autofree char *status = child_status_text(served->wait_status);
    g_autofree char *vm = argv_shell_quote(served->helper->bundle->config->information.name);
    g_autofree char *folder = argv_shell_quote(served->path);
    g_autofree char *hint = g_strdup_printf(
        "utmctl share remove %s %s && utmctl share add %s %s%s shares it by 9p, without virtiofsd",
        vm, served->tag, vm, folder, served->read_only ? " --read-only" : "");
    bool no_namespace = g_str_has_prefix(words, "unshare: ");
    utm_error_set(error, no_namespace ? UTM_ERROR_UNSUPPORTED : UTM_ERROR_FAILED, hint,
                  "the folder \"%s\" cannot be shared by virtiofs: %svirtiofsd ended with %s: %s",
                  served->path,
                  no_namespace ? "this host gives users no namespaces of their own, which "
                                 "virtiofsd needs: "
                               : "",
                  status, *words ? words : "it said nothing");
}

/* Whether it was virtiofsd that failed, and not QEMU. */
static bool blame_daemon(const ServedShare *served, GError **error)
{
    settle(served);
    if (!served->ended || served->wait_status == 0)
        return false;
    set_daemon_error(served, error);
    return true;
}

bool helper_share_explain(Helper *helper, const char *words, GError **error)
{
    for (guint i = 0; helper->served && i < helper->served->len; i++) {
        const ServedShare *served = helper->served->pdata[i];
        g_autofree char *device = g_strdup_printf(",tag=%s: ", served->tag);
        if (strstr(words, device))
            return blame_daemon(served, error);
    }
    return false;
}

bool helper_share_start(Helper *helper, GError **error)
{
    const GPtrArray *shares = helper->plan->facts->shares;
    helper->served = g_ptr_array_new_with_free_func((GDestroyNotify) served_free);
    if (!helper->plan->argv->virtiofs)
        return true;
    for (guint i = 0; i < shares->len; i++) {
        const HostShare *share = shares->pdata[i];
        ServedShare *served = share->virtiofs ? serve(helper, share, error) : NULL;
        if (share->virtiofs && !served)
            return false;
        if (served)
            g_ptr_array_add(helper->served, served);
    }
    return true;
}

void helper_share_add_fds(Helper *helper, GArray *fds)
{
    guint first = LAUNCH_FIRST_FD + ARGV_FIRST_TERMINAL + helper->bundle->config->serials->len;
    for (guint i = 0; i < helper->served->len; i++) {
        ServedShare *served = helper->served->pdata[i];
        const ChildFd row = { served->fd, (int) (first + i) };
        g_array_append_val(fds, row);
        served->fd = -1;
    }
}

void helper_share_end(Helper *helper)
{
    g_clear_pointer(&helper->served, g_ptr_array_unref);
}

/* ---- while the machine runs ---- */

static bool add_chardev(QmpClient *self, const char *id, int fd, GError **error)
{
    QmpString name = { .str = (char *) id };
    QmpStringWrapper wrapper = { .data = &name };
    QmpSocketAddressLegacy address = { .type = QMP_SOCKET_ADDRESS_TYPE_FD, .u.fd = &wrapper };
    QmpChardevSocket socket = { .addr = &address, .has_server = true, .server = false };
    QmpChardevSocketWrapper data = { .data = &socket };
    const QmpChardevBackend backend = { .type = QMP_CHARDEV_BACKEND_KIND_SOCKET,
                                        .u.socket = &data };
    g_autoptr(QmpChardevReturn) added = NULL;
    qmp_client_pass_fd(self, fd);
    return qmp_getfd(self, id, error) && qmp_chardev_add(self, id, &backend, &added, error);
}

static char *plug_name(const char *tag)
{
    return g_strconcat(HOT_PLUG_PREFIX, tag, NULL);
}

static bool plug(QmpClient *self, ServedShare *served, GError **error)
{
    g_autofree char *id = plug_name(served->tag);
    g_autofree char *device =
        g_strdup_printf("vhost-user-fs-pci,chardev=%s,tag=%s", id, served->tag);
    g_autofree char *port = NULL;
    if (!hot_plug_port(self, &port, error) || !add_chardev(self, id, served->fd, error))
        return false;
    close(served->fd);
    served->fd = -1;
    if (hot_plug_device(self, device, id, port, error))
        return true;
    utm_ignore(qmp_chardev_remove(self, id, NULL));
    return false;
}

static bool check_memory(const Helper *helper, GError **error)
{
    if (helper->plan->argv->virtiofs)
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                  "it was started without a folder by virtiofs, for which memory has to be shared");
    return false;
}

static bool add_share(Helper *helper, const char *tag, GError **error)
{
    g_autoptr(HostFacts) facts = host_facts_load(helper->bundle->config->information.uuid, error);
    const HostShare *share = facts ? host_facts_share(facts, tag) : NULL;
    if (facts && !share)
        utm_error_set(error, UTM_ERROR_NOT_FOUND, NULL, "no folder is shared as \"%s\"", tag);
    ServedShare *served = share && check_memory(helper, error) ? serve(helper, share, error) : NULL;
    if (!served)
        return false;
    g_autoptr(GError) local = NULL;
    if (!plug(job_client_qmp(helper->self), served, &local)) {
        if (!blame_daemon(served, error))
            g_propagate_error(error, g_steal_pointer(&local));
        served_free(served);
        return false;
    }
    g_ptr_array_add(helper->served, served);
    return true;
}

static ServedShare *find_served(const Helper *helper, const char *tag)
{
    for (guint i = 0; i < helper->served->len; i++) {
        ServedShare *served = helper->served->pdata[i];
        if (strcmp(served->tag, tag) == 0)
            return served;
    }
    return NULL;
}

static bool remove_share(Helper *helper, const char *tag, int64_t timeout_us, GError **error)
{
    QmpClient *self = job_client_qmp(helper->self);
    g_autofree char *id = plug_name(tag);
    ServedShare *served = find_served(helper, tag);
    if (!served) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL, "QEMU serves it until the machine stops");
        return false;
    }
    if (!hot_plug_remove(self, id, timeout_us, error))
        return false;
    utm_ignore(qmp_chardev_remove(self, id, NULL));
    g_ptr_array_remove(helper->served, served);
    return true;
}

/* A request that runs from the main loop and pumps it, so that the client that asked is not on the
 * stack. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    QmpXUtmShareArgs *wanted;
} ShareRun;

static gboolean run_share(gpointer user)
{
    g_autofree ShareRun *run = user;
    g_autoptr(QmpXUtmShareArgs) wanted = run->wanted;
    g_autoptr(GError) error = NULL;
    utm_ignore(wanted->remove ? remove_share(run->helper, wanted->tag, wanted->timeout, &error)
                              : add_share(run->helper, wanted->tag, &error));
    helper_answer(run->request, error);
    return G_SOURCE_REMOVE;
}

void helper_share_command(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpXUtmShareArgs) wanted = NULL;
    if (!qapi_read_arguments(&qmp_x_utm_share_args_type, arguments, &wanted, &error)) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_USAGE), error->message);
        return;
    }
    ShareRun *run = g_new0(ShareRun, 1);
    run->helper = helper;
    run->request = request;
    run->wanted = g_steal_pointer(&wanted);
    g_idle_add(run_share, run);
}

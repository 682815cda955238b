/* SPDX-License-Identifier: Apache-2.0 */
/* The helper: the one process beside each QEMU that owns its monitor and outlives the terminal. */
#include "core/vm/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bundles/sidecar.h"
#include "core/efi-vars.h"
#include "core/error.h"
#include "core/fork.h"
#include "core/machine.h"
#include "core/paths.h"
#include "core/vm/bundle-lock.h"
#include "core/vm/confine.h"
#include "core/vm/direct-boot.h"
#include "core/vm/helper-private.h"
#include "core/vm/lock-owner.h"
#include "core/vm/report.h"
#include "core/vm/saved-state.h"
#include "core/vm/screens.h"
#include "core/vm/serial-hub.h"
#include "core/vm/swtpm.h"
#include "qapi/generated/qmp-commands.h"

#define SERIAL_LOG_BYTES (8 * 1024 * 1024)

/* How long QEMU may take to end after it was told to. */
#define QUIT_LIMIT_US (10 * G_USEC_PER_SEC)

/* swtpm ends by itself when QEMU has disconnected; it gets this long to write its state. */
#define SWTPM_LIMIT_US (2 * G_USEC_PER_SEC)

void helper_set_state(Helper *helper, VmState state)
{
    if (helper->state == state)
        return;
    helper->state = state;
    const QmpXUtmStateEvent event = { .state = (char *) vm_state_name(state) };
    g_autoptr(cJSON) data = qmp_x_utm_state_event_to_json(&event, NULL);
    journal_add(helper->journal, "x-utm-state", data, 0);
    monitor_emit(helper->monitor, "X_UTM_STATE", data);
}

/* ---- what QEMU says ---- */

static void on_shutdown(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpShutdownEvent) event = qmp_shutdown_event_from_json(data, NULL);
    const char *reason = event ? qmp_shutdown_cause_name(event->reason) : NULL;
    if (event && event->reason == QMP_SHUTDOWN_CAUSE_GUEST_RESET && helper_reset_was_fault(helper))
        reason = "triple-fault";
    else if (helper->panicked)
        reason = qmp_shutdown_cause_name(QMP_SHUTDOWN_CAUSE_GUEST_PANIC);
    g_free(helper->shutdown_reason);
    helper->shutdown_reason = g_strdup(reason);
    helper_set_state(helper, VM_STATE_STOPPING);
}

static void on_port(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpVserportChangeEvent) event = qmp_vserport_change_event_from_json(data, NULL);
    if (!event || strcmp(event->id, AGENT_CHARDEV ".0") != 0)
        return;
    /* It may be known already, and then the agent is at work. */
    bool comes = event->open && !agent_is_open(helper->agent);
    agent_set_open(helper->agent, event->open);
    if (comes)
        helper_clock_agent(helper);
}

static void on_resume(Helper *helper)
{
    helper_set_state(helper, VM_STATE_STARTED);
    helper_clock(helper, false);
}

static void on_event(const char *name, const cJSON *data, int64_t time_us, void *user)
{
    Helper *helper = user;
    journal_add(helper->journal, name, data, time_us);
    bool busy = helper->state == VM_STATE_STARTING || helper->state == VM_STATE_SAVING ||
                helper->state == VM_STATE_RESTORING || helper->state == VM_STATE_STOPPING ||
                helper->in_watchdog;
    if (strcmp(name, "SHUTDOWN") == 0)
        on_shutdown(helper, data);
    else if (strcmp(name, "RESET") == 0)
        helper_reset_event(helper, data);
    else if (strcmp(name, "GUEST_PANICKED") == 0)
        helper_screens_panic(helper, data);
    else if (strcmp(name, "WATCHDOG") == 0)
        helper_screens_watchdog(helper, data);
    else if (strcmp(name, "VSERPORT_CHANGE") == 0)
        on_port(helper, data);
    else if (strcmp(name, "MIGRATION") == 0)
        helper_warm_event(helper, data);
    else if (strcmp(name, "DEVICE_TRAY_MOVED") == 0)
        helper_tray_moved(helper, data);
    else if (strcmp(name, "STOP") == 0 && !busy)
        helper_set_state(helper, VM_STATE_PAUSED);
    else if (strcmp(name, "RESUME") == 0 && !busy)
        on_resume(helper);
}

static void on_note(const char *event, const cJSON *data, void *user)
{
    Helper *helper = user;
    journal_add(helper->journal, event, data, 0);
    /* Another client decides from now on what becomes of a guest that crashes. */
    if (helper->own_actions &&
        g_strcmp0(cJSON_GetStringValue(cJSON_GetObjectItem(data, "command")), "set-action") == 0)
        helper->own_actions = false;
}

static void on_agent_command(MonitorRequest *request, const char *text, size_t len, void *user)
{
    Helper *helper = user;
    helper_quiesce_note(helper, text, len);
    agent_command(helper->agent, request, text, len);
}

static void on_monitor_closed(void *user)
{
    (void) user;
}

static void on_qemu_exit(Child *child, int wait_status, void *user)
{
    (void) child;
    Helper *helper = user;
    helper->qemu_ended = true;
    helper->wait_status = wait_status;
    g_main_loop_quit(helper->loop);
}

static void on_swtpm_exit(Child *child, int wait_status, void *user)
{
    (void) child;
    Helper *helper = user;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    g_autofree char *text = child_status_text(wait_status);
    cJSON_AddStringToObject(data, "status", text);
    journal_add(helper->journal, "x-utm-swtpm-exit", data, 0);
}

/* ---- before QEMU ---- */

static bool open_state(Helper *helper, GError **error)
{
    const ConfigInformation *info = &helper->bundle->config->information;
    helper->run_dir = run_dir_claim(info->uuid, helper->bundle->path, info->name, error);
    if (!helper->run_dir)
        return false;
    helper->bundle_lock = bundle_lock(helper->bundle->path, BUNDLE_LOCK_RUN, error);
    if (helper->bundle_lock < 0)
        return false;
    helper->state_dir = paths_state(info->uuid);
    if (!paths_make_private(helper->state_dir, error))
        return false;
    helper_exit_begin(helper);
    screens_begin(helper->state_dir);
    helper->journal = journal_open(helper->state_dir, info->name, error);
    helper->qemu_log = log_file_open(helper->state_dir, "qemu.log", 0, error);
    return helper->journal && helper->qemu_log;
}

static bool make_efi_vars(Helper *helper, GError **error)
{
    g_autofree char *path = bundle_efi_vars_path(helper->bundle);
    const HostProfile *host = helper->plan->host;
    if (!helper->bundle->config->qemu.uefi_boot || !host->firmware_vars ||
        g_file_test(path, G_FILE_TEST_EXISTS))
        return true;
    return efi_vars_create(host->firmware_vars, path, error);
}

static bool start_swtpm(Helper *helper, GError **error)
{
    if (!helper->bundle->config->qemu.tpm_device)
        return true;
    g_autofree char *socket = g_build_filename(helper->run_dir->path, RUN_DIR_SWTPM, NULL);
    g_autofree char *data = bundle_data_path(helper->bundle, NULL);
    helper->swtpm =
        swtpm_start(data, socket, log_file_fd(helper->qemu_log), on_swtpm_exit, helper, error);
    return helper->swtpm != NULL;
}

static void accept_client(int fd, void *user)
{
    Helper *helper = user;
    monitor_add_client(helper->monitor, fd);
}

/* Our own client is one like any other, so that there is one way to talk to QEMU. */
static void connect_self(Helper *helper)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair: %s", g_strerror(errno));
    monitor_add_client(helper->monitor, pair[0]);
    helper->self = job_client_new(pair[1], g_main_context_default());
}

static bool open_monitor(Helper *helper, GError **error)
{
    static const MonitorOps ops = {
        .event = on_event,
        .note = on_note,
        .agent_command = on_agent_command,
        .own_command = helper_own_command,
        .closed = on_monitor_closed,
    };
    helper->monitor = monitor_new(helper->plan->host->qemu->version, &ops, helper);
    connect_self(helper);
    g_autofree char *path = g_build_filename(helper->run_dir->path, RUN_DIR_QMP, NULL);
    helper->server = socket_server_new(path, accept_client, helper, error);
    return helper->server != NULL;
}

/* ---- QEMU ---- */

static bool add_hub(Helper *helper, guint index, int fd, GError **error)
{
    g_autofree char *socket_name = g_strdup_printf("term%u", index);
    g_autofree char *socket = g_build_filename(helper->run_dir->path, socket_name, NULL);
    g_autofree char *log_name = g_strdup_printf("serial%u.log", index);
    LogFile *log = log_file_open(helper->state_dir, log_name, SERIAL_LOG_BYTES, error);
    SerialHub *hub = log ? serial_hub_new(fd, socket, log, error) : NULL;
    if (hub)
        g_ptr_array_add(helper->hubs, hub);
    return hub != NULL;
}

/* One end stays here, the other becomes QEMU's under its number: ArgvRun has the order. */
static int make_channel(GArray *fds, guint index)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        g_error("socketpair: %s", g_strerror(errno));
    ChildFd row = { pair[1], LAUNCH_FIRST_FD + (int) index };
    g_array_append_val(fds, row);
    return pair[0];
}

static bool make_channels(Helper *helper, GArray *fds, GError **error)
{
    monitor_attach(helper->monitor, make_channel(fds, 0));
    helper->agent = agent_new(make_channel(fds, 1));
    helper_share_add_fds(helper, fds);
    const GPtrArray *serials = helper->bundle->config->serials;
    for (guint i = 0; i < serials->len; i++) {
        const ConfigSerial *serial = serials->pdata[i];
        if (serial->mode == SERIAL_MODE_TERMINAL &&
            !add_hub(helper, i, make_channel(fds, 2 + i), error))
            return false;
    }
    return true;
}

static void log_command(const Helper *helper)
{
    g_autoptr(GString) line = g_string_new("command:");
    for (char **arg = helper->plan->command; *arg; arg++) {
        g_autofree char *quoted = g_shell_quote(*arg);
        g_string_append_printf(line, " %s", quoted);
    }
    g_string_append_c(line, '\n');
    log_file_write(helper->qemu_log, line->str, line->len);
}

/* Where QEMU keeps what the guest of a disposable run writes: not in /tmp, which may be memory. */
static char *make_tmp_dir(Helper *helper, GError **error)
{
    g_autofree char *path = g_build_filename(helper->state_dir, "tmp", NULL);
    return paths_make_private(path, error) ? g_steal_pointer(&path) : NULL;
}

/* QEMU starts qemu-bridge-helper for such a network, and that one needs root's rights. */
static bool is_bridged(const LaunchPlan *plan)
{
    for (char **arg = plan->command; arg[0] && arg[1]; arg++)
        if (strcmp(arg[0], "-netdev") == 0 && g_str_has_prefix(arg[1], "bridge,"))
            return true;
    return false;
}

/* NULL for none; then helper->sandbox says why. */
static Sandbox *make_sandbox(Helper *helper, const char *tmp_dir)
{
    g_autofree char *reason = NULL;
    Sandbox *sandbox = NULL;
    if (helper->options.no_sandbox)
        reason = g_strdup("it was switched off");
    else if (is_bridged(helper->plan))
        reason = g_strdup("its bridged network needs qemu-bridge-helper");
    else
        sandbox =
            confine_qemu(helper->bundle, helper->plan, helper->run_dir->path, tmp_dir, &reason);
    if (sandbox) {
        helper_warm_allow(helper, sandbox);
        direct_boot_allow(&helper->options, sandbox);
    } else if (!helper->options.no_sandbox)
        confine_warn(reason, helper->plan->argv->warnings);
    helper->sandbox = g_strdup(sandbox ? sandbox_name(sandbox) : reason);
    g_autoptr(cJSON) data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "sandbox", helper->sandbox);
    journal_add(helper->journal, "x-utm-sandbox", data, 0);
    return sandbox;
}

static bool launch(Helper *helper, GError **error)
{
    g_autofree char *tmp_dir = make_tmp_dir(helper, error);
    if (!tmp_dir)
        return false;
    g_autofree char *tmp_env = g_strdup_printf("TMPDIR=%s", tmp_dir);
    g_autoptr(Sandbox) sandbox = make_sandbox(helper, tmp_dir);
    g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(ChildFd));
    bool ok = make_channels(helper, fds, error);
    if (ok) {
        /* QEMU's threads allocate little at a time: a heap for each would be mostly empty.
         * Source: mallopt(3) */
        const char *env[] = { tmp_env, "MALLOC_ARENA_MAX=1", NULL };
        log_command(helper);
        helper_recover_prepare(helper);
        const SyscallFilter filter = confine_qemu_calls(helper->bundle, helper->plan);
        g_autoptr(GArray) ports = filter.ports;
        bool open = helper->options.no_sandbox || is_bridged(helper->plan);
        const ChildSpec spec = { .argv = (const char *const *) helper->plan->command,
                                 .env = env,
                                 .sandbox = sandbox,
                                 .filter = open ? NULL : &filter,
                                 .may_gain_rights = is_bridged(helper->plan),
                                 .cwd = helper->run_dir->path,
                                 .output_fd = log_file_fd(helper->qemu_log),
                                 .fds = (const ChildFd *) (void *) fds->data,
                                 .n_fds = fds->len,
                                 .small_pages = helper->options.renew,
                                 .end_with_parent = true };
        helper->qemu = child_start(&spec, on_qemu_exit, helper, error);
    }
    for (guint i = 0; i < fds->len; i++)
        close(g_array_index(fds, ChildFd, i).from);
    return helper->qemu != NULL;
}

static gboolean on_wait_limit(gpointer user)
{
    Helper *helper = user;
    child_signal(helper->qemu, SIGKILL);
    return G_SOURCE_REMOVE;
}

void helper_wait_qemu(Helper *helper, int64_t timeout_us)
{
    guint limit =
        timeout_us ? g_timeout_add((guint) (timeout_us / 1000), on_wait_limit, helper) : 0;
    while (!helper->qemu_ended)
        g_main_context_iteration(NULL, TRUE);
    if (limit && g_main_context_find_source_by_id(NULL, limit))
        g_source_remove(limit);
}

/* The first answer of QEMU. It comes when every device has been made. */
static bool wait_ready(Helper *helper, GError **error)
{
    g_autoptr(GError) qmp_error = NULL;
    QmpClient *self = job_client_qmp(helper->self);
    qmp_client_set_timeout(self, 0);
    if (qmp_client_negotiate(self, 0, &qmp_error) && qmp_query_status(self, NULL, &qmp_error))
        return true;
    if (helper->cancelled) {
        utm_error_set(error, UTM_ERROR_INTERRUPTED, NULL, "the start was interrupted");
        return false;
    }
    helper_wait_qemu(helper, QUIT_LIMIT_US);
    helper_start_error(helper, error);
    return false;
}

/* A machine whose state was saved goes on from there, or from the snapshot that it shall go back to.
 * True in @out_resumed for a saved state, which is used up by that. */
static bool restore_saved(Helper *helper, bool *out_resumed, GError **error)
{
    const char *tag = helper->options.load_tag;
    *out_resumed = false;
    if (helper->options.warm)
        return helper_warm_enter(helper, error);
    if (!tag && (helper->options.disposable || !saved_state_exists(helper->bundle)))
        return true;
    if (!tag && helper->options.discard_saved_state)
        return saved_state_discard(helper->bundle, helper->self, error);
    helper_set_state(helper, VM_STATE_RESTORING);
    if (!saved_state_load(helper->bundle, helper->self, helper->plan, tag ? tag : SAVED_STATE_TAG,
                          error))
        return false;
    *out_resumed = !tag;
    return true;
}

/* A saved state is given up only when the machine runs again: until then it can be loaded again. */
static void forget_saved(Helper *helper)
{
    g_autoptr(GError) error = NULL;
    if (saved_state_discard(helper->bundle, helper->self, &error))
        return;
    g_autoptr(cJSON) data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, "message", error->message);
    journal_add(helper->journal, "x-utm-saved-state-kept", data, 0);
}

static bool go(Helper *helper, GError **error)
{
    return helper->options.paused || helper->options.warm_make ||
           qmp_cont(job_client_qmp(helper->self), error);
}

static bool bring_up(Helper *helper, bool *out_resumed, GError **error)
{
    if (!launch(helper, error) || !wait_ready(helper, error) ||
        !helper_network_start(helper, error) || !restore_saved(helper, out_resumed, error))
        return false;
    helper_reset_watch(helper);
    helper_screens_start(helper);
    if (!go(helper, error))
        return false;
    helper->started_us = g_get_real_time();
    helper_set_state(helper, helper->options.paused ? VM_STATE_PAUSED : VM_STATE_STARTED);
    if (*out_resumed)
        forget_saved(helper);
    if ((*out_resumed || helper->options.load_tag || helper->options.warm) &&
        !helper->options.warm_make)
        helper_loaded(helper);
    return true;
}

/* ---- life ---- */

static gboolean on_report_closed(gint fd, GIOCondition condition, gpointer user)
{
    (void) fd;
    (void) condition;
    Helper *helper = user;
    helper->report_source = 0;
    helper->cancelled = true;
    if (helper->qemu)
        child_signal(helper->qemu, SIGKILL);
    return G_SOURCE_REMOVE;
}

static void end_report(Helper *helper)
{
    if (helper->report_source)
        g_clear_handle_id(&helper->report_source, g_source_remove);
    close(helper->report_fd);
    helper->report_fd = -1;
}

static void tell_started(Helper *helper, bool resumed)
{
    const Argv *argv = helper->plan->argv;
    const VmStarted started = { .accelerator = argv->accelerator,
                                .accelerator_reason = argv->accelerator_reason,
                                .warnings = argv->warnings,
                                .resumed = resumed };
    report_started(helper->report_fd, &started);
    if (helper->options.hold)
        helper_hold_begin(helper);
    else
        end_report(helper);
}

/* A log-out or a shutdown of the host: let QEMU write what it holds. */
static gboolean on_signal(gint fd, GIOCondition condition, gpointer user)
{
    (void) condition;
    Helper *helper = user;
    struct signalfd_siginfo info;
    ssize_t n = read(fd, &info, sizeof info);
    (void) n;
    if (helper->qemu)
        child_signal(helper->qemu, SIGTERM);
    return G_SOURCE_CONTINUE;
}

/* A signal as a descriptor: g_unix_signal_add() would start a thread in every helper. */
static int watch_signals(Helper *helper)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    g_unix_fd_add(fd, G_IO_IN, on_signal, helper);
    return fd;
}

static bool start(Helper *helper, const char *bundle_path, bool *out_resumed, GError **error)
{
    helper->bundle = bundle_open(bundle_path, error);
    if (!helper->bundle || !open_state(helper, error) || !helper_recover(helper, error))
        return false;
    helper->plan = launch_plan_new(helper->bundle, &helper->options, error);
    if (!helper->plan)
        return false;
    helper_warn_damaged(helper);
    return helper_warm_plan(helper, error) && make_efi_vars(helper, error) &&
           helper_network_prepare(helper, error) && start_swtpm(helper, error) &&
           helper_share_start(helper, error) && open_monitor(helper, error) &&
           bring_up(helper, out_resumed, error);
}

static bool is_transient(const Bundle *bundle)
{
    g_autoptr(Sidecar) sidecar = sidecar_open(bundle->path, NULL);
    return sidecar && sidecar_text(sidecar, FORK_TRANSIENT_KEY);
}

/* Everything that others can see goes before our clients are disconnected: who sees the connection
 * close finds the machine stopped. */
static void clean_up(Helper *helper)
{
    bool launched = helper->qemu != NULL;
    g_clear_pointer(&helper->qemu, child_free);
    helper_network_end(helper);
    helper_usb_end(helper);
    helper_share_end(helper);
    if (helper->swtpm)
        child_end(g_steal_pointer(&helper->swtpm), SWTPM_LIMIT_US);
    g_ptr_array_unref(helper->hubs);
    g_clear_pointer(&helper->agent, agent_free);
    if (launched)
        helper_recover_exit(helper);
    if (helper->bundle_lock >= 0)
        close(helper->bundle_lock);
    if (helper->transient && !helper->saved)
        utm_ignore(
            machine_delete(helper->bundle->path, helper->bundle->config->information.uuid, NULL));
    run_dir_release(helper->run_dir);
    /* Who connected meanwhile has waited, and finds the machine stopped as well. */
    socket_server_free(helper->server);
    g_clear_handle_id(&helper->clock_source, g_source_remove);
    g_clear_handle_id(&helper->port_source, g_source_remove);
    helper_quiesce_end(helper);
    job_client_free(helper->self);
    monitor_free(helper->monitor);
    journal_free(helper->journal);
    log_file_free(helper->qemu_log);
    launch_plan_free(helper->plan);
    bundle_free(helper->bundle);
    g_free(helper->state_dir);
    g_free(helper->sandbox);
    helper_screens_end(helper, NULL);
    helper_reset_end(helper);
    g_free(helper->shutdown_reason);
    g_free(helper->migration);
    g_free(helper->damaged);
    g_hash_table_unref(helper->open_trays);
    g_main_loop_unref(helper->loop);
}

/* Told last, so that a start that failed has left nothing behind when its user reads why, and that
 * who has a warm image made finds it whole. */
static void tell_last(int report, const GError *error)
{
    g_autoptr(GPtrArray) none = g_ptr_array_new();
    const VmStarted made = { .accelerator = (char *) "none", .warnings = none };
    if (error)
        report_error(report, error);
    else
        report_started(report, &made);
    close(report);
}

int helper_run(const char *bundle_path, const VmStartOptions *options, int report_fd)
{
    g_autoptr(GError) error = NULL;
    /* It was started by way of /proc/self/exe, and would be called that in lists of processes. */
    prctl(PR_SET_NAME, "utmctl-helper");
    Helper helper = {
        .options = *options, .report_fd = report_fd, .bundle_lock = -1, .state = VM_STATE_STARTING
    };
    helper.loop = g_main_loop_new(NULL, FALSE);
    helper.open_trays = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    helper.hubs = g_ptr_array_new_with_free_func((GDestroyNotify) serial_hub_free);
    helper.report_source = g_unix_fd_add(report_fd, G_IO_HUP | G_IO_ERR, on_report_closed, &helper);
    int signal_fd = watch_signals(&helper);

    bool resumed = false;
    bool ok = start(&helper, bundle_path, &resumed, &error);
    bool last = !ok || options->warm_make;
    if (!last)
        tell_started(&helper, resumed);
    if (ok) {
        /* After the telling: writing it waits for the disk, which nobody has to. */
        helper_record_start(&helper);
        helper_usb_start(&helper);
        helper.transient = is_transient(helper.bundle);
        helper_wait_qemu(&helper, 0);
        helper_record_exit(&helper);
        helper_end_first_boot(&helper);
    }
    int report = last ? dup(helper.report_fd) : -1;
    if (last)
        end_report(&helper);
    HelperHold hold = helper_hold_take(&helper);
    clean_up(&helper);
    helper_hold_finish(&hold);
    if (last)
        tell_last(report, error);
    close(signal_fd);
    return ok ? 0 : utm_error_exit_status(utm_error_code(error));
}

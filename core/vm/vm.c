/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with a machine: start, stop, pause, suspend, and asking how it is. */
#include "core/vm/vm.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/error.h"
#include "core/guard.h"
#include "core/paths.h"
#include "core/vm/job.h"
#include "core/vm/log-file.h"
#include "core/vm/plain-text.h"
#include "core/vm/report.h"
#include "core/vm/run-dir.h"
#include "core/vm/saved-state.h"
#include "qapi/generated/qmp-commands.h"

/* A helper answers in a millisecond; one that does not in this time hangs. */
#define HELPER_LIMIT_US (10 * G_USEC_PER_SEC)

/* QEMU flushes what it holds when it quits. */
#define QUIT_LIMIT_US (30 * G_USEC_PER_SEC)

/* How long a guest may take before the power button is pressed a second time. */
#define FIRST_PRESS_US (3 * G_USEC_PER_SEC)

/* Where the helper's copy of the report socket is. */
#define REPORT_FD 3

void vm_started_clear(VmStarted *started)
{
    g_clear_pointer(&started->accelerator, g_free);
    g_clear_pointer(&started->accelerator_reason, g_free);
    g_clear_pointer(&started->warnings, g_ptr_array_unref);
}

void vm_status_clear(VmStatus *status)
{
    g_clear_pointer(&status->accelerator, g_free);
    g_clear_pointer(&status->accelerator_reason, g_free);
    g_clear_pointer(&status->qemu_version, g_free);
    g_clear_pointer(&status->display, g_free);
    g_clear_pointer(&status->fingerprint, g_free);
    g_clear_pointer(&status->sandbox, g_free);
    g_clear_pointer(&status->last_exit, g_free);
}

char *vm_last_lines(const char *uuid, unsigned lines)
{
    g_autofree char *dir = paths_state(uuid);
    g_autofree char *path = g_build_filename(dir, "serial0.log", NULL);
    g_autofree char *tail = log_file_tail(path, lines);
    return plain_text(tail);
}

/* ---- starting ---- */

/* In the child of a fork: become the helper, a session of its own that no terminal can hang up. */
static void become_helper(char *const *argv, int report_fd, const char *log_path)
{
    setsid();
    if (fork() != 0)
        _exit(0);
    int null = open("/dev/null", O_RDWR);
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
    dup2(null, 0);
    dup2(null, 1);
    dup2(log >= 0 ? log : null, 2);
    dup2(report_fd, REPORT_FD);
    (void) chdir("/");
    close_range(REPORT_FD + 1, ~0U, 0);
    execv("/proc/self/exe", argv);
    _exit(127);
}

static GPtrArray *helper_argv(const Bundle *bundle, const VmStartOptions *options)
{
    static const char *const accels[] = {
        [ACCEL_AUTO] = "auto", [ACCEL_TCG] = "tcg", [ACCEL_HYPERVISOR] = "kvm"
    };
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(argv, g_strdup("utmctl"));
    g_ptr_array_add(argv, g_strdup("helper"));
    g_ptr_array_add(argv, g_strdup_printf("--accel=%s", accels[options->accel]));
    if (options->disposable)
        g_ptr_array_add(argv, g_strdup("--disposable"));
    if (options->load_tag)
        g_ptr_array_add(argv, g_strconcat("--load-snapshot=", options->load_tag, NULL));
    if (options->warm)
        g_ptr_array_add(argv, g_strconcat("--warm=", options->warm, NULL));
    if (options->warm_make)
        g_ptr_array_add(argv, g_strdup("--warm-make"));
    if (options->renew)
        g_ptr_array_add(argv, g_strdup("--renew"));
    if (options->paused)
        g_ptr_array_add(argv, g_strdup("--paused"));
    if (options->no_sandbox)
        g_ptr_array_add(argv, g_strdup("--no-sandbox"));
    if (options->discard_saved_state)
        g_ptr_array_add(argv, g_strdup("--discard-state"));
    if (options->hold)
        g_ptr_array_add(argv, g_strdup("--hold"));
    if (options->kernel)
        g_ptr_array_add(argv, g_strconcat("--kernel=", options->kernel, NULL));
    if (options->initrd)
        g_ptr_array_add(argv, g_strconcat("--initrd=", options->initrd, NULL));
    if (options->append)
        g_ptr_array_add(argv, g_strconcat("--append=", options->append, NULL));
    g_ptr_array_add(argv, g_strdup(bundle->path));
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* A disposable run writes to nothing. */
static bool may_start(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    return options->force || options->disposable || guard_check_start(bundle, error);
}

/* Returns our end of the report socket, or -1. The fork in the middle is reaped here; the helper
 * itself belongs to init. */
static int spawn_helper(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    g_autofree char *state_dir = paths_state(bundle->config->information.uuid);
    g_autofree char *log_path = g_build_filename(state_dir, "helper.log", NULL);
    g_autoptr(GPtrArray) argv = helper_argv(bundle, options);
    int pair[2];
    if (!may_start(bundle, options, error) || !paths_make_private(state_dir, error))
        return -1;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "socketpair: %s", g_strerror(errno));
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0)
        become_helper((char *const *) argv->pdata, pair[1], log_path);
    close(pair[1]);
    if (pid > 0) {
        waitpid(pid, NULL, 0);
        return pair[0];
    }
    utm_error_set(error, UTM_ERROR_FAILED, NULL, "fork: %s", g_strerror(errno));
    close(pair[0]);
    return -1;
}

/* The lines that the guest last wrote are the evidence of how far it came. */
static void add_evidence(const char *uuid, GError **error)
{
    g_autofree char *lines = vm_last_lines(uuid, 20);
    if (!error || !*error || !*lines)
        return;
    g_autofree char *message = g_strdup((*error)->message);
    g_free((*error)->message);
    (*error)->message = g_strdup_printf("%s; its last serial lines:\n%s", message, lines);
}

bool vm_start(const Bundle *bundle, const VmStartOptions *options, int64_t timeout_us,
              VmStarted *out_started, GError **error)
{
    const ConfigInformation *info = &bundle->config->information;
    int report = spawn_helper(bundle, options, error);
    bool ok = report >= 0 && report_read(report, timeout_us, out_started, error);
    if (report >= 0)
        close(report);
    if (ok)
        return true;
    if (error && g_error_matches(*error, UTM_ERROR, UTM_ERROR_TIMEOUT))
        add_evidence(info->uuid, error);
    g_prefix_error(error, "VM \"%s\": cannot start: ", info->name);
    return false;
}

int vm_start_begin(const Bundle *bundle, const VmStartOptions *options, GError **error)
{
    int report = spawn_helper(bundle, options, error);
    if (report < 0)
        g_prefix_error(error, "VM \"%s\": cannot start: ", bundle->config->information.name);
    return report;
}

bool vm_start_wait(const char *name, int report, VmStarted *out_started, GError **error)
{
    bool ok = report_read(report, 0, out_started, error);
    close(report);
    if (!ok)
        g_prefix_error(error, "VM \"%s\": cannot start: ", name);
    return ok;
}

int vm_start_hold(const char *name, int report, int64_t timeout_us, VmStarted *out_started,
                  GError **error)
{
    if (report_read(report, timeout_us, out_started, error))
        return report;
    close(report);
    g_prefix_error(error, "VM \"%s\": cannot start: ", name);
    return -1;
}

/* The helper closes its side last. */
void vm_release(int hold)
{
    char byte;
    if (hold < 0)
        return;
    shutdown(hold, SHUT_WR);
    while (read(hold, &byte, 1) > 0 || errno == EINTR)
        errno = 0;
    close(hold);
}

/* ---- asking ---- */

static bool set_not_running(GError **error)
{
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "it is not running");
    return false;
}

static bool is_running(const Bundle *bundle)
{
    return run_dir_runs(bundle->config->information.uuid, bundle->path, NULL);
}

/* A helper has the lock before it has looked at QEMU, and opens its monitor after that. */
static bool has_no_monitor_yet(const GError *error)
{
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
           g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static void set_no_answer(const RunHolder *holder, const GError *cause, GError **error)
{
    if (has_no_monitor_yet(cause))
        utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "it is starting (helper pid %d)",
                      (int) holder->pid);
    else
        utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "its helper (pid %d) does not answer: %s",
                      (int) holder->pid, cause->message);
}

/* Waits for the monitor of a helper that starts. */
static QmpClient *connect_to(const char *uuid, const char *bundle_path, int64_t wait_us,
                             GError **error)
{
    g_autofree char *path = run_dir_socket(uuid, RUN_DIR_QMP);
    g_autoptr(GError) qmp_error = NULL;
    g_auto(RunHolder) holder = { 0 };
    int64_t deadline = g_get_monotonic_time() + wait_us;
    while (run_dir_runs(uuid, bundle_path, &holder)) {
        QmpClient *client = qmp_client_connect(path, HELPER_LIMIT_US, &qmp_error);
        if (client)
            return client;
        if (!has_no_monitor_yet(qmp_error) || g_get_monotonic_time() >= deadline) {
            set_no_answer(&holder, qmp_error, error);
            return NULL;
        }
        run_holder_clear(&holder);
        g_clear_error(&qmp_error);
        g_usleep(1000);
    }
    set_not_running(error);
    return NULL;
}

QmpClient *vm_connect(const Bundle *bundle, GError **error)
{
    return connect_to(bundle->config->information.uuid, bundle->path, HELPER_LIMIT_US, error);
}

static VmState state_from_word(const char *word)
{
    VmState state = VM_STATE_STOPPED;
    (void) vm_state_parse(word, &state);
    return state;
}

static void fill_running(QmpUtmInfo *info, VmStatus *status)
{
    status->state = state_from_word(info->state);
    status->pid = (pid_t) info->pid;
    status->helper_pid = (pid_t) info->helper_pid;
    status->uptime =
        info->started ? (double) (g_get_real_time() - info->started) / G_USEC_PER_SEC : 0;
    status->accelerator = g_steal_pointer(&info->accelerator);
    status->accelerator_reason = g_steal_pointer(&info->accelerator_reason);
    status->qemu_version = g_steal_pointer(&info->qemu_version);
    status->display = g_steal_pointer(&info->display);
    status->fingerprint = g_steal_pointer(&info->fingerprint);
    status->sandbox = g_steal_pointer(&info->sandbox);
    status->agent = info->agent;
    status->disposable = info->disposable;
    status->resets = info->resets;
    status->triple_faults = info->has_triple_faults ? info->triple_faults : -1;
    status->last_reset_us = info->has_last_reset ? info->last_reset : 0;
}

static void fill_stopped(const Bundle *bundle, VmStatus *status)
{
    g_autofree char *dir = paths_state(bundle->config->information.uuid);
    g_autofree char *path = g_build_filename(dir, "last-exit.json", NULL);
    (void) g_file_get_contents(path, &status->last_exit, NULL, NULL);
    status->state = VM_STATE_STOPPED;
    status->suspended = saved_state_exists(bundle);
}

bool vm_status(const Bundle *bundle, VmStatus *out_status, GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autoptr(GError) local = NULL;
    g_autoptr(QmpUtmInfo) info = NULL;
    g_autoptr(QmpClient) client = connect_to(uuid, bundle->path, 0, &local);
    if (client && qmp_x_utm_info(client, &info, &local)) {
        fill_running(info, out_status);
        return true;
    }
    /* It may have ended between the look at its lock and the connection. */
    if (!is_running(bundle)) {
        fill_stopped(bundle, out_status);
        return true;
    }
    if (g_error_matches(local, UTM_ERROR, UTM_ERROR_WRONG_STATE)) {
        out_status->state = VM_STATE_STARTING;
        return true;
    }
    g_propagate_error(error, g_steal_pointer(&local));
    g_prefix_error(error, "VM \"%s\": ", bundle->config->information.name);
    return false;
}

const char *vm_state_word(const char *uuid, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpUtmInfo) info = NULL;
    g_autoptr(QmpClient) client = connect_to(uuid, path, 0, &error);
    if (client && qmp_x_utm_info(client, &info, &error))
        return vm_state_name(state_from_word(info->state));
    if (!run_dir_runs(uuid, path, NULL))
        return vm_state_name(VM_STATE_STOPPED);
    bool starting = g_error_matches(error, UTM_ERROR, UTM_ERROR_WRONG_STATE);
    return starting ? vm_state_name(VM_STATE_STARTING) : "unknown";
}

/* ---- changing ---- */

static bool never(void *user)
{
    (void) user;
    return false;
}

/* The helper disconnects its clients when everything is gone. */
static bool wait_gone(QmpClient *client, int64_t timeout_us)
{
    g_autoptr(GError) error = NULL;
    utm_ignore(qmp_client_pump(client, never, NULL, timeout_us, &error));
    return g_error_matches(error, QMP_ERROR, QMP_ERROR_DISCONNECTED);
}

/* A guest that boots misses the button, so it is pressed again, with growing pauses: one that is
 * powering off does not mind. */
static bool stop_request(const Bundle *bundle, QmpClient *client, int64_t timeout_us,
                         GError **error)
{
    int64_t deadline = timeout_us ? g_get_monotonic_time() + timeout_us : G_MAXINT64;
    int64_t patience = FIRST_PRESS_US;
    for (int64_t left; (left = deadline - g_get_monotonic_time()) > 0; patience *= 2) {
        g_autoptr(GError) local = NULL;
        bool pressed = qmp_system_powerdown(client, &local);
        if (wait_gone(client, MIN(left, patience)))
            return true;
        if (!pressed) {
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
    }
    utm_error_set(error, UTM_ERROR_TIMEOUT, "utmctl stop --force ends it without asking",
                  "the guest has not powered off in %g s", (double) timeout_us / G_USEC_PER_SEC);
    add_evidence(bundle->config->information.uuid, error);
    return false;
}

/* UTM's ladder: quit, then signals. */
static bool stop_force(QmpClient *client, GError **error)
{
    utm_ignore(qmp_quit(client, NULL));
    if (wait_gone(client, QUIT_LIMIT_US))
        return true;
    utm_ignore(qmp_x_utm_kill(client, NULL));
    if (wait_gone(client, QUIT_LIMIT_US))
        return true;
    utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "QEMU does not end");
    return false;
}

/* A helper that hangs is ended itself; QEMU follows it. */
static bool kill_helper(const char *uuid, GError **error)
{
    g_auto(RunHolder) holder = { 0 };
    int64_t deadline = g_get_monotonic_time() + QUIT_LIMIT_US;
    while (run_dir_holder(uuid, &holder)) {
        if (holder.pid > 0)
            kill(holder.pid, SIGKILL);
        run_holder_clear(&holder);
        if (g_get_monotonic_time() > deadline) {
            utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "its helper does not end");
            return false;
        }
        g_usleep(1000);
    }
    return true;
}

static bool stop_kill(const char *uuid, QmpClient *client, GError **error)
{
    utm_ignore(qmp_x_utm_kill(client, NULL));
    return wait_gone(client, HELPER_LIMIT_US) || kill_helper(uuid, error);
}

static bool stop_running(const Bundle *bundle, VmStopMethod method, int64_t timeout_us,
                         GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autoptr(GError) local = NULL;
    g_autoptr(QmpClient) client = vm_connect(bundle, &local);
    if (!client && !is_running(bundle))
        return true;
    if (!client && method == VM_STOP_KILL)
        return kill_helper(uuid, error);
    if (!client) {
        g_propagate_error(error, g_steal_pointer(&local));
        return false;
    }
    switch (method) {
    case VM_STOP_REQUEST:
        return stop_request(bundle, client, timeout_us, error);
    case VM_STOP_FORCE:
        return stop_force(client, error);
    case VM_STOP_KILL:
        return stop_kill(uuid, client, error);
    }
    g_return_val_if_reached(false);
}

bool vm_stop(const Bundle *bundle, VmStopMethod method, int64_t timeout_us, GError **error)
{
    if (stop_running(bundle, method, timeout_us, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot stop: ", bundle->config->information.name);
    return false;
}

/* Run commands on a machine that must be running. */
static bool with_monitor(const Bundle *bundle, const char *what,
                         bool (*change)(QmpClient *client, GError **error), GError **error)
{
    const ConfigInformation *info = &bundle->config->information;
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (client && change(client, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot %s: ", info->name, what);
    return false;
}

static bool restart_it(QmpClient *client, GError **error)
{
    return qmp_system_reset(client, error) && qmp_cont(client, error);
}

bool vm_pause(const Bundle *bundle, GError **error)
{
    return with_monitor(bundle, "pause", qmp_stop, error);
}

bool vm_resume(const Bundle *bundle, GError **error)
{
    return with_monitor(bundle, "resume", qmp_cont, error);
}

bool vm_restart(const Bundle *bundle, GError **error)
{
    return with_monitor(bundle, "restart", restart_it, error);
}

/* ---- suspending ---- */

typedef struct {
    VmProgress progress;
    void *user;
    bool done;
    GError *error;
} Suspending;

static void on_saved(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    (void) result;
    Suspending *suspending = user;
    suspending->done = true;
    if (error)
        suspending->error = g_error_copy(error);
}

static void on_jobs(QmpClient *client, const cJSON *result, const GError *error, void *user)
{
    (void) client;
    Suspending *suspending = user;
    if (error || suspending->done)
        return;
    g_autoptr(QmpJobInfoList) jobs = qmp_job_info_list_from_json(result, NULL);
    for (size_t i = 0; jobs && i < jobs->len; i++)
        suspending->progress((uint64_t) jobs->items[i]->current_progress,
                             (uint64_t) jobs->items[i]->total_progress, suspending->user);
}

static bool is_saved(void *user)
{
    return ((Suspending *) user)->done;
}

void vm_helper_error(GError **error, const GError *answer)
{
    const char *word = qmp_error_class(answer);
    utm_error_set(error, word ? utm_error_from_word(word) : utm_error_code(answer), NULL, "%s",
                  answer->message);
}

static bool follow_saving(QmpClient *client, Suspending *suspending, int64_t timeout_us,
                          GError **error)
{
    int64_t deadline = timeout_us ? g_get_monotonic_time() + timeout_us : G_MAXINT64;
    while (!suspending->done) {
        g_autoptr(GError) local = NULL;
        if (qmp_client_pump(client, is_saved, suspending, 100 * 1000, &local))
            break;
        if (!g_error_matches(local, QMP_ERROR, QMP_ERROR_TIMEOUT)) {
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
        if (g_get_monotonic_time() > deadline) {
            utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "saving its state took too long");
            return false;
        }
        if (suspending->progress)
            utm_ignore(qmp_query_jobs_send(client, on_jobs, suspending, NULL));
    }
    if (suspending->error)
        vm_helper_error(error, suspending->error);
    return !suspending->error;
}

static bool suspend_it(const Bundle *bundle, int64_t timeout_us, VmProgress progress, void *user,
                       GError **error)
{
    g_autoptr(QmpClient) client = vm_connect(bundle, error);
    if (!client)
        return false;
    Suspending suspending = { .progress = progress, .user = user };
    if (!qmp_x_utm_save_send(client, true, timeout_us, on_saved, &suspending, error))
        return false;
    /* The helper keeps to the time limit; ours only ends the wait for a helper that does not. */
    bool ok =
        follow_saving(client, &suspending, timeout_us ? timeout_us + HELPER_LIMIT_US : 0, error);
    if (ok)
        (void) wait_gone(client, QUIT_LIMIT_US);
    g_clear_error(&suspending.error);
    return ok;
}

bool vm_suspend(const Bundle *bundle, int64_t timeout_us, VmProgress progress, void *user,
                GError **error)
{
    if (suspend_it(bundle, timeout_us, progress, user, error))
        return true;
    g_prefix_error(error, "VM \"%s\": cannot suspend: ", bundle->config->information.name);
    return false;
}

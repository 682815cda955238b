/* SPDX-License-Identifier: Apache-2.0 */
/* A machine that runs: reaching it, asking how it is, pausing it. */
#include "core/vm/vm.h"

#include <gio/gio.h>

#include "core/error.h"
#include "core/paths.h"
#include "core/vm/log-file.h"
#include "core/vm/plain-text.h"
#include "core/vm/run-dir.h"
#include "core/vm/saved-state.h"
#include "core/vm/vm-private.h"
#include "qapi/generated/qmp-commands.h"

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

/* The lines that the guest last wrote are the evidence of how far it came. */
void vm_add_evidence(const char *uuid, GError **error)
{
    g_autofree char *lines = vm_last_lines(uuid, 20);
    if (!error || !*error || !*lines)
        return;
    g_autofree char *message = g_strdup((*error)->message);
    g_free((*error)->message);
    (*error)->message = g_strdup_printf("%s; its last serial lines:\n%s", message, lines);
}

/* ---- asking ---- */

static bool set_not_running(GError **error)
{
    utm_error_set(error, UTM_ERROR_WRONG_STATE, NULL, "it is not running");
    return false;
}

bool vm_is_running(const Bundle *bundle)
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
        QmpClient *client = qmp_client_connect(path, VM_HELPER_LIMIT_US, &qmp_error);
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
    return connect_to(bundle->config->information.uuid, bundle->path, VM_HELPER_LIMIT_US, error);
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
    if (!vm_is_running(bundle)) {
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

void vm_helper_error(GError **error, const GError *answer)
{
    const char *word = qmp_error_class(answer);
    utm_error_set(error, word ? utm_error_from_word(word) : utm_error_code(answer), NULL, "%s",
                  answer->message);
}

/* ---- changing ---- */

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

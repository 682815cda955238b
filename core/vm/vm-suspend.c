/* SPDX-License-Identifier: Apache-2.0 */
/* Suspending a machine: its state is saved, and it ends. */
#include "core/error.h"
#include "core/vm/vm-private.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

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
        follow_saving(client, &suspending, timeout_us ? timeout_us + VM_HELPER_LIMIT_US : 0, error);
    if (ok)
        (void) vm_wait_gone(client, VM_QUIT_LIMIT_US);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Stopping a machine: by asking the guest, by ending QEMU, or by killing what does not end. */
#include <signal.h>

#include "core/error.h"
#include "core/vm/run-dir.h"
#include "core/vm/vm-private.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* How long a guest may take before the power button is pressed a second time. */
#define FIRST_PRESS_US (3 * G_USEC_PER_SEC)

static bool never(void *user)
{
    (void) user;
    return false;
}

/* The helper disconnects its clients when everything is gone. */
bool vm_wait_gone(QmpClient *client, int64_t timeout_us)
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
        if (vm_wait_gone(client, MIN(left, patience)))
            return true;
        if (!pressed) {
            g_propagate_error(error, g_steal_pointer(&local));
            return false;
        }
    }
    utm_error_set(error, UTM_ERROR_TIMEOUT, "utmctl stop --force ends it without asking",
                  "the guest has not powered off in %g s", (double) timeout_us / G_USEC_PER_SEC);
    vm_add_evidence(bundle->config->information.uuid, error);
    return false;
}

/* UTM's ladder: quit, then signals. */
static bool stop_force(QmpClient *client, GError **error)
{
    utm_ignore(qmp_quit(client, NULL));
    if (vm_wait_gone(client, VM_QUIT_LIMIT_US))
        return true;
    utm_ignore(qmp_x_utm_kill(client, NULL));
    if (vm_wait_gone(client, VM_QUIT_LIMIT_US))
        return true;
    utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "QEMU does not end");
    return false;
}

/* A helper that hangs is ended itself; QEMU follows it. */
static bool kill_helper(const char *uuid, GError **error)
{
    g_auto(RunHolder) holder = { 0 };
    int64_t deadline = g_get_monotonic_time() + VM_QUIT_LIMIT_US;
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
    return vm_wait_gone(client, VM_HELPER_LIMIT_US) || kill_helper(uuid, error);
}

static bool stop_running(const Bundle *bundle, VmStopMethod method, int64_t timeout_us,
                         GError **error)
{
    const char *uuid = bundle->config->information.uuid;
    g_autoptr(GError) local = NULL;
    g_autoptr(QmpClient) client = vm_connect(bundle, &local);
    if (!client && !vm_is_running(bundle))
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

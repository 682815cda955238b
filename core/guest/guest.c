/* SPDX-License-Identifier: Apache-2.0 */
/* The way to a guest's agent, and what its errors mean to a user. */
#include "core/guest/guest.h"

#include <string.h>

#include "core/error.h"
#include "core/vm/agent.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

/* Longer than the helper waits for the agent: its message says more than ours. */
#define COMMAND_LIMIT_US (90 * G_USEC_PER_SEC)

QmpClient *guest_connect(const Bundle *bundle, GError **error)
{
    QmpClient *client = vm_connect(bundle, error);
    if (client)
        qmp_client_set_timeout(client, COMMAND_LIMIT_US);
    return client;
}

/* The agent gives the system's reason only in words.
 * Source: QEMU qga/commands-posix.c, error_setg_errno(); qapi/qmp/qerror.h, QERR_UNSUPPORTED */
static UtmError code_of(const GError *error)
{
    const char *class = qmp_error_class(error);
    if (error->code == QMP_ERROR_TIMEOUT || g_strcmp0(class, AGENT_UNREACHABLE_CLASS) == 0)
        return UTM_ERROR_GUEST_UNREACHABLE;
    if (g_strcmp0(class, "CommandNotFound") == 0 ||
        strstr(error->message, "not currently supported"))
        return UTM_ERROR_UNSUPPORTED;
    bool absent = strstr(error->message, "No such file or directory") ||
                  strstr(error->message, "cannot find the");
    return absent ? UTM_ERROR_NOT_FOUND : UTM_ERROR_FAILED;
}

/* Whether the machine has ended with whatever was asked of it. */
static bool has_ended(const GError *error)
{
    return error->code == QMP_ERROR_DISCONNECTED ||
           g_strcmp0(qmp_error_class(error), AGENT_ENDED_CLASS) == 0;
}

bool guest_explain(GError **error)
{
    if (!error || !*error || (*error)->domain != QMP_ERROR)
        return false;
    g_autoptr(GError) cause = g_steal_pointer(error);
    UtmError code = code_of(cause);
    if (has_ended(cause))
        utm_error_set(error, UTM_ERROR_GUEST_UNREACHABLE, "see \"utmctl logs VM --last-words\"",
                      "the virtual machine has ended");
    else if (code == UTM_ERROR_GUEST_UNREACHABLE)
        utm_error_set(error, code, "install and start qemu-guest-agent in the guest", "%s",
                      cause->message);
    else
        utm_error_set(error, code, NULL, "%s", cause->message);
    return false;
}

bool guest_ping(QmpClient *client, GError **error)
{
    return qmp_guest_ping(client, error) || guest_explain(error);
}

static bool never(void *user G_GNUC_UNUSED)
{
    return false;
}

void guest_pause(QmpClient *client, int64_t us)
{
    utm_ignore(qmp_client_pump(client, never, NULL, us, NULL));
}

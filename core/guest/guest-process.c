/* SPDX-License-Identifier: Apache-2.0 */
/* A process that the guest's agent has started. */
#include "core/guest/guest-process.h"

#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

#define PAUSE_PART 8
#define PAUSE_FIRST_US 1000
#define PAUSE_LAST_US (50 * 1000)

void guest_process_clear(GuestProcess *process)
{
    g_clear_pointer(&process->status, qmp_guest_exec_status_free);
    process->pid = 0;
}

bool guest_process_start(QmpClient *client, char *const *words, char *const *env, const char *input,
                         GuestProcess *process, GError **error)
{
    const QapiStrList arg = { g_strv_length((char **) words) - 1, (char **) words + 1 };
    const QapiStrList variables = { env ? g_strv_length((char **) env) : 0, (char **) env };
    g_autoptr(QmpGuestExec) started = NULL;
    if (!qmp_guest_exec(client, words[0], &arg, variables.len ? &variables : NULL, input, true,
                        true, &started, error))
        return guest_explain(error);
    process->pid = started->pid;
    return true;
}

bool guest_process_ask(QmpClient *client, GuestProcess *process, GError **error)
{
    g_autoptr(QmpGuestExecStatus) status = NULL;
    if (!process->pid || process->status)
        return true;
    if (!qmp_guest_exec_status(client, process->pid, &status, error))
        return guest_explain(error);
    if (status->exited)
        process->status = g_steal_pointer(&status);
    return true;
}

int guest_process_exit_status(const GuestProcess *process)
{
    const QmpGuestExecStatus *status = process->status;
    if (status->has_signal)
        return 128 + (int) status->signal;
    return status->has_exitcode ? (int) status->exitcode : 0;
}

char *guest_process_output(const char *text, size_t *out_size)
{
    gsize size = 0;
    char *data = text ? (char *) g_base64_decode(text, &size) : NULL;
    *out_size = size;
    return data;
}

int64_t guest_process_delay(int64_t passed_us)
{
    return CLAMP(passed_us / PAUSE_PART, PAUSE_FIRST_US, PAUSE_LAST_US);
}

void guest_process_pause(QmpClient *client, int64_t passed_us)
{
    guest_pause(client, guest_process_delay(passed_us));
}

bool guest_process_wait(QmpClient *client, char *const *words, GuestProcess *process,
                        GError **error)
{
    int64_t start = g_get_monotonic_time();
    if (!guest_process_start(client, words, NULL, NULL, process, error))
        return false;
    for (;;) {
        if (!guest_process_ask(client, process, error))
            return false;
        if (process->status)
            return true;
        guest_process_pause(client, g_get_monotonic_time() - start);
    }
}

bool guest_process_shell(QmpClient *client, const char *script, char *const *arguments,
                         GError **error)
{
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    g_strv_builder_add_many(builder, GUEST_SHELL, "-c", script, NULL);
    g_strv_builder_addv(builder, (const char **) arguments);
    g_auto(GStrv) words = g_strv_builder_end(builder);
    g_auto(GuestProcess) shell = { 0 };
    return guest_process_wait(client, words, &shell, error);
}

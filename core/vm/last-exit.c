/* SPDX-License-Identifier: Apache-2.0 */
/* How a machine ended, in words. */
#include "core/vm/last-exit.h"

#include <glib.h>
#include <string.h>

#include "qapi/json.h"

/* Reasons of helper-exit.c and of QEMU's ShutdownCause. */
static const struct {
    const char *reason, *text;
} reasons[] = {
    { "guest-shutdown", "the guest has powered off" },
    { "guest-reset", "the guest has reset the machine" },
    { "guest-panic", "the guest has panicked" },
    { "triple-fault", "the guest's processor has given up after a triple fault" },
    { "host-qmp-quit", "it was switched off" },
    { "host-signal", "QEMU was ended by a signal" },
    { "host-error", "QEMU has given up after an error" },
    { "saved", "its state was saved" },
    { "killed", "it was killed" },
    { "abandoned", "the command that ran it has gone" },
    { "lost", "its helper was killed" },
    { "crashed", "QEMU has crashed" },
};

char *last_exit_text(const char *json)
{
    g_autoptr(cJSON) record = json ? json_parse(json, strlen(json), NULL, NULL) : NULL;
    const char *reason = cJSON_GetStringValue(cJSON_GetObjectItem(record, "reason"));
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItem(record, "status"));
    const char *message = cJSON_GetStringValue(cJSON_GetObjectItem(record, "message"));
    const char *text = reason;
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (g_strcmp0(reason, reasons[i].reason) == 0)
            text = reasons[i].text;
    const char *panic = cJSON_GetStringValue(cJSON_GetObjectItem(record, "panic"));
    if (panic && text)
        return g_strdup_printf("%s; its system had given up: %s", text, panic);
    if (g_strcmp0(reason, "crashed") != 0)
        return g_strdup(text);
    return g_strdup_printf("%s with %s%s%s", text, status ? status : "no status",
                           message ? ": " : "", message ? message : "");
}

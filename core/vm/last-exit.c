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
    { "triple-fault", "the guest has reset the machine by a triple fault" },
    { "host-qmp-quit", "it was switched off" },
    { "host-signal", "QEMU was ended by a signal" },
    { "host-error", "QEMU has given up after an error" },
    { "saved", "its state was saved" },
    { "killed", "it was killed" },
    { "abandoned", "the command that ran it has gone" },
    { "lost", "its helper was killed" },
    { "crashed", "QEMU has crashed" },
};

char *last_exit_resets(int64_t resets, int64_t triple_faults)
{
    g_autofree char *times =
        resets == 1 ? g_strdup("once") : g_strdup_printf("%" G_GINT64_FORMAT " times", resets);
    if (resets <= 0)
        return NULL;
    if (triple_faults <= 0)
        return g_steal_pointer(&times);
    if (triple_faults == resets)
        return g_strdup_printf("%s, by %s", times,
                               resets == 1 ? "a triple fault" : "triple faults");
    return g_strdup_printf("%s, by a triple fault %" G_GINT64_FORMAT " times", times,
                           triple_faults);
}

/* Not NULL. */
static char *describe_resets(const cJSON *record)
{
    double resets = cJSON_GetNumberValue(cJSON_GetObjectItem(record, "resets"));
    double faults = cJSON_GetNumberValue(cJSON_GetObjectItem(record, "triple_faults"));
    g_autofree char *times =
        resets > 0 ? last_exit_resets((int64_t) resets, faults > 0 ? (int64_t) faults : 0) : NULL;
    return times ? g_strdup_printf("; its guest had reset it %s", times) : g_strdup("");
}

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
    g_autofree char *resets = text ? describe_resets(record) : NULL;
    if (panic && text)
        return g_strdup_printf("%s; its system had given up: %s%s", text, panic, resets);
    if (g_strcmp0(reason, "crashed") != 0)
        return text ? g_strconcat(text, resets, NULL) : NULL;
    return g_strdup_printf("%s with %s%s%s%s", text, status ? status : "no status",
                           message ? ": " : "", message ? message : "", resets);
}

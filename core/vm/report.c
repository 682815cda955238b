/* SPDX-License-Identifier: Apache-2.0 */
/* What a helper tells the process that started it: lines of JSON over a socket. */
#include "core/vm/report.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/error.h"
#include "qapi/json-auto.h"

static void send_line(int fd, cJSON *taken)
{
    g_autoptr(cJSON) json = taken;
    g_autofree char *text = cJSON_PrintUnformatted(json);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    /* Nobody may be there any more to read it. */
    ssize_t n = send(fd, line, strlen(line), MSG_NOSIGNAL);
    (void) n;
}

void report_error(int fd, const GError *error)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "error", utm_error_word(utm_error_code(error)));
    cJSON_AddStringToObject(json, "message", error->message);
    if (utm_error_hint(error))
        cJSON_AddStringToObject(json, "hint", utm_error_hint(error));
    send_line(fd, json);
}

void report_started(int fd, const VmStarted *started)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "accelerator", started->accelerator);
    if (started->accelerator_reason)
        cJSON_AddStringToObject(json, "reason", started->accelerator_reason);
    cJSON_AddBoolToObject(json, "resumed", started->resumed);
    cJSON *warnings = cJSON_AddArrayToObject(json, "warnings");
    for (guint i = 0; i < started->warnings->len; i++)
        cJSON_AddItemToArray(warnings, cJSON_CreateString(started->warnings->pdata[i]));
    send_line(fd, json);
}

static const char *member(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(json, name));
}

static bool take_outcome(const char *text, VmStarted *out_started, GError **error)
{
    g_autoptr(cJSON) json = cJSON_Parse(text);
    const char *word = member(json, "error");
    if (word) {
        utm_error_set(error, utm_error_from_word(word), member(json, "hint"), "%s",
                      member(json, "message"));
        return false;
    }
    if (!json) {
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "its helper ended without a word");
        return false;
    }
    out_started->accelerator = g_strdup(member(json, "accelerator"));
    out_started->accelerator_reason = g_strdup(member(json, "reason"));
    out_started->resumed = cJSON_IsTrue(cJSON_GetObjectItem(json, "resumed"));
    out_started->warnings = g_ptr_array_new_with_free_func(g_free);
    const cJSON *item;
    cJSON_ArrayForEach (item, cJSON_GetObjectItem(json, "warnings"))
        g_ptr_array_add(out_started->warnings, g_strdup(cJSON_GetStringValue(item)));
    return true;
}

/* Returns false when the time is over. */
static bool wait_readable(int fd, int64_t deadline)
{
    for (;;) {
        int64_t left = deadline - g_get_monotonic_time();
        int ms = deadline == 0 ? -1 : (int) CLAMP(left / 1000 + 1, 0, G_MAXINT);
        struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
        int n = poll(&poll_fd, 1, ms);
        if (n > 0)
            return true;
        if (n == 0)
            return false;
    }
}

bool report_read(int fd, int64_t timeout_us, VmStarted *out_started, GError **error)
{
    int64_t deadline = timeout_us ? g_get_monotonic_time() + timeout_us : 0;
    g_autoptr(GString) text = g_string_new(NULL);
    while (!strchr(text->str, '\n')) {
        if (!wait_readable(fd, deadline)) {
            utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "QEMU did not come up in time");
            return false;
        }
        char buffer[4096];
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        g_string_append_len(text, buffer, n);
    }
    return take_outcome(text->str, out_started, error);
}

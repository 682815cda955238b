/* SPDX-License-Identifier: Apache-2.0 */
/* Folders of the host that a guest has mounted: put aside while its memory is saved. */
#include "core/snapshot/guest-mounts.h"

#include "core/error.h"
#include "core/guest/guest-exec.h"
#include "core/guest/guest.h"
#include "qapi/generated/qmp-commands.h"

#define GUEST_LIMIT_US (20 * G_USEC_PER_SEC)

/* The table is read as a whole before it changes. What it escapes printf undoes. */
static const char detach_script[] =
    "m=$(cat /proc/mounts)\n"
    "printf '%s\\n' \"$m\" | while read -r source target type options rest; do\n"
    "    case $type in 9p | virtiofs) ;; *) continue ;; esac\n"
    "    umount \"$(printf %b \"$target\")\" || continue\n"
    "    printf '%s\\n' \"$source $target $type $options\"\n"
    "done\n";

static const char attach_script[] =
    "printf '%s' \"$1\" | {\n"
    "    status=0\n"
    "    while read -r source target type options; do\n"
    "        place=$(printf %b \"$target\")\n"
    "        mount -t \"$type\" -o \"$options\" \"$(printf %b \"$source\")\" \"$place\" ||\n"
    "            mount \"$place\" || status=1\n"
    "    done\n"
    "    exit $status\n"
    "}\n";

static bool take_output(int descriptor, const void *data, size_t size, void *user, GError **error)
{
    (void) error;
    if (descriptor == 1)
        g_string_append_len(user, data, (gssize) size);
    return true;
}

static bool never(void *user)
{
    (void) user;
    return false;
}

static bool run(QmpClient *client, const char *script, const char *argument, GString *output,
                int *out_status, GError **error)
{
    const char *words[] = { "/bin/sh", "-c", script, "sh", argument, NULL };
    const GuestExec exec = { .words = (char *const *) words,
                             .input = -1,
                             .timeout_us = GUEST_LIMIT_US,
                             .output = take_output,
                             .interrupted = never,
                             .user = output };
    return guest_exec(client, &exec, out_status, error) || guest_explain(error);
}

/* A new string; empty when nothing is in the way. */
static char *reasons(QmpClient *client, GError **error)
{
    g_autoptr(QmpMigrationInfo) info = NULL;
    g_autoptr(GString) list = g_string_new(NULL);
    if (!qmp_query_migrate(client, &info, error))
        return NULL;
    for (size_t i = 0; info->blocked_reasons && i < info->blocked_reasons->len; i++)
        g_string_append_printf(list, "%s%s", list->len ? "; " : "",
                               info->blocked_reasons->items[i]);
    return g_strdup(list->str);
}

static bool refuse(const char *why, GError **error)
{
    utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                  "unmount it in the guest, or leave the memory out with --disk-only", "%s", why);
    return false;
}

bool guest_mounts_detach(QmpClient *client, bool agent, char **out_was, GError **error)
{
    g_autofree char *before = reasons(client, error);
    g_autoptr(GString) was = g_string_new(NULL);
    int status = 0;
    if (!before || !*before)
        return before != NULL;
    if (!agent || !run(client, detach_script, "", was, &status, NULL))
        return refuse(before, error);
    g_autofree char *after = reasons(client, error);
    if (after && !*after) {
        *out_was = g_string_free(g_steal_pointer(&was), FALSE);
        return true;
    }
    (void) guest_mounts_attach(client, was->str);
    return after && refuse(after, error);
}

bool guest_mounts_attach(QmpClient *client, const char *was)
{
    g_autoptr(GString) ignored = g_string_new(NULL);
    int status = 0;
    if (!was || !*was)
        return true;
    return run(client, attach_script, was, ignored, &status, NULL) && status == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Plugging devices into a running machine, and taking them out again. */
#include "core/vm/hot-plug.h"

#include <string.h>

#include "core/argv/argv.h"
#include "core/error.h"
#include "qapi/generated/qmp-commands.h"

/* Says that the machine is not any more as it was started. */
#define GONE_OBJECT "plug-gone"

/* How often it is looked whether a device has gone. */
#define LOOK_AGAIN_US (20 * 1000)

/* ---- descriptors ---- */

int64_t hot_plug_pass_fd(QmpClient *client, int fd, const char *opaque, GError **error)
{
    g_autoptr(QmpAddfdInfo) added = NULL;
    qmp_client_pass_fd(client, fd);
    return qmp_add_fd(client, false, 0, opaque, &added, error) ? added->fdset_id : -1;
}

void hot_plug_drop_fds(QmpClient *client, const char *opaque, int64_t kept)
{
    g_autoptr(QmpFdsetInfoList) sets = NULL;
    if (!qmp_query_fdsets(client, &sets, NULL))
        return;
    for (size_t i = 0; i < sets->len; i++) {
        const QmpFdsetInfo *set = sets->items[i];
        if (set->fdset_id != kept && set->fds->len &&
            g_strcmp0(set->fds->items[0]->opaque, opaque) == 0)
            utm_ignore(qmp_remove_fd(client, set->fdset_id, false, 0, NULL));
    }
}

/* ---- in ---- */

static bool is_empty_port(const QmpPciDeviceInfo *device, bool *out_any)
{
    if (!g_str_has_prefix(device->qdev_id, ARGV_PORT_PREFIX) || !device->pci_bridge)
        return false;
    *out_any = true;
    return !device->pci_bridge->devices || !device->pci_bridge->devices->len;
}

bool hot_plug_port(QmpClient *client, char **out_port, GError **error)
{
    g_autoptr(QmpPciInfoList) buses = NULL;
    bool any = false;
    if (!qmp_query_pci(client, &buses, error))
        return false;
    for (size_t i = 0; i < buses->len; i++) {
        const QmpPciDeviceInfoList *devices = buses->items[i]->devices;
        for (size_t k = 0; k < devices->len; k++) {
            if (!is_empty_port(devices->items[k], &any))
                continue;
            *out_port = g_strdup(devices->items[k]->qdev_id);
            return true;
        }
    }
    if (any)
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "all of its slots for what is plugged in are taken");
    else
        *out_port = NULL;
    return !any;
}

/* QEMU says in words only that a bus takes nothing.
 * Source: QEMU 7.2 softmmu/qdev-monitor.c, QERR_BUS_NO_HOTPLUG */
static UtmError code_of(const char *words)
{
    bool fixed = strstr(words, "does not support hotplug") || strstr(words, "hotpluggable") ||
                 strstr(words, "hot-plug");
    return fixed ? UTM_ERROR_UNSUPPORTED : UTM_ERROR_FAILED;
}

/* A command of the human monitor, which speaks the language of the command line. */
static bool run_human(QmpClient *client, const char *line, const char *good, GError **error)
{
    g_autofree char *answer = NULL;
    if (!qmp_human_monitor_command(client, line, false, 0, &answer, error))
        return false;
    g_strstrip(answer);
    if (strcmp(answer, good) == 0)
        return true;
    const char *words = g_str_has_prefix(answer, "Error: ") ? answer + strlen("Error: ") : answer;
    utm_error_set(error, code_of(words), NULL, "QEMU says: %s", words);
    return false;
}

bool hot_plug_device(QmpClient *client, const char *value, const char *id, const char *bus,
                     GError **error)
{
    g_autofree char *line =
        g_strconcat("device_add ", value, ",id=", id, bus ? ",bus=" : NULL, bus, NULL);
    return run_human(client, line, "", error);
}

bool hot_plug_drive(QmpClient *client, const char *value, GError **error)
{
    g_autofree char *line = g_strconcat("drive_add 0 ", value, NULL);
    return run_human(client, line, "OK", error);
}

/* ---- out ---- */

void hot_plug_drop_drive(QmpClient *client, const char *name)
{
    g_autofree char *line = g_strconcat("drive_del ", name, NULL);
    utm_ignore(qmp_human_monitor_command(client, line, false, 0, NULL, NULL));
}

static bool never(void *user G_GNUC_UNUSED)
{
    return false;
}

static bool is_there(QmpClient *client, const char *path)
{
    g_autoptr(QmpObjectPropertyInfoList) list = NULL;
    return qmp_qom_list(client, path, &list, NULL);
}

static char *path_of(const char *device)
{
    return device[0] == '/' ? g_strdup(device) : g_strconcat("/machine/peripheral/", device, NULL);
}

static bool was_cold(const char *device)
{
    return !g_str_has_prefix(device, HOT_PLUG_PREFIX) && !strstr(device, "/" HOT_PLUG_PREFIX);
}

/* QEMU itself is to know that a device of its start has gone, for as long as it lives: an object
 * that does nothing says so. */
static void mark_gone(QmpClient *client)
{
    utm_ignore(run_human(client, "object_add secret,id=" GONE_OBJECT ",data=0", "", NULL));
}

bool hot_plug_remove(QmpClient *client, const char *device, int64_t timeout_us, GError **error)
{
    g_autofree char *path = path_of(device);
    g_autoptr(GError) local = NULL;
    int64_t deadline = timeout_us ? g_get_monotonic_time() + timeout_us : G_MAXINT64;
    if (!qmp_device_del(client, device, &local) &&
        !strstr(local->message, "already in the process of unplug")) {
        utm_error_set(error, code_of(local->message), NULL, "QEMU says: %s", local->message);
        return false;
    }
    while (is_there(client, path)) {
        if (g_get_monotonic_time() > deadline) {
            utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "the guest has not let go of it in time");
            return false;
        }
        utm_ignore(qmp_client_pump(client, never, NULL, LOOK_AGAIN_US, NULL));
    }
    if (was_cold(device))
        mark_gone(client);
    return true;
}

/* ---- saving ---- */

static bool check_gone(QmpClient *client, GError **error)
{
    if (!is_there(client, "/objects/" GONE_OBJECT))
        return true;
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, "stop and start it first",
                  "its memory cannot be saved after a device of its start was taken out");
    return false;
}

/* Source: QEMU 7.2 hw/virtio/vhost-user-fs.c, vuf_vmstate, unmigratable */
static bool check_virtiofs(QmpClient *client, GError **error)
{
    g_autoptr(QmpChardevInfoList) list = NULL;
    if (!qmp_query_chardev(client, &list, error))
        return false;
    for (size_t i = 0; i < list->len; i++) {
        if (!g_str_has_prefix(list->items[i]->label, ARGV_VIRTIOFS_PREFIX))
            continue;
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "share it by 9p",
                      "its memory cannot be saved while a folder is shared by virtiofs");
        return false;
    }
    return true;
}

bool hot_plug_check_saving(QmpClient *client, GError **error)
{
    g_autoptr(QmpObjectPropertyInfoList) list = NULL;
    if (!qmp_qom_list(client, "/machine/peripheral", &list, error))
        return false;
    g_autoptr(GString) names = g_string_new(NULL);
    for (size_t i = 0; i < list->len; i++)
        if (g_str_has_prefix(list->items[i]->name, HOT_PLUG_PREFIX))
            g_string_append_printf(names, "%s\"%s\"", names->len ? ", " : "",
                                   list->items[i]->name + strlen(HOT_PLUG_PREFIX));
    if (!names->len)
        return check_gone(client, error) && check_virtiofs(client, error);
    utm_error_set(error, UTM_ERROR_UNSUPPORTED, "stop and start it, or unplug them first",
                  "its memory cannot be saved while it has devices that were plugged in since its "
                  "start: %s",
                  names->str);
    return false;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that ejects a medium: this host no longer remembers it. */
#include "core/media.h"
#include "core/vm/helper-private.h"
#include "qapi/generated/qmp-events.h"

/* Changing a medium opens the tray for a moment; only one that stays open was opened by the guest. */
#define TRAY_MS 500

typedef struct {
    Helper *helper;
    char *device;
} TrayCheck;

static void check_free(gpointer user)
{
    TrayCheck *check = user;
    g_free(check->device);
    g_free(check);
}

static gboolean check_tray(gpointer user)
{
    const TrayCheck *check = user;
    Helper *helper = check->helper;
    if (!g_hash_table_contains(helper->open_trays, check->device))
        return G_SOURCE_REMOVE;
    media_forget(helper->bundle->config->information.uuid, check->device);
    return G_SOURCE_REMOVE;
}

void helper_tray_moved(Helper *helper, const cJSON *data)
{
    g_autoptr(QmpDeviceTrayMovedEvent) event = qmp_device_tray_moved_event_from_json(data, NULL);
    if (!event)
        return;
    if (!event->tray_open) {
        g_hash_table_remove(helper->open_trays, event->device);
        return;
    }
    g_hash_table_add(helper->open_trays, g_strdup(event->device));
    TrayCheck *check = g_new0(TrayCheck, 1);
    check->helper = helper;
    check->device = g_strdup(event->device);
    g_timeout_add_full(G_PRIORITY_DEFAULT, TRAY_MS, check_tray, check, check_free);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The images of a running machine that a snapshot of it consists of. */
#include "core/vm/state-images.h"

#include <string.h>

#include "core/error.h"
#include "qapi/generated/qmp-commands.h"

void state_images_clear(StateImages *images)
{
    g_clear_pointer(&images->nodes, g_ptr_array_unref);
    g_clear_pointer(&images->devices, g_ptr_array_unref);
    g_clear_pointer(&images->unsuitable, g_ptr_array_unref);
}

static void sort_device(const QmpBlockInfo *device, bool disks, StateImages *images)
{
    const QmpBlockDeviceInfo *inserted = device->inserted;
    bool is_disk = g_str_has_prefix(device->device, "drive");
    if (!inserted || inserted->ro || is_disk != disks)
        return;
    if (strcmp(inserted->drv, "qcow2") != 0) {
        g_ptr_array_add(images->unsuitable,
                        g_strdup_printf("\"%s\" (%s)", inserted->file, inserted->drv));
        return;
    }
    g_ptr_array_add(images->nodes, g_strdup(inserted->node_name));
    g_ptr_array_add(images->devices, g_strdup(device->device));
}

bool state_images_find(QmpClient *client, StateImages *out_images, GError **error)
{
    g_autoptr(QmpBlockInfoList) devices = NULL;
    if (!qmp_query_block(client, &devices, error))
        return false;
    out_images->nodes = g_ptr_array_new_with_free_func(g_free);
    out_images->devices = g_ptr_array_new_with_free_func(g_free);
    out_images->unsuitable = g_ptr_array_new_with_free_func(g_free);
    for (size_t i = 0; i < devices->len; i++)
        sort_device(devices->items[i], true, out_images);
    for (size_t i = 0; i < devices->len; i++)
        sort_device(devices->items[i], false, out_images);
    return true;
}

static char *list_of(const GPtrArray *words)
{
    g_autoptr(GString) list = g_string_new(NULL);
    for (guint i = 0; i < words->len; i++)
        g_string_append_printf(list, "%s%s", i ? ", " : "", (const char *) words->pdata[i]);
    return g_strdup(list->str);
}

bool state_images_check(const StateImages *images, GError **error)
{
    if (images->unsuitable->len) {
        g_autofree char *list = list_of(images->unsuitable);
        utm_error_set(error, UTM_ERROR_UNSUPPORTED,
                      "qemu-img convert -O qcow2 makes an image that can hold a saved state",
                      "only qcow2 images can hold a saved state, and these are not: %s", list);
        return false;
    }
    if (!images->nodes->len) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, "utmctl pause keeps the state in memory",
                      "it has no writable qcow2 disk that could hold the state");
        return false;
    }
    return true;
}

/* What a job is started with. */
typedef struct {
    const StateImages *images;
    StateAction action;
    const char *tag;
} StateJob;

static bool start_job(QmpClient *client, const char *job_id, const void *user, GError **error)
{
    const StateJob *job = user;
    const GPtrArray *nodes = job->images->nodes;
    const QapiStrList devices = { .len = nodes->len, .items = (char **) nodes->pdata };
    const char *ram = nodes->len ? nodes->pdata[0] : NULL;
    switch (job->action) {
    case STATE_SAVE:
        return qmp_snapshot_save(client, job_id, job->tag, ram, &devices, error);
    case STATE_LOAD:
        return qmp_snapshot_load(client, job_id, job->tag, ram, &devices, error);
    case STATE_DELETE:
        return qmp_snapshot_delete(client, job_id, job->tag, &devices, error);
    }
    g_assert_not_reached();
}

bool state_images_run(const StateImages *images, JobClient *jobs, StateAction action,
                      const char *tag, int64_t timeout_us, GError **error)
{
    const StateJob job = { .images = images, .action = action, .tag = tag };
    return job_run(jobs, start_job, &job, timeout_us, error);
}

bool state_images_save_disks(const StateImages *images, QmpClient *client, const char *tag,
                             GError **error)
{
    guint count = images->devices->len;
    g_autofree QmpBlockdevSnapshotInternal *snapshots = g_new0(QmpBlockdevSnapshotInternal, count);
    g_autofree QmpBlockdevSnapshotInternalWrapper *wrappers =
        g_new0(QmpBlockdevSnapshotInternalWrapper, count);
    g_autofree QmpTransactionAction *actions = g_new0(QmpTransactionAction, count);
    g_autofree QmpTransactionAction **items = g_new0(QmpTransactionAction *, count);
    for (guint i = 0; i < count; i++) {
        snapshots[i].device = images->devices->pdata[i];
        snapshots[i].name = (char *) tag;
        wrappers[i].data = &snapshots[i];
        actions[i].type = QMP_TRANSACTION_ACTION_KIND_BLOCKDEV_SNAPSHOT_INTERNAL_SYNC;
        actions[i].u.blockdev_snapshot_internal_sync = &wrappers[i];
        items[i] = &actions[i];
    }
    const QmpTransactionActionList list = { .len = count, .items = items };
    return qmp_transaction(client, &list, NULL, error);
}

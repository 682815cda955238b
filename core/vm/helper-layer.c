/* SPDX-License-Identifier: Apache-2.0 */
/* External snapshots of the running machine: all its disks go on with new images at one instant. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "bundles/bundle.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/layers.h"
#include "core/vm/helper-private.h"
#include "core/vm/layer-node.h"
#include "qapi/generated/qmp-commands.h"

/* A request that runs from the main loop and pumps it, so that the client that asked is not on the
 * stack. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    char *tag;
    char *description;
} LayerRun;

static void run_free(LayerRun *run)
{
    g_free(run->tag);
    g_free(run->description);
    g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LayerRun, run_free)

static QmpClient *qmp_of(const LayerRun *run)
{
    return job_client_qmp(run->helper->self);
}

/* QEMU's own name of a drive. Source: UTM 5.0.3, argument mapping */
static char *device_of(const LayerStep *step)
{
    return g_strconcat("drive", step->drive, NULL);
}

/* ---- opening the new images ---- */

static bool add_nodes(const LayerRun *run, const GPtrArray *steps, GError **error)
{
    for (guint i = 0; i < steps->len; i++) {
        const LayerStep *step = steps->pdata[i];
        g_autofree char *path = bundle_data_path(run->helper->bundle, step->overlay);
        if (!layer_node_add(qmp_of(run), path, step->overlay, error))
            return false;
    }
    return true;
}

static void drop_nodes(const LayerRun *run, const GPtrArray *steps)
{
    for (guint i = 0; i < steps->len; i++)
        layer_node_drop(qmp_of(run), ((const LayerStep *) steps->pdata[i])->overlay);
}

/* ---- the switch ---- */

/* Source: QEMU qapi/transaction.json, blockdev-snapshot since 2.5 */
static bool switch_all(const LayerRun *run, const GPtrArray *steps, GError **error)
{
    guint count = steps->len;
    g_autofree QmpBlockdevSnapshot *snapshots = g_new0(QmpBlockdevSnapshot, count);
    g_autofree QmpBlockdevSnapshotWrapper *wrappers = g_new0(QmpBlockdevSnapshotWrapper, count);
    g_autofree QmpTransactionAction *actions = g_new0(QmpTransactionAction, count);
    g_autofree QmpTransactionAction **items = g_new0(QmpTransactionAction *, count);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < count; i++) {
        const LayerStep *step = steps->pdata[i];
        snapshots[i].node = device_of(step);
        snapshots[i].overlay = layer_node_name(step->overlay);
        g_ptr_array_add(names, snapshots[i].node);
        g_ptr_array_add(names, snapshots[i].overlay);
        wrappers[i].data = &snapshots[i];
        actions[i].type = QMP_TRANSACTION_ACTION_KIND_BLOCKDEV_SNAPSHOT;
        actions[i].u.blockdev_snapshot = &wrappers[i];
        items[i] = &actions[i];
    }
    const QmpTransactionActionList list = { .len = count, .items = items };
    return qmp_transaction(qmp_of(run), &list, NULL, error);
}

/* The configuration first: killed between the two, the machine has new images that are empty over
 * old ones that have everything. */
static bool commit(const LayerRun *run, const GPtrArray *steps, GError **error)
{
    const Bundle *bundle = run->helper->bundle;
    if (qmp_stop(qmp_of(run), error) &&
        layers_commit_create(bundle, steps, run->tag, run->description, error) &&
        switch_all(run, steps, error))
        return true;
    layers_undo_create(bundle, steps, run->tag);
    return false;
}

/* The helper's own view of the configuration, which it goes on to use. */
static void adopt(const Helper *helper, const GPtrArray *steps)
{
    const GPtrArray *drives = helper->bundle->config->drives;
    for (guint i = 0; i < drives->len; i++) {
        ConfigDrive *drive = drives->pdata[i];
        for (guint k = 0; k < steps->len; k++) {
            const LayerStep *step = steps->pdata[k];
            if (strcmp(drive->identifier, step->drive) != 0)
                continue;
            g_free(drive->image_name);
            drive->image_name = g_strdup(step->overlay);
        }
    }
}

static bool make(const LayerRun *run, GError **error)
{
    Helper *helper = run->helper;
    if (helper->options.disposable) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "it runs disposably, and nothing of it is kept");
        return false;
    }
    g_auto(Fd) lock = layers_lock(helper->bundle, error);
    g_autoptr(GPtrArray) steps = lock >= 0 ? layers_prepare_create(helper->bundle, error) : NULL;
    if (!steps)
        return false;
    if (!add_nodes(run, steps, error)) {
        drop_nodes(run, steps);
        layers_undo_create(helper->bundle, steps, NULL);
        return false;
    }
    bool ok = commit(run, steps, error);
    if (ok)
        adopt(helper, steps);
    else
        drop_nodes(run, steps);
    if (helper->state_before == VM_STATE_STARTED)
        utm_ignore(qmp_cont(qmp_of(run), NULL));
    return ok;
}

static gboolean run_make(gpointer user)
{
    g_autoptr(LayerRun) run = user;
    Helper *helper = run->helper;
    g_autoptr(GError) error = NULL;
    utm_ignore(make(run, &error));
    if (!helper->qemu_ended)
        helper_set_state(helper, helper->state_before);
    helper_thaw(helper);
    helper_answer(run->request, error);
    return G_SOURCE_REMOVE;
}

void helper_layer_command(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpXUtmLayerArgs) wanted = NULL;
    if (!qapi_read_arguments(&qmp_x_utm_layer_args_type, arguments, &wanted, &error)) {
        monitor_answer_error(request, utm_error_word(UTM_ERROR_USAGE), error->message);
        return;
    }
    if (!helper_check_up(helper, request))
        return;
    LayerRun *run = g_new0(LayerRun, 1);
    run->helper = helper;
    run->request = request;
    run->tag = g_steal_pointer(&wanted->tag);
    run->description = g_steal_pointer(&wanted->description);
    helper->state_before = helper->state;
    helper_set_state(helper, VM_STATE_SAVING);
    g_idle_add(run_make, run);
}

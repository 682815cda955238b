/* SPDX-License-Identifier: Apache-2.0 */
/* External snapshots: states of the disks in layers of their own, see layer-tree.h. */
#include "core/snapshot/external.h"

#include "core/error.h"
#include "core/fd.h"
#include "core/snapshot/layer-merge.h"
#include "core/snapshot/layer-tree.h"
#include "core/snapshot/layers.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

static bool ask_helper(QmpClient *client, const char *tag, const char *description, GError **error)
{
    g_autoptr(GError) local = NULL;
    qmp_client_set_timeout(client, 0);
    if (qmp_x_utm_layer(client, tag, description, &local))
        return true;
    vm_helper_error(error, local);
    return false;
}

static bool create_stopped(const Bundle *bundle, const char *tag, const char *description,
                           GError **error)
{
    layer_sweep(bundle, false);
    g_autoptr(GPtrArray) steps = layers_prepare_create(bundle, error);
    bool ok = steps && layers_commit_create(bundle, steps, tag, description, error);
    if (steps && !ok)
        layers_undo_create(bundle, steps, tag);
    layer_sweep(bundle, false);
    return ok;
}

bool external_create(const Bundle *bundle, QmpClient *client, const char *tag,
                     const char *description, GError **error)
{
    return client ? ask_helper(client, tag, description, error)
                  : create_stopped(bundle, tag, description, error);
}

/* A layer may be written to as soon as it is no snapshot's: they are forgotten first. */
static bool forget(const Bundle *bundle, QmpClient *client, const char *const *tags, bool flatten,
                   const LibexecWatch *watch, GError **error)
{
    g_auto(Fd) lock = layers_lock(bundle, error);
    if (lock < 0)
        return false;
    for (; *tags; tags++)
        if (!snapshot_forget(bundle, *tags, error))
            return false;
    const LayerMerge how = { .client = client, .flatten = flatten, .watch = watch };
    if (layer_merge(bundle, &how, error))
        return true;
    g_prefix_error(error, "what is forgotten is still to be merged, which the next \"snapshot "
                          "delete\" or \"snapshot flatten\" does: ");
    return false;
}

bool external_forget(const Bundle *bundle, QmpClient *client, const char *const *tags,
                     const LibexecWatch *watch, GError **error)
{
    return forget(bundle, client, tags, false, watch, error);
}

bool external_flatten(const Bundle *bundle, QmpClient *client, const char *const *tags,
                      const LibexecWatch *watch, GError **error)
{
    return forget(bundle, client, tags, true, watch, error);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Making good what an earlier crash left, and what the end of QEMU leaves. */
#include <sys/wait.h>

#include "core/snapshot/layer-tree.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/vm/helper-private.h"
#include "core/vm/unclean.h"
#include "qapi/json-auto.h"

static const char *uuid_of(const Helper *helper)
{
    return helper->bundle->config->information.uuid;
}

static void note(Helper *helper, const char *event, const char *key, const char *text)
{
    g_autoptr(cJSON) data = cJSON_CreateObject();
    cJSON_AddStringToObject(data, key, text);
    journal_add(helper->journal, event, data, 0);
}

static bool reopen(Helper *helper, GError **error)
{
    g_autofree char *path = g_strdup(helper->bundle->path);
    g_clear_pointer(&helper->bundle, bundle_free);
    helper->bundle = bundle_open(path, error);
    return helper->bundle != NULL;
}

/* Lost clusters first: what is done after that counts on the images. */
static bool recover(Helper *helper, bool quick, bool *out_changed, GError **error)
{
    g_autofree char *damaged = NULL;
    if (!unclean_repair(helper->bundle, quick, &damaged, error))
        return false;
    if (damaged) {
        note(helper, "x-utm-images-damaged", "images", damaged);
        helper->damaged = g_steal_pointer(&damaged);
    }
    return snapshot_recover(helper->bundle, out_changed, error);
}

bool helper_recover(Helper *helper, GError **error)
{
    bool changed = false;
    return recover(helper, false, &changed, error) && (!changed || reopen(helper, error));
}

static bool writes(const Helper *helper)
{
    return !helper->transient && !helper->options.disposable;
}

void helper_recover_prepare(Helper *helper)
{
    if (writes(helper))
        unclean_mark(uuid_of(helper));
}

void helper_warn_damaged(Helper *helper)
{
    if (helper->damaged)
        g_ptr_array_add(helper->plan->argv->warnings,
                        g_strdup_printf("damaged, see \"qemu-img check\": %s", helper->damaged));
}

/* QEMU has no image open by an old name any more. */
static void end_clean(const Helper *helper)
{
    unclean_clear(uuid_of(helper));
    layer_sweep(helper->bundle, false);
}

void helper_recover_exit(Helper *helper)
{
    g_autoptr(GError) error = NULL;
    bool changed = false;
    if (!writes(helper))
        return;
    bool exited = helper->qemu_ended && WIFEXITED(helper->wait_status);
    if (exited && !helper->started_us)
        /* No guest has written anything, and whoever has the images is not waited for. */
        unclean_clear(uuid_of(helper));
    else if (exited && !helper->save_failed && WEXITSTATUS(helper->wait_status) == 0)
        end_clean(helper);
    else if (!recover(helper, true, &changed, &error))
        note(helper, "x-utm-recover-failed", "message", error->message);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of the running machine, on behalf of a client that may go away meanwhile. */
#include <string.h>

#include "core/error.h"
#include "core/vm/helper-private.h"
#include "core/vm/state-images.h"
#include "qapi/json.h"

/* A request that runs from the main loop and pumps it, so that the client that asked is not on the
 * stack. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    char *action;
    char *tag;
    bool disk_only;
    int64_t timeout_us;
} SnapshotRun;

static void run_free(SnapshotRun *run)
{
    g_free(run->action);
    g_free(run->tag);
    g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SnapshotRun, run_free)

static bool call(const Helper *helper, const char *command, GError **error)
{
    return qmp_client_call(job_client_qmp(helper->self), command, NULL, NULL, error);
}

/* Source: QEMU qapi/transaction.json: all of them or none */
static bool save_disks(Helper *helper, const StateImages *images, const char *tag, GError **error)
{
    cJSON *arguments = cJSON_CreateObject();
    cJSON *actions = cJSON_AddArrayToObject(arguments, "actions");
    for (guint i = 0; i < images->devices->len; i++) {
        cJSON *action = cJSON_CreateObject();
        cJSON_AddStringToObject(action, "type", "blockdev-snapshot-internal-sync");
        cJSON *data = cJSON_AddObjectToObject(action, "data");
        cJSON_AddStringToObject(data, "device", images->devices->pdata[i]);
        cJSON_AddStringToObject(data, "name", tag);
        cJSON_AddItemToArray(actions, action);
    }
    return qmp_client_call(job_client_qmp(helper->self), "transaction", arguments, NULL, error);
}

static bool save(const SnapshotRun *run, const StateImages *images, GError **error)
{
    if (!state_images_check(images, error))
        return false;
    if (run->disk_only)
        return save_disks(run->helper, images, run->tag, error);
    return job_run(run->helper->self, "snapshot-save",
                   state_images_arguments(images, run->tag, true), run->timeout_us, error);
}

static bool act(const SnapshotRun *run, GError **error)
{
    Helper *helper = run->helper;
    g_auto(StateImages) images = { 0 };
    if (helper->options.disposable) {
        utm_error_set(error, UTM_ERROR_UNSUPPORTED, NULL,
                      "it runs disposably, and nothing of it is kept");
        return false;
    }
    if (!state_images_find(job_client_qmp(helper->self), &images, error))
        return false;
    if (strcmp(run->action, "save") == 0)
        return save(run, &images, error);
    if (strcmp(run->action, "load") == 0)
        return job_run(helper->self, "snapshot-load",
                       state_images_arguments(&images, run->tag, true), 0, error);
    return job_run(helper->self, "snapshot-delete",
                   state_images_arguments(&images, run->tag, false), 0, error);
}

/* The guest stands still over the whole action, so that all images show the same instant. */
static bool act_standing_still(const SnapshotRun *run, GError **error)
{
    return call(run->helper, "stop", error) && act(run, error);
}

/* A load that failed may have left half a state behind: such a guest must not go on. */
static void restore_state(const SnapshotRun *run, VmState before, bool ok)
{
    Helper *helper = run->helper;
    bool load = strcmp(run->action, "load") == 0;
    if (before == VM_STATE_STARTED && (ok || !load))
        utm_ignore(call(helper, "cont", NULL));
    helper_set_state(helper, load && !ok ? VM_STATE_PAUSED : before);
}

static gboolean run_action(gpointer user)
{
    g_autoptr(SnapshotRun) run = user;
    Helper *helper = run->helper;
    g_autoptr(GError) error = NULL;
    VmState before = helper->state_before;
    bool is_delete = strcmp(run->action, "delete") == 0;
    bool ok = is_delete ? act(run, &error) : act_standing_still(run, &error);
    if (!helper->qemu_ended && !is_delete)
        restore_state(run, before, ok);
    else if (is_delete)
        helper_set_state(helper, before);
    if (ok)
        monitor_answer(run->request, NULL);
    else
        monitor_answer_error(run->request, utm_error_word(utm_error_code(error)), error->message);
    return G_SOURCE_REMOVE;
}

static void refuse(MonitorRequest *request, UtmError code, const char *text)
{
    monitor_answer_error(request, utm_error_word(code), text);
}

void helper_snapshot_command(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    const char *action = cJSON_GetStringValue(cJSON_GetObjectItem(arguments, "action"));
    const char *tag = cJSON_GetStringValue(cJSON_GetObjectItem(arguments, "tag"));
    static const char *const actions[] = { "save", "load", "delete", NULL };
    if (!tag || !*tag || !action || !g_strv_contains(actions, action)) {
        refuse(request, UTM_ERROR_USAGE, "an action and a tag are needed");
        return;
    }
    if (helper->state != VM_STATE_STARTED && helper->state != VM_STATE_PAUSED) {
        g_autofree char *text = g_strdup_printf("it is %s", vm_state_name(helper->state));
        refuse(request, UTM_ERROR_WRONG_STATE, text);
        return;
    }
    SnapshotRun *run = g_new0(SnapshotRun, 1);
    run->helper = helper;
    run->request = request;
    run->action = g_strdup(action);
    run->tag = g_strdup(tag);
    run->disk_only = cJSON_IsTrue(cJSON_GetObjectItem(arguments, "disk-only"));
    utm_ignore(json_get_int64(cJSON_GetObjectItem(arguments, "timeout"), &run->timeout_us));
    helper->state_before = helper->state;
    helper_set_state(helper, strcmp(action, "load") == 0 ? VM_STATE_RESTORING : VM_STATE_SAVING);
    g_idle_add(run_action, run);
}

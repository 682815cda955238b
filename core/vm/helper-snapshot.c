/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of the running machine, on behalf of a client that may go away meanwhile. */
#include <unistd.h>

#include "core/disk-room.h"
#include "core/error.h"
#include "core/fd.h"
#include "core/snapshot/snapshot-marks.h"
#include "core/vm/helper-private.h"
#include "core/vm/hot-plug.h"
#include "core/vm/state-images.h"
#include "qapi/generated/qmp-commands.h"

/* A request that runs from the main loop and pumps it, so that the client that asked is not on the
 * stack. */
typedef struct {
    Helper *helper;
    MonitorRequest *request;
    QmpUtmSnapshotAction action;
    char *tag;
    bool disk_only;
    int64_t timeout_us;
} SnapshotRun;

static void run_free(SnapshotRun *run)
{
    g_free(run->tag);
    g_free(run);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SnapshotRun, run_free)

static bool save(const SnapshotRun *run, const StateImages *images, GError **error)
{
    if (!state_images_check(images, error))
        return false;
    if (run->disk_only)
        return state_images_save_disks(images, job_client_qmp(run->helper->self), run->tag, error);
    return state_images_run(images, run->helper->self, STATE_SAVE, run->tag, run->timeout_us,
                            error);
}

/* What is left to the guest when the disk gets full. */
#define RESERVE_BYTES (32 * 1024 * 1024)

bool helper_reserve_room(const Helper *helper, int *out_fd, GError **error)
{
    g_autoptr(GError) local = NULL;
    *out_fd = disk_room_reserve(helper->bundle->path, RESERVE_BYTES, &local);
    if (!local)
        return true;
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
}

static bool act_on(const SnapshotRun *run, const StateImages *images, GError **error)
{
    if (run->action == QMP_UTM_SNAPSHOT_ACTION_SAVE) {
        g_auto(Fd) reserve = -1;
        return helper_reserve_room(run->helper, &reserve, error) && save(run, images, error);
    }
    StateAction action = run->action == QMP_UTM_SNAPSHOT_ACTION_LOAD ? STATE_LOAD : STATE_DELETE;
    return state_images_run(images, run->helper->self, action, run->tag, 0, error);
}

static SnapshotMark mark_of(QmpUtmSnapshotAction action)
{
    return action == QMP_UTM_SNAPSHOT_ACTION_SAVE   ? SNAPSHOT_CREATING
           : action == QMP_UTM_SNAPSHOT_ACTION_LOAD ? SNAPSHOT_RESTORING
                                                    : SNAPSHOT_DELETING;
}

/* The second number is of pages that are there. Source: proc(5), statm */
static uint64_t resident_bytes(pid_t pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/statm", (int) pid);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 0;
    g_auto(GStrv) words = g_strsplit(text, " ", 3);
    return g_strv_length(words) < 2
               ? 0
               : g_ascii_strtoull(words[1], NULL, 10) * (uint64_t) sysconf(_SC_PAGESIZE);
}

void helper_explain_room(Helper *helper, GError **error)
{
    helper->save_failed = true;
    disk_room_explain(helper->bundle->path, resident_bytes(child_pid(helper->qemu)), error);
}

/* Its connection may have ended before the news of its end have come. */
static bool lives(const Helper *helper)
{
    return !helper->qemu_ended && qmp_query_status(job_client_qmp(helper->self), NULL, NULL);
}

/* A restore that failed may have put some disks back: its mark stays, and it is finished when the
 * machine starts the next time. So does every mark when QEMU has gone. */
static bool act_marked(const SnapshotRun *run, const StateImages *images, GError **error)
{
    const Bundle *bundle = run->helper->bundle;
    SnapshotMark mark = mark_of(run->action);
    if (!snapshot_mark(bundle, mark, run->tag, error))
        return false;
    g_autoptr(GError) local = NULL;
    if (act_on(run, images, &local))
        return snapshot_mark_done(bundle, mark, run->tag, error);
    if (mark != SNAPSHOT_RESTORING && lives(run->helper))
        snapshot_mark_undone(bundle, mark, run->tag);
    helper_explain_room(run->helper, &local);
    g_propagate_error(error, g_steal_pointer(&local));
    return false;
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
    bool with_ram = run->action == QMP_UTM_SNAPSHOT_ACTION_LOAD ||
                    (run->action == QMP_UTM_SNAPSHOT_ACTION_SAVE && !run->disk_only);
    if ((with_ram && !hot_plug_check_saving(job_client_qmp(helper->self), error)) ||
        !state_images_find(job_client_qmp(helper->self), &images, error))
        return false;
    return act_marked(run, &images, error);
}

/* The guest stands still over the whole action, so that all images show the same instant. */
static bool act_standing_still(const SnapshotRun *run, GError **error)
{
    return qmp_stop(job_client_qmp(run->helper->self), error) && act(run, error);
}

/* A load that failed may have left half a state behind: such a guest must not go on. */
static void restore_state(const SnapshotRun *run, VmState before, bool ok)
{
    Helper *helper = run->helper;
    bool load = run->action == QMP_UTM_SNAPSHOT_ACTION_LOAD;
    if (before == VM_STATE_STARTED && (ok || !load))
        utm_ignore(qmp_cont(job_client_qmp(helper->self), NULL));
    helper_set_state(helper, load && !ok ? VM_STATE_PAUSED : before);
    if (!load)
        helper_clock(helper, false);
    else if (ok)
        helper_loaded(helper);
}

static gboolean run_action(gpointer user)
{
    g_autoptr(SnapshotRun) run = user;
    Helper *helper = run->helper;
    g_autoptr(GError) error = NULL;
    VmState before = helper->state_before;
    bool is_delete = run->action == QMP_UTM_SNAPSHOT_ACTION_DELETE;
    bool ok = is_delete ? act(run, &error) : act_standing_still(run, &error);
    if (!helper->qemu_ended && !is_delete)
        restore_state(run, before, ok);
    else if (is_delete)
        helper_set_state(helper, before);
    helper_thaw(helper);
    helper_answer(run->request, error);
    return G_SOURCE_REMOVE;
}

static void refuse(MonitorRequest *request, UtmError code, const char *text)
{
    monitor_answer_error(request, utm_error_word(code), text);
}

void helper_snapshot_command(Helper *helper, MonitorRequest *request, const cJSON *arguments)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(QmpXUtmSnapshotArgs) wanted = NULL;
    if (!qapi_read_arguments(&qmp_x_utm_snapshot_args_type, arguments, &wanted, &error)) {
        refuse(request, UTM_ERROR_USAGE, error->message);
        return;
    }
    if (!*wanted->tag || wanted->action == QMP_UTM_SNAPSHOT_ACTION__UNKNOWN) {
        refuse(request, UTM_ERROR_USAGE, "an action and a tag are needed");
        return;
    }
    if (!helper_check_up(helper, request))
        return;
    SnapshotRun *run = g_new0(SnapshotRun, 1);
    run->helper = helper;
    run->request = request;
    run->action = wanted->action;
    run->tag = g_steal_pointer(&wanted->tag);
    run->disk_only = wanted->disk_only;
    run->timeout_us = wanted->timeout;
    helper->state_before = helper->state;
    bool load = run->action == QMP_UTM_SNAPSHOT_ACTION_LOAD;
    helper_set_state(helper, load ? VM_STATE_RESTORING : VM_STATE_SAVING);
    g_idle_add(run_action, run);
}

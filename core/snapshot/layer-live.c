/* SPDX-License-Identifier: Apache-2.0 */
/* Merging layers of a machine that runs, by QEMU's block jobs. */
#include "core/snapshot/layer-live.h"

#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/vm/layer-node.h"
#include "core/vm/vm.h"
#include "qapi/generated/qmp-commands.h"

#define JOB_PREFIX "utmctl-merge-"

/* How often a job is asked how far it is; at first more often, because most end at once. */
#define ASK_FIRST_US (5 * 1000)
#define ASK_LAST_US (200 * 1000)

/* ---- jobs ---- */

static char *new_job(void)
{
    static unsigned last;
    return g_strdup_printf(JOB_PREFIX "%d-%u", (int) getpid(), ++last);
}

static const QmpJobInfo *find_job(const QmpJobInfoList *jobs, const char *id)
{
    for (size_t i = 0; i < jobs->len; i++)
        if (strcmp(((const QmpJobInfo *) jobs->items[i])->id, id) == 0)
            return jobs->items[i];
    return NULL;
}

static bool never(void *user G_GNUC_UNUSED)
{
    return false;
}

static bool watch_says_go_on(const LibexecWatch *watch, const QmpJobInfo *job)
{
    return !watch || !watch->progress ||
           watch->progress((uint64_t) job->current_progress, (uint64_t) job->total_progress,
                           watch->user);
}

static bool outcome(const QmpJobInfo *job, bool cancelled, GError **error)
{
    if (!job->error && !cancelled)
        return true;
    utm_error_set(error, cancelled ? UTM_ERROR_INTERRUPTED : UTM_ERROR_FAILED, NULL, "%s",
                  cancelled ? "it was interrupted" : job->error);
    return false;
}

/* What to do with a job that is ready to be completed. */
typedef struct {
    const char *image; /* name of the drive's image */
    const char *layer;
} Ready;

/* The helper does it, so that nothing can come between QEMU's switch and ours. */
static bool pivot(QmpClient *client, const char *id, const Ready *ready, GError **error)
{
    g_autoptr(GError) local = NULL;
    qmp_client_set_timeout(client, 0);
    if (qmp_x_utm_layer_pivot(client, id, ready->image, ready->layer, &local))
        return true;
    vm_helper_error(error, local);
    return false;
}

/*
 * QEMU keeps the tables of an image in its memory for a while, but writes the name of what it stands
 * on at once. Killed in between, it would leave an image that has lost what was copied into it.
 *
 * Source: QEMU block/qcow2.c, qcow2_change_backing_file; seen with 7.2
 */
static bool flush(QmpClient *client, const char *node, GError **error)
{
    g_autofree char *command = g_strdup_printf("qemu-io %s flush", node);
    g_autofree char *said = NULL;
    if (!qmp_human_monitor_command(client, command, false, 0, &said, error))
        return false;
    g_strchomp(said);
    if (*said)
        utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", said);
    return !*said;
}

/* @into is the node that a job copies to, and is written out before the job changes anything else. */
static bool finalize(QmpClient *client, const char *id, const char *into, GError **error)
{
    if (flush(client, into, error))
        return qmp_job_finalize(client, id, error);
    utm_ignore(qmp_job_cancel(client, id, NULL));
    return false;
}

static bool wait_job(QmpClient *client, const char *id, const char *into, const Ready *ready,
                     const LibexecWatch *watch, GError **error)
{
    int64_t pause = ASK_FIRST_US;
    for (bool cancelled = false;; pause = MIN(2 * pause, ASK_LAST_US)) {
        g_autoptr(QmpJobInfoList) jobs = NULL;
        if (!qmp_query_jobs(client, &jobs, error))
            return false;
        const QmpJobInfo *job = find_job(jobs, id);
        if (!job) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "another command has ended the job");
            return false;
        }
        if (job->status == QMP_JOB_STATUS_CONCLUDED) {
            bool ok = outcome(job, cancelled, error);
            utm_ignore(qmp_job_dismiss(client, id, NULL));
            return ok;
        }
        if (!cancelled && !watch_says_go_on(watch, job))
            cancelled = qmp_job_cancel(client, id, NULL);
        else if (!cancelled && ready && job->status == QMP_JOB_STATUS_READY &&
                 !pivot(client, id, ready, error))
            return false;
        else if (into && job->status == QMP_JOB_STATUS_PENDING &&
                 !finalize(client, id, into, error))
            return false;
        utm_ignore(qmp_client_pump(client, never, NULL, pause, NULL));
    }
}

/* Whoever has the lock on the layers is the only one: such jobs are of a command that was killed. */
static bool end_old_jobs(QmpClient *client, GError **error)
{
    g_autoptr(QmpJobInfoList) jobs = NULL;
    if (!qmp_query_jobs(client, &jobs, error))
        return false;
    for (size_t i = 0; i < jobs->len; i++) {
        const QmpJobInfo *job = jobs->items[i];
        if (!g_str_has_prefix(job->id, JOB_PREFIX))
            continue;
        if (job->status != QMP_JOB_STATUS_CONCLUDED)
            utm_ignore(qmp_job_cancel(client, job->id, NULL));
        utm_ignore(wait_job(client, job->id, NULL, NULL, NULL, NULL));
    }
    return true;
}

/* ---- nodes ---- */

/* A drive's image may be what was a layer, and have been opened by the name that it had then. */
static char *node_of(QmpClient *client, const LayerImage *image, GError **error)
{
    g_autoptr(GError) local = NULL;
    char *node = layer_node_find(client, image->path, image->name, &local);
    g_autofree char *data = g_path_get_dirname(image->path);
    g_autofree char *bundle = g_path_get_dirname(data);
    g_autofree char *folder = g_build_filename(bundle, "Snapshots", NULL);
    g_autoptr(GDir) dir = node ? NULL : g_dir_open(folder, 0, NULL);
    for (const char *name; dir && !node && (name = g_dir_read_name(dir));) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (layer_is_same_file(path, image->path))
            node = layer_node_find(client, path, name, NULL);
    }
    if (!node)
        g_propagate_error(error, g_steal_pointer(&local));
    return node;
}

/* The node below a layer, which need not be a layer itself. */
static bool node_below(QmpClient *client, const LayerImage *layer, char **out_node, GError **error)
{
    if (!layer || !layer->info->backing_file)
        return true;
    g_autofree char *folder = g_path_get_dirname(layer->path);
    g_autofree char *path = g_canonicalize_filename(layer->info->backing_file, folder);
    g_autofree char *name = g_path_get_basename(path);
    *out_node = layer_node_find(client, path, name, error);
    return *out_node != NULL;
}

/* ---- merging ---- */

bool layer_live_pull(QmpClient *client, const LayerImage *upper, const LayerImage *lower,
                     const LibexecWatch *watch, GError **error)
{
    g_autofree char *job = new_job();
    g_autofree char *node = node_of(client, upper, error);
    g_autofree char *base = NULL;
    if (!node || !node_below(client, lower, &base, error) || !end_old_jobs(client, error) ||
        !qmp_block_stream(client, job, node, base, NULL, base ? lower->info->backing_file : NULL,
                          false, 0, false, 0, NULL, true, false, true, false, error) ||
        !wait_job(client, job, node, NULL, watch, error) || !flush(client, node, error))
        return false;
    if (lower)
        layer_node_drop(client, lower->name);
    return true;
}

bool layer_live_push(QmpClient *client, const LayerImage *root, const LayerImage *upper,
                     const LayerImage *lower, const LibexecWatch *watch, GError **error)
{
    g_autofree char *job = new_job();
    bool active = root == upper;
    const Ready ready = { .image = upper->name, .layer = lower->name };
    g_autofree char *root_node = node_of(client, root, error);
    g_autofree char *top = root_node ? node_of(client, upper, error) : NULL;
    g_autofree char *base = top ? node_of(client, lower, error) : NULL;
    g_autofree char *folder = g_path_get_dirname(lower->path);
    g_autofree char *folder_name = g_path_get_basename(folder);
    g_autofree char *backing = g_build_filename("..", folder_name, lower->name, NULL);
    if (!base || !end_old_jobs(client, error) ||
        !qmp_block_commit(client, job, root_node, base, top, active ? NULL : backing, false, 0,
                          false, 0, NULL, !active, false, true, false, error) ||
        !wait_job(client, job, active ? NULL : base, active ? &ready : NULL, watch, error))
        return false;
    layer_node_drop(client, upper->name);
    return true;
}

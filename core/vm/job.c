/* SPDX-License-Identifier: Apache-2.0 */
/* Running one of QEMU's jobs to its end. */
#include "core/vm/job.h"

#include <string.h>

#include "core/error.h"
#include "qapi/generated/qmp-commands.h"
#include "qapi/generated/qmp-events.h"

struct JobClient {
    QmpClient *qmp;
    char *waiting_for; /* id of the job that is run now; NULL: none */
    bool concluded;
    unsigned last;
};

static void on_status(const QmpJobStatusChangeEvent *data, int64_t time_us, void *user)
{
    (void) time_us;
    JobClient *jobs = user;
    if (g_strcmp0(data->id, jobs->waiting_for) == 0 && data->status == QMP_JOB_STATUS_CONCLUDED)
        jobs->concluded = true;
}

static void on_event(QmpClient *client, const char *name, const cJSON *data, int64_t time_us,
                     void *user)
{
    (void) client;
    static const QmpEventHandlers handlers = { .job_status_change = on_status };
    utm_ignore(qmp_event_dispatch(&handlers, name, data, time_us, user, NULL));
}

static const QmpClientOps ops = { .event = on_event };

JobClient *job_client_new(int fd, GMainContext *context)
{
    JobClient *jobs = g_new0(JobClient, 1);
    jobs->qmp = qmp_client_new(fd, context, &ops, jobs);
    return jobs;
}

QmpClient *job_client_qmp(JobClient *jobs)
{
    return jobs->qmp;
}

static bool is_concluded(void *user)
{
    return ((JobClient *) user)->concluded;
}

/* Why it ended; the event does not carry it. */
/* A device that cannot be saved says so in words only.
 * Source: QEMU 7.2 hw/9pfs/9p.c, migration/savevm.c */
static UtmError code_of(const char *why)
{
    bool stuck = strstr(why, "igration is disabled") || strstr(why, "non-migratable");
    return stuck ? UTM_ERROR_UNSUPPORTED : UTM_ERROR_FAILED;
}

static bool check_outcome(JobClient *jobs, const char *id, GError **error)
{
    g_autoptr(QmpJobInfoList) list = NULL;
    if (!qmp_query_jobs(jobs->qmp, &list, error))
        return false;
    for (size_t i = 0; i < list->len; i++) {
        const QmpJobInfo *job = list->items[i];
        if (strcmp(job->id, id) == 0 && job->error) {
            utm_error_set(error, code_of(job->error), NULL, "%s", job->error);
            return false;
        }
    }
    return true;
}

static bool wait_job(JobClient *jobs, const char *id, int64_t timeout_us, GError **error)
{
    g_autoptr(GError) wait_error = NULL;
    if (qmp_client_pump(jobs->qmp, is_concluded, jobs, timeout_us, &wait_error))
        return true;
    if (!g_error_matches(wait_error, QMP_ERROR, QMP_ERROR_TIMEOUT)) {
        g_propagate_error(error, g_steal_pointer(&wait_error));
        return false;
    }
    /* Cancelling is a request: the job still has to end before the machine can be used. */
    utm_ignore(qmp_job_cancel(jobs->qmp, id, NULL));
    utm_ignore(qmp_client_pump(jobs->qmp, is_concluded, jobs, 0, NULL));
    utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "it took longer than %" G_GINT64_FORMAT " s",
                  timeout_us / G_USEC_PER_SEC);
    return false;
}

bool job_run(JobClient *jobs, JobStart start, const void *user, int64_t timeout_us, GError **error)
{
    g_autofree char *id = g_strdup_printf("utmctl-%u", ++jobs->last);
    jobs->waiting_for = id;
    jobs->concluded = false;
    bool ok = start(jobs->qmp, id, user, error);
    if (ok) {
        ok = wait_job(jobs, id, timeout_us, error) && check_outcome(jobs, id, error);
        utm_ignore(qmp_job_dismiss(jobs->qmp, id, NULL));
    }
    jobs->waiting_for = NULL;
    return ok;
}

bool job_complete(JobClient *jobs, const char *id, GError **error)
{
    jobs->waiting_for = (char *) id;
    jobs->concluded = false;
    bool ok = qmp_job_complete(jobs->qmp, id, error) && wait_job(jobs, id, 0, error) &&
              check_outcome(jobs, id, error);
    jobs->waiting_for = NULL;
    return ok;
}

void job_client_free(JobClient *jobs)
{
    if (!jobs)
        return;
    qmp_client_free(jobs->qmp);
    g_free(jobs);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Running one of QEMU's jobs to its end. */
#include "core/vm/job.h"

#include <string.h>

#include "core/error.h"
#include "qapi/json-auto.h"

struct JobClient {
    QmpClient *qmp;
    char *waiting_for; /* id of the job that is run now; NULL: none */
    bool concluded;
    unsigned last;
};

static void on_event(QmpClient *client, const char *name, const cJSON *data, int64_t time_us,
                     void *user)
{
    (void) client;
    (void) time_us;
    JobClient *jobs = user;
    if (strcmp(name, "JOB_STATUS_CHANGE") != 0)
        return;
    const char *id = cJSON_GetStringValue(cJSON_GetObjectItem(data, "id"));
    const char *status = cJSON_GetStringValue(cJSON_GetObjectItem(data, "status"));
    if (jobs->waiting_for && g_strcmp0(id, jobs->waiting_for) == 0 &&
        g_strcmp0(status, "concluded") == 0)
        jobs->concluded = true;
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

static cJSON *with_id(const char *name, const char *id)
{
    cJSON *arguments = cJSON_CreateObject();
    cJSON_AddStringToObject(arguments, name, id);
    return arguments;
}

/* Why it ended; the event does not carry it. */
static bool check_outcome(JobClient *jobs, const char *id, GError **error)
{
    g_autoptr(cJSON) list = NULL;
    if (!qmp_client_call(jobs->qmp, "query-jobs", NULL, &list, error))
        return false;
    const cJSON *job;
    cJSON_ArrayForEach (job, list) {
        if (g_strcmp0(cJSON_GetStringValue(cJSON_GetObjectItem(job, "id")), id) != 0)
            continue;
        const char *why = cJSON_GetStringValue(cJSON_GetObjectItem(job, "error"));
        if (why) {
            utm_error_set(error, UTM_ERROR_FAILED, NULL, "%s", why);
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
    utm_ignore(qmp_client_call(jobs->qmp, "job-cancel", with_id("id", id), NULL, NULL));
    utm_ignore(qmp_client_pump(jobs->qmp, is_concluded, jobs, 0, NULL));
    utm_error_set(error, UTM_ERROR_TIMEOUT, NULL, "it took longer than %" G_GINT64_FORMAT " s",
                  timeout_us / G_USEC_PER_SEC);
    return false;
}

bool job_run(JobClient *jobs, const char *command, cJSON *arguments, int64_t timeout_us,
             GError **error)
{
    g_autofree char *id = g_strdup_printf("utmctl-%u", ++jobs->last);
    cJSON_AddStringToObject(arguments, "job-id", id);
    jobs->waiting_for = id;
    jobs->concluded = false;
    bool ok = qmp_client_call(jobs->qmp, command, arguments, NULL, error);
    if (ok) {
        ok = wait_job(jobs, id, timeout_us, error) && check_outcome(jobs, id, error);
        utm_ignore(qmp_client_call(jobs->qmp, "job-dismiss", with_id("id", id), NULL, NULL));
    }
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Running one of QEMU's jobs to its end. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "qapi/qmp-client.h"

typedef struct JobClient JobClient;

/**
 * job_client_new() - A monitor connection that can wait for jobs
 * @fd:      connected socket; owned
 * @context: as for qmp_client_new()
 *
 * Return: a client that has not negotiated yet; free with job_client_free()
 */
JobClient *job_client_new(int fd, GMainContext *context);

/**
 * job_client_qmp() - The plain client; borrowed
 */
QmpClient *job_client_qmp(JobClient *jobs);

/* Sends the command that starts a job of this id: "snapshot-save"… */
typedef bool (*JobStart)(QmpClient *client, const char *job_id, const void *user, GError **error);

/**
 * job_run() - Start a job, wait until it has concluded, dismiss it
 * @start:      starts it; called once
 * @user:       for @start
 * @timeout_us: then the job is cancelled; 0 for ever
 * @error:      UTM_ERROR_FAILED with QEMU's words, UTM_ERROR_UNSUPPORTED for a device whose state
 *              cannot be saved, UTM_ERROR_TIMEOUT
 *
 * Source: QEMU docs/interop/live-block-operations, qapi/job.json: the event tells that a job has
 * concluded, query-jobs why
 */
bool job_run(JobClient *jobs, JobStart start, const void *user, int64_t timeout_us,
             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * job_complete() - Let a job that is ready come to its end, and wait for that
 * @id:    of a job that somebody else has started, and dismisses
 * @error: UTM_ERROR_FAILED with QEMU's words
 */
bool job_complete(JobClient *jobs, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * job_client_free() - Close the connection; NULL is ignored
 */
void job_client_free(JobClient *jobs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(JobClient, job_client_free)

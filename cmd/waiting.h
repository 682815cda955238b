/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share that wait for a machine: words, progress, the JSON of the outcome. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include <cjson/cJSON.h>

#include "bundles/bundle.h"
#include "core/wait/wait.h"

/* How long is waited where the command line does not say. */
#define WAITING_LIMIT_US (300 * G_USEC_PER_SEC)

/**
 * waiting_run() - Wait, and say on standard error what has been reached
 * @request: .reached and .evidence are filled in here when they are not set
 *
 * A time-out leaves its evidence in the error that --json prints.
 */
bool waiting_run(const Bundle *bundle, WaitRequest *request,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * waiting_condition_json() - {condition, reached, after, found, why_not}
 */
cJSON *waiting_condition_json(const WaitCondition *condition);

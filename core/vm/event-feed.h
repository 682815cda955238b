/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the event journals of machines, what is in them and what comes. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t since_us;           /* microseconds since the epoch; events before are left out */
    const char *const *filters; /* shell patterns of event names, any case; NULL: every event */
    bool follow;                /* go on with what comes, for ever */
} EventRequest;

/* @line: a JSON text {time, vm, event, data} without its newline. false ends the reading. */
typedef bool (*EventFunc)(const char *line, void *user);

/**
 * event_feed_run() - Hand out events of one machine, or of all
 * @uuid:    machine's UUID; NULL for all that run and, when following, for those that start later
 * @request: borrowed
 * @func:    called for each event; those that are there already come in the order of their times
 * @error:   UTM_ERROR_FAILED when the folder cannot be watched
 *
 * What is read are the journals that helpers write, so nothing is lost or told twice between what
 * was and what comes, and a machine that restarts is followed on.
 *
 * Return: true when all was handed out or @func has ended it
 */
bool event_feed_run(const char *uuid, const EventRequest *request, EventFunc func, void *user,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

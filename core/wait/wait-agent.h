/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a guest again and again whether what is waited for has come. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/wait/wait-condition.h"

/* What was found out about a condition. */
typedef struct {
    guint index;
    bool reached;
    bool failed; /* it can never be reached any more; @text says why */
    char *text;  /* what was found, or why it is not so; or NULL */
} WaitFinding;

/* Called in the main context that was given. @finding is borrowed. */
typedef void (*WaitFindingFunc)(const WaitFinding *finding, void *user);

typedef struct WaitAgent WaitAgent;

/**
 * wait_agent_start() - Begin to ask
 * @fd:         connection to the machine's monitor; owned
 * @conditions: of WaitCondition; those that are to be asked and not reached are looked at until
 *              they are. Borrowed, must outlive the asking; only kind, value and port are read
 * @context:    where @found is called
 *
 * A thread asks, so that an agent that does not answer holds nothing else up. Nothing in a guest
 * tells of a file or an address: it is asked at short intervals, and at once when wait_agent_kick()
 * says that something has happened.
 */
WaitAgent *wait_agent_start(int fd, const GPtrArray *conditions, GMainContext *context,
                            WaitFindingFunc found, void *user);

/**
 * wait_agent_kick() - Something has happened in the guest: ask now
 */
void wait_agent_kick(WaitAgent *agent);

/**
 * wait_agent_stop() - End the asking; a program that was started for it in the guest is ended
 *
 * What was found before is handed out no more. NULL is ignored.
 */
void wait_agent_stop(WaitAgent *agent);

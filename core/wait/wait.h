/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until a machine and its guest have got somewhere. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "core/wait/wait-condition.h"
#include "core/wait/wait-evidence.h"

typedef struct {
    GPtrArray *conditions; /* of WaitCondition, at least one; borrowed, and filled with what became
                               of each */
    bool any;              /* one of them is enough */
    int64_t timeout_us;    /* 0 for ever */
    int interrupt_fd;      /* readable when the waiting is to end; -1: none */
    const char *folder;    /* for the picture of a machine that ran out of time, see
                               wait_evidence_collect() */
    /* Called when a condition is reached; may be NULL. */
    void (*reached)(const WaitCondition *condition, void *user);
    void *user;
    WaitEvidence *evidence; /* filled after a time-out; may be NULL */
} WaitRequest;

/**
 * wait_for() - Wait until all conditions have been reached, or any of them
 * @bundle: the machine
 * @error:  UTM_ERROR_TIMEOUT with what was reached and the evidence; UTM_ERROR_WRONG_STATE when the
 *          machine does not run and nobody waits for its start, or when it has ended meanwhile;
 *          UTM_ERROR_INTERRUPTED; UTM_ERROR_FAILED when a condition cannot be reached any more;
 *          UTM_ERROR_UNSUPPORTED when there is no serial console to read
 *
 * A condition that was reached once stays so. What the guest has written to its console since it
 * was started counts too. States and console are told by the helper at once; how the guest itself
 * is asked, wait_agent_start() says.
 */
bool wait_for(const Bundle *bundle, const WaitRequest *request,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * wait_for_word() - Wait a moment for one condition, whose outcome nobody needs
 * @word:     as in wait_condition_list(), such as "agent"
 * @limit_us: above 0
 */
void wait_for_word(const Bundle *bundle, const char *word, int64_t limit_us);

/**
 * wait_for_end() - Let a machine end whose agent has gone: that goes first
 */
void wait_for_end(const Bundle *bundle);

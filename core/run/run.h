/* SPDX-License-Identifier: Apache-2.0 */
/* A machine for one command: start it, do the work in its guest, take the results, end it. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "core/guest/guest-exec.h"
#include "core/vm/vm.h"
#include "core/wait/wait.h"

typedef struct {
    const char *snapshot;      /* start a copy from this warm one; NULL: start the machine itself */
    bool remove;               /* keep nothing: neither the copy nor what the guest writes */
    VmStartOptions start;      /* for the machine itself */
    GPtrArray *conditions;     /* of WaitCondition, what has to be reached before the command */
    char *const *copy_in;      /* "HOSTPATH:GUESTPATH", NULL-terminated; NULL: none */
    char *const *copy_out;     /* "GUESTPATH:HOSTPATH" */
    GuestExec exec;            /* .words may be NULL: then reaching the conditions is all. Its time
                                   limit is set from the one below */
    const char *artifacts;     /* folder for logs and pictures, or NULL */
    int64_t picture_every_us;  /* 0: only when it fails */
    int64_t timeout_us;        /* for all of it; 0: for ever */
    int64_t wait_timeout_us;   /* for the conditions; 0: as above */
    int64_t stop_timeout_us;   /* for the guest to power off */
    int interrupt_fd;          /* readable when a signal has come; -1: none */
    int (*signal)(void *user); /* which one has; 0: none */
    void (*note)(const char *text, void *user);
    void (*reached)(const WaitCondition *condition, void *user);
    void *user;
    WaitEvidence *evidence; /* filled after a time-out */
} RunOptions;

/* What came of it. Times are microseconds since 1970, 0 for what was not reached. */
typedef struct {
    char *name; /* of the machine that ran, owned */
    int status; /* of the command */
    int64_t begun, started, ready, executed, ended;
} RunResult;

void run_result_clear(RunResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(RunResult, run_result_clear)

/**
 * run_machine() - Run a machine for one command
 * @bundle:     the machine
 * @out_result: filled in any case
 * @error:      UTM_ERROR_TIMEOUT with evidence, UTM_ERROR_INTERRUPTED, UTM_ERROR_WRONG_STATE when
 *              the machine runs already or has ended meanwhile; what waiting, copying and running set
 *
 * However this ends, the machine does too: its helper watches this process. What is copied out is
 * taken also after a command that failed or ran out of time, as far as the guest still answers.
 */
bool run_machine(const Bundle *bundle, const RunOptions *options, RunResult *out_result,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* A command in a running guest that can be taken back: checkpoint, run, keep or roll back. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"
#include "core/guest/guest-exec.h"

/* Names of automatic checkpoints begin so; what they were made before is their description. */
#define TRY_PREFIX "auto-"

/* How many of them are kept. */
#define TRY_KEEP 5

typedef struct {
    GuestExec exec;
    const int64_t *keep_on; /* statuses besides 0 after which the changes stay */
    size_t n_keep_on;
    bool always_rollback;
    void (*note)(const char *text, void *user);
    void *user; /* for .note; .exec has its own */
} TryOptions;

typedef struct {
    int status;       /* of the command */
    char *checkpoint; /* name of the snapshot to go back to, owned; NULL once it is gone */
    bool rolled_back;
} TryResult;

void try_result_clear(TryResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TryResult, try_result_clear)

/**
 * try_run() - Run a command in a guest, and roll the machine back when it fails
 * @bundle:     a machine that runs
 * @out_result: filled in any case
 * @error:      of the checkpoint or of running; then the machine is rolled back too
 *
 * The checkpoint is a snapshot with memory and disks. When the changes stay it stays as well, for
 * try_undo(); older ones go. When this process is killed the machine is left as it is, with its
 * checkpoint.
 */
bool try_run(const Bundle *bundle, const TryOptions *options, TryResult *out_result,
             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * try_last() - The newest automatic checkpoint of a machine
 * @out_before: what it was made before, a new string
 * @error:      UTM_ERROR_NOT_FOUND when there is none
 *
 * Return: its name, a new string
 */
char *try_last(const Bundle *bundle, char **out_before, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * try_undo() - Go back to a checkpoint, and forget it
 */
bool try_undo(const Bundle *bundle, const char *checkpoint,
              GError **error) G_GNUC_WARN_UNUSED_RESULT;

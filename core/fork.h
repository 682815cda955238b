/* SPDX-License-Identifier: Apache-2.0 */
/* Running copies of a machine, started from the memory of a warm snapshot. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/bundle.h"

typedef struct {
    unsigned count;      /* how many, at least 1 */
    const char *pattern; /* name with "{n}" for a number; NULL: the machine's name, "-{n}" */
    bool transient;      /* remove each copy when it stops */
    bool hold;           /* end each copy when its Fork is freed, or this process goes */
    bool (*interrupted)(void *user); /* asked now and then; true: no copy is wanted; or NULL */
    void *user;
} ForkOptions;

typedef struct {
    char *name;
    char *uuid;
    char *path; /* bundle */
    int hold;   /* descriptor for vm_release(); -1 without .hold */
} Fork;

void fork_free(Fork *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fork, fork_free)

/* What there is to say of it. */
typedef struct {
    GPtrArray *forks;    /* (owned) of Fork */
    GPtrArray *warnings; /* (owned) of char * */
    bool made_anew;      /* the warm image was not there, or did not fit any more */
    int64_t stood_us;    /* how long the original stood still; 0 where it did not have to */
} ForkResult;

void fork_result_clear(ForkResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ForkResult, fork_result_clear)

/**
 * fork_start() - Start copies of a machine
 * @bundle:     the machine
 * @snapshot:   one of its warm snapshots; NULL: as it is now, for which it has to run
 * @options:    borrowed
 * @out_result: filled on success
 * @error:      UTM_ERROR_INTERRUPTED, UTM_ERROR_WRONG_STATE, UTM_ERROR_UNSUPPORTED for a snapshot that is not warm,
 *              UTM_ERROR_USAGE for a pattern that cannot be
 *
 * Each copy is a machine of the library with a UUID and MAC addresses of its own. What it writes
 * goes to overlays over disks that its bundle has in its folder Base, linked with those of the warm
 * image, so that a copy needs nothing outside of its bundle once it runs. What it writes to memory
 * is its own too. The guest itself does not notice: it has the original's addresses until it boots.
 * When one copy cannot be started, none is left.
 */
bool fork_start(const Bundle *bundle, const char *snapshot, const ForkOptions *options,
                ForkResult *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Text of the sidecar that makes a machine go when it stops. */
#define FORK_TRANSIENT_KEY "RemoveWhenStopped"

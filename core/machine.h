/* SPDX-License-Identifier: Apache-2.0 */
/* A machine as a folder: cloned, renamed, deleted while it does not run. */
#pragma once

#include "bundles/bundle.h"
#include "core/tree.h"

/**
 * machine_check_idle() - Whether nothing runs from a bundle
 * @path:  bundle
 * @name:  machine's name, for the message
 * @uuid:  machine's UUID; NULL or not known: nothing can run from it
 * @what:  what is to be done, such as "cannot rename"
 * @error: UTM_ERROR_WRONG_STATE naming who runs it
 */
bool machine_check_idle(const char *path, const char *name, const char *uuid, const char *what,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * machine_renew_macs() - Give every network adapter a new MAC address
 *
 * Source: UTM 5.0.3 does so for clones, where its setting says so
 */
void machine_renew_macs(UtmConfig *config);

/* What to clone into, and what came of it. */
typedef struct {
    const char *name;      /* borrowed; NULL: the first free one of "NAME 2", "NAME 3"… */
    const char *output;    /* path of the new bundle, borrowed; NULL: in the library */
    bool linked;           /* its disks stand on the original's, which must not change any more */
    bool full;             /* every disk is one image of its own, without snapshots */
    TreeProgress progress; /* or NULL */
    void *user;
} CloneOptions;

typedef struct {
    char *path;           /* owned */
    char *name;           /* owned */
    char *uuid;           /* owned */
    bool dropped_suspend; /* the original has a saved state, the clone has not */
} CloneResult;

void clone_result_clear(CloneResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CloneResult, clone_result_clear)

/**
 * machine_clone_target() - Choose path, name and UUID of a clone
 * @error: UTM_ERROR_WRONG_STATE when the target exists, UTM_ERROR_USAGE
 */
bool machine_clone_target(const Bundle *bundle, const CloneOptions *options,
                          CloneResult *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * machine_renew_identity() - Give a copied configuration the name and UUID of a clone, and new MACs
 */
void machine_renew_identity(UtmConfig *config, const CloneResult *result);

/**
 * machine_clone() - Copy a machine under a new name, UUID and MAC addresses
 * @bundle:     the original
 * @options:    borrowed
 * @dry_run:    find names, change nothing
 * @out_result: filled on success
 * @error:      UTM_ERROR_WRONG_STATE when the original runs or the target exists,
 *              UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED
 *
 * The copy is made beside its target and renamed into place: there is a whole clone or none. A
 * saved state is not taken over, because it knows the original's MAC addresses and UUID.
 *
 * Source: UTM 5.0.3 clones with a new UUID, and with new MAC addresses where its setting says so
 */
bool machine_clone(const Bundle *bundle, const CloneOptions *options, bool dry_run,
                   CloneResult *out_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * machine_rename() - Give a machine another name, and its folder too when it is in the library
 * @bundle:  the machine; its path is the new one afterwards
 * @name:    the new name
 * @dry_run: check, change nothing
 * @error:   UTM_ERROR_WRONG_STATE when it runs or the name is taken, UTM_ERROR_USAGE for a bad name
 *
 * Source: UTM 5.0.3 moves the folder only when it lies in its own storage
 */
bool machine_rename(Bundle *bundle, const char *name, bool dry_run,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * machine_check_delete() - Whether a path is a bundle that may be deleted
 * @path:  absolute path
 * @force: a protected machine, and a folder without config.plist, may be
 * @error: UTM_ERROR_INVALID for what is no bundle, UTM_ERROR_WRONG_STATE for a protected machine
 */
bool machine_check_delete(const char *path, bool force, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * machine_delete() - Remove a bundle and what is kept about it on this host
 * @path:  absolute path; machine_check_delete() has been asked
 * @uuid:  machine's UUID, or NULL
 * @error: UTM_ERROR_FAILED
 *
 * The folder gets a hidden name first, so that nobody finds half a machine. What is kept by UUID
 * stays when another bundle of the library has the same one.
 */
bool machine_delete(const char *path, const char *uuid, GError **error) G_GNUC_WARN_UNUSED_RESULT;

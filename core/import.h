/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing machines and images from elsewhere into the library, whole or not at all. */
#pragma once

#include "core/create.h"
#include "core/libexec.h"

/* Everything is borrowed; NULL and 0 leave it to the source. */
typedef struct {
    const char
        *source; /* folder, archive, image, http(s) address, or "-" for an archive on stdin */
    const char *name;
    const char *into;         /* folder for the bundle; NULL: the library */
    const char *sha256;       /* digest that the file must have */
    const char *architecture; /* of a machine that is made around an image */
    CreateSwitch uefi;        /* likewise */
    uint64_t max_bytes;       /* how much an archive may become */
    bool move;                /* a folder is moved, not copied */
    bool raw;                 /* a raw image stays one */
    bool dry_run;
    LibexecWatch watch;
} ImportOptions;

typedef struct {
    char *path;
    char *name;
    char *uuid;       /* NULL where only unpacking would tell */
    GPtrArray *notes; /* (owned) of char *: what is not as it was; never NULL after success */
} ImportResult;

void import_result_clear(ImportResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ImportResult, import_result_clear)

/**
 * machine_import() - Import a bundle, or make a machine around an image
 * @options:    borrowed
 * @out_result: filled on success
 * @error:      UTM_ERROR_NOT_FOUND, UTM_ERROR_INVALID for what is no machine or malicious,
 *              UTM_ERROR_WRONG_STATE when the name is taken or the source runs,
 *              UTM_ERROR_UNSUPPORTED, UTM_ERROR_INTERRUPTED
 *
 * Built beside its place and renamed; after a failure nothing is left, but what was downloaded
 * stays in the cache for the next try. A machine whose UUID this host knows already gets another
 * one, and other MAC addresses.
 *
 * Source: UTM 5.0.3 gives the later one of two machines with one UUID a new one
 */
bool machine_import(const ImportOptions *options, ImportResult *out_result,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

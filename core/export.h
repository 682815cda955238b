/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a machine elsewhere: as an archive, a folder, or a script that needs only QEMU. */
#pragma once

#include "bundles/bundle.h"
#include "core/libexec.h"

/* Everything is borrowed. */
typedef struct {
    const char *output; /* file or folder; "-": an archive or script to standard output */
    const char *format; /* one of export_formats; NULL: by the ending of @output, else zip */
    bool force;         /* replace a file that is there */
    bool dry_run;
    LibexecWatch watch;
} ExportOptions;

/* "zip", "tar", "tar.gz", "tar.zst", "tar.xz", "dir", "script"; NULL-terminated. */
extern const char *const export_formats[];

typedef struct {
    char *path;         /* owned; "-" for standard output */
    const char *format; /* static */
    GPtrArray *left;    /* (owned) of char *: what could not be carried, one sentence each */
} ExportResult;

void export_result_clear(ExportResult *result);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ExportResult, export_result_clear)

/**
 * machine_export() - Export a machine
 * @bundle:     the machine; it must not run, unless a script is wanted
 * @options:    borrowed
 * @out_result: filled on success
 * @error:      UTM_ERROR_WRONG_STATE when it runs or the target exists, UTM_ERROR_USAGE,
 *              UTM_ERROR_INTERRUPTED, UTM_ERROR_FAILED
 *
 * Written beside the target and renamed, so that there is a whole export or none.
 */
bool machine_export(const Bundle *bundle, const ExportOptions *options, ExportResult *out_result,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

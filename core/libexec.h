/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of this project that are not for users: where they are, and running one. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "core/tree.h"

/* Who looks on while something long goes on. */
typedef struct {
    TreeProgress progress;                      /* false cancels; may be NULL */
    void (*note)(const char *text, void *user); /* may be NULL */
    void *user;
} LibexecWatch;

/**
 * libexec_find() - Path of a program of ours
 * @program: such as "utmctl-archive"
 * @error:   UTM_ERROR_UNSUPPORTED
 *
 * Looked for in UTMCTL_LIBEXEC, in ../libexec/utmctl from this program, which holds for a build
 * that is run in place, too, and in the installed folder.
 *
 * Return: a new string
 */
char *libexec_find(const char *program, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * libexec_run() - Run a program that reports as transfer/report.h says
 * @argv:  program without its folder, and its arguments; NULL-terminated
 * @watch: may be NULL
 * @error: what the program reports; UTM_ERROR_INTERRUPTED when @watch cancelled
 *
 * Standard input and error are this process's own; its standard output is descriptor 3 there.
 */
bool libexec_run(const char *const *argv, const LibexecWatch *watch,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

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

/* Such a program that runs beside this one. */
typedef struct LibexecChild LibexecChild;

/**
 * libexec_start() - Start a program that reports as transfer/report.h says
 * @input:  descriptor that is its standard input, or -1 for this process's own; borrowed
 * @output: descriptor that is its descriptor 3, or -1 for this process's standard output; borrowed
 * @watch:  told of what it says, in libexec_finish(); lives until then; may be NULL
 *
 * Return: the child, for libexec_finish() or libexec_child_free()
 */
LibexecChild *libexec_start(const char *const *argv, int input, int output,
                            const LibexecWatch *watch, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * libexec_look() - Take what a program has said so far, without waiting
 */
void libexec_look(LibexecChild *child);

/**
 * libexec_finish() - Listen to a program until it ends
 * @child: taken
 * @error: as libexec_run() sets it
 */
bool libexec_finish(LibexecChild *child, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * libexec_child_free() - Kill a program that is not wanted any more; NULL is ignored
 */
void libexec_child_free(LibexecChild *child);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LibexecChild, libexec_child_free)

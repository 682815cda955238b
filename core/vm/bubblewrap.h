/* SPDX-License-Identifier: Apache-2.0 */
/* A sandbox of namespaces by bubblewrap, for kernels without Landlock. */
#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *path;
    bool writable;
    bool keep; /* of a folder: what is in it now cannot be removed or replaced */
} BubblewrapBind;

/**
 * bubblewrap_find() - The program, where it is installed and works
 *
 * It does not where namespaces are not for users, and then that is found out by trying.
 *
 * Return: a new string, or NULL
 */
char *bubblewrap_find(void);

/**
 * bubblewrap_argv() - A program's arguments behind those that put it into a sandbox
 * @program: bubblewrap_find()
 * @binds:   of BubblewrapBind: what is there besides /proc and the harmless devices; put into order
 * @network: whether it has the host's
 * @cwd:     working directory
 * @argv:    the program's own
 *
 * Source: bwrap(1)
 * Return: a new array of strings
 */
char **bubblewrap_argv(const char *program, GPtrArray *binds, bool network, const char *cwd,
                       const char *const *argv);

/**
 * bubblewrap_bind_free() - Free a bind
 */
void bubblewrap_bind_free(BubblewrapBind *bind);

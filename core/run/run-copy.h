/* SPDX-License-Identifier: Apache-2.0 */
/* "FROM:TO" of --copy-in and --copy-out. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "qapi/qmp-client.h"

/**
 * run_copy_check() - Check words such as "FROM:TO" before anything is begun
 * @words: NULL-terminated, or NULL
 */
bool run_copy_check(char *const *words, bool in, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How the copying is told of, see GuestCopy. */
typedef struct {
    bool (*interrupted)(void *user);
    void (*note)(const char *text, void *user);
    void *user;
} RunCopy;

/**
 * run_copy_all() - Copy everything that words name, each with all that is in it
 */
bool run_copy_all(QmpClient *client, char *const *words, bool in, const RunCopy *copy,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping a stopped machine stopped while its files are worked on. */
#pragma once

#include "bundles/bundle.h"

typedef struct KeepStopped KeepStopped;

/**
 * keep_stopped() - Have nobody start a machine
 * @error: UTM_ERROR_WRONG_STATE when it runs, UTM_ERROR_LOCKED when somebody else works on it
 *
 * Neither this user, who would take the runtime folder, nor another one, who would take the bundle.
 *
 * Return: until keep_stopped_free(); also the end of the process lets go
 */
KeepStopped *keep_stopped(const Bundle *bundle, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * keep_stopped_free() - Let the machine be started again; NULL is ignored
 */
void keep_stopped_free(KeepStopped *stopped);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KeepStopped, keep_stopped_free)

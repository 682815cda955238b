/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a run so that its failure can be understood without running it again. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "bundles/bundle.h"

/**
 * run_artifacts_begin() - Make the folder
 * @error: UTM_ERROR_FAILED
 */
bool run_artifacts_begin(const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * run_artifacts_keep() - Copy the logs of a machine that has ended
 * @bundle:   the machine
 * @folder:   where they go
 * @since_us: when the run began, microseconds since the epoch: the journal is kept from there on
 *
 * Each file is named by the time of its first line: serial ports, QEMU, helper, journal, the record
 * of the end. What is not there is left out; what cannot be written too.
 */
void run_artifacts_keep(const Bundle *bundle, const char *folder, int64_t since_us);

/**
 * run_artifacts_note() - Write down what was done: a JSON text
 */
void run_artifacts_note(const char *folder, int64_t time_us, const char *what, const char *json);

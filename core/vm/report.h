/* SPDX-License-Identifier: Apache-2.0 */
/* What a helper tells the process that started it: lines of JSON over a socket. */
#pragma once

#include "core/vm/vm.h"

/**
 * report_error() - Say that the start failed
 */
void report_error(int fd, const GError *error);

/**
 * report_started() - Say that the machine runs
 */
void report_started(int fd, const VmStarted *started);

/**
 * report_read() - Wait for the outcome of a start
 * @fd:          borrowed
 * @timeout_us:  0 for ever
 * @out_started: filled on success
 * @error:       the helper's error, UTM_ERROR_TIMEOUT, or UTM_ERROR_FAILED when the helper ended
 *               without a word
 */
bool report_read(int fd, int64_t timeout_us, VmStarted *out_started,
                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

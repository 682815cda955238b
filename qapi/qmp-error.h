/* SPDX-License-Identifier: Apache-2.0 */
/* How qapi sets its own errors: the class that QEMU gave travels beside the message. */
#pragma once

#include "qapi/qmp-client.h"

/**
 * qmp_error_set() - Set a QMP_ERROR
 * @error:      where to store it; NULL is ignored
 * @code:       a QmpError
 * @error_class: class that the server gave; copied; NULL for errors of our own
 * @format:     message
 */
void qmp_error_set(GError **error, QmpError code, const char *error_class, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

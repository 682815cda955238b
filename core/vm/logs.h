/* SPDX-License-Identifier: Apache-2.0 */
/* Showing a machine's logs. */
#pragma once

#include "bundles/bundle.h"

typedef enum { LOG_SOURCE_QEMU, LOG_SOURCE_SERIAL, LOG_SOURCE_HELPER, LOG_SOURCE_EVENTS } LogSource;

typedef struct {
    LogSource source;
    unsigned serial_index;
    unsigned run_back; /* 0: the last run */
    int64_t lines;     /* the last ones only; below 0: all */
    bool follow;       /* until the machine stops */
} LogRequest;

/**
 * logs_copy() - Copy a log to a descriptor
 * @fd:    where to; borrowed
 * @error: UTM_ERROR_NOT_FOUND when there is no such log
 */
bool logs_copy(const Bundle *bundle, const LogRequest *request, int fd,
               GError **error) G_GNUC_WARN_UNUSED_RESULT;

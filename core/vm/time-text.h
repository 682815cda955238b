/* SPDX-License-Identifier: Apache-2.0 */
/* Times as every output of this tool writes them. */
#pragma once

#include <stdint.h>

/**
 * time_text() - A moment as RFC 3339 in UTC with milliseconds: "2026-01-31T23:59:59.123Z"
 * @time_us: microseconds since the epoch
 *
 * Return: a new string
 */
char *time_text(int64_t time_us);

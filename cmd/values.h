/* SPDX-License-Identifier: Apache-2.0 */
/* Durations and sizes as people type them and as people read them. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * value_parse_duration() - Read "90s", "5m", "500ms", "1h30m", "0"
 * @text:   what was typed; a number without a unit is in seconds
 * @out_us: microseconds; untouched on failure
 * @error:  UTM_ERROR_USAGE
 */
bool value_parse_duration(const char *text, gint64 *out_us,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * value_parse_since() - Read a time such as "2026-01-31T23:59:59Z", or "10m" for that long ago
 * @out_us: microseconds since the epoch; untouched on failure
 * @error:  UTM_ERROR_USAGE naming --since
 */
bool value_parse_since(const char *text, gint64 *out_us, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * value_parse_size() - Read "10G", "512M", "1.5T", "4096"
 * @text:      what was typed; K, M, G, T and P are powers of 1024, with or without "iB"
 * @out_bytes: bytes; untouched on failure
 * @error:     UTM_ERROR_USAGE
 */
bool value_parse_size(const char *text, gint64 *out_bytes,
                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * value_parse_int() - Read a decimal whole number
 * @text:    what was typed
 * @out_int: the number; untouched on failure
 * @error:   UTM_ERROR_USAGE
 */
bool value_parse_int(const char *text, gint64 *out_int, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * value_format_duration() - The shortest form that value_parse_duration() reads back
 * @us: microseconds; 0 is "0"
 *
 * Return: a new string such as "60s" or "500ms"
 */
char *value_format_duration(gint64 us);

/**
 * value_format_size() - A size for people, such as "1.5 GiB"
 * @bytes: the size
 *
 * Return: a new string
 */
char *value_format_size(guint64 bytes);

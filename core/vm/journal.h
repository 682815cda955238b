/* SPDX-License-Identifier: Apache-2.0 */
/* The event journal of a machine: one JSON line for everything that happened in its life. */
#pragma once

#include <glib.h>
#include <stdint.h>

#include <cjson/cJSON.h>

typedef struct Journal Journal;

/**
 * journal_open() - Open a machine's journal for appending
 * @dir:   the machine's state folder
 * @name:  machine's name, written into each line
 * @error: UTM_ERROR_FAILED with path and reason
 *
 * The file is events.jsonl. It goes on over all runs; at 4 MiB it becomes events.jsonl.1.
 *
 * Return: the journal; free with journal_free()
 */
Journal *journal_open(const char *dir, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * journal_add() - Write an event: {time, vm, event, data}
 * @event:   "SHUTDOWN" and the like for QEMU's own, "x-utm-…" for the helper's
 * @data:    borrowed; NULL for none
 * @time_us: microseconds since the epoch; 0 for now
 */
void journal_add(Journal *journal, const char *event, const cJSON *data, int64_t time_us);

/**
 * journal_free() - Close; NULL is ignored
 */
void journal_free(Journal *journal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_free)

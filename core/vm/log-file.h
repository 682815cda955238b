/* SPDX-License-Identifier: Apache-2.0 */
/* A log of bounded size in a machine's state folder; those of the last runs are kept. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* How many earlier runs keep their logs: NAME.1 is the run before this one. */
#define LOG_FILE_KEEP 3

typedef struct LogFile LogFile;

/**
 * log_file_rotate() - A file of the last run becomes NAME.1, NAME.1 becomes NAME.2, and so on
 */
void log_file_rotate(const char *path);

/**
 * log_file_open() - Begin a log for this run
 * @dir:   the machine's state folder
 * @name:  file name, such as "serial0.log"
 * @limit: size in bytes at which the first half of the file is dropped; 0: no limit
 * @error: UTM_ERROR_FAILED with path and reason
 *
 * What the last run wrote is kept, see log_file_rotate().
 *
 * Return: the log; free with log_file_free()
 */
LogFile *log_file_open(const char *dir, const char *name, size_t limit,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/**
 * log_file_write() - Append; a full disk loses what does not fit and nothing else
 */
void log_file_write(LogFile *log, const void *data, size_t size);

/**
 * log_file_fd() - Descriptor for a child to write to, opened for appending
 *
 * Return: borrowed
 */
int log_file_fd(const LogFile *log);

/**
 * log_file_path() - Where the log is; borrowed
 */
const char *log_file_path(const LogFile *log);

/**
 * log_file_shorten() - Take out what is neither at the beginning nor among the last of a log
 *
 * For one that another process writes to as well, and so without a limit of its own: what comes
 * while this is done may be lost. Nothing is done to a log that is not long.
 */
void log_file_shorten(LogFile *log);

/**
 * log_file_tail() - The last lines of a log
 * @path:  file
 * @lines: how many at most
 *
 * Return: a new string without trailing newline, empty when there is nothing
 */
char *log_file_tail(const char *path, unsigned lines);

/**
 * log_file_free() - Close; NULL is ignored
 */
void log_file_free(LogFile *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LogFile, log_file_free)

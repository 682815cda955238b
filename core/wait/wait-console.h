/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a serial console, as they come, also while they are still incomplete. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/* A line without what only a terminal understands. @complete: its end has come. */
typedef void (*WaitLineFunc)(const char *line, bool complete, void *user);

typedef struct WaitConsole WaitConsole;

/**
 * wait_console_new() - Lines out of pieces
 * @line: called for each line that is complete, and for the beginning of one when nothing more has
 *        come; a prompt has no end
 */
WaitConsole *wait_console_new(WaitLineFunc line, void *user);

/**
 * wait_console_feed() - What came next
 */
void wait_console_feed(WaitConsole *console, const char *data, size_t size);

/**
 * wait_console_feed_file() - All of a file; fine when there is none
 */
void wait_console_feed_file(WaitConsole *console, const char *path);

/**
 * wait_console_matches() - Whether a line matches
 *
 * "$" stands for the end of a complete line only.
 */
bool wait_console_matches(const GRegex *regex, const char *line, bool complete);

/**
 * wait_console_free() - Free; NULL is ignored
 */
void wait_console_free(WaitConsole *console);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WaitConsole, wait_console_free)

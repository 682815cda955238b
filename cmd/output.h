/* SPDX-License-Identifier: Apache-2.0 */
/* What a command prints: one JSON document, a table, hints on standard error, progress. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/**
 * output_json() - Print a document and a newline to standard output
 * @document: taken
 */
void output_json(cJSON *document);

/**
 * output_json_line() - Print one item of a stream on a line of its own and flush
 * @item: taken
 */
void output_json_line(cJSON *item);

/**
 * output_note() - A line of progress or advice on standard error; nothing with --quiet
 */
void output_note(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * output_warning() - A line that begins with "warning: " on standard error
 */
void output_warning(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * output_table() - Print rows in columns that are as wide as they need to be
 * @header: column titles, NULL-terminated; NULL for none
 * @rows:   of char **, each NULL-terminated and as long as @header
 */
void output_table(const char *const *header, GPtrArray *rows);

/**
 * output_progress() - Show how far a long operation is
 * @what: what is done, such as "saving"
 * @done: units done
 * @all:  units in all; 0: not known
 *
 * A bar on a terminal, unless CI is set; otherwise nothing. Finished by output_progress_end().
 */
void output_progress(const char *what, uint64_t done, uint64_t all);

/**
 * output_progress_end() - Take the bar away, if there is one
 */
void output_progress_end(void);

/**
 * output_use_color() - Whether standard output or error takes colours
 * @fd: 1 or 2
 */
bool output_use_color(int fd);

/**
 * output_json_add_uint() - Add an integer exactly; cJSON's doubles round above 2^53
 */
void output_json_add_uint(cJSON *object, const char *name, uint64_t value);

/**
 * output_json_add_text() - Add a text, or null where there is none
 * @text: copied; may be NULL
 */
void output_json_add_text(cJSON *object, const char *name, const char *text);

typedef enum { OUTPUT_COLOR_AUTO, OUTPUT_COLOR_ALWAYS, OUTPUT_COLOR_NEVER } OutputColor;

/**
 * output_set_color() - What --color asked for
 */
void output_set_color(OutputColor color);

/**
 * output_error() - The line that begins with "utmctl: "; printed once, by command_main()
 */
void output_error(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * output_hint() - The line that begins with "hint: "
 */
void output_hint(const char *format, ...) G_GNUC_PRINTF(1, 2);

/**
 * output_escape() - A text that cannot drive the terminal it is printed on
 * @text: any text, for example a name out of a bundle; borrowed
 *
 * Control characters become \xNN, what is not UTF-8 the replacement character.
 *
 * Return: a new string
 */
char *output_escape(const char *text);

/**
 * output_finish() - Flush standard output and say whether all of it was written
 * @error: UTM_ERROR_FAILED, for example on a full disk
 */
bool output_finish(GError **error) G_GNUC_WARN_UNUSED_RESULT;

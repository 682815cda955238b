/* SPDX-License-Identifier: Apache-2.0 */
/* Lines from a human: edited, completed and remembered where libedit is installed. */
#pragma once

#include <glib.h>

typedef struct LineEditor LineEditor;

/**
 * line_editor_new() - Prepare to read lines from standard input
 * @history:  file with earlier lines; borrowed
 * @complete: (owned by the answer) words that the line up to the cursor can go on with
 *
 * libedit is loaded now and not linked: no other command pays for it. Without it, or without a
 * terminal, lines are read as they are.
 */
LineEditor *line_editor_new(const char *history,
                            char **(*complete)(const char *line, const char *word, void *user),
                            void *user);

/**
 * line_editor_read() - Prompt and read one line, and write it to the history
 *
 * Return: a new string without the line feed; NULL at the end
 */
char *line_editor_read(LineEditor *editor, const char *prompt);

/**
 * line_editor_free() - NULL is ignored
 */
void line_editor_free(LineEditor *editor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LineEditor, line_editor_free)

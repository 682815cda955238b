/* SPDX-License-Identifier: Apache-2.0 */
/* Lines from a human: edited, completed and remembered where libedit is installed. */
#include "cmd/line-editor.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HISTORY_LINES 1000

#ifdef __APPLE__
#define LIBEDIT "libedit.dylib"
#else
#define LIBEDIT "libedit.so.2"
#endif

typedef char **Completer(const char *text, int start, int end);
typedef char *Generator(const char *text, int state);

struct LineEditor {
    char *history; /* owned */
    void *library; /* NULL: lines are read as they are */
    char *(*read_line)(const char *prompt);
    int (*add_history)(const char *line);
    int (*write_history)(const char *file);
    void (*prepare)(int); /* takes the terminal out of cooked mode; NULL: not there */
    char **(*matches)(const char *text, Generator *generator);
    char *const *line_buffer;
    int *append; /* what follows the only candidate; NULL: libedit decides */
    char **(*complete)(const char *line, const char *word, void *user);
    void *user;
};

/* libedit's callbacks have no argument for it. */
static LineEditor *current;
static char **candidates;

/* libedit frees what this returns with free(). */
static char *next_candidate(G_GNUC_UNUSED const char *text, int state)
{
    static size_t next;
    if (state == 0)
        next = 0;
    return candidates && candidates[next] ? strdup(candidates[next++]) : NULL;
}

static char **complete_word(const char *text, int start, G_GNUC_UNUSED int end)
{
    g_autofree char *before = g_strndup(*current->line_buffer, (size_t) start);
    g_strfreev(candidates);
    candidates = current->complete(before, text, current->user);
    /* A value follows its key at once. */
    if (current->append)
        *current->append = candidates[0] && g_str_has_suffix(candidates[0], "=") ? 0 : ' ';
    return current->matches(text, next_candidate);
}

static bool load(LineEditor *editor)
{
    void *library = dlopen(LIBEDIT, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false;
    editor->read_line = (char *(*) (const char *) ) dlsym(library, "readline");
    editor->add_history = (int (*)(const char *)) dlsym(library, "add_history");
    editor->write_history = (int (*)(const char *)) dlsym(library, "write_history");
    editor->prepare = (void (*)(int)) dlsym(library, "rl_prep_terminal");
    editor->matches =
        (char **(*) (const char *, Generator *) ) dlsym(library, "rl_completion_matches");
    editor->line_buffer = dlsym(library, "rl_line_buffer");
    editor->append = dlsym(library, "rl_completion_append_character");
    int (*read_history)(const char *) = (int (*)(const char *)) dlsym(library, "read_history");
    void (*stifle)(int) = (void (*)(int)) dlsym(library, "stifle_history");
    Completer **completer = dlsym(library, "rl_attempted_completion_function");
    int *over = dlsym(library, "rl_attempted_completion_over");
    if (!editor->read_line || !editor->add_history || !editor->write_history || !editor->matches ||
        !editor->line_buffer || !read_history || !stifle || !completer) {
        dlclose(library);
        return false;
    }
    *completer = complete_word;
    if (over)
        *over = 1;
    stifle(HISTORY_LINES);
    read_history(editor->history);
    editor->library = library;
    return true;
}

LineEditor *line_editor_new(const char *history,
                            char **(*complete)(const char *line, const char *word, void *user),
                            void *user)
{
    LineEditor *editor = g_new0(LineEditor, 1);
    editor->history = g_strdup(history);
    editor->complete = complete;
    editor->user = user;
    current = editor;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && !load(editor))
        g_debug("no %s: lines cannot be edited", LIBEDIT);
    return editor;
}

static char *read_plain(const char *prompt)
{
    char *line = NULL;
    size_t size = 0;
    if (isatty(STDIN_FILENO)) {
        fputs(prompt, stdout);
        fflush(stdout);
    }
    ssize_t length = getline(&line, &size, stdin);
    if (length > 0 && line[length - 1] == '\n')
        line[length - 1] = '\0';
    char *copy = length >= 0 ? g_strdup(line) : NULL;
    free(line);
    return copy;
}

char *line_editor_read(LineEditor *editor, const char *prompt)
{
    if (!editor->library)
        return read_plain(prompt);
    /* It prints the prompt before it takes the terminal out of cooked mode, where a Ctrl-D that comes
     * meanwhile ends nothing. */
    if (editor->prepare)
        editor->prepare(1);
    char *line = editor->read_line(prompt);
    char *copy = g_strdup(line);
    if (line && *line) {
        editor->add_history(line);
        editor->write_history(editor->history); /* Ctrl-C may be what comes next */
    }
    free(line);
    return copy;
}

void line_editor_free(LineEditor *editor)
{
    if (!editor)
        return;
    /* The library stays loaded: it has handlers of its own that run at exit. */
    g_clear_pointer(&candidates, g_strfreev);
    current = NULL;
    g_free(editor->history);
    g_free(editor);
}

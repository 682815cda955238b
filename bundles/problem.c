/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of what is wrong with a configuration. */
#include "bundles/problem.h"

#include "bundles/bundle.h"

static void problem_free(gpointer data)
{
    Problem *problem = data;
    g_free(problem->key);
    g_free(problem->value);
    g_free(problem->reason);
    g_free(problem);
}

GPtrArray *problems_new(void)
{
    return g_ptr_array_new_with_free_func(problem_free);
}

/* Takes @key and @reason. */
static void add_take(GPtrArray *problems, ProblemKind kind, char *key, int line, const char *value,
                     char *reason)
{
    Problem *problem = g_new0(Problem, 1);
    problem->kind = kind;
    problem->key = key;
    problem->line = line;
    problem->value = g_strdup(value);
    problem->reason = reason;
    g_ptr_array_add(problems, problem);
}

void problems_add(GPtrArray *problems, ProblemKind kind, const char *key, int line,
                  const char *value, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_take(problems, kind, g_strdup(key), line, value, g_strdup_vprintf(format, args));
    va_end(args);
}

void problems_add_at(GPtrArray *problems, ProblemKind kind, const PlistPlace *place, int line,
                     const char *value, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    add_take(problems, kind, plist_place_path(place), line, value, g_strdup_vprintf(format, args));
    va_end(args);
}

char *problem_text(const Problem *problem)
{
    GString *text = g_string_new(problem->key[0] ? problem->key : "config.plist");
    if (problem->line > 0)
        g_string_append_printf(text, " (line %d)", problem->line);
    g_string_append(text, ": ");
    if (problem->value) {
        /* A value may be anything: keep the message to one printable line. */
        g_autofree char *shown = g_utf8_strlen(problem->value, -1) > 80
                                     ? g_utf8_substring(problem->value, 0, 80)
                                     : g_strdup(problem->value);
        for (char *c = shown; *c; c++)
            if (g_ascii_iscntrl(*c))
                *c = '?';
        g_string_append_printf(text, "\"%s\" ", shown);
    }
    g_string_append(text, problem->reason);
    return g_string_free(text, FALSE);
}

bool problems_to_error(const GPtrArray *problems, ProblemKind worst, GError **error)
{
    const Problem *first = NULL;
    guint count = 0;
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        if (problem->kind > worst)
            continue;
        count++;
        if (!first || problem->kind < first->kind)
            first = problem;
    }
    if (!first)
        return true;
    g_autofree char *text = problem_text(first);
    if (count == 1)
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "%s", text);
    else
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "%s (and %u more problem%s)", text,
                    count - 1, count == 2 ? "" : "s");
    return false;
}

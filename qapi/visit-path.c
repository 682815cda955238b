/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a value a visitor is. */
#include "qapi/visit-path.h"

#include "qapi/qmp-error.h"

/* A value that nests thousands deep still has a message that can be read. */
#define SHOWN_STEPS 40

static void append(GString *text, const VisitPath *path, unsigned depth)
{
    if (depth == SHOWN_STEPS) {
        g_string_append(text, "…");
        return;
    }
    if (path->parent)
        append(text, path->parent, depth + 1);
    if (path->name)
        g_string_append_printf(text, "%s%s", path->parent ? "." : "", path->name);
    else
        g_string_append_printf(text, "[%zu]", path->index);
}

void visit_fail(GError **error, const VisitPath *path, const char *format, ...)
{
    if (!error)
        return;
    va_list args;
    va_start(args, format);
    g_autofree char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_autoptr(GString) where = g_string_new(NULL);
    append(where, path, 0);
    qmp_error_set(error, QMP_ERROR_TYPE, NULL, "%s: %s", where->str, what);
}

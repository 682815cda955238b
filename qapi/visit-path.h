/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a value a visitor is. */
#pragma once

#include <glib.h>
#include <stddef.h>

/* A chain on the stack; it costs nothing until an error needs its text. */
typedef struct VisitPath {
    const struct VisitPath *parent; /* NULL for the root */
    const char *name;               /* of a member or of the root; NULL for an element */
    size_t index;
} VisitPath;

/**
 * visit_fail() - Set a QMP_ERROR_TYPE that begins with a path
 */
void visit_fail(GError **error, const VisitPath *path, const char *format, ...) G_GNUC_PRINTF(3, 4);

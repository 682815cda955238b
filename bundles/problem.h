/* SPDX-License-Identifier: Apache-2.0 */
/* One thing that is wrong with a configuration: which key, which value, why, and how bad. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#include "bundles/place.h"

/*
 * PROBLEM_FATAL: UTM refuses such a file, or opening it would be dangerous; so do we.
 * PROBLEM_SEMANTIC: UTM opens it, but QEMU could not run it or would not do what is meant.
 */
typedef enum { PROBLEM_FATAL, PROBLEM_SEMANTIC } ProblemKind;

typedef struct {
    ProblemKind kind;
    char *key;    /* owned: path such as "Drive[0].Interface"; "" for the whole file */
    char *value;  /* owned: what is there, as text; NULL when nothing is */
    char *reason; /* owned: one clause, lower case */
    int line;     /* in the file; 0 when not known */
} Problem;

/**
 * problems_new() - An empty list
 *
 * Return: (owned) of Problem
 */
GPtrArray *problems_new(void);

/**
 * problems_add() - Add a problem
 * @problems: list of Problem
 * @kind:     how bad it is
 * @key:      key path; copied
 * @line:     line in the file, 0 for unknown
 * @value:    the value found; copied; may be NULL
 * @format:   the reason
 */
void problems_add(GPtrArray *problems, ProblemKind kind, const char *key, int line,
                  const char *value, const char *format, ...) G_GNUC_PRINTF(6, 7);

/**
 * problems_add_at() - problems_add() for a place instead of a key path
 */
void problems_add_at(GPtrArray *problems, ProblemKind kind, const PlistPlace *place, int line,
                     const char *value, const char *format, ...) G_GNUC_PRINTF(6, 7);

/**
 * problem_text() - A problem in one line, such as "System.CPUCount (line 9): "x" is not …"
 *
 * Return: a new string
 */
char *problem_text(const Problem *problem);

/**
 * problems_to_error() - Report the first problem that counts, and how many more there are
 * @problems: list of Problem
 * @worst:    PROBLEM_FATAL to overlook semantic ones, PROBLEM_SEMANTIC to count all
 * @error:    BUNDLE_ERROR_INVALID
 *
 * Return: true when there is nothing to report, false with @error set
 */
bool problems_to_error(const GPtrArray *problems, ProblemKind worst, GError **error);

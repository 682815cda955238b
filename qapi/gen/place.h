/* SPDX-License-Identifier: Apache-2.0 */
/* Where something stands in a schema, and errors that say so. */
#pragma once

#include <glib.h>
#include <stdbool.h>

#define GEN_ERROR (gen_error_quark())

typedef enum {
    GEN_ERROR_SCHEMA, /* the schema is wrong; the message begins with file:line:column */
    GEN_ERROR_FILE,   /* a file cannot be read or written */
} GenError;

/**
 * gen_error_quark() - What GEN_ERROR stands for
 */
GQuark gen_error_quark(void);

typedef struct {
    const char *file; /* borrowed from the arena */
    unsigned line;    /* from 1 */
    unsigned column;  /* in bytes, from 1 */
} Place;

/**
 * place_error() - Set a GEN_ERROR_SCHEMA that begins with a place
 *
 * Return: false, so that a check can return it
 */
bool place_error(GError **error, const Place *place, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* SPDX-License-Identifier: Apache-2.0 */
/* Where something stands in a schema, and errors that say so. */
#include "qapi/gen/place.h"

GQuark gen_error_quark(void)
{
    return g_quark_from_static_string("utm-qapi-gen-error");
}

bool place_error(GError **error, const Place *place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(error, GEN_ERROR, GEN_ERROR_SCHEMA, "%s:%u:%u: %s", place->file, place->line,
                place->column, text);
    return false;
}

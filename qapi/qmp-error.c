/* SPDX-License-Identifier: Apache-2.0 */
/* The error domain of qapi, with the class that QEMU gave. */
#include "qapi/qmp-error.h"

typedef struct {
    char *error_class; /* owned, or NULL */
} QmpErrorPrivate;

static void qmp_error_private_init(QmpErrorPrivate *priv)
{
    priv->error_class = NULL;
}

static void qmp_error_private_copy(const QmpErrorPrivate *src, QmpErrorPrivate *dst)
{
    dst->error_class = g_strdup(src->error_class);
}

static void qmp_error_private_clear(QmpErrorPrivate *priv)
{
    g_free(priv->error_class);
}

G_DEFINE_EXTENDED_ERROR(QmpError, qmp_error)

void qmp_error_set(GError **error, QmpError code, const char *error_class, const char *format, ...)
{
    if (!error)
        return;
    va_list args;
    va_start(args, format);
    *error = g_error_new_valist(QMP_ERROR, code, format, args);
    va_end(args);
    qmp_error_get_private(*error)->error_class = g_strdup(error_class);
}

const char *qmp_error_class(const GError *error)
{
    return error->domain == QMP_ERROR ? qmp_error_get_private(error)->error_class : NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The errors of core: their codes, their hints, and how they become exit statuses. */
#include "core/error.h"

#include <gio/gio.h>

#include "bundles/bundle.h"
#include "qapi/qmp-client.h"

typedef struct {
    char *hint; /* owned, or NULL */
} UtmErrorPrivate;

static void utm_error_private_init(UtmErrorPrivate *priv)
{
    priv->hint = NULL;
}

static void utm_error_private_copy(const UtmErrorPrivate *src, UtmErrorPrivate *dst)
{
    dst->hint = g_strdup(src->hint);
}

static void utm_error_private_clear(UtmErrorPrivate *priv)
{
    g_free(priv->hint);
}

G_DEFINE_EXTENDED_ERROR(UtmError, utm_error)

static const struct {
    UtmError code;
    const char *word;
    int status;
} codes[] = {
    { UTM_ERROR_FAILED, "failed", 1 },
    { UTM_ERROR_USAGE, "usage", 2 },
    { UTM_ERROR_NOT_FOUND, "not-found", 4 },
    { UTM_ERROR_WRONG_STATE, "wrong-state", 5 },
    { UTM_ERROR_GUEST_UNREACHABLE, "guest-unreachable", 6 },
    { UTM_ERROR_UNSUPPORTED, "unsupported", 7 },
    { UTM_ERROR_LOCKED, "locked", 8 },
    { UTM_ERROR_INVALID, "invalid", 9 },
    { UTM_ERROR_TIMEOUT, "timeout", 124 },
    { UTM_ERROR_INTERRUPTED, "interrupted", 130 },
};

void utm_error_set(GError **error, UtmError code, const char *hint, const char *format, ...)
{
    if (!error)
        return;
    va_list args;
    va_start(args, format);
    *error = g_error_new_valist(UTM_ERROR, code, format, args);
    va_end(args);
    utm_error_get_private(*error)->hint = g_strdup(hint);
}

const char *utm_error_hint(const GError *error)
{
    if (g_error_matches(error, BUNDLE_ERROR, BUNDLE_ERROR_LEGACY))
        return "utmctl config migrate VM";
    return error->domain == UTM_ERROR ? utm_error_get_private(error)->hint : NULL;
}

void utm_error_set_hint(GError *error, const char *hint)
{
    if (error->domain != UTM_ERROR)
        return;
    UtmErrorPrivate *priv = utm_error_get_private(error);
    g_free(priv->hint);
    priv->hint = g_strdup(hint);
}

static UtmError bundle_code(int code)
{
    switch (code) {
    case BUNDLE_ERROR_NOT_FOUND:
        return UTM_ERROR_NOT_FOUND;
    case BUNDLE_ERROR_INVALID:
    case BUNDLE_ERROR_TOO_NEW:
        return UTM_ERROR_INVALID;
    case BUNDLE_ERROR_LEGACY:
    case BUNDLE_ERROR_BACKEND:
        return UTM_ERROR_UNSUPPORTED;
    default:
        return UTM_ERROR_FAILED;
    }
}

UtmError utm_error_code(const GError *error)
{
    if (error->domain == UTM_ERROR)
        return error->code;
    if (error->domain == BUNDLE_ERROR)
        return bundle_code(error->code);
    if (error->domain == QMP_ERROR)
        return error->code == QMP_ERROR_TIMEOUT ? UTM_ERROR_TIMEOUT : UTM_ERROR_FAILED;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return UTM_ERROR_INTERRUPTED;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        return UTM_ERROR_TIMEOUT;
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
        g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return UTM_ERROR_NOT_FOUND;
    return UTM_ERROR_FAILED;
}

int utm_error_exit_status(UtmError code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].code == code)
            return codes[i].status;
    return 1;
}

const char *utm_error_word(UtmError code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (codes[i].code == code)
            return codes[i].word;
    return "failed";
}

UtmError utm_error_from_word(const char *word)
{
    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++)
        if (g_strcmp0(codes[i].word, word) == 0)
            return codes[i].code;
    return UTM_ERROR_FAILED;
}

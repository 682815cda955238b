/* SPDX-License-Identifier: Apache-2.0 */
/* Telling legacy configurations apart, and what their converters share. */
#include "bundles/legacy.h"

#include <string.h>

#include "bundles/bundle.h"
#include "bundles/legacy-private.h"

#define NEWEST_QEMU 2
#define NEWEST_APPLE 3

void legacy_free(Legacy *legacy)
{
    if (!legacy)
        return;
    utm_config_free(legacy->config);
    g_clear_pointer(&legacy->notes, g_ptr_array_unref);
    g_clear_pointer(&legacy->identifiers, g_hash_table_unref);
    g_free(legacy);
}

bool legacy_is(const PlistDict *root)
{
    const PlistNode *backend = plist_dict_get(root, "Backend");
    return !backend ||
           (backend->type == PLIST_TYPE_STRING && strcmp(backend->text, "Unknown") == 0);
}

void legacy_note(LegacyWork *work, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_ptr_array_add(work->result->notes, g_strdup_vprintf(format, args));
    va_end(args);
}

char *legacy_uuid(const LegacyWork *work, const char *what)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
    guint8 b[20];
    gsize size = sizeof b;
    g_checksum_update(sum, (const guchar *) work->seed, (gssize) strlen(work->seed) + 1);
    g_checksum_update(sum, (const guchar *) what, -1);
    g_checksum_get_digest(sum, b, &size);
    b[6] = (guint8) ((b[6] & 0x0f) | 0x50); /* version 5 */
    b[8] = (guint8) ((b[8] & 0x3f) | 0x80);
    return g_strdup_printf("%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X",
                           b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11],
                           b[12], b[13], b[14], b[15]);
}

Legacy *legacy_convert(const PlistDict *root, const char *title, const char *seed,
                       GPtrArray *problems, GError **error)
{
    const PlistNode *version = plist_dict_get(root, "ConfigurationVersion");
    int64_t unused;
    if (version && !plist_node_integer(version, &unused)) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "ConfigurationVersion is %s where an integer is needed",
                    plist_node_type_name(version));
        return NULL;
    }
    int64_t apple = plist_dict_get_integer(root, "version", 0);
    int64_t qemu = plist_dict_get_integer(root, "ConfigurationVersion", 0);
    bool is_apple = plist_dict_get_boolean(root, "isAppleVirtualization", false);
    if (apple > NEWEST_APPLE || (!is_apple && qemu > NEWEST_QEMU)) {
        g_set_error(error, BUNDLE_ERROR,
                    apple > NEWEST_APPLE ? BUNDLE_ERROR_TOO_NEW : BUNDLE_ERROR_INVALID,
                    "version %" G_GINT64_FORMAT " without a backend", (gint64) MAX(apple, qemu));
        return NULL;
    }
    if (is_apple && apple < 1) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID,
                    "an Apple machine without a version");
        return NULL;
    }
    static const char *const sections[] = { "System", "Drives", "Display", "Networking", "Info" };
    bool is_qemu = false;
    for (size_t i = 0; i < G_N_ELEMENTS(sections); i++)
        is_qemu |= plist_dict_get(root, sections[i]) != NULL;
    if (!is_apple && !is_qemu) {
        g_set_error(error, BUNDLE_ERROR, BUNDLE_ERROR_INVALID, "not a configuration of UTM");
        return NULL;
    }
    Legacy *result = g_new0(Legacy, 1);
    result->notes = g_ptr_array_new_with_free_func(g_free);
    result->identifiers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    result->is_apple = is_apple;
    LegacyWork work = { .result = result, .title = title, .seed = seed, .problems = problems };
    if (is_apple)
        legacy_convert_apple(&work, root);
    else
        legacy_convert_qemu(&work, root);
    return result;
}

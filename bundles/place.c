/* SPDX-License-Identifier: Apache-2.0 */
/* Key paths from places. */
#include "bundles/place.h"

static void append_place(GString *path, const PlistPlace *place)
{
    if (!place)
        return;
    append_place(path, place->up);
    if (!place->key)
        g_string_append_printf(path, "[%u]", place->index);
    else if (path->len)
        g_string_append_printf(path, ".%s", place->key);
    else
        g_string_append(path, place->key);
}

char *plist_place_path(const PlistPlace *place)
{
    GString *path = g_string_new(NULL);
    append_place(path, place);
    return g_string_free(path, FALSE);
}

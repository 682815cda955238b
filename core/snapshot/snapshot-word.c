/* SPDX-License-Identifier: Apache-2.0 */
/* "VM@NAME": a machine and one of its snapshots in one word. */
#include "core/snapshot/snapshot-word.h"

#include <string.h>

#include "core/error.h"
#include "core/library.h"

Bundle *snapshot_word_open(const char *word, char **out_name, GError **error)
{
    g_autoptr(GError) local = NULL;
    Bundle *bundle = library_open(word, &local);
    const char *at = strrchr(word, '@');
    *out_name = NULL;
    bool splits = at && at != word && at[1];
    if (!bundle && splits && g_error_matches(local, UTM_ERROR, UTM_ERROR_NOT_FOUND)) {
        g_autofree char *vm = g_strndup(word, (gsize) (at - word));
        g_clear_error(&local);
        bundle = library_open(vm, &local);
        if (bundle)
            *out_name = g_strdup(at + 1);
    }
    if (!bundle)
        g_propagate_error(error, g_steal_pointer(&local));
    return bundle;
}

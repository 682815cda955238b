/* SPDX-License-Identifier: Apache-2.0 */
/* Quoting for a shell; unlike g_shell_quote() only where it is needed. */
#include "core/argv/argv-quote.h"

#include <string.h>

char *argv_shell_quote(const char *word)
{
    static const char plain[] = G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "%+,-./:=@_^";
    if (word[0] && word[strspn(word, plain)] == '\0')
        return g_strdup(word);
    return g_shell_quote(word);
}

char *argv_item_line(const ArgvItem *item)
{
    GString *line = g_string_new(NULL);
    for (char **arg = item->args; *arg; arg++) {
        g_autofree char *quoted = argv_shell_quote(*arg);
        g_string_append_printf(line, "%s%s", arg == item->args ? "" : " ", quoted);
    }
    return g_string_free(line, FALSE);
}

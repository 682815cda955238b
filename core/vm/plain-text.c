/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest wrote to its console, without what only a terminal understands. */
#include "core/vm/plain-text.h"

#include <glib.h>
#include <stdbool.h>

/* @p is at the escape character; returns what follows the sequence. */
static const char *skip_escape(const char *p)
{
    p++;
    if (*p != '[')
        return *p ? p + 1 : p;
    for (p++; *p && !(*p >= '@' && *p <= '~'); p++)
        continue;
    return *p ? p + 1 : p;
}

char *plain_text(const char *text)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autoptr(GString) plain = g_string_new(NULL);
    for (const char *p = valid; *p;) {
        if (*p == '\033') {
            p = skip_escape(p);
            continue;
        }
        bool line_end = *p == '\n';
        bool wanted = line_end ? plain->len && plain->str[plain->len - 1] != '\n'
                               : (unsigned char) *p >= ' ' || *p == '\t';
        if (wanted && *p != '\177')
            g_string_append_c(plain, *p);
        p++;
    }
    while (plain->len && g_ascii_isspace(plain->str[plain->len - 1]))
        g_string_truncate(plain, plain->len - 1);
    return g_strdup(plain->str);
}

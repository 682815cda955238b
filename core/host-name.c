/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's host name, made from what its machine is called. */
#include "core/host-name.h"

#include <glib.h>

/* Source: RFC 1035, 2.3.4: a label of a name */
#define LABEL_MAX 63

char *host_name_from(const char *name)
{
    GString *host = g_string_new(NULL);
    for (const char *p = name; *p && host->len < LABEL_MAX; p++) {
        if (g_ascii_isalnum(*p))
            g_string_append_c(host, g_ascii_tolower(*p));
        else if (host->len && host->str[host->len - 1] != '-')
            g_string_append_c(host, '-');
    }
    while (host->len && host->str[host->len - 1] == '-')
        g_string_truncate(host, host->len - 1);
    if (!host->len)
        g_string_assign(host, "copy");
    return g_string_free(host, FALSE);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The generation ID of a machine that has one: by it a guest sees that it is a copy. */
#include "core/snapshot/generation.h"

char *generation_replace(const char *argument, const char *guid)
{
    g_autoptr(GRegex) regex = g_regex_new("(\\bvmgenid,(?:[^ ]*,)?guid=)[0-9a-fA-F-]{36}\\b",
                                          G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
    g_autofree char *by = g_strconcat("\\g<1>", guid, NULL);
    return g_regex_replace(regex, argument, -1, 0, by, G_REGEX_MATCH_DEFAULT, NULL);
}

void generation_renew(UtmConfig *config)
{
    g_autofree char *guid = config_new_uuid();
    for (char **argument = config->qemu.additional_arguments; argument && *argument; argument++) {
        char *renewed = generation_replace(*argument, guid);
        g_free(*argument);
        *argument = renewed;
    }
}
